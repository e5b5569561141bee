"""RT221: an item that nothing uses."""

from collections.abc import Mapping

from roteiro.lang import nodes
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program
from roteiro.lang.source import Source, Span

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
DOCUMENTING = "##"
MISSPELT = "RT104"


def look(program: Program) -> None:
    """Report what is defined and never used; a node that may call is used by calling.

    Not while a name is misspelt: what it should have named is no news.
    """
    if any(found.code == MISSPELT for found in program.report.findings):
        return
    for kind, key in KINDS.items():
        items: Mapping[str, Usable] = getattr(program.names, kind)
        for name, item in items.items():
            used = (kind, name) in program.names.used or may_call(item)
            if not used and program.first_file(item.span):
                source = program.report.source_of(item.span)
                fix = Fix(whole_lines(source, item.span), "", safe=kind != "nodes")
                program.report.add("RT221", item.name.span, key, fix=fix, name=name)


def may_call(item: Usable) -> bool:
    """Whether an item is a node that may call us."""
    return isinstance(item, nodes.Node) and any(
        entry.name.text == "may" for entry in item.properties
    )


def whole_lines(source: Source, span: Span) -> Span:
    """Give an item with its documentation, and its lines if nothing else stands on them."""
    text = source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    end = len(text) if end < 0 else end + 1
    if text[start : span.start].strip() or text[span.end : end].strip():
        return span
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith(DOCUMENTING):
            break
        start = above
    return Span(start, end, span.file)
