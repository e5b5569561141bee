"""A syntax tree as JSON and back: for programs that read or write rules.

An object a node: `node` names its kind, the other keys are its fields, as in `roteiro.lang.nodes`.
Places are left out. Numbers that a rule file writes are text, so that no digit is lost; `null` is
what is not there. `docs/schemas/ast.json` says which fields a kind has; it is made of the same
classes (`treeschema`).
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import Field, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from roteiro.lang import nodes
from roteiro.lang.fmt.run import format_source
from roteiro.lang.messages import Phrase
from roteiro.lang.parser import parse
from roteiro.lang.printing import text_of
from roteiro.lang.report import phrase
from roteiro.lang.same import node_of, same
from roteiro.lang.source import Source, Span

KIND = "node"
"""The key of an object's kind."""
NOWHERE = Span(0, 0, 0)
LEFT_OUT = frozenset(("broken", "whole"))
"""What only a text can have: parts that could not be read."""
DEEPEST = 200
"""Nodes within each other at most: what a text may have is less."""
WORDS = {
    str: "json_text",
    int: "json_whole",
    bool: "json_flag",
    Decimal: "json_number",
    Span: "json_flag",
}
"""What is expected where a value stands, by its type."""


class NoTree(Exception):  # noqa: N818  it is what was given
    """What was given is no tree: where, as a JSON pointer (RFC 6901), and why."""

    def __init__(self, place: str, why: Phrase) -> None:
        """Keep both."""
        super().__init__(place, why)
        self.place = place
        self.why = why


# To JSON ----------------------------------------------------------------------------------------


def data_of(part: object) -> object:
    """Give a tree, or a part of one, as what `json` writes."""
    if isinstance(part, tuple):
        return [data_of(one) for one in part]
    if isinstance(part, Decimal):
        return format(part, "f")
    if part is None or isinstance(part, str | int):
        return part
    its: type = type(part)
    kind = node_of(its)
    made: dict[str, object] = {KIND: kind.__name__}
    for name, hint in written(kind):
        held = getattr(part, name)
        made[name] = held is not None if hint is Span else data_of(held)
    return made


@cache
def written(kind: type) -> tuple[tuple[str, Any], ...]:
    """Give the fields of a kind of node that count, and what each holds.

    A place that may be missing stands for whether something was written there (`accept unknown`):
    its type is `Span`.
    """
    hints = get_type_hints(kind, vars(nodes))
    counted = [one.name for one in fields(kind) if counts(one)]
    return tuple((name, Span if hints[name] == Span | None else hints[name]) for name in counted)


def counts(one: "Field[Any]") -> bool:
    """Whether a field says something of the rules."""
    return one.type is not Span and one.name not in LEFT_OUT


# From JSON --------------------------------------------------------------------------------------


def tree_of(data: object) -> nodes.File:
    """Give the tree that JSON describes; `NoTree` when it describes none."""
    tree = node(data, "", (nodes.File,), 0)
    assert isinstance(tree, nodes.File)
    return tree


def text_of_tree(tree: nodes.File) -> str:
    """Write a tree as `fmt` would set it; `NoTree` when no rule file has such a tree."""
    if not comes_back(tree):
        raise NoTree(difference(tree), phrase("json_unwritable"))
    done = format_source(Source("", text_of(tree)))
    assert done.text is not None
    return done.text


def difference(tree: nodes.File) -> str:
    """Give the first part that a text would not give back: the edition, or an item."""
    parts = (
        ("/edition", nodes.File(tree.edition, (), NOWHERE)),
        *(
            (f"/items/{number}", nodes.File(1, (item,), NOWHERE))
            for number, item in enumerate(tree.items)
        ),
    )
    return next((place for place, part in parts if not comes_back(part)), "/items")


def comes_back(tree: nodes.File) -> bool:
    """Whether the text of a tree is read as that tree."""
    again, _ = parse(Source("", text_of(tree)))
    return again is not None and again.whole and same(again, tree)


def value(data: object, place: str, hint: Any, depth: int) -> Any:
    """Give what stands in a field whose type is `hint`."""
    if hint in WORDS:
        return plain(data, place, hint)
    if get_origin(hint) is tuple:
        if not isinstance(data, list):
            raise NoTree(place, phrase("json_list"))
        each = get_args(hint)[0]
        return tuple(
            value(one, f"{place}/{number}", each, depth) for number, one in enumerate(data)
        )
    return one_of(data, place, tuple(choices(hint)), depth)


def choices(hint: Any) -> Iterator[Any]:
    """Give the types that a union has, those of unions within it as well."""
    if get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from choices(each)
    else:
        yield hint


def one_of(data: object, place: str, kinds: tuple[Any, ...], depth: int) -> Any:
    """Give what stands where several types may."""
    if data is None and NoneType in kinds:
        return None
    for kind in kinds:
        if kind in WORDS and not isinstance(data, dict):
            return plain(data, place, kind)
        if get_origin(kind) is tuple and isinstance(data, list):
            return value(data, place, kind, depth)
    return node(data, place, tuple(kind for kind in kinds if is_node(kind)), depth)


def is_node(kind: Any) -> bool:
    """Whether a type is a kind of node that can be written."""
    return kind not in WORDS and kind not in (NoneType, nodes.Broken) and get_origin(kind) is None


def node(data: object, place: str, kinds: tuple[type, ...], depth: int) -> Any:
    """Give a node of one of some kinds."""
    named = {kind.__name__: kind for kind in kinds}
    found = data.get(KIND) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(found, str) or found not in named:
        raise NoTree(place, phrase("json_node", kinds=", ".join(sorted(named))))
    if depth > DEEPEST:
        raise NoTree(place, phrase("json_deep", most=DEEPEST))
    kind = named[found]
    check_members(data, place, kind)
    parts: dict[str, Any] = {one.name: NOWHERE for one in fields(kind) if one.type is Span}
    for name, hint in written(kind):
        parts[name] = value(data[name], f"{place}/{name}", hint, depth + 1)
    return kind(**parts)


def check_members(data: dict[str, object], place: str, kind: type) -> None:
    """Look for members that a kind does not have, or that are missing."""
    names = [name for name, _ in written(kind)]
    for name in data:
        if name != KIND and name not in names:
            raise NoTree(f"{place}/{escaped(name)}", phrase("json_no_member", kind=kind.__name__))
    for name in names:
        if name not in data:
            raise NoTree(place, phrase("json_member", kind=kind.__name__, name=name))


def plain(data: object, place: str, kind: Any) -> Any:
    """Give a value that is no node."""
    read = READERS[kind](data)
    if read is NoneType:
        raise NoTree(place, phrase(WORDS[kind]))
    return read


def number_of(data: object) -> object:
    """Give the number that a text writes."""
    if not isinstance(data, str) or len(data) > DEEPEST:
        return NoneType
    try:
        found = Decimal(data)
    except InvalidOperation:
        return NoneType
    return found if found.is_finite() and abs(found.adjusted()) < DEEPEST else NoneType


def flag(data: object) -> object:
    """Give what stands for whether something was written."""
    if not isinstance(data, bool):
        return NoneType
    return NOWHERE if data else None


READERS: dict[Hashable, Callable[[object], object]] = {
    str: lambda data: data if isinstance(data, str) else NoneType,
    int: lambda data: data if isinstance(data, int) and not isinstance(data, bool) else NoneType,
    bool: lambda data: data if isinstance(data, bool) else NoneType,
    Decimal: number_of,
    Span: flag,
}
"""Each gives `NoneType` for what it cannot read."""


def escaped(name: str) -> str:
    """Write a member's name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
