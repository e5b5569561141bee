"""RT301: a `first` table must say what happens when no rule matches.

Unless its conditions are a tautology over their tests, taken as independent of each other (2e).
"""

from roteiro.core.program import Disjunction
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import independent
from roteiro.lang.lower import Shared
from roteiro.lang.report import hint
from roteiro.lang.typed import TypedTable


def look(program: Program) -> None:
    """Report `first` tables that may leave an object without a rule."""
    for table in program.typed.tables:
        written = program.names.tables[table.name]
        if table.first and table.otherwise is None and not written.broken and not covers(table):
            program.report.add(
                "RT301",
                written.name.span,
                "not_exhaustive",
                help=hint("not_exhaustive_help"),
                name=table.name,
            )


def covers(table: TypedTable) -> bool:
    """Whether some rule's condition holds, whatever each test says."""
    shared = Shared()
    return independent(Disjunction(tuple(shared.condition(rule.condition) for rule in table.rules)))
