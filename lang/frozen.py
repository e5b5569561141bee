"""Frozen data as JSON and back, by the types that its classes say.

What is read may have been written by anybody: a value of another type than its class says is a
`ValueError`, and nothing but the classes that are asked for is ever made.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum, Flag
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]
NUMBER = "decimal"
CLASS = "__dataclass_fields__"
"""What a class of frozen data has."""


def written(value: object) -> Any:
    """Give a value as JSON can hold it: a class by its name and its members in their order."""
    if is_dataclass(value):
        return [type(value).__name__, *(written(getattr(value, one.name)) for one in fields(value))]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return [written(one) for one in sorted(value)]
    if isinstance(value, tuple | list):
        return [written(one) for one in value]
    return {NUMBER: str(value)} if isinstance(value, Decimal) else value


def read(kind: Any, made: Any) -> Any:
    """Make a value of a class. Raises `ValueError` when it is none."""
    try:
        made_of: Reader = reader(kind)
        return made_of(made)
    except (TypeError, LookupError, InvalidOperation, RecursionError) as wrong:
        raise ValueError(str(wrong)) from wrong


@cache
def reader(kind: Any) -> Reader:
    """Give what reads the values of a type."""
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        return _of_union(get_args(kind))
    if origin is tuple:
        return _of_tuple(get_args(kind))
    if origin is frozenset:
        inner = reader(get_args(kind)[0])
        return lambda made: frozenset(map(inner, _listed(made)))
    if is_dataclass(kind):
        return _of_class(kind)
    if issubclass(kind, Flag):
        return lambda made: kind(_whole(made))
    return kind if issubclass(kind, Enum) else PLAIN[kind]


def _of_class(kind: Any) -> Reader:
    """Read a class; its types are looked at when they are needed: it may hold itself."""
    name = kind.__name__
    readers: list[Reader] = []

    def made_of(made: Any) -> Any:
        if not readers:
            hints = get_type_hints(kind)
            readers.extend(reader(hints[one.name]) for one in fields(kind))
        if _listed(made)[0] != name:
            raise ValueError(made[0])
        return kind(*(one(each) for one, each in zip(readers, made[1:], strict=True)))

    return made_of


def _of_tuple(kinds: tuple[Any, ...]) -> Reader:
    if kinds[-1] is Ellipsis:
        inner = reader(kinds[0])
        return lambda made: tuple([inner(each) for each in _listed(made)])
    parts = [reader(each) for each in kinds]
    return lambda made: tuple(one(each) for one, each in zip(parts, _listed(made), strict=True))


def _of_union(kinds: Any) -> Reader:
    """Read one of some types: a class by its name, the others by what JSON makes of them."""
    known: list[Any] = list(kinds)
    classes = {each.__name__: reader(each) for each in known if hasattr(each, CLASS)}
    others = [each for each in known if not hasattr(each, CLASS)]
    readers = {of: reader(each) for each in others for of in JSON.get(each, (list,))}

    def made_of(made: Any) -> Any:
        if isinstance(made, list) and made and made[0] in classes:
            return classes[made[0]](made)
        return readers[type(made)](made)

    return made_of


def _listed(made: Any) -> list[Any]:
    if not isinstance(made, list):
        raise TypeError(made)
    return made


def _exactly(kind: type) -> Reader:
    def same(made: Any) -> Any:
        if type(made) is not kind:
            raise TypeError(made)
        return made

    return same


def _number(made: Any) -> float | int:
    if type(made) not in {int, float}:
        raise TypeError(made)
    found: float | int = made
    return found


def _whole(made: Any) -> int:
    found: int = _exactly(int)(made)
    return found


PLAIN: dict[Any, Reader] = {
    **{kind: _exactly(kind) for kind in (str, int, bool, NoneType)},
    float: _number,
    Decimal: lambda made: Decimal(made[NUMBER]),
}
JSON: dict[Any, tuple[type, ...]] = {
    **{kind: (kind,) for kind in (str, int, bool, NoneType)},
    float: (float, int),
    Decimal: (dict,),
}
"""As what JSON gives values of a type that stands in a union."""
