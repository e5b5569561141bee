"""The first spool: one self-describing file an object. See `contract` for the promise.

`format` lays the files out, `committer` takes objects in, `index` answers questions, `upkeep`
removes what is delivered, `recover` brings files and index in step at start. `docs/spool.md` tells
it whole.
"""

import asyncio
import errno
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from roteiro.core.program import Decision
from roteiro.runtime.spool import acts, entries, files, questions
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.ballast import record_disk
from roteiro.runtime.spool.committer import Committer
from roteiro.runtime.spool.contract import (
    Act,
    Backlog,
    Damaged,
    Delivery,
    DeliveryState,
    Gathering,
    HeldObject,
    Lane,
    Ledger,
    Life,
    Recovery,
    SpoolBusy,
)
from roteiro.runtime.spool.follower import UNLISTED, Follower
from roteiro.runtime.spool.found import set_aside
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.ledger import ledger_of
from roteiro.runtime.spool.lives import lives
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.reader import FileObject
from roteiro.runtime.spool.recover import MISSING, recover
from roteiro.runtime.spool.room import SpoolRoom
from roteiro.runtime.spool.slot import FileSlot
from roteiro.runtime.spool.sweep import Sweep, Swept
from roteiro.runtime.spool.upkeep import Upkeep
from roteiro.runtime.spool.withdrawn import Withdrawn
from roteiro.runtime.spool.writer import IndexWriter
from roteiro.runtime.world import Timer, World

CORRUPT = "corrupt"
"""The queue under which damaged files are shown."""
UPKEEP_DELAY = 1.0
"""Seconds from the first change to the upkeep that follows it (P-4: at least once a second)."""
UPKEEP_AGAIN = 60.0
"""Seconds until what the disk refused is tried again."""


class _Parts:
    """What there is between `recover` and `close`."""

    def __init__(
        self,
        world: World,
        places: Places,
        index: Index,
        room: SpoolRoom,
        withdrawn: Withdrawn,
    ) -> None:
        self.index = index
        self.writer = IndexWriter(world, places, index, room)
        self.follower = Follower(self.writer, world.clock)
        self.committer = Committer(world, places, self.follower, withdrawn)
        records = replace(world, disk=record_disk(world.disk, room.ballast))
        self.upkeep = Upkeep(records, places, index, self.writer)
        self.next_sequence = entries.next_sequence(index)


