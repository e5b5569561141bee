"""What a check says that did not look at the whole file."""

from collections.abc import Mapping
from dataclasses import dataclass

from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.items import cut
from roteiro.lang.scan import Token, scan
from roteiro.lang.settings import Uncarried
from roteiro.lang.source import Source, Span
from roteiro.lang.suppress import spans
from roteiro.lang.typed import TypedGuardRule, TypedRule
from roteiro.lang.warm.edit import Edit
from roteiro.lang.warm.memory import GUARD, Memory, Places
from roteiro.lang.warm.plain import CODE, MESSAGE, SPAN, Plain, finding, value_of


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The one rule that is another, typed."""

    table: str
    """Its name, or `GUARD`."""
    place: int
    """Of the rule among those of the table, in the order of the file."""
    rule: TypedRule | TypedGuardRule
    edit: Edit
    uncarried: tuple[Uncarried, ...]
    """What `serve` does not carry out of it."""
    before: str
    """The text in which it was not yet what it is."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Which findings are those that were there before one rule was another."""

    before: str
    """The text of then."""
    old: list[Plain]
    new: list[Plain]
    same: list[int]
    """Of each of the new, which of the old it is, word for word and line for line, or -1."""

    def numbers(self) -> list[int]:
        """Give that by their places among all that is found, in the order of `report.place`."""
        placed = {number: place for place, number in enumerate(in_order(self.old))}
        return [placed.get(self.same[number], -1) for number in in_order(self.new)]


def in_order(findings: list[Plain]) -> list[int]:
    """Give the numbers of findings in the order of `report.place`."""
    keys = [
        (*one[SPAN], one[CODE], one[MESSAGE][0], [(name, value_of(of)) for name, of in values])
        for one in findings
        for values in (one[MESSAGE][1],)
    ]
    return sorted(range(len(findings)), key=keys.__getitem__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check of a file finds."""

    found: tuple[Diagnostic, ...]
    """Nothing of it is suppressed yet."""
    read: tuple[Diagnostic, ...]
    """What was found when the file was read."""
    whole: bool
    """Whether all of it could be read."""
    unserved: tuple[tuple[str, int], ...]
    """What `serve` does not carry out, and where it stands first."""
    places: Places
    guard: frozenset[int]
    """The rules of the guard."""
    memory: Memory | None
    """What to keep from now on, if that is something new."""
    rewritten: Rewritten | None = None
    """Known when the file was checked again in part, and has no errors."""
    carried: Carried | None = None
    """Likewise."""

    def begins(self) -> Mapping[int, Span]:
        """Give items and rules by where they begin."""
        found = spans(cut(tokens_of(self.places, self.guard)))
        rules = zip(self.places.starts, self.places.ends, strict=True)
        return found | {start: Span(start, end) for start, end in rules}


def unchanged(memory: Memory, source: Source) -> Answer | None:
    """Say again what was said of the same text; nothing when it is another."""
    if source.text != memory.places.text:
        return None
    facts = memory.facts
    made = tuple(finding(one, source) for one in facts.findings)
    parts = (memory.places, guard_of(memory), None)
    return Answer(made, (), True, first_places(facts.uncarried), *parts)  # noqa: FBT003


def guard_of(memory: Memory) -> frozenset[int]:
    """Give the rules of the guard, which is never left out."""
    tables = [number for number, one in enumerate(memory.facts.tables) if one[1] == GUARD]
    return frozenset(rule for table in tables for rule in memory.places.rules_of(table))


def first_places(uncarried: Mapping[str, list[int]]) -> tuple[tuple[str, int], ...]:
    """Give what `serve` does not carry out with its first place, in their order."""
    found = [(what, min(places)) for what, places in uncarried.items() if places]
    return tuple(sorted(found, key=lambda one: one[1]))


def tokens_of(places: Places, kept: frozenset[int]) -> list[Token]:
    """Scan what is no rule, and some rules."""
    gaps = zip(places.gaps[::2], places.gaps[1::2], strict=True)
    rules = ((places.starts[number], places.ends[number]) for number in kept)
    found: list[Token] = []
    for begin, end in sorted((*gaps, *rules)):
        found += scan(places.text, begin, end)
    return found
