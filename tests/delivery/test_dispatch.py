"""The whole of delivery on a virtual clock: scripted peers, a spool in memory, no sleeping."""

import asyncio
from itertools import pairwise

from roteiro.lang.settings import Backoff
from roteiro.runtime.association.contract import Unreachable
from roteiro.runtime.delivery.retry import step
from roteiro.runtime.events import (
    DeliveryDone,
    DestinationRecovered,
    DestinationWaiting,
)
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.world import World
from tests.delivery.parts import Router, node
from tests.virtual import run

DAY = 86_400.0


def test_what_is_owed_is_delivered_in_order():
    async def main(world: World) -> None:
        router = Router(world)
        router.arrive(450)
        router.dispatcher.start()
        await asyncio.sleep(10)
        assert router.peer.taken == [f"1.2.3.{n}" for n in range(1, 451)]
        assert len(router.peer.attempts) == 1
        assert router.spool.count(DeliveryState.DONE) == 450
        assert [event.delivery for event in router.told(DeliveryDone)] == list(range(1, 451))
        assert all(stored.closed for stored in router.spool.opened)

    run(main)


def test_three_days_of_outage():
    async def main(world: World) -> None:
        down = True
        retry = Backoff()
        router = Router(world, node(retry=retry))
        router.peer.connect = lambda: Unreachable("connection refused") if down else None
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(3 * DAY)

        times = tuple(router.peer.attempts)
        waits = [later - before - 0.01 for before, later in pairwise(times)]
        for failures, wait in enumerate(waits, start=1):
            assert step(retry, failures) / 2 - 1e-6 <= wait <= step(retry, failures) + 2e-3
        assert [step(retry, n) for n in range(1, 10)] == [5, 10, 20, 40, 80, 160, 320, 640, 900]
        at_the_ceiling = waits[8:]
        mean = sum(at_the_ceiling) / len(at_the_ceiling)
        assert 640 < mean < 710  # a fair draw from 450 to 900 s
        assert 3 * DAY / 900 < len(times) < 3 * DAY / 450
        assert router.spool.count(DeliveryState.WAITING) == 3
        assert {call for call, _, _ in router.spool.calls} == {"failed"}
        assert len(router.spool.calls) == len(times) == len(router.told(DestinationWaiting))

        status = router.status()
        assert (status.state, status.cause) == ("waiting", "connection refused")
        assert status.failures == len(times)
        assert 0 < status.next_attempt - world.clock.now() <= 900
        assert status.oldest_age == 3 * DAY

        down = False
        await asyncio.sleep(900.1)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]
        assert router.status().cause == ""
        assert router.told(DestinationRecovered)[0].failures == len(times)

    run(main)
