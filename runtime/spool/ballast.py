"""Room that is put by: files of nothing that are let go when a record finds none.

Called from any thread: a piece is taken from the list first and from the disk then, so that two who
need room at once let go of two.
"""

import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from roteiro.runtime.spool import files
from roteiro.runtime.world import Buffer, Disk

Result = TypeVar("Result")


class Ballast:
    """The pieces that are on the disk."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self._folder = folder
        self._pieces: list[str] = []

    @property
    def pieces(self) -> int:
        """How many there are."""
        return len(self._pieces)

    def find(self, most: int) -> None:
        """Find what an earlier process put by; what is too much or in the making is let go."""
        try:
            names = self._disk.names(self._folder)
        except OSError:
            return
        whole = [name for name in names if name.isdecimal()]
        self._pieces = whole[:most]
        for name in sorted({*names} - {*self._pieces}):
            files.remove_quietly(self._disk, self._folder / name)

    def put_by(self, number: int, length: int) -> None:
        """Make so many pieces more; `OSError` when there is no room for one, and then no more."""
        self._disk.make_folder(self._folder)
        free = (str(place) for place in range(len(self._pieces) + number))
        for name in [name for name in free if name not in self._pieces][:number]:
            self._make(name, length)

    def let_go(self) -> bool:
        """Give one piece back to the disk; false when there is none."""
        while self._pieces:
            try:
                name = self._pieces.pop()
            except IndexError:  # another thread had the last
                return False
            if self._let_go(self._folder / name):
                return True
        return False

    def for_record(self, call: Callable[[], Result]) -> Result:
        """Do what keeps a record, again with less ballast as long as the disk is full.

        The call fails as a whole, so that it can be done again.
        """
        while True:
            try:
                return call()
            except OSError as error:
                if error.errno != errno.ENOSPC or not self.let_go():
                    raise

    def _make(self, name: str, length: int) -> None:
        making = self._folder / f"{name}.new"
        files.remove_quietly(self._disk, making)
        handle = self._disk.create(making)
        try:
            self._disk.allocate(handle, length)
            self._disk.rename(making, self._folder / name)
        except OSError:
            files.remove_quietly(self._disk, making)
            raise
        finally:
            self._disk.close(handle)
        self._pieces.append(name)

    def _let_go(self, path: Path) -> bool:
        try:
            self._disk.remove(path)
        except OSError:
            return False
        try:
            self._disk.sync_folder(self._folder)  # what is freed counts when the journal has it
        except OSError:
            return True
        return True


class RecordDisk:
    """A disk for records: what finds no room lets go of ballast and is tried again."""

    def __init__(self, disk: Disk, ballast: Ballast) -> None:
        self._disk = disk
        self._ballast = ballast

    def __getattr__(self, name: str) -> Any:
        """All else is the disk's."""
        return getattr(self._disk, name)

    def create(self, path: Path) -> int:
        """See `Disk`."""
        return self._ballast.for_record(lambda: self._disk.create(path))

    def make_folder(self, path: Path) -> None:
        """See `Disk`."""
        self._ballast.for_record(lambda: self._disk.make_folder(path))

    def write_at(self, handle: int, buffers: Sequence[Buffer], offset: int) -> int:
        """See `Disk`."""
        return self._ballast.for_record(lambda: self._disk.write_at(handle, buffers, offset))


def record_disk(disk: Disk, ballast: Ballast) -> Disk:
    """Give the disk on which records are kept."""
    return cast("Disk", RecordDisk(disk, ballast))
