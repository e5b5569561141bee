"""Upkeep that takes longer than its pause: what comes meanwhile does not wait for the next work."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.samples import content, keep, route, run

Result = TypeVar("Result")


@dataclass
class SlowWorkers:
    """Each call takes so long."""

    seconds: float = 0.0

    async def run(self, call: Callable[[], Result]) -> Result:
        await asyncio.sleep(self.seconds)
        return call()

    def close(self) -> None:
        pass


def test_what_is_done_while_upkeep_runs_gets_its_turn(in_memory: Path) -> None:
    workers = SlowWorkers()

    async def main(world: World) -> None:
        spool = FileSpool(in_memory / "spool", replace(world, workers=workers))
        await spool.recover()
        for number in range(2):
            await keep(spool, content(number), route("pacs"), sop_instance=f"1.2.3.{number}")
        first, second = spool.owed("pacs", 10)
        workers.seconds = 4.0
        await spool.done(first.id, "0x0000")
        await asyncio.sleep(2.0)  # the upkeep of the first is under way
        await spool.done(second.id, "0x0000")
        await asyncio.sleep(120.0)
        left = list((in_memory / "spool" / "objects").rglob("*"))
        assert [path for path in left if path.is_file()] == []
        await spool.close()

    run(main)
