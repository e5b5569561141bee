"""Disks that fail: at the n-th call, or by a power cut at any instant."""

import errno
import mmap
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from roteiro.runtime.world import Buffer, Room, SystemDisk


class Watched:
    """A real disk; `before` is asked at every call. What it raises happens instead of the call.

    A file whose sync failed is condemned: any use but closing it is an error of the test.
    """

    def __init__(self) -> None:
        self._real = SystemDisk()
        self.before: Callable[[str, Path | None], None] = lambda _operation, _path: None
        self._paths: dict[int, Path] = {}
        self._condemned: set[int] = set()

    def create(self, path: Path) -> int:
        self.before("create", path)
        handle = self._real.create(path)
        self._paths[handle] = path
        return handle

    def open(self, path: Path, *, write: bool = False) -> int:
        self.before("open", path)
        handle = self._real.open(path, write=write)
        self._paths[handle] = path
        return handle

    def write_at(self, handle: int, buffers: Sequence[Buffer], offset: int) -> int:
        self._ask("write_at", handle)
        return self._real.write_at(handle, buffers, offset)

    def read_at(self, handle: int, count: int, offset: int) -> bytes:
        self._ask("read_at", handle)
        return self._real.read_at(handle, count, offset)

    def map(self, handle: int, length: int) -> mmap.mmap:
        self._ask("map", handle)
        return self._real.map(handle, length)

    def size(self, handle: int) -> int:
        return self._real.size(handle)

    def truncate(self, handle: int, length: int) -> None:
        self._ask("truncate", handle)
        self._real.truncate(handle, length)

    def sync_data(self, handle: int) -> None:
        try:
            self._ask("sync_data", handle)
            self._real.sync_data(handle)
        except OSError:
            self._condemned.add(handle)
            raise

    def sync_folder(self, folder: Path) -> None:
        self.before("sync_folder", folder)
        self._real.sync_folder(folder)

    def rename(self, old: Path, new: Path) -> None:
        self.before("rename", old)
        self._real.rename(old, new)
        self._paths |= {handle: new for handle, path in self._paths.items() if path == old}

    def remove(self, path: Path) -> None:
        self.before("remove", path)
        self._real.remove(path)

    def close(self, handle: int) -> None:
        self._paths.pop(handle, None)
        self._condemned.discard(handle)
        self._real.close(handle)

    def make_folder(self, path: Path) -> None:
        self.before("make_folder", path)
        self._real.make_folder(path)

    def names(self, folder: Path) -> list[str]:
        self.before("names", folder)
        return self._real.names(folder)

    def allocate(self, handle: int, length: int) -> None:
        self._ask("allocate", handle)
        self._real.truncate(handle, length)  # what was never written takes no room

    def measure(self, folder: Path) -> Room:
        return replace(self._real.measure(folder), size=0)  # too small for a ballast

    def lock(self, path: Path) -> int:
        self.before("lock", path)
        return self._real.lock(path)

    def _ask(self, operation: str, handle: int) -> None:
        assert handle not in self._condemned, f"{operation} after a failed sync"
        self.before(operation, self._paths[handle])

    @property
    def handles(self) -> int:
        """Files that are open now, the lock apart."""
        return len(self._paths)


class Dead(BaseException):
    """The process ends here: nothing may catch it."""


class Failing:
    """Makes the n-th call of a kind fail, and all of them after it when `for_good`."""

    def __init__(
        self,
        operations: Sequence[str],
        turn: int,
        error: int | type[BaseException] = errno.EIO,
        *,
        for_good: bool = False,
    ) -> None:
        self._operations = operations
        self._turn = turn
        self._error = error
        self._for_good = for_good
        self.count = 0

    @property
    def happened(self) -> bool:
        return self.count > self._turn

    @property
    def clean_removal(self) -> bool:
        """Whether files could be removed all the time."""
        return "remove" not in self._operations

    def __call__(self, operation: str, path: Path | None) -> None:
        if operation not in self._operations:
            return
        self.count += 1
        due = self.count > self._turn if self._for_good else self.count == self._turn + 1
        if not due:
            return
        if isinstance(self._error, int):
            raise OSError(self._error, os.strerror(self._error))
        raise self._error


