"""Schedules: by the wall clock, over changes to summer time and clocks that jump."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import Release
from roteiro.lang.clock import Clock as Instant
from roteiro.lang.schedules import between
from roteiro.lang.settings import ScheduleSettings
from roteiro.runtime.delivery.hours import ALWAYS, Hours, in_week
from roteiro.runtime.world import World
from tests.delivery.parts import Router, node
from tests.virtual import EPOCH, run

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
LISBON = "Europe/Lisbon"
NIGHT = tuple(
    part
    for day in range(7)
    for part in (
        between(day * DAY, day * DAY + 6 * HOUR),
        between(day * DAY + 22 * HOUR, (day + 1) * DAY),
    )
)
"""22:00..06:00."""


def at(text: str, zone: str = LISBON) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@given(
    st.integers(min_value=-(2**40), max_value=2**40),
    st.sampled_from([LISBON, "UTC", "Asia/Kathmandu"]),
)
def test_the_week_is_that_of_the_rules(now: int, zone: str):
    """What `during` asks is what `clock.local in` asks."""
    assert in_week(float(now), zone) == Instant(zone, now * SECOND).in_week


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-01-15T21:59:59.999", False),
        ("2026-01-15T22:00", True),
        ("2026-01-16T05:59:59.999", True),
        ("2026-01-16T06:00", False),
        ("2026-07-15T22:00", True),  # summer time
        ("2026-07-15T21:59", False),
    ],
)
def test_closed_at_its_start_and_open_at_its_end(moment: str, is_open: bool):
    assert Hours({"night": NIGHT}, LISBON).open("night", at(moment)) is is_open


def test_an_hour_that_the_wall_shows_twice_is_open_twice_and_one_left_out_is_not():
    hours = Hours(
        {"early": (between(6 * DAY + 1 * HOUR, 6 * DAY + 2 * HOUR),)}, LISBON
    )  # sun 01..02
    autumn = at("2026-10-25T00:00")
    assert [hours.open("early", autumn + step * 1800) for step in range(8)] == [
        *(False, False, True, True, True, True, False, False)
    ]
    spring = at("2026-03-29T00:00")
    assert not any(hours.open("early", spring + step * 1800) for step in range(8))


@pytest.mark.parametrize("now", [-1e18, 1e18, 4e11])
def test_a_clock_out_of_the_calendar_opens_nothing(now: float):
    hours = Hours({"night": NIGHT}, LISBON)
    assert not hours.open("night", now)
    assert hours.opens("night", now) is None
    assert 0 < hours.look_again((Release(None, "night"),), now) <= 60


def test_a_schedule_that_the_rules_have_not_never_opens():
    assert not ALWAYS.open("night", EPOCH)
    assert ALWAYS.opens("night", EPOCH) is None
    assert not ALWAYS.allow((Release(None, "night"),), EPOCH)
    assert ALWAYS.allow((Release(None, "night"), Release()), EPOCH)


def test_the_next_opening():
    hours = Hours({"night": NIGHT}, LISBON)
    assert hours.opens("night", at("2026-01-15T21:00")) == 3600
    assert hours.opens("night", at("2026-01-15T23:00")) == 0
    assert hours.look_again((Release(None, "night"),), at("2026-01-15T21:00")) == 60
    assert hours.look_again((Release(None, "night"),), at("2026-01-15T21:59:58")) == 2


# --- the router --------------------------------------------------------------------------------


def nightly(world: World, **more) -> Router:
    """Give a router whose schedule is the UTC night; virtual time begins at 08:00."""
    return Router(world, node(**more), schedules=(ScheduleSettings("night", NIGHT),))


AT_NIGHT = (Release(None, "night"),)


def test_a_delivery_waits_for_its_hours_and_stops_none_that_does_not():
    async def main(world: World) -> None:
        router = nightly(world)
        router.dispatcher.start()
        router.arrive(500, release=AT_NIGHT)
        (prompt,) = router.arrive(1)
        await asyncio.sleep(60)
        assert router.peer.taken == [f"1.2.3.{prompt}"]
        (shut,) = router.status().shut
        assert (shut.schedule, shut.opens) == ("night", pytest.approx(EPOCH + 14 * 3600))
        await asyncio.sleep(14 * 3600)
        assert len(router.peer.taken) == 501
        assert min(when for when, _, _ in router.peer.stored[1:]) == pytest.approx(
            14 * 3600, abs=0.1
        )
        assert router.status().shut == ()

    run(main)


def test_of_two_ways_one_is_enough():
    async def main(world: World) -> None:
        router = nightly(world)
        router.dispatcher.start()
        router.arrive(1, release=(Release(None, "night"), Release()))
        await asyncio.sleep(1)
        assert len(router.peer.taken) == 1

    run(main)


def test_other_rules_may_open_it():
    async def main(world: World) -> None:
        router = nightly(world)
        router.dispatcher.start()
        router.arrive(3, release=AT_NIGHT)
        await asyncio.sleep(10)
        always = ScheduleSettings("night", (between(0, 7 * DAY),))
        router.dispatcher.change(router.rules(node(), schedules=(always,)))
        await asyncio.sleep(10)
        assert len(router.peer.taken) == 3

    run(main)


def test_a_clock_that_jumps_into_the_night_opens_within_a_minute():
    async def main(world: World) -> None:
        router = nightly(world)
        router.dispatcher.start()
        router.arrive(1, release=AT_NIGHT)
        await asyncio.sleep(100)
        world.clock.shift = 15 * 3600.0
        await asyncio.sleep(61)
        assert len(router.peer.taken) == 1

    run(main)


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 3600.0, 20_000.0, 50_000.0]), st.integers(1, 20)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([0.01, 40.0, 900.0]),
    st.integers(1, 3),
    st.lists(st.sampled_from([-7200.0, 3600.0, 40_000.0]), max_size=3),
)
def test_nothing_begins_outside_of_its_hours(arrivals, store_takes, associations, jumps):
    """Also with slow peers and a clock that jumps; and all of it arrives."""

    async def main(world: World) -> None:
        router = nightly(world, associations=associations)
        router.peer.store_takes = store_takes
        begun: list[float] = []
        router.peer.begun = lambda uid: begun.append(world.clock.now() / 3600 % 24)
        router.dispatcher.start()
        jumping = iter(jumps)
        for before, count in arrivals:
            await asyncio.sleep(before)
            router.arrive(count, release=AT_NIGHT)
            world.clock.shift += next(jumping, 0.0)
        total = sum(count for _, count in arrivals)
        await asyncio.sleep(86_400 * (2 + total * store_takes / 20_000))
        assert len(router.peer.taken) == total == len(begun)
        assert all(hour >= 22 or hour < 6 for hour in begun)

    run(main)
