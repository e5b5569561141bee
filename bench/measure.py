"""Timing as the bench does it: rounds that take turns, medians, the clock's own price beside them.

What is compared is measured in turns within one run, so that a machine that is disturbed disturbs
all alike. A figure is the median over the objects of each object's median over the rounds; beside
it stand the least and the greatest round.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Pass = Callable[["array[int]"], None]
"""Fills an array with the nanoseconds of each object."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Nanoseconds of one object."""

    median: float
    p99: float
    first: float
    """The median of the very first round, when nothing was known of any object."""
    least: float
    greatest: float
    rounds: int

    def __str__(self) -> str:
        """Show the figure in microseconds, with its spread."""
        return f"{self.median / 1000:.2f} ({self.least / 1000:.2f}..{self.greatest / 1000:.2f})"


def in_turns(passes: Sequence[Pass], objects: int, rounds: int) -> list[Timing]:
    """Let each pass have its turn in each round."""
    taken: list[list[array[int]]] = [[] for _ in passes]
    for _ in range(rounds):
        for place, run in enumerate(passes):
            one = array("q", bytes(8 * objects))
            run(one)
            taken[place].append(one)
    return [timing(rows) for rows in taken]


def timing(rows: list["array[int]"]) -> Timing:
    """Sum rounds up; the first one, with nothing in any cache, counts only when it is alone."""
    later = rows[1:] or rows
    each = [median(column) for column in zip(*later, strict=True)]
    rounds = [median(row) for row in later]
    return Timing(
        median(each),
        quantiles(each, n=100)[98],
        median(rows[0]),
        min(rounds),
        max(rounds),
        len(later),
    )
