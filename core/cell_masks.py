"""Sets of clauses for the cells of a field: what one value leaves, without asking its tests.

A field with one value, or with values of one cell, needs no count of tests: the clauses that it
leaves can be worked out beforehand. Of a text that is compared letter by letter there is a set for
each literal that decides about many clauses. Of ordered values there is one for every so many
cells, and from there to the cell the conditions that turn round on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BUDGET = 128 * 1024
"""Bytes of the sets of one field's cells."""
WIDEST = 64
"""Cells from one set to the next, at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition on a valued field: tests that must hold, and tests that must not."""

    wanted: frozenset[int]
    unwanted: frozenset[int]
    clauses: Sequence[int]
    is_possible: bool
    """Whether it can hold where the field is valued."""


@dataclass(slots=True)
class CellMasks:
    """What the cells of one field leave; without `sets` each value asks its tests."""

    shift: int = 0
    """There is a set for every 2**shift cells."""
    cells: int = 0
    sets: list[bytes | None] = field(default_factory=list)
    turns: list[list[int]] = field(default_factory=list)
    """By cell, when there is not a set for each: twice a condition, plus one when it begins to hold
    here."""


class Running:
    """The clauses that a field leaves, as its tests begin and cease to hold."""

    def __init__(self, mask: bytes, conditions: Mapping[int, Asked]) -> None:
        """Begin with no test that holds."""
        self.mask = bytearray(mask)
        self.conditions = conditions
        self.holding: set[int] = set()
        self.mentions: dict[int, list[int]] = {}
        for number, asked in conditions.items():
            for test in asked.wanted | asked.unwanted:
                self.mentions.setdefault(test, []).append(number)

    def holds(self, number: int) -> bool:
        """Whether a condition holds now."""
        asked = self.conditions[number]
        return asked.is_possible and (
            asked.wanted <= self.holding and not asked.unwanted & self.holding
        )

    def change(self, ends: Sequence[int], begins: Sequence[int]) -> list[int]:
        """Let tests end and begin; give the conditions that turned round."""
        numbers = sorted(
            {each for test in (*ends, *begins) for each in self.mentions.get(test, ())}
        )
        before = [self.holds(number) for number in numbers]
        self.holding.difference_update(ends)
        self.holding.update(begins)
        turned = []
        for number, held in zip(numbers, before, strict=True):
            if self.holds(number) != held:
                turned.append(2 * number + (not held))
                self.write(number, holds=not held)
        return turned

    def write(self, number: int, *, holds: bool) -> None:
        """Write into the mask whether a condition holds."""
        for clause in self.conditions[number].clauses:
            if holds:
                self.mask[clause // 8] |= 1 << clause % 8
            else:
                self.mask[clause // 8] &= ~(1 << clause % 8)


def of_ordered(
    mask: bytes,
    conditions: Mapping[int, Asked],
    cells: int,
    ranges: Sequence[tuple[tuple[int, int], int]],
) -> CellMasks:
    """Make the sets of ordered values; `ranges` are the cells that each test takes."""
    shift = (max(1, cells * len(mask) // BUDGET) - 1).bit_length()
    if 1 << shift > WIDEST:
        return CellMasks()
    begins: list[list[int]] = [[] for _ in range(cells + 1)]
    ends: list[list[int]] = [[] for _ in range(cells + 1)]
    for (low, high), test in ranges:
        begins[low].append(test)
        ends[high + 1].append(test)
    running = Running(mask, conditions)
    made = CellMasks(shift, cells)
    for cell in range(cells):
        made.turns.append(running.change(ends[cell], begins[cell]))
        if cell % (1 << shift) == 0:
            made.sets.append(bytes(running.mask))
    if not shift:
        made.turns = []
    return made


def of_texts(
    mask: bytes, conditions: Mapping[int, Asked], texts: Sequence[Sequence[int]], few: int
) -> CellMasks:
    """Make the sets of the literals that decide about more clauses than `few`.

    `texts` are the tests that each literal passes.
    """
    running = Running(mask, conditions)
    made = CellMasks(0, len(texts))
    left = BUDGET
    for tests in texts:
        if _weight(running, tests) <= few or left < len(mask):
            made.sets.append(None)
            continue
        running.change((), tests)
        made.sets.append(bytes(running.mask))
        running.change(tests, ())
        left -= len(mask)
    return made if any(made.sets) else CellMasks()


def _weight(running: Running, tests: Sequence[int]) -> int:
    """Give how many clauses some tests speak about."""
    numbers = {number for test in tests for number in running.mentions.get(test, ())}
    return sum(len(running.conditions[number].clauses) for number in numbers)
