"""RT221: a set, condition or node that nothing uses."""

from roteiro.lang.report import Report
from roteiro.lang.resolve import Names


def look(names: Names, report: Report) -> None:
    """Report what is defined and never used; a node that may call is used by calling."""
    for name, item in names.sets.items():
        if ("sets", name) not in names.used:
            report.add("RT221", item.name.span, "unused_set", name=name)
    for name, condition in names.conditions.items():
        if ("conditions", name) not in names.used:
            report.add("RT221", condition.name.span, "unused_condition", name=name)
    for name, node in names.nodes.items():
        may_call = any(entry.name.text == "may" for entry in node.properties)
        if ("nodes", name) not in names.used and not may_call:
            report.add("RT221", node.name.span, "unused_node", name=name)
