"""The index follows the answer: what it does not know yet or take, and how far it is behind."""

import asyncio
import errno
import gc
from collections.abc import Sequence
from pathlib import Path

import pytest

from roteiro.runtime.spool import follower
from roteiro.runtime.spool.contract import DeliveryState, Meeting
from roteiro.runtime.spool.entries import Entry
from roteiro.runtime.spool.follower import UNLISTED
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.spool.writer import IndexWriter
from roteiro.runtime.world import World
from tests.spool.samples import HOLD, content, keep, record, route, run

NO_ROOM = OSError(errno.ENOSPC, "index: no room")


class Gate:
    """Stands before the index: closed, open, or with an error for whoever comes."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self.wrong: OSError | None = None
        self.groups: list[int] = []
        add = IndexWriter.add

        async def through(writer: IndexWriter, arrived: Sequence[Entry]) -> None:
            await self.open.wait()
            if self.wrong is not None:
                raise self.wrong
            self.groups.append(len(arrived))
            await add(writer, arrived)

        patch.setattr(IndexWriter, "add", through)


async def opened(folder: Path, world: World) -> FileSpool:
    spool = FileSpool(folder, world)
    await spool.recover()
    return spool


async def commit(spool: FileSpool, number: int, told: list[str]) -> str:
    slot = spool.begin()
    slot.write(content(number))

    def entered(name: str, meeting: Meeting) -> None:
        told.append(name)

    return await slot.commit(record(route("pacs"), sop_instance=f"1.2.{number}"), entered)


def test_the_answer_does_not_wait_for_the_index(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(world: World) -> None:
        spool, gate, told = await opened(in_memory, world), Gate(monkeypatch), list[str]()
        names = [await commit(spool, number, told) for number in range(3)]
        assert (told, list(spool.deliveries())) == ([], [])
        assert all((in_memory / "objects" / name[:2] / name).exists() for name in names)
        waits = asyncio.ensure_future(spool.settled())
        await asyncio.sleep(1.0)
        assert not waits.done()
        gate.open.set()
        await waits
        assert told == names == [each.object for each in spool.owed("pacs", 9)]
        assert gate.groups in ([3], [1, 2])  # what came meanwhile went in together
        await spool.close()

    run(main)


def test_a_question_waits_for_what_was_there_and_not_for_what_comes(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(world: World) -> None:
        spool, gate, told = await opened(in_memory, world), Gate(monkeypatch), list[str]()
        first = await commit(spool, 0, told)
        waits = asyncio.ensure_future(spool.settled())
        await asyncio.sleep(1.0)
        gate.open.set()
        await waits
        gate.open.clear()
        await commit(spool, 1, told)
        assert told == [first]
        gate.open.set()
        await spool.close()

    run(main)


def test_what_the_index_has_no_room_for_is_shown_and_listed_when_there_is(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(world: World) -> None:
        spool, gate, told = await opened(in_memory, world), Gate(monkeypatch), list[str]()
        gate.wrong = NO_ROOM
        gate.open.set()
        name = await commit(spool, 1, told)
        await spool.settled()
        (shown,) = spool.held()
        assert (shown.object, shown.queue, shown.sop_instance) == (name, UNLISTED, "1.2.1")
        assert "no room" in shown.reason
        assert spool.queues() == {UNLISTED: 1}
        with pytest.raises(OSError, match="no room") as refused:
            await commit(spool, 2, told)
        assert refused.value.errno == errno.ENOSPC
        assert not list((in_memory / "tmp").iterdir())
        gate.wrong = None
        await asyncio.sleep(2 * follower.AGAIN)
        assert (spool.queues(), told) == ({}, [name])
        assert [each.object for each in spool.owed("pacs", 9)] == [name]
        await commit(spool, 3, told)
        await spool.close()

    run(main)


def test_what_the_index_never_took_is_found_at_the_next_start(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(world: World) -> None:
        spool, told = await opened(in_memory, world), list[str]()
        with monkeypatch.context() as patch:
            gate = Gate(patch)
            gate.wrong = NO_ROOM
            gate.open.set()
            name = await commit(spool, 1, told)
            await spool.settled()
            await spool.close()
        spool = FileSpool(in_memory, world)
        assert (await spool.recover()).adopted == 1
        (delivery,) = spool.deliveries()
        assert (delivery.object, delivery.state) == (name, DeliveryState.WAITING)
        await spool.close()

    run(main)


def test_after_a_fault_of_ours_nobody_waits_for_ever(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(world: World) -> None:
        told, heard = list[str](), list[object]()
        asyncio.get_running_loop().set_exception_handler(lambda _, what: heard.append(what))
        spool = await opened(in_memory, world)
        with monkeypatch.context() as patch:

            async def broken(*_: object) -> None:
                raise ValueError

            patch.setattr(IndexWriter, "add", broken)
            name = await commit(spool, 1, told)
            await spool.settled()
            assert [each.object for each in spool.held()] == [name]
            with pytest.raises(OSError, match="ValueError"):
                await commit(spool, 2, told)
            await spool.close()
        gc.collect()
        assert heard
        spool = await opened(in_memory, world)
        assert [each.object for each in spool.owed("pacs", 9)] == [name]
        await spool.close()

    run(main)


def test_after_the_end_nothing_is_kept(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        slot = spool.begin()
        slot.write(content(1))
        await spool.close()
        with pytest.raises(OSError, match="closed"):
            await slot.commit(record(route("pacs")))
        assert not list((in_memory / "objects").rglob("*.*"))

    run(main)


def test_the_index_is_not_left_behind_without_end(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "MOST", 3)

    async def main(world: World) -> None:
        spool, gate, told = await opened(in_memory, world), Gate(monkeypatch), list[str]()
        names = [await commit(spool, number, told) for number in range(3)]
        fourth = asyncio.ensure_future(commit(spool, 3, told))
        await asyncio.sleep(5.0)
        assert not fourth.done()
        gate.open.set()
        names.append(await fourth)
        await spool.settled()
        assert told == names
        await spool.close()

    run(main)


def test_a_sender_that_repeats_for_hours_is_held_once(in_memory: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(in_memory, world)
        first = await keep(spool, content(1), HOLD, sop_instance="1.2.3")
        for _ in range(70):
            await keep(spool, content(1), HOLD, sop_instance="1.2.3")
        assert [each.object for each in spool.held()] == [first]
        await spool.close()

    run(main)
