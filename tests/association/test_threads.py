"""No thread and no sleep an association, on either side."""

import asyncio
import threading
import time

import pytest

from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.world import system_world
from tests.association.parts import Raw, Stored, drive, sample, serving

MANY = Limits(per_address=200, per_ae=200, unassociated=200)


def test_100_associations_have_no_more_threads_than_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(seconds: float) -> None:
        raise AssertionError(f"somebody sleeps for {seconds} s")

    async def main() -> None:
        world = system_world()
        async with serving(limits=MANY, world=world) as running:
            before = set(threading.enumerate())
            monkeypatch.setattr(time, "sleep", never)
            stored = Stored.of(sample("CT_small.dcm"))
            node = NodeSettings("us", "ROTEIRO", "127.0.0.1", running.port)
            raws = [await Raw.associated(running.port) for _ in range(50)]
            channels = await asyncio.gather(
                *[LoopCarrier(world).connect(node, "SCU", [stored.pair]) for _ in range(50)]
            )
            assert len(running.listener.associations()) == 100
            statuses = await asyncio.gather(*[channel.store(stored) for channel in channels])
            assert set(statuses) == {0}
            assert set(threading.enumerate()) == before
            await asyncio.gather(*[channel.release() for channel in channels])
            for raw in raws:
                raw.writer.transport.abort()
            await running.until(lambda: not running.listener.open_connections)
            assert set(threading.enumerate()) == before

    drive(main)
