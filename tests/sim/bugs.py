"""Mistakes that the simulator must find: each is put into the running router in its turn.

A mistake takes the place of one method or function for as long as a `with` lasts. `kinds` are the
faults in which it shows soonest: the suite runs seeds with those, the long tier with any.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from roteiro.lang.messages import Phrase
from roteiro.runtime.association import requestor
from roteiro.runtime.delivery import destination
from roteiro.runtime.delivery.destination import Destination
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.delivery.post import Post
from roteiro.runtime.delivery.statuses import Outcome
from roteiro.runtime.intake import ObjectReception
from roteiro.runtime.spool import files, index, recover, upkeep
from roteiro.runtime.spool.committer import Committer
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.reader import FileObject
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.spool.upkeep import Upkeep

Make = Callable[[Any], Any]
"""Makes the mistake out of what is right."""


@dataclass(frozen=True, slots=True)
class Bug:
    """One mistake."""

    name: str
    where: object
    what: str
    make: Make
    kinds: tuple[str, ...]
    first: int = 1
    """The seed to begin with, for those that show seldom."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        right = vars(self.where)[self.what]
        setattr(self.where, self.what, self.make(right))
        try:
            yield
        finally:
            setattr(self.where, self.what, right)


class Deaf:
    """A disk that does one thing not at all, and says that it did."""

    def __init__(self, disk: Any, deaf_to: str) -> None:
        self._disk = disk
        self._deaf_to = deaf_to

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: None) if name == self._deaf_to else getattr(self._disk, name)


def deaf(call: str) -> Make:
    """Run a method of the committer on a disk that leaves one call out."""

    def make(right: Any) -> Any:
        def method(self: Any, *given: Any) -> Any:
            disk, self._disk = self._disk, Deaf(self._disk, call)
            try:
                return right(self, *given)
            finally:
                self._disk = disk

        return method

    return make


def answers_early(right: Any) -> Any:
    keeping: set[object] = set()

    async def keep(self: Any, *given: Any) -> int:
        task = asyncio.get_running_loop().create_task(right(self, *given))
        keeping.add(task)
        await asyncio.sleep(0)  # the slot is the committer's now
        return 0

    return keep


def records_before_the_answer(right: Any) -> Any:
    async def send(self: Any, line: int, *given: Any, **more: Any) -> Any:
        await self.spool.done(self.destination.lines[line].sending.id, "0x0000")
        return await right(self, line, *given, **more)

    return send


def forgets_holds(right: Any) -> Any:
    async def starts(self: Any) -> Any:
        found = await right(self)
        known = self._parts.index
        with known.transaction(firm=True):
            known.change("UPDATE delivery SET state = 2 WHERE state = 1")
            known.change("DELETE FROM held")
        return found

    return starts


def gives_up(right: Any) -> Any:
    def fail(self: Any, delivery: Any, reason: str, *more: Any) -> Any:
        if delivery.attempts >= 4:
            return self._hold(delivery, Phrase("runtime.stopped_by_us"))
        return right(self, delivery, reason, *more)

    return fail


def never_closes(right: Any) -> Any:
    def broke(self: Any, reason: str) -> Any:
        right(self, reason)
        if self.breaker.failures >= 3:
            self.breaker.due = float("inf")

    return broke


def loses_the_window(right: Any) -> Any:
    def change(self: Any, settings: Any) -> Any:
        for post in self._posts.values():
            for queue in post.destination.backlog.queues:
                for shelf in queue.window.shelves.values():
                    shelf.ready.clear()
        return right(self, settings)

    return change


def removes_before_the_record(right: Any) -> Any:
    async def run(self: Any) -> None:
        what = upkeep.due(self._index, self._world.clock.now())
        caught = upkeep.catch_up(self._world.disk, self._places, what)
        await self._writer.change(lambda: upkeep.settle(self._index, caught), firm=False)

    return run


def takes_refusals_for_success(right: Any) -> Any:
    def judged(status: int, **more: Any) -> Any:
        found = right(status, **more)
        return replace(found, outcome=Outcome.DONE) if found.outcome is Outcome.AGAIN else found

    return judged


