"""One C-STORE on its way in: what is kept, what is answered, what is left behind."""

import asyncio
import errno
import mmap
import shutil
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from roteiro.core.program import Envelope
from roteiro.lang.source import Source
from roteiro.runtime.events import Event, ObjectDropped, ObjectHeld, ObjectRefused, ObjectStored
from roteiro.runtime.intake import HEAD_LIMIT, Desk, ObjectReception, Ruling, ruling_of
from roteiro.runtime.programs import served_of
from roteiro.runtime.sources import examine
from roteiro.runtime.spool.contract import Spool
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import SystemDisk, World, system_world

RULES = """language 1
listener main { port = 11112 }
node pacs { ae = "PACS" host = "127.0.0.1" port = 104 }
node vna { ae = "VNA" host = "127.0.0.1" port = 105 }
guard {
  rule unwanted { when Modality == "OT" refuse 0x0124 "not here" }
  rule noise { when Modality == "XX" drop "noise" }
  rule nameless { when PatientID is blank hold quarantine "no Patient ID" }
  otherwise { pass }
}
table routing all {
  rule ct { when Modality == "CT" send to pacs, vna }
  rule large { when instance.size > 5000 send to vna }
}
"""
CT = "1.2.840.10008.5.1.4.1.1.2"
ENVELOPE = Envelope(
    calling_ae="CT1",
    called_ae="ROTEIRO",
    peer="127.0.0.1",
    listener="main",
    transfer_syntax="1.2.840.10008.1.2.1",
    sop_class=CT,
    sop_instance="1.2.3",
)


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    """Encode an element of a short VR, explicit little endian (PS3.5 7.1.2)."""
    value += b" " * (len(value) % 2)
    head = group.to_bytes(2, "little") + number.to_bytes(2, "little") + vr
    return head + len(value).to_bytes(2, "little") + value


def data_set(modality: bytes, patient: bytes = b"P1", pixels: int = 0) -> bytes:
    """Encode a small data set with so many bytes of pixel data."""
    body = element(0x0008, 0x0060, b"CS", modality) + element(0x0010, 0x0020, b"LO", patient)
    head = b"\xe0\x7f\x10\x00OW\0\0" + pixels.to_bytes(4, "little")
    return body + (head + b"\x07" * pixels if pixels else b"")


@dataclass
class FullDisk(SystemDisk):
    """A disk whose operations of one kind say no."""

    broken: str = ""

    def _ask(self, operation: str) -> None:
        if operation == self.broken:
            raise OSError(errno.ENOSPC, "No space left on device")

    def create(self, path: Path) -> int:
        self._ask("create")
        return super().create(path)

    def write_at(self, handle, buffers, offset):  # type: ignore[no-untyped-def]
        self._ask("write")
        return super().write_at(handle, buffers, offset)

    def map(self, handle: int, length: int) -> mmap.mmap:
        self._ask("map")
        return super().map(handle, length)

    def sync_data(self, handle: int) -> None:
        self._ask("sync")
        super().sync_data(handle)

    def rename(self, old: Path, new: Path) -> None:
        self._ask("rename")
        super().rename(old, new)


@dataclass
class Bench:
    """A spool and a desk on it."""

    folder: Path
    world: World
    spool: Spool
    ruling: Ruling
    events: list[Event] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def receive(self, *, refuse_unreadable: bool = False) -> ObjectReception:
        desk = Desk(self.spool, self.world.clock, self.events.append, self.hints.append)
        return ObjectReception(desk, self.ruling, ENVELOPE, refuse_unreadable=refuse_unreadable)

    async def finish(self, reception: ObjectReception) -> int:
        """Give the answer, when what it promises can be asked for."""
        status = await reception.finish()
        await self.spool.settled()
        return status

    def files(self) -> list[Path]:
        places = (self.folder / name for name in ("objects", "tmp", "ledger"))
        return [path for place in places for path in place.rglob("*") if path.is_file()]

    def owed(self) -> dict[str, int]:
        return {
            name: backlog.waiting
            for name, backlog in self.spool.destinations().items()
            if backlog.waiting
        }

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def run(
    folder: Path, main: Callable[[Bench], Awaitable[None]], disk: SystemDisk | None = None
) -> None:
    async def inside() -> None:
        world = replace(system_world(), disk=disk or SystemDisk())
        spool = FileSpool(folder, world)
        await spool.recover()
        found = examine(Source("t.route", RULES))
        assert found.typed is not None, found.findings
        await main(Bench(folder, world, spool, ruling_of(served_of(found.typed))))
        if isinstance(disk, FullDisk):
            disk.broken = ""
        await spool.close()
        world.workers.close()

    asyncio.run(inside())


