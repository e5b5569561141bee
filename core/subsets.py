"""Expressions as one deterministic automaton over code points: subsets of instructions as states.

The number of subsets may grow without measure, so there is a limit to the states and to the work;
`determined` gives up where one is reached. Code points that no state tells apart are one class.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from roteiro.core.automaton import NOTHING, Classes, Code, classes_of

DEAD = 0
"""The state from which nothing is accepted."""


@dataclass(slots=True)
class Limit:
    """What may be spent; a step is one instruction or class that is looked at."""

    states: int
    steps: int


@dataclass(frozen=True, slots=True)
class Dfa:
    """A deterministic automaton; state 0 is dead."""

    begin: int
    starts: tuple[int, ...]
    """Where a run of code points of one class begins, from 0 on."""
    classes: tuple[int, ...]
    """By run: its class, numbered as they are first met; so one of ASCII is below 128."""
    rows: tuple[tuple[int, ...], ...]
    """By state and class: the next state."""
    accepts: tuple[tuple[int, ...], ...]
    """By state: the expressions that describe what was read so far."""

    @property
    def width(self) -> int:
        """How many classes there are."""
        return max(self.classes) + 1

    @property
    def bytes(self) -> int:
        """How many bytes it takes when it is laid flat, about."""
        return 200 + 6 * len(self.starts) + (4 + 2 * self.width) * len(self.rows)

    def class_of(self, code_point: int) -> int:
        """Give the class of a code point."""
        return self.classes[bisect_right(self.starts, code_point) - 1]


def determined(code: Code, limit: Limit) -> Dfa | None:
    """Make the automaton of a program; `None` when the limit does not suffice."""
    limit.steps -= _reads(code)
    if limit.steps < 0:
        return None
    found = _Subsets(code, classes_of(code), limit)
    return found.dfa() if found.complete() else None


def _reads(code: Code) -> int:
    """Count the classes of all that is read, to a factor of two."""
    starts = sorted({0} | {low for chars in code.chars for low, _ in chars.ranges})
    return sum(
        1 + 2 * (1 + bisect_right(starts, high) - bisect_right(starts, low))
        for chars in code.chars
        for low, high in chars.ranges
    )


@dataclass(slots=True)
class _Subsets:
    """The work on one automaton."""

    code: Code
    classes: Classes
    limit: Limit
    known: dict[frozenset[int], int] = field(default_factory=dict)
    held: list[frozenset[int]] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    begin: int = DEAD

    def complete(self) -> bool:
        """Find all states; tell whether there was enough to spend."""
        self._state(frozenset())
        self.begin = self._after([self.code.begin])
        for held in self.held:
            if self.limit.states < 0 or self.limit.steps < 0:
                return False
            self.rows.append(self._row(held))
        return self.limit.states >= 0 and self.limit.steps >= 0

    def _state(self, held: frozenset[int]) -> int:
        if held not in self.known:
            self.known[held] = len(self.held)
            self.held.append(held)
            self.limit.states -= 1
        return self.known[held]

    def _row(self, held: frozenset[int]) -> list[int]:
        """Give what each class makes of a state."""
        code, targets = self.code, dict[int, list[int]]()
        for at in held:
            if at >= code.accepts:
                targets.setdefault(code.reads[at], []).append(code.goes[at][0])
        readers: dict[int, list[int]] = {}  # by class: what reads it
        for number in targets:
            for read in self.classes.read[number]:
                readers.setdefault(read, []).append(number)
        self.limit.steps -= len(held) + sum(map(len, readers.values()))
        row = [DEAD] * len(self.classes.starts)
        after: dict[tuple[int, ...], int] = {}
        for read, numbers in readers.items():
            key = tuple(numbers)
            if key not in after:
                if self.limit.steps < 0:
                    break
                after[key] = self._after([at for number in numbers for at in targets[number]])
            row[read] = after[key]
        return row

    def _after(self, targets: list[int]) -> int:
        reached = self.code.reached(targets)
        self.limit.steps -= len(targets) + len(reached)
        return self._state(self._reading(reached))

    def _reading(self, reached: set[int]) -> frozenset[int]:
        """Give what reads or accepts."""
        code = self.code
        return frozenset(at for at in reached if at < code.accepts or code.reads[at] != NOTHING)

    def dfa(self) -> Dfa:
        """Join the classes that all states agree on."""
        columns: dict[tuple[int, ...], int] = {}
        of_class = [
            columns.setdefault(column, len(columns)) for column in zip(*self.rows, strict=True)
        ]
        runs = [
            place
            for place, number in enumerate(of_class)
            if place == 0 or number != of_class[place - 1]
        ]
        starts = tuple(self.classes.starts[place] for place in runs)
        classes = tuple(of_class[place] for place in runs)
        accepts = tuple(
            tuple(sorted(at for at in held if at < self.code.accepts)) for held in self.held
        )
        return Dfa(self.begin, starts, classes, tuple(zip(*columns, strict=True)), accepts)
