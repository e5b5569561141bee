"""What was answered A700 stays away, also when its file cannot be removed at that moment."""

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import Decision
from roteiro.runtime.spool import recover as recover_module
from roteiro.runtime.spool.places import FILES_BEFORE_NEXT_FOLDER, Places
from roteiro.runtime.spool.store import UPKEEP_AGAIN, UPKEEP_DELAY, FileSpool
from roteiro.runtime.spool.sweep import Swept
from roteiro.runtime.spool.withdrawn import mark_of, marked
from roteiro.runtime.world import World
from tests.spool.disks import Dead, Watched
from tests.spool.samples import DROP, content, fetch, keep, route, run

DECISIONS = (route("pacs"), DROP)
NAMES = st.text("0123456789abcdef", min_size=32, max_size=32)


class Refusing:
    """Folders that cannot be synced and operations that fail, below `objects` and `ledger`."""

    def __init__(self, folder: Path) -> None:
        self.below = tuple(str(folder / name) + os.sep for name in ("objects", "ledger"))
        self.operations: Sequence[str] = ()
        self.marks = True
        self.died = False

    def __call__(self, operation: str, path: Path | None) -> None:
        if self.died:
            raise Dead
        inside = str(path).startswith(self.below)
        marking = operation == "create" and str(path).endswith(".withdrawn")
        if (inside and operation in self.operations) or (marking and not self.marks):
            raise OSError(errno.EIO, "no")


def lying(folder: Path, *places: str) -> list[Path]:
    return [
        path
        for place in places or ("objects", "ledger")
        for path in (folder / place).rglob("*")
        if path.is_file()
    ]


async def refused(spool: FileSpool, fault: Refusing, decision: Decision) -> None:
    """Offer an object whose folder cannot be synced, nor its file removed."""
    fault.operations = ("sync_folder", "remove")
    with pytest.raises(OSError, match="no"):
        await keep(spool, content(1), decision)


def played(folder: Path, play: Callable[[World, Refusing], object]) -> Watched:
    disk, fault = Watched(), Refusing(folder)
    disk.before = fault
    run(lambda world: play(world, fault), disk)  # type: ignore[arg-type,return-value]
    return disk