@dataclass(slots=True)
class _Inode:
    safe: bytes = b""


@dataclass(slots=True)
class _NameChange:
    """One step of the journal; a rename is one step, as it is on every file system we know."""

    remove: Path | None
    add: Path | None
    inode: _Inode


@dataclass(slots=True)
class PowerDisk(Watched):
    """A disk that knows what a power cut would leave: only what was synced is sure.

    Names and bytes are followed apart. A cut may keep any subset of the unsynced changes of names
    and any mixture of old, new and empty blocks of unsynced bytes.
    """

    folder: Path
    _inodes: dict[Path, _Inode] = field(default_factory=dict)
    _safe: dict[Path, _Inode] = field(default_factory=dict)
    _journal: list[_NameChange] = field(default_factory=list)
    _folders: set[Path] = field(default_factory=set)
    _new_folders: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        Watched.__init__(self)

    def create(self, path: Path) -> int:
        handle = Watched.create(self, path)
        self._inodes[path] = _Inode()
        self._journal.append(_NameChange(None, path, self._inodes[path]))
        return handle

    def sync_data(self, handle: int) -> None:
        Watched.sync_data(self, handle)
        path = self._paths[handle]
        self._inodes[path].safe = path.read_bytes()

    def sync_folder(self, folder: Path) -> None:
        Watched.sync_folder(self, folder)
        due = [step for step in self._journal if folder in _parents(step)]
        self._journal = [step for step in self._journal if step not in due]
        for step in due:
            _apply(step, self._safe)
        safe = {path for path in self._new_folders if path.parent == folder}
        self._folders |= safe
        self._new_folders -= safe

    def rename(self, old: Path, new: Path) -> None:
        Watched.rename(self, old, new)
        inode = self._inodes.pop(old)
        self._inodes[new] = inode
        self._journal.append(_NameChange(old, new, inode))

    def remove(self, path: Path) -> None:
        Watched.remove(self, path)
        self._journal.append(_NameChange(path, None, self._inodes.pop(path)))

    def make_folder(self, path: Path) -> None:
        Watched.make_folder(self, path)
        if path not in self._folders and path != self.folder:
            self._new_folders.add(path)

    def cut(self, target: Path, dice: random.Random, kept: float) -> None:
        """Write into `target` what is left when power fails now.

        `kept` is the chance of each unsynced thing to survive: 0 the strictest disk, 1 a `kill`.
        """
        names = dict(self._safe)
        for step in self._journal:
            if dice.random() < kept:
                _apply(step, names)
        lost = {path for path in self._new_folders if dice.random() >= kept}
        live = {id(inode): path for path, inode in self._inodes.items()}
        for path, inode in names.items():
            place = target / path.relative_to(self.folder)
            if not lost & set(path.parents):
                place.parent.mkdir(parents=True, exist_ok=True)
                now = live.get(id(inode))
                data = now.read_bytes() if now else inode.safe
                place.write_bytes(_torn(inode.safe, data, dice, kept))


def _parents(step: _NameChange) -> set[Path]:
    return {path.parent for path in (step.remove, step.add) if path is not None}


def _apply(step: _NameChange, names: dict[Path, _Inode]) -> None:
    if step.remove is not None:
        names.pop(step.remove, None)
    if step.add is not None:
        names[step.add] = step.inode


def _torn(safe: bytes, now: bytes, dice: random.Random, kept: float) -> bytes:
    """Mix the safe and the present content of a file by blocks; its length may lag behind."""
    length = len(now) if dice.random() < kept else len(safe)
    blocks = []
    for start in range(0, length, 512):
        old, new = safe[start : start + 512], now[start : start + 512]
        block = new if dice.random() < kept else old
        blocks.append(block.ljust(min(512, length - start), b"\0"))
    return b"".join(blocks)[:length]


@contextmanager
def failing(disk: Watched, fault: Failing) -> Iterator[Failing]:
    """Let a fault happen inside."""
    disk.before = fault
    try:
        yield fault
    finally:
        disk.before = lambda _operation, _path: None
