"""RT301: a `first` table must say what happens when no rule matches.

Unless its conditions are a tautology over their tests, taken as independent of each other: a truth
table, held as one integer a test whose bits are the rows.
"""

from roteiro.core.program import Condition, Conjunction, Disjunction, Holds, Negation
from roteiro.lang.lower import Shared
from roteiro.lang.report import Report, hint
from roteiro.lang.resolve import Names
from roteiro.lang.typed import TypedTable

MOST = 16
"""Tests of a truth table at most."""


def look(names: Names, tables: tuple[TypedTable, ...], report: Report) -> None:
    """Report `first` tables that may leave an object without a rule."""
    for table in tables:
        written = names.tables[table.name]
        if table.first and table.otherwise is None and not written.broken and not covers(table):
            report.add(
                "RT301",
                written.name.span,
                "not_exhaustive",
                help=hint("not_exhaustive_help"),
                name=table.name,
            )


def covers(table: TypedTable) -> bool:
    """Whether some rule's condition holds in every row of the truth table."""
    shared = Shared()
    conditions = [shared.condition(rule.condition) for rule in table.rules]
    if len(shared.tests) > MOST:
        return False
    every = (1 << (1 << len(shared.tests))) - 1
    return rows(Disjunction(tuple(conditions)), every) == every


def rows(condition: Condition, every: int) -> int:
    """Give the rows in which a condition holds."""
    if isinstance(condition, Holds):
        return column(condition.test, every)
    if isinstance(condition, Negation):
        return every ^ rows(condition.part, every)
    found = every if isinstance(condition, Conjunction) else 0
    for part in condition.parts:
        more = rows(part, every)
        found = found & more if isinstance(condition, Conjunction) else found | more
    return found


def column(test: int, every: int) -> int:
    """Give the rows in which a test holds: every other run of 2**test rows."""
    run = 1 << test
    return every // ((1 << run) + 1) << run