def test_an_object_is_kept_and_owed_before_success(tmp_path: Path) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"CT", pixels=600))
        assert await bench.finish(reception) == 0x0000
        assert bench.owed() == {"pacs": 1, "vna": 1}
        assert sorted(bench.hints) == ["pacs", "vna"]
        (stored,) = bench.of(ObjectStored)
        assert isinstance(stored, ObjectStored)
        kept = await bench.spool.open(stored.object)
        assert await kept.read(0, kept.size) == data_set(b"CT", pixels=600)
        assert kept.intact()
        kept.close()

    run(tmp_path, main)


@pytest.mark.parametrize("piece", [1, 7, 4096, 100_000])
def test_pieces_do_not_matter(tmp_path: Path, piece: int) -> None:
    data = data_set(b"CT", pixels=20_000)

    async def main(bench: Bench) -> None:
        reception = bench.receive()
        for start in range(0, len(data), piece):
            reception.write(memoryview(data)[start : start + piece])
        assert await bench.finish(reception) == 0
        (owed,) = bench.spool.owed("pacs", 10)
        assert owed.size == len(data)
        kept = await bench.spool.open(owed.object)
        assert kept.record.decision.rules == ("guard.otherwise", "routing.ct", "routing.large")
        kept.close()

    run(tmp_path, main)


@pytest.mark.parametrize(("pixels", "expected"), [(10, {}), (5000, {"vna": 1})])
def test_a_rule_may_ask_for_the_size(tmp_path: Path, pixels: int, expected: dict[str, int]) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"MR", pixels=pixels))
        assert await bench.finish(reception) == 0
        assert bench.owed() == expected
        assert bench.spool.queues() == ({} if expected else {"unrouted": 1})

    run(tmp_path, main)


def private(size: int) -> bytes:
    """Encode a private element of this many bytes, before all that the rules read."""
    return b"\x07\x00\x10\x10UN\0\0" + size.to_bytes(4, "little") + bytes(size)


@pytest.mark.parametrize("size", [HEAD_LIMIT - 5000, HEAD_LIMIT, 3 * HEAD_LIMIT + 2])
def test_what_stands_before_the_tested_tags_may_be_large(tmp_path: Path, size: int) -> None:
    data = private(size) + data_set(b"CT", pixels=10)

    async def main(bench: Bench) -> None:
        reception = bench.receive()
        for start in range(0, len(data), 65_536):
            reception.write(data[start : start + 65_536])
        assert await bench.finish(reception) == 0
        assert bench.owed() == {"pacs": 1, "vna": 1}

    run(tmp_path, main)


def test_memory_does_not_grow_with_the_object(tmp_path: Path) -> None:
    piece = bytes(1 << 20)

    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(private(64 << 20)[:12])
        tracemalloc.start()
        for _ in range(64):
            reception.write(piece)
        reception.write(data_set(b"CT"))
        assert await bench.finish(reception) == 0
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 << 20
        assert bench.owed() == {"pacs": 1, "vna": 1}

    run(tmp_path, main)


def test_a_file_that_cannot_be_read_again_is_a700(tmp_path: Path) -> None:
    disk = FullDisk()

    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(private(2 * HEAD_LIMIT) + data_set(b"CT"))
        disk.broken = "map"
        assert await bench.finish(reception) == 0xA700
        assert bench.files() == []

    run(tmp_path, main, disk)


@pytest.mark.parametrize("broken", ["create", "write", "sync", "rename"])
def test_a_disk_that_says_no_is_answered_a700_and_nothing_stays(
    tmp_path: Path, broken: str
) -> None:
    disk = FullDisk()

    async def main(bench: Bench) -> None:
        disk.broken = broken
        reception = bench.receive()
        reception.write(data_set(b"CT"))
        reception.write(b"\0" * 100)
        assert await bench.finish(reception) == 0xA700
        assert bench.owed() == {}
        assert bench.hints == []
        assert bench.files() == []
        (refused,) = bench.of(ObjectRefused)
        assert isinstance(refused, ObjectRefused)
        assert (refused.status, refused.reason) == (0xA700, "no space left on device")

    run(tmp_path, main, disk)


