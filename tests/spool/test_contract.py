"""What every spool does, whatever it is made of: each implementation runs these."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from roteiro.core.program import Decision, Hold
from roteiro.runtime.spool.contract import DeliveryState, Spool, SpoolBusy
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.samples import (
    DROP,
    ENVELOPE,
    HOLD,
    NOTHING,
    REFUSE,
    commit,
    content,
    fetch,
    keep,
    record,
    route,
    run,
)

IMPLEMENTATIONS: tuple[Callable[[Path, World], Spool], ...] = (FileSpool,)
WAITING, HELD, DONE = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE
A_WHILE = 3.0
"""Seconds after which what may be put off has been done."""


class House:
    """One folder and the spools that live in it one after the other."""

    def __init__(self, make: Callable[[Path, World], Spool], folder: Path) -> None:
        self._make = make
        self.folder = folder

    async def open(self, world: World) -> Spool:
        spool = self._make(self.folder, world)
        await spool.recover()
        return spool

    def bytes_kept(self) -> int:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files if "sqlite" not in path.name)


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda make: make.__name__)
def house(request: pytest.FixtureRequest, in_memory: Path) -> House:
    return House(request.param, in_memory / "spool")


def test_what_was_committed_is_there_after_a_restart(house: House) -> None:
    data = content(1, 100_000)

    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, data, route("pacs", "archive"))
        await spool.close()
        spool = await house.open(world)
        assert await fetch(spool, name) == data
        stored = await spool.open(name)
        assert stored.record == record(route("pacs", "archive"))
        stored.close()
        for to in ("pacs", "archive"):
            (delivery,) = spool.owed(to, 10)
            assert (delivery.object, delivery.to, delivery.rule) == (name, to, f"routes.{to}")
            assert (delivery.state, delivery.attempts, delivery.reason) == (WAITING, 0, "")
            assert delivery.size == len(data)
            assert delivery.sop_class == ENVELOPE.sop_class
            assert delivery.sop_instance == ENVELOPE.sop_instance
            assert delivery.transfer_syntax == ENVELOPE.transfer_syntax
        await spool.close()

    run(main)


def test_bytes_come_in_any_pieces(house: House) -> None:
    data = content(2, 5000)

    async def main(world: World) -> None:
        spool = await house.open(world)
        slot = spool.begin()
        for piece in (data[:1], bytearray(data[1:4097]), memoryview(data)[4097:], b""):
            slot.write(piece)
        assert slot.size == len(data)
        assert await fetch(spool, await slot.commit(record(route("pacs")))) == data
        empty = await keep(spool, b"", route("pacs"))
        assert await fetch(spool, empty) == b""
        await spool.close()

    run(main)


def test_an_aborted_object_leaves_no_trace(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        slot = spool.begin()
        slot.write(content(1))
        slot.abort()
        slot.abort()
        with pytest.raises(OSError, match="no longer open"):
            slot.write(b"more")
        with pytest.raises(OSError, match="no longer open"):
            await slot.commit(record(route("pacs")))
        assert (spool.deliveries(), spool.held()) == ([], [])
        assert house.bytes_kept() == 0
        await spool.close()

    run(main)


def test_abort_after_commit_takes_nothing_away(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        slot = spool.begin()
        slot.write(content(1))
        name = await slot.commit(record(route("pacs")))
        slot.abort()
        assert await fetch(spool, name) == content(1)
        with pytest.raises(OSError, match="no longer open"):
            await slot.commit(record(route("pacs")))
        await spool.close()

    run(main)


def test_a_commit_whose_caller_goes_away_is_all_or_nothing(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        task = asyncio.ensure_future(keep(spool, content(1), route("pacs")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await spool.close()
        spool = await house.open(world)
        for delivery in spool.deliveries():
            assert await fetch(spool, delivery.object) == content(1)
        await spool.close()

    run(main)


def test_deliveries_are_owed_in_the_order_of_arrival(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        names = [await keep(spool, content(n), route("pacs", "archive")) for n in range(5)]
        owed = spool.owed("pacs", 100)
        assert [delivery.object for delivery in owed] == names
        assert [delivery.object for delivery in spool.owed("pacs", 2)] == names[:2]
        rest = spool.owed("pacs", 100, after=owed[1].id)
        assert [delivery.object for delivery in rest] == names[2:]
        numbers = [delivery.id for delivery in spool.deliveries()]
        assert numbers == sorted(set(numbers))
        assert len(numbers) == 10
        assert spool.owed("nobody", 100) == []
        await spool.close()

    run(main)


def test_many_at_once_share_the_work_and_stay_apart(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        names = await asyncio.gather(
            *(keep(spool, content(number), route("pacs")) for number in range(40))
        )
        assert len(set(names)) == 40
        for number, name in enumerate(names):
            assert await fetch(spool, name) == content(number)
        assert spool.destinations()["pacs"].waiting == 40
        await spool.close()

    run(main)


def test_an_instance_with_other_bytes_is_another_object(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        first = await keep(spool, content(1), route("pacs"))
        slot = spool.begin()
        slot.write(content(2))
        second, met = await commit(spool, slot, record(route("pacs")))
        assert (met.same, met.differs) == ("", first)
        await spool.done(spool.owed("pacs", 1)[0].id, "0000")
        await asyncio.sleep(A_WHILE)
        assert [delivery.object for delivery in spool.owed("pacs", 9)] == [second]
        assert await fetch(spool, second) == content(2)
        await spool.close()

    run(main)


def test_bytes_go_when_the_last_delivery_is_done_and_not_before(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1), route("pacs", "archive"))
        (pacs,), (archive,) = spool.owed("pacs", 1), spool.owed("archive", 1)
        await spool.done(pacs.id, "0000")
        await asyncio.sleep(A_WHILE)
        assert spool.owed("pacs", 1) == []
        assert await fetch(spool, name) == content(1)
        await spool.done(archive.id, "B000")
        await asyncio.sleep(A_WHILE)
        assert house.bytes_kept() == 0
        assert spool.destinations()["pacs"].done == 1
        await spool.close()
        spool = await house.open(world)
        assert (spool.owed("pacs", 1), spool.owed("archive", 1)) == ([], [])
        assert spool.destinations()["archive"].done == 1
        await spool.close()

    run(main)


@pytest.mark.parametrize("pause", [0.0, A_WHILE])
def test_what_is_done_is_not_owed_again_after_a_restart(house: House, pause: float) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1), route("pacs", "archive"))
        await spool.done(spool.owed("pacs", 1)[0].id, "0000")
        await asyncio.sleep(pause)
        await spool.close()
        spool = await house.open(world)
        assert spool.owed("pacs", 1) == []
        assert await fetch(spool, name) == content(1)
        assert [delivery.to for delivery in spool.deliveries(state=WAITING)] == ["archive"]
        (done,) = spool.deliveries(state=DONE)
        assert (done.to, done.reason) == ("pacs", "0000")
        await spool.close()

    run(main)


def test_done_twice_counts_once(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        await keep(spool, content(1), route("pacs", "archive"))
        (delivery,) = spool.owed("pacs", 1)
        for _ in range(2):
            await spool.done(delivery.id, "0000")
            await spool.hold(delivery.id, "too late")
            await spool.failed(delivery.id, "too late")
            await asyncio.sleep(A_WHILE)
        await spool.done(987654321, "0000")
        assert spool.destinations()["pacs"].done == 1
        assert spool.destinations()["archive"].waiting == 1
        (done,) = spool.deliveries(to="pacs", state=DONE)
        assert (done.state, done.reason, done.attempts) == (DONE, "0000", 0)
        await spool.close()

    run(main)


def test_a_failed_attempt_is_counted_and_goes_on_waiting(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        await keep(spool, content(1), route("pacs"))
        (delivery,) = spool.owed("pacs", 1)
        await spool.failed(delivery.id, "connection refused")
        await spool.failed(delivery.id, "no answer")
        await spool.close()
        spool = await house.open(world)
        (delivery,) = spool.owed("pacs", 1)
        assert (delivery.attempts, delivery.reason) == (2, "no answer")
        await spool.close()

    run(main)


def test_a_held_delivery_waits_for_a_person(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1), route("pacs", "archive"))
        await spool.hold(spool.owed("pacs", 1)[0].id, "status 0122")
        await spool.done(spool.owed("archive", 1)[0].id, "0000")
        await asyncio.sleep(A_WHILE)
        await spool.close()
        spool = await house.open(world)
        assert spool.owed("pacs", 1) == []
        (held,) = spool.deliveries(state=HELD)
        assert (held.object, held.to, held.reason) == (name, "pacs", "status 0122")
        assert await fetch(spool, name) == content(1)
        backlog = spool.destinations()["pacs"]
        assert (backlog.waiting, backlog.held, backlog.oldest) == (0, 1, None)
        assert backlog.waiting_bytes == 0
        await spool.done(held.id, "0000")
        await asyncio.sleep(A_WHILE)
        assert house.bytes_kept() == 0
        await spool.close()

    run(main)


@pytest.mark.parametrize(
    "decision",
    [
        HOLD,
        Decision("hold", hold=Hold("unreadable", "the data set ends in an element")),
        route(holds=(Hold("quality", "no patient id"), Hold("research", "ask first"))),
        route("pacs", holds=(Hold("quality", "no patient id"),)),
    ],
)
def test_a_held_object_is_visible_and_stays(house: House, decision: Decision) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1), decision)
        for delivery in spool.owed("pacs", 9):
            await spool.done(delivery.id, "0000")
        await asyncio.sleep(A_WHILE)
        await spool.close()
        spool = await house.open(world)
        expected = decision.holds if decision.hold is None else (decision.hold,)
        found = [(item.object, item.queue, item.reason) for item in spool.held()]
        assert found == [(name, hold.queue, hold.reason) for hold in expected]
        assert spool.queues() == {hold.queue: 1 for hold in expected}
        (one,) = spool.held(queue=expected[0].queue)
        assert (one.size, one.sop_class) == (1000, ENVELOPE.sop_class)
        assert spool.held(queue="another") == []
        assert await fetch(spool, name) == content(1)
        await spool.close()

    run(main)


@pytest.mark.parametrize("decision", [DROP, NOTHING])
def test_pixels_of_an_object_that_nobody_wants_are_let_go(house: House, decision: Decision) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1, 100_000), decision)
        assert name
        assert 0 < house.bytes_kept() < 5_000
        assert (spool.deliveries(), spool.held(), spool.destinations()) == ([], [], {})
        await spool.close()

    run(main)


@pytest.mark.parametrize("decision", [REFUSE, Decision("route")])
def test_a_decision_that_keeps_nothing_is_our_own_fault(house: House, decision: Decision) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        slot = spool.begin()
        slot.write(content(1))
        with pytest.raises(ValueError, match=r"refused|no reason"):
            await slot.commit(record(decision))
        slot.abort()
        assert house.bytes_kept() == 0
        await spool.close()

    run(main)


def test_backlog_adds_up(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        for number in range(4):
            slot = spool.begin()
            slot.write(content(number, 100 + number))
            await commit(spool, slot, record(route("pacs"), received=1000.0 + number))
        first, second, *_ = spool.owed("pacs", 9)
        await spool.done(first.id, "0000")
        await spool.hold(second.id, "ask")
        backlog = spool.destinations()["pacs"]
        assert (backlog.waiting, backlog.held, backlog.done) == (2, 1, 1)
        assert (backlog.oldest, backlog.waiting_bytes) == (1002.0, 102 + 103)
        await spool.close()

    run(main)


def test_text_of_a_peer_that_is_no_text_is_kept(house: House) -> None:
    odd = b"1.2.\xff\x00'".decode("utf-8", "surrogateescape")

    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1), route("pacs"), sop_instance=odd, calling_ae=odd)
        stored = await spool.open(name)
        assert stored.record.envelope.calling_ae == odd
        stored.close()
        assert spool.owed("pacs", 1)[0].object == name
        await spool.close()

    run(main)


def test_a_piece_out_of_order_does_not_count_for_the_digest(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        name = await keep(spool, content(1), route("pacs"))
        stored = await spool.open(name)
        assert await stored.read(500, 1000) == content(1)[500:]
        assert not stored.intact()
        assert await stored.read(0, 600) == content(1)[:600]
        assert await stored.read(200, 300) == content(1)[200:500]
        assert not stored.intact()
        assert await stored.read(500, 1000) == content(1)[500:]
        assert stored.intact()
        assert await stored.read(1000, 10) == b""
        stored.close()
        stored.close()
        with pytest.raises(ValueError, match="closed"):
            await stored.read(0, 1)
        await spool.close()

    run(main)


def test_one_spool_has_one_owner(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        with pytest.raises(SpoolBusy):
            await house.open(world)
        await keep(spool, content(1), route("pacs"))
        await spool.close()
        await spool.close()
        spool = await house.open(world)
        assert len(spool.owed("pacs", 9)) == 1
        await spool.close()

    run(main)


def test_a_closed_spool_takes_nothing(house: House) -> None:
    async def main(world: World) -> None:
        spool = await house.open(world)
        late = spool.begin()
        late.write(content(1))
        await spool.close()
        with pytest.raises(OSError, match="not open"):
            spool.begin()
        with pytest.raises(OSError, match="index"):
            await late.commit(record(route("pacs")))
        spool = await house.open(world)
        assert spool.deliveries() == []
        await spool.close()

    run(main)
