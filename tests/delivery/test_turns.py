"""Urgency: the more urgent first across the whole backlog, and nobody for ever last."""

import asyncio
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.runtime.delivery.turns import PATIENCE, RANKS, Turns
from roteiro.runtime.world import World
from tests.delivery.parts import Router, node
from tests.virtual import run

URGENCIES = st.sampled_from(sorted(RANKS))


@given(st.lists(st.sets(URGENCIES, min_size=1), min_size=1, max_size=300))
def test_nobody_stands_back_for_longer_than_its_patience(rounds):
    turns, stood_back = Turns(), dict.fromkeys(RANKS, 0)
    for waiting in rounds:
        chosen = turns.order(waiting)[0]
        turns.took(chosen, waiting)
        for urgency in RANKS:
            passed = urgency in waiting and urgency != chosen
            stood_back[urgency] = stood_back[urgency] + 1 if passed else 0
            # one more when two run out of patience at once
            assert stood_back[urgency] <= (PATIENCE[urgency] or 2) + 1


def test_the_more_urgent_goes_first_nine_times_of_ten():
    turns, taken = Turns(), []
    for _ in range(200):
        chosen = turns.order({"stat", "normal", "low"})[0]
        turns.took(chosen, {"stat", "normal", "low"})
        taken.append(chosen)
    assert {each: taken.count(each) for each in RANKS} == {"stat": 171, "normal": 20, "low": 9}
    assert taken[0] == "stat"


def test_an_urgency_of_the_future_is_a_normal_one():
    assert Turns().order({"stat", "whatever", "low"}) == ["stat", "whatever", "low"]


def test_stat_overtakes_a_backlog_that_is_far_longer_than_what_is_in_memory():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.store_takes = 1.0
        router.arrive(5000, urgency="low")
        router.arrive(5000)
        router.dispatcher.start()
        await asyncio.sleep(100.5)
        (urgent,) = router.arrive(1, urgency="stat")
        await asyncio.sleep(2)
        begun = [uid for _, _, uid in router.peer.stored]
        assert f"1.2.3.{urgent}" in begun[-2:]

    run(main)


def test_a_flood_of_stat_does_not_starve_the_others():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.store_takes = 0.1
        low = {f"1.2.3.{number}" for number in router.arrive(20, urgency="low")}
        normal = {f"1.2.3.{number}" for number in router.arrive(40)}
        router.arrive(5000, urgency="stat")
        router.dispatcher.start()
        await asyncio.sleep(45)
        begun = [uid for _, _, uid in router.peer.stored]
        assert len(begun) < 460
        assert low <= set(begun)
        assert normal <= set(begun)
        runs = [(is_low, len(list(group))) for is_low, group in groupby(begun, low.__contains__)]
        assert max(length for is_low, length in runs[:-1] if not is_low) <= PATIENCE["low"] + 1

    run(main)


@settings(max_examples=20, deadline=None)
@given(st.lists(URGENCIES, min_size=1, max_size=120), st.integers(1, 3))
def test_those_of_one_urgency_are_begun_in_the_order_of_arrival(urgencies, associations):
    async def main(world: World) -> None:
        router = Router(world, node(associations=associations))
        of: dict[str, list[str]] = {}
        for urgency in urgencies:
            (number,) = router.arrive(1, urgency=urgency)
            of.setdefault(urgency, []).append(f"1.2.3.{number}")
        router.dispatcher.start()
        await asyncio.sleep(100)
        begun = [uid for _, _, uid in router.peer.stored]
        for uids in of.values():
            assert [uid for uid in begun if uid in set(uids)] == uids

    run(main)


@pytest.mark.parametrize("urgency", ["stat", "low"])
def test_a_lane_that_is_new_is_seen_while_there_is_enough_to_do(urgency: str):
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.store_takes = 0.01
        router.arrive(10_000)
        router.dispatcher.start()
        await asyncio.sleep(1)
        (number,) = router.arrive(1, urgency=urgency)
        await asyncio.sleep(1)
        assert f"1.2.3.{number}" in router.peer.taken
        assert len(router.spool.asked) < 60

    run(main)
