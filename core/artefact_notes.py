"""What Python needs of a compiled program, as JSON: what fields are called, what rules do.

Verdicts and effects that are equal are written once; which of them a rule has is a part of its own,
so reading a file makes no object a rule. What is read was written by anybody: everything is looked
at, and what is not as it should be is an `ArtefactError`.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from roteiro.core.decision import LATE, URGENCIES, Numbering
from roteiro.core.errors import ArtefactError, ProgramError, Unfit
from roteiro.core.machines_build import WHYS, Built, Fallback, Size
from roteiro.core.plan import Plan
from roteiro.core.program import (
    Batch,
    Deliver,
    Drop,
    Effect,
    GuardVerdict,
    Hold,
    Nothing,
    Notify,
    Pass,
    Program,
    Refuse,
    Release,
    Source,
    ValueType,
    View,
)
from roteiro.core.scopes import KINDS
from roteiro.core.subsets import Dfa
from roteiro.core.validate import check_zone
from roteiro.core.validate_field import CLOCKS, MEMBERS
from roteiro.core.vrs import COMPONENTS

One = TypeVar("One")
LARGEST = 1 << 32
STATUSES = 1 << 16
"""Of a response (PS3.7 C): two bytes."""
BATCHES = ("study", "series")
"""What images may be gathered by."""


@dataclass(frozen=True, slots=True)
class Read:
    """How a field is read, as far as Python is asked for it."""

    name: str = ""
    """Of the member of the envelope, or of the clock; else empty."""
    component: str = ""
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a machine took of its budget."""

    tries: int
    """States."""
    automata: int
    """States."""
    largest: int
    """States of the largest automaton."""
    bytes: int
    """Of the automata."""

    @classmethod
    def of(cls, built: Built) -> "Taken":
        """Take it from a machine."""
        tries = [trie.states for trie in (built.contains, built.starts, built.ends) if trie]
        runners = (*built.runners, *(runner for _, runner in built.started))
        codes = [runner.code for runner in runners if isinstance(runner.code, Dfa)]
        states = [len(code.rows) for code in codes]
        sizes = sum(code.bytes for code in codes)
        return cls(sum(tries), sum(states), max(states, default=0), sizes)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that looks for texts."""

    place: int
    """Twice its field, plus one for folded texts."""
    size: Size
    taken: Taken


@dataclass(frozen=True, slots=True)
class Notes:
    """All that is no row of numbers."""

    rule_set: str
    zone: str
    asks_zone: bool
    """Whether anything depends on the zone."""
    pixels: int
    """The number of the decimal that Pixel Representation is compared with."""
    fields: tuple[Read, ...]
    verdicts: tuple[GuardVerdict, ...]
    """Those that differ; likewise `effects`."""
    effects: tuple[tuple[Effect, ...], ...]
    machines: tuple[Machine, ...]

    @classmethod
    def of(cls, plan: Plan, program: Program, pixels: int, machines: Iterable[Machine]) -> "Notes":
        """Take them from a plan."""
        fields = (
            Read(row.name, row.asked.component, row.asked.type is ValueType.NAME)
            for row in plan.rows
        )
        numbering = plan.numbering
        return cls(
            program.rule_set,
            program.zone,
            any(_asks_zone(row.asked) for row in plan.rows),
            pixels,
            tuple(fields),
            tuple(dict.fromkeys(numbering.verdicts)),
            tuple(dict.fromkeys(numbering.effects)),
            tuple(machines),
        )

    @property
    def reads_size(self) -> bool:
        """Whether the size of the data set is asked, which is known only at its end."""
        return any(field.name == "size" for field in self.fields)


def _asks_zone(asked: Any) -> bool:
    return (
        asked.source is Source.CLOCK
        or asked.view is View.DAYS_SINCE
        or asked.type is ValueType.INSTANT
    )


# Written ------------------------------------------------------------------------------------------


def encoded(notes: Notes) -> bytes:
    """Write notes."""
    document = {
        "rule_set": notes.rule_set,
        "zone": notes.zone,
        "asks_zone": notes.asks_zone,
        "pixels": notes.pixels,
        "fields": [[one.name, one.component, one.is_name] for one in notes.fields],
        "verdicts": [_verdict(one) for one in notes.verdicts],
        "effects": [[_effect(one) for one in each] for each in notes.effects],
        "machines": [
            [
                *(one.place, one.size.states, one.size.bytes),
                [[each.test, each.why] for each in one.size.fallbacks],
                [one.taken.tries, one.taken.automata, one.taken.largest, one.taken.bytes],
            ]
            for one in notes.machines
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _verdict(verdict: GuardVerdict) -> list[object]:
    match verdict:
        case Pass():
            return ["pass"]
        case Refuse(status, reason):
            return ["refuse", status, reason]
        case Drop(reason):
            return ["drop", reason]
        case Hold(queue, reason):
            return ["hold", queue, reason]


def _effect(effect: Effect) -> list[object]:
    match effect:
        case Deliver(to, via, urgency, release):
            batch = release.batch
            waits = batch and [batch.by, batch.after, batch.within, batch.late]
            return ["send", to, list(via), urgency, waits, release.during]
        case Hold(queue, reason):
            return ["hold", queue, reason]
        case Nothing(reason):
            return ["nothing", reason]
        case Notify(channel, message):
            return ["notify", channel, message]


# Read ---------------------------------------------------------------------------------------------


def decoded(data: bytes | memoryview) -> Notes:
    """Read notes. Raises `ArtefactError`."""
    try:
        made = _notes(json.loads(bytes(data)))
        check_zone(made.zone)
    except (ValueError, TypeError, LookupError, RecursionError, ProgramError) as wrong:
        raise ArtefactError(Unfit.DAMAGED) from wrong
    return made


def _notes(made: Any) -> Notes:
    return Notes(
        _text(made["rule_set"]),
        _text(made["zone"]),
        _truth(made["asks_zone"]),
        _count(made["pixels"]),
        tuple(_field(*_list(one)) for one in _list(made["fields"])),
        tuple(_named(VERDICTS, one) for one in _list(made["verdicts"])),
        tuple(
            tuple(_named(EFFECTS, one) for one in _list(each)) for each in _list(made["effects"])
        ),
        tuple(_machine(*_list(one)) for one in _list(made["machines"])),
    )


def _named(kinds: dict[str, Callable[..., One]], made: Any) -> One:
    """Read what begins with the name of its kind."""
    kind, *rest = _list(made)
    return kinds[_text(kind)](*rest)


def _field(name: Any, component: Any, is_name: Any) -> Read:
    if _text(name) and name not in MEMBERS and name not in CLOCKS:
        raise ValueError(name)
    if _text(component) and component not in COMPONENTS:
        raise ValueError(component)
    return Read(name, component, _truth(is_name))


def _refuse(status: Any, reason: Any) -> Refuse:
    if not 0 < _count(status) < STATUSES:
        raise ValueError(status)
    return Refuse(status, _text(reason))


def _deliver(to: Any, via: Any, urgency: Any, waits: Any, during: Any) -> Deliver:
    batch = None if waits is None else _batch(*_list(waits))
    release = Release(batch, None if during is None else _text(during))
    if urgency not in URGENCIES:
        raise ValueError(urgency)
    return Deliver(_text(to), tuple(map(_text, _list(via))), urgency, release)


def _batch(by: Any, after: Any, within: Any, late: Any) -> Batch:
    if late not in LATE or by not in BATCHES:
        raise ValueError(late, by)
    return Batch(_text(by), _seconds(after), None if within is None else _seconds(within), late)


def _machine(place: Any, states: Any, size: Any, fallbacks: Any, taken: Any) -> Machine:
    told = tuple(_fallback(*_list(one)) for one in _list(fallbacks))
    found = Size(_count(states), _count(size), told)
    return Machine(_count(place), found, Taken(*map(_count, _list(taken))))


def _fallback(test: Any, why: Any) -> Fallback:
    if why not in WHYS:
        raise ValueError(why)
    return Fallback(_count(test), why)


VERDICTS: dict[str, Callable[..., GuardVerdict]] = {
    "pass": Pass,
    "refuse": _refuse,
    "drop": lambda reason: Drop(_text(reason)),
    "hold": lambda queue, reason: Hold(_text(queue), _text(reason)),
}
EFFECTS: dict[str, Callable[..., Effect]] = {
    "send": _deliver,
    "hold": lambda queue, reason: Hold(_text(queue), _text(reason)),
    "nothing": lambda reason: Nothing(_text(reason)),
    "notify": lambda channel, message: Notify(_text(channel), _text(message)),
}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # a half of a pair can stand in no message and no ledger
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < LARGEST:
        raise TypeError(value)
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, float | int) or not 0 <= value < LARGEST:
        raise TypeError(value)
    return value


# As a numbering -----------------------------------------------------------------------------------


class Chosen(Sequence[One]):
    """Which of some items each number has, without an object a number."""

    __slots__ = ("_items", "_numbers")

    def __init__(self, items: tuple[One, ...], numbers: memoryview) -> None:
        """Take distinct items, and which of them each is: every number is one of theirs."""
        self._items = items
        self._numbers = numbers

    def __len__(self) -> int:
        """Count them."""
        return len(self._numbers)

    @overload
    def __getitem__(self, number: int) -> One: ...
    @overload
    def __getitem__(self, number: slice) -> "tuple[One, ...]": ...
    def __getitem__(self, number: "int | slice") -> "One | tuple[One, ...]":
        """Give one of them."""
        if isinstance(number, slice):
            return tuple(self._items[each] for each in self._numbers[number])
        return self._items[self._numbers[number]]


class Names(Sequence[str]):
    """Names that lie side by side, decoded when they are asked for."""

    __slots__ = ("_ends", "_text")

    def __init__(self, text: memoryview, ends: memoryview) -> None:
        """Take them, and where each ends: at the end of a character."""
        self._text = text
        self._ends = ends

    def __len__(self) -> int:
        """Count them."""
        return len(self._ends)

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> "tuple[str, ...]": ...
    def __getitem__(self, number: "int | slice") -> "str | tuple[str, ...]":
        """Give one of them."""
        if isinstance(number, slice):
            return tuple(self[each] for each in range(*number.indices(len(self))))
        end = self._ends[number]
        place = number if number >= 0 else number + len(self)
        return str(self._text[self._ends[place - 1] if place else 0 : end], "utf-8")


def numbering_of(
    notes: Notes, names: Names, verdict_of: memoryview, effects_of: memoryview
) -> Numbering:
    """Put together what a decision is assembled from."""
    return Numbering(
        names, Chosen(notes.verdicts, verdict_of), Chosen(notes.effects, effects_of), ()
    )


Flags = tuple[bool, bool, bool]
"""Of a field's row: a member of the envelope or the clock, the clock, a component of a name."""


def check_fields(notes: Notes, kinds: Sequence[int], flags: Sequence[Flags]) -> None:
    """Make sure that notes and rows speak of the same fields. Raises `ArtefactError`."""
    told = len(notes.fields) == len(kinds)
    if not told or any(
        flag != (bool(field.name), field.name in CLOCKS, bool(field.component))
        or (field.name and kind not in kinds_of(field.name))
        for field, kind, flag in zip(notes.fields, kinds, flags, strict=True)
    ):
        raise ArtefactError(Unfit.DAMAGED)


def kinds_of(name: str) -> set[int]:
    """Give the kinds that the values of a member may have."""
    return {KINDS[(MEMBERS | CLOCKS)[name]], KINDS[ValueType.STATE_ONLY]}
