"""Which deliveries are in work, marked where the death of the process does not reach.

Some object may be one that our own code cannot handle: it raises, or it takes the process with it.
Nothing that is remembered in memory helps against the second, so a mark is written before an object
is handled and wiped off afterwards. What is marked at a start was in work when the process died:
that counts like a fault that was caught. At the third the delivery is held.

The mark lies in the page cache, which outlives a process; it is never synced. When the whole
machine went down the marks are of another boot and count nothing: that was no object's doing.

Several objects are in work at once, and only one of them killed the process. Those that were there
twice are therefore handled one at a time: the next death shows which it was.

What was in work may also have arrived: nobody lived to hear the answer, or to record it. So a mark
is wiped off when the outcome is on record, and what is marked at a start is in doubt, whatever the
boot.

A mark that cannot be written protects from nothing, and what it was for goes on all the same: a
full disk has to be delivered from.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from roteiro.runtime.world import Disk

TIMES = 3
"""Faults, or deaths of the process, after which a delivery is held."""
BOOT = Path("/proc/sys/kernel/random/boot_id")
_BOOT_LENGTH = 36
_HEAD = 64
_SLOT = struct.Struct("<QIII")
"""Number of a delivery, faults and deaths so far, how far it came, CRC-32 of these."""
_MOST = 65_536
"""Slots that are read: more than there can be associations."""


class Work(IntEnum):
    """How far a delivery came."""

    IDLE = 0
    BEGUN = 1
    ANSWERED = 2
    """That is not on record yet."""


@dataclass(slots=True)
class Mark:
    """One delivery that is in work, or that made trouble before."""

    delivery: int
    times: int = 0
    work: Work = Work.IDLE

    @property
    def last_chance(self) -> bool:
        """Whether once more is too often."""
        return self.times >= TIMES - 1

    def pack(self) -> bytes:
        """Give it as it lies in a slot."""
        plain = _SLOT.pack(self.delivery, self.times, self.work, 0)[:-4]
        return plain + struct.pack("<I", zlib.crc32(plain))


@dataclass(slots=True)
class Marks:
    """The marks of one process; without a file they are as good as the process lives."""

    disk: Disk | None = None
    interrupted: tuple[int, ...] = ()
    """Deliveries that were in work when the process before ended."""
    _handle: int = -1
    _slots: dict[int, int] = field(default_factory=dict)
    """Where each delivery's mark is."""
    _free: list[int] = field(default_factory=list)
    _marks: dict[int, Mark] = field(default_factory=dict)

    def open(self, path: Path) -> None:
        """Read what the process before left, and go on in the same file, if the disk lets us."""
        with suppress(OSError):
            self._open(path)

    def _open(self, path: Path) -> None:
        disk = self.disk
        assert disk is not None
        boot = _boot(disk)
        try:
            self._handle = disk.open(path, write=True)
        except FileNotFoundError:
            self._handle = disk.create(path)
        before = disk.read_at(self._handle, _HEAD + _MOST * _SLOT.size, 0)
        died = before[:_HEAD].rstrip(b"\0") == boot
        found = tuple(_marks_in(before[_HEAD:]))
        self.interrupted = tuple(mark.delivery for mark in found if mark.work)
        for mark in found:
            times = mark.times + (mark.work is Work.BEGUN and died)
            if times:
                self._slots[mark.delivery] = len(self._slots)
                self._marks[mark.delivery] = Mark(mark.delivery, times)
        now = boot.ljust(_HEAD, b"\0") + b"".join(mark.pack() for mark in self._marks.values())
        disk.write_at(self._handle, [now.ljust(len(before), b"\0")], 0)

    def close(self) -> None:
        """Let the file go; marks of what is in work stay in it."""
        if self._handle >= 0 and self.disk is not None:
            self.disk.close(self._handle)
            self._handle = -1

    @property
    def working(self) -> int:
        """How many are in work now."""
        return sum(mark.work is Work.BEGUN for mark in self._marks.values())

    def suspects(self) -> tuple[tuple[int, int], ...]:
        """Give the deliveries that made trouble, and how often."""
        return tuple((mark.delivery, mark.times) for mark in self._marks.values() if mark.times)

    def begin(self, delivery: int) -> bool:
        """Mark a delivery as in work.

        False when it has to wait: until another one was handled, or until it can be held.
        """
        mark = self._marks.get(delivery) or Mark(delivery)
        alone = not any(each.work and each.last_chance for each in self._marks.values())
        if mark.times >= TIMES or (mark.last_chance and not alone):
            return False
        mark.work = Work.BEGUN
        self._marks[delivery] = mark
        self._write(mark)
        return True

    def end(self, delivery: int) -> None:
        """Note that it is not in work any more; what was counted against it stays."""
        mark = self._marks.get(delivery)
        if mark is None or mark.work is Work.ANSWERED:
            return
        mark.work = Work.IDLE
        if mark.times:
            self._write(mark)
        else:
            self.clear(delivery)

    def answered(self, delivery: int) -> None:
        """Note that it was handled to its end: nothing is counted against it any more."""
        mark = self._marks[delivery] = Mark(delivery, work=Work.ANSWERED)
        self._write(mark)

    def recorded(self, delivery: int) -> None:
        """Note that the outcome is on record."""
        mark = self._marks.get(delivery)
        if mark is not None and mark.work is Work.ANSWERED:
            self.clear(delivery)

    def clear(self, delivery: int) -> None:
        """Forget a delivery, and what was counted against it."""
        if self._marks.pop(delivery, None) is not None:
            slot = self._slots.pop(delivery)
            self._free.append(slot)
            self._put(slot, bytes(_SLOT.size))

    def fault(self, delivery: int) -> int:
        """Count a fault of ours in handling what is in work; give how many that makes."""
        mark = self._marks.setdefault(delivery, Mark(delivery))
        mark.times += 1
        mark.work = Work.IDLE
        self._write(mark)
        return mark.times

    def _write(self, mark: Mark) -> None:
        if mark.delivery not in self._slots:
            self._slots[mark.delivery] = self._free.pop() if self._free else len(self._slots)
        self._put(self._slots[mark.delivery], mark.pack())

    def _put(self, slot: int, content: bytes) -> None:
        if self._handle >= 0 and self.disk is not None:
            with suppress(OSError):  # see the module
                self.disk.write_at(self._handle, [content], _HEAD + slot * _SLOT.size)


def _marks_in(content: bytes) -> Iterator[Mark]:
    """Read the slots that are in use and whole."""
    for offset in range(0, len(content) - _SLOT.size + 1, _SLOT.size):
        number, times, work, _ = _SLOT.unpack_from(content, offset)
        if work not in set(Work):
            continue
        mark = Mark(number, times, Work(work))
        if number and mark.pack() == content[offset : offset + _SLOT.size]:
            yield mark


def _boot(disk: Disk) -> bytes:
    """Give what is another one after each start of the machine; nothing where that is unknown."""
    try:
        handle = disk.open(BOOT)
    except OSError:
        return b""
    try:
        return disk.read_at(handle, _BOOT_LENGTH, 0)
    finally:
        disk.close(handle)
