"""Batches: whole when nothing more comes, or after the longest wait; whatever the clock does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import Batch, Release
from roteiro.lang.settings import PoolSettings, ScheduleSettings
from roteiro.runtime.association.contract import Unreachable
from roteiro.runtime.delivery.batches import LOOK
from roteiro.runtime.spool.contract import DeliveryState, Gathering
from roteiro.runtime.spool.ways import is_started, releases_of, started, way_of
from roteiro.runtime.world import World
from tests.delivery.parts import MemorySpool, Router, node
from tests.delivery.test_hours import NIGHT
from tests.virtual import run

SLACK = LOOK + 0.1
"""Seconds by which a batch may start later than it could."""
BY_STUDY = (Release(Batch("study", 300.0, 3600.0)),)
BY_SERIES = (Release(Batch("series", 45.0)),)


def begun(router: Router) -> dict[str, float]:
    """Give when each object was begun first."""
    found: dict[str, float] = {}
    for when, _, uid in router.peer.stored:
        found.setdefault(uid, when)
    return found


async def images(router: Router, *waits: float, release=BY_STUDY, study: str = "1.1") -> list[str]:
    uids = []
    for wait in waits:
        await asyncio.sleep(wait)
        uids += [f"1.2.3.{number}" for number in router.arrive(1, release=release, study=study)]
    return uids


def test_a_study_leaves_when_nothing_has_come_for_a_while():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        uids = await images(router, 0, 100, 100, 250)  # the last comes at 450 s
        (other,) = await images(router, 1, study="1.2")
        await asyncio.sleep(1000)
        times = begun(router)
        assert all(750 <= times[uid] <= 750 + SLACK for uid in uids)
        assert 751 <= times[other] <= 751 + SLACK

    run(main)


def test_it_leaves_at_the_latest_so_long_after_its_first():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        uids = await images(router, *([0.0] + [210.0] * 30))
        await asyncio.sleep(4000)
        times = begun(router)
        early = [uid for uid in uids if times[uid] <= 3600 + SLACK]
        assert len(early) == 18, "those that had come by then: 0, 210, ... 3570"
        assert min(times.values()) >= 3600
        late = sorted(times[uid] for uid in uids if uid not in early)
        assert late[0] >= 6300 + 300, "another batch: the rest, quiet after 6300 s"
        assert late[-1] <= 6600 + 3 * SLACK

    run(main)


def test_images_that_come_after_it_left_are_another_batch():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        await images(router, 0, 1, 1)
        await asyncio.sleep(600)
        (late,) = await images(router, 0)
        came = 602
        await asyncio.sleep(1000)
        assert came + 300 <= begun(router)[late] <= came + 300 + SLACK

    run(main)


def test_series_of_one_study_leave_by_themselves():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        for number in range(4):
            router.arrive(3, release=BY_SERIES, study="1.1", series=f"1.1.{number}")
            await asyncio.sleep(20)
        await asyncio.sleep(200)
        times = begun(router)
        for number in range(4):
            mine = [times[f"1.2.3.{3 * number + each}"] for each in (1, 2, 3)]
            assert all(20 * number + 45 <= when <= 20 * number + 45 + SLACK for when in mine)

    run(main)


def test_a_batch_with_a_schedule_waits_whole_and_goes_on_when_that_closes():
    async def main(world: World) -> None:
        schedules = (ScheduleSettings("night", NIGHT),)
        router = Router(world, schedules=schedules)
        router.peer.store_takes = 3600.0
        router.dispatcher.start()
        release = (Release(Batch("study", 300.0), "night"),)
        uids = await images(router, *([0.0] * 12), release=release)
        await asyncio.sleep(3 * 86_400)
        times = sorted(begun(router)[uid] for uid in uids)
        assert 14 * 3600 <= times[0] <= 14 * 3600 + 61
        assert times[-1] > 22 * 3600, "it started as a whole: eight hours were not enough"
        assert len(router.peer.taken) == 12

    run(main)


def test_of_a_way_by_night_and_one_by_batch_the_first_counts():
    async def main(world: World) -> None:
        release = (Release(None, "night"), Release(Batch("study", 300.0)))
        router = Router(world, schedules=(ScheduleSettings("night", NIGHT),))
        router.dispatcher.start()
        day = await images(router, 0, 10, release=release)
        await asyncio.sleep(15 * 3600)
        night = await images(router, 0, 10, release=release)
        await asyncio.sleep(5)
        times = begun(router)
        assert [310 <= times[uid] <= 310 + SLACK for uid in day] == [True, True]
        assert all(uid in times for uid in night)

    run(main)


def test_what_started_goes_its_way_also_when_its_destination_is_down():
    async def main(world: World) -> None:
        router = Router(world)
        off = True
        router.peer.connect = lambda: Unreachable("down") if off else None
        router.dispatcher.start()
        await images(router, 0, 0)
        await asyncio.sleep(400)
        (late,) = await images(router, 0)
        off = False
        router.dispatcher.kick("pacs")
        await asyncio.sleep(5)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.2"], "the late one waits for its own batch"
        await asyncio.sleep(400)
        assert router.peer.taken[-1] == late

    run(main)


def test_a_restart_begins_no_wait_anew():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        await images(router, 0, 0)
        await asyncio.sleep(200)
        await router.dispatcher.stop(1.0)
        router = Router(world, spool=router.spool)
        router.dispatcher.start()
        await asyncio.sleep(99 - 1)
        assert router.peer.stored == []
        await asyncio.sleep(1 + 1 + SLACK)
        assert len(router.peer.taken) == 2

    run(main)


@pytest.mark.parametrize("jump", [-1.8e9, -3600.0, 3600.0, 1.5e9])
def test_a_clock_that_jumps_keeps_no_batch_back(jump: float):
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        uids = await images(router, 0, 10)
        await asyncio.sleep(50)
        world.clock.shift = jump
        uids += await images(router, 50)
        await asyncio.sleep(500)
        assert {300 <= when <= 410 + SLACK for uid, when in begun(router).items()} == {True}
        assert set(begun(router)) == set(uids)

    run(main)


@pytest.mark.parametrize("jump", [-1.8e9, 1.5e9])
def test_a_start_with_another_clock_waits_no_longer_than_once_more(jump: float):
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        await images(router, 0, 0)
        await asyncio.sleep(100)
        await router.dispatcher.stop(1.0)
        world.clock.shift = jump
        router = Router(world, spool=router.spool)
        router.dispatcher.start()
        await asyncio.sleep(300 + SLACK)
        assert len(router.peer.taken) == 2

    run(main)


def test_objects_without_the_uid_do_not_wait_for_each_other_for_ever():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        await images(router, *([10.0] * 200), release=(Release(Batch("study", 300.0)),), study="")
        assert len(router.peer.taken) > 100

    run(main)


def test_a_disk_that_says_no_delays_the_start_and_loses_nothing():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        await images(router, 0, 0)
        router.spool.trouble = iter([OSError(28, "No space left on device")] * 5)
        await asyncio.sleep(400)
        assert len(router.peer.taken) == 2

    run(main)


def test_a_pool_is_owed_batches_too():
    async def main(world: World) -> None:
        pool = PoolSettings("pacs", "failover", ("a", "b"))
        router = Router(world, node("a"), node("b"), pools=(pool,))
        router.dispatcher.start()
        await images(router, 0, 100)
        await asyncio.sleep(290)
        assert router.status().gathering == 1
        await asyncio.sleep(20)
        assert router.peers["a"].taken == ["1.2.3.1", "1.2.3.2"]
        assert router.status().gathering == 0

    run(main)


class Counted(MemorySpool):
    """Counts looks at what was gathered."""

    looks = 0

    def gatherings(self, to: str, way: str) -> Sequence[Gathering]:
        self.looks += 1
        return MemorySpool.gatherings(self, to, way)


def test_what_is_gathered_hides_nothing_else_and_costs_few_looks():
    async def main(world: World) -> None:
        spool = Counted(world)
        router = Router(world, spool=spool)
        router.dispatcher.start()
        for number in range(300):
            router.arrive(1, release=BY_STUDY, study=f"1.{number % 7}")
            router.arrive(1)
            await asyncio.sleep(0.1)
        assert len(router.peer.taken) == 300
        assert spool.looks <= 35

    run(main)


def test_ways_are_texts_that_come_back():
    release = (Release(Batch("study", 90.0, 600.0, "new"), "night"), Release(None, "day"))
    way = way_of(release)
    assert set(releases_of(way)) == set(release)
    assert way_of(reversed(release)) == way
    assert way_of((*release, Release())) == way_of(()) == ""
    assert is_started(started(way))
    assert not is_started(way)
    assert releases_of(started(way)) == releases_of(way)


@dataclass
class Gathered:
    """What the rules say of one batch."""

    first: float
    last: float
    uids: list[str] = field(default_factory=list)


def expected(
    arrivals: list[tuple[float, str]], after: float, within: float | None
) -> list[Gathered]:
    """Part arrivals of one study into batches."""
    batches: list[Gathered] = []
    for when, uid in arrivals:
        current = batches[-1] if batches else None
        if current is None or when >= whole_at(current, after, within):
            batches.append(Gathered(when, when))
        batches[-1].last = when
        batches[-1].uids.append(uid)
    return batches


def whole_at(batch: Gathered, after: float, within: float | None) -> float:
    quiet = batch.last + after
    return quiet if within is None else min(quiet, batch.first + within)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40).map(lambda n: n * 11.0), st.sampled_from(["1.1", "1.2"])),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from([(100.0, None), (100.0, 300.0), (250.0, 250.0)]),
    st.sampled_from([0.01, 20.0]),
    st.integers(1, 3),
)
def test_each_image_leaves_with_its_batch(arrivals, waits, store_takes, associations):
    """Against a model: no image before its batch is whole, and each batch starts at once then."""
    after, within = waits
    release = (Release(Batch("study", after, within)),)

    async def main(world: World) -> None:
        router = Router(world, node(associations=associations))
        router.peer.store_takes = store_takes
        router.dispatcher.start()
        came: dict[str, list[tuple[float, str]]] = {}
        for before, study in arrivals:
            await asyncio.sleep(before)
            (uid,) = await images(router, 0, release=release, study=study)
            came.setdefault(study, []).append((world.clock.monotonic(), uid))
        await asyncio.sleep(2000 + 60 * len(arrivals))
        assert router.spool.count(DeliveryState.DONE) == len(arrivals)
        times = begun(router)
        for mine in came.values():
            for batch in expected(mine, after, within):
                whole = whole_at(batch, after, within)
                assert all(times[uid] >= whole - 1e-6 for uid in batch.uids)
                if store_takes < 1:
                    assert all(times[uid] <= whole + 2 * SLACK for uid in batch.uids)

    run(main)
