"""The tables of the grammar as plain data, and the text that they are kept in.

`generator` makes them of `route.lark`; `route.tables` keeps them, so that nobody who reads a rule
file waits for that. What is kept says of which grammar it was made.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, NamedTuple, Self

Action = int
"""The state to go to, or `~number` of the production that ends."""
Numbered = Sequence[Mapping[str, int]]


class Recipe(NamedTuple):
    """How a production makes a whole of its parts."""

    size: int
    origin: str
    """What the whole is."""
    method: str | None
    """Who makes it; nobody when it is a list, or its one part."""
    steps: tuple[int | None, ...]
    """Which parts count: by number, `~number` for those of a list, `None` for one left out."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The states of the automaton."""

    made_of: str
    """The digest of the grammar."""
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    """By what a text can be: the states in which it begins, and ends."""
    words: Mapping[str, str]
    """Keywords and marks, and their terminals."""
    numbers: str
    """An expression with a group for each kind of number, named like its terminal."""
    recipes: Sequence[Recipe]
    rows: Sequence[Mapping[str, Action]]
    """By state and terminal: what is done."""
    gotos: Numbered
    """By state and whole: the state to go to."""

    def settled(self) -> Self:
        """Give the same tables with numbers that depend on nothing but the grammar."""
        states = order(self.starts.values(), self.followers)
        recipes = sorted(range(len(self.recipes)), key=lambda number: repr(self.recipes[number]))
        state = {old: new for new, old in enumerate(states)}
        action = state | {~old: ~new for new, old in enumerate(recipes)}
        return type(self)(
            self.made_of,
            renumbered(self.starts, state),
            renumbered(self.ends, state),
            dict(sorted(self.words.items())),
            self.numbers,
            [self.recipes[number] for number in recipes],
            [renumbered(self.rows[number], action) for number in states],
            [renumbered(self.gotos[number], state) for number in states],
        )

    def followers(self, state: int) -> list[int]:
        """Give the states that a state leads to, in the order of what leads there."""
        ways = sorted({**self.gotos[state], **self.rows[state]}.items())
        return [number for _, number in ways if number >= 0]


def order(first: Any, followers: Callable[[int], list[int]]) -> list[int]:
    """Give all numbers that can be reached, in the order in which they are."""
    found = dict.fromkeys(first)
    waiting = list(found)
    for number in waiting:
        new = dict.fromkeys(each for each in followers(number) if each not in found)
        found |= new
        waiting += new
    return waiting


def renumbered(row: Mapping[str, int], numbers: Mapping[int, int]) -> dict[str, int]:
    """Give a row with other numbers, in the order of its words."""
    return {name: numbers[row[name]] for name in sorted(row)}


def digest(grammar: str) -> str:
    """Give what tells a grammar from others."""
    return blake2b(grammar.encode(), digest_size=16).hexdigest()


def written(tables: Tables) -> str:
    """Write tables, a line for each state and production."""
    parts = []
    for name, value in asdict(tables).items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in value)
            parts.append(f'"{name}": [\n{lines}\n]')
        else:
            parts.append(f'"{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read(text: str) -> Tables:
    """Read what `written` wrote."""
    values = json.loads(text)
    recipes = [
        Recipe(size, origin, method, tuple(steps))
        for size, origin, method, steps in values.pop("recipes")
    ]
    return Tables(recipes=recipes, **values)
