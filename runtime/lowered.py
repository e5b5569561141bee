"""A large program by numbers, kept beside what was compiled of it: what compiling it again takes.

When one rule is another, the rule alone is lowered. The tests of all others are known as they are
written, and in which order each rule comes to them; so all get the numbers that they would have if
everything were lowered anew, and the clauses of the rules are known by these numbers. What is laid
out of that is what is laid out of the whole, byte for byte. Where clauses of a rule depend on more
than the rule (`Found.is_usual`), nothing is kept.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import TypeAlias

from roteiro.core.artefact_parts import OTHERS, joined, parts_in
from roteiro.core.clause_plan import Found
from roteiro.core.clauses import Clauses
from roteiro.core.errors import ArtefactError
from roteiro.core.program import (
    Condition,
    Conjunction,
    Disjunction,
    Effect,
    Guard,
    GuardRule,
    GuardVerdict,
    Holds,
    Negation,
    Program,
    Rule,
    Table,
)
from roteiro.lang.frozen import read, written
from roteiro.lang.typed import Typed, TypedGuard, TypedTable
from roteiro.lang.warm.memory import GUARD
from roteiro.runtime.engine import engine

Numbers: TypeAlias = "array[int]"


Act = GuardVerdict | tuple[Effect, ...]
"""What a rule does."""


class Unusual(Exception):  # noqa: N818  a way out, not an error
    """The program has to be lowered from the beginning."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table, or the guard: its rules lie side by side among those of all, as in the file."""

    name: str
    first: bool
    otherwise: int
    """Among what is done."""
    begin: int
    end: int


@dataclass(slots=True)
class Lowered:
    """A program by numbers; what is a text of JSON is made only when it is needed."""

    rule_set: str
    zone: str
    fields: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    """Their fields are numbers of `fields`."""
    done: list[str] = field(default_factory=list)
    """What rules do: verdicts and effects."""
    parts: list[Part] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """By rule, as it is written in its table; likewise all that follows."""
    acts: Numbers = field(default_factory=lambda: array("I"))
    """Which of `done` it does."""
    priorities: Numbers = field(default_factory=lambda: array("q"))
    visits: list[Numbers] = field(default_factory=list)
    """The tests that it asks, in the order of asking."""
    clauses: list[Clauses] = field(default_factory=list)
    """By the numbers of `tests`."""
    unserved: Numbers = field(default_factory=lambda: array("I"))
    """Where what `serve` does not carry out stands in the text, in its order."""


def text(value: object) -> str:
    """Write a value of the program as a text of JSON."""
    return json.dumps(written(value), ensure_ascii=False, separators=(",", ":"))


# From a program -----------------------------------------------------------------------------------


def lowered_of(typed: Typed, program: Program, found: Found) -> Lowered | None:
    """Take a program that was lowered from the beginning; nothing when it is unusual."""
    if not found.is_usual:
        return None
    made = Lowered(program.rule_set, program.zone)
    made.fields = [text(field) for field in program.fields]
    made.tests = [text(test) for test in program.tests]
    taking = _Taking(made, found.clauses)
    if typed.guard is not None and program.guard is not None:
        taking.guard(typed.guard, program.guard)
    for table, low in zip(typed.tables, program.tables, strict=True):
        taking.table(table, low)
    made.done = list(taking.done)
    made.unserved = array("I", (each.span.start for each in typed.settings.uncarried))
    return made


