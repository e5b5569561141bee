"""Choices by a seed: thousands of programs a minute need less ceremony than a strategy has.

`Dice` is the plain generator of the standard library with the three throws that are needed. A case
is told by its seed, and `differential.shrink` makes a failing one small.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

Any = TypeVar("Any")
SEEDS = st.integers(0, 2**48)


class Dice(Random):
    """A generator of choices."""

    def one(self, *chances: int) -> bool:
        """Say yes once in so many times, or so many times in so many."""
        wanted, of = (1, chances[0]) if len(chances) == 1 else chances
        return self.randrange(of) < wanted

    def some(self, things: Sequence[Any], least: int, most: int) -> list[Any]:
        """Pick several different things, in their order."""
        count = min(self.randint(least, most), len(things))
        return [things[at] for at in sorted(self.sample(range(len(things)), count))]

    def upto(self, most: int) -> int:
        """Give a number from 0."""
        return self.randint(0, most)
