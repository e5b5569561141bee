"""Raw ends of the wire: plain blocking sockets that move data sets undecoded.

`RawSender` sends the bytes of a file as they are; `RawSink` keeps what comes as it is. Each can be
told to misbehave. What the router may change is seen between the two.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Self

from tests.e2e import wire
from tests.e2e.wire import Parcel
from tests.ports import free_port

LOOPBACK = "127.0.0.1"
PATIENCE = 30.0
"""Seconds that a peer gets for anything at all."""


class Rejected(Exception):  # noqa: N818  what the peer said
    """An A-ASSOCIATE-RJ (PS3.8 9.3.4)."""

    def __init__(self, outcome: int, source: int, reason: int) -> None:
        super().__init__(outcome, source, reason)
        self.code = (outcome, source, reason)


class Gone(ConnectionError):  # noqa: N818  as `Rejected`
    """The peer aborted or closed the connection."""


class Line:
    """A connection that reads and writes whole PDUs."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, *pdus: bytes) -> None:
        self._connection.sendall(b"".join(pdus))

    def read(self) -> tuple[int, bytes]:
        """Give the next PDU's type and body; `Gone` at an abort or the end."""
        kind, _, length = struct.unpack(">BBI", self._exactly(6))
        body = self._exactly(length)
        if kind == wire.ABORT:
            raise Gone(f"A-ABORT source {body[2]} reason {body[3]}")
        return kind, body

    def _exactly(self, count: int) -> bytes:
        got = bytearray()
        while len(got) < count:
            piece = self._connection.recv(min(count - len(got), 1 << 20))
            if not piece:
                raise Gone("closed")
            got += piece
        return bytes(got)

    def close(self) -> None:
        with suppress(OSError):  # the peer may have closed it
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


# --- sending -------------------------------------------------------------------------------------


