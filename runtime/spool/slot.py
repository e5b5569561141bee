"""A place for one object that is arriving."""

import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.committer import Arrival, Committer, keeps_data
from roteiro.runtime.spool.contract import Entered, Meeting, Record, ignore
from roteiro.runtime.spool.room import SpoolRoom
from roteiro.runtime.world import Buffer, Disk


class _Stage(Enum):
    OPEN = "open"
    GIVEN = "given to the committer, which owns the file from then on"
    GONE = "gone"


class FileSlot:
    """See `Slot`: bytes go to a file under an opaque name as they come, and through the digest."""

    def __init__(  # noqa: PLR0913, PLR0917  what a file needs from its spool
        self,
        disk: Disk,
        folder: Path,
        token: str,
        committer: Committer,
        room: SpoolRoom,
        number: Callable[[int], int],
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Take `number`, which gives numbers for so many sends, and what hears of a repetition."""
        self._disk = disk
        self._token = token
        self._path = folder / token
        self._committer = committer
        self._room = room
        self._number = number
        self._finished = finished
        self._size = self._counted = 0
        self._digest = hashlib.sha256()
        room.demand()
        self._handle = disk.create(self._path)
        self._stage = _Stage.OPEN

    @property
    def size(self) -> int:
        """See `Slot`."""
        return self._size

    @property
    def digest(self) -> str:
        """See `Slot`."""
        return self._digest.hexdigest()

    def write(self, data: Buffer) -> None:
        """See `Slot`; after a failure the slot is gone and every further call fails."""
        self._demand_open()
        try:
            self._counted += len(data)
            self._room.grow(len(data))
            written = self._disk.write_at(self._handle, [data], layout.HEAD_LENGTH + self._size)
        except OSError:
            self.abort()
            raise
        self._digest.update(data)
        self._size += written

    @contextmanager
    def view(self) -> Iterator[memoryview]:
        """See `Slot`."""
        self._demand_open()
        end = layout.HEAD_LENGTH + self._size
        with (
            self._disk.map(self._handle, end) as mapped,
            memoryview(mapped) as whole,
            whole[layout.HEAD_LENGTH : end] as data,
        ):
            yield data

    async def commit(self, record: Record, entered: Entered = ignore) -> str:
        """See `Slot`; `ValueError` for a decision that is never kept (a refusal)."""
        self._demand_open()
        keeps = keeps_data(record.decision)
        sequence = self._number(len(record.decision.sends))
        kept = layout.Kept(record, sequence, self._size, self.digest)
        self._stage = _Stage.GIVEN

        def known(name: str, meeting: Meeting) -> None:
            if meeting.same:
                self._finished()
            entered(name, meeting)

        arrival = Arrival(self._handle, self._path, self._token, self._size, kept, keeps, known)
        try:
            return await self._committer.commit(arrival)
        finally:
            self._room.left(self._size)

    def abort(self) -> None:
        """See `Slot`; does nothing once `commit` was called: then the file is the committer's."""
        if self._stage is not _Stage.OPEN:
            return
        self._stage = _Stage.GONE
        self._room.left(self._counted)
        try:
            self._disk.close(self._handle)
        except OSError:
            pass
        finally:
            self._committer.withdraw(self._path)

    def _demand_open(self) -> None:
        if self._stage is not _Stage.OPEN:
            raise OSError(errno.EBADF, "the slot is no longer open")
