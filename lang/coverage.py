"""What the tests of a program exercised: rules, conditions, and MC/DC, by the reference.

A rule is covered when a test made it fire. A condition is a test of a rule's `when` with an
outcome, true or false. MC/DC: each test of a `when` alone decides the rule's result, once as true
and once as false, with the two results different (masking form: the others need not stay the same).
What a rule says twice is one test, because its two places cannot differ. A rule counts only where
it was asked: the guard up to its winner, a `first` table up to the rule that fired. The condition
of `has (...)` is a decision of its own, asked once an item.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from roteiro.core.program import Decision, Pass
from roteiro.lang.reference import Subject, fires, guard_winner, in_key_order, passes
from roteiro.lang.source import NOWHERE, Source, Span
from roteiro.lang.tested import leaves
from roteiro.lang.typed import (
    And,
    Compare,
    Condition,
    Constant,
    Has,
    IsState,
    Not,
    Or,
    Typed,
    TypedTable,
)

Leaf = Compare | IsState | Has
NO_SOURCE = Source("", "")
KINDS = ("rule", "condition", "mcdc")
Found = tuple[dict[str, int], list[set[tuple[bool, ...]]]]
"""How often rules fired, and the outcomes of each decision in the order of the program."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How many of how many."""

    covered: int
    total: int

    @property
    def percent(self) -> float:
        """Of all; of nothing, everything is covered."""
        return 100.0 * self.covered / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True)
class Gap:
    """What nothing exercised: a rule that never fired, an outcome, a test that decided nothing."""

    kind: str
    """One of `KINDS`."""
    rule: str
    outcome: bool | None
    """The outcome that was never seen, of a condition."""
    span: Span
    source: Source


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule fired, and where it stands."""

    rule: str
    times: int
    span: Span
    source: Source


@dataclass(slots=True)
class Asked:
    """One decision: a rule's condition, or that of a `has` in it, and how its tests came out."""

    rule: str
    condition: Condition
    leaves: dict[Leaf, Leaf]
    """Each test once: what it is without its place, and where it first stands."""
    seen: set[tuple[bool, ...]] = field(default_factory=set)
    """Outcomes in the order of `leaves`, of every time it was asked."""

    def outcomes(self) -> Iterator[tuple[Leaf, bool]]:
        """Give each test and outcome that was seen."""
        for place, leaf in enumerate(self.leaves.values()):
            for outcome in (True, False):
                if any(vector[place] is outcome for vector in self.seen):
                    yield leaf, outcome

    def deciding(self) -> Iterator[Leaf]:
        """Give each test that decided the result, once either way."""
        for place, leaf in enumerate(self.leaves.values()):
            results = {
                (vector[place], self.result(vector))
                for vector in self.seen
                if self.result(vector) is not self.result(flipped(vector, place))
            }
            if results >= {(True, True), (False, False)} or results >= {
                (True, False),
                (False, True),
            }:
                yield leaf

    def result(self, vector: tuple[bool, ...]) -> bool:
        """Give the result for some outcomes of the tests."""
        return combined(self.condition, dict(zip(self.leaves, vector, strict=True)))


def flipped(vector: tuple[bool, ...], place: int) -> tuple[bool, ...]:
    """Turn one outcome round."""
    return (*vector[:place], not vector[place], *vector[place + 1 :])


def combined(condition: Condition, outcomes: dict[Leaf, bool]) -> bool:
    """Give the result of a condition for given outcomes of its tests."""
    match condition:
        case Constant(value):
            return value
        case Not(part):
            return not combined(part, outcomes)
        case And(parts):
            return all(combined(part, outcomes) for part in parts)
        case Or(parts):
            return any(combined(part, outcomes) for part in parts)
        case _:
            return outcomes[placeless(condition)]


def placeless(leaf: Leaf) -> Leaf:
    """Give a test without its place: two that are equal then are one."""
    return replace(leaf, span=NOWHERE, source=NO_SOURCE)


