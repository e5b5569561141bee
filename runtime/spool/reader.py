"""A stored object that is being read for delivery."""

import asyncio
import hashlib
from functools import partial

from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import Record
from roteiro.runtime.world import Disk, World


class FileObject:
    """See `StoredObject`."""

    def __init__(self, world: World, handle: int, head: layout.Head, kept: layout.Kept) -> None:
        self._world = world
        self._disk: Disk = world.disk
        self._handle = handle
        self._head = head
        self._kept = kept
        self._digest = hashlib.sha256()
        self._digested = 0
        self._reading = 0
        self._closed = False

    @property
    def record(self) -> Record:
        """See `StoredObject`."""
        return self._kept.record

    @property
    def size(self) -> int:
        """See `StoredObject`."""
        return self._head.data_length

    async def read(self, offset: int, count: int) -> bytes:
        """See `StoredObject`; `OSError` when the disk says no."""
        if self._closed:
            raise ValueError("the object is closed")
        count = max(0, min(count, self.size - offset))
        self._reading += 1
        task = asyncio.ensure_future(self._world.workers.run(partial(self._read, offset, count)))
        task.add_done_callback(self._end_read)
        return await asyncio.shield(task)  # a thread goes on reading when its caller is cancelled

    def intact(self) -> bool:
        """See `StoredObject`."""
        return self._digested == self.size and self._digest.hexdigest() == self._kept.digest

    def close(self) -> None:
        """See `StoredObject`; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._let_go()

    def _read(self, offset: int, count: int) -> bytes:
        data = self._disk.read_at(self._handle, count, offset + layout.HEAD_LENGTH)
        fresh = self._digested - offset
        if 0 <= fresh < len(data):
            self._digest.update(memoryview(data)[fresh:])
            self._digested += len(data) - fresh
        return data

    def _end_read(self, task: "asyncio.Future[bytes]") -> None:
        self._reading -= 1
        if not task.cancelled():
            task.exception()  # the caller has it, unless it was cancelled
        self._let_go()

    def _let_go(self) -> None:
        if self._closed and not self._reading and self._handle >= 0:
            handle, self._handle = self._handle, -1
            self._disk.close(handle)
