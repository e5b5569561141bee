"""PDUs written byte by byte, a raw peer, and an intake that keeps what it gets."""

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydicom.data import get_testdata_file

from roteiro.core.program import Decision, Envelope
from roteiro.lang.settings import ListenerSettings
from roteiro.runtime.association.contract import Admitted, Caller, Rejected
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.listener import Listener
from roteiro.runtime.dicom import read_part10
from roteiro.runtime.events import Event
from roteiro.runtime.loop import run
from roteiro.runtime.spool.contract import Record
from roteiro.runtime.world import World, system_world

Result = TypeVar("Result")

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
ECHO = "1.2.840.10008.1.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG = "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.70"
J2K = "1.2.840.10008.1.2.4.91"
BOTH = frozenset(("store", "echo"))


def drive(main: Callable[[], Awaitable[Result]], seconds: float = 30.0) -> Result:
    """Run a coroutine function on uvloop; a test that hangs fails."""

    async def bounded() -> Result:
        try:
            return await asyncio.wait_for(main(), seconds)
        finally:
            while OPEN:
                OPEN.pop().transport.abort()
            await asyncio.sleep(0)

    return run(bounded())


OPEN: list[asyncio.StreamWriter] = []
"""Connections of raw peers; `drive` ends what a test left open."""


# --- PDUs ---------------------------------------------------------------------------------------


def pdu(kind: int, body: bytes) -> bytes:
    return bytes((kind, 0)) + struct.pack(">I", len(body)) + body


def item(kind: int, body: bytes) -> bytes:
    return bytes((kind, 0)) + struct.pack(">H", len(body)) + body


def context(number: int, abstract: str, *syntaxes: str) -> bytes:
    names = item(0x30, abstract.encode()) + b"".join(item(0x40, s.encode()) for s in syntaxes)
    return item(0x20, bytes((number, 0, 0, 0)) + names)


def user_information(maximum: int = 16384, extra: bytes = b"") -> bytes:
    inner = item(0x51, struct.pack(">I", maximum)) + item(0x52, b"1.2.3.4") + extra
    return item(0x50, inner)


def associate_rq(  # what a request is made of
    *contexts: bytes,
    calling: bytes = b"SCU",
    called: bytes = b"ROTEIRO",
    version: int = 1,
    maximum: int = 16384,
    extra: bytes = b"",
) -> bytes:
    fixed = struct.pack(">HH", version, 0) + called.ljust(16) + calling.ljust(16) + bytes(32)
    name = item(0x10, b"1.2.840.10008.3.1.1.1")
    return pdu(1, fixed + name + b"".join(contexts) + user_information(maximum, extra))


def usual_rq(**options: object) -> bytes:
    return associate_rq(
        context(1, ECHO, IMPLICIT),
        context(3, CT, EXPLICIT, IMPLICIT),
        **options,  # type: ignore[arg-type]
    )


def pdv(number: int, control: int, data: bytes) -> bytes:
    return struct.pack(">IBB", len(data) + 2, number, control) + data


def pdata(*pdvs: bytes) -> bytes:
    return pdu(4, b"".join(pdvs))


def elements(*pairs: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack("<HHI", 0, number, len(raw)) + raw for number, raw in pairs)
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def us(value: int) -> bytes:
    return struct.pack("<H", value)


def ui(value: str) -> bytes:
    raw = value.encode("latin-1")
    return raw + b"\0" * (len(raw) % 2)


def store_rq(instance: str = "1.2.3", sop_class: str = CT, message: int = 7) -> bytes:
    return elements(
        (0x0002, ui(sop_class)),
        (0x0100, us(1)),
        (0x0110, us(message)),
        (0x0700, us(0)),
        (0x0800, us(1)),
        (0x1000, ui(instance)),
    )


def echo_rq(message: int = 9) -> bytes:
    return elements(
        (0x0002, ui(ECHO)), (0x0100, us(0x30)), (0x0110, us(message)), (0x0800, us(0x0101))
    )


RELEASE_RQ = pdu(5, bytes(4))
RELEASE_RP = pdu(6, bytes(4))


def abort(source: int, reason: int) -> bytes:
    return pdu(7, bytes((0, 0, source, reason)))


def reject(result: int, source: int, reason: int) -> bytes:
    return pdu(3, bytes((0, result, source, reason)))


# --- a raw peer ---------------------------------------------------------------------------------