def test_the_next_object_is_taken_when_the_disk_has_room_again(tmp_path: Path) -> None:
    disk = FullDisk()

    async def main(bench: Bench) -> None:
        for broken, status in (("sync", 0xA700), ("", 0x0000)):
            disk.broken = broken
            reception = bench.receive()
            reception.write(data_set(b"CT"))
            assert await bench.finish(reception) == status
        assert bench.owed() == {"pacs": 1, "vna": 1}

    run(tmp_path, main, disk)


def test_a_refusal_is_the_guards_status_and_nothing_stays(tmp_path: Path) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"OT"))
        assert await bench.finish(reception) == 0x0124
        assert bench.files() == []
        assert bench.of(ObjectRefused)

    run(tmp_path, main)


def test_a_drop_is_success_with_a_ledger_entry_and_no_pixels(tmp_path: Path) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"XX", pixels=3000))
        assert await bench.finish(reception) == 0
        (entry,) = bench.files()
        assert entry.is_relative_to(bench.folder / "ledger")
        assert b"\x07" * 100 not in entry.read_bytes()
        assert bench.of(ObjectDropped)
        assert bench.owed() == {}

    run(tmp_path, main)


def test_a_hold_is_success_and_visible(tmp_path: Path) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"CT", patient=b""))
        assert await bench.finish(reception) == 0
        (held,) = bench.spool.held()
        assert (held.queue, held.reason) == ("quarantine", "no Patient ID")
        assert bench.of(ObjectHeld)

    run(tmp_path, main)


@pytest.mark.parametrize("refuse", [False, True])
def test_what_cannot_be_read_is_held_or_refused_as_the_listener_says(
    tmp_path: Path, *, refuse: bool
) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive(refuse_unreadable=refuse)
        reception.write(data_set(b"CT")[:-3])
        assert await bench.finish(reception) == (0xC000 if refuse else 0)
        assert bench.spool.queues() == ({} if refuse else {"unreadable": 1})

    run(tmp_path, main)


def test_a_sender_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async def main(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"CT"))
        reception.abort()
        reception.abort()
        assert bench.files() == []
        assert bench.events == []

    run(tmp_path, main)


class Faulty:
    """Rules that cannot be carried out: a fault of ours."""

    def decide(self, *_: object, complete: bool = True, **__: object) -> None:
        if complete:
            raise ZeroDivisionError


def test_a_fault_of_ours_leaves_nothing(tmp_path: Path) -> None:
    async def main(bench: Bench) -> None:
        bench.ruling = replace(bench.ruling, engine=Faulty())
        reception = bench.receive()
        reception.write(data_set(b"CT"))
        with pytest.raises(ZeroDivisionError):
            await reception.finish()
        assert bench.files() == []

    run(tmp_path, main)


def test_a_damaged_file_is_shown_as_long_as_it_lies_there(tmp_path: Path) -> None:
    async def keep(bench: Bench) -> None:
        reception = bench.receive()
        reception.write(data_set(b"CT"))
        assert await bench.finish(reception) == 0

    async def look(bench: Bench) -> None:
        assert bench.owed() == {}
        assert bench.spool.queues() == {"corrupt": 1}

    run(tmp_path, keep)
    (file,) = (path for path in (tmp_path / "objects").rglob("*") if path.is_file())
    file.write_bytes(b"\xff" + file.read_bytes()[1:])
    shutil.rmtree(tmp_path / "index")
    run(tmp_path, look)
    run(tmp_path, look)


@pytest.mark.parametrize("before", [0, 5_000, HEAD_LIMIT])
def test_study_and_series_are_kept_wherever_they_stand(tmp_path: Path, before: int) -> None:
    """Also when the rules had read enough long before."""
    large = b"\x09\x00\x01\x00OB\0\0" + before.to_bytes(4, "little") + bytes(before)
    uids = element(0x0020, 0x000D, b"UI", b"1.2.7\0") + element(0x0020, 0x000E, b"UI", b"1.2.8\0")
    data = element(0x0008, 0x0060, b"CS", b"CT") + large
    data += element(0x0010, 0x0020, b"LO", b"P1") + uids

    async def main(bench: Bench) -> None:
        reception = bench.receive()
        for at in range(0, len(data), 1000):
            reception.write(data[at : at + 1000])
        assert await bench.finish(reception) == 0
        owed = bench.spool.owed("pacs", 9)
        assert [(item.study, item.series) for item in owed] == [("1.2.7", "1.2.8")]
        stored = await bench.spool.open(owed[0].object)
        assert (stored.record.study, stored.record.series) == ("1.2.7", "1.2.8")
        stored.close()

    run(tmp_path, main)