@pytest.mark.parametrize("decision", DECISIONS, ids=["routed", "dropped"])
def test_what_could_not_be_removed_is_removed_while_the_router_runs(
    decision: Decision, in_memory: Path
) -> None:
    async def main(world: World, fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        await refused(spool, fault, decision)
        assert len(lying(in_memory)) == 1
        await asyncio.sleep(2 * UPKEEP_DELAY)
        assert len(lying(in_memory)) == 1
        fault.operations = ()
        await asyncio.sleep(UPKEEP_AGAIN + 2 * UPKEEP_DELAY)
        assert lying(in_memory, "objects", "ledger", "tmp") == []
        assert not spool._withdrawn
        await spool.close()

    played(in_memory, main)


@pytest.mark.parametrize("decision", DECISIONS, ids=["routed", "dropped"])
@pytest.mark.parametrize("index_lost", [False, True])
def test_a_mark_has_the_next_start_remove_it(
    decision: Decision, *, index_lost: bool, in_memory: Path
) -> None:
    async def first(world: World, fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        await keep(spool, content(2), route("archive"), sop_instance="1.2")
        await refused(spool, fault, decision)
        await spool.close()

    async def second(world: World, _fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        recovery = await spool.recover()
        assert (recovery.adopted, recovery.removed) == (int(index_lost), 1)
        assert [delivery.to for delivery in spool.deliveries()] == ["archive"]
        assert lying(in_memory, "tmp") == []
        assert len(lying(in_memory)) == 1
        await spool.close()

    played(in_memory, first)
    assert len(lying(in_memory)) == 2
    if index_lost:
        (in_memory / "index" / "index.sqlite3").unlink()
    played(in_memory, second)


def test_a_start_that_cannot_remove_it_does_not_adopt_it(in_memory: Path) -> None:
    async def first(world: World, fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        await refused(spool, fault, route("pacs"))
        await spool.close()

    async def second(world: World, fault: Refusing) -> None:
        fault.operations = ("remove",)
        spool = FileSpool(in_memory, world)
        assert (await spool.recover()).adopted == 0
        assert spool.deliveries() == []
        fault.operations = ()
        await asyncio.sleep(2 * UPKEEP_DELAY)
        assert lying(in_memory, "objects", "tmp") == []
        await spool.close()

    played(in_memory, first)
    played(in_memory, second)


def test_a_sweep_leaves_it_alone(in_memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recover_module.recover, "__defaults__", (1,))

    async def first(world: World, fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        await refused(spool, fault, route("pacs"))
        fault.operations = ("remove",)
        spool._parts.next_sequence += 2 * FILES_BEFORE_NEXT_FOLDER
        await keep(spool, content(2), route("archive"), sop_instance="1.2")
        await spool.close()

    async def second(world: World, fault: Refusing) -> None:
        fault.operations = ("remove",)
        spool = FileSpool(in_memory, world)
        swept: asyncio.Future[Swept] = asyncio.get_running_loop().create_future()
        spool.swept = swept.set_result
        assert (await spool.recover()).later
        assert (await swept).adopted == 0
        assert [delivery.to for delivery in spool.deliveries()] == ["archive"]
        await spool.close()

    played(in_memory, first)
    assert len(lying(in_memory)) == 2
    played(in_memory, second)


def test_what_can_be_neither_removed_nor_marked_is_adopted(in_memory: Path) -> None:
    """The page on the spool says so: nobody can tell it from what a crash left."""

    async def first(world: World, fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        fault.marks = False
        await refused(spool, fault, route("pacs"))
        await spool.close()

    async def second(world: World, _fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        assert (await spool.recover()).adopted == 1
        (delivery,) = spool.deliveries()
        assert await fetch(spool, delivery.object) == content(1)
        await spool.close()

    played(in_memory, first)
    played(in_memory, second)


def test_a_mark_on_an_object_that_the_index_knows_takes_nothing(in_memory: Path) -> None:
    async def main(world: World, _fault: Refusing) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        name = await keep(spool, content(1), route("pacs"))
        await spool.close()
        places = Places(in_memory)
        mark_of(places, places.object(name)).touch()
        spool = FileSpool(in_memory, world)
        recovery = await spool.recover()
        assert (recovery.removed, recovery.missing) == (0, 0)
        assert await fetch(spool, name) == content(1)
        assert lying(in_memory, "tmp") == []
        await spool.close()

    played(in_memory, main)


def test_half_an_object_that_cannot_be_removed_goes_later(in_memory: Path) -> None:
    async def main(world: World, fault: Refusing) -> None:
        fault.below = (str(in_memory / "tmp") + os.sep,)
        spool = FileSpool(in_memory, world)
        await spool.recover()
        slot = spool.begin()
        slot.write(content(1))
        fault.operations = ("remove",)
        slot.abort()
        assert len(lying(in_memory, "tmp")) == 1
        fault.operations = ()
        await asyncio.sleep(2 * UPKEEP_DELAY)
        assert lying(in_memory, "tmp") == []
        await spool.close()

    played(in_memory, main)


@given(parent=st.sampled_from(["objects", "ledger"]), name=NAMES, others=st.lists(st.text()))
def test_marks_say_what_they_were_made_of(parent: str, name: str, others: list[str]) -> None:
    places = Places(Path("/spool"))
    path = places.folder / parent / name[:2] / name
    found = marked(places, [mark_of(places, path).name, name, *others])
    assert found.count(path) == 1
    assert len(found) == 1 + len(marked(places, others))


@given(st.lists(st.one_of(NAMES, st.text())))
def test_no_other_name_is_a_mark(names: list[str]) -> None:
    ours = [name for name in names if name.startswith(("objects.", "ledger."))]
    assert len(marked(Places(Path("/spool")), names)) <= len(ours)
