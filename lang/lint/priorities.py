"""RT220: a priority that changes no decision."""

from roteiro.lang import nodes
from roteiro.lang.report import Report, hint


def look(file: nodes.File, report: Report) -> None:
    """Report priorities in tables where every matching rule fires, or where all are the same."""
    for table in file.items:
        if not isinstance(table, nodes.Table):
            continue
        ranked = [rule for rule in table.rules if rule.priority]
        same = len(ranked) == len(table.rules) and len({rule.priority for rule in ranked}) == 1
        if ranked and (table.mode == "all" or same) and not table.broken:
            key = "priority_in_all" if table.mode == "all" else "priority_same"
            report.add(
                "RT220",
                ranked[0].name.span,
                key,
                help=hint("priority_help"),
                table=table.name.text,
            )