class Coverage:
    """Gathers what tests exercised of one program."""

    def __init__(self, typed: Typed) -> None:
        """List all that can be covered."""
        self.typed = typed
        self.fired: dict[str, int] = {}
        self.places: dict[str, Span] = dict(rules(typed))
        self.asked: dict[tuple[str, Leaf | None], Asked] = {}
        for rule, condition in rule_conditions(typed):
            self.expect(rule, None, condition)

    def expect(self, rule: str, inside: Leaf | None, condition: Condition) -> None:
        """List a decision, and those of the `has` in it."""
        tests: dict[Leaf, Leaf] = {}
        for leaf in leaves(condition):
            tests.setdefault(placeless(leaf), leaf)
        self.asked[rule, inside] = Asked(rule, condition, tests)
        for key, leaf in tests.items():
            if isinstance(leaf, Has):
                self.expect(rule, key, leaf.condition)

    # While tests run ----------------------------------------------------------------------------

    def record(self, subject: Subject, decision: Decision) -> None:
        """Take in one object that could be read."""
        for rule in decision.rules:
            self.fired[rule] = self.fired.get(rule, 0) + 1
        for rule, _ in reached(self.typed, subject):
            self.ask(rule, None, subject)

    def ask(self, rule: str, inside: Leaf | None, subject: Subject) -> None:
        """Take in how a decision came out for a data set, or for one item."""
        asked = self.asked[rule, inside]
        asked.seen.add(tuple(passes(leaf, subject) for leaf in asked.leaves.values()))
        for key, leaf in asked.leaves.items():
            if isinstance(leaf, Has):
                for item in subject.items(leaf.field):
                    self.ask(rule, key, item)

    def found(self) -> Found:
        """Give what was taken in, for another one of the same program."""
        return self.fired, [each.seen for each in self.asked.values()]

    def absorb(self, found: Found) -> None:
        """Take in what another one of the same program found."""
        fired, seen = found
        for rule, times in fired.items():
            self.fired[rule] = self.fired.get(rule, 0) + times
        for asked, more in zip(self.asked.values(), seen, strict=True):
            asked.seen |= more

    # Afterwards ---------------------------------------------------------------------------------

    def measures(self) -> dict[str, Measure]:
        """Give the three measures by kind."""
        tests = sum(len(each.leaves) for each in self.asked.values())
        outcomes = sum(len(list(each.outcomes())) for each in self.asked.values())
        deciding = sum(len(list(each.deciding())) for each in self.asked.values())
        fired = sum(rule in self.fired for rule in self.places)
        return {
            "rule": Measure(fired, len(self.places)),
            "condition": Measure(outcomes, 2 * tests),
            "mcdc": Measure(deciding, tests),
        }

    def hits(self) -> Iterator[Hits]:
        """Say of each rule how often it fired."""
        for rule, span in self.places.items():
            yield Hits(rule, self.fired.get(rule, 0), span, self.source(span))

    def gaps(self) -> tuple[Gap, ...]:
        """Give what is missing, in the order of the text."""
        found = [*self.unfired(), *self.unseen(), *self.undecided()]
        return tuple(
            sorted(found, key=lambda gap: (gap.span.file, gap.span.start, KINDS.index(gap.kind)))
        )

    def unfired(self) -> Iterator[Gap]:
        """Give the rules that never fired."""
        for each in self.hits():
            if not each.times:
                yield Gap("rule", each.rule, None, each.span, each.source)

    def unseen(self) -> Iterator[Gap]:
        """Give the outcomes that were never seen."""
        for asked in self.asked.values():
            seen = set(asked.outcomes())
            for leaf in asked.leaves.values():
                for outcome in (True, False):
                    if (leaf, outcome) not in seen:
                        yield Gap("condition", asked.rule, outcome, leaf.span, leaf.source)

    def undecided(self) -> Iterator[Gap]:
        """Give the tests with both outcomes that never alone decided a result."""
        for asked in self.asked.values():
            deciding = set(asked.deciding())
            outcomes = list(asked.outcomes())
            for leaf in asked.leaves.values():
                both = sum(seen == leaf for seen, _ in outcomes) == 2
                if both and leaf not in deciding:
                    yield Gap("mcdc", asked.rule, None, leaf.span, leaf.source)

    def source(self, span: Span) -> Source:
        """Give the file in which a rule stands."""
        return self.typed.sources[span.file]


def rules(typed: Typed) -> Iterator[tuple[str, Span]]:
    """Give every rule and `otherwise`, by the names that decisions use."""
    if typed.guard is not None:
        yield from ((f"guard.{rule.name}", rule.span) for rule in typed.guard.rules)
        yield "guard.otherwise", typed.guard.otherwise_span
    for table in typed.tables:
        yield from ((f"{table.name}.{rule.name}", rule.span) for rule in table.rules)
        if table.otherwise is not None:
            yield f"{table.name}.otherwise", table.otherwise_span


def rule_conditions(typed: Typed) -> Iterator[tuple[str, Condition]]:
    """Give every rule that has a condition."""
    if typed.guard is not None:
        yield from ((f"guard.{rule.name}", rule.condition) for rule in typed.guard.rules)
    for table in typed.tables:
        yield from ((f"{table.name}.{rule.name}", rule.condition) for rule in table.rules)


def reached(typed: Typed, subject: Subject) -> Iterator[tuple[str, Condition]]:
    """Give the rules that are asked about an object."""
    if typed.guard is not None:
        winner, verdict = guard_winner(typed.guard, subject)
        guard = [(f"guard.{rule.name}", rule.condition) for rule in typed.guard.rules]
        yield from up_to(guard, {winner})
        if not isinstance(verdict, Pass):
            return
    for table in typed.tables:
        fired = {name for name, _ in fires(table, subject)} if table.first else set()
        yield from up_to(keyed(table), fired)


def keyed(table: TypedTable) -> list[tuple[str, Condition]]:
    """Give a table's rules in the order of their keys."""
    return [(f"{table.name}.{rule.name}", rule.condition) for rule in in_key_order(table)]


def up_to(
    ordered: Iterable[tuple[str, Condition]], fired: set[str]
) -> Iterator[tuple[str, Condition]]:
    """Give what is asked until one fires."""
    for rule, condition in ordered:
        yield rule, condition
        if rule in fired:
            return
