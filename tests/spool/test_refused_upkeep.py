"""A file that cannot be removed now is removed later, also when nothing more is delivered."""

import asyncio
import errno
from dataclasses import replace
from pathlib import Path

import pytest

from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.disks import Failing, Watched, failing
from tests.spool.samples import content, keep, route, run


@pytest.mark.parametrize("operation", ["remove", "sync_folder"])
def test_a_removal_that_is_refused_is_tried_again(operation: str, in_memory: Path) -> None:
    disk = Watched()

    async def main(world: World) -> None:
        spool = FileSpool(in_memory / "spool", replace(world, disk=disk))
        await spool.recover()
        await keep(spool, content(1), route("pacs"))
        (delivery,) = spool.owed("pacs", 10)
        with failing(disk, Failing([operation], 0, errno.EIO, for_good=True)) as fault:
            await spool.done(delivery.id, "0x0000")
            await asyncio.sleep(5.0)
        assert fault.happened
        await asyncio.sleep(120.0)
        objects = (in_memory / "spool" / "objects").rglob("*")
        assert [path for path in objects if path.is_file()] == []
        assert spool.deliveries(state=DeliveryState.WAITING) == []
        await spool.close()

    run(main)
