"""Does what one destination's state machine asks for, each thing in a task of its own.

Nothing is shared between two posts but the spool and the carrier: no lock, no queue, no pool, so a
destination that is slow or dead has nothing by which it could slow another one.

Rules of this file: what the machine returns is done before anything is awaited; every task ends by
telling the machine how it ended, also when it ended by a fault of ours.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import Backoff, NodeSettings
from roteiro.runtime.association.contract import (
    Carrier,
    Channel,
    NothingAccepted,
    Trouble,
    Unwilling,
)
from roteiro.runtime.delivery.actions import (
    Abort,
    Action,
    Connect,
    Entry,
    Nudge,
    Record,
    Release,
    Start,
    Store,
    Tell,
)
from roteiro.runtime.delivery.batches import AskGathered, Whole
from roteiro.runtime.delivery.destination import Destination
from roteiro.runtime.delivery.marks import TIMES, Marks
from roteiro.runtime.delivery.retry import delay
from roteiro.runtime.delivery.state import State
from roteiro.runtime.events import DiskTrouble, Fault, Notify
from roteiro.runtime.machine import machine_words
from roteiro.runtime.spool.contract import Damaged, Delivery, Spool, StoredObject
from roteiro.runtime.world import Timer, World

TICK = 0.001
"""Seconds below which no timer is set: a loop may call a little early."""
RECORDING = Backoff(first=1.0, longest=60.0)
"""Waits between attempts to record what has happened already."""

Told = Callable[[str], list[Action]]
"""Tells the machine that something ended badly, and why."""


@dataclass(slots=True)
class Post:
    """See the module."""

    destination: Destination
    calling_ae: str
    world: World
    spool: Spool
    carrier: Carrier
    notify: Notify
    marks: Marks = field(default_factory=Marks)
    """Of all posts together."""
    nudge: Callable[[], None] = lambda: None
    """Lets other members of pools look at their queues."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _channels: dict[int, Channel] = field(default_factory=dict)
    _opening: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _timer: Timer | None = None
    _due: float | None = None
    _again: Timer | None = None
    _over: bool = False

    def pull(self) -> None:
        """Look for work in the spool; when the disk says no, again in a while."""
        self.destination.hint()
        self.tick()

    def tick(self) -> None:
        """Look at what has become possible."""
        self._do(self.destination.tick())

    def kick(self) -> None:
        """Try now what waits for its time."""
        self._do(self.destination.kick())

    def change(self, node: NodeSettings, calling_ae: str) -> None:
        """Go on with the node as it is declared now, and call it by this name; after `stop` too."""
        same = (node, calling_ae) == (self.destination.node, self.calling_ae)
        if same and self.destination.state is not State.STOPPING:
            self.tick()  # the schedules may be others
            return
        renamed, self.calling_ae = calling_ae != self.calling_ae, calling_ae
        self._perform(self.destination.change(node, renamed=renamed))
        self.pull()

    def stop(self) -> None:
        """Begin nothing new."""
        self._do(self.destination.stop())

    def abort(self) -> None:
        """End every association at once; what was under way goes on waiting in the spool."""
        for channel in tuple(self._channels.values()):
            channel.abort()

    def give_up(self) -> None:
        """Leave everything as it is: the next start finds it in the spool."""
        self._over = True
        if self._again is not None:
            self._again.cancel()
        for task in tuple(self.tasks):
            task.cancel()

    # --- doing -----------------------------------------------------------------------------------

    def _do(self, actions: Iterable[Action]) -> None:
        self._perform(actions)
        try:
            if self._again is None:
                self._read()
        except OSError as error:
            doing = Phrase("runtime.doing_deliver", to=self.destination.node.name)
            self.notify(DiskTrouble(doing, machine_words(error)))
            self._read_later()
        self._arm()

    def _read(self) -> None:
        """Bring what the machine wants of the spool."""
        while (ask := self.destination.wants()) is not None:
            if isinstance(ask, AskGathered):
                found = self.spool.gatherings(ask.to, ask.way)
                self._perform(self.destination.gathered(found, ask))
            elif ask.lane is None:
                self._perform(self.destination.named(self.spool.lanes(ask.to), ask))
            else:
                page = self.spool.owed(ask.to, ask.limit, after=ask.after, lane=ask.lane)
                self._perform(self.destination.fill(page, ask))

    def _read_later(self) -> None:
        """Try again in a while."""

        def again() -> None:
            self._again = None
            self.tick()

        if not self._over:
            self._again = self.world.clock.call_later(RECORDING.first, again)

    def _perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Tell(event):
                    self.notify(event)
                case Record():
                    self._spawn(self._record(action))
                case Connect(line):
                    opening = self._spawn(self._connect(action), partial(self._refused, line))
                    self._opening[line] = opening
                case Store(line, delivery):
                    self._spawn(
                        self._store(line, delivery),
                        partial(self._broke, line),
                        partial(self._faulted, line, delivery),
                    )
                case Release(line):
                    self._spawn(self._release(line), partial(self._closed, line))
                case Abort(line):
                    self._opening[line].cancel()
                case Nudge():
                    self.nudge()
                case Start(whole):
                    self._spawn(self._start(whole))

    def _spawn(
        self,
        work: Coroutine[None, None, None],
        told: Told | None = None,
        faulted: Told | None = None,
    ) -> asyncio.Task[None]:
        """Begin a task; `told` hears of an end that it could not tell, `faulted` of our faults."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(partial(self._ended, told, faulted or told))
        return task

    def _ended(self, told: Told | None, faulted: Told | None, task: asyncio.Task[None]) -> None:
        """See to a task that could not tell by itself how it ended."""
        self.tasks.discard(task)
        if self._over:
            return
        if task.cancelled():
            reason = Phrase("runtime.stopped_by_us")
        elif (error := task.exception()) is not None:
            kind = type(error).__name__
            reason = Phrase("runtime.own_fault", error=kind)
            where = Phrase("runtime.doing_deliver", to=self.destination.node.name)
            self.notify(Fault(where, kind))
            told = faulted
        else:
            return
        if told is not None:
            self._do(told(reason))

    def _arm(self) -> None:
        due = self.destination.next_tick() if self._again is None else None
        if due == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due, self._timer = due, None
        if due is not None:
            wait = max(due - self.world.clock.monotonic(), TICK)
            self._timer = self.world.clock.call_later(wait, self._tick)

    def _tick(self) -> None:
        self._due = self._timer = None
        self.tick()

    # --- the tasks -------------------------------------------------------------------------------

    async def _connect(self, action: Connect) -> None:
        node, line = self.destination.node, action.line
        try:
            channel = await self.carrier.connect(node, self.calling_ae, action.pairs)
        except NothingAccepted as trouble:
            del self._opening[line]
            self._do(self.destination.unfit(line, str(trouble)))
        except Trouble as trouble:
            self._do(self._refused(line, str(trouble)))
        else:
            del self._opening[line]
            self._channels[line] = channel
            self._do(self.destination.opened(line, channel))

    async def _store(self, line: int, delivery: Delivery) -> None:
        if self.spool.stopped(delivery.id) is not None:
            self._do(self.destination.withdrawn(line))
        elif not self.marks.begin(delivery.id):
            self._do(self.destination.postponed(line))
        else:
            try:
                actions = await self._handle(line, delivery)
            except asyncio.CancelledError:  # we end; no fault of the object
                self.marks.end(delivery.id)
                raise
            self.marks.end(delivery.id)
            self._do(actions)

    async def _handle(self, line: int, delivery: Delivery) -> list[Action]:
        try:
            stored = await self.spool.open(delivery.object)
        except Damaged:
            return self.destination.damaged(line, gone=False)
        except OSError as error:
            self._tell_disk("runtime.doing_open", error)
            return self.destination.unreadable(line, machine_words(error), gone=False)
        if self._channels[line].open:
            return await self._send(line, stored, delivery)
        stored.close()
        del self._channels[line]
        return self.destination.lost(line)

    async def _send(self, line: int, stored: StoredObject, delivery: Delivery) -> list[Action]:
        channel, urgent = self._channels[line], delivery.urgency == "stat"
        try:
            pace = self.destination.pace
            status = await channel.store(stored, urgent=urgent, pace=pace)
        except Unwilling as trouble:
            return self.destination.unwilling(line, str(trouble))
        except Trouble as trouble:
            return self._broke(line, str(trouble))
        except Damaged:
            return self.destination.damaged(line, gone=self._gone(line))
        except OSError as error:
            self._tell_disk("runtime.doing_open", error)
            return self.destination.unreadable(line, machine_words(error), gone=self._gone(line))
        finally:
            stored.close()
        self.marks.answered(delivery.id)
        return self.destination.answered(line, status)

    async def _release(self, line: int) -> None:
        await self._channels[line].release()
        self._do(self._closed(line, ""))

    async def _start(self, whole: Whole) -> None:
        try:
            await self.spool.start_batch(
                whole.to, whole.way, study=whole.study, series=whole.series, last=whole.last
            )
        except OSError as error:
            self._tell_disk("runtime.doing_record", error)
            self._do(self.destination.unstarted(whole))
        else:
            self._do(self.destination.started(whole))

    async def _record(self, record: Record) -> None:
        await self._write(record)
        self.marks.recorded(record.delivery.id)
        for event in record.events:
            self.notify(event)
        self._do(self.destination.recorded(record.delivery.id))

    async def _write(self, record: Record) -> None:
        """Write until it is written: what is not on record would be sent again.

        A failed attempt is worth one try only; when it cannot be written down, sending goes on.
        """
        failures = 0
        while True:
            try:
                await self._write_once(record)
            except OSError as error:
                self._tell_disk("runtime.doing_record", error)
                if record.entry is Entry.FAILED:
                    return
                failures += 1
                await self._pause(delay(RECORDING, failures, self.world.dice.fraction()))
            else:
                return

    async def _write_once(self, record: Record) -> None:
        number = record.delivery.id
        match record.entry:
            case Entry.DONE:
                await self.spool.done(number, record.text)
            case Entry.FAILED:
                await self.spool.failed(number, record.text)
            case Entry.HELD:
                await self.spool.hold(number, record.text)

    # --- how things end --------------------------------------------------------------------------

    def _refused(self, line: int, reason: str) -> list[Action]:
        self._opening.pop(line, None)
        return self.destination.refused(line, reason)

    def _broke(self, line: int, reason: str) -> list[Action]:
        self._channels.pop(line).abort()
        return self.destination.broke(line, reason)

    def _faulted(self, line: int, delivery: Delivery, reason: str) -> list[Action]:
        if (channel := self._channels.pop(line, None)) is not None:
            channel.abort()
        times = self.marks.fault(delivery.id)
        if times >= TIMES:
            self.marks.clear(delivery.id)
        return self.destination.faulted(line, reason, times)

    def _closed(self, line: int, _reason: str) -> list[Action]:
        del self._channels[line]
        return self.destination.closed(line)

    def _gone(self, line: int) -> bool:
        """Say whether the association of a line is over, and forget it then."""
        if self._channels[line].open:
            return False
        del self._channels[line]
        return True

    def _tell_disk(self, doing: str, error: OSError) -> None:
        self.notify(DiskTrouble(Phrase(doing), machine_words(error)))

    async def _pause(self, seconds: float) -> None:
        over = asyncio.Event()
        timer = self.world.clock.call_later(seconds, over.set)
        try:
            await over.wait()
        finally:
            timer.cancel()