class WallClock:
    """Counts seconds by the time of day, which jumps."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def now(self) -> float:
        return float(self._clock.now())

    monotonic = now

    def call_later(self, delay: float, call: Any) -> Any:
        return self._clock.call_later(delay, call)


def counts_by_the_time_of_day(right: Any) -> Any:
    def init(self: Any, world: Any, *parts: Any) -> None:
        right(self, replace(world, clock=WallClock(world.clock)), *parts)

    return init


def skips_upkeep(right: Any) -> Any:
    def begin(self: Any) -> None:
        if self._upkeep is None:
            right(self)
        self._timer = None

    return begin


def trusts_a_failed_commit(right: Any) -> Any:
    def commit(self: Any) -> None:
        try:
            right(self)
        finally:
            self.suspect = False

    return commit


def cancels_the_object(right: Any) -> Any:
    def lost(self: Any, number: int) -> Any:
        line = self._drop(number)
        assert line.sending is not None
        return self._advance()

    return lost


def shifted(right: Any) -> Any:
    def read(self: Any, offset: int, count: int) -> bytes:
        data: bytes = right(self, offset, count)
        return data[:-1] + b"\0" if offset else data

    return read


def nothing(*_given: object, **_more: object) -> None:
    pass


BUGS: Sequence[Bug] = (
    # those of the promise's own list (G18)
    Bug("the folder is not synced", Committer, "_publish", deaf("sync_folder"), ("cuts",)),
    Bug("answered before it is kept", ObjectReception, "_keep", answers_early, ("cuts", "kills")),
    Bug(
        "synchronous = NORMAL",
        index,
        "_FIRM",
        lambda _right: "NORMAL",
        ("cuts", "outages", "stops"),
    ),
    Bug(
        "the digest is not looked at",
        FileObject,
        "intact",
        lambda _right: lambda _self: True,
        ("bit_flips",),
    ),
    # ours
    Bug("the data is not synced", Committer, "_finish_file", deaf("sync_data"), ("cuts",)),
    Bug(
        "done is recorded before the answer",
        Post,
        "_send",
        records_before_the_answer,
        ("resets", "tempers"),
    ),
    Bug("holds are forgotten at a restart", FileSpool, "recover", forgets_holds, ("kills",)),
    Bug("attempts have a ceiling", Destination, "_fail", gives_up, ("outages",)),
    Bug("the breaker stays open", Destination, "_break", never_closes, ("outages",)),
    Bug(
        "a reload loses what is ready",
        Dispatcher,
        "change",
        loses_the_window,
        ("reloads", "tempers"),
    ),
    Bug("orphans are not adopted", recover, "_adopt", lambda _right: nothing, ("lost_index",)),
    Bug("files go before the record is firm", Upkeep, "run", removes_before_the_record, ("cuts",)),
    Bug(
        "an answer for another object counts",
        requestor,
        "names_instance",
        lambda _right: lambda *_: True,
        ("tempers",),
    ),
    Bug(
        "0xA700 is taken for success",
        destination,
        "judge",
        takes_refusals_for_success,
        ("tempers",),
    ),
    Bug(
        "seconds are counted by the time of day",
        Dispatcher,
        "__init__",
        counts_by_the_time_of_day,
        ("clock_jumps", "outages"),
    ),
    Bug(
        "upkeep is skipped while it runs",
        FileSpool,
        "_begin_upkeep",
        skips_upkeep,
        ("cuts", "lost_index", "slow_disk"),
    ),
    Bug(
        "a failed commit is trusted",
        Index,
        "_commit",
        trusts_a_failed_commit,
        ("cuts", "disk_errors"),
        first=140,
    ),
    Bug(
        "an object is lost with its association",
        Destination,
        "lost",
        cancels_the_object,
        ("resets", "slow_disk"),
    ),
    Bug(
        "what arrived in part stays",
        recover,
        "_clear_arriving",
        lambda _right: lambda *_: 0,
        ("kills",),
    ),
    Bug(
        "notes are not written",
        files,
        "append_notes",
        lambda _right: nothing,
        ("lost_index", "outages"),
    ),
    Bug("a later piece is read wrong", FileObject, "_read", shifted, (), first=40),
)
