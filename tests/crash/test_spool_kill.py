"""`kill -9` under load: nothing acknowledged is missing or changed, nothing settled comes back."""

import asyncio
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roteiro.runtime.spool.contract import DeliveryState, Spool
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import system_world
from tests.crash.spool_writer import content

KILLS = 20
WRITER = Path(__file__).with_name("spool_writer.py")


@dataclass(slots=True)
class Told:
    """What the writers said, over all their lives."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    sent: set[tuple[str, str]] = field(default_factory=set)
    """May be owed or not: settling was under way."""
    done: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, line: str) -> None:
        match line.split():
            case ["ack", name, number]:
                self.acknowledged[name] = int(number)
            case ["sent", name, to]:
                self.sent.add((name, to))
            case ["done", name, to]:
                self.done.add((name, to))


def live_and_die(folder: Path, told: Told, first: int, lines: int) -> int:
    """Start a writer, kill it after it said so many lines, and hear all that it said."""
    command = [sys.executable, str(WRITER), str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        for _ in range(lines):
            told.hear(writer.stdout.readline())
        writer.kill()
        *whole, _cut = writer.stdout.read().split("\n")  # a line without its end was not said
        for line in whole:
            told.hear(line)
    return writer.returncode


async def judge(folder: Path, told: Told) -> int:
    """Compare what was told with what is there; give the number of objects."""
    world = system_world()
    spool = FileSpool(folder, world)
    found = await spool.recover()
    assert (found.damaged, found.missing, found.rebuilt) == (0, 0, False)
    owed = {
        (item.object, item.to)
        for item in spool.deliveries(limit=1_000_000)
        if item.state is DeliveryState.WAITING
    }
    expected = {(name, to) for name in told.acknowledged for to in ("pacs", "archive")}
    assert expected - told.sent - owed == set(), "missing"
    assert told.done & owed == set(), "settled, but owed again"
    for name, number in told.acknowledged.items():
        assert await read_all(spool, name) == content(number), "changed"
    await spool.close()
    world.workers.close()
    return len({name for name, _ in owed})


async def read_all(spool: Spool, name: str) -> bytes:
    stored = await spool.open(name)
    data = await stored.read(0, stored.size)
    assert stored.intact()
    stored.close()
    return data


@pytest.mark.parametrize("seed", [1])
def test_kill_under_load(seed: int, tmp_path: Path) -> None:
    dice, told, folder = random.Random(seed), Told(), tmp_path / "spool"
    for kill in range(KILLS):
        lines = dice.randrange(1, 120)
        assert live_and_die(folder, told, kill * 1_000_000, lines) == -9
        there = asyncio.run(judge(folder, told))
        assert there >= len(told.acknowledged)
    assert len(told.acknowledged) > KILLS * 10
    assert len(told.done) > KILLS
