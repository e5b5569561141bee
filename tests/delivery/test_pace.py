"""Rates: never more than the rules say, and no less than that when there is enough to send."""

import asyncio
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang.settings import Backoff, Rate
from roteiro.runtime.delivery.pace import Bucket, Pace
from roteiro.runtime.world import World
from tests.delivery.parts import Router, node
from tests.virtual import run

AMOUNTS = st.lists(
    st.tuples(st.floats(min_value=0, max_value=3), st.integers(min_value=1, max_value=50)),
    min_size=1,
    max_size=40,
)
"""Seconds before, and how much is asked for."""


def most_in(times: list[tuple[float, float]], rate: float, burst: float) -> float:
    """Give by how much what left in any stretch of time is above what the rate allows."""
    worst = -burst
    for first, (start, _) in enumerate(times):
        sums = accumulate(amount for _, amount in times[first:])
        ends = (when for when, _ in times[first:])
        worst = max(
            worst,
            *(sum_ - burst - rate * (end - start) for sum_, end in zip(sums, ends, strict=True)),
        )
    return worst


@given(AMOUNTS, st.sampled_from([0.5, 7.0, 100.0]), st.sampled_from([50.0, 80.0, 1000.0]))
def test_no_stretch_of_time_has_more_than_burst_and_rate(asked, rate: float, burst: float):
    bucket, now, left = Bucket(rate, burst), 100.0, []
    for before, amount in asked:
        now += before
        wait = bucket.wait(amount, now)
        bucket.take(amount, now)
        left.append((now + wait, float(amount)))
    assert [when for when, _ in left] == sorted(when for when, _ in left), (
        "first come, first served"
    )
    assert most_in(left, rate, burst) < 1e-3


@given(AMOUNTS)
def test_nothing_waits_longer_than_it_must(asked):
    """With everything asked for at once, the last leaves when the rate has made room for it."""
    bucket = Bucket(10.0, 50.0)
    total = 0.0
    for _, amount in asked:
        wait = bucket.wait(amount, 0.0)
        bucket.take(amount, 0.0)
        total += amount
        assert wait == pytest.approx(max(0.0, (total - 50.0) / 10.0), abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.3, 9.0]), st.integers(1, 60)), min_size=1, max_size=3
    ),
    st.sampled_from([Rate(5.0, 5.0, in_bytes=False), Rate(2.0, 20.0, in_bytes=False)]),
    st.integers(1, 4),
)
def test_objects_begin_no_faster_than_the_rate(arrivals, rate: Rate, associations: int):
    async def main(world: World) -> None:
        router = Router(world, node(associations=associations, rate=rate))
        router.peer.store_takes = 0.001
        router.dispatcher.start()
        for before, count in arrivals:
            await asyncio.sleep(before)
            router.arrive(count)
        total = sum(count for _, count in arrivals)
        await asyncio.sleep(total / rate.amount + 60)
        assert len(router.peer.taken) == total
        begun = [(when, 1.0) for when, _, _ in router.peer.stored]
        assert most_in(begun, rate.amount, rate.burst) < 1e-6
        quickest = (total - rate.burst) / rate.amount
        if len(arrivals) == 1:
            assert begun[-1][0] - begun[0][0] <= max(0.0, quickest) + 0.5 + 0.02 * total

    run(main)


def test_what_is_urgent_need_not_wait_behind_what_a_rate_keeps_back():
    async def main(world: World) -> None:
        router = Router(world, node(rate=Rate(1.0, 1.0, in_bytes=False)))
        router.dispatcher.start()
        router.arrive(30, urgency="low")
        await asyncio.sleep(5.5)
        (urgent,) = router.arrive(1, urgency="stat")
        await asyncio.sleep(1)
        assert router.peer.taken[-1] == f"1.2.3.{urgent}"

    run(main)


def test_another_rate_counts_at_once():
    async def main(world: World) -> None:
        slow = node(rate=Rate(0.01, 1.0, in_bytes=False))
        router = Router(world, slow)
        router.dispatcher.start()
        router.arrive(50)
        await asyncio.sleep(10)
        assert len(router.peer.taken) == 1
        router.dispatcher.change(router.rules(node(rate=None)))
        await asyncio.sleep(10)
        assert len(router.peer.taken) == 50

    run(main)


def test_pieces_are_small_enough_to_be_broken_off():
    class Clock:
        def monotonic(self) -> float:
            return 0.0

    pace = Pace(Clock(), Bucket(8192.0, 1e9))  # type: ignore[arg-type]
    assert pace.largest == 2048
    assert Pace(Clock(), Bucket(1e9, 100.0)).largest == 100  # type: ignore[arg-type]
    assert Pace(Clock(), Bucket(0.5, 0.5)).largest == 1  # type: ignore[arg-type]
    assert pace.reserve(10**9) == 0.0
    assert pace.reserve(2048) == pytest.approx(0.25)


def test_a_rate_is_no_reason_to_find_a_destination_dead():
    async def main(world: World) -> None:
        router = Router(world, node(rate=Rate(0.001, 1.0, in_bytes=False), retry=Backoff(1, 2)))
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(2500)
        assert len(router.peer.taken) == 3
        assert router.status().failures == 0
        assert len(router.peer.attempts) == 3, "it is not kept open for so long"

    run(main)
