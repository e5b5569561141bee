"""A large spool is used before all of its files were looked at, and nothing is judged too early."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from roteiro.runtime.spool import index as index_module
from roteiro.runtime.spool import recover as recover_module
from roteiro.runtime.spool.contract import DeliveryState, Recovery
from roteiro.runtime.spool.places import FILES_BEFORE_NEXT_FOLDER
from roteiro.runtime.spool.space import Cause, Level
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.spool.sweep import Swept
from roteiro.runtime.world import World
from tests.spool.disks import Watched
from tests.spool.samples import content, fetch, keep, route, run

LONG = 10.0


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recover_module, "LARGE", 1)
    monkeypatch.setattr(recover_module.recover, "__defaults__", (1,))


async def opened(folder: Path, world: World) -> tuple[FileSpool, Recovery, asyncio.Future[Swept]]:
    spool = FileSpool(folder, world)
    swept: asyncio.Future[Swept] = asyncio.get_running_loop().create_future()
    spool.swept = swept.set_result
    return spool, await spool.recover(), swept


async def some(folder: Path, world: World, count: int = 3) -> list[str]:
    """Keep some objects whose numbers are far apart, so that each has a sub-folder of its own."""
    spool = FileSpool(folder, world)
    await spool.recover()
    names = []
    for number in range(count):
        names.append(await keep(spool, content(number), route("pacs"), sop_instance=f"1.{number}"))
        parts = spool._parts
        parts.next_sequence += 2 * FILES_BEFORE_NEXT_FOLDER
    await spool.close()
    return names


def place(folder: Path, name: str) -> Path:
    return folder / "objects" / name[:2] / name


def test_a_start_looks_at_the_latest_folder_and_the_rest_follows(in_memory: Path) -> None:
    async def main(world: World) -> None:
        names = await some(in_memory, world)
        for name in names[:2]:
            place(in_memory, name).unlink()
        spool, recovery, swept = await opened(in_memory, world)
        assert (recovery.later, recovery.objects, recovery.missing) == (True, 3, 0)
        assert len(spool.owed("pacs", 9)) == 3
        assert (await swept).missing == 2
        assert [item.state for item in spool.deliveries(to="pacs")] == [
            DeliveryState.HELD,
            DeliveryState.HELD,
            DeliveryState.WAITING,
        ]
        await spool.close()

    run(main)


def test_what_is_under_way_is_neither_unknown_nor_missing(in_memory: Path) -> None:
    """Objects come and go while folders are read, of which some lie in the very same folder."""

    async def main(world: World) -> None:
        await some(in_memory, world)
        spool, _, swept = await opened(in_memory, world)
        fresh = await asyncio.gather(
            *(keep(spool, content(n), route("pacs"), sop_instance=f"2.{n}") for n in range(9, 29))
        )
        for delivery in spool.owed("pacs", 10):
            await spool.done(delivery.id, "0000")
        found = await swept
        assert (found.adopted, found.missing, found.damaged) == (0, 0, 0)
        states = [item.state for item in spool.deliveries(to="pacs")]
        assert states.count(DeliveryState.WAITING) == 13
        assert DeliveryState.HELD not in states
        assert await fetch(spool, fresh[-1]) == content(28)
        await spool.close()

    run(main)


def test_files_that_were_put_back_are_adopted_under_free_numbers(in_memory: Path) -> None:
    async def main(world: World) -> None:
        (first, *_) = await some(in_memory, world)
        kept = place(in_memory, first).read_bytes()
        spool, _, swept = await opened(in_memory, world)
        await swept
        (delivery, *_) = spool.owed("pacs", 9)
        await spool.done(delivery.id, "0000")
        await asyncio.sleep(2.0)
        await spool.close()
        twin = first[:-4] + "beef"
        place(in_memory, twin).write_bytes(kept)
        spool, recovery, swept = await opened(in_memory, world)
        assert recovery.adopted == 0
        newest = await keep(spool, content(50), route("pacs"), sop_instance="3.1")
        found = await swept
        assert (found.adopted, found.destinations) == (1, {"pacs"})
        ids = [item.id for item in spool.deliveries()]
        assert len(ids) == len(set(ids))
        assert await fetch(spool, twin) == content(0)
        assert await fetch(spool, newest) == content(50)
        await spool.close()

    run(main)


def test_what_a_kill_left_behind_is_adopted_before_anything_comes(in_memory: Path) -> None:
    """A file got its name and the index did not hear of it: it lies where the next one goes."""

    async def main(world: World) -> None:
        names = await some(in_memory, world)
        index = (in_memory / "index" / "index.sqlite3").read_bytes()
        spool, _, swept = await opened(in_memory, world)
        await swept
        late = await keep(spool, content(70), route("pacs"), sop_instance="4.1")
        await spool.close()
        (in_memory / "index" / "index.sqlite3").write_bytes(index)
        spool, recovery, swept = await opened(in_memory, world)
        assert (recovery.later, recovery.adopted, recovery.objects) == (True, 1, len(names) + 1)
        assert [item.object for item in spool.owed("pacs", 9)][-1] == late
        assert (await swept).adopted == 0
        await spool.close()

    run(main)


def test_a_damaged_file_is_set_aside_and_a_foreign_one_stays(in_memory: Path) -> None:
    async def main(world: World) -> None:
        first, second, _ = await some(in_memory, world)
        bad, foreign = first[:-4] + "dead", second[:-4] + "f0e1"
        place(in_memory, bad).write_bytes(b"no object")
        other = bytearray(place(in_memory, second).read_bytes())
        other[8] = 99
        other[56:64] = hashlib.sha256(bytes(other[:56])).digest()[:8]
        place(in_memory, foreign).write_bytes(bytes(other))
        spool, _, swept = await opened(in_memory, world)
        found = await swept
        assert (found.damaged, found.foreign, found.adopted) == (1, 1, 0)
        assert (in_memory / "corrupt" / bad).exists()
        assert place(in_memory, foreign).exists()
        await spool.close()

    run(main)


def test_an_index_that_fails_its_check_takes_nothing_more_and_is_made_again(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "CHECKED_AT_START", 0)

    async def main(world: World) -> None:
        names = await some(in_memory, world)
        spool, _, swept = await opened(in_memory, world)
        monkeypatch.setattr("roteiro.runtime.spool.sweep.CHECK", "SELECT 'damaged'")
        assert not (await swept).sound
        with pytest.raises(OSError, match="the index is not sound"):
            await keep(spool, content(80), route("pacs"), sop_instance="5.1")
        with pytest.raises(OSError, match="the index is not sound"):
            await spool.open(names[0])
        assert spool.room.report.level is Level.STUCK
        assert spool.room.report.cause is Cause.INDEX
        with pytest.raises(OSError, match="earlier commit failed"):
            await spool.close()
        spool, recovery, _ = await opened(in_memory, world)
        assert (recovery.rebuilt, recovery.objects) == (True, 3)
        await spool.close()

    run(main)


def test_a_stop_ends_it(in_memory: Path) -> None:
    disk = Watched()

    async def main(world: World) -> None:
        await some(in_memory, world)
        spool, _, swept = await opened(in_memory, world)
        await asyncio.sleep(0)
        await spool.close()
        assert not swept.done()
        assert disk.handles == 0

    run(main, disk)