class FileSpool:
    """See `Spool`. Nothing but `recover` may be called first; `OSError` when the disk says no."""

    def __init__(self, folder: Path, world: World) -> None:
        self._world = world
        self._places = Places(folder)
        self.room = SpoolRoom(world, self._places)
        """How much room there is on the disk, and what may still be done."""
        self._withdrawn = Withdrawn(world.disk, self._places)
        self.swept: Callable[[Swept], None] = lambda _swept: None
        """Told what was found when the files of a large spool were looked at after the start."""
        self._sweep: asyncio.Task[None] | None = None
        self._lock = -1
        self._open_parts: _Parts | None = None
        self._timer: Timer | None = None
        self._rest: Timer | None = None
        self._upkeep: asyncio.Task[None] | None = None
        self._stopped: dict[int, str] = {}
        """Deliveries that a person stopped, for who has read them before as owed."""

    async def recover(self, *, anew: bool = False) -> Recovery:
        """See `Spool`; `SpoolBusy` when another process has it, `SpoolForeign`, or `OSError`.

        `anew` makes the index again from the files, also when nothing is wrong with it.
        """
        return await self._start(anew=anew)

    def begin(self) -> FileSlot:
        """See `Spool`."""
        parts = self._parts
        return FileSlot(
            self._world.disk,
            self._places.arriving,
            self._world.dice.token(),
            parts.committer,
            self.room,
            partial(_number, parts),
            self._see_to_upkeep,
        )

    async def settled(self) -> None:
        """See `Spool`."""
        await self._parts.follower.settled()

    def lanes(self, to: str) -> Sequence[Lane]:
        """See `Spool`."""
        return questions.lanes(self._parts.index, to)

    def owed(
        self, to: str, limit: int, *, after: int = 0, lane: Lane | None = None
    ) -> Sequence[Delivery]:
        """See `Spool`."""
        return questions.owed(self._parts.index, to, limit, after, lane)

    async def open(self, object_id: str) -> FileObject:
        """See `Spool`; one that is damaged or missing is reported: its deliveries are held.

        `OSError` also while what becomes of it could not be recorded.
        """
        self.room.demand_records()
        try:
            return await self._world.workers.run(partial(self._open, object_id))
        except layout.Foreign as error:  # not ours to judge: it stays where it is
            await self._lose(object_id, str(error))
            raise Damaged(str(error)) from error
        except layout.Unsound as error:
            await self._lose(object_id, f"damaged: {error}")
            await self._world.workers.run(partial(set_aside, self._world, self._places, object_id))
            raise Damaged(str(error)) from error
        except FileNotFoundError as error:
            await self._lose(object_id, MISSING)
            raise Damaged(MISSING) from error

    async def done(self, delivery: int, note: str) -> None:
        """See `Spool`; nothing happens to one that is done already."""
        index = self._parts.index
        await self._change(partial(entries.done, index, delivery, note, self._world.clock.now()))

    async def failed(self, delivery: int, reason: str) -> None:
        """See `Spool`; nothing happens to one that is done already."""
        index = self._parts.index
        await self._change(
            partial(entries.failed, index, delivery, reason, self._world.clock.now())
        )

    async def hold(self, delivery: int, reason: str) -> None:
        """See `Spool`; nothing happens to one that is done already."""
        index = self._parts.index
        await self._change(partial(entries.hold, index, delivery, reason, self._world.clock.now()))

    def destinations(self) -> dict[str, Backlog]:
        """See `Spool`."""
        return questions.destinations(self._parts.index)

    def queues(self) -> dict[str, int]:
        """See `Spool`; files that did not pass their check are shown as long as they lie there.

        So are objects that are kept and that the index did not take.
        """
        queues = questions.queues(self._parts.index)
        corrupt = len(self._world.disk.names(self._places.corrupt))
        beside = {CORRUPT: corrupt, UNLISTED: len(self._parts.follower.unlisted())}
        return queues | {
            name: queues.get(name, 0) + count for name, count in beside.items() if count
        }

    async def stop(self, deliveries: Sequence[int], act: Act) -> Sequence[int]:
        """See `Spool`."""
        self._stopped |= dict.fromkeys(deliveries, act.reason)
        return await self._act(acts.stop, deliveries, act)

    async def resume(self, deliveries: Sequence[int], act: Act) -> Sequence[int]:
        """See `Spool`."""
        return await self._act(acts.resume, deliveries, act)

    async def discard(self, deliveries: Sequence[int], act: Act) -> Sequence[int]:
        """See `Spool`."""
        self._stopped |= dict.fromkeys(deliveries, act.reason)
        return await self._act(acts.discard, deliveries, act)

    async def rule(
        self, decided: Mapping[str, Decision], rule_set: str, act: Act, *, again: bool = False
    ) -> Sequence[str]:
        """See `Spool`."""
        parts, done = self._parts, list[str]()
        rulings = [
            (name, layout.Ruling(decision, rule_set, first, act.at, act.by, act.reason))
            for name, decision in decided.items()
            for first in (_number(parts, len(decision.sends)),)
        ]
        call = partial(acts.rule_all, parts.index, rulings, again=again)
        await parts.writer.change(lambda: done.extend(call()), firm=True)
        behind = await parts.upkeep.run()
        if {name for _, name, _ in behind.rulings}.intersection(decided):
            raise OSError(errno.EIO, "the note in the object's file cannot be written now")
        return done

    async def _act(
        self,
        call: Callable[[Index, Sequence[int], Act], list[int]],
        deliveries: Sequence[int],
        act: Act,
    ) -> Sequence[int]:
        """Change deliveries, and have it on stable storage in the index and in the files."""
        parts, changed = self._parts, list[int]()
        try:
            await parts.writer.change(
                lambda: changed.extend(call(parts.index, deliveries, act)), firm=True
            )
        except OSError:
            changed.clear()
            raise
        finally:  # what the index lets be owed may be begun
            ended = call is acts.resume
            for number in set(deliveries) if ended else set(deliveries).difference(changed):
                self._stopped.pop(number, None)
        behind = await parts.upkeep.run()
        if {item.id for item in behind.deliveries}.intersection(changed):
            raise OSError(errno.EIO, "the note in the object's file cannot be written now")
        return changed

    def sent(self, sop_instance: str, digest: str, to: str) -> bool:
        """See `Spool`."""
        return questions.sent(self._parts.index, sop_instance, digest, to)

    def stopped(self, delivery: int) -> str | None:
        """See `Spool`."""
        return self._stopped.get(delivery)

    def delivery(self, number: int) -> Delivery | None:
        """See `Spool`."""
        return questions.by_number(self._parts.index, number)

    def of_study(self, study: str) -> Sequence[Delivery]:
        """See `Spool`."""
        return questions.of_study(self._parts.index, study)

    def of_object(self, object_id: str) -> Sequence[Delivery]:
        """See `Spool`."""
        return questions.of_object(self._parts.index, object_id)

    def held_of_study(self, study: str) -> Sequence[HeldObject]:
        """See `Spool`."""
        return questions.held_of_study(self._parts.index, study)

    def held_of_object(self, object_id: str) -> Sequence[HeldObject]:
        """See `Spool`."""
        return questions.held_of_object(self._parts.index, object_id)

    def queue_ages(self) -> dict[str, float]:
        """See `Spool`."""
        return questions.queue_ages(self._parts.index)

    def lives(self, uid: str, limit: int = 1000) -> Sequence[Life]:
        """See `Spool`."""
        return lives(self._parts.index, uid, limit)

    async def ledger(self, sending: Iterable[int] = ()) -> Ledger:
        """See `Spool`."""
        under_way = tuple(sending)
        return await self._world.workers.run(partial(_count, self._parts.index, under_way))

    def since(self) -> tuple[float, bool]:
        """See `Spool`."""
        return questions.since(self._parts.index)

    def gatherings(self, to: str, way: str) -> Sequence[Gathering]:
        """See `Spool`."""
        return questions.gatherings(self._parts.index, to, way)

    async def start_batch(
        self, to: str, way: str, *, study: str, series: str | None, last: int
    ) -> None:
        """See `Spool`."""
        index, now = self._parts.index, self._world.clock.now()
        await self._change(partial(entries.start_batch, index, to, way, study, series, last, now))

    def deliveries(
        self, *, to: str | None = None, state: DeliveryState | None = None, limit: int = 1000
    ) -> Sequence[Delivery]:
        """See `Spool`."""
        return questions.deliveries(self._parts.index, to, state, limit)

    def held(self, *, queue: str | None = None, limit: int = 1000) -> Sequence[HeldObject]:
        """See `Spool`."""
        found = questions.held(self._parts.index, queue, limit)
        if queue in {None, UNLISTED}:
            found = [*found, *self._parts.follower.unlisted()]
        return found[:limit]

    async def close(self) -> None:
        """See `Spool`; safe to call twice. `OSError` when the last changes could not be synced."""
        parts, self._open_parts = self._open_parts, None
        if parts is None:
            return
        self._stop_timers()
        if self._sweep is not None:
            self._sweep.cancel()
            await asyncio.wait([self._sweep])
        await self.room.stop()
        try:
            await parts.committer.idle()
            await parts.follower.stop()
            await parts.writer.idle()
            if self._upkeep is not None:
                await asyncio.wait([self._upkeep])
            await self._see_to_withdrawn()
            await parts.upkeep.run()
        finally:
            await self._let_go(parts.index)

    async def _let_go(self, index: Index) -> None:
        try:
            await self._world.workers.run(index.close)
        finally:
            self._world.disk.close(self._lock)

    @property
    def _parts(self) -> _Parts:
        if self._open_parts is None:
            raise OSError(errno.EBADF, "the spool is not open")
        return self._open_parts

    async def _start(self, *, anew: bool) -> Recovery:
        disk = self._world.disk
        disk.make_folder(self._places.folder)
        try:
            self._lock = disk.lock(self._places.lock)
        except BlockingIOError as error:
            raise SpoolBusy(str(self._places.folder)) from error
        try:
            index, recovery = await self._world.workers.run(partial(self._recover, anew=anew))
        except BaseException:
            disk.close(self._lock)
            raise
        parts = self._open_parts = _Parts(
            self._world, self._places, index, self.room, self._withdrawn
        )
        parts.committer.left = self._see_to_upkeep
        if self._withdrawn:
            self._see_to_upkeep()
        if recovery.later or index.unchecked:
            self._sweep = asyncio.get_running_loop().create_task(self._run_sweep(parts))
        self.room.start(parts.writer.touch)
        return recovery

    async def _run_sweep(self, parts: _Parts) -> None:
        sweep = Sweep(self._world, self._places, parts, partial(_number, parts))
        try:
            swept = await sweep.run()
        except OSError:  # the next start looks again
            return
        self.swept(swept)

    def _recover(self, *, anew: bool) -> tuple[Index, Recovery]:
        self.room.prepare()
        call = partial(recover, self._world, self._places, self._withdrawn, anew=anew)
        return self.room.ballast.for_record(call)

    def _open(self, object_id: str) -> FileObject:
        disk = self._world.disk
        handle = disk.open(self._places.object(object_id))
        try:
            head, kept = files.read_kept(disk, handle)
        except (OSError, layout.Unsound):
            disk.close(handle)
            raise
        return FileObject(self._world, handle, head, kept)

    async def _lose(self, object_id: str, reason: str) -> None:
        index, now = self._parts.index, self._world.clock.now()
        await self._change(partial(entries.lose, index, object_id, reason, now))

    async def _change(self, call: Callable[[], object]) -> None:
        await self._parts.writer.change(call, firm=False)
        self._see_to_upkeep()

    def _see_to_upkeep(self) -> None:
        if self._timer is None and self._open_parts is not None:
            self._timer = self._world.clock.call_later(UPKEEP_DELAY, self._begin_upkeep)

    def _see_to_rest(self) -> None:
        """Try once more in a while what the disk refused, also when nothing is delivered then."""
        self._rest = None
        self._see_to_upkeep()

    def _begin_upkeep(self) -> None:
        self._timer = None
        if self._upkeep is not None:  # it may have begun before the last change
            self._see_to_upkeep()
        elif self._open_parts is not None:
            parts = self._open_parts
            self._upkeep = asyncio.get_running_loop().create_task(self._run_upkeep(parts))

    async def _run_upkeep(self, parts: _Parts) -> None:
        try:
            await self._see_to_withdrawn()
            due = await parts.upkeep.run() or self._withdrawn
            if due and self._rest is None and self._open_parts is not None:
                self._rest = self._world.clock.call_later(UPKEEP_AGAIN, self._see_to_rest)
        except OSError:  # what is due stays due: the index has it
            self._see_to_upkeep()
        finally:
            self._upkeep = None

    async def _see_to_withdrawn(self) -> None:
        if self._withdrawn:
            await self._world.workers.run(self._withdrawn.again)

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        self._timer = self._rest = None


def _count(index: Index, sending: tuple[int, ...]) -> Ledger:
    with index.snapshot() as ask:
        return ledger_of(ask, sending)


def _number(parts: _Parts, sends: int) -> int:
    """Give the number of the next object; its deliveries have it and those that follow."""
    number = parts.next_sequence
    parts.next_sequence += max(1, sends)
    return number
