"""Objects leave room on the disk for the records that make room."""

import errno
from pathlib import Path

import pytest

from roteiro.runtime.spool.space import RESERVE, Level
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import Room, World
from tests.spool.disks import Watched
from tests.spool.samples import content, fetch, keep, route, run

LARGE = 100 * RESERVE


class Shrinking(Watched):
    """A real disk that says how much is free, and that is large."""

    left = LARGE

    def measure(self, folder: Path) -> Room:
        assert folder.is_dir()
        return Room(self.left, LARGE, 1_000_000, 1_000_000)


def objects(folder: Path) -> list[Path]:
    return [path for path in (folder / "objects").rglob("*") if path.is_file()]


def test_the_last_bytes_are_not_for_objects(in_memory: Path) -> None:
    disk = Shrinking()

    async def main(world: World) -> None:
        spool = FileSpool(in_memory, world)
        await spool.recover()
        name = await keep(spool, content(1), route("pacs"))
        slot = spool.begin()
        slot.write(content(2))
        disk.left = RESERVE - 1
        await sleep(world.clock, 1.1)
        with pytest.raises(OSError, match="kept for records") as wrong:
            slot.write(content(3))
        assert wrong.value.errno == errno.ENOSPC
        with pytest.raises(OSError, match="kept for records"):
            spool.begin()
        assert spool.room.report.level is Level.FULL
        assert list((in_memory / "tmp").iterdir()) == []
        assert disk.handles == 0
        # what was acknowledged is delivered, and makes room
        assert await fetch(spool, name) == content(1)
        (delivery,) = spool.owed("pacs", 9)
        await spool.done(delivery.id, "0x0000")
        await sleep(world.clock, 2.0)
        assert not objects(in_memory)
        disk.left = 2 * RESERVE
        await sleep(world.clock, 1.1)
        await keep(spool, content(4), route("pacs"))
        await spool.close()

    run(main, disk)
