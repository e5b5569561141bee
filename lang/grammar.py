"""The grammar as tables, and what makes nodes at each of its productions.

The tables are made of `route.lark` by `generator` and kept in `route.tables`. Running them is
`machine`'s work: on tokens that are scanned once, and without a tree between them and the nodes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from roteiro.lang.building.claims import Claims
from roteiro.lang.packaged import packaged
from roteiro.lang.source import Span
from roteiro.lang.tables import Recipe, Tables, digest, read

Builder = Claims
"""Makes the nodes of all parts of the language."""
Maker = Callable[[Builder, int, int, list[Any]], Any]
"""Makes a whole of a place, from its beginning to its end, and of all its parts."""

ITEMS = {
    # keywords of the items that are one rule of the grammar, and that rule
    "use": "use",
    "timezone": "timezone",
    "router": "router",
    "listener": "listener",
    "node": "node",
    "pool": "pool",
    "set": "set",
    "condition": "condition_item",
    "lookup": "lookup",
    "schedule": "schedule",
    "transform": "transform",
    "profile": "profile",
    "test": "test",
    "invariant": "invariant",
}
STARTS = (
    *("edition", *ITEMS.values(), "table_head", "guard_head"),
    *("rule", "otherwise", "guard_rule", "guard_otherwise"),
    *("transform_head", "if_head", "each_head", "edit", "profile_head", "statement"),
)
END = "$END"
ACCEPT = -1
"""What is done at the end of a text that was read whole."""
CALLED = ("_COUNT", "_ITEMS", "_SECRET")
"""Keywords before a parenthesis, and names elsewhere."""


class Production(NamedTuple):
    """Some parts are one whole."""

    size: int
    origin: str
    """What the whole is."""
    make: Maker | None
    """Nothing when the whole is its one part."""


Row = dict[str, int | Production]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The states of the automaton, and what tokens are called."""

    rows: tuple[Row, ...]
    """By state and terminal: the state to go to, or the production that ends there."""
    gotos: tuple[dict[str, int], ...]
    """By state and whole: the state to go to."""
    starts: Mapping[str, int]
    words: Mapping[str, str]
    """Keywords and marks, and their terminals."""
    numbers: str
    """An expression with a group for each kind of number, named like its terminal."""


@cache
def grammar() -> Grammar:
    """Give the tables, with what makes nodes."""
    tables = ready(packaged("route.lark") or "", packaged("route.tables"))
    made = [Production(one.size, one.origin, maker(one)) for one in tables.recipes]
    rows = tuple(
        {name: number if number >= 0 else made[~number] for name, number in row.items()}
        for row in tables.rows
    )
    for end in tables.ends.values():
        rows[end][END] = ACCEPT
    gotos = tuple(dict(going) for going in tables.gotos)
    shorten(rows, gotos)
    return Grammar(rows, gotos, tables.starts, tables.words, tables.numbers)


def ready(text: str, kept: str | None) -> Tables:
    """Give the tables that are kept, or make them where they are of another grammar."""
    if kept is not None:
        tables = read(kept)
        if tables.made_of == digest(text) and tables.starts.keys() == set(STARTS):
            return tables
    from roteiro.lang.generator import tables_of  # noqa: PLC0415  slow, and seldom needed

    return tables_of(text, STARTS)


def shorten(rows: tuple[Row, ...], gotos: tuple[dict[str, int], ...]) -> None:
    """Go straight to where a whole that is nothing but its one part leads in any case."""
    for going in gotos:
        for origin, state in going.items():
            going[origin] = straight(rows, going, state)


def straight(rows: tuple[Row, ...], going: Mapping[str, int], state: int) -> int:
    """Give the state behind those in which nothing but such a whole can end."""
    while True:
        row = rows[state]
        action = next(iter(row.values()), None)
        if not isinstance(action, Production) or action.make or set(row.values()) != {action}:
            return state
        state = going[action.origin]


# Productions ------------------------------------------------------------------------------------


def maker(recipe: Recipe) -> Maker | None:
    """Make what makes a whole of its parts."""
    size, origin, name, steps = recipe
    if origin.startswith("_"):
        return longer(steps) if steps[0] == ~0 else listing(steps)
    if name is None:
        return only(steps[0], size)
    method = getattr(Builder, name)
    if any(step is None or step < 0 for step in steps):
        return lambda builder, begin, end, parts: method(
            builder, Span(begin, end, builder.file), *gathered(steps, parts)
        )
    return of_some(method, [step for step in steps if step is not None], size)


def listing(steps: Sequence[int | None]) -> Maker:
    """Make what begins a list of parts."""
    return lambda _builder, _begin, _end, parts: gathered(steps, parts)


def longer(steps: Sequence[int | None]) -> Maker:
    """Make what adds parts to a list, which nobody else holds."""
    more = steps[1:]

    def extended(_builder: Builder, _begin: int, _end: int, parts: list[Any]) -> list[Any]:
        found: list[Any] = parts[0]
        found.extend(gathered(more, parts))
        return found

    return extended


def only(step: int | None, size: int) -> Maker | None:
    """Make what hands on one part, if there are others."""
    assert step is not None
    return None if size == 1 else lambda _builder, _begin, _end, parts: parts[step]


def of_some(method: Callable[..., Any], steps: list[int], size: int) -> Maker:
    """Make what hands some of the parts to a method; the common cases are the quick ones."""
    if len(steps) == size:
        return lambda builder, begin, end, parts: method(
            builder, Span(begin, end, builder.file), *parts
        )
    if not steps:
        return lambda builder, begin, end, _parts: method(builder, Span(begin, end, builder.file))
    if len(steps) == 1:
        step = steps[0]
        return lambda builder, begin, end, parts: method(
            builder, Span(begin, end, builder.file), parts[step]
        )
    some = itemgetter(*steps)
    return lambda builder, begin, end, parts: method(
        builder, Span(begin, end, builder.file), *some(parts)
    )


def gathered(steps: Sequence[int | None], parts: list[Any]) -> list[Any]:
    """Give the parts that count in one list."""
    found: list[Any] = []
    for step in steps:
        if step is None:
            found.append(None)
        elif step >= 0:
            found.append(parts[step])
        else:
            found.extend(parts[~step])
    return found
