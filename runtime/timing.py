"""How long the decisions of a rule file take for some objects, and how much of them is read."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from roteiro.core.program import Encoding, Envelope, Read
from roteiro.runtime.rules import Rules, Subject
from roteiro.runtime.world import Clock

FEWEST, MOST = 5, 10_000
"""Times that each object is decided."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Nanoseconds of a decision, from bytes to the rules that fire; of each object its median."""

    objects: int
    rounds: int
    median: float
    p99: float
    slowest: float
    mean: float

    @property
    def per_second(self) -> float:
        """Decisions a second on one processor."""
        return 1e9 / self.mean


@dataclass(frozen=True, slots=True)
class Reading:
    """What had to be read of the objects."""

    tags: int
    """Looked at, at most."""
    last_tag: int | None
    bytes: int
    """Of the object of which most was read."""
    median_bytes: float


def timing_of(rules: Rules, subjects: Sequence[Subject], seconds: float, clock: Clock) -> Timing:
    """Decide objects in turns for so many seconds; the first turn is not counted."""
    from roteiro.core.measure import decide_each  # noqa: PLC0415  needs the engine

    asked = [_asked(subject) for subject in subjects]
    taken, by_python = (array("q", [0] * len(asked)) for _ in range(2))
    decide_each(rules.matcher, asked, taken, by_python)
    rounds: list[array[int]] = []
    end = clock.monotonic() + seconds
    while len(rounds) < FEWEST or (clock.monotonic() < end and len(rounds) < MOST):
        decide_each(rules.matcher, asked, taken, by_python)
        rounds.append(taken[:])
    each = sorted(median(turn[at] for turn in rounds) for at in range(len(asked)))
    rare = each[min(len(each) - 1, len(each) * 99 // 100)]
    return Timing(len(asked), len(rounds), median(each), rare, each[-1], max(1.0, fmean(each)))


def _asked(subject: Subject) -> tuple[bytes, Encoding, Envelope]:
    return bytes(subject.data), subject.encoding, subject.envelope


def reading_of(reads: Sequence[Read]) -> Reading:
    """Sum up what was read."""
    tags = [read.last_tag for read in reads if read.last_tag is not None]
    sizes = [read.bytes for read in reads]
    return Reading(
        max(read.tags for read in reads), max(tags, default=None), max(sizes), median(sizes)
    )
