"""RT301: a `first` table must say what happens when no rule matches.

Unless its conditions are a tautology over their tests, taken as independent of each other (2e). The
tests are those that are written, and once more those that the engine makes of them: `A != x` is
then a value and not `A == x`, two tests that other predicates may share.
"""

from roteiro.core.program import (
    FALSE,
    TRUE,
    Condition,
    Conjunction,
    Disjunction,
    Holds,
    Negation,
)
from roteiro.lang import typed
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import independent
from roteiro.lang.report import hint
from roteiro.lang.typed import TypedTable


def look(program: Program) -> None:
    """Report `first` tables that may leave an object without a rule."""
    for table in program.typed.tables:
        written = program.names.tables[table.name]
        if not table.first or table.otherwise is not None or written.broken:
            continue
        if not covers(program, table):
            program.report.add(
                "RT301",
                written.name.span,
                "not_exhaustive",
                help=hint("not_exhaustive_help"),
                name=table.name,
            )


def covers(program: Program, table: TypedTable) -> bool:
    """Whether some rule's condition holds, whatever each test says."""
    as_written = Predicates(program)
    conditions = [rule.condition for rule in table.rules]
    return independent(Disjunction(tuple(map(as_written.of, conditions)))) or independent(
        Disjunction(tuple(map(program.lowered, conditions)))
    )


class Predicates:
    """Numbers predicates as they are written: equal ones are one."""

    def __init__(self, program: Program) -> None:
        """Know predicates by what `program` makes of them."""
        self.program = program
        self.numbers: dict[Condition, int] = {}
        self.known: dict[int, Condition] = {}

    def of(self, condition: typed.Condition) -> Condition:
        """Give a condition over the numbers of its predicates."""
        if id(condition) not in self.known:
            self.known[id(condition)] = self.made(condition)
        return self.known[id(condition)]

    def made(self, condition: typed.Condition) -> Condition:
        """Make a condition."""
        if isinstance(condition, typed.And):
            return Conjunction(tuple(map(self.of, condition.parts)))
        if isinstance(condition, typed.Or):
            return Disjunction(tuple(map(self.of, condition.parts)))
        if isinstance(condition, typed.Not):
            return Negation(self.of(condition.part))
        if isinstance(condition, typed.Constant):
            return TRUE if condition.value else FALSE
        meaning = self.program.lowered(condition)
        return Holds(self.numbers.setdefault(meaning, len(self.numbers)))
