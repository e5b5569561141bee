"""A process's handles on a simulated disk (`Disk` of the world), and what goes wrong with them."""

import errno
import mmap
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from roteiro.runtime.world import Buffer, Room
from tests.sim.platter import Inode, Platter

PLENTY = 64 * 1024**3
"""Bytes free while nothing is wrong."""


class Dead(BaseException):
    """The process has ended: nothing that it still does reaches the world."""


class Trouble:
    """What is wrong with the disk now; `before` is asked at every call and may raise."""

    def __init__(self) -> None:
        self.free = PLENTY
        self.before: Callable[[str, str], None] = lambda _operation, _path: None


class SimDisk:
    """One process's view. Every call costs a turn of `Trouble.before`."""

    def __init__(self, platter: Platter, trouble: Trouble, locks: set[str]) -> None:
        self.platter = platter
        self.trouble = trouble
        self._locks = locks
        self._handles: dict[int, tuple[Inode, str]] = {}
        self._condemned: set[int] = set()
        self._next = 3
        self.dead = False

    @property
    def handles(self) -> list[str]:
        """Give the paths that are open."""
        return [path for _, path in self._handles.values()]

    def ask(self, operation: str, path: str) -> None:
        if self.dead:
            raise Dead
        self.trouble.before(operation, path)
        if self.dead:
            raise Dead

    def _new(self, inode: Inode, path: str) -> int:
        self._next += 1
        self._handles[self._next] = (inode, path)
        return self._next

    def _use(self, operation: str, handle: int) -> Inode:
        inode, path = self._handles[handle]
        assert handle not in self._condemned, f"{operation} of {path} after a failed sync"
        self.ask(operation, path)
        return inode

    def create(self, path: Path) -> int:
        name = str(path)
        self.ask("create", name)
        return self._new(self.platter.create(name), name)

    def open(self, path: Path, *, write: bool = False) -> int:
        name = str(path)
        self.ask("open", name)
        return self._new(self.platter.lookup(name), name)

    def write_at(self, handle: int, buffers: Sequence[Buffer], offset: int) -> int:
        inode = self._use("write", handle)
        data = b"".join(bytes(buffer) for buffer in buffers)
        self.room(inode, offset + len(data))
        inode.write(data, offset)
        return len(data)

    def room(self, inode: Inode, end: int) -> None:
        """Take space for a file that grows."""
        more = end - len(inode.data)
        if more > 0 and self.free < more:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def read_at(self, handle: int, count: int, offset: int) -> bytes:
        return bytes(self._use("read", handle).data[offset : offset + count])

    def map(self, handle: int, length: int) -> mmap.mmap:
        inode = self._use("map", handle)
        memory = mmap.mmap(-1, max(1, length))
        memory[:length] = bytes(inode.data[:length])
        return memory

    def size(self, handle: int) -> int:
        inode = self._use("size", handle)
        return max(len(inode.data), inode.reserved)

    def truncate(self, handle: int, length: int) -> None:
        self._use("truncate", handle).truncate(length)

    def sync_data(self, handle: int) -> None:
        inode, _ = self._handles[handle]
        try:
            self._use("sync", handle)
        except OSError:
            inode.sync_failed()
            self._condemned.add(handle)
            raise
        inode.sync()

    def sync_folder(self, folder: Path) -> None:
        self.ask("sync_folder", str(folder))
        self.platter.sync_folder(str(folder))

    def rename(self, old: Path, new: Path) -> None:
        self.ask("rename", str(old))
        self.platter.rename(str(old), str(new))

    def remove(self, path: Path) -> None:
        self.ask("remove", str(path))
        self.platter.remove(str(path))

    def close(self, handle: int) -> None:
        if self.dead:
            raise Dead
        _, path = self._handles.pop(handle)
        self._condemned.discard(handle)
        if path.endswith("/lock"):
            self._locks.discard(path)

    def make_folder(self, path: Path) -> None:
        self.ask("make_folder", str(path))
        self.platter.make_folder(str(path))

    def names(self, folder: Path) -> list[str]:
        self.ask("names", str(folder))
        return self.platter.listing(str(folder))

    @property
    def free(self) -> int:
        """Bytes that are left."""
        return max(0, self.trouble.free - self.platter.reserved)

    def allocate(self, handle: int, length: int) -> None:
        inode = self._use("allocate", handle)
        if length > self.free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        inode.reserved = length

    def measure(self, folder: Path) -> Room:
        self.ask("measure", str(folder))
        return Room(self.free, PLENTY, 1_000_000, 1_000_000)

    def lock(self, path: Path) -> int:
        name = str(path)
        self.ask("lock", name)
        if name in self._locks:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self._locks.add(name)
        inode = self.platter.names.get(name) or self.platter.create(name)
        return self._new(inode, name)
