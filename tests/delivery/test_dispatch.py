"""The whole of delivery on a virtual clock: scripted peers, a spool in memory, no sleeping."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from roteiro.lang.settings import Backoff, NodeSettings, RouterSettings, Settings
from roteiro.runtime.association.contract import Broken, Unreachable, Unwilling
from roteiro.runtime.delivery.destination import KEPT_OPEN
from roteiro.runtime.delivery.retry import step
from roteiro.runtime.events import (
    DeliveryDone,
    DeliveryHeld,
    DestinationRecovered,
    DestinationUnknown,
    DestinationWaiting,
    DiskTrouble,
    Fault,
    ObjectDamaged,
)
from roteiro.runtime.spool.contract import Damaged, DeliveryState, Lane
from roteiro.runtime.world import World
from tests.delivery.parts import CT, EXPLICIT, MR, MemorySpool, Peer, Router, node
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
        assert all(900 - 1e-6 <= wait <= 900 + 2e-3 for wait in waits[8:])  # dead: one in 15 min
        assert 3 * DAY / 900 <= len(times) <= 3 * DAY / 900 + 9
        assert router.spool.count(DeliveryState.WAITING) == 3
        assert {call for call, _, _ in router.spool.calls} == {"failed"}
        assert len(router.spool.calls) == len(times) == len(router.told(DestinationWaiting))

        status = router.status()
        assert (status.state, status.cause) == ("dead", "connection refused")
        assert status.failures == len(times)
        assert 0 < status.next_attempt - world.clock.now() <= 900
        assert status.oldest_age == 3 * DAY

        down = False
        await asyncio.sleep(900.1)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]
        assert router.status().cause == ""
        assert router.told(DestinationRecovered)[0].failures == len(times)

    run(main)


def test_a_limit_holds_with_the_last_reason_and_drops_nothing():
    async def main(world: World) -> None:
        router = Router(world, node(retry=Backoff(5, 600, limit=3 * DAY)))
        router.peer.connect = lambda: Unreachable("no route to host")
        router.dispatcher.start()
        router.arrive(450)
        await asyncio.sleep(2 * DAY)
        router.arrive(2)
        assert router.spool.count(DeliveryState.HELD) == 0
        await asyncio.sleep(DAY + 601)
        assert router.spool.count(DeliveryState.HELD) == 450
        assert router.spool.count(DeliveryState.WAITING) == 2
        held = {words for call, _, words in router.spool.calls if call == "hold"}
        assert held == {"no route to host"}
        assert len(router.told(DeliveryHeld)) == 450

    run(main)


def test_a_limit_also_ends_an_object_that_is_refused():
    async def main(world: World) -> None:
        router = Router(world, node(retry=Backoff(5, 600, limit=DAY)))
        router.peer.answer = lambda uid: 0xA700
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(DAY + 601)
        assert router.spool.all[1].state is DeliveryState.HELD
        assert "out of resources (0xA700)" in router.spool.all[1].reason

    run(main)


def test_a_clock_that_jumps_stops_nothing():
    async def main(world: World) -> None:
        router = Router(world)
        down = True
        router.peer.connect = lambda: Unreachable("down") if down else None
        router.dispatcher.start()
        router.arrive()
        world.clock.shift = -1.8e9  # no battery: 1970
        await asyncio.sleep(1000)
        assert router.status().oldest_age == 0.0
        world.clock.shift = 1.5e9
        down = False
        await asyncio.sleep(901)
        assert router.peer.taken == ["1.2.3.1"]

    run(main)


def test_a_dead_and_a_slow_destination_slow_no_other():
    async def rate(world: World, *names: str) -> list[float]:
        router = Router(world, *(node(name) for name in ("good", *names)))
        if "dead" in router.peers:
            router.peers["dead"].connect = lambda: Unreachable("timed out")
            router.peers["dead"].connect_takes = 30.0
        if "slow" in router.peers:
            router.peers["slow"].store_takes = 60.0
        router.dispatcher.start()
        for name in router.peers:
            router.arrive(1000, to=name)
        await asyncio.sleep(60)
        return [when for when, _, _ in router.peers["good"].stored]

    alone = run(rate)
    beside = run(lambda world: rate(world, "dead", "slow"))
    assert len(alone) == 1000
    assert beside == alone


def test_slow_open_one_association_first_and_more_with_each_success():
    async def main(world: World) -> None:
        router = Router(world, node(associations=4))
        router.peer.store_takes = 1.0
        router.dispatcher.start()
        router.arrive(40)
        open_at = []
        for _ in range(6):
            await asyncio.sleep(0.9)
            open_at.append(router.peer.open)
        assert open_at[0] == 1
        assert open_at == sorted(open_at)
        await asyncio.sleep(20)
        assert router.peer.most_open == 4
        assert len(router.peer.taken) == 40
        assert len(set(router.peer.taken)) == 40

    run(main)


def test_one_object_opens_one_association():
    async def main(world: World) -> None:
        router = Router(world, node(associations=8))
        router.dispatcher.start()
        for _ in range(20):
            router.arrive()
            await asyncio.sleep(1)
        assert len(router.peer.attempts) == 1
        assert len(router.peer.taken) == 20

    run(main)


def test_a_peer_with_room_for_one_is_not_pestered():
    async def main(world: World) -> None:
        router = Router(world, node(associations=4))
        router.peer.connect = lambda: Unreachable("limit exceeded") if router.peer.open else None
        router.dispatcher.start()
        router.arrive(6000)
        await asyncio.sleep(61)
        assert len(router.peer.taken) == 6000
        assert len(router.peer.attempts) < 12  # growing waits, not one a success
        assert len(set(router.peer.attempts)) == len(router.peer.attempts)  # one at a time
        assert router.told(DestinationWaiting) == []

    run(main)


def test_quiet_associations_are_released_and_begun_again():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(KEPT_OPEN - 1)
        assert router.peer.open == 1
        await asyncio.sleep(2)
        assert (router.peer.open, router.peer.released, router.peer.aborted) == (0, 1, 0)
        assert router.status().state == "idle"
        router.arrive()
        await asyncio.sleep(1)
        assert len(router.peer.attempts) == 2
        assert len(router.peer.taken) == 2

    run(main)


def test_an_association_that_the_peer_ended_while_quiet_is_no_failure():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(5)
        router.peer.channels[0].end()
        router.arrive()
        await asyncio.sleep(1)
        assert len(router.peer.taken) == 2
        assert [call for call, _, _ in router.spool.calls] == ["done", "done"]

    run(main)


def test_an_association_that_died_unseen_is_replaced_at_once():
    async def main(world: World) -> None:
        router = Router(world)
        answers = iter([0, Broken("connection reset"), 0])
        router.peer.answer = lambda uid: next(answers)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(5)
        router.arrive()
        await asyncio.sleep(0.2)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.2"]
        assert router.told(DestinationWaiting) == []

    run(main)


def test_a_peer_that_accepts_and_closes_is_left_alone():
    async def main(world: World) -> None:
        router = Router(world)
        connect = router.peer.connect

        def close_soon():
            asyncio.get_running_loop().call_soon(lambda: router.peer.channels[-1].end())  # noqa: PLW0108  it is made later
            return connect()

        router.peer.connect = close_soon
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(3600)
        assert router.peer.taken == []
        assert 3600 / 900 < len(router.peer.attempts) < 3600 / 450 + 12
        assert "closed the association" in router.status().cause

    run(main)


def test_rejected_for_good_waits_as_well_and_says_why():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.connect = lambda: Unwilling("rejected: called AE title not recognised")
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(DAY)
        status = router.status()
        assert (status.waiting, status.held, status.state) == (1, 0, "dead")
        assert status.cause == "rejected: called AE title not recognised"

    run(main)


def test_contexts_come_from_what_waits_and_what_was_sent_lately():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        router.arrive(2)
        await asyncio.sleep(1)
        assert router.peer.proposals == [((CT, EXPLICIT),)]
        for sop_class in (MR, CT, MR, CT):
            router.arrive(sop_class=sop_class)
            await asyncio.sleep(1)
        assert router.peer.proposals[1:] == [((MR, EXPLICIT), (CT, EXPLICIT))]
        assert len(router.peer.taken) == 6

    run(main)


def test_more_kinds_than_contexts_take_a_few_associations():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        for kind in range(300):
            router.arrive(sop_class=f"1.2.840.{kind}")
        await asyncio.sleep(30)
        assert router.peer.taken == [f"1.2.3.{n}" for n in range(1, 301)]
        assert len(router.peer.attempts) <= 5

    run(main)


def test_no_accepted_context_holds_only_what_needs_it():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.accept = lambda pair: pair[0] != MR
        router.dispatcher.start()
        router.arrive(2)
        router.arrive(2, sop_class=MR)
        router.arrive(2)
        await asyncio.sleep(5)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.2", "1.2.3.5", "1.2.3.6"]
        assert [call for call, _, _ in router.spool.calls].count("hold") == 2
        assert "no accepted presentation context" in router.spool.all[3].reason
        assert "MR Image Storage" in router.spool.all[3].reason

    run(main)


def test_urgent_objects_go_first():
    async def main(world: World) -> None:
        router = Router(world)
        for urgency in ("low", "normal", "stat", "normal", "stat"):
            router.spool.put(urgency=urgency)
        router.dispatcher.start()
        await asyncio.sleep(5)
        assert router.peer.taken == [f"1.2.3.{n}" for n in (3, 5, 2, 4, 1)]

    run(main)


def test_statuses_decide_object_by_object():
    statuses = {1: 0x0000, 2: 0xB007, 3: 0xA900, 4: 0xC001, 5: 0x0111, 6: 0x0122, 7: 0xA700}

    async def main(world: World) -> None:
        router = Router(world)
        router.arrive()
        router.dispatcher.start()  # the first one may have been sent before a crash
        await asyncio.sleep(1)
        router.peer.answer = lambda uid: statuses.get(int(uid.split(".")[-1]) - 1, 0)
        router.arrive(8)
        await asyncio.sleep(2)
        calls = {number - 1: call for call, number, _ in router.spool.calls}
        assert calls == {
            0: "done",
            1: "done",
            2: "done",
            3: "hold",
            4: "hold",
            5: "hold",
            6: "hold",
            7: "failed",
            8: "done",
        }
        assert router.told(DestinationWaiting) == []
        assert router.status().resting == 1
        statuses[7] = 0
        await asyncio.sleep(10)
        assert router.spool.count(DeliveryState.WAITING) == 0

    run(main)


def test_one_poison_object_refused_for_ever_stops_nobody():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = lambda uid: 0xA700 if uid == "1.2.3.1" else 0
        router.dispatcher.start()
        router.arrive()
        for _ in range(1000):
            router.arrive()
            await asyncio.sleep(60)
        assert len(router.peer.taken) == 1000
        assert router.told(DestinationWaiting) == []
        tries = [when for when, _, uid in router.peer.stored if uid == "1.2.3.1"]
        assert 60_000 / 900 < len(tries) < 60_000 / 450 + 12

    run(main)


def test_different_objects_refused_in_a_row_are_the_destinations_trouble():
    async def main(world: World) -> None:
        router = Router(world)
        full = True
        router.peer.answer = lambda uid: 0xA700 if full else 0
        router.dispatcher.start()
        router.arrive(1000)
        await asyncio.sleep(2)
        assert len(router.peer.stored) == 3  # and not a thousand
        assert router.status().state == "waiting"
        assert "out of resources" in router.status().cause
        await asyncio.sleep(DAY)
        assert len(router.peer.stored) < DAY / 450 + 20
        full = False
        await asyncio.sleep(900 + 11)
        assert len(router.peer.taken) >= 990
        await asyncio.sleep(900)
        assert len(router.peer.taken) == 1000

    run(main)


def test_refusals_with_successes_between_are_the_objects_trouble():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = lambda uid: 0xA700 if int(uid.split(".")[-1]) % 2 else 0
        router.dispatcher.start()
        router.arrive(100)
        await asyncio.sleep(2)
        assert len(router.peer.taken) == 50
        assert router.told(DestinationWaiting) == []

    run(main)


def test_after_an_outage_one_association_is_opened_first():
    async def main(world: World) -> None:
        router = Router(world, node(associations=4))
        router.peer.store_takes = 1.0
        router.dispatcher.start()
        router.arrive(1000)
        await asyncio.sleep(10)
        assert router.peer.open == 4
        router.peer.connect = lambda: Unreachable("down")
        for channel in router.peer.channels:
            channel.end()
        await asyncio.sleep(60)
        router.peer.connect = lambda: None
        before = len(router.peer.taken)
        while len(router.peer.taken) == before:
            assert router.peer.open <= 1
            await asyncio.sleep(0.1)
        await asyncio.sleep(10)
        assert router.peer.open == 4

    run(main)


def test_refused_objects_do_not_keep_a_fresh_one_from_being_the_probe():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = lambda uid: 0xA700 if int(uid.split(".")[-1]) <= 5 else 0
        router.dispatcher.start()
        router.arrive(5)
        await asyncio.sleep(DAY)
        router.arrive()
        await asyncio.sleep(901)
        assert router.peer.taken == ["1.2.3.6"]

    run(main)


def test_an_object_under_which_associations_end_rests_while_others_pass():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = lambda uid: Broken("aborted") if uid == "1.2.3.3" else 0
        router.dispatcher.start()
        router.arrive(10)
        await asyncio.sleep(120)
        assert len(router.peer.taken) == 9
        assert len(router.told(DestinationWaiting)) <= 2
        before = len(router.told(DestinationWaiting))
        for _ in range(100):
            router.arrive()
            await asyncio.sleep(60)
        assert len(router.peer.taken) == 109
        assert len(router.told(DestinationWaiting)) == before
        assert router.spool.all[3].reason == "in doubt: aborted"

    run(main)


def test_a_duplicate_after_doubt_is_done_and_without_doubt_held():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        answers = iter([Broken("no answer"), 0x0111, 0x0111])
        router.peer.answer = lambda uid: next(answers)
        router.arrive()
        await asyncio.sleep(20)
        router.arrive()
        await asyncio.sleep(20)
        assert [call for call, _, _ in router.spool.calls] == ["failed", "done", "hold"]

    run(main)


def test_doubt_outlives_other_failures_and_a_restart():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(1)
        router.arrive(3)
        answers = iter([Broken("no answer"), 0xA700])
        router.peer.answer = lambda uid: next(answers, 0xA700)
        await asyncio.sleep(2000)
        await router.dispatcher.stop(1)
        assert router.spool.all[4].reason.startswith("in doubt: the peer is out of resources")

        again = Router(world, spool=router.spool)
        again.peer.answer = lambda uid: 0x0111
        again.dispatcher.start()
        await asyncio.sleep(5)
        states = [again.spool.all[number].state for number in (4, 5, 6)]
        assert states == [DeliveryState.DONE, DeliveryState.HELD, DeliveryState.HELD]

    run(main)


def test_a_duplicate_after_a_start_is_held_for_nobody_knows_whose_it_is():
    async def main(world: World) -> None:
        router = Router(world, node(associations=2))
        for _ in range(3):
            router.spool.put()
        router.peer.answer = lambda uid: 0x0111
        router.dispatcher.start()
        await asyncio.sleep(5)
        assert [call for call, _, _ in router.spool.calls] == ["hold", "hold", "hold"]

    run(main)


def test_a_damaged_object_is_held_and_told():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.damaged = {"object2"}
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(5)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.3"]
        assert router.spool.all[2].state is DeliveryState.HELD
        assert router.told(ObjectDamaged)[0].object == "object2"
        assert len(router.peer.attempts) == 1

    run(main)


def test_damage_that_shows_while_sending_takes_the_association_with_it():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.answer = lambda uid: Damaged() if uid == "1.2.3.2" else 0
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(1)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.3"]
        assert router.spool.all[2].state is DeliveryState.HELD
        assert len(router.peer.attempts) == 2
        assert router.told(DestinationWaiting) == []

    run(main)


def test_a_disk_that_cannot_be_read_rests_the_object():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.unreadable = iter([OSError(5, "Input/output error")])
        router.dispatcher.start()
        router.arrive(2)
        await asyncio.sleep(1)
        assert router.peer.taken == ["1.2.3.2"]
        assert router.told(DiskTrouble)[0].reason == "input/output error"
        await asyncio.sleep(6)
        assert router.peer.taken == ["1.2.3.2", "1.2.3.1"]

    run(main)


def test_an_outcome_is_written_until_it_is_written_and_never_sent_twice():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.trouble = iter([OSError(28, "No space left on device")] * 5)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(0.5)
        assert router.told(DeliveryDone) == []
        await asyncio.sleep(100)
        assert router.peer.taken == ["1.2.3.1"]
        assert [call for call, _, _ in router.spool.calls] == ["done"]
        assert len(router.told(DiskTrouble)) == 5
        assert len(router.told(DeliveryDone)) == 1

    run(main)


def test_a_failure_that_cannot_be_written_does_not_stop_sending():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.trouble = iter([OSError(28, "No space left on device")] * 20)
        router.peer.connect = lambda: Unreachable("down") if not router.peer.attempts[1:] else None
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(10)
        assert router.peer.taken == ["1.2.3.1"]

    run(main)


def test_memory_holds_a_window_and_not_the_backlog():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.slow = 0.05
        for _ in range(3000):
            router.spool.put()
        router.dispatcher.start()
        post = router.dispatcher._posts["pacs"]
        for _ in range(60):
            window = router.dispatcher._windows["pacs"]
            assert window.ready + window.taken <= 200
            assert len(post.tasks) <= 201
            await asyncio.sleep(1)
        assert len(router.peer.taken) == 3000
        assert max(limit for _, limit in router.spool.asked) <= 200
        assert len(router.spool.asked) < 40

    run(main)


def test_what_was_committed_out_of_order_is_found():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        router.spool.put()
        router.spool.put()
        router.spool.put()
        late = router.spool.all.pop(2)
        router.dispatcher.arrived("pacs")
        await asyncio.sleep(5)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.3"]
        router.spool.all[2] = late  # its hint came too early
        await asyncio.sleep(61)
        assert router.peer.taken[-1] == "1.2.3.2"

    run(main)


def test_kick_tries_now():
    async def main(world: World) -> None:
        router = Router(world)
        down = True
        router.peer.connect = lambda: Unreachable("down") if down else None
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(DAY)
        down = False
        attempts = len(router.peer.attempts)
        assert router.dispatcher.kick("pacs")
        await asyncio.sleep(1)
        assert len(router.peer.attempts) == attempts + 1
        assert router.peer.taken == ["1.2.3.1"]
        assert not router.dispatcher.kick("nobody")

    run(main)


def test_kick_finds_what_a_person_released():
    async def main(world: World) -> None:
        router = Router(world)
        refuse = True
        router.peer.answer = lambda uid: 0xC000 if refuse else 0
        router.dispatcher.start()
        router.arrive(2)
        await asyncio.sleep(1)
        refuse = False
        router.spool.all[1] = replace(router.spool.all[1], state=DeliveryState.WAITING)
        router.dispatcher.kick("pacs")
        await asyncio.sleep(1)
        assert router.peer.taken == ["1.2.3.1"]

    run(main)


def test_what_is_owed_to_nobody_is_shown_and_kept():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.put("gone")
        router.dispatcher.start()
        router.dispatcher.arrived("gone")
        await asyncio.sleep(DAY)
        status = router.status("gone")
        assert (status.state, status.waiting, status.oldest_age) == ("unknown", 1, DAY)
        assert "no node of this name" in status.cause
        assert router.told(DestinationUnknown)[0].to == "gone"
        assert router.spool.count(DeliveryState.WAITING) == 1

    run(main)


def test_a_node_without_a_port_is_no_destination():
    async def main(world: World) -> None:
        router = Router(world, node("scanner", port=None))
        router.dispatcher.start()
        router.arrive(to="scanner")
        await asyncio.sleep(100)
        assert router.status("scanner").state == "unknown"

    run(main)


def test_stop_lets_what_is_in_flight_finish_and_begins_nothing():
    async def main(world: World) -> None:
        router = Router(world, node(associations=3))
        router.peer.store_takes = 5.0
        router.dispatcher.start()
        router.arrive(50)
        await asyncio.sleep(21)
        assert router.dispatcher.in_flight == 3
        begun = len(router.peer.stored)
        before = world.clock.monotonic()
        await router.dispatcher.stop(10.0)
        assert world.clock.monotonic() - before < 6
        assert len(router.peer.stored) == begun == len(router.peer.taken)
        assert (router.peer.open, router.peer.aborted) == (0, 0)
        assert router.spool.count(DeliveryState.DONE) == begun
        router.arrive()
        await asyncio.sleep(1000)
        assert len(router.peer.stored) == begun

    run(main)


def test_stop_aborts_what_does_not_finish_in_time():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.store_takes = 1e9
        router.dispatcher.start()
        router.arrive(2)
        await asyncio.sleep(1)
        before = world.clock.monotonic()
        await router.dispatcher.stop(10.0)
        assert world.clock.monotonic() - before < 10.1
        assert (router.peer.open, router.peer.aborted) == (0, 1)
        assert router.spool.count(DeliveryState.WAITING) == 2
        assert router.spool.all[1].reason.startswith("in doubt: ")
        assert all(stored.closed for stored in router.spool.opened)

    run(main)


def test_stop_does_not_wait_for_a_peer_that_does_not_answer():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.connect_takes = 1e9
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(1)
        before = world.clock.monotonic()
        await router.dispatcher.stop(10.0)
        assert world.clock.monotonic() - before < 1
        assert router.spool.all[1].attempts == 0

    run(main)


def test_stop_with_nothing_to_do_is_quick_and_may_be_repeated():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        await router.dispatcher.stop(10.0)
        await router.dispatcher.stop(10.0)
        assert world.clock.monotonic() == 0.0

    run(main)


def test_stop_ends_even_when_the_disk_takes_nothing():
    async def main(world: World) -> None:
        router = Router(world)
        router.spool.slow = 1e9
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(1)
        await router.dispatcher.stop(10.0)
        assert world.clock.monotonic() < 20

    run(main)


def test_a_fault_of_ours_is_told_and_its_object_tried_again():
    async def main(world: World) -> None:
        router = Router(world)
        answers = iter([ValueError("a bug"), 0])
        router.peer.answer = lambda uid: next(answers)
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(20)
        assert router.peer.taken == ["1.2.3.1"]
        assert router.peer.aborted == 1
        assert router.told(Fault)[0].error == "ValueError"
        assert "a bug" not in repr(router.events)

    run(main)


def test_the_rate_is_of_the_last_minute():
    async def main(world: World) -> None:
        router = Router(world)
        router.dispatcher.start()
        router.arrive(120)
        await asyncio.sleep(10)
        status = router.status()
        assert (status.rate, status.delivered) == (2.0, 120)
        assert world.clock.now() - 10 <= status.last_success <= world.clock.now()
        await asyncio.sleep(60)
        assert router.status().rate == 0.0

    run(main)


def rules(*nodes: NodeSettings, ae: str = "ROTEIRO") -> Settings:
    return Settings(RouterSettings(ae), (), nodes)


def test_other_rules_leave_what_is_as_before_alone():
    async def main(world: World) -> None:
        router = Router(world, node(), node("vna"))
        router.dispatcher.start()
        router.arrive()
        router.arrive(to="vna")
        await asyncio.sleep(1)
        router.dispatcher.change(rules(node(), node("vna", port=105)))
        await asyncio.sleep(1)
        assert router.peers["pacs"].released == 0
        assert router.peers["vna"].released == 1
        router.dispatcher.change(rules(node(), node("vna", port=105), ae="OTHER"))
        await asyncio.sleep(1)
        assert router.peers["pacs"].released == 1, "its name for us is another one"

    run(main)


def test_what_is_on_its_way_to_a_node_that_leaves_arrives_and_the_rest_waits():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.store_takes = 5
        router.dispatcher.start()
        router.arrive(3)
        await asyncio.sleep(1)
        router.dispatcher.change(rules())
        seen = router.status()
        assert (seen.state, seen.in_flight, seen.waiting) == ("unknown", 1, 3)
        assert router.dispatcher.sending() == {1}
        assert [event.waiting for event in router.told(DestinationUnknown)] == [3]
        await asyncio.sleep(DAY)
        assert router.peer.taken == ["1.2.3.1"]
        assert router.status().waiting == 2
        router.dispatcher.change(rules(node()))
        await asyncio.sleep(60)
        assert router.peer.taken == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]

    run(main)


def test_the_end_waits_for_what_is_on_its_way_to_a_node_that_left():
    async def main(world: World) -> None:
        router = Router(world)
        router.peer.store_takes = 5
        router.dispatcher.start()
        router.arrive()
        await asyncio.sleep(1)
        router.dispatcher.change(rules())
        assert router.dispatcher.in_flight == 1
        await router.dispatcher.stop(10.0)
        assert router.peer.taken == ["1.2.3.1"]

    run(main)


class Ailing(MemorySpool):
    """Cannot be read as often as it is told."""

    refusals = 0

    def lanes(self, to: str) -> Sequence[Lane]:
        if self.refusals:
            self.refusals -= 1
            raise OSError(5, "Input/output error")
        return MemorySpool.lanes(self, to)


def test_a_disk_that_says_no_for_long_is_asked_once_a_second():
    async def main(world: World) -> None:
        spool = Ailing(world)
        router = Router(world, spool=spool)
        router.dispatcher.start()
        spool.refusals = 60
        router.arrive(3)
        await asyncio.sleep(59.5)
        assert 55 <= len(router.told(DiskTrouble)) <= 60
        assert router.peer.taken == []
        await asyncio.sleep(5)
        assert len(router.peer.taken) == 3

    run(main)


def test_a_disk_that_says_no_does_not_keep_other_rules_from_coming():
    async def main(world: World) -> None:
        spool = Ailing(world)
        router = Router(world, node(), node("vna"), spool=spool)
        router.dispatcher.start()
        router.arrive(to="away")
        router.peers["away"] = Peer(world)
        spool.refusals = 2
        router.dispatcher.change(rules(node("away"), node("vna", port=105)))
        assert len(router.told(DiskTrouble)) == 2
        await asyncio.sleep(10)
        assert router.peers["away"].taken == ["1.2.3.1"]

    run(main)
