"""Names: what a program defines, over all its files, and what its uses mean."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from roteiro.lang import nodes as syntax
from roteiro.lang.datafiles import SetLines
from roteiro.lang.report import Report, did_you_mean, replaced
from roteiro.lang.source import Span

Kind = TypeVar(
    "Kind",
    syntax.Node,
    syntax.Listener,
    syntax.Pool,
    syntax.SetItem,
    syntax.ConditionItem,
    syntax.Lookup,
    syntax.Schedule,
    syntax.Transform,
    syntax.Profile,
    syntax.Table,
)
Named = syntax.Node | syntax.Pool | syntax.Transform | syntax.Profile
"""Items whose names two kinds share."""
RESERVED: dict[type, tuple[str, ...]] = {syntax.Table: ("guard",)}
"""Names that would be taken for something else where decisions are shown."""
SHARED = {"destinations": ("nodes", "pools"), "chains": ("transforms", "profiles")}
"""Kinds that one place may name, and that so share their names."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the files of sets and lookups hold, by the path that names each, its span included."""

    lines: Mapping[syntax.Text, SetLines] = field(default_factory=dict)
    rows: Mapping[syntax.Text, dict[str, str]] = field(default_factory=dict)


NO_DATA = Data()


@dataclass(frozen=True, slots=True)
class Names:
    """What a program defines, by kind and name, and who was asked for."""

    nodes: Mapping[str, syntax.Node]
    listeners: Mapping[str, syntax.Listener]
    pools: Mapping[str, syntax.Pool]
    sets: Mapping[str, syntax.SetItem]
    conditions: Mapping[str, syntax.ConditionItem]
    lookups: Mapping[str, syntax.Lookup]
    schedules: Mapping[str, syntax.Schedule]
    transforms: Mapping[str, syntax.Transform]
    profiles: Mapping[str, syntax.Profile]
    tables: Mapping[str, syntax.Table]
    guard: syntax.Guard | None
    router: syntax.Router | None
    timezone: syntax.Timezone | None
    hidden: frozenset[str]
    """Names of items that could not be read; `""` when a file that is used could not."""
    complete: bool
    """Whether every item of every file was read."""
    data: Data = NO_DATA
    used: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def destinations(self) -> Mapping[str, syntax.Node | syntax.Pool]:
        """What `send to` may name."""
        return {**self.nodes, **self.pools}

    @property
    def chains(self) -> Mapping[str, syntax.Transform | syntax.Profile]:
        """What `via` may name."""
        return {**self.transforms, **self.profiles}

    def places(self) -> dict[str, Span]:
        """Say where what a picture shows begins, by keyword and name."""
        found = {f"node {name}": item.span for name, item in self.nodes.items()}
        found |= {f"pool {name}": item.span for name, item in self.pools.items()}
        found |= {f"table {name}": item.span for name, item in self.tables.items()}
        return found | ({"guard": self.guard.span} if self.guard else {})

    def lines(self, item: syntax.SetItem) -> SetLines | None:
        """Give what the file of a set holds; nothing when that was reported, or it has none."""
        value = item.value
        return self.data.lines.get(value.path) if isinstance(value, syntax.SetFile) else None

    def rows(self, item: syntax.Lookup) -> dict[str, str] | None:
        """Give what the file of a lookup holds; nothing when that was reported."""
        return self.data.rows.get(item.path)

    def use(self, kind: str, name: syntax.Name, report: Report) -> object | None:
        """Give what a name means, remember its use, report it when it means nothing.

        `kind` is a member of this class, `destinations` and `chains` included.
        """
        for one in SHARED.get(kind, (kind,)):
            table: Mapping[str, object] = getattr(self, one)
            self.used[one, name.text] += 1
            if name.text in table:
                return table[name.text]
        if name.text not in self.hidden and not self.elsewhere():
            self.unknown(kind, name, getattr(self, kind), report)
        return None

    def elsewhere(self) -> bool:
        """Whether names may come from a file that could not be read."""
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
            again(table[name.text].name, name, report)
        else:
            table[name.text] = item
    return table


def again(first: syntax.Name, second: syntax.Name, report: Report) -> None:
    """Report a name that has a meaning already."""
    label = report.label(first.span, "first_here")
    report.add("RT105", second.span, "duplicate_name", labels=(label,), name=second.text)


Single = TypeVar("Single", syntax.Router, syntax.Guard, syntax.Timezone)


def single(
    items: Iterable[syntax.Item], kind: type[Single], word: str, report: Report
) -> Single | None:
    """Give the one item of a kind; a second is an error."""
    found = [item for item in items if isinstance(item, kind)]
    for other in found[1:]:
        first = report.label(found[0].span, "first_here")
        report.add("RT106", other.span, "second_item", labels=(first,), what=word)
    return found[0] if found else None


def collect(
    items: tuple[syntax.Item, ...],
    report: Report,
    *,
    data: Data = NO_DATA,
    found: bool = True,
) -> Names:
    """Gather all names of a program; `found` when every file that it uses could be read."""
    missing = [item for item in items if isinstance(item, syntax.Broken)]
    hidden = {item.name.text for item in missing if item.name is not None}
    broken = any(isinstance(item, syntax.Table | syntax.Guard) and item.broken for item in items)
    names = Names(
        nodes=define(items, syntax.Node, report),
        listeners=define(items, syntax.Listener, report),
        pools=define(items, syntax.Pool, report),
        sets=define(items, syntax.SetItem, report),
        conditions=define(items, syntax.ConditionItem, report),
        lookups=define(items, syntax.Lookup, report),
        schedules=define(items, syntax.Schedule, report),
        transforms=define(items, syntax.Transform, report),
        profiles=define(items, syntax.Profile, report),
        tables=define(items, syntax.Table, report),
        guard=single(items, syntax.Guard, "guard", report),
        router=single(items, syntax.Router, "router", report),
        timezone=single(items, syntax.Timezone, "timezone", report),
        hidden=frozenset(hidden if found else hidden | {""}),
        complete=found and not missing and not broken and not report.failed,
        data=data,
    )
    for kinds in SHARED.values():
        shared(names, kinds, report)
    return names


def shared(names: Names, kinds: tuple[str, ...], report: Report) -> None:
    """Report names that two kinds have, of which one place may name either."""
    first: Mapping[str, Named] = getattr(names, kinds[0])
    second: Mapping[str, Named] = getattr(names, kinds[1])
    for name in first.keys() & second.keys():
        places = sorted((first[name].name, second[name].name), key=lambda one: position(one.span))
        again(places[0], places[1], report)


def position(span: Span) -> tuple[int, int]:
    """Give the order of places: by file, then within it."""
    return (span.file, span.start)
