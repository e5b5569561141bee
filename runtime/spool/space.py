"""How much room there is on the spool's disk, and what may still be done. Sans-I/O.

Four levels. What each allows is a table; what leads to each is measured (bytes and names that are
left, a file system that became read-only) or learnt (a record that could not be kept). A level is
left later than it is entered, so that a disk at the edge does not make us say yes and no in turn.

The reserve is what no object is given: records of what was delivered, notes and the index go into
it, without which no file may go, so that a disk full to the last byte would stay full. Others may
take it all the same; so there is the ballast beside it, files of nothing, which are let go one by
one when a record finds no room.
"""

from dataclasses import dataclass
from enum import IntEnum

from roteiro.runtime.world import Room

MIB = 1024 * 1024
RESERVE = 256 * MIB
BALLAST = 64 * MIB
PIECES = 8
"""Files of the ballast: each also stands for a name that can be made in its place."""
LEAST_PIECE = 64 * 1024
"""Below this a file system is too small for a ballast."""
NAMES = 10_000
"""Names that no object is given."""
PART = 10
"""On a small disk the reserve is one of so many parts."""
FEW_NAMES = 16
"""Names that a start needs: the index's log and its map, the control socket, the lock."""
AHEAD = 1.5
"""Times the objects that are arriving, and one more, for which there is room at an association."""
BACK = 1.25
"""Times what a level begins below, to leave it."""


class Level(IntEnum):
    """How far the router goes, from all to nothing."""

    OPEN = 0
    TIGHT = 1
    FULL = 2
    STUCK = 3


class Cause(IntEnum):
    """What is missing."""

    NOTHING = 0
    BYTES = 1
    NAMES = 2
    READ_ONLY = 3
    """The file system takes no change."""
    RECORDS = 4
    """A record could not be kept, for whatever reason."""
    INDEX = 5
    """The index cannot be relied on any more: only a start makes it again."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a level lets happen."""

    associations: bool
    objects: bool
    deliveries: bool
    """A delivery that cannot be recorded would be repeated, for ever: it is not begun."""


ALLOWED = {
    Level.OPEN: Allowed(associations=True, objects=True, deliveries=True),
    Level.TIGHT: Allowed(associations=False, objects=True, deliveries=True),
    Level.FULL: Allowed(associations=False, objects=False, deliveries=True),
    Level.STUCK: Allowed(associations=False, objects=False, deliveries=False),
}


@dataclass(frozen=True, slots=True)
class Budget:
    """What is kept free on a file system of this size."""

    reserve: int
    ballast: int
    names: int

    @property
    def piece(self) -> int:
        """Bytes of one file of the ballast; 0 when there is none."""
        return self.ballast // PIECES


def budget_of(room: Room) -> Budget:
    """Give the budget of a file system: all of it on a large one, parts on a small one."""
    reserve = min(RESERVE, room.size // PART)
    ballast = min(BALLAST, reserve // 4)
    names = 0 if room.most_names is None else min(NAMES, room.most_names // PART)
    return Budget(reserve, ballast if ballast // PIECES >= LEAST_PIECE else 0, names)


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in."""

    arriving: int = 0
    """Bytes of objects that are not complete."""
    largest: int = 0
    """Bytes of the largest object so far."""


@dataclass(frozen=True, slots=True)
class Report:
    """Where the disk stands, for `status` and the log."""

    level: Level
    cause: Cause
    since: float
    """Seconds since 1970, UTC; of the level."""
    room: Room
    budget: Budget
    ballast: int
    """Bytes of it that are on the disk."""


class Space:
    """See the module. Times are told; every method says nothing and changes `report`."""

    def __init__(self, now: float) -> None:
        self.report = Report(Level.OPEN, Cause.NOTHING, now, Room(0, 0), Budget(0, 0, 0), ballast=0)
        self._refused = False
        """Whether the last record could not be kept."""
        self._unsound = False

    @property
    def allowed(self) -> Allowed:
        """What may be done now."""
        return ALLOWED[self.report.level]

    def measured(self, room: Room, load: Load, pieces: int, now: float) -> None:
        """Learn what is left, what comes in, and how many files of the ballast there are."""
        budget = budget_of(room)
        level, cause = self._judged(room, budget, load)
        self._set(Report(level, cause, now, room, budget, pieces * budget.piece))

    def refused(self, now: float, *, unsound: bool = False) -> None:
        """Learn that a record could not be kept, and that no ballast helped.

        `unsound` when that is because of the index, which does not get well by itself.
        """
        self._refused, self._unsound = True, unsound
        self._set(_at(self.report, Level.STUCK, self._stuck_by(self.report.room), now))

    def recorded(self) -> None:
        """Learn that a record was kept: the next measure says how far we go."""
        self._refused = False

    @property
    def stuck(self) -> bool:
        """Whether records are to be tried, to see whether they can be kept again."""
        return self._refused

    def pieces_wanted(self, pieces: int) -> int:
        """Say how many files of the ballast may be made now."""
        report, piece = self.report, self.report.budget.piece
        if not piece or report.level >= Level.FULL:
            return 0
        spare = report.room.free - int(report.budget.reserve * BACK)
        return max(0, min(PIECES - pieces, spare // piece))

    def _judged(self, room: Room, budget: Budget, load: Load) -> tuple[Level, Cause]:
        if room.read_only or self._refused:
            return Level.STUCK, self._stuck_by(room)
        for level in (Level.FULL, Level.TIGHT):
            cause = _lack(room, budget, load, level, was=self.report.level)
            if cause is not Cause.NOTHING:
                return level, cause
        return Level.OPEN, Cause.NOTHING

    def _stuck_by(self, room: Room) -> Cause:
        if room.read_only:
            return Cause.READ_ONLY
        return Cause.INDEX if self._unsound else Cause.RECORDS

    def _set(self, report: Report) -> None:
        same = report.level is self.report.level
        self.report = _at(report, report.level, report.cause, self.report.since) if same else report


def _lack(room: Room, budget: Budget, load: Load, level: Level, was: Level) -> Cause:
    """Say what is missing for staying above a level; what is missing once is asked back amply."""
    amply = BACK if was >= level else 1.0
    if room.free < _bytes_below(budget, load, level) * amply:
        return Cause.BYTES
    names = budget.names * (AHEAD if level is Level.TIGHT else 1.0)
    if room.names is not None and room.names < names * amply:
        return Cause.NAMES
    return Cause.NOTHING


def _bytes_below(budget: Budget, load: Load, level: Level) -> float:
    """Say below how many free bytes a level begins."""
    if level is Level.FULL:
        return budget.reserve
    ahead = AHEAD * (load.arriving + load.largest)
    # one object that is larger than a small disk must not close the door for ever
    return budget.reserve + min(ahead, budget.reserve * PART / 4)


def _at(report: Report, level: Level, cause: Cause, since: float) -> Report:
    return Report(level, cause, since, report.room, report.budget, report.ballast)
