"""RT221: an item that nothing uses."""

from collections.abc import Mapping

from roteiro.lang import nodes
from roteiro.lang.lint.edits import deletion
from roteiro.lang.lint.program import Program

KINDS = {
    "sets": "unused_set",
    "conditions": "unused_condition",
    "pools": "unused_pool",
    "lookups": "unused_lookup",
    "schedules": "unused_schedule",
    "transforms": "unused_transform",
    "profiles": "unused_profile",
    "nodes": "unused_node",
}
"""Kinds of items by their member of `Names`, and what is said of one that nothing uses."""
Usable = (
    nodes.SetItem
    | nodes.ConditionItem
    | nodes.Pool
    | nodes.Lookup
    | nodes.Schedule
    | nodes.Transform
    | nodes.Profile
    | nodes.Node
)
MISSPELT = "RT104"


def look(program: Program) -> None:
    """Report what is defined and never used; a node that may call is used by calling.

    Not while a name is misspelt: what it should have named is no news.
    """
    if any(found.code == MISSPELT for found in program.report.findings):
        return
    names_used = program.names.used.keys() | program.beyond.used
    for kind, key in KINDS.items():
        items: Mapping[str, Usable] = getattr(program.names, kind)
        for name, item in items.items():
            used = (kind, name) in names_used or may_call(item)
            if not used and program.first_file(item.span):
                fix = deletion(program, item.span, safe=kind != "nodes")
                program.report.add("RT221", item.name.span, key, fix=fix, name=name)


def may_call(item: Usable) -> bool:
    """Whether an item is a node that may call us."""
    return isinstance(item, nodes.Node) and any(
        entry.name.text == "may" for entry in item.properties
    )
