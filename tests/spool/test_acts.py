"""What persons do: durable when it is answered, on record, and in the files."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from roteiro.core.program import Decision, Drop, Hold
from roteiro.runtime.spool import history
from roteiro.runtime.spool.contract import Act, Damaged, DeliveryState, Ledger, Life, Spool
from roteiro.runtime.spool.repeats import WINDOW
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.samples import (
    DROP,
    HOLD,
    NOTHING,
    RULES,
    commit,
    content,
    fetch,
    keep,
    record,
    route,
    run,
    send,
)

WAITING, HELD, DONE = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE
DISCARDED, REPEATED = DeliveryState.DISCARDED, DeliveryState.REPEATED
LOSE = pytest.mark.parametrize("lose_index", [False, True], ids=["restart", "index lost"])
STUDY = "1.2.3"


async def opened(folder: Path, world: World) -> FileSpool:
    spool = FileSpool(folder, world)
    await spool.recover()
    return spool


async def again(spool: FileSpool, folder: Path, world: World, *, lose_index: bool) -> FileSpool:
    await spool.close()
    if lose_index:
        shutil.rmtree(folder / "index")
    return await opened(folder, world)


async def put(spool: Spool, number: int, decision: Decision, **envelope: str) -> str:
    slot = spool.begin()
    slot.write(content(number))
    what = record(decision, sop_instance=f"1.2.{number}", **envelope)
    name, _ = await commit(spool, slot, replace(what, study=STUDY, series="1.2.3.4"))
    return name


def act(world: World, reason: str = "asked to") -> Act:
    return Act("uid 7", world.clock.now(), reason)


def only(spool: Spool, uid: str) -> Life:
    (life,) = spool.lives(uid)
    return life


async def fine(spool: Spool) -> Ledger:
    ledger = await spool.ledger()
    assert ledger.wrong == ()
    return ledger


def files(folder: Path, *names: str) -> list[str]:
    return sorted(
        path.name for name in names for path in (folder / name).rglob("*") if path.is_file()
    )


@LOSE
def test_a_delivery_is_stopped_and_resumed(in_memory: Path, *, lose_index: bool) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await put(spool, 1, route("pacs", "vna"))
        (pacs,) = spool.owed("pacs", 9)
        assert await spool.stop([pacs.id, 999], act(world)) == [pacs.id]
        assert spool.stopped(pacs.id) == "asked to"
        assert await spool.stop([pacs.id], act(world)) == []
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        assert spool.owed("pacs", 9) == []
        (held,) = spool.deliveries(state=HELD)
        assert (held.id, held.reason) == (pacs.id, "asked to")
        assert [each.by for each in only(spool, name).deliveries] == ["uid 7", ""]
        await asyncio.sleep(10.0)
        assert await spool.resume([held.id], act(world, "mended")) == [held.id]
        assert spool.stopped(pacs.id) is None
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        (back,) = spool.owed("pacs", 9)
        assert (back.id, back.queued) == (pacs.id, pacs.queued + 10.0)
        await fine(spool)
        await spool.close()

    run(main)


@LOSE
def test_bytes_of_a_discarded_one_go_when_nothing_else_is_owed(
    in_memory: Path, *, lose_index: bool
) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await put(spool, 1, route("pacs", "vna"))
        (pacs,), (vna,) = spool.owed("pacs", 1), spool.owed("vna", 1)
        assert await spool.discard([pacs.id], act(world, "a test")) == [pacs.id]
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        assert await fetch(spool, name) == content(1)
        assert [each.to for each in spool.deliveries()] == ["vna"]
        await spool.done(vna.id, "0000")
        await asyncio.sleep(3.0)
        assert files(in_memory, "objects") == []
        assert files(in_memory, "ledger") == [name]
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        life = only(spool, "1.2.1")
        assert [each.state for each in life.deliveries] == [DISCARDED, DONE]
        assert (life.deliveries[0].reason, life.deliveries[0].by) == ("a test", "uid 7")
        assert not life.bytes_here
        ledger = await fine(spool)
        (to_pacs,) = [each for each in ledger.destinations if each.name == "pacs"]
        assert [reason for reason, _ in to_pacs.reasons] == ["a test"]
        assert (to_pacs.owed.number, to_pacs.discarded.number, to_pacs.discarded.bytes) == (
            *(1, 1),
            1000,
        )
        assert ledger.rebuilt is lose_index
        await spool.done(pacs.id, "0000")
        await fine(spool)
        assert [each.state for each in only(spool, "1.2.1").deliveries] == [DISCARDED, DONE]
        await spool.close()

    run(main)


@LOSE
def test_a_held_object_is_ruled_again(in_memory: Path, *, lose_index: bool) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await put(spool, 1, HOLD)
        assert await spool.rule({name: route("pacs")}, "sha256:new", act(world))
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        (pacs,) = spool.owed("pacs", 9)
        assert (pacs.object, spool.queues()) == (name, {})
        ledger = await fine(spool)
        (source,) = ledger.sources
        assert (source.acknowledged.number, source.routed.number, source.held.number) == (1, 1, 0)
        assert await spool.rule({name: route("pacs")}, "sha256:new", act(world))
        assert len(spool.owed("pacs", 9)) == 1  # it was owed already
        await spool.done(pacs.id, "0000")
        await asyncio.sleep(3.0)
        assert files(in_memory, "objects") == []
        assert not await spool.rule({name: route("pacs")}, "sha256:new", act(world), again=True)
        await fine(spool)
        await spool.close()

    run(main)


@LOSE
def test_a_held_object_is_let_go_with_its_reason(in_memory: Path, *, lose_index: bool) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await put(spool, 1, HOLD)
        other = await put(spool, 2, route("pacs", holds=(Hold("quality", "look"),)))
        gone = Decision("drop", drop=Drop("nobody wants it"))
        assert await spool.rule({name: gone}, "", act(world, "nobody wants it"))
        assert await spool.rule({other: gone}, "", act(world, "looked"))
        assert (files(in_memory, "objects"), files(in_memory, "ledger")) == ([other], [name])
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        assert [item.object for item in spool.owed("pacs", 9)] == [other]
        assert spool.queues() == {}
        life = only(spool, name)
        assert (life.fate, life.reason) == ("dropped", "nobody wants it")
        if not lose_index:
            assert [(step.what, step.by) for step in life.steps] == [("discard", "uid 7")]
        (source,) = (await fine(spool)).sources
        counts = (source.acknowledged, source.routed, source.held, source.dropped)
        assert [each.number for each in counts] == [2, 1, 0, 1]
        await spool.close()

    run(main)


@LOSE
def test_dropped_objects_are_counted(in_memory: Path, *, lose_index: bool) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        for number, decision in enumerate((DROP, NOTHING, HOLD, route("pacs"))):
            await put(spool, number, decision)
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        (source,) = (await fine(spool)).sources
        counts = (source.dropped, source.nothing, source.held, source.routed)
        assert [(each.number, each.bytes) for each in counts] == [(1, 1000)] * 4
        assert source.acknowledged.number == 4
        assert only(spool, "1.2.0").reason == "a phantom"
        await spool.close()

    run(main)


def test_a_person_may_send_what_was_delivered_as_long_as_it_is_here(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await put(spool, 1, route("pacs", "vna"))
        await spool.done(spool.owed("pacs", 1)[0].id, "0000")
        assert await spool.rule({name: route("pacs")}, RULES, act(world))
        assert spool.owed("pacs", 9) == []
        assert await spool.rule({name: route("pacs")}, RULES, act(world), again=True)
        (pacs,) = spool.owed("pacs", 9)
        assert await spool.rule({name: route("pacs")}, RULES, act(world), again=True)
        assert spool.owed("pacs", 9) == [pacs]
        await fine(spool)
        await spool.close()

    run(main)


# --- repeats -----------------------------------------------------------------------------------


async def arrive(spool: Spool, decision: Decision, number: int = 1, **envelope: str) -> str:
    return await keep(spool, content(number), decision, **envelope)


@LOSE
def test_the_same_bytes_are_owed_once(in_memory: Path, *, lose_index: bool) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        first = await arrive(spool, route("pacs"))
        slot = spool.begin()
        slot.write(content(1))
        second, met = await commit(spool, slot, record(route("pacs")))
        assert met.same == first
        third = await arrive(spool, route("pacs", "vna"))
        assert [item.object for item in spool.deliveries()] == [first, third]
        assert only(spool, second).repeats == first
        await asyncio.sleep(3.0)
        assert files(in_memory, "objects") == sorted([first, third])
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        assert [item.object for item in spool.deliveries()] == [first, third]
        await fine(spool)
        await spool.close()

    run(main)


def test_sixteen_at_once_are_owed_once(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        names = await asyncio.gather(*(arrive(spool, route("pacs")) for _ in range(16)))
        assert len(spool.owed("pacs", 99)) == 1
        assert sum(bool(only(spool, name).repeats) for name in names) == 15
        (source,) = (await fine(spool)).sources
        assert (source.acknowledged.number, source.repeated.number) == (16, 15)
        await spool.close()

    run(main)


@pytest.mark.parametrize(
    ("pause", "calling", "owed"),
    [(WINDOW - 1, "CT1", 0), (WINDOW + 1, "CT1", 1), (WINDOW - 1, "MR1", 0)],
)
def test_what_is_done_spares_for_a_while(
    in_memory: Path, pause: float, calling: str, owed: int
) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        await arrive(spool, route("pacs"))
        await spool.done(spool.owed("pacs", 1)[0].id, "0000")
        await asyncio.sleep(pause)
        slot = spool.begin()
        slot.write(content(1))
        again = record(route("pacs"), received=world.clock.now(), calling_ae=calling)
        await commit(spool, slot, again)
        assert len(spool.owed("pacs", 9)) == owed
        await fine(spool)
        await spool.close()

    run(main)


def test_another_source_a_discard_or_a_lost_file_spares_nothing(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        first = await arrive(spool, route("pacs"))
        other = await arrive(spool, route("pacs"), calling_ae="MR1")
        assert [item.object for item in spool.owed("pacs", 9)] == [first, other]
        (own, _) = spool.owed("pacs", 9)
        await spool.discard([own.id], act(world))
        third = await arrive(spool, route("pacs"))
        assert [item.object for item in spool.owed("pacs", 9)] == [other, third]
        (in_memory / "objects" / third[:2] / third).unlink()
        await spool.close()
        spool = await opened(in_memory, world)
        fourth = await arrive(spool, route("pacs"))
        assert [item.object for item in spool.owed("pacs", 9)] == [other, fourth]
        await fine(spool)
        await spool.close()

    run(main)


def test_a_held_twin_is_held_once(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        first = await arrive(spool, HOLD)
        second = await arrive(spool, HOLD)
        assert [item.object for item in spool.held()] == [first]
        assert only(spool, second).repeats == first
        routed = await arrive(spool, route("pacs"))  # the rules were mended meanwhile
        assert [item.object for item in spool.owed("pacs", 9)] == [routed]
        await asyncio.sleep(3.0)
        await fine(spool)
        await spool.close()

    run(main)


@pytest.mark.parametrize("decision", [route("pacs", "vna"), HOLD])
@pytest.mark.parametrize("gone", [False, True], ids=["damaged", "missing"])
def test_what_is_damaged_or_missing_can_be_discarded(
    in_memory: Path, decision: Decision, *, gone: bool
) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await put(spool, 1, decision)
        path = in_memory / "objects" / name[:2] / name
        if gone:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(Damaged):
            await spool.open(name)
        assert only(spool, name).lost
        held = [item.id for item in spool.deliveries(state=HELD)]
        assert await spool.discard(held, act(world, "sent again")) == held
        if decision is HOLD:
            gone_for_good = Decision("drop", drop=Drop("sent again"))
            assert await spool.rule({name: gone_for_good}, "", act(world, "sent again")) == [name]
        await spool.close()
        spool = await opened(in_memory, world)
        assert (spool.deliveries(), spool.held()) == ([], [])
        assert not only(spool, name).lost
        await fine(spool)
        await spool.close()

    run(main)


def test_a_ledger_that_does_not_add_up_is_seen(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        await arrive(spool, route("pacs"))
        index = spool._parts.index
        for statement in (
            "UPDATE destination SET waiting = waiting + 1",
            "UPDATE source SET acknowledged_bytes = 0",
            "DELETE FROM delivery",
        ):
            with index.transaction(firm=True):
                index.change(statement)
        wrong = {(each.what, each.name) for each in (await spool.ledger()).wrong}
        assert {("destination", "pacs"), ("rows_waiting", "pacs"), ("source_bytes", "CT1")} <= wrong
        assert {("unowed", ""), ("object_owed", "")} <= wrong
        await spool.close()

    run(main)


def test_attempts_are_remembered_up_to_a_number(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        name = await arrive(spool, route("pacs"))
        (pacs,) = spool.owed("pacs", 9)
        for number in range(60):
            await spool.failed(pacs.id, f"no answer {number}")
        (delivery,) = only(spool, name).deliveries
        assert delivery.attempts == 60
        details = [step.detail for step in delivery.steps]
        assert (details[0], details[-1], len(details)) == ("no answer 0", "no answer 59", 50)
        assert send("pacs").to == delivery.to
        await spool.close()

    run(main)


# --- history -----------------------------------------------------------------------------------


async def past(spool: FileSpool, world: World) -> list[str]:
    """Leave a delivered, a dropped and a discarded object, and one that waits."""
    names = [await put(spool, number, route("pacs")) for number in range(2)]
    names.append(await put(spool, 2, DROP))
    first, second = spool.owed("pacs", 9)
    await spool.done(first.id, "0000")
    await spool.discard([second.id], act(world))
    names.append(await put(spool, 3, route("pacs")))
    await asyncio.sleep(3.0)
    return names


@LOSE
def test_history_is_let_go_by_age_and_counts_stay(in_memory: Path, *, lose_index: bool) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        *gone, waits = await past(spool, world)
        assert files(in_memory, "ledger") == sorted(gone[1:])
        assert len(spool.lives(STUDY)) == 4
        await asyncio.sleep(history.AGE - 60.0)
        spool = await again(spool, in_memory, world, lose_index=False)
        assert len(spool.lives(STUDY)) == 4
        await asyncio.sleep(120.0)
        spool = await again(spool, in_memory, world, lose_index=False)
        assert [life.object for life in spool.lives(STUDY)] == [waits]
        assert (files(in_memory, "ledger"), files(in_memory, "objects")) == ([], [waits])
        (source,) = (await fine(spool)).sources
        assert (source.acknowledged.number, source.dropped.number) == (4, 1)
        spool = await again(spool, in_memory, world, lose_index=lose_index)
        assert await fetch(spool, waits) == content(3)
        (source,) = (await fine(spool)).sources
        assert source.acknowledged.number == (1 if lose_index else 4)
        await spool.close()

    run(main)


def test_history_is_let_go_by_number(in_memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "OBJECTS", 2)

    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        names = await past(spool, world)
        await asyncio.sleep(1.0)
        await spool.close()
        spool = await opened(in_memory, world)
        left = [life.object for life in spool.lives(STUDY)]
        assert len(left) == 3
        assert names[3] in left
        await fine(spool)
        await spool.close()

    run(main)
