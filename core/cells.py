"""The values of a field, cut into cells that no test of the field can tell apart.

The constants of an ordered type, sorted, make `2k + 1` cells: cell `2i + 1` is constant i alone,
cell `2i` is what lies just below it. A test matches whole cells, so it is a set of ranges of cells,
and the tests that a value hits are those whose ranges hold its cell. Ranges are kept in a segment
tree: a range is written down at O(log k) nodes, and a look-up walks from a leaf to the root. So
neither the size nor the time grows with how much ranges overlap.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from roteiro.core.program import Among, Interval, Scalar

Ordered = int | Decimal
Value = TypeVar("Value", int, Decimal)
Range = tuple[int, int]
"""First and last cell."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A segment tree over `leaves` cells, flat: `items[starts[n]:starts[n + 1]]` at node n.

    A look-up of cell c visits the nodes `c + leaves`, its half, and so on down to 1.
    """

    leaves: int
    starts: tuple[int, ...]
    items: tuple[int, ...]


def constants(matches: Iterable[Among]) -> list[Ordered]:
    """Give all constants of some matches, sorted, each once."""
    found: set[Ordered] = set()
    for match in matches:
        found |= {value for value in match.values if not isinstance(value, str)}
        for interval in match.intervals:
            ends = (interval.low, interval.high)
            found |= {end for end in ends if end is not None and not isinstance(end, str)}
    return sorted(found)


def ranges(match: Among, ordered: Sequence[Ordered]) -> list[Range]:
    """Give the cells that a match accepts, as ranges that neither touch nor overlap."""
    singles = [2 * _place(ordered, value) + 1 for value in match.values]
    found = [(cell, cell) for cell in singles]
    found += [_range(interval, ordered) for interval in match.intervals]
    return list(_merged(sorted(item for item in found if item[0] <= item[1])))


def _place(ordered: Sequence[Ordered], value: Scalar) -> int:
    assert not isinstance(value, str)
    return bisect_left(ordered, value)


def _range(interval: Interval, ordered: Sequence[Ordered]) -> Range:
    low, high = 0, 2 * len(ordered)
    if interval.low is not None:
        low = 2 * _place(ordered, interval.low) + (1 if interval.low_closed else 2)
    if interval.high is not None:
        high = 2 * _place(ordered, interval.high) + (1 if interval.high_closed else 0)
    return low, high


def _merged(found: Iterable[Range]) -> Iterator[Range]:
    begin, end = -1, -2
    for low, high in found:
        if low <= end + 1 and begin >= 0:
            end = max(end, high)
            continue
        if begin >= 0:
            yield begin, end
        begin, end = low, high
    if begin >= 0:
        yield begin, end


def plant(leaves: int, found: Iterable[tuple[Range, int]]) -> Tree:
    """Make the tree of some ranges and what each stands for."""
    nodes: list[list[int]] = [[] for _ in range(2 * leaves)]
    for (low, high), item in found:
        for node in _cover(low + leaves, high + leaves + 1):
            nodes[node].append(item)
    starts = [0]
    for held in nodes:
        starts.append(starts[-1] + len(held))
    return Tree(leaves, tuple(starts), tuple(item for held in nodes for item in held))


def _cover(left: int, right: int) -> Iterator[int]:
    """Give the fewest nodes that cover the leaves from left to before right."""
    while left < right:
        if left & 1:
            yield left
            left += 1
        if right & 1:
            right -= 1
            yield right
        left >>= 1
        right >>= 1
