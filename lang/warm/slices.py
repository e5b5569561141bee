"""A part of a program, checked: all that is no rule of a table, and some rules."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from roteiro.lang import nodes
from roteiro.lang.beyond import Beyond
from roteiro.lang.check import Checking, Counts
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.lint import Looked
from roteiro.lang.load import Loaded
from roteiro.lang.parser import parse
from roteiro.lang.resolve import NO_DATA
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed, TypedRule, TypedTable
from roteiro.lang.warm.answer import tokens_of
from roteiro.lang.warm.memory import Places
from roteiro.lang.warm.plain import Plain, plain

BeyondIt = Callable[[Counts, nodes.File], Beyond]


@dataclass(frozen=True, slots=True)
class Slice:
    """What was found in a part of a program; places are those of the whole text."""

    tree: nodes.File
    read: tuple[Diagnostic, ...]
    """What was found when it was read."""
    checking: Checking
    looked: Looked
    typed: Typed

    @property
    def early(self) -> list[Plain]:
        """The findings that wait for nothing."""
        return [plain(one) for one in self.checking.report.findings[: self.looked.early]]

    @property
    def general(self) -> list[Plain]:
        """The findings of a program all of which could be read."""
        found = self.checking.report.findings[self.looked.early : self.looked.general]
        return [plain(one) for one in found]

    @property
    def late(self) -> list[Plain]:
        """The findings of a program without errors."""
        return [plain(one) for one in self.checking.report.findings[self.looked.general :]]


def checked(name: str, places: Places, kept: frozenset[int], beyond: BeyondIt) -> Slice | None:
    """Check a part of a program; nothing when it cannot be read at all."""
    source = Source(name, places.text)
    tree, read = parse(source, 0, tokens_of(places, kept))
    if tree is None:
        return None
    loaded = Loaded(
        items=tree.items,
        sources=(source,),
        data_sources=(),
        data=NO_DATA,
        whole=tree.whole,
        found=True,
        rule_set="",
        findings=read,
    )
    checking = Checking(loaded, lambda counts: beyond(counts, tree))
    typed = checking.program()
    assert checking.looked is not None
    return Slice(tree, read, checking, checking.looked, typed)


def rules_of(tree: nodes.File) -> Iterator[nodes.Rule | nodes.GuardRule]:
    """Give the rules of all tables and of the guard."""
    for item in tree.items:
        if isinstance(item, nodes.Table | nodes.Guard):
            yield from item.rules


def typed_at(part: Slice, start: int) -> tuple[TypedTable, TypedRule, nodes.Rule] | None:
    """Give the rule of a table that begins at a place."""
    for table in part.typed.tables:
        written = part.checking.names.tables[table.name].rules
        for rule, node in zip(table.rules, written, strict=True):
            if node.span.start == start:
                return table, rule, node
    return None
