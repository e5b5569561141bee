"""What follows the answer: kept objects go into the index, in the order in which they were kept.

A kept file says all that the index has to know, so nobody waits for the index (P-1): what a crash
keeps from it a start finds in the files. While objects go into it, the next ones are kept; those
that come meanwhile go in together. When the disk has no room for the index they wait, and nothing
more is kept until there is; when the index takes nothing more they wait for the next start.
"""

import asyncio
import errno
from collections.abc import Sequence
from dataclasses import dataclass

from roteiro.runtime.spool.contract import Entered, HeldObject
from roteiro.runtime.spool.entries import Entry
from roteiro.runtime.spool.writer import IndexWriter
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import Clock

MOST = 256
"""Objects that may be kept while the index does not know them; then the next ones wait for it."""
AGAIN = 1.0
"""Seconds until an index that could not be written is tried again."""

UNLISTED = "unlisted"
"""The queue under which kept objects are shown that the index did not take."""


@dataclass(frozen=True, slots=True)
class Follows:
    """An object that is kept and that the index does not know yet."""

    entry: Entry
    entered: Entered


class Follower:
    """Has kept objects entered into the index; one transaction at a time takes all that wait."""

    def __init__(self, writer: IndexWriter, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._waiting: list[Follows] = []
        self._kept = self._listed = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.failing: OSError | None = None
        """Why the index did not take what waits, when it did not the last time."""

    async def demand(self) -> None:
        """Wait until one more may be kept; `OSError` when the index cannot be written."""
        while self.failing is None and len(self._waiting) >= MOST:
            self._changed.clear()
            await self._changed.wait()
        if self.failing is not None:
            raise OSError(*self.failing.args)
        if self._writer.distrusted:
            await self._writer.touch()  # which fails, and is seen to

    def add(self, kept: Sequence[Follows]) -> None:
        """Take over what was kept."""
        self._waiting += kept
        self._kept += len(kept)
        if self._task is None and self._waiting:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def settled(self) -> None:
        """Wait until the index knows all that was kept until now, or cannot be written."""
        until = self._kept
        while self._listed < until and self.failing is None:
            self._changed.clear()
            await self._changed.wait()

    def unlisted(self) -> list[HeldObject]:
        """Give what is kept and cannot be listed now; empty while nothing is wrong."""
        wrong = self.failing
        return [_unlisted(each.entry, wrong) for each in self._waiting] if wrong else []

    async def stop(self) -> None:
        """Wait as `settled`; nothing more is kept, and nothing tried again."""
        await self.settled()
        self.failing = self.failing or OSError(errno.EBADF, "index: closed")
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                group = self._waiting[:MOST]
                if await self._enter(group):
                    del self._waiting[: len(group)]
                    self._listed += len(group)
                    self._tell(group)
                elif self._writer.distrusted:  # the next start finds them in the files
                    return
                else:
                    await sleep(self._clock, AGAIN)
        except Exception as fault:  # ours: nobody may wait for ever, and who runs us hears of it
            self.failing = OSError(errno.EIO, f"index: {type(fault).__name__}")
            raise
        finally:
            self._task = None
            self._changed.set()

    async def _enter(self, group: Sequence[Follows]) -> bool:
        try:
            await self._writer.add([each.entry for each in group])
        except OSError as error:
            self.failing = error
            self._changed.set()
            return False
        self.failing = None
        return True

    def _tell(self, group: Sequence[Follows]) -> None:
        self._changed.set()
        for each in group:
            each.entered(each.entry.id, each.entry.meeting)


def _unlisted(entry: Entry, wrong: OSError) -> HeldObject:
    record = entry.kept.record
    return HeldObject(
        entry.id,
        UNLISTED,
        f"kept, and not in the index ({wrong.strerror}): listed at the next start at the latest",
        record.received,
        record.envelope.sop_class or "",
        record.envelope.sop_instance or "",
        entry.kept.size,
    )