class RawSender:
    """Calls a peer and sends parcels; one object at a time, answers awaited."""

    def __init__(
        self,
        port: int,
        calling: str = "SENDER",
        called: str = "ROTEIRO",
        *,
        source: str = LOOPBACK,
        max_pdu: int = 16_384,
        fragment: int = 1 << 20,
    ) -> None:
        """`fragment` is the most data bytes of a PDV; the peer's limit counts as well."""
        self._port = port
        self._calling, self._called = calling, called
        self._source = source
        self._max_pdu = max_pdu
        self._fragment = fragment
        self._line: Line | None = None
        self._message = 0
        self.contexts: dict[tuple[str, str], int] = {}
        """Accepted: (SOP class, transfer syntax) to the number of the context."""
        self._limit = 0

    def open(self, *pairs: tuple[str, str]) -> Self:
        """Associate with one context a pair; `Rejected`, `Gone` or `OSError` when that fails."""
        connection = socket.create_connection(
            (LOOPBACK, self._port), timeout=PATIENCE, source_address=(self._source, 0)
        )
        self._line = Line(connection)
        asked = dict(zip(range(1, 256, 2), dict.fromkeys(pairs), strict=False))
        contexts = b"".join(wire.proposal(key, *pair) for key, pair in asked.items())
        self._line.send(
            wire.associate(wire.ASSOCIATE_RQ, self._called, self._calling, contexts, self._max_pdu)
        )
        kind, body = self._line.read()
        if kind == wire.ASSOCIATE_RJ:
            self._line.close()
            raise Rejected(*body[1:4])
        assert kind == wire.ASSOCIATE_AC, kind
        answer = wire.read_associate(body)
        self._limit = answer.max_pdu
        self.contexts = {
            asked[key]: key for key, (outcome, _, _) in answer.contexts.items() if outcome == 0
        }
        return self

    def store(self, parcel: Parcel) -> int:
        """Send one object and give the status of the answer."""
        return self.send(parcel, parcel.data)

    def send(self, parcel: Parcel, data: bytes, *, last: bool = True) -> int:
        """Send these bytes in the name of a parcel; without `last` they do not end: -1."""
        context = self.contexts[parcel.sop_class, parcel.transfer_syntax]
        self._message = self._message % 0xFFFF + 1
        request = wire.store_request(self._message, parcel.sop_class, parcel.sop_instance)
        self._send(context, wire.COMMAND | wire.LAST, request)
        return self.go_on(parcel, data, last=last)

    def go_on(self, parcel: Parcel, data: bytes, *, last: bool = True) -> int:
        """Send more bytes of the parcel that `send` began."""
        context = self.contexts[parcel.sop_class, parcel.transfer_syntax]
        for piece, final in self._pieces(data):
            self._send(context, wire.LAST if final and last else 0, piece)
        return self._status() if last else -1

    def echo(self) -> int:
        context = self.contexts[wire.VERIFICATION, wire.IMPLICIT]
        self._message += 1
        self._send(context, wire.COMMAND | wire.LAST, wire.echo_request(self._message))
        return self._status()

    def _pieces(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        room = min(self._fragment, self._limit - 6 if self._limit else 1 << 20)
        for at in range(0, len(data), room):
            yield data[at : at + room], at + room >= len(data)

    def _send(self, context: int, control: int, data: bytes) -> None:
        assert self._line is not None
        self._line.send(wire.pdu(wire.DATA, wire.pdv(context, control, data)))

    def _status(self) -> int:
        assert self._line is not None
        answer = b""
        while True:
            kind, body = self._line.read()
            assert kind == wire.DATA, kind
            for _, control, data in wire.pdvs(body):
                answer += data
                if control & wire.LAST:
                    fields = wire.read_command(answer)
                    assert wire.number(fields[0x0120]) == self._message
                    return wire.number(fields[0x0900])

    def release(self) -> None:
        """End in order: A-RELEASE-RQ, its answer, close."""
        assert self._line is not None
        self._line.send(wire.pdu(wire.RELEASE_RQ, bytes(4)))
        kind, _ = self._line.read()
        assert kind == wire.RELEASE_RP, kind
        self._line.close()

    def abort(self) -> None:
        assert self._line is not None
        self._line.send(wire.pdu(wire.ABORT, bytes(4)))
        self._line.close()

    def close(self) -> None:
        """Let the connection go without a word."""
        if self._line is not None:
            self._line.close()


def send_all(port: int, parcels: Sequence[Parcel], calling: str = "SENDER") -> list[int]:
    """Send parcels over one association; give the statuses."""
    sender = RawSender(port, calling)
    try:
        sender.open(*((parcel.sop_class, parcel.transfer_syntax) for parcel in parcels))
        statuses = [sender.store(parcel) for parcel in parcels]
        sender.release()
    finally:
        sender.close()
    return statuses


# --- receiving -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrival:
    """A data set that came."""

    sop_class: str
    sop_instance: str
    transfer_syntax: str
    digest: str
    size: int
    longest_pdu: int
    calling: str
    called: str
    at: float
    """Monotonic seconds."""


class Then(Enum):
    """What a sink does after a data set came."""

    ANSWER = "answer"
    ABORT = "send an A-ABORT"
    CLOSE = "close the connection"
    SILENCE = "say nothing"


Says = Callable[[int, dict[int, bytes]], Sequence[bytes]]
"""Gives what is written after a data set, for its context and request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a sink treats one data set."""

    status: int = 0
    delay: float = 0.0
    then: Then = Then.ANSWER
    says: Says | None = None
    """In the place of an answer; `then` follows."""


Script = Callable[[Arrival], Reply]
Early = Callable[[str], int | None]
Choice = Callable[[str, tuple[str, ...]], str]


def success(_: Arrival) -> Reply:
    return Reply()


def patient(_: str) -> int | None:
    return None


def first_syntax(_: str, syntaxes: tuple[str, ...]) -> str:
    return syntaxes[0]


@dataclass
class RawSink:
    """Accepts associations on one port and keeps digests of the data sets, in order of arrival.

    It can be stopped and started again; a data set counts as arrived when its last byte came,
    whatever is answered.
    """

    max_pdu: int = 16_384
    """As announced; 0 is without limit (PS3.8 D.1)."""
    script: Script = success
    choose: Choice = first_syntax
    """Gives the transfer syntax for a context, or "" to refuse it."""
    early: Early = patient
    """Gives a status that is answered to a command, before its data set is read."""
    greeting: bytes | None = None
    """What is said to an association request in the place of an acceptance."""
    port: int = field(default_factory=free_port)
    arrivals: list[Arrival] = field(default_factory=list)
    associations: int = 0
    faults: list[str] = field(default_factory=list)
    """What the caller did that the standard does not allow."""
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _listener: socket.socket | None = None
    _lines: set[Line] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> Self:
        self._listener = socket.create_server((LOOPBACK, self.port), backlog=64)
        self._run(self._accept, self._listener)
        return self

    def stop(self) -> None:
        """Close the port and all connections at once, as a peer that lost its power."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._changed:
            lines = list(self._lines)
        for line in lines:
            line.close()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        self._threads.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        assert not self.faults

    def wait(self, ready: Callable[[list[Arrival]], bool], seconds: float = PATIENCE) -> None:
        """Wait until the arrivals are as wanted; `AssertionError` when they never are."""
        with self._changed:
            fine = self._changed.wait_for(lambda: ready(self.arrivals), seconds)
            assert fine, f"{len(self.arrivals)} arrived in {seconds} s"

    def wait_count(self, count: int, seconds: float = PATIENCE) -> None:
        self.wait(lambda arrivals: len(arrivals) >= count, seconds)

    def wait_for(self, parcel: Parcel, seconds: float = PATIENCE) -> Arrival:
        """Wait for an object by its UID and give its first arrival."""
        self.wait(lambda _: parcel.sop_instance in self.first, seconds)
        return self.first[parcel.sop_instance]

    @property
    def first(self) -> dict[str, Arrival]:
        """First arrivals by SOP instance."""
        found: dict[str, Arrival] = {}
        for arrival in self.arrivals:
            found.setdefault(arrival.sop_instance, arrival)
        return found

    def _run(self, work: Callable[..., None], *what: object) -> None:
        thread = threading.Thread(target=work, args=what, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            line = Line(connection)
            with self._changed:
                self._lines.add(line)
                self.associations += 1
            self._run(self._serve, line)

    def _serve(self, line: Line) -> None:
        try:
            Visit(self, line).run()
        except OSError:
            pass  # the router hung up, or we did
        except (AssertionError, ValueError, KeyError, struct.error) as wrong:
            self.faults.append(f"{type(wrong).__name__}: {wrong}")
        finally:
            line.close()
            with self._changed:
                self._lines.discard(line)

    def keep(self, arrival: Arrival) -> None:
        with self._changed:
            self.arrivals.append(arrival)
            self._changed.notify_all()


class Visit:
    """One association of a sink."""

    def __init__(self, sink: RawSink, line: Line) -> None:
        self._sink = sink
        self._line = line
        self._syntaxes: dict[int, str] = {}
        self._longest = 0

    def run(self) -> None:
        kind, body = self._line.read()
        assert kind == wire.ASSOCIATE_RQ, f"PDU type {kind} first"
        request = wire.read_associate(body)
        self._peer = request
        if self._sink.greeting is not None:
            self._line.send(self._sink.greeting)
            self._line.read()
            return
        self._line.send(self._accepted(request))
        while self._one_message():
            pass

    def _accepted(self, request: wire.Associate) -> bytes:
        answers = b""
        for key, (_, abstract, syntaxes) in request.contexts.items():
            syntax = self._sink.choose(abstract, syntaxes)
            self._syntaxes[key] = syntax
            answers += wire.result(key, 0 if syntax else 4, syntax or syntaxes[0])
        return wire.associate(
            wire.ASSOCIATE_AC, request.called, request.calling, answers, self._sink.max_pdu
        )

    def _one_message(self) -> bool:
        """Take a command and its data set; false when the caller releases."""
        command, data = bytearray(), None
        digest, size = sha256(), 0
        fields: dict[int, bytes] = {}
        while True:
            kind, body = self._line.read()
            if kind == wire.RELEASE_RQ:
                assert not command, "A-RELEASE within a message"
                self._line.send(wire.pdu(wire.RELEASE_RP, bytes(4)))
                return False
            assert kind == wire.DATA, f"PDU type {kind}"
            limit = self._sink.max_pdu
            assert not limit or len(body) <= limit, f"PDU of {len(body)} bytes, {limit} announced"
            self._longest = max(self._longest, len(body))
            for context, control, piece in wire.pdvs(body):
                assert self._syntaxes[context], f"context {context} was not accepted"
                if control & wire.COMMAND:
                    assert data is None
                    command += piece
                    if not control & wire.LAST:
                        continue
                    fields = wire.read_command(bytes(command))
                    data = context
                    if wire.number(fields[0x0800]) == wire.NO_DATA_SET:
                        self._answer(context, fields, 0)
                        return True
                    early = self._sink.early(wire.name(fields[0x1000]))
                    if early is not None:
                        self._answer(context, fields, early)
                    continue
                assert data == context, "data set in another context than its command"
                final = bool(control & wire.LAST)
                assert final or not len(piece) % 2, f"fragment of {len(piece)} bytes (PS3.8 9.3.1)"
                digest.update(piece)
                size += len(piece)
                if final:
                    return self._took(context, fields, digest.hexdigest(), size)

    def _took(self, context: int, fields: dict[int, bytes], digest: str, size: int) -> bool:
        arrival = Arrival(
            wire.name(fields[0x0002]),
            wire.name(fields[0x1000]),
            self._syntaxes[context],
            digest,
            size,
            self._longest,
            self._peer.calling,
            self._peer.called,
            time.monotonic(),
        )
        reply = self._sink.script(arrival)
        self._sink.keep(arrival)
        if reply.delay:
            threading.Event().wait(reply.delay)
        if reply.says is not None:
            self._line.send(*reply.says(context, fields))
        if reply.then is Then.ABORT:
            self._line.send(wire.pdu(wire.ABORT, bytes(4)))
        if reply.then in {Then.ABORT, Then.CLOSE}:
            return False
        if reply.then is Then.ANSWER and reply.says is None:
            self._answer(context, fields, reply.status)
        return True

    def _answer(self, context: int, fields: dict[int, bytes], status: int) -> None:
        self._line.send(answer(context, fields, status))


def answer(context: int, fields: dict[int, bytes], status: int = 0) -> bytes:
    """Make the PDU that answers a request."""
    return wire.pdu(
        wire.DATA,
        wire.pdv(context, wire.COMMAND | wire.LAST, wire.response(fields, status)),
    )
