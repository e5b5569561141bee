"""What a person was answered is so: after a power cut before any call, and when the disk says no.

An act that was not answered may have been done or not; it is never half of what it was, and no byte
of what is still owed is lost.
"""

import errno
import itertools
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roteiro.core.program import Decision, Drop
from roteiro.runtime.spool.contract import Act, DeliveryState
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.disks import Failing, PowerDisk, Watched, failing
from tests.spool.samples import HOLD, content, fetch, keep, route, run
from tests.spool.test_power_cut import Cutter, firm_copies

WAITING, HELD, DISCARDED = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DISCARDED
CHANGES = ("create", "write_at", "truncate", "sync_data", "rename", "sync_folder", "remove")
GONE = Decision("drop", drop=Drop("not wanted"))


@dataclass
class Answers:
    """What a person was told; while an act is under way nothing is known of what it is about."""

    states: dict[tuple[str, str], DeliveryState] = field(default_factory=dict)
    ruled: dict[str, bool] = field(default_factory=dict)
    """Objects that no queue holds any more: whether they were sent."""
    bytes: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "Answers":
        return Answers(dict(self.states), dict(self.ruled), dict(self.bytes))

    def settle(self) -> None:
        """Nothing here waits for a firm transaction."""


async def arrive(spool: FileSpool, told: Answers) -> list[str]:
    names = []
    for number, decision in enumerate((route("pacs", "vna"), route("pacs"), HOLD, HOLD)):
        name = await keep(spool, content(number), decision, sop_instance=f"1.2.{number}")
        told.states |= {(name, send.to): WAITING for send in decision.sends}
        told.bytes[name] = number
        names.append(name)
    return names


async def acts(world: World, spool: FileSpool, told: Answers, names: list[str]) -> None:
    """Hold, resume, discard, send and let go; an error of the disk is an answer like another."""
    act = Act("uid 7", world.clock.now(), "asked to")
    number = {(item.object, item.to): item.id for item in spool.deliveries()}
    first, second, third, fourth = names
    changes: list[tuple[Callable[..., Awaitable[object]], tuple[str, str], DeliveryState]] = [
        (spool.stop, (first, "vna"), HELD),
        (spool.stop, (second, "pacs"), HELD),
        (spool.resume, (first, "vna"), WAITING),
        (spool.discard, (first, "pacs"), DISCARDED),
        (spool.discard, (second, "pacs"), DISCARDED),
    ]
    for verb, key, after in changes:
        told.states.pop(key, None)
        if key == (second, "pacs") and after is DISCARDED:
            told.bytes.pop(second)
        with suppress(OSError):
            await verb([number[key]], act)
            told.states[key] = after
    for name, decision in ((third, route("pacs")), (fourth, GONE)):
        if decision is GONE:
            told.bytes.pop(name)
        with suppress(OSError):
            await spool.rule({name: decision}, "sha256:x", act)
            told.ruled[name] = decision is not GONE


async def check(spool: FileSpool, told: Answers) -> None:
    """Everything that was answered is so, the ledger adds up, and bytes are there."""
    found = {
        (life.object, item.to): (item.state, item.reason)
        for name in {*told.bytes, *(name for name, _ in told.states), *told.ruled}
        for life in spool.lives(name)
        for item in life.deliveries
    }
    for key, state in told.states.items():
        assert found[key][0] is state
        if state is not WAITING:
            assert found[key][1] == "asked to"
    for name, sent in told.ruled.items():
        assert not spool.held_of_object(name)
        if sent:
            assert found[name, "pacs"][0] is WAITING
        else:
            (life,) = spool.lives(name)
            assert (life.fate, life.reason) == ("dropped", "not wanted")
    for name, number in told.bytes.items():
        assert await fetch(spool, name) == content(number)
    assert (await spool.ledger()).wrong == ()


@pytest.mark.parametrize("index", ["now", "firm", "gone"])
@pytest.mark.parametrize(("kept", "seed"), [(0.0, 0), (0.5, 1)])
def test_power_cut_at_every_call(kept: float, seed: int, index: str, in_memory: Path) -> None:
    folder, shadows = in_memory / "spool", in_memory / "shadows"
    disk, told = PowerDisk(folder), Answers()
    cutter = Cutter(disk, shadows, seed, kept, index)
    cutter.truth = told  # type: ignore[assignment]  only what is copied and settled

    async def live(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        names = await arrive(spool, told)
        disk.before = cutter
        await acts(world, spool, told, names)
        await spool.close()

    async def look(world: World, shadow: Path, truth: Answers) -> None:
        for _ in range(2):
            spool = FileSpool(shadow, world)
            found = await spool.recover()
            assert (found.damaged, found.missing) == (0, 0)
            await check(spool, truth)
            await spool.close()

    with firm_copies(folder / "index", shadows / "firm", cutter):
        run(live, disk)
    assert len(cutter.cuts) > 20
    for cut in cutter.cuts:
        run(lambda world, cut=cut: look(world, cut.folder, cut.truth))
        shutil.rmtree(cut.folder)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("operation", CHANGES)
def test_the_disk_says_no_at_any_call(operation: str, error: int, in_memory: Path) -> None:
    for turn in itertools.count():
        if not _acts_with(in_memory / str(turn), Failing([operation], turn, error)):
            break
    assert turn >= (0 if operation == "truncate" else 2)


def _acts_with(folder: Path, fault: Failing) -> bool:
    """Act through a fault, then restart twice, the second time without the index."""
    told, disk = Answers(), Watched()

    async def live(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        names = await arrive(spool, told)
        with failing(disk, fault):
            await acts(world, spool, told, names)
        await check(spool, told)
        await spool.close()
        for lose in (False, True):
            if lose:
                shutil.rmtree(folder / "index")
            spool = FileSpool(folder, world)
            await spool.recover()
            await check(spool, told)
            await spool.close()

    run(live, disk)
    return fault.happened
