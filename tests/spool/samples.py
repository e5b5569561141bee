"""Objects, decisions and worlds that the spool's tests share."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from roteiro.core.program import Decision, Drop, Envelope, Hold, Refuse, Send
from roteiro.runtime.spool.contract import Meeting, Record, Slot, Spool
from roteiro.runtime.world import Disk, World
from tests import virtual
from tests.spool.disks import Watched

Result = TypeVar("Result")

ENVELOPE = Envelope(
    calling_ae="CT1",
    called_ae="ROTEIRO",
    peer="127.0.0.1",
    listener="scanners",
    transfer_syntax="1.2.840.10008.1.2.1",
    sop_class="1.2.840.10008.5.1.4.1.1.2",
    sop_instance="1.2.826.0.1.3680043.8.498.1",
    size=100,
)
RULES = "sha256:" + "0" * 64


def send(to: str) -> Send:
    return Send(to, (), f"routes.{to}", (f"routes.{to}",))


def route(*to: str, holds: Sequence[Hold] = ()) -> Decision:
    return Decision("route", sends=tuple(map(send, to)), holds=tuple(holds), rules=("routes.x",))


HOLD = Decision("hold", hold=Hold("unrouted", "no rule fired"))
DROP = Decision("drop", drop=Drop("a phantom"))
NOTHING = Decision("route", nothing=("known to the archive",))
REFUSE = Decision("refuse", refuse=Refuse(0x0124, "not from there"))


def record(decision: Decision, *, received: float = virtual.EPOCH, **envelope: str) -> Record:
    return Record(replace(ENVELOPE, **envelope), decision, RULES, received)


def content(number: int, size: int = 1000) -> bytes:
    """Give bytes that differ from object to object and from block to block."""
    seed = hashlib.sha256(str(number).encode()).digest()
    return b"".join(
        hashlib.sha256(seed + block.to_bytes(4)).digest() for block in range(size // 32 + 1)
    )[:size]


async def keep(spool: Spool, data: bytes, decision: Decision, **envelope: str) -> str:
    """Put one object into a spool."""
    slot = spool.begin()
    slot.write(data)
    name, _ = await commit(spool, slot, record(decision, **envelope))
    return name


async def commit(spool: Spool, slot: Slot, what: Record) -> tuple[str, Meeting]:
    """Commit and wait until the index knows it; give what it met there, if it does."""
    met: dict[str, Meeting] = {}
    name = await slot.commit(what, met.__setitem__)
    await spool.settled()
    return name, met.get(name, Meeting())


async def fetch(spool: Spool, object_id: str) -> bytes:
    """Read an object in pieces; an altered one is an error."""
    stored = await spool.open(object_id)
    try:
        pieces = [await stored.read(at, 333) for at in range(0, stored.size, 333)]
        assert stored.intact()
    finally:
        stored.close()
    return b"".join(pieces)


def run(
    main: Callable[[World], Awaitable[Result]], disk: Disk | None = None, seed: int = 0
) -> Result:
    """Run on virtual time and a real disk without ballast, or on the one given."""

    async def with_disk(world: World) -> Result:
        return await main(replace(world, disk=disk or Watched()))

    return virtual.run(with_disk, seed)
