"""The disk says no at the n-th call, for every n: what was acknowledged is there all the same."""

import asyncio
import errno
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roteiro.core.program import Decision
from roteiro.runtime.spool.contract import Damaged, DeliveryState, Spool
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.disks import Dead, Failing, Watched, failing
from tests.spool.samples import (
    DROP,
    HOLD,
    commit,
    content,
    fetch,
    keep,
    record,
    route,
    run,
)

CHANGES = ("create", "write_at", "truncate", "sync_data", "rename", "sync_folder", "remove")
OFFERED: tuple[tuple[int, Decision], ...] = (
    (1, route("pacs")),
    (2, route("pacs", "archive")),
    (3, HOLD),
    (4, DROP),
    (5, route("archive")),
)


@dataclass(slots=True)
class Story:
    """What was acknowledged and what was refused."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)

    async def offer(self, spool: Spool, number: int, decision: Decision) -> None:
        try:
            slot = spool.begin()
        except OSError:
            self.refused.append(number)
            return
        try:
            for piece in (content(number)[:600], content(number)[600:]):
                slot.write(piece)
            name, _ = await commit(spool, slot, record(decision))
        except OSError:
            slot.abort()
            self.refused.append(number)
        else:
            self.acknowledged[name] = number


async def live_through(spool: Spool, story: Story) -> None:
    """Receive, deliver one half, hold one; an error of the disk is an answer like another."""
    await asyncio.gather(*(story.offer(spool, number, how) for number, how in OFFERED[:3]))
    for number, how in OFFERED[3:]:
        await story.offer(spool, number, how)
    for delivery in spool.owed("pacs", 9):
        await spool.done(delivery.id, "0000")
    for delivery in spool.owed("archive", 1):
        await spool.hold(delivery.id, "status 0122")
    await asyncio.sleep(1.5)


async def check(spool: Spool, story: Story) -> None:
    """Everything acknowledged is there, whole and where it belongs."""
    there = {item.object for item in spool.held()} | {item.object for item in spool.deliveries()}
    for name, number in story.acknowledged.items():
        if number in {2, 3, 5}:
            assert name in there
            assert await fetch(spool, name) == content(number)
    for_archive = {2, 5} & set(story.acknowledged.values())
    assert len({item.object for item in spool.deliveries(to="archive")}) >= len(for_archive)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("operation", CHANGES)
def test_a_fault_while_running(operation: str, error: int, in_memory: Path) -> None:
    turns = 0
    for turn in itertools.count():
        folder = in_memory / str(turn)
        if not _run_with(folder, Failing([operation], turn, error)):
            break
        turns += 1
    assert turns >= (1 if operation in {"truncate", "remove"} else 4)


@pytest.mark.parametrize("turn", range(0, 60, 3))
def test_a_disk_that_dies_for_good(turn: int, in_memory: Path) -> None:
    _run_with(in_memory / "spool", Failing(CHANGES, turn, errno.EIO, for_good=True))


def _run_with(folder: Path, fault: Failing) -> bool:
    """Live through a fault, then restart on a good disk; say whether it happened."""
    disk, story = Watched(), Story()

    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        with failing(disk, fault):
            await live_through(spool, story)
        assert disk.handles == 0
        if not fault.happened or fault.clean_removal:
            assert files(folder / "tmp") == []
        before = len(story.acknowledged) + len(story.refused)
        assert before == len(OFFERED)
        await story.offer(spool, 6, route("later"))
        assert 6 in story.acknowledged.values()  # the disk is good again: so is the spool
        await spool.close()
        spool = FileSpool(folder, world)
        found = await spool.recover()
        assert (found.damaged, found.missing, found.rebuilt) == (0, 0, False)
        assert files(folder / "tmp") == []
        await check(spool, story)
        for delivery in spool.deliveries():
            await fetch(spool, delivery.object)
        if fault.clean_removal:
            assert found.adopted == 0
        await spool.close()

    run(main, disk)
    if not fault.happened:
        assert story.refused == []
    return fault.happened


@pytest.mark.parametrize("error", [errno.EIO, Dead])
def test_recovery_cut_off_at_any_call(error: int | type[BaseException], in_memory: Path) -> None:
    """With a tmp file, an orphan, a damaged file, a finished one and a missing one to deal with."""
    for turn in itertools.count():
        folder = in_memory / str(turn)
        story = Story()
        run(lambda world, f=folder, s=story: _leave_a_mess(f, s, world))
        disk = Watched()
        fault = Failing((*CHANGES, "open", "read_at", "make_folder", "lock"), turn, error)
        with failing(disk, fault):
            _recover_failing(folder, disk, fault)
        assert disk.handles == 0
        run(lambda world, f=folder, s=story: _check_mess(f, s, world))
        if not fault.happened:
            break
    assert turn > 15


def _recover_failing(folder: Path, disk: Watched, fault: Failing) -> None:
    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        try:
            await spool.recover()
        except (OSError, Dead):
            assert fault.happened
        else:
            await spool.close()

    try:
        run(main, disk)
    except (OSError, Dead):
        assert fault.happened


async def _leave_a_mess(folder: Path, story: Story, world: World) -> None:
    spool = FileSpool(folder, world)
    await spool.recover()
    await live_through(spool, story)
    names = {number: name for name, number in story.acknowledged.items()}
    gone = await keep(spool, content(7), route("lost"))
    broken = await keep(spool, content(8), route("lost"))
    await spool.close()
    orphan = folder / "objects" / names[2][:2] / names[2]
    twin = orphan.with_name(orphan.name[:-4] + "beef")
    twin.write_bytes(orphan.read_bytes())
    stray = folder / "objects" / "7f" / ("7f" + "0" * 30)
    stray.parent.mkdir()
    stray.write_bytes(b"no object at all")
    (folder / "objects" / gone[:2] / gone).unlink()
    (folder / "objects" / broken[:2] / broken).write_bytes(b"\x89ROTEIRO, but not for long")
    (folder / "tmp" / "0123").write_bytes(b"half an object")


async def _check_mess(folder: Path, story: Story, world: World) -> None:
    spool = FileSpool(folder, world)
    await spool.recover()
    await check(spool, story)
    twins = {item.object for item in spool.deliveries(to="archive")}
    assert any(name.endswith("beef") for name in twins)
    assert [path.name for path in files(folder / "corrupt")] == ["7f" + "0" * 30]
    assert files(folder / "tmp") == []
    gone, broken = spool.deliveries(to="lost")
    assert (gone.state, gone.reason) == (DeliveryState.HELD, "the file is missing")
    assert broken.state is DeliveryState.WAITING
    for delivery in (gone, broken):
        with pytest.raises(Damaged):
            await spool.open(delivery.object)
    assert (folder / "corrupt" / broken.object).exists()
    (_, broken) = spool.deliveries(to="lost")
    assert (broken.state, broken.reason[:8]) == (DeliveryState.HELD, "damaged:")
    await spool.close()
