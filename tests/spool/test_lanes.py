"""Lanes and batches in the index: what may start how, also when the index is made again."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from roteiro.core.program import Batch, Decision, Release, Send
from roteiro.runtime.spool.contract import Delivery, DeliveryState, Gathering, Lane
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.spool.ways import started, way_of
from roteiro.runtime.world import World, system_world
from tests.spool.samples import (
    commit,
    content,
    record,
)

NIGHT = (Release(None, "night"),)
STUDY = (Release(Batch("study", 300.0, 600.0)),)
BY_NIGHT, BY_STUDY = way_of(NIGHT), way_of(STUDY)


def run(main: Callable[[World], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = system_world()
        await main(world)
        world.workers.close()

    asyncio.run(whole())


async def opened(folder: Path, world: World) -> FileSpool:
    spool = FileSpool(folder, world)
    await spool.recover()
    return spool


async def keep(
    spool: FileSpool,
    number: int,
    release: tuple[Release, ...] = (Release(),),
    *,
    urgency: str = "normal",
    study: str = "1.1",
    series: str = "1.1.1",
) -> None:
    send = Send("pacs", (), "t.r", ("t.r",), urgency, release)
    kept = replace(
        record(Decision("route", (send,))), study=study, series=series, received=1e9 + number
    )
    envelope = replace(kept.envelope, sop_instance=f"1.2.{number}")
    slot = spool.begin()
    slot.write(content(number))
    await commit(spool, slot, replace(kept, envelope=envelope))


def numbers(found: "list[Delivery] | tuple[Delivery, ...] | object") -> list[str]:
    return [each.sop_instance for each in found]  # type: ignore[attr-defined]


def test_lanes_are_what_waits_and_each_has_its_own_pages(tmp_path: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(tmp_path / "spool", world)
        assert spool.lanes("pacs") == []
        await keep(spool, 1, NIGHT)
        await keep(spool, 2)
        await keep(spool, 3, urgency="stat")
        await keep(spool, 4, STUDY, urgency="low")
        await keep(spool, 5)
        lanes = {
            *(Lane("normal", BY_NIGHT), Lane("normal"), Lane("stat"), Lane("low", BY_STUDY)),
        }
        assert set(spool.lanes("pacs")) == lanes
        assert spool.lanes("vna") == []
        plain = spool.owed("pacs", 10, lane=Lane("normal"))
        assert numbers(plain) == ["1.2.2", "1.2.5"]
        assert numbers(spool.owed("pacs", 10, after=plain[0].id, lane=Lane("normal"))) == ["1.2.5"]
        assert numbers(spool.owed("pacs", 1, lane=Lane("normal"))) == ["1.2.2"]
        (night,) = spool.owed("pacs", 10, lane=Lane("normal", BY_NIGHT))
        assert (night.way, night.study, night.series) == (BY_NIGHT, "1.1", "1.1.1")
        assert len(spool.owed("pacs", 10)) == 5
        await spool.done(plain[0].id, "0x0000")
        await spool.hold(plain[1].id, "no")
        assert Lane("normal") not in spool.lanes("pacs")
        await spool.close()

    run(main)


def test_what_was_gathered_and_what_starts(tmp_path: Path) -> None:
    async def main(world: World) -> None:
        spool = await opened(tmp_path / "spool", world)
        await keep(spool, 1, STUDY)
        await keep(spool, 2, STUDY, series="1.1.2")
        await keep(spool, 3, STUDY, study="1.2", series="1.2.1")
        await keep(spool, 4)
        await keep(spool, 5, STUDY)
        ids = {each.sop_instance: each.id for each in spool.owed("pacs", 10)}
        found = spool.gatherings("pacs", BY_STUDY)
        assert sorted(found, key=lambda each: each.series) == [
            Gathering("1.1", "1.1.1", 2, 1e9 + 1, 1e9 + 5, ids["1.2.5"]),
            Gathering("1.1", "1.1.2", 1, 1e9 + 2, 1e9 + 2, ids["1.2.2"]),
            Gathering("1.2", "1.2.1", 1, 1e9 + 3, 1e9 + 3, ids["1.2.3"]),
        ]
        await spool.start_batch("pacs", BY_STUDY, study="1.1", series=None, last=ids["1.2.2"])
        assert numbers(spool.owed("pacs", 9, lane=Lane("normal", started(BY_STUDY)))) == [
            *("1.2.1", "1.2.2"),
        ]
        assert numbers(spool.owed("pacs", 9, lane=Lane("normal", BY_STUDY))) == ["1.2.3", "1.2.5"]
        await spool.start_batch("pacs", BY_STUDY, study="1.2", series="1.9", last=10**9)
        await spool.start_batch("vna", BY_STUDY, study="1.2", series="1.2.1", last=10**9)
        assert len(spool.owed("pacs", 9, lane=Lane("normal", BY_STUDY))) == 2
        await spool.start_batch("pacs", BY_STUDY, study="1.2", series="1.2.1", last=10**9)
        assert numbers(spool.owed("pacs", 9, lane=Lane("normal", BY_STUDY))) == ["1.2.5"]
        await spool.close()
        spool = await opened(tmp_path / "spool", world)
        assert len(spool.owed("pacs", 9, lane=Lane("normal", started(BY_STUDY)))) == 3
        await spool.close()

    run(main)


def test_lanes_come_back_from_the_files(tmp_path: Path) -> None:
    async def main(world: World) -> None:
        folder = tmp_path / "spool"
        spool = await opened(folder, world)
        await keep(spool, 1, NIGHT, urgency="stat")
        await keep(spool, 2, STUDY)
        await keep(spool, 3, STUDY)
        await spool.start_batch("pacs", BY_STUDY, study="1.1", series=None, last=10**9)
        await spool.close()
        shutil.rmtree(folder / "index")
        spool = await opened(folder, world)
        assert set(spool.lanes("pacs")) == {Lane("stat", BY_NIGHT), Lane("normal", BY_STUDY)}
        (gathered,) = spool.gatherings("pacs", BY_STUDY)
        assert (gathered.study, gathered.waiting, gathered.first) == ("1.1", 2, 1e9 + 2)
        assert len(spool.deliveries(to="pacs", state=DeliveryState.WAITING)) == 3
        await spool.close()

    run(main)
