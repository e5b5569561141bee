"""What lies on a simulated disk, and what of it a power cut leaves.

Bytes and names are followed apart. Bytes are safe after `sync` of their file, names after `sync` of
their folder. A cut keeps any subset of the unsynced changes of names, and of each file any mixture
of old and new blocks of what was written since its last sync. Bytes of a sync that failed are lost
for good unless they are written again: the system believes that they are clean (ATC'20).
"""

import errno
import os
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

BLOCK = 512


@dataclass(eq=False, slots=True)
class Inode:
    """A file's bytes, and what its blocks were when they were last safe."""

    data: bytearray = field(default_factory=bytearray)
    safe_length: int = 0
    dirty: dict[int, bytes] = field(default_factory=dict)
    """Block to its safe bytes, for blocks that a sync would make safe."""
    lost: dict[int, bytes] = field(default_factory=dict)
    """Block to its safe bytes, for blocks that no later sync makes safe."""
    reserved: int = 0
    """Bytes that it takes of the disk whatever it holds."""

    def write(self, data: bytes, offset: int) -> None:
        end = offset + len(data)
        for block in range(offset // BLOCK, (end + BLOCK - 1) // BLOCK):
            self._soil(block)
        if offset > len(self.data):
            self.data.extend(bytes(offset - len(self.data)))
        self.data[offset:end] = data

    def truncate(self, length: int) -> None:
        last = max(length, len(self.data))
        for block in range(length // BLOCK, (last + BLOCK - 1) // BLOCK):
            self._soil(block)
        del self.data[length:]
        self.data.extend(bytes(length - len(self.data)))

    def _soil(self, block: int) -> None:
        if block not in self.dirty:
            start = block * BLOCK
            before = bytes(self.data[start : start + BLOCK])
            self.dirty[block] = self.lost.pop(block, before)

    def sync(self) -> None:
        self.dirty.clear()
        self.safe_length = len(self.data)

    def sync_failed(self) -> None:
        self.lost |= self.dirty
        self.dirty.clear()

    def cut(self, dice: random.Random, kept: float | None) -> None:
        """Become what a power cut leaves.

        `kept` is the chance of what was not synced; none keeps what was written up to some moment.
        """
        gone, longer = self._gone(dice, kept)
        for block in gone:
            self._put(block, self.dirty[block])
        for block, before in self.lost.items():
            self._put(block, before)
        del self.data[longer:]
        self.data.extend(bytes(longer - len(self.data)))
        self.dirty.clear()
        self.lost.clear()
        self.safe_length = len(self.data)

    def _gone(self, dice: random.Random, kept: float | None) -> tuple[list[int], int]:
        """Choose the blocks that did not get to the disk, and the length that did."""
        blocks = list(self.dirty)
        if kept is not None:
            longer = len(self.data) if dice.random() < kept else self.safe_length
            return [block for block in blocks if dice.random() >= kept], longer
        count = dice.randint(0, len(blocks))
        reached = max(((block + 1) * BLOCK for block in blocks[:count]), default=0)
        longer = min(len(self.data), max(self.safe_length, reached))
        return blocks[count:], longer

    def _put(self, block: int, before: bytes) -> None:
        start = block * BLOCK
        if start < len(self.data) or before:
            if start > len(self.data):
                self.data.extend(bytes(start - len(self.data)))
            self.data[start : start + BLOCK] = before.ljust(
                min(BLOCK, max(0, len(self.data) - start)), b"\0"
            )


@dataclass(slots=True)
class Change:
    """One step of the journal of names: all of it, or nothing."""

    moves: tuple[tuple[str | None, str | None, Inode], ...]
    """Old name (none for a new file), new name (none for a removal), the file."""
    parents: frozenset[str]


def parent_of(path: str) -> str:
    return path.rpartition("/")[0] or "/"


class Platter:
    """Names and files."""

    def __init__(self) -> None:
        self.names: dict[str, Inode] = {}
        self.folders: dict[str, None] = {"/": None, "/data": None}
        self._safe: dict[str, Inode] = {}
        self._journal: list[Change] = []
        self._new_folders: dict[str, None] = {}

    def lookup(self, path: str) -> Inode:
        found = self.names.get(path)
        if found is None:
            raise missing(path)
        return found

    def create(self, path: str) -> Inode:
        if path in self.names:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        if parent_of(path) not in self.folders:
            raise missing(path)
        inode = self.names[path] = Inode()
        self._note((None, path, inode))
        return inode

    def remove(self, path: str) -> None:
        inode = self.lookup(path)
        del self.names[path]
        self._note((path, None, inode))

    def rename(self, old: str, new: str) -> None:
        if old in self.folders:
            self._rename_folder(old, new)
            return
        inode = self.lookup(old)
        if parent_of(new) not in self.folders:
            raise missing(new)
        del self.names[old]
        self.names[new] = inode
        self._note((old, new, inode))

    def _rename_folder(self, old: str, new: str) -> None:
        inside = [path for path in self.names if path.startswith(old + "/")]
        moves = [(path, new + path[len(old) :], self.names.pop(path)) for path in inside]
        self.names |= {path: inode for _, path, inode in moves}
        for folder in [one for one in self.folders if (one + "/").startswith(old + "/")]:
            del self.folders[folder]
            self.folders[new + folder[len(old) :]] = None
        # the folder's own entry moves: what a cut leaves of it is all or nothing
        self._journal.append(Change(tuple(moves), frozenset((parent_of(old), parent_of(new)))))

    def _note(self, move: tuple[str | None, str | None, Inode]) -> None:
        parents = frozenset(parent_of(path) for path in move[:2] if path is not None)
        self._journal.append(Change((move,), parents))

    @property
    def reserved(self) -> int:
        """Bytes that files take without holding any."""
        return sum(inode.reserved for inode in self.names.values())

    def make_folder(self, path: str) -> None:
        if path not in self.folders:
            if path != "/":
                self.make_folder(parent_of(path))
            self.folders[path] = None
            self._new_folders[path] = None

    def sync_folder(self, folder: str) -> None:
        if folder not in self.folders:
            raise missing(folder)
        due = [step for step in self._journal if folder in step.parents]
        if due:
            self._journal = [step for step in self._journal if folder not in step.parents]
            self._apply(due)
        for path in [one for one in self._new_folders if parent_of(one) == folder]:
            del self._new_folders[path]

    def _apply(self, steps: Iterable[Change]) -> None:
        for step in steps:
            for old, new, inode in step.moves:
                if old is not None and self._safe.get(old) is inode:
                    del self._safe[old]
                if new is not None:
                    self._safe[new] = inode

    def listing(self, folder: str) -> list[str]:
        if folder not in self.folders:
            raise missing(folder)
        inside = [path for path in (*self.names, *self.folders) if parent_of(path) == folder]
        return sorted(path.rpartition("/")[2] for path in inside if path != "/")

    def cut(self, dice: random.Random, kept: float | None) -> None:
        """Become what is left when power fails now; `kept` as in `Inode.cut`."""
        chance = 0.5 if kept is None else kept
        if kept is None:
            self._apply(self._journal[: dice.randint(0, len(self._journal))])
        else:
            self._apply([step for step in self._journal if dice.random() < kept])
        gone = [path for path in self._new_folders if dice.random() >= chance]
        self.folders = {
            path: None
            for path in self.folders
            if not any((path + "/").startswith(one + "/") for one in gone)
        }
        self._journal, self._new_folders = [], {}
        self.names = {
            path: one for path, one in self._safe.items() if parent_of(path) in self.folders
        }
        self._safe = dict(self.names)
        for inode in self.names.values():
            inode.cut(dice, kept)

    def settle(self) -> None:
        """Have all that was written reach the disk, as it does in time by itself."""
        self._apply(self._journal)
        self._journal, self._new_folders = [], {}
        for inode in self.names.values():
            inode.sync()


def missing(path: str) -> OSError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
