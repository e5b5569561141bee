"""The checked program becomes the engine's: five tests, shared, and rules in key order.

Every predicate of the language is one of them or a negation (2c):

    A op x                  some
    A not op x, A != x      valued and not some
    any A not op x          valued and not every
    all A op x              every
    all A not op x          valued and not some
    no A op x               not some
    no A not op x           not (valued and not every)
    any S has (c)           some item
    all S has (c)           every item
    no S has (c)            not some item

`count(A)`, `days since A`, positions and components are fields like any other. What stands in
`has (...)` has fields and tests of its own.
"""

from typing import TypeVar

from roteiro.core.program import (
    FALSE,
    TRUE,
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Every,
    EveryItem,
    Field,
    Guard,
    GuardRule,
    Holds,
    Inside,
    InState,
    Interval,
    Match,
    Matches,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Rule,
    Scalar,
    Some,
    SomeItem,
    State,
    Table,
    Test,
)
from roteiro.lang import typed


class Shared:
    """The fields and tests of one scope, the program's or that of `has`: equal ones are one."""

    def __init__(self) -> None:
        """Begin without any."""
        self.fields: dict[Field, int] = {}
        self.tests: dict[Test, int] = {}

    def field(self, field: Field) -> int:
        """Give the number of a field."""
        return self.fields.setdefault(field, len(self.fields))

    def holds(self, test: Test) -> Holds:
        """Give the condition that a test holds."""
        return Holds(self.tests.setdefault(test, len(self.tests)))

    # Conditions ---------------------------------------------------------------------------------

    def condition(self, condition: typed.Condition) -> Condition:
        """Lower a condition."""
        match condition:
            case typed.And(parts):
                return Conjunction(tuple(map(self.condition, parts)))
            case typed.Or(parts):
                return Disjunction(tuple(map(self.condition, parts)))
            case typed.Not(part):
                return Negation(self.condition(part))
            case typed.Constant(value):
                return TRUE if value else FALSE
            case _:
                return self.leaf(condition)

    def leaf(self, test: typed.Compare | typed.IsState | typed.Has) -> Condition:
        """Lower a test."""
        match test:
            case typed.IsState():
                return self.holds(InState(self.field(test.field), test.states))
            case typed.Has():
                return self.has(test)
            case typed.Compare():
                return self.compare(test)

    def has(self, test: typed.Has) -> Condition:
        """Lower a test of items by its quantifier."""
        field, inside = self.field(test.field), inner(test.condition)
        if test.quantifier == "all":
            return self.holds(EveryItem(field, inside))
        some = self.holds(SomeItem(field, inside))
        return Negation(some) if test.quantifier == "no" else some

    def compare(self, test: typed.Compare) -> Condition:
        """Lower a comparison by its quantifier and negation."""
        field = self.field(test.field)
        match = matched(test)
        if test.quantifier == "no":
            return Negation(
                self.some_differs(field, match) if test.negated else self.some(field, match)
            )
        if test.quantifier == "any" and test.negated:
            return self.some_differs(field, match)
        if test.negated:
            return Conjunction((self.valued(field), Negation(self.some(field, match))))
        return self.every(field, match) if test.quantifier == "all" else self.some(field, match)

    def some(self, field: int, match: Match) -> Condition:
        """Say that some value matches."""
        return self.holds(Some(field, match))

    def every(self, field: int, match: Match) -> Condition:
        """Say that there are values and all match."""
        return self.holds(Every(field, match))

    def valued(self, field: int) -> Condition:
        """Say that there are values and all can be read."""
        return self.holds(InState(field, State.VALUED))

    def some_differs(self, field: int, match: Match) -> Condition:
        """Say that some value does not match."""
        return Conjunction((self.valued(field), Negation(self.every(field, match))))


PATTERNS = {kind.value: kind for kind in PatternKind}


def inner(condition: typed.Condition) -> Inside:
    """Lower what stands in `has (...)`."""
    shared = Shared()
    lowered = shared.condition(condition)
    return Inside(tuple(shared.fields), tuple(shared.tests), lowered)


def matched(test: typed.Compare) -> Match:
    """Say what a value must be, the operator's negation left out."""
    if test.operator in PATTERNS:
        texts = tuple(sorted({str(value) for value in test.values}))
        return Pattern(PATTERNS[test.operator], texts, in_order(test.folded))
    if test.operator == "matches":
        return Matches(tuple(dict.fromkeys(test.expressions)))
    if test.operator in {"==", "in"}:
        intervals = tuple(dict.fromkeys(test.intervals))
        return Among(in_order(test.values), intervals, in_order(test.folded))
    return Among(intervals=(half_line(test.operator, test.values[0]),))


Sorted = TypeVar("Sorted", bound=Scalar)


def in_order(values: tuple[Sorted, ...]) -> tuple[Sorted, ...]:
    """Sort the values of a set, each once, so that equal sets are one test."""
    return tuple(sorted(set(values)))


def half_line(operator: str, end: Scalar) -> Interval:
    """Give the values on one side of an end."""
    closed = operator.endswith("=")
    if operator.startswith("<"):
        return Interval(None, end, high_closed=closed)
    return Interval(end, None, low_closed=closed)


def guard(shared: Shared, written: typed.TypedGuard) -> Guard:
    """Lower the guard."""
    rules = tuple(
        GuardRule(f"guard.{rule.name}", shared.condition(rule.condition), rule.verdict)
        for rule in written.rules
    )
    return Guard(rules, written.otherwise)


def table(shared: Shared, written: typed.TypedTable) -> Table:
    """Lower a table; rules by (-priority, position), which the sort keeps."""
    rules = tuple(
        Rule(f"{written.name}.{rule.name}", shared.condition(rule.condition), rule.effects)
        for rule in sorted(written.rules, key=lambda rule: -rule.priority)
    )
    return Table(written.name, written.first, rules, written.otherwise or ())


def lower(checked: typed.Typed) -> Program:
    """Make the engine's program of a checked one."""
    shared = Shared()
    entrance = guard(shared, checked.guard) if checked.guard else None
    tables = tuple(table(shared, each) for each in checked.tables)
    return Program(
        tuple(shared.fields),
        tuple(shared.tests),
        entrance,
        tables,
        checked.rule_set,
        checked.settings.zone,
    )
