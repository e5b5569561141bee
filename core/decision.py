"""From the rules that fired to a decision.

Rules are known by number: the guard's rules in order, its `otherwise`, then for each table its
rules in key order and its `otherwise`. An engine hands over the numbers that fired, in ascending
order, and gets the one `Decision` that follows from them. Nothing here knows of elements or bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from roteiro.core.program import (
    FALSE,
    NO_RULE,
    UNREADABLE,
    UNROUTED,
    Condition,
    Decision,
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
    Send,
)

URGENCIES = ("stat", "normal", "low")
"""From the most urgent to the least."""
LATE = ("all", "new", "hold")
"""From what sends most of a late image to what sends least."""


@dataclass(frozen=True, slots=True)
class Section:
    """The numbers of one table (or the guard): its rules, then its `otherwise`."""

    begin: int
    otherwise: int
    first: bool
    has_otherwise: bool


@dataclass(frozen=True, slots=True)
class Numbering:
    """Every rule of a program by number, and which numbers each table holds."""

    names: Sequence[str]
    verdicts: Sequence[GuardVerdict]
    effects: Sequence[tuple[Effect, ...]]
    """Of the numbers after the guard's: `effects[number - len(verdicts)]`."""
    sections: tuple[Section, ...]
    """The guard first, when there is one, then the tables."""


def number(program: Program) -> Numbering:
    """Give every rule of a program its number."""
    names: list[str] = []
    verdicts: list[GuardVerdict] = []
    effects: list[tuple[Effect, ...]] = []
    sections: list[Section] = []
    if (guard := program.guard) is not None:
        names += [*(rule.name for rule in guard.rules), "guard.otherwise"]
        verdicts += [*(rule.verdict for rule in guard.rules), guard.otherwise]
        sections.append(Section(0, len(guard.rules), first=True, has_otherwise=True))
    for table in program.tables:
        begin = len(names)
        names += [*(rule.name for rule in table.rules), f"{table.name}.otherwise"]
        effects += [*(rule.effects for rule in table.rules), table.otherwise]
        otherwise = begin + len(table.rules)
        sections.append(Section(begin, otherwise, table.first, bool(table.otherwise)))
    return Numbering(tuple(names), tuple(verdicts), tuple(effects), tuple(sections))


def conditions(program: Program) -> list[Condition]:
    """Give the condition of each number; nobody asks that of an `otherwise`."""
    found: list[Condition] = []
    if program.guard is not None:
        found += [*(rule.condition for rule in program.guard.rules), FALSE]
    for table in program.tables:
        found += [*(rule.condition for rule in table.rules), FALSE]
    return found


def unreadable(reason: str) -> Decision:
    """Give the decision for an object that could not be read up to the last tested tag."""
    return Decision("hold", hold=Hold(UNREADABLE, reason))


def assemble(numbering: Numbering, fired: Iterable[int]) -> Decision:
    """Make the decision that follows from the rules that fired."""
    numbers = list(fired)
    rules = tuple(numbering.names[number] for number in numbers)
    if numbering.verdicts:
        verdict = numbering.verdicts[numbers[0]]
        if not isinstance(verdict, Pass):
            return _guarded(verdict, rules[:1])
    return _routed(list(_effects(numbering, numbers)), rules)


def _guarded(verdict: GuardVerdict, rules: tuple[str, ...]) -> Decision:
    match verdict:
        case Refuse():
            return Decision("refuse", refuse=verdict, rules=rules)
        case Drop():
            return Decision("drop", drop=verdict, rules=rules)
        case Hold():
            return Decision("hold", hold=verdict, rules=rules)
        case _:
            raise AssertionError(verdict)


def _effects(numbering: Numbering, numbers: list[int]) -> Iterator[tuple[str, Effect]]:
    guards = len(numbering.verdicts)
    for number in numbers:
        for effect in numbering.effects[number - guards] if number >= guards else ():
            yield numbering.names[number], effect


def _routed(effects: list[tuple[str, Effect]], rules: tuple[str, ...]) -> Decision:
    sends = _merged((rule, effect) for rule, effect in effects if isinstance(effect, Deliver))
    holds = tuple(dict.fromkeys(effect for _, effect in effects if isinstance(effect, Hold)))
    told = tuple(dict.fromkeys(effect for _, effect in effects if isinstance(effect, Notify)))
    reasons = dict.fromkeys(effect.reason for _, effect in effects if isinstance(effect, Nothing))
    hold = None if sends or holds or reasons else Hold(UNROUTED, NO_RULE)
    verdict = "route" if sends or (reasons and not holds) else "hold"
    return Decision(verdict, sends, holds, hold, nothing=tuple(reasons), rules=rules, notify=told)


def _merged(delivers: Iterable[tuple[str, Deliver]]) -> tuple[Send, ...]:
    """Join the sends of one destination and chain: they are one delivery (language 2c)."""
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, Deliver]]] = {}
    for rule, deliver in delivers:
        groups.setdefault((deliver.to, deliver.via), []).append((rule, deliver))
    return tuple(_send(group) for group in groups.values())


def _send(group: list[tuple[str, Deliver]]) -> Send:
    rules = tuple(dict.fromkeys(rule for rule, _ in group))
    urgency = min((deliver.urgency for _, deliver in group), key=URGENCIES.index)
    ways = _ways([deliver.release for _, deliver in group])
    _, first = group[0]
    return Send(first.to, first.via, rules[0], rules, urgency, ways)


def _ways(releases: list[Release]) -> tuple[Release, ...]:
    """Give each way once; all batches do the same with a late image (language 2c)."""
    batches = [release.batch for release in releases if release.batch is not None]
    late = min((batch.late for batch in batches), key=LATE.index, default="new")
    alike = (
        replace(release, batch=release.batch and replace(release.batch, late=late))
        for release in releases
    )
    return tuple(dict.fromkeys(alike))
