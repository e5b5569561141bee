"""What one destination or one object does is its own matter (G10 of the reliability paper)."""

import asyncio
from itertools import pairwise

from roteiro.lang.settings import Backoff
from roteiro.runtime.association.contract import Unreachable
from roteiro.runtime.delivery.destination import REFUSED_HOURS
from roteiro.runtime.delivery.width import Width
from roteiro.runtime.events import DeliveryHeld
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.world import World
from tests.delivery.parts import Peer, Router, node
from tests.virtual import run

DAY = 86_400.0
HUNDRED = [f"n{number}" for number in range(100)]


def test_one_dead_and_one_dribbling_of_a_hundred_slow_no_other():
    async def taken(world: World, *bad: str) -> dict[str, int]:
        router = Router(world, *(node(name) for name in HUNDRED))
        for name in bad:
            peer = router.peers[name]
            if name == "n0":
                peer.connect, peer.connect_takes = lambda: Unreachable("timed out"), 10.0
            else:
                peer.store_takes = 900.0
        router.dispatcher.start()
        for name in HUNDRED:
            router.arrive(60, to=name)
        await asyncio.sleep(0.55)
        return {name: len(router.peers[name].taken) for name in HUNDRED}

    alone = run(taken)
    beside = run(lambda world: taken(world, "n0", "n1"))
    assert 0 < min(alone.values()) <= max(alone.values()) < 60, (
        "it was measured while there was work"
    )
    assert all(beside[name] >= 0.98 * alone[name] for name in HUNDRED[2:])


def test_a_dead_one_is_probed_once_in_a_quarter_of_an_hour_and_drains_after_thirty_days():
    async def main(world: World) -> None:
        router = Router(world)
        off = True
        router.peer.connect = lambda: Unreachable("no route to host") if off else None
        router.dispatcher.start()
        for _ in range(30):
            router.arrive(20)
            await asyncio.sleep(DAY)
        found_dead = next(when for when in router.peer.attempts if when > 3000)
        late = [when for when in router.peer.attempts if when >= found_dead]
        assert all(after - before >= 900 for before, after in pairwise(late))
        assert len(late) > 29 * 96 * 0.98, "and it is not forgotten"
        assert router.status().waiting == 600
        off = False
        await asyncio.sleep(900 + 60)
        assert router.spool.count(DeliveryState.DONE) == 600
        assert router.peer.taken == [f"1.2.3.{number}" for number in range(1, 601)]

    run(main)


def poison(peer: Peer) -> None:
    """Refuse the first object for lack of resources, each time."""
    peer.answer = lambda uid: 0xA700 if uid == "1.2.3.1" else 0x0000


def test_what_is_refused_for_a_day_while_others_are_taken_is_held():
    async def main(world: World) -> None:
        router = Router(world)
        poison(router.peer)
        router.dispatcher.start()
        router.arrive(5)
        await asyncio.sleep(REFUSED_HOURS * 3600 - 60)
        assert router.spool.all[1].state is DeliveryState.WAITING
        await asyncio.sleep(60 + 901)
        assert router.spool.all[1].state is DeliveryState.HELD
        assert router.spool.all[1].reason.startswith("refused for 24 h while others were taken: ")
        assert "0xA700" in router.told(DeliveryHeld)[0].reason
        assert router.spool.count(DeliveryState.DONE) == 4

    run(main)


def test_what_is_refused_alone_is_never_held_for_that():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = lambda uid: 0xA700
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(10 * DAY)
        assert router.spool.count(DeliveryState.WAITING) == 3

    run(main)


def test_the_day_begins_anew_at_a_start():
    async def main(world: World) -> None:
        router = Router(world, node(retry=Backoff(5, 600)))
        poison(router.peer)
        router.dispatcher.start()
        router.arrive(2)
        await asyncio.sleep(DAY / 2)
        await router.dispatcher.stop(1.0)
        router = Router(world, node(retry=Backoff(5, 600)), spool=router.spool)
        poison(router.peer)
        router.dispatcher.start()
        router.arrive(1)
        await asyncio.sleep(DAY * 0.9)
        assert router.spool.all[1].state is DeliveryState.WAITING
        await asyncio.sleep(DAY * 0.2)
        assert router.spool.all[1].state is DeliveryState.HELD

    run(main)


def test_a_peer_that_has_enough_at_two_settles_near_that():
    """It answers A700 to what comes on more than two associations at once."""

    async def main(world: World) -> None:
        router = Router(world, node(associations=16, retry=Backoff(1, 5)))
        peer = router.peer
        under_way = 0

        def begun(uid: str) -> None:
            nonlocal under_way
            under_way += 1

        def answer(uid: str) -> int:
            nonlocal under_way
            under_way -= 1
            return 0xA700 if under_way >= 2 else 0x0000

        peer.begun, peer.answer, peer.store_takes = begun, answer, 0.1
        router.dispatcher.start()
        router.arrive(2000)
        await asyncio.sleep(400)
        refused = len(peer.stored) - len(peer.taken)
        assert len(peer.taken) == 2000
        assert refused < 100, "it is not pestered"

    run(main)


def test_growth_doubles_until_the_first_sign_and_is_earned_after_it():
    width = Width(16)
    sizes = []
    for _ in range(15):
        width.grow()
        sizes.append(width.now)
    assert sizes == list(range(2, 17))
    width.grow()
    assert width.now == 16
    width.shrink()
    assert width.now == 15
    rounds = 0
    while width.now < 16:
        width.grow()
        rounds += 1
    assert 4 * 15 <= rounds <= 4 * 15 + 4, "four rounds of successes"
    width.limit(3)
    assert width.now == 3
    for _ in range(10):
        width.shrink()
    assert width.now == 1
    width.bound(1)
    width.grow()
    assert width.now == 1
    width.restart()
    width.bound(4)
    width.grow()
    assert width.now == 2
