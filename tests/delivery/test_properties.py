"""Whatever peers, disk and people do: nothing is lost, nothing is sent twice without a reason.

Random scripts for carrier, answers and spool, played on the virtual clock; then the peers get well
and a long time passes, perhaps with a restart between.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang.settings import Backoff, NodeSettings, RouterSettings, Settings
from roteiro.runtime.association.contract import Broken, Unreachable, Unwilling
from roteiro.runtime.delivery.state import State
from roteiro.runtime.events import DeliveryDone
from roteiro.runtime.spool.contract import Damaged, DeliveryState
from roteiro.runtime.world import World
from tests.delivery.parts import CT, MR, Answer, Peer, Router, node
from tests.virtual import run

CONNECTS = st.sampled_from(
    [None, None, None, Unreachable("refused"), Unreachable("timed out"), Unwilling("rejected")]
)
ANSWERS = st.sampled_from(
    [0x0000] * 6
    + [0xB000, 0x0111, 0xA700, 0xA701, 0xA900, 0xC000, 0x0122, 0x9999]
    + [Broken("reset"), Broken("timed out"), Unwilling("no context"), Damaged()]
)
DISK = st.sampled_from([None, None, None, OSError(28, "No space left on device")])
TIMES = st.sampled_from([0.001, 0.01, 1.0, 40.0])


@dataclass(frozen=True)
class Script:
    """What happens while things are bad."""

    connects: list[Exception | None]
    answers: list[Answer]
    disk: list[OSError | None]
    arrivals: list[tuple[float, int, str, str]]
    """Seconds before, how many, of which class, how urgent."""
    closes: list[float]
    """When the peer ends its associations."""
    kicks: list[float]
    store_takes: float
    connect_takes: float
    slow: float
    accepts_mr: bool


SCRIPTS = st.builds(
    Script,
    connects=st.lists(CONNECTS, max_size=8),
    answers=st.lists(ANSWERS, max_size=30),
    disk=st.lists(DISK, max_size=6),
    arrivals=st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.005, 3.0, 31.0, 400.0]),
            st.integers(min_value=1, max_value=12),
            st.sampled_from([CT, MR]),
            st.sampled_from(["stat", "normal", "low"]),
        ),
        min_size=1,
        max_size=6,
    ),
    closes=st.lists(st.floats(min_value=0, max_value=200), max_size=3),
    kicks=st.lists(st.floats(min_value=0, max_value=200), max_size=2),
    store_takes=TIMES,
    connect_takes=TIMES,
    slow=st.sampled_from([0.0, 0.05, 2.0]),
    accepts_mr=st.booleans(),
)


def script_peer(peer: Peer, script: Script) -> None:
    connects, answers = iter(script.connects), iter(script.answers)
    peer.connect = lambda: next(connects, None)
    peer.answer = lambda uid: next(answers, 0x0000)
    peer.accept = lambda pair: pair[0] != MR or script.accepts_mr
    peer.store_takes = script.store_takes
    peer.connect_takes = script.connect_takes


def end_all(peer: Peer) -> None:
    for channel in peer.channels:
        channel.end()


async def play(router: Router, script: Script) -> None:
    script_peer(router.peer, script)
    router.spool.slow = script.slow
    router.spool.trouble = iter(script.disk)
    loop = asyncio.get_running_loop()
    for when in script.closes:
        loop.call_later(when, end_all, router.peer)
    for when in script.kicks:
        loop.call_later(when, router.dispatcher.kick, "pacs")
    router.dispatcher.start()
    for before, count, sop_class, urgency in script.arrivals:
        await asyncio.sleep(before)
        router.arrive(count, sop_class=sop_class, urgency=urgency)


def judge(router: Router) -> None:
    """Every delivery has at most one end, and was begun once more only for a recorded reason."""
    begun = Counter(uid for _, _, uid in router.peer.stored)
    ends = Counter(number for call, number, _ in router.spool.calls if call in ("done", "hold"))
    assert all(count == 1 for count in ends.values())
    for delivery in router.spool.all.values():
        assert delivery.state is DeliveryState.WAITING or ends[delivery.id] == 1
    taken = Counter(router.peer.taken)
    assert all(count <= begun[uid] for uid, count in taken.items())
    told = Counter(event.delivery for event in router.told(DeliveryDone))
    assert all(count == 1 for count in told.values())
    assert all(stored.closed for stored in router.spool.opened)


@settings(max_examples=150, deadline=None)
@given(
    SCRIPTS,
    st.integers(min_value=1, max_value=4),
    st.sampled_from([None, 600.0]),
    st.tuples(
        st.sampled_from([None, "stop", "crash"]), st.sampled_from([0.0, 0.005, 0.013, 5.0, 500.0])
    ),
    st.integers(),
)
def test_nothing_is_lost_and_nothing_sent_twice_without_a_reason(
    script: Script, associations: int, limit: float | None, end: tuple[str | None, float], seed: int
):
    async def main(world: World) -> None:
        pacs = node(associations=associations, retry=Backoff(5, 60, limit))
        router = Router(world, pacs)
        await play(router, script)
        excuses = 0
        kind, when = end
        if kind is not None:
            await asyncio.sleep(when)
            excuses = await END[kind](router)
            judge(router)
            begun = router.peer.stored
            router = Router(world, pacs, spool=router.spool)
            router.peer.accept = lambda pair: pair[0] != MR or script.accepts_mr
            router.peer.stored = begun
            router.dispatcher.start()
        await asyncio.sleep(20_000)
        judge(router)
        assert router.peer.most_open <= associations
        assert router.spool.count(DeliveryState.WAITING) == 0
        assert router.peer.open == 0
        check_rest(router)
        assert repeats(router) <= len(router.spool.lost_failures) + excuses

    run(main, seed)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.004, 0.012, 1.5, 60.0]),
        st.sampled_from(
            [
                (),
                (node(port=105),),
                (node(associations=3),),
                (node(retry=Backoff(7, 60)),),
                (node(port=None),),
            ]
        ),
        st.sampled_from(["ROTEIRO", "OTHER"]),
    ),
    min_size=1,
    max_size=6,
)
"""Seconds before, the nodes of the rules that come, and what we call ourselves in them."""


@settings(max_examples=150, deadline=None)
@given(SCRIPTS, CHANGES, st.integers(min_value=1, max_value=4), st.integers())
def test_other_rules_lose_nothing_and_send_nothing_twice(
    script: Script,
    changes: list[tuple[float, tuple[NodeSettings, ...], str]],
    width: int,
    seed: int,
):
    async def main(world: World) -> None:
        pacs = node(associations=width, retry=Backoff(5, 60))
        router = Router(world, pacs)
        playing = asyncio.ensure_future(play(router, script))
        for before, nodes, ae in changes:
            await asyncio.sleep(before)
            router.dispatcher.change(Settings(RouterSettings(ae), (), nodes))
        await playing
        router.dispatcher.change(Settings(RouterSettings("ROTEIRO"), (), (pacs,)))
        await asyncio.sleep(20_000)
        judge(router)
        assert router.spool.count(DeliveryState.WAITING) == 0
        assert router.peer.open == 0
        check_rest(router)
        assert router.dispatcher._leaving == {}
        had = [pacs, *(each for _, nodes, _ in changes for each in nodes)]
        places = {each.port for each in had} - {None}
        assert router.peer.most_open <= max(each.associations for each in had) * len(places)
        assert repeats(router) <= len(router.spool.lost_failures)

    run(main, seed)


async def stop(router: Router) -> int:
    """End in order; no object is excused for being sent again."""
    await router.dispatcher.stop(10.0)
    assert router.peer.open == 0
    return 0


async def crash(router: Router) -> int:
    """End as `kill -9` does; what was under way or not yet on record may be sent again."""
    post = router.dispatcher._posts["pacs"]
    excused = router.dispatcher._windows["pacs"].taken
    post.give_up()
    post.destination.stop()
    post._arm()
    await asyncio.sleep(0)
    return excused


END = {"stop": stop, "crash": crash}


def check_rest(router: Router) -> None:
    """When all is done, nothing is left in memory."""
    post = router.dispatcher._posts["pacs"]
    assert post.destination.state is State.IDLE
    assert post.destination.lines == {}
    assert router.dispatcher._windows["pacs"].trials == {}
    assert not post.tasks


def repeats(router: Router) -> int:
    """Count how often an object was begun again without a recorded failure of its own."""
    begun = Counter(uid for _, _, uid in router.peer.stored)
    failed = Counter(
        f"1.2.3.{number}" for call, number, _ in router.spool.calls if call == "failed"
    )
    return sum(max(0, count - 1 - failed[uid]) for uid, count in begun.items())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.02, 5.0, 45.0]), st.integers(min_value=1, max_value=150)),
        min_size=1,
        max_size=5,
    ),
    TIMES,
    st.sampled_from([0.0, 0.05]),
)
def test_order_is_kept_on_one_association_when_nothing_fails(arrivals, store_takes, slow):
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.slow = slow
        router.peer.store_takes = store_takes
        router.dispatcher.start()
        for before, count in arrivals:
            await asyncio.sleep(before)
            router.arrive(count)
        await asyncio.sleep(35_000)
        total = sum(count for _, count in arrivals)
        assert router.peer.taken == [f"1.2.3.{n}" for n in range(1, total + 1)]
        assert [call for call, _, _ in router.spool.calls] == ["done"] * total

    run(main)
