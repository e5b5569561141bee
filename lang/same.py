"""Whether two trees say the same: equality with the places left out."""

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from roteiro.lang.source import Span


@cache
def reader(kind: Hashable) -> Callable[[Any], tuple[Any, ...]] | None:
    """Give what reads the parts of a node that count; nothing for what is no node."""
    if not (isinstance(kind, type) and is_dataclass(kind)):
        return None
    names = tuple(one.name for one in fields(kind) if one.type is not Span)
    return lambda node: tuple([getattr(node, name) for name in names])


@cache
def node_of(kind: type) -> type:
    """Give the node that a class stands for: one that is read later stands for its base."""
    return next((one for one in kind.__mro__ if "__dataclass_fields__" in vars(one)), kind)


def same(left: object, right: object) -> bool:
    """Whether two trees, or parts of them, differ in places at most.

    A place that may be missing (`accept unknown`) counts as there or not there.
    """
    todo: list[tuple[Any, Any]] = [(left, right)]
    while todo:
        one, other = todo.pop()
        kind: type = type(one)
        its: type = type(other)
        if one is other or (kind is Span and its is Span):
            continue
        if kind is not its and node_of(kind) is not node_of(its):
            return False
        if kind is tuple:
            if len(one) != len(other):
                return False
            todo.extend(zip(one, other, strict=True))
        elif read := reader(kind):
            todo.extend(zip(read(one), read(other), strict=True))
        elif one != other:
            return False
    return True
