"""Levels of room: what leads to each, what each allows, and that none flaps."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.runtime.spool.ballast import Ballast, record_disk
from roteiro.runtime.spool.space import (
    ALLOWED,
    BALLAST,
    MIB,
    NAMES,
    PIECES,
    RESERVE,
    Cause,
    Level,
    Load,
    Space,
    budget_of,
)
from roteiro.runtime.world import Room, SystemDisk

GIB = 1024 * MIB
LARGE = 100 * GIB
LOAD = Load(arriving=10 * MIB, largest=30 * MIB)
AHEAD = 60 * MIB
"""1.5 times what arrives and one object more."""

rooms = st.builds(
    Room,
    free=st.integers(0, 2 * GIB),
    size=st.just(LARGE),
    names=st.one_of(st.none(), st.integers(0, 3 * NAMES)),
    most_names=st.just(1_000_000),
    read_only=st.booleans(),
)


def room(free: int, *, names: int = 1_000_000, size: int = LARGE, read_only: bool = False) -> Room:
    return Room(free, size, names, 1_000_000, read_only)


def space_at(*found: Room) -> Space:
    space = Space(0.0)
    for now, each in enumerate(found, 1):
        space.measured(each, LOAD, 0, float(now))
    return space


@pytest.mark.parametrize(
    ("found", "level", "cause"),
    [
        (room(GIB), Level.OPEN, Cause.NOTHING),
        (room(RESERVE + AHEAD), Level.OPEN, Cause.NOTHING),
        (room(RESERVE + AHEAD - 1), Level.TIGHT, Cause.BYTES),
        (room(RESERVE), Level.TIGHT, Cause.BYTES),
        (room(RESERVE - 1), Level.FULL, Cause.BYTES),
        (room(0), Level.FULL, Cause.BYTES),
        (room(GIB, names=NAMES * 3 // 2), Level.OPEN, Cause.NOTHING),
        (room(GIB, names=NAMES * 3 // 2 - 1), Level.TIGHT, Cause.NAMES),
        (room(GIB, names=NAMES - 1), Level.FULL, Cause.NAMES),
        (room(GIB, read_only=True), Level.STUCK, Cause.READ_ONLY),
        (Room(GIB, LARGE), Level.OPEN, Cause.NOTHING),
    ],
)
def test_what_leads_to_a_level(found: Room, level: Level, cause: Cause) -> None:
    report = space_at(found).report
    assert (report.level, report.cause) == (level, cause)


def test_each_level_allows_less_than_the_one_before() -> None:
    steps = [ALLOWED[level] for level in sorted(Level)]
    counts = [(each.associations, each.objects, each.deliveries).count(True) for each in steps]
    assert counts == [3, 2, 1, 0]
    assert ALLOWED[Level.FULL].deliveries  # what is full must drain


@given(rooms, rooms, rooms)
def test_room_for_more_never_leads_to_less(before: Room, one: Room, other: Room) -> None:
    less, more = sorted((one.free, other.free))
    poor, rich = space_at(before, room(less)), space_at(before, room(more))
    assert rich.report.level <= poor.report.level


@given(st.lists(rooms, max_size=8), st.integers(0, 2 * GIB))
def test_a_level_is_left_later_than_it_is_entered(history: list[Room], free: int) -> None:
    space = space_at(*history, room(free))
    for _ in range(3):  # as much more as one object takes, and less again: no yes and no in turn
        before = space.report.level
        space.measured(room(free + RESERVE // 8), LOAD, 0, 9.0)
        higher = space.report.level
        space.measured(room(free), LOAD, 0, 9.0)
        assert (before, higher, space.report.level) != (before, before - 1, before)
        assert space.report.level <= max(before, higher)


def test_a_level_tells_since_when() -> None:
    space = space_at(room(GIB), room(0), room(5), room(6))
    assert (space.report.since, space.report.room.free) == (2.0, 6)


def test_records_that_fail_stop_everything_until_one_is_kept() -> None:
    space = space_at(room(GIB))
    space.refused(7.0)
    assert (space.report.level, space.report.cause) == (Level.STUCK, Cause.RECORDS)
    space.measured(room(GIB), LOAD, 0, 8.0)
    assert not space.allowed.deliveries
    space.recorded()
    space.measured(room(GIB), LOAD, 0, 9.0)
    assert space.report.level is Level.OPEN


def test_an_index_that_is_not_sound_is_told_from_a_record_that_failed() -> None:
    space = space_at(room(GIB))
    space.refused(7.0)
    space.refused(8.0, unsound=True)
    assert (space.report.level, space.report.cause) == (Level.STUCK, Cause.INDEX)
    assert space.report.since == 7.0
    space.measured(room(GIB), LOAD, 0, 9.0)
    assert (space.report.cause, space.allowed.deliveries) == (Cause.INDEX, False)
    space.measured(room(GIB, read_only=True), LOAD, 0, 10.0)
    assert space.report.cause is Cause.READ_ONLY  # to be mended first


@pytest.mark.parametrize(
    ("size", "reserve", "ballast"),
    [
        (LARGE, RESERVE, BALLAST),
        (200 * MIB, 20 * MIB, 5 * MIB),
        (16 * MIB, 16 * MIB // 10, 0),
        (0, 0, 0),
    ],
)
def test_a_small_disk_keeps_less(size: int, reserve: int, ballast: int) -> None:
    budget = budget_of(Room(0, size, 5000, 5000))
    assert (budget.reserve, budget.ballast, budget.names) == (reserve, ballast, 500)


@given(st.integers(0, 100 * GIB))
def test_an_object_larger_than_the_disk_closes_the_door_not_for_ever(largest: int) -> None:
    space = Space(0.0)
    size = 200 * MIB
    space.measured(Room(0, size), Load(0, largest), 0, 1.0)
    space.measured(Room(size * 9 // 10, size), Load(0, largest), 0, 2.0)
    assert space.report.level is Level.OPEN


def test_ballast_is_wanted_when_there_is_room_to_spare() -> None:
    piece = BALLAST // PIECES
    assert space_at(room(GIB)).pieces_wanted(0) == PIECES
    assert space_at(room(GIB)).pieces_wanted(6) == 2
    assert space_at(room(RESERVE * 5 // 4 + piece)).pieces_wanted(0) == 1
    assert space_at(room(RESERVE - 1)).pieces_wanted(0) == 0
    assert space_at(room(GIB, read_only=True)).pieces_wanted(0) == 0


# --- the ballast ---------------------------------------------------------------------------------


class Small(SystemDisk):
    """A disk on which ballast and records share so many bytes."""

    def __init__(self, size: int) -> None:
        self.size_left = size
        self.taken: dict[Path, int] = {}
        self.opened: dict[int, Path] = {}

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self.opened[handle] = path
        return handle

    def allocate(self, handle: int, length: int) -> None:
        self._take(self.opened[handle], length)

    def write_at(self, handle: int, buffers: object, offset: int) -> int:
        self._take(self.opened[handle], 100)
        return 100

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.taken[new] = self.taken.pop(old, 0)

    def remove(self, path: Path) -> None:
        super().remove(path)
        self.size_left += self.taken.pop(path, 0)

    def _take(self, path: Path, length: int) -> None:
        if self.size_left < length:
            raise OSError(errno.ENOSPC, "full")
        self.size_left -= length
        self.taken[path] = self.taken.get(path, 0) + length


def test_records_find_room_as_long_as_there_is_ballast(tmp_path: Path) -> None:
    disk = Small(1000)
    ballast = Ballast(disk, tmp_path / "ballast")
    ballast.put_by(4, 250)
    assert (ballast.pieces, disk.size_left) == (4, 0)
    records = record_disk(disk, ballast)
    handle = records.create(tmp_path / "record")
    assert [records.write_at(handle, [b"x"], 0) for _ in range(10)] == [100] * 10
    assert ballast.pieces == 0
    with pytest.raises(OSError, match="full") as full:
        records.write_at(handle, [b"x"], 0)
    assert full.value.errno == errno.ENOSPC
    records.close(handle)


def test_only_a_full_disk_costs_ballast(tmp_path: Path) -> None:
    ballast = Ballast(Small(1000), tmp_path / "ballast")
    ballast.put_by(2, 250)

    def broken() -> None:
        raise OSError(errno.EIO, "broken")

    with pytest.raises(OSError, match="broken"):
        ballast.for_record(broken)
    assert ballast.pieces == 2


def test_ballast_is_found_again_and_what_was_not_finished_goes(tmp_path: Path) -> None:
    folder = tmp_path / "ballast"
    Ballast(Small(1000), folder).put_by(3, 100)
    (folder / "7.new").touch()
    again = Ballast(Small(1000), folder)
    again.find(2)
    assert again.pieces == 2
    assert sorted(path.name for path in folder.iterdir()) == ["0", "1"]
    again.put_by(2, 100)
    assert sorted(path.name for path in folder.iterdir()) == ["0", "1", "2", "3"]


def test_half_of_a_ballast_is_kept_when_there_is_no_room_for_more(tmp_path: Path) -> None:
    disk = Small(250)
    ballast = Ballast(disk, tmp_path / "ballast")
    with pytest.raises(OSError, match="full"):
        ballast.put_by(4, 100)
    assert ballast.pieces == 2
    assert sorted(path.name for path in (tmp_path / "ballast").iterdir()) == ["0", "1"]
