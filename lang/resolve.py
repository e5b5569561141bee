"""Names: what a file defines, and what its uses mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from roteiro.lang import nodes as syntax
from roteiro.lang.report import Report, did_you_mean, replaced

Kind = TypeVar(
    "Kind", syntax.Node, syntax.Listener, syntax.SetItem, syntax.ConditionItem, syntax.Table
)
RESERVED: dict[type, tuple[str, ...]] = {syntax.Table: ("guard",)}
"""Names that would be taken for something else where decisions are shown."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a file defines, by kind and name, and who was asked for."""

    nodes: Mapping[str, syntax.Node]
    listeners: Mapping[str, syntax.Listener]
    sets: Mapping[str, syntax.SetItem]
    conditions: Mapping[str, syntax.ConditionItem]
    tables: Mapping[str, syntax.Table]
    guard: syntax.Guard | None
    router: syntax.Router | None
    hidden: frozenset[str]
    """Names of items that could not be read, or that this version does not carry."""
    complete: bool
    """Whether every item was read, and no other file is used."""
    used: set[tuple[str, str]] = field(default_factory=set)

    def use(self, kind: str, name: syntax.Name, report: Report) -> object | None:
        """Give what a name means, remember its use, report it when it means nothing."""
        table: Mapping[str, object] = getattr(self, kind)
        self.used.add((kind, name.text))
        if name.text in table:
            return table[name.text]
        if name.text not in self.hidden and not self.elsewhere():
            self.unknown(kind, name, table, report)
        return None

    def elsewhere(self) -> bool:
        """Whether names may come from another file."""
        return "" in self.hidden

    def unknown(
        self, kind: str, name: syntax.Name, table: Mapping[str, object], report: Report
    ) -> None:
        """Report a name that means nothing."""
        meant = report.meant(name.text, table)
        report.add(
            "RT104",
            name.span,
            f"unknown_{kind}",
            help=did_you_mean(meant),
            fix=replaced(name.span, meant),
            name=name.text,
        )


def define(items: Iterable[syntax.Item], kind: type[Kind], report: Report) -> dict[str, Kind]:
    """Gather the items of one kind by name; a second of one name is an error."""
    table: dict[str, Kind] = {}
    for item in items:
        if not isinstance(item, kind):
            continue
        name = item.name
        if name.text in RESERVED.get(kind, ()):
            report.add("RT105", name.span, "reserved_name", name=name.text)
        if name.text in table:
            first = report.label(table[name.text].name.span, "first_here")
            report.add("RT105", name.span, "duplicate_name", labels=(first,), name=name.text)
        else:
            table[name.text] = item
    return table


Single = TypeVar("Single", syntax.Router, syntax.Guard)


def single(
    items: Iterable[syntax.Item], kind: type[Single], word: str, report: Report
) -> Single | None:
    """Give the one item of a kind; a second is an error."""
    found = [item for item in items if isinstance(item, kind)]
    for again in found[1:]:
        first = report.label(found[0].span, "first_here")
        report.add("RT106", again.span, "second_item", labels=(first,), what=word)
    return found[0] if found else None


def collect(file: syntax.File, report: Report) -> Names:
    """Gather all names of a file."""
    missing = [item for item in file.items if isinstance(item, syntax.Broken | syntax.Unbuilt)]
    unread = any(
        isinstance(item, syntax.SetItem) and isinstance(item.value, syntax.Unbuilt)
        for item in file.items
    )
    hidden = {item.name.text for item in missing if item.name is not None}
    if any(isinstance(item, syntax.Unbuilt) and item.what == "`use`" for item in missing):
        hidden.add("")
    broken = any(
        isinstance(item, syntax.Table | syntax.Guard) and item.broken for item in file.items
    )
    return Names(
        define(file.items, syntax.Node, report),
        define(file.items, syntax.Listener, report),
        define(file.items, syntax.SetItem, report),
        define(file.items, syntax.ConditionItem, report),
        define(file.items, syntax.Table, report),
        single(file.items, syntax.Guard, "guard", report),
        single(file.items, syntax.Router, "router", report),
        frozenset(hidden),
        not missing and not broken and not unread and not report.failed,
    )
