"""RT221: a set, condition or node that nothing uses."""

from roteiro.lang.report import Report
from roteiro.lang.resolve import Names
from roteiro.lang.settings import Settings


def look(names: Names, settings: Settings, report: Report) -> None:
    """Report what is defined and never used; a node that may call is used by calling."""
    for name, item in names.sets.items():
        if ("sets", name) not in names.used:
            report.add("RT221", item.name.span, "unused_set", name=name)
    for name, condition in names.conditions.items():
        if ("conditions", name) not in names.used:
            report.add("RT221", condition.name.span, "unused_condition", name=name)
    for peer in settings.nodes:
        if ("nodes", peer.name) not in names.used and not peer.may:
            report.add("RT221", names.nodes[peer.name].name.span, "unused_node", name=peer.name)
