"""Pools: owed to the pool, done once by whichever member, whatever members do."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import Field, Source, ValueType
from roteiro.lang.settings import Backoff, PoolSettings
from roteiro.runtime.association.contract import Broken, Unreachable
from roteiro.runtime.delivery.doubt import doubtful, in_doubt, member_in_doubt, still_doubtful
from roteiro.runtime.delivery.pool import REMEMBERED, SERIES, STUDY, Pool
from roteiro.runtime.events import DeliveryDone, DestinationUnknown
from roteiro.runtime.spool.contract import Delivery, DeliveryState
from roteiro.runtime.world import World
from tests.delivery.parts import CT, EXPLICIT, Router, node
from tests.virtual import run

A, B, C = node("a"), node("b"), node("c")
FAILOVER = PoolSettings("pacs", "failover", ("a", "b"))


def balance(*members: str, tag: int = STUDY) -> PoolSettings:
    key = Field(Source.ELEMENT, ValueType.UID, tag, "UI")
    return PoolSettings("pacs", "balance", members, key)


@dataclass
class Health:
    fit: bool = True
    healthy: bool = True
    dead: bool = False


def down(dead: bool = False) -> Health:
    return Health(fit=False, healthy=False, dead=dead)


def delivery(number: int = 1, **more) -> Delivery:
    plain = Delivery(
        number, f"o{number}", "pacs", "r", "normal", DeliveryState.WAITING, 1.8e9, 0, "",
        CT, f"1.2.3.{number}", EXPLICIT, 1,
    )  # fmt: skip
    return replace(plain, **more)


def takers(pool: Pool, which: Delivery | None = None) -> list[str]:
    return [name for name in pool.members if pool.may(name, which or delivery())]


@pytest.mark.parametrize(
    ("a", "b", "who"),
    [
        (Health(), Health(), ["a"]),
        (down(), Health(), ["b"]),
        (down(), down(), []),
        (Health(healthy=False), Health(), ["a", "b"]),  # `a` is probed, `b` goes on
        (Health(), Health(healthy=False), ["a"]),  # who is not needed is not probed
        (Health(healthy=False), down(), ["a"]),
        (Health(healthy=False), Health(healthy=False), ["a", "b"]),
    ],
)
def test_the_first_healthy_one_takes_it(a: Health, b: Health, who: list[str]):
    assert takers(Pool(FAILOVER, {"a": a, "b": b})) == who


@pytest.mark.parametrize(
    ("a", "who"),
    [
        (Health(), ["a"]),
        (down(), []),
        (Health(healthy=False), ["a"]),
        (down(dead=True), ["b"]),
    ],
)
def test_what_is_in_doubt_at_a_member_goes_by_no_other_while_that_is_not_dead(a, who):
    pool = Pool(FAILOVER, {"a": a, "b": Health()})
    assert takers(pool, delivery(reason=doubtful("aborted", "a"))) == who


def test_doubt_at_a_member_that_the_rules_have_no_more_binds_nobody():
    pool = Pool(FAILOVER, {"a": Health(), "b": Health()})
    assert takers(pool, delivery(reason=doubtful("aborted", "gone"))) == ["a"]


def test_doubt_names_its_place_and_outlives_later_failures():
    first = doubtful("aborted", "pacs_2")
    assert first == "in doubt: at `pacs_2`: aborted"
    assert member_in_doubt(first) == "pacs_2"
    later = still_doubtful(first, "connection refused")
    assert later == "in doubt: at `pacs_2`: connection refused"
    assert doubtful(later, "other") == later
    assert still_doubtful(doubtful("aborted"), "refused") == "in doubt: refused"
    assert still_doubtful("refused", "timed out") == "timed out"
    assert member_in_doubt("in doubt: aborted") is None
    assert not in_doubt("at `a`: in doubt: x")


STUDIES = [f"1.2.{number}" for number in range(400)]


def by_study(pool: Pool) -> dict[str, str]:
    found = {}
    for study in STUDIES:
        (found[study],) = takers(pool, delivery(study=study))
    return found


def test_a_balance_pool_spreads_and_a_lost_member_moves_only_its_own():
    health = {name: Health() for name in "abcd"}
    pool = Pool(balance(*"abcd"), health)
    before = by_study(pool)
    assert all(60 < count < 140 for count in Counter(before.values()).values())
    assert by_study(Pool(balance(*"dcba"), health)) == before, "whatever the order in the rules"
    health["b"].fit = health["b"].healthy = False
    after = by_study(pool)
    moved = {study for study in STUDIES if before[study] != after[study]}
    assert moved == {study for study in STUDIES if before[study] == "b"}


def test_a_study_that_was_begun_stays_while_its_member_is_healthy():
    health = {name: Health() for name in "abc"}
    pool = Pool(balance(*"abc"), health)
    home = by_study(pool)
    study = next(study for study in STUDIES if home[study] == "a")
    health["a"].fit = health["a"].healthy = False
    (other,) = takers(pool, delivery(study=study))
    pool.took(other, delivery(study=study))
    health["a"].fit = health["a"].healthy = True
    assert takers(pool, delivery(study=study)) == [other]
    health[other].fit = health[other].healthy = False
    assert takers(pool, delivery(study=study)) == ["a"]


def test_a_pool_by_series_goes_by_the_series():
    pool = Pool(balance("a", "b", tag=SERIES), {"a": Health(), "b": Health()})
    whose = {series: takers(pool, delivery(study="1", series=series)) for series in STUDIES}
    assert {tuple(names) for names in whose.values()} == {("a",), ("b",)}


def test_memory_of_a_pool_is_bounded():
    pool = Pool(balance("a", "b"), {"a": Health(), "b": Health()})
    for number in range(REMEMBERED + 500):
        pool.may("a", delivery(study=f"1.{number}"))
        pool.took("a", delivery(study=f"1.{number}"))
    assert len(pool._begun) <= REMEMBERED
    assert len(pool._orders) <= REMEMBERED


# --- the router --------------------------------------------------------------------------------


def pooled(world: World, pool: PoolSettings = FAILOVER, *nodes, **more) -> Router:
    return Router(world, *(nodes or (A, B)), pools=(pool,), **more)


def test_the_first_has_it_and_the_second_nothing():
    async def main(world: World) -> None:
        router = pooled(world)
        router.dispatcher.start()
        router.arrive(500)
        await asyncio.sleep(20)
        assert len(router.peers["a"].taken) == 500
        assert router.peers["b"].attempts == []
        assert {event.to for event in router.told(DeliveryDone)} == {"pacs/a"}
        assert {words for _, _, words in router.spool.calls} == {"0x0000 a"}
        status = router.status()
        assert (status.delivered, status.waiting, status.members) == (500, 0, ("a", "b"))
        assert router.told(DestinationUnknown) == []

    run(main)


def test_the_second_takes_over_and_gives_back():
    async def main(world: World) -> None:
        router = pooled(world)
        off = True
        router.peers["a"].connect = lambda: Unreachable("refused") if off else None
        router.dispatcher.start()
        router.arrive(50)
        await asyncio.sleep(3)
        assert len(router.peers["b"].taken) == 50
        assert router.status().state == "open"
        assert router.status("a").state == "waiting"
        off = False
        await asyncio.sleep(900)
        router.arrive(50)
        await asyncio.sleep(60)
        assert len(router.peers["a"].taken) >= 48, "all but what went while it was probed"
        assert len(router.peers["a"].taken) + len(router.peers["b"].taken) == 100

    run(main)


def test_while_a_member_is_dead_the_other_is_not_slowed_and_one_probe_a_quarter_of_an_hour():
    async def main(world: World) -> None:
        router = pooled(world)
        router.peers["a"].connect = lambda: Unreachable("timed out")
        router.peers["a"].connect_takes = 10.0
        router.dispatcher.start()
        for _ in range(2 * 24 * 12):
            router.arrive(1)
            await asyncio.sleep(300)
        assert len(router.peers["b"].taken) == 2 * 24 * 12
        late = [when for when in router.peers["a"].attempts if when > 86_400]
        assert len(late) <= 96
        assert router.status("a").state == "dead"

    run(main)


def test_all_members_down_is_waiting_and_drains_by_itself():
    async def main(world: World) -> None:
        router = pooled(world)
        off = True
        for peer in router.peers.values():
            peer.connect = lambda: Unreachable("refused") if off else None
        router.dispatcher.start()
        router.arrive(300)
        await asyncio.sleep(2 * 86_400)
        assert router.status().waiting == 300
        assert router.status().state == "dead"
        assert router.status().next_attempt is not None
        off = False
        await asyncio.sleep(1000)
        assert Counter(router.peers["a"].taken + router.peers["b"].taken).total() == 300
        assert router.spool.count(DeliveryState.DONE) == 300

    run(main)


def test_a_person_may_have_a_pool_tried_now():
    async def main(world: World) -> None:
        router = pooled(world)
        off = True
        for peer in router.peers.values():
            peer.connect = lambda: Unreachable("refused") if off else None
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(86_400)
        off = False
        assert router.dispatcher.kick("pacs")
        await asyncio.sleep(1)
        assert router.spool.count(DeliveryState.DONE) == 3

    run(main)


def test_what_is_in_doubt_waits_for_its_member_until_that_is_dead():
    async def main(world: World) -> None:
        router = pooled(world)
        gone = False
        router.peers["a"].connect = lambda: Unreachable("refused") if gone else None

        def answer(uid: str) -> int | Exception:
            nonlocal gone
            gone = True
            return Broken("reset")

        router.peers["a"].answer = answer
        router.dispatcher.start()
        router.arrive(1)
        await asyncio.sleep(1)
        router.arrive(1)
        await asyncio.sleep(60)
        assert router.peers["b"].taken == ["1.2.3.2"], "what is in no doubt goes on"
        assert router.spool.all[1].reason.startswith("in doubt: at `a`: ")
        await asyncio.sleep(3600)
        assert router.status("a").state == "dead"
        assert router.peers["b"].taken == ["1.2.3.2", "1.2.3.1"]

    run(main)


def test_doubt_at_a_member_outlives_a_restart():
    async def main(world: World) -> None:
        router = pooled(world)
        router.spool.put()
        router.spool.all[1] = replace(router.spool.all[1], reason=doubtful("reset", "b"))
        router.peers["b"].answer = lambda uid: 0x0111
        router.dispatcher.start()
        await asyncio.sleep(1)
        assert router.peers["a"].stored == []
        assert router.spool.all[1].state is DeliveryState.DONE, "it was there already"

    run(main)


def test_a_member_that_comes_back_has_its_doubt_resolved_first_hand():
    async def main(world: World) -> None:
        router = pooled(world)
        answers = iter([Broken("reset")])
        router.peers["a"].answer = lambda uid: next(answers, 0)
        router.dispatcher.start()
        router.arrive(1)
        await asyncio.sleep(60)
        assert (router.peers["a"].taken, router.peers["b"].taken) == (["1.2.3.1"], [])

    run(main)


def test_the_limit_of_a_member_holds_nothing_that_another_can_take():
    async def main(world: World) -> None:
        a = node("a", retry=Backoff(5, 900, limit=3600.0))
        router = pooled(world, FAILOVER, a, B)
        router.peers["a"].connect = lambda: Unreachable("refused")
        router.arrive(5)
        world.clock.shift = 7200.0
        router.dispatcher.start()
        await asyncio.sleep(10)
        assert len(router.peers["b"].taken) == 5
        router.peers["b"].connect = lambda: Unreachable("refused")
        await asyncio.sleep(10)
        router.arrive(5)
        world.clock.shift = 4 * 7200.0
        await asyncio.sleep(3600)
        assert router.spool.count(DeliveryState.HELD) == 5, "nobody could take these"

    run(main)


def test_what_one_member_refused_says_nothing_of_the_other():
    """The day of refusals is one at one peer, with others taken by that peer meanwhile."""

    async def main(world: World) -> None:
        router = pooled(world)
        router.peers["b"].connect = lambda: Unreachable("refused")
        router.peers["a"].answer = lambda uid: 0xA700 if uid == "1.2.3.1" else 0
        router.dispatcher.start()
        router.arrive(2)
        await asyncio.sleep(86_400 * 0.6)
        router.peers["a"].connect = lambda: Unreachable("refused")
        for channel in router.peers["a"].channels:
            channel.end()
        router.peers["b"].connect = lambda: None
        router.peers["b"].answer = lambda uid: 0xA700 if uid == "1.2.3.1" else 0
        for _ in range(7):
            router.arrive(1)
            await asyncio.sleep(86_400 * 0.1)
        assert router.spool.all[1].state is DeliveryState.WAITING
        for _ in range(5):
            router.arrive(1)
            await asyncio.sleep(86_400 * 0.1)
        assert router.spool.all[1].state is DeliveryState.HELD

    run(main)


def test_a_member_is_held_to_its_own_limit_for_all_queues():
    async def main(world: World) -> None:
        router = pooled(world, FAILOVER, node("a", associations=2), B)
        router.peers["a"].store_takes = 1.0
        router.dispatcher.start()
        router.arrive(20)
        router.arrive(20, to="a")
        await asyncio.sleep(60)
        assert router.peers["a"].most_open == 2
        assert len(router.peers["a"].taken) == 40
        begun = [int(uid.removeprefix("1.2.3.")) for _, _, uid in router.peers["a"].stored]
        assert begun == sorted(begun), "both queues in the order of arrival"

    run(main)


def test_a_slow_member_of_a_balance_pool_hides_nothing_of_the_others():
    async def main(world: World) -> None:
        pool = balance("a", "b")
        router = pooled(world, pool)
        whose = Pool(pool, {"a": Health(), "b": Health()})
        slow = next(study for study in STUDIES if whose.may("a", delivery(study=study)))
        quick = next(study for study in STUDIES if whose.may("b", delivery(study=study)))
        router.peers["a"].store_takes = 60.0
        router.dispatcher.start()
        router.arrive(500, study=slow)
        router.arrive(500, study=quick)
        await asyncio.sleep(60)
        assert len(router.peers["b"].taken) == 500
        assert len(router.peers["a"].taken) < 5

    run(main)


def test_a_pool_that_leaves_the_rules_is_owed_as_before():
    async def main(world: World) -> None:
        router = pooled(world)
        router.peers["a"].store_takes = 5.0
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(1)
        router.dispatcher.change(router.rules(A, B))
        assert router.told(DestinationUnknown)[-1].to == "pacs"
        await asyncio.sleep(60)
        assert router.peers["a"].taken == ["1.2.3.1"], "what is on its way arrives"
        assert router.status().state == "unknown"
        router.dispatcher.change(router.rules(A, B, pools=(balance("b"),)))
        await asyncio.sleep(60)
        assert sorted(router.peers["b"].taken) == ["1.2.3.2", "1.2.3.3"]

    run(main)


def test_a_node_that_becomes_a_pool_sends_nothing_twice():
    async def main(world: World) -> None:
        router = Router(world, node("pacs"), A, B)
        router.peers["pacs"].store_takes = 5.0
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(1)
        router.dispatcher.change(router.rules(A, B, pools=(FAILOVER,)))
        await asyncio.sleep(60)
        taken = [*router.peers["pacs"].taken, *router.peers["a"].taken]
        assert taken == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]
        assert len(router.peers["pacs"].stored) == 1

    run(main)


TROUBLE = st.sampled_from([None, None, None, Unreachable("refused"), Unreachable("timed out")])
ANSWERS = st.sampled_from([0x0000] * 8 + [0xB000, 0x0111, 0xA700, 0xC000, Broken("reset")])


@dataclass
class Ways:
    """What the members do while things are bad."""

    connects: dict[str, list[Exception | None]]
    answers: dict[str, list[int | Exception]]
    arrivals: list[tuple[float, int, str]] = field(default_factory=list)


MEMBERS = ("a", "b", "c")
WAYS = st.builds(
    Ways,
    connects=st.fixed_dictionaries({name: st.lists(TROUBLE, max_size=8) for name in MEMBERS}),
    answers=st.fixed_dictionaries({name: st.lists(ANSWERS, max_size=12) for name in MEMBERS}),
    arrivals=st.lists(
        st.tuples(
            st.sampled_from([0.0, 1.0, 40.0, 3000.0]),
            st.integers(1, 10),
            st.sampled_from(["1.1", "1.2", "1.3"]),
        ),
        min_size=1,
        max_size=6,
    ),
)


@settings(max_examples=25, deadline=None)
@given(WAYS, st.sampled_from(["failover", "balance"]), st.booleans(), st.integers())
def test_nothing_is_lost_and_nothing_is_at_two_members_without_a_reason(ways, kind, restart, seed):
    async def main(world: World) -> None:
        pool = balance(*MEMBERS) if kind == "balance" else PoolSettings("pacs", kind, MEMBERS)
        nodes = [node(name, retry=Backoff(1, 60), associations=2) for name in MEMBERS]
        router = Router(world, *nodes, pools=(pool,))
        for name in MEMBERS:
            connects, answers = iter(ways.connects[name]), iter(ways.answers[name])
            router.peers[name].connect = lambda source=connects: next(source, None)
            router.peers[name].answer = lambda uid, source=answers: next(source, 0x0000)
        router.dispatcher.start()
        for before, count, study in ways.arrivals:
            await asyncio.sleep(before)
            router.arrive(count, study=study)
        stored = Counter(uid for peer in router.peers.values() for _, _, uid in peer.stored)
        taken = Counter(uid for peer in router.peers.values() for uid in peer.taken)
        if restart:
            await router.dispatcher.stop(10.0)
            peers = router.peers
            router = Router(world, *nodes, pools=(pool,), spool=router.spool)
            router.peers |= peers
            router.dispatcher.start()
        await asyncio.sleep(20_000)
        stored = Counter(uid for peer in router.peers.values() for _, _, uid in peer.stored)
        taken = Counter(uid for peer in router.peers.values() for uid in peer.taken)
        assert router.spool.count(DeliveryState.WAITING) == 0
        ends = Counter(number for call, number, _ in router.spool.calls if call in ("done", "hold"))
        assert set(ends.values()) <= {1}
        failed = Counter(number for call, number, _ in router.spool.calls if call == "failed")
        for one in router.spool.all.values():
            assert stored[one.sop_instance] <= 1 + failed[one.id]
            if one.state is DeliveryState.DONE:
                assert taken[one.sop_instance] == 1 or "0x0111" in str(router.spool.calls)
        assert all(peer.most_open <= 2 for peer in router.peers.values())
        assert not any(post.tasks for post in router.dispatcher._all())
        assert all(
            window.taken == window.ready == 0 for window in router.dispatcher._windows.values()
        )

    run(main, seed)
