"""How many objects a second does the spool take, and how many share a sync?

10 KiB objects, one destination, 1 to 64 senders that each wait for their answer before the next.
Then questions and restarts with all of them waiting.

Run: `python bench/spool_commit.py [--quick] [FOLDER] [OBJECTS]`
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice, repeat
from pathlib import Path

from roteiro.core.program import Decision, Envelope, Send
from roteiro.runtime.spool.contract import Record
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import SystemDisk, World, system_world

OBJECTS = 4000
FEW = 400
DATA = bytes(range(256)) * 40
RECORD = Record(
    Envelope("CT1", "ROTEIRO", "127.0.0.1", sop_class="1.2.840.10008.5.1.4.1.1.2"),
    Decision("route", sends=(Send("pacs", (), "routes.r", ("routes.r",)),)),
    "sha256:" + "0" * 64,
    0.0,
)


class Counting(SystemDisk):
    """Counts syncs; the index adds one for each group that commits."""

    def __init__(self) -> None:
        self.files = self.folders = 0

    def sync_data(self, handle: int) -> None:
        self.files += 1
        super().sync_data(handle)

    def sync_folder(self, folder: Path) -> None:
        self.folders += 1
        super().sync_folder(folder)


@contextmanager
def timed(what: str, count: int = 1) -> Iterator[None]:
    start = time.perf_counter()
    yield
    passed = time.perf_counter() - start
    print(f"{what:<44}{passed / count * 1000:10.3f} ms {count / passed:12.0f} /s")


async def receive(spool: FileSpool, turns: Iterator[None]) -> None:
    for _ in turns:
        slot = spool.begin()
        slot.write(DATA)
        await slot.commit(RECORD)


async def measure(folder: Path, count: int, world: World, disk: Counting) -> None:
    spool = FileSpool(folder, world)
    await spool.recover()
    for senders in (1, 4, 16, 64):
        disk.files = disk.folders = 0
        turns = islice(repeat(None), count // 4)
        with timed(f"commit, {senders} senders", count // 4):
            await asyncio.gather(*(receive(spool, turns) for _ in range(senders)))
        groups = max(1, disk.folders)
        syncs = disk.files + 2 * groups
        print(f"    {count / 4 / groups:.1f} objects a group, {count / 4 / syncs:.2f} a sync")
    with timed("owed: first 100 of all"):
        owed = spool.owed("pacs", 100)
    with timed("destinations"):
        spool.destinations()
    with timed("open, read, digest, close", 100):
        for delivery in owed:
            stored = await spool.open(delivery.object)
            await stored.read(0, stored.size)
            assert stored.intact()
            stored.close()
    with timed("done", 100):
        for delivery in owed:
            await spool.done(delivery.id, "0000")
    with timed("close"):
        await spool.close()
    for what in ("start", "start without an index"):
        with timed(what):
            spool = FileSpool(folder, world)
            await spool.recover()
        await spool.close()
        shutil.rmtree(folder / "index")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.spool_commit", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{FEW} objects")
    parser.add_argument("folder", nargs="?", help="on the disk that is asked")
    parser.add_argument("objects", nargs="?", type=int)
    said = parser.parse_args()
    count = said.objects or (FEW if said.quick else OBJECTS)
    folder = Path(tempfile.mkdtemp(dir=said.folder))
    disk = Counting()
    world = replace(system_world(), disk=disk)
    try:
        asyncio.run(measure(folder / "spool", count, world, disk))
    finally:
        world.workers.close()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