@dataclass
class Raw:
    """A TCP connection and what a PDU is."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "Raw":
        raw = cls(*await asyncio.open_connection("127.0.0.1", port))
        OPEN.append(raw.writer)
        return raw

    @classmethod
    async def associated(cls, port: int, request: bytes | None = None) -> "Raw":
        raw = await cls.to(port)
        raw.send(usual_rq() if request is None else request)
        answer = await raw.pdu()
        assert answer[0] == 2, answer
        return raw

    def send(self, *data: bytes) -> None:
        self.writer.write(b"".join(data))

    async def pdu(self) -> bytes:
        head = await self.reader.readexactly(6)
        return head + await self.reader.readexactly(struct.unpack(">I", head[2:])[0])

    async def rest(self) -> bytes:
        """Everything until the peer closes; a reset is a close too."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""

    async def status(self) -> int:
        """The status of a response."""
        answer = await self.pdu()
        assert answer[0] == 4, answer
        body = answer[12:]
        at = body.index(struct.pack("<HHI", 0, 0x0900, 2))
        return int(struct.unpack("<H", body[at + 8 : at + 10])[0])

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


# --- the router's part --------------------------------------------------------------------------


@dataclass
class Kept:
    """A reception and what became of it."""

    envelope: Envelope
    status: int = 0
    gate: asyncio.Event | None = None
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0
    end: str = ""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.digest.update(data)
        self.size += len(data)

    async def finish(self) -> int:
        if self.gate is not None:
            await self.gate.wait()
        self.end = "finished"
        return self.status

    def abort(self) -> None:
        self.end = "aborted"


class Keeper:
    """An intake that admits everybody, or as told, and keeps digests."""

    def __init__(self, verdict: Callable[[Caller], Admitted | Rejected] | None = None) -> None:
        self.verdict = verdict or (lambda _: Admitted("peer", BOTH))
        self.kept: list[Kept] = []
        self.callers: list[Caller] = []
        self.gate: asyncio.Event | None = None
        self.status = 0

    def admit(self, caller: Caller) -> Admitted | Rejected:
        self.callers.append(caller)
        return self.verdict(caller)

    def begin(self, envelope: Envelope) -> Kept:
        self.kept.append(Kept(envelope, self.status, self.gate))
        return self.kept[-1]

    @property
    def digests(self) -> list[str]:
        return [kept.digest.hexdigest() for kept in self.kept if kept.end == "finished"]


@dataclass
class Serving:
    """A running listener and what it told."""

    listener: Listener
    keeper: Keeper
    events: list[Event]

    @property
    def port(self) -> int:
        return self.listener.port

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop run until something is so; `drive` has the deadline."""
        while not condition():
            await asyncio.sleep(0.001)


@asynccontextmanager
async def serving(
    keeper: Keeper | None = None,
    *,
    world: World | None = None,
    settings: ListenerSettings | None = None,
    **options: object,
) -> AsyncIterator[Serving]:
    """Run a listener on a free port of the loopback."""
    keeper = keeper or Keeper()
    events: list[Event] = []
    listener = Listener(
        world or system_world(),
        settings or ListenerSettings("main", 0),
        keeper,
        events.append,
        **options,  # type: ignore[arg-type]
    )
    await listener.start()
    running = Serving(listener, keeper, events)
    try:
        yield running
    finally:
        listener.stop()
        await listener.drain(0.0)


# --- objects ------------------------------------------------------------------------------------


def sample(name: str) -> Path:
    """A file of pydicom's wheel."""
    return Path(str(get_testdata_file(name, download=False)))


def data_set(path: Path) -> bytes:
    """The data set bytes of a Part 10 file, as they lie there."""
    content = path.read_bytes()
    return content[read_part10(content).offset :]


@dataclass
class Stored:
    """An object for delivery."""

    data: bytes
    sop_class: str
    sop_instance: str
    transfer_syntax: str
    whole: bool = True
    reads: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> "Stored":
        meta = read_part10(path.read_bytes())
        assert meta.sop_class is not None
        assert meta.sop_instance is not None
        return cls(data_set(path), meta.sop_class, meta.sop_instance, meta.transfer_syntax)

    @property
    def pair(self) -> tuple[str, str]:
        return (self.sop_class, self.transfer_syntax)

    @property
    def record(self) -> Record:
        envelope = Envelope(
            sop_class=self.sop_class,
            sop_instance=self.sop_instance,
            transfer_syntax=self.transfer_syntax,
        )
        return Record(envelope, Decision("route"), "", 0.0)

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self, offset: int, count: int) -> bytes:
        self.reads.append((offset, count))
        return self.data[offset : offset + count]

    def intact(self) -> bool:
        return self.whole

    def close(self) -> None:
        pass


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


FAST = Limits(associate=0.3, farewell=0.3, window=0.3, idle=0.3)
"""Deadlines for tests over real sockets."""

Pairs = Sequence[tuple[str, str]]
