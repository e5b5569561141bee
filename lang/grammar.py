"""The grammar as tables: the one door to the parser generator.

The generator reads `route.lark` and finds the states of its automaton. Running it is `machine`'s
work: on tokens that are scanned once, and without a tree between them and the nodes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any, NamedTuple

from lark import Lark
from lark.lexer import PatternStr

from roteiro.lang.building.claims import Claims
from roteiro.lang.source import Span

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
def generated() -> Lark:
    """Read the grammar."""
    text = files("roteiro.lang").joinpath("route.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", start=list(STARTS), maybe_placeholders=True)


@cache
def grammar() -> Grammar:
    """Give the tables."""
    table = generated().parse_interactive("", start=STARTS[0]).parser_state.parse_conf.parse_table
    made: dict[Any, Production] = {}
    rows = tuple(dict(row_of(table.states[state], made)) for state in range(len(table.states)))
    gotos = tuple(
        {name: arg for name, (_, arg) in table.states[state].items() if not name.isupper()}
        for state in range(len(table.states))
    )
    for start in STARTS:
        rows[table.end_states[start]][END] = ACCEPT
    shorten(rows, gotos)
    return Grammar(rows, gotos, {start: table.start_states[start] for start in STARTS}, *terms())


def row_of(
    state: Mapping[str, Any], made: dict[Any, Production]
) -> Iterator[tuple[str, int | Production]]:
    """Give what is done at each terminal."""
    for name, (_, arg) in state.items():
        if not name.isupper():
            continue
        if not isinstance(arg, int) and arg not in made:
            made[arg] = production(arg)
        yield name, arg if isinstance(arg, int) else made[arg]


def terms() -> tuple[dict[str, str], str]:
    """Give keywords and marks with their terminals, and the expression for numbers."""
    words: dict[str, str] = {}
    numbers: list[str] = []
    for one in generated().terminals:
        if isinstance(one.pattern, PatternStr):
            words[one.pattern.value] = one.name
        elif one.name == "COMPARE":
            words |= dict.fromkeys(one.pattern.value.split("|"), one.name)
        else:
            numbers.append(f"(?P<{one.name}>{one.pattern.value})")
    return words, "|".join(numbers)


def shorten(rows: tuple[Row, ...], gotos: tuple[dict[str, int], ...]) -> None:
    """Go straight to where a whole that is nothing but its one part leads in any case."""
    for going in gotos:
        for origin, state in going.items():
            going[origin] = straight(rows[state], going, state)


def straight(row: Row, going: Mapping[str, int], state: int) -> int:
    """Give the state behind one in which nothing but such a whole can end."""
    action = next(iter(row.values()), None)
    if isinstance(action, Production) and action.make is None and set(row.values()) == {action}:
        return going[action.origin]
    return state


# Productions ------------------------------------------------------------------------------------


def production(rule: Any) -> Production:
    """Take over a production of the generator."""
    origin = str(rule.origin.name)
    return Production(len(rule.expansion), origin, maker(rule, origin))


def maker(rule: Any, origin: str) -> Maker | None:
    """Make what makes a whole of its parts."""
    steps = steps_of(rule)
    if origin.startswith("_"):
        return longer(steps) if steps[0] == ~0 else listing(steps)
    if rule.alias is None and rule.options.expand1 and len(steps) == 1:
        return only(steps[0], len(rule.expansion))
    method = getattr(Builder, rule.alias or origin)
    if any(step is None or step < 0 for step in steps):
        return lambda builder, begin, end, parts: method(
            builder, Span(begin, end, builder.file), *gathered(steps, parts)
        )
    return of_some(method, [step for step in steps if step is not None], len(rule.expansion))


def steps_of(rule: Any) -> list[int | None]:
    """Say which parts count: by number, `~number` for those of a list, `None` for one left out."""
    missing = [len(ones) for ones in left_out(rule).split("0")]
    steps: list[int | None] = []
    for number, symbol in enumerate(rule.expansion):
        steps += [None] * missing[number]
        if symbol.is_term and symbol.filter_out:
            continue
        listed = not symbol.is_term and symbol.name.startswith("_")
        steps.append(~number if listed else number)
    return steps + [None] * missing[-1]


def left_out(rule: Any) -> str:
    """Say where optional parts are left out: `1` for one, `0` for each part that is there."""
    marks = rule.options.empty_indices or (False,) * len(rule.expansion)
    return "".join(str(int(mark)) for mark in marks)


def listing(steps: list[int | None]) -> Maker:
    """Make what begins a list of parts."""
    return lambda _builder, _begin, _end, parts: gathered(steps, parts)


def longer(steps: list[int | None]) -> Maker:
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


def gathered(steps: list[int | None], parts: list[Any]) -> list[Any]:
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
