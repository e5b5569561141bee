"""The one door to the parser generator: it reads `route.lark` and finds the automaton's states.

Only who changes the grammar needs it; everybody else has its tables in `route.tables`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lark import Lark
from lark.lexer import PatternStr

from roteiro.lang.tables import Recipe, Tables, digest


def generated(grammar: str, starts: Sequence[str]) -> Lark:
    """Read a grammar."""
    return Lark(grammar, parser="lalr", lexer="basic", start=list(starts), maybe_placeholders=True)


def tables_of(grammar: str, starts: Sequence[str]) -> Tables:
    """Make the tables of a grammar for all that a text can be."""
    lark = generated(grammar, starts)
    table = lark.parse_interactive("", start=starts[0]).parser_state.parse_conf.parse_table
    numbers: dict[Recipe, int] = {}
    states = [table.states[number] for number in range(len(table.states))]
    rows = [row_of(state, numbers) for state in states]
    gotos = [
        {name: arg for name, (_, arg) in state.items() if not name.isupper()} for state in states
    ]
    started = {start: table.start_states[start] for start in starts}
    ended = {start: table.end_states[start] for start in starts}
    found = Tables(digest(grammar), started, ended, *terms(lark), list(numbers), rows, gotos)
    return found.settled()


def row_of(state: Mapping[str, Any], numbers: dict[Recipe, int]) -> dict[str, int]:
    """Give what is done at each terminal; productions are numbered as they come."""
    row = {}
    for name, (_, arg) in state.items():
        if name.isupper():
            shifts = isinstance(arg, int)
            row[name] = arg if shifts else ~numbers.setdefault(recipe(arg), len(numbers))
    return row


def terms(lark: Lark) -> tuple[dict[str, str], str]:
    """Give keywords and marks with their terminals, and the expression for numbers."""
    words: dict[str, str] = {}
    numbers: list[str] = []
    for one in lark.terminals:
        if isinstance(one.pattern, PatternStr):
            words[one.pattern.value] = one.name
        elif one.name == "COMPARE":
            words |= dict.fromkeys(one.pattern.value.split("|"), one.name)
        else:
            numbers.append(f"(?P<{one.name}>{one.pattern.value})")
    return words, "|".join(numbers)


def recipe(rule: Any) -> Recipe:
    """Take over a production of the generator."""
    origin = str(rule.origin.name)
    steps = steps_of(rule)
    handed_on = rule.alias is None and rule.options.expand1 and len(steps) == 1
    method = None if origin.startswith("_") or handed_on else str(rule.alias or origin)
    return Recipe(len(rule.expansion), origin, method, steps)


def steps_of(rule: Any) -> tuple[int | None, ...]:
    """Say which parts count; see `Recipe`."""
    missing = [len(ones) for ones in left_out(rule).split("0")]
    steps: list[int | None] = []
    for number, symbol in enumerate(rule.expansion):
        steps += [None] * missing[number]
        if symbol.is_term and symbol.filter_out:
            continue
        listed = not symbol.is_term and symbol.name.startswith("_")
        steps.append(~number if listed else number)
    return (*steps, *[None] * missing[-1])


def left_out(rule: Any) -> str:
    """Say where optional parts are left out: `1` for one, `0` for each part that is there."""
    marks = rule.options.empty_indices or (False,) * len(rule.expansion)
    return "".join(str(int(mark)) for mark in marks)
