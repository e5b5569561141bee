"""Receives and delivers in a loop until it is killed, and says on standard output what was told.

`ack ID NUMBER` after a commit returned; `sent ID TO` before a delivery is settled, `done ID TO`
after that.
"""

import asyncio
import hashlib
import sys
from itertools import count
from pathlib import Path

from roteiro.core.program import Decision, Envelope, Send
from roteiro.runtime.spool.contract import Record, Spool
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World, system_world

SENDERS = 8
ENVELOPE = Envelope("CT1", "ROTEIRO", "127.0.0.1", sop_class="1.2", sop_instance="1.2.3")
DECISION = Decision(
    "route",
    sends=tuple(Send(to, (), "routes.r", ("routes.r",)) for to in ("pacs", "archive")),
)


def content(number: int) -> bytes:
    """Give the bytes of an object by its number; up to 32 KiB."""
    digest = hashlib.sha256(str(number).encode()).digest()
    return digest * (1 + digest[0] * 4)


async def receive(spool: Spool, world: World, numbers: "count[int]") -> None:
    """Commit objects for ever."""
    for number in numbers:
        data = content(number)
        slot = spool.begin()
        for start in range(0, len(data), 4096):
            slot.write(data[start : start + 4096])
        name = await slot.commit(Record(ENVELOPE, DECISION, "sha256:0", world.clock.now()))
        print("ack", name, number, flush=True)


async def deliver(spool: Spool) -> None:
    """Settle every other delivery to the PACS for ever."""
    after = 0
    while True:
        for delivery in spool.owed("pacs", 8, after=after)[::2]:
            print("sent", delivery.object, delivery.to, flush=True)
            await spool.done(delivery.id, "0000")
            print("done", delivery.object, delivery.to, flush=True)
            after = delivery.id
        await asyncio.sleep(0)


async def main(folder: Path, first: int) -> None:
    """Do both at once."""
    world = system_world()
    spool = FileSpool(folder, world)
    await spool.recover()
    print("ready", flush=True)
    numbers = count(first)
    senders = (receive(spool, world, numbers) for _ in range(SENDERS))
    await asyncio.gather(deliver(spool), *senders)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
