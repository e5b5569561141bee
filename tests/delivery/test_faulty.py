"""Faults of our own, and the death of the process, in handling one object (F21)."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from roteiro.runtime.delivery.marks import BOOT, TIMES, Marks
from roteiro.runtime.events import DeliveryHeld, DestinationWaiting, Fault
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.world import SystemDisk, World
from tests.delivery.parts import MemoryObject, MemorySpool, Router, node
from tests.virtual import run

POISON = "1.2.3.1"


def poison(uid: str) -> int | Exception:
    return ValueError("a bug") if uid == POISON else 0


def test_an_object_that_we_cannot_handle_is_held_and_the_others_go_on():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = poison
        router.dispatcher.start()
        router.arrive(50)
        await asyncio.sleep(4)
        assert len(router.peer.taken) == 49, "before the poison was tried a second time"
        await asyncio.sleep(60)
        assert sum(uid == POISON for _, _, uid in router.peer.stored) == TIMES
        assert router.spool.all[1].state is DeliveryState.HELD
        assert router.spool.all[1].reason.startswith("faulty: 3 times an error of our own (ValueE")
        assert [each.delivery for each in router.told(DeliveryHeld)] == [1]
        assert len(router.told(Fault)) == TIMES
        assert router.told(DestinationWaiting) == []

    run(main)


def test_the_count_begins_anew_when_a_person_tries_it_again():
    async def main(world: World) -> None:
        router = Router(world)
        answers = iter([ValueError(), ValueError(), ValueError(), ValueError(), 0])
        router.peer.answer = lambda _: next(answers)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(60)
        held = router.spool.all[1]
        router.spool.all[1] = replace(held, state=DeliveryState.WAITING, reason="")
        router.dispatcher.kick("pacs")
        await asyncio.sleep(60)
        assert router.peer.taken == [POISON]

    run(main)


def test_an_answer_ends_the_count():
    async def main(world: World) -> None:
        router = Router(world)
        answers = iter([ValueError(), ValueError(), 0xA700, ValueError(), ValueError(), 0])
        router.peer.answer = lambda _: next(answers)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(300)
        assert router.peer.taken == [POISON]

    run(main)


def test_when_no_object_can_be_handled_it_is_the_destination_that_waits():
    async def main(world: World) -> None:
        router = Router(world, node(), node("vna"))
        router.peers["pacs"].answer = lambda _: ValueError("a bug")
        router.dispatcher.start()
        router.arrive(1000)
        router.arrive(5, to="vna")
        await asyncio.sleep(600)
        waiting = router.told(DestinationWaiting)
        assert {each.to for each in waiting} == {"pacs"}
        assert waiting[0].reason == "an error of our own (ValueError)"
        assert router.spool.count(DeliveryState.HELD) < 30
        assert len(router.peers["vna"].taken) == 5

    run(main)


class Stuck(MemorySpool):
    """Never gives an object."""

    async def open(self, object_id: str) -> MemoryObject:
        await asyncio.Event().wait()
        raise AssertionError(object_id)


def test_what_we_end_in_the_middle_counts_nothing():
    async def main(world: World) -> None:
        marks = Marks()
        router = Router(world, spool=Stuck(world), marks=marks)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(1)
        assert marks.working == 1
        await router.dispatcher.stop(1.0)
        assert (marks.working, marks.suspects()) == (0, ())

    run(main)


# --- marks --------------------------------------------------------------------------------------


class Booted(SystemDisk):
    """A disk of a machine that was started as often as `boots` says."""

    boots = 0

    def open(self, path: Path, *, write: bool = False) -> int:
        if path == BOOT:
            path = self.folder / f"boot {self.boots}"
            path.write_text(f"{self.boots:036}\n")
        return super().open(path, write=write)

    def __init__(self, folder: Path) -> None:
        self.folder = folder


def opened(disk: SystemDisk | None, path: Path) -> Marks:
    marks = Marks(disk)
    marks.open(path)
    return marks


def test_what_was_in_work_at_a_death_is_counted_until_it_was_handled(tmp_path: Path) -> None:
    disk, path = Booted(tmp_path), tmp_path / "work"
    marks = opened(disk, path)
    for number in (7, 8, 9):
        assert marks.begin(number)
    marks.answered(8)
    marks.recorded(8)
    marks.end(9)
    marks = opened(disk, path)  # the process before died
    assert marks.suspects() == ((7, 1),)
    assert marks.begin(7)
    assert marks.begin(8)
    marks = opened(disk, path)
    assert marks.suspects() == ((7, 2), (8, 1))
    marks.close()
    marks = opened(disk, path)  # it died while nothing was in work
    assert marks.suspects() == ((7, 2), (8, 1))
    marks.begin(8)
    marks.end(8)  # its association ended: nobody knows
    marks.begin(7)
    marks.clear(7)
    marks = opened(disk, path)
    assert (marks.suspects(), marks.interrupted) == (((8, 1),), ())


def test_what_nobody_lived_to_record_is_in_doubt(tmp_path: Path) -> None:
    disk, path = Booted(tmp_path), tmp_path / "work"
    marks = opened(disk, path)
    for number in (7, 8, 9):
        marks.begin(number)
    marks.answered(8)
    marks.end(8)
    marks.answered(9)
    marks.recorded(9)
    disk.boots += 1
    marks = opened(disk, path)
    assert (marks.interrupted, marks.suspects()) == ((7, 8), ()), "of another boot as well"
    assert opened(disk, path).interrupted == ()


def test_the_end_of_the_machine_is_no_objects_doing(tmp_path: Path) -> None:
    disk, path = Booted(tmp_path), tmp_path / "work"
    opened(disk, path).begin(7)
    opened(disk, path).begin(7)
    disk.boots += 1
    assert opened(disk, path).suspects() == ((7, 1),)


def test_of_those_that_were_there_twice_one_is_handled_at_a_time(tmp_path: Path) -> None:
    """So what only stood beside the killer is not held for it."""
    disk, path = Booted(tmp_path), tmp_path / "work"
    for _ in range(2):
        marks = opened(disk, path)
        assert [marks.begin(number) for number in (7, 8, 9)] == [True, True, True]
    marks = opened(disk, path)
    assert [marks.begin(number) for number in (7, 8, 9, 10)] == [True, False, False, True]
    marks.clear(7)
    assert [marks.begin(number) for number in (8, 9)] == [True, False]
    marks = opened(disk, path)
    assert marks.suspects() == ((8, 3), (9, 2), (10, 1))
    assert not marks.begin(8), "not a fourth time, also when it cannot be held now"


@given(st.binary(max_size=300), st.lists(st.integers(1, 2**40), max_size=5, unique=True))
def test_whatever_lies_in_the_file_is_read_or_passed_over(content: bytes, work: list[int]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "work"
        path.write_bytes(content)
        disk = SystemDisk()
        marks = opened(disk, path)
        assert all(times for _, times in marks.suspects())
        known = {number for number, _ in marks.suspects()}
        for number in set(work) - known:
            assert marks.begin(number)
        again = dict(opened(disk, path).suspects())
        assert {number: again.get(number) for number in set(work) - known} == dict.fromkeys(
            set(work) - known, 1
        )


def test_a_disk_that_says_no_keeps_nothing_from_being_sent(tmp_path: Path) -> None:
    marks = opened(SystemDisk(), tmp_path / "none" / "work")
    assert marks.begin(7)
    assert marks.fault(7) == 1
    assert marks.suspects() == ((7, 1),)
