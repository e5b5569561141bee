"""Schedules, batches, pools, rates and urgencies at once, with peers and a disk as they are.

Whatever happens, each delivery has one end, is begun again only for a recorded reason, and is never
begun before its rules allow.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import Batch, Release
from roteiro.lang.settings import Backoff, PoolSettings, Rate, ScheduleSettings
from roteiro.runtime.association.contract import Broken, Unreachable
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.world import World
from tests.delivery.parts import MemorySpool, Router, node
from tests.delivery.test_hours import NIGHT
from tests.virtual import run

AFTER = 600.0
WAYS = {
    "at once": (Release(),),
    "night": (Release(None, "night"),),
    "batch": (Release(Batch("study", AFTER)),),
    "batch by night": (Release(Batch("study", AFTER), "night"),),
    "night or batch": (Release(None, "night"), Release(Batch("study", AFTER))),
}
MEMBERS = ("a", "b")
NAMES = ("pacs", "a", "vna")
CONNECTS = st.sampled_from([None, None, Unreachable("refused"), Unreachable("timed out")])
ANSWERS = st.sampled_from([0] * 6 + [0xA700, 0xC000, 0x0111, Broken("reset")])
DISK = st.sampled_from([None, None, None, OSError(28, "No space left on device")])


@dataclass
class Came:
    """One object, and what the rules say of it."""

    when: float
    way: str


@dataclass
class Script:
    """What happens."""

    arrivals: list[tuple[float, int, str, str, str, str]]
    """Seconds before, how many, in which way, of which study, to whom, how urgent."""
    connects: list[Exception | None]
    answers: list[int | Exception]
    disk: list[OSError | None]
    rate: Rate | None
    store_takes: float
    happens: str


SCRIPTS = st.builds(
    Script,
    arrivals=st.lists(
        st.tuples(
            st.sampled_from([0.0, 7.0, 500.0, 20_000.0, 45_000.0]),
            st.integers(1, 6),
            st.sampled_from(sorted(WAYS)),
            st.sampled_from(["1.1", "1.2"]),
            st.sampled_from(NAMES),
            st.sampled_from(["stat", "normal", "low"]),
        ),
        min_size=1,
        max_size=6,
    ),
    connects=st.lists(CONNECTS, max_size=10),
    answers=st.lists(ANSWERS, max_size=20),
    disk=st.lists(DISK, max_size=6),
    rate=st.sampled_from([None, Rate(1.0, 3.0, in_bytes=False)]),
    store_takes=st.sampled_from([0.02, 30.0]),
    happens=st.sampled_from(["nothing", "restart", "other rules"]),
)


RULES = {
    "pools": (PoolSettings("pacs", "failover", MEMBERS),),
    "schedules": (ScheduleSettings("night", NIGHT),),
}


@dataclass
class Play:
    """One script, played."""

    script: Script
    world: World
    begun: list[tuple[float, float, str]] = field(default_factory=list)
    """When, by either clock, which object was begun."""
    came: dict[str, Came] = field(default_factory=dict)

    def router(self, spool: MemorySpool | None = None) -> Router:
        nodes = [
            node(name, associations=2, retry=Backoff(5, 300), rate=self.script.rate)
            for name in (*MEMBERS, "vna")
        ]
        router = Router(self.world, *nodes, spool=spool, **RULES)
        for peer in router.peers.values():
            peer.store_takes = self.script.store_takes
            peer.begun = self.begin
        return router

    def begin(self, uid: str) -> None:
        self.begun.append((self.world.clock.monotonic(), self.world.clock.now(), uid))

    def trouble(self, router: Router) -> None:
        router.spool.trouble = iter(self.script.disk)
        for peer in router.peers.values():
            connects, answers = iter(self.script.connects), iter(self.script.answers)
            peer.connect = lambda source=connects: next(source, None)
            peer.answer = lambda uid, source=answers: next(source, 0)

    async def interrupt(self, router: Router) -> Router:
        if self.script.happens == "restart":
            await router.dispatcher.stop(100.0)
            router = self.router(router.spool)
            router.dispatcher.start()
        elif self.script.happens == "other rules":
            router.dispatcher.change(router.rules(node("vna")))
            await asyncio.sleep(30)
            nodes = [node(name, associations=2) for name in (*MEMBERS, "vna")]
            router.dispatcher.change(router.rules(*nodes, **RULES))
        return router

    async def play(self) -> Router:
        router = self.router()
        self.trouble(router)
        router.dispatcher.start()
        for number, (before, count, way, study, to, urgency) in enumerate(self.script.arrivals):
            await asyncio.sleep(before)
            for each in router.arrive(count, to, release=WAYS[way], study=study, urgency=urgency):
                self.came[f"1.2.3.{each}"] = Came(self.world.clock.monotonic(), way)
            if number == len(self.script.arrivals) // 2:
                router = await self.interrupt(router)
        return router


@settings(max_examples=4, deadline=None)
@given(SCRIPTS, st.integers())
def test_each_comes_to_one_end_and_none_is_begun_too_early(script: Script, seed: int):
    async def main(world: World) -> None:
        play = Play(script, world)
        router = await play.play()
        await asyncio.sleep(2 * 86_400)
        ended(router)
        check(play.begun, play.came)

    run(main, seed)


def ended(router: Router) -> None:
    """Check that everything came to its one end, and that nothing is left in memory."""
    assert router.spool.count(DeliveryState.WAITING) == 0
    ends = Counter(number for call, number, _ in router.spool.calls if call in {"done", "hold"})
    assert set(ends) == set(router.spool.all)
    assert set(ends.values()) == {1}
    for window in router.dispatcher._windows.values():
        assert (window.ready, window.taken, window.resting, window.trials) == (0, 0, 0, {})
        assert window.batches.gathering == 0
    assert not any(post.tasks for post in router.dispatcher._all())


def check(begun: list[tuple[float, float, str]], came: dict[str, Came]) -> None:
    """Check that nothing was begun before its rules allowed."""
    first: dict[str, tuple[float, float]] = {}
    for when, today, uid in begun:
        first.setdefault(uid, (when, today))
        hour = today / 3600 % 24
        if came[uid].way == "night":
            assert hour >= 22 or hour < 6
    for uid, one in came.items():
        when, today = first[uid]
        by_night = today / 3600 % 24 >= 22 or today / 3600 % 24 < 6
        if one.way.startswith("batch") or (one.way == "night or batch" and not by_night):
            assert when >= one.when + AFTER - 1e-6
