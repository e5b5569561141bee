"""RT220: a priority that changes no decision."""

from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint


def look(program: Program) -> None:
    """Report priorities in tables where every matching rule fires, or where all are the same."""
    for table in program.of(nodes.Table):
        ranked = [rule for rule in table.rules if rule.priority]
        same = len(ranked) == len(table.rules) and len({rule.priority for rule in ranked}) == 1
        if ranked and (table.mode == "all" or same) and not table.broken:
            key = "priority_in_all" if table.mode == "all" else "priority_same"
            program.report.add(
                "RT220",
                ranked[0].name.span,
                key,
                help=hint("priority_help"),
                table=table.name.text,
            )
