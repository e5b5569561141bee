"""The power fails at any instant: what was acknowledged is there, what was settled stays settled.

A model of the disk (`PowerDisk`) follows what is sure to survive. Before every call of the spool
the power is cut in a shadow of the folder, several ways, and each shadow is started again: with the
index as it is, with the index as of its last firm transaction, and without any.
"""

import asyncio
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.disks import PowerDisk
from tests.spool.samples import DROP, HOLD, content, fetch, keep, route, run

WAITING = DeliveryState.WAITING
Owed = dict[tuple[str, str], int]


@dataclass(slots=True)
class Truth:
    """What the outside was told."""

    owed: Owed = field(default_factory=dict)
    """(object, destination) acknowledged, and not begun to be settled."""
    held: dict[str, int] = field(default_factory=dict)
    done: set[tuple[str, str]] = field(default_factory=set)
    settled: set[tuple[str, str]] = field(default_factory=set)
    """Done and not to come back: at once when the index survives as it is, from the next firm
    transaction when it survives as of that, a second later when it is gone."""

    def copy(self) -> "Truth":
        return Truth(dict(self.owed), dict(self.held), set(self.done), set(self.settled))

    def settle(self) -> None:
        self.settled |= self.done


@dataclass(frozen=True, slots=True)
class Cut:
    """A shadow that a power cut left, and what was true at that instant."""

    folder: Path
    truth: Truth


@dataclass(slots=True)
class Cutter:
    """Cuts the power before every call of a disk."""

    disk: PowerDisk
    shadows: Path
    seed: int
    kept: float
    index: str
    truth: Truth = field(default_factory=Truth)
    cuts: list[Cut] = field(default_factory=list)

    def __call__(self, _operation: str, _path: Path | None) -> None:
        number = len(self.cuts)
        shadow = self.shadows / str(number)
        shadow.mkdir(parents=True)
        self.disk.cut(shadow, random.Random(self.seed * 1_000_003 + number), self.kept)
        source = {"now": self.disk.folder / "index", "firm": self.shadows / "firm"}.get(self.index)
        if source is not None and source.exists():
            copy_index(source, shadow / "index")
        self.cuts.append(Cut(shadow, self.truth.copy()))


def copy_index(source: Path, target: Path) -> None:
    """Copy database and log; the shared memory beside them does not survive a power cut."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("*"):
        if not path.name.endswith("-shm"):
            shutil.copyfile(path, target / path.name)


@contextmanager
def firm_copies(source: Path, target: Path, cutter: Cutter) -> Iterator[None]:
    """Copy the index after each firm transaction: the least that a power cut leaves of it."""
    real = Index.transaction

    @contextmanager
    def transaction(self: Index, *, firm: bool) -> Iterator[None]:
        with real(self, firm=firm):
            yield
        if firm:
            shutil.rmtree(target, ignore_errors=True)
            copy_index(source, target)
            if cutter.index == "firm":
                cutter.truth.settle()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Index, "transaction", transaction)
        yield


@pytest.mark.parametrize("index", ["now", "firm", "gone"])
@pytest.mark.parametrize(("kept", "seed"), [(0.0, 0), (0.5, 1), (0.5, 2), (1.0, 3)])
def test_power_cut_at_every_call(kept: float, seed: int, index: str, in_memory: Path) -> None:
    folder, shadows = in_memory / "spool", in_memory / "shadows"
    disk = PowerDisk(folder)
    cutter = Cutter(disk, shadows, seed, kept, index)
    with firm_copies(folder / "index", shadows / "firm", cutter):
        run(lambda world: live_through(world, folder, cutter), disk)
    assert len(cutter.cuts) > 60
    for cut in cutter.cuts:
        run(lambda world, cut=cut: check(world, cut))
        shutil.rmtree(cut.folder)


async def live_through(world: World, folder: Path, cutter: Cutter) -> None:
    """Receive alone and in groups, deliver some, wait, receive again."""
    spool, truth = FileSpool(folder, world), cutter.truth
    await spool.recover()
    cutter.disk.before = cutter

    async def receive(number: int, *to: str) -> None:
        name = await keep(spool, content(number), route(*to))
        truth.owed |= {(name, destination): number for destination in to}

    async def deliver(to: str, count: int) -> None:
        for delivery in spool.owed(to, count):
            del truth.owed[delivery.object, to]
            await spool.done(delivery.id, "0000")
            truth.done.add((delivery.object, to))
            if cutter.index == "now":
                truth.settle()

    await receive(1, "pacs")
    await asyncio.gather(*(receive(number, "pacs", "archive") for number in (2, 3, 4)))
    await keep(spool, content(5), DROP)
    truth.held[await keep(spool, content(6), HOLD)] = 6
    await deliver("pacs", 3)
    await deliver("archive", 1)
    await receive(7, "pacs")
    await asyncio.sleep(1.1)
    truth.settle()
    await deliver("pacs", 9)
    await deliver("archive", 1)
    await asyncio.sleep(1.1)
    truth.settle()
    await receive(8, "archive")
    await deliver("archive", 1)
    await spool.close()
    truth.settle()
    cutter("end", None)


async def check(world: World, cut: Cut) -> None:
    """Start a shadow twice, the second time after all was made good."""
    for _ in range(2):
        spool = FileSpool(cut.folder, world)
        found = await spool.recover()
        assert (found.damaged, found.missing) == (0, 0)
        there = {
            (item.object, item.to) for to in ("pacs", "archive") for item in spool.owed(to, 99)
        }
        assert cut.truth.owed.keys() <= there
        assert not cut.truth.settled & there
        for (name, _to), number in cut.truth.owed.items():
            assert await fetch(spool, name) == content(number)
        for name, number in cut.truth.held.items():
            assert name in {item.object for item in spool.held()}
            assert await fetch(spool, name) == content(number)
        for name, _to in there:  # not acknowledged, perhaps, but whole
            await fetch(spool, name)
        assert list((cut.folder / "tmp").iterdir()) == []
        await spool.close()


@pytest.mark.parametrize("step", ["sync_data", "sync_folder"])
def test_the_model_notices_a_sync_that_is_left_out(step: str, in_memory: Path) -> None:
    """A test of the test: a spool that skips one of its syncs does not pass."""
    folder, shadows = in_memory / "spool", in_memory / "shadows"
    disk = PowerDisk(folder)
    cutter = Cutter(disk, shadows, 0, 0.0, "gone")

    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PowerDisk, step, lambda *_: None)
            name = await keep(spool, content(1), route("pacs"))
        cutter.truth.owed[name, "pacs"] = 1
        cutter("now", None)
        await spool.close()

    run(main, disk)
    with pytest.raises(AssertionError):
        run(lambda world: check(world, cutter.cuts[0]))