@dataclass(slots=True)
class _Taking:
    """The work on one program; tables are taken in its order."""

    made: Lowered
    clauses: Sequence[Clauses]
    done: dict[str, int] = field(default_factory=dict)
    number: int = 0
    """Of the first rule of the table at hand."""

    def guard(self, written_as: TypedGuard, low: Guard) -> None:
        """Take the guard."""
        rules = zip(written_as.rules, low.rules, self.clauses, strict=False)
        for rule, lowest, clauses in rules:
            self.rule(rule.name, 0, lowest, clauses)
        self.close(GUARD, self.act(low.otherwise), first=True)

    def table(self, written_as: TypedTable, low: Table) -> None:
        """Take a table; rules in the order of the file, what is lowered is in that of keys."""
        order = keys([rule.priority for rule in written_as.rules])
        numbered = dict(zip(order, range(len(order)), strict=True))
        for place, rule in enumerate(written_as.rules):
            at = numbered[place]
            self.rule(rule.name, rule.priority, low.rules[at], self.clauses[self.number + at])
        self.close(low.name, self.act(low.otherwise), first=low.first)

    def rule(self, name: str, priority: int, low: GuardRule | Rule, clauses: Clauses) -> None:
        """Take a rule."""
        self.made.names.append(name)
        self.made.acts.append(self.act(act_of(low)))
        self.made.priorities.append(priority)
        self.made.visits.append(visits(low.condition))
        self.made.clauses.append(clauses)

    def act(self, act: Act) -> int:
        """Give the number of what is done."""
        return self.done.setdefault(text(act), len(self.done))

    def close(self, name: str, otherwise: int, *, first: bool) -> None:
        """End a table."""
        begin = self.made.parts[-1].end if self.made.parts else 0
        self.made.parts.append(Part(name, first, otherwise, begin, len(self.made.names)))
        self.number += len(self.made.names) - begin + 1


def act_of(rule: GuardRule | Rule) -> Act:
    """Give what a rule does."""
    return rule.verdict if isinstance(rule, GuardRule) else rule.effects


def keys(priorities: Iterable[int]) -> list[int]:
    """Give the places of rules by their keys: (-priority, position)."""
    return sorted(range(len(found := list(priorities))), key=lambda place: -found[place])


def visits(condition: Condition) -> Numbers:
    """Give the tests that a condition asks, in the order in which they were lowered."""
    found: dict[int, None] = {}
    waiting = [condition]
    while waiting:
        match waiting.pop():
            case Holds(test):
                found[test] = None
            case Negation(part):
                waiting.append(part)
            case Conjunction(parts) | Disjunction(parts):
                waiting.extend(reversed(parts))
    return array("I", found)


# As bytes -----------------------------------------------------------------------------------------


def packed(lowered: Lowered) -> bytes:
    """Write what is kept."""
    document = [
        *(lowered.rule_set, lowered.zone, lowered.fields, lowered.tests, lowered.done),
        [written(part) for part in lowered.parts],
        lowered.names,
    ]
    clauses = [_flat(each) for each in lowered.clauses]
    arrays = [
        *(lowered.acts, lowered.priorities),
        array("I", accumulate(map(len, lowered.visits), initial=0)),
        array("I", chain.from_iterable(lowered.visits)),
        array("I", accumulate(map(len, clauses), initial=0)),
        array("I", chain.from_iterable(clauses)),
        lowered.unserved,
    ]
    made = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    parts = {(OTHERS, 0): made.encode("utf-8", "surrogatepass")}
    parts |= {(OTHERS, 1 + place): each.tobytes() for place, each in enumerate(arrays)}
    return joined(parts, engine().digest)


def _flat(clauses: Clauses) -> list[int]:
    """Write clauses one after the other, each behind its length."""
    return [number for clause in clauses for number in (len(clause), *sorted(clause))]


def unpacked(data: bytes | memoryview) -> Lowered | None:
    """Read what is kept; nothing when it is not whole, or of another build."""
    try:
        parts = parts_in(data, engine().digest)
        document = json.loads(bytes(parts[OTHERS, 0]).decode("utf-8", "surrogatepass"))
        arrays = [array(kind) for kind in "IqIIIII"]
        for place, each in enumerate(arrays):
            each.frombytes(parts[OTHERS, 1 + place])
        return _lowered(document, arrays)
    except (ArtefactError, ValueError, KeyError, TypeError, IndexError):
        return None


def _lowered(document: list[list[str]], arrays: list[Numbers]) -> Lowered:
    rule_set, zone, fields, tests, done, parts, names = document
    acts, priorities, visit_ends, visited, clause_ends, literals, unserved = arrays
    return Lowered(
        str(rule_set),
        str(zone),
        fields,
        tests,
        done,
        [read(Part, part) for part in parts],
        names,
        acts,
        priorities,
        [visited[begin:end] for begin, end in pairwise(visit_ends)],
        [tuple(_clauses_in(literals, begin, end)) for begin, end in pairwise(clause_ends)],
        unserved,
    )


def _clauses_in(literals: Numbers, begin: int, end: int) -> Iterator[frozenset[int]]:
    while begin < end:
        size = literals[begin]
        yield frozenset(literals[begin + 1 : begin + 1 + size])
        begin += 1 + size
