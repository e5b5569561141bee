"""Start on what is left: index lost or broken, files missing, damaged, of another version."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from roteiro.runtime.spool import schema
from roteiro.runtime.spool.contract import Damaged, DeliveryState, SpoolForeign
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.samples import HOLD, content, fetch, keep, route, run

WAITING, HELD, DONE = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE
DATABASE = "index.sqlite3"


async def fill(folder: Path, world: World) -> list[str]:
    """Leave four objects: one half delivered, one with a held delivery, one held, one whole."""
    spool = FileSpool(folder, world)
    await spool.recover()
    names = [await keep(spool, content(number), route("pacs", "archive")) for number in range(3)]
    names.append(await keep(spool, content(3), HOLD))
    first, second, _ = spool.owed("pacs", 9)
    await spool.done(first.id, "0000")
    await spool.hold(second.id, "status 0122")
    await asyncio.sleep(2)
    await spool.close()
    return names


def remove(folder: Path) -> None:
    shutil.rmtree(folder / "index")


def empty(folder: Path) -> None:
    (folder / "index" / DATABASE).write_bytes(b"")


def garbage(folder: Path) -> None:
    (folder / "index" / DATABASE).write_bytes(b"this was never a database" * 1000)


def half(folder: Path) -> None:
    path = folder / "index" / DATABASE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def zeros(folder: Path) -> None:
    path = folder / "index" / DATABASE
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))


def of_the_future(folder: Path) -> None:
    with apsw.Connection(str(folder / "index" / DATABASE)) as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")


def of_another(folder: Path) -> None:
    path = folder / "index" / DATABASE
    path.unlink()
    with apsw.Connection(str(path)) as database:
        database.execute("CREATE TABLE songs (title TEXT)")


def without_a_table(folder: Path) -> None:
    with apsw.Connection(str(folder / "index" / DATABASE)) as database:
        database.execute("DROP TABLE held")


def suspect(folder: Path) -> None:
    (folder / "index" / "suspect").touch()


BREAKS = (
    remove, empty, garbage, half, zeros, of_the_future, of_another, without_a_table, suspect,
)  # fmt: skip


@pytest.mark.parametrize("spoil", BREAKS, ids=lambda spoil: spoil.__name__)
def test_losing_the_index_loses_nothing(spoil: Callable[[Path], None], in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        names = await fill(folder, world)
        spool = FileSpool(folder, world)
        await spool.recover()
        before = (spool.deliveries(), spool.held(), spool.queues())
        await spool.close()
        spoil(folder)
        spool = FileSpool(folder, world)
        found = await spool.recover()
        assert (found.objects, found.adopted, found.rebuilt) == (4, 4, True)
        assert (found.removed, found.damaged, found.missing) == (0, 0, 0)
        assert (spool.deliveries(), spool.held(), spool.queues()) == before
        for number, name in enumerate(names):
            assert await fetch(spool, name) == content(number)
        last = max(item.id for item in spool.deliveries())
        await keep(spool, content(9), route("pacs"))
        assert spool.owed("pacs", 9)[-1].id > last
        await spool.close()
        spool = FileSpool(folder, world)
        found = await spool.recover()
        assert (found.objects, found.adopted, found.rebuilt) == (5, 0, False)
        await spool.close()

    run(main)


def test_a_fresh_spool_is_not_a_rebuilt_one(in_memory: Path) -> None:
    async def main(world: World) -> None:
        for _ in range(2):
            spool = FileSpool(in_memory / "deep" / "spool", world)
            found = await spool.recover()
            assert (found.objects, found.rebuilt) == (0, False)
            await spool.close()

    run(main)


def test_a_missing_file_is_reported_once_and_held_for_a_person(in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        names = await fill(folder, world)
        path = folder / "objects" / names[2][:2] / names[2]
        data = path.read_bytes()
        path.unlink()
        for missing in (1, 0):
            spool = FileSpool(folder, world)
            found = await spool.recover()
            assert (found.objects, found.missing) == (4, missing)
            lost = [item for item in spool.deliveries() if item.object == names[2]]
            assert {(item.state, item.reason) for item in lost} == {(HELD, "the file is missing")}
            with pytest.raises(Damaged):
                await spool.open(names[2])
            await spool.close()
        path.write_bytes(data)  # a person found it
        spool = FileSpool(folder, world)
        await spool.recover()
        assert await fetch(spool, names[2]) == content(2)
        for item in lost:
            await spool.done(item.id, "sent by hand")
        await asyncio.sleep(2)
        assert not path.exists()
        await spool.close()

    run(main)


def test_a_file_that_goes_while_running_is_reported(in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        name = await keep(spool, content(1), route("pacs"))
        (folder / "objects" / name[:2] / name).unlink()
        with pytest.raises(Damaged):
            await spool.open(name)
        assert spool.owed("pacs", 9) == []
        (held,) = spool.deliveries(state=HELD)
        assert held.reason == "the file is missing"
        with pytest.raises(Damaged):
            await spool.open("00" + "f" * 30)
        await spool.close()

    run(main)


@pytest.mark.parametrize("position", [0, 8, 20, 40, 60, -300, -1])
def test_a_damaged_file_is_set_aside_and_never_sent(position: int, in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        bad, good = [await keep(spool, content(number), route("pacs")) for number in (1, 2)]
        path = folder / "objects" / bad[:2] / bad
        data = bytearray(path.read_bytes())
        data[position] ^= 0x10
        path.write_bytes(data)
        with pytest.raises(Damaged):
            await spool.open(bad)
        assert (folder / "corrupt" / bad).read_bytes() == data
        assert [item.object for item in spool.owed("pacs", 9)] == [good]
        assert await fetch(spool, good) == content(2)
        await spool.close()
        remove(folder)
        spool = FileSpool(folder, world)
        assert (await spool.recover()).damaged == 0
        await spool.close()

    run(main)


def test_a_changed_data_set_is_noticed_before_its_last_byte_leaves(in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        name = await keep(spool, content(1), route("pacs"))
        path = folder / "objects" / name[:2] / name
        data = bytearray(path.read_bytes())
        data[64 + 500] ^= 0x01
        path.write_bytes(data)
        stored = await spool.open(name)
        assert await stored.read(0, 2000) != content(1)
        assert not stored.intact()
        stored.close()
        await spool.close()

    run(main)


def test_a_file_of_a_later_version_stops_the_start(in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        (name, *_) = await fill(folder, world)
        path = folder / "objects" / name[:2] / name
        data = path.read_bytes()
        plain = data[:8] + b"\x07\x00" + data[10:56]
        path.write_bytes(plain + hashlib.sha256(plain).digest()[:8] + data[64:])
        spool = FileSpool(folder, world)  # the index knows the file, so it is not read yet
        await spool.recover()
        with pytest.raises(Damaged, match="format version 7"):
            await spool.open(name)
        assert {item.reason for item in spool.deliveries(state=HELD, to="archive")} == {
            "format version 7"
        }
        await spool.close()
        remove(folder)
        for _ in range(2):
            with pytest.raises(SpoolForeign, match="format version 7"):
                await FileSpool(folder, world).recover()
        path.write_bytes(data)
        spool = FileSpool(folder, world)
        assert (await spool.recover()).objects == 4
        await spool.close()

    run(main)


def test_what_a_power_cut_tore_from_the_notes_does_not_spoil_the_next_ones(in_memory: Path) -> None:
    folder = in_memory / "spool"

    async def main(world: World) -> None:
        names = await fill(folder, world)
        path = folder / "objects" / names[1][:2] / names[1]
        path.write_bytes(path.read_bytes() + bytes(100))
        spool = FileSpool(folder, world)
        await spool.recover()
        archive = [item for item in spool.owed("archive", 9) if item.object == names[1]]
        await spool.done(archive[0].id, "B000")
        await asyncio.sleep(2)
        await spool.close()
        remove(folder)
        spool = FileSpool(folder, world)
        await spool.recover()
        found = (*spool.deliveries(), *spool.deliveries(state=DONE))
        states = {item.to: item.state for item in found if item.object == names[1]}
        assert states == {"pacs": HELD, "archive": DONE}
        await spool.close()

    run(main)
