"""The checked program becomes the engine's: three tests, shared, and rules in key order.

Every predicate of the language is `Some`, `Every`, `InState` or a negation of them (2c):

    A op x                  some
    A not op x, A != x      valued and not some
    any A not op x          valued and not every
    all A op x              every
    all A not op x          valued and not some
    no A op x               not some
    no A not op x           not (valued and not every)
"""

from roteiro.core.program import (
    FALSE,
    TRUE,
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Every,
    Field,
    Guard,
    GuardRule,
    Holds,
    InState,
    Interval,
    Match,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Rule,
    Scalar,
    Some,
    State,
    Table,
    Test,
)
from roteiro.lang import typed


class Shared:
    """The fields and tests of a program: equal ones are one."""

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
        if isinstance(condition, typed.And):
            return Conjunction(tuple(map(self.condition, condition.parts)))
        if isinstance(condition, typed.Or):
            return Disjunction(tuple(map(self.condition, condition.parts)))
        if isinstance(condition, typed.Not):
            return Negation(self.condition(condition.part))
        if isinstance(condition, typed.Constant):
            return TRUE if condition.value else FALSE
        if isinstance(condition, typed.IsState):
            return self.holds(InState(self.field(condition.field), condition.states))
        return self.compare(condition)

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


def matched(test: typed.Compare) -> Match:
    """Say what a value must be, the operator's negation left out."""
    if test.operator in {kind.value for kind in PatternKind}:
        texts = tuple(sorted({str(value) for value in test.values}))
        return Pattern(PatternKind(test.operator), texts)
    if test.operator in {"==", "in"}:
        return Among(in_order(test.values), tuple(dict.fromkeys(test.intervals)))
    return Among(intervals=(half_line(test.operator, test.values[0]),))


def in_order(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
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
    return Program(tuple(shared.fields), tuple(shared.tests), entrance, tables, checked.rule_set)
