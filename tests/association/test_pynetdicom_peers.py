"""pynetdicom itself as a peer, in its own threads: both sides of it, and hostile negotiation."""

import asyncio
import logging
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pynetdicom import AE, evt
from pynetdicom.events import Event

from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.adapter import Acceptor, Kind, Requestor, make_entity
from roteiro.runtime.association.contexts import Answer, answer
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.world import SystemClock, system_world
from tests.association.parts import (
    BOTH,
    CT,
    ECHO,
    EXPLICIT,
    IMPLICIT,
    Stored,
    drive,
    sample,
    serving,
    sha256,
    usual_rq,
)
from tests.association.test_requestor import BOTH_ACCEPTED, acceptance


@contextmanager
def store_scp(port: list[int], kept: list[bytes]) -> Iterator[None]:
    def keep(event: Event) -> int:
        kept.append(event.request.DataSet.getvalue())
        return 0xB007

    entity = AE("PEER")
    entity.add_supported_context(CT, EXPLICIT)
    entity.add_supported_context(ECHO, IMPLICIT)
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)]
    )
    port.append(server.socket.getsockname()[1])
    try:
        yield
    finally:
        server.shutdown()


def test_pynetdicom_takes_what_we_send() -> None:
    stored = Stored.of(sample("CT_small.dcm"))
    kept: list[bytes] = []
    port: list[int] = []

    async def main() -> None:
        node = NodeSettings("peer", "PEER", "127.0.0.1", port[0])
        channel = await LoopCarrier(system_world()).connect(node, "ROTEIRO", [stored.pair])
        assert await channel.echo() == 0
        assert await channel.store(stored) == 0xB007
        await channel.release()

    with store_scp(port, kept):
        drive(main)
    assert [sha256(data) for data in kept] == [sha256(stored.data)]


def test_pynetdicom_sends_and_we_take() -> None:
    path = sample("CT_small.dcm")

    def send(port: int) -> list[int]:
        entity = AE("SCU")
        entity.add_requested_context(CT, [IMPLICIT, EXPLICIT])
        entity.add_requested_context(ECHO)
        association = entity.associate("127.0.0.1", port)
        assert association.is_established
        statuses = [association.send_c_echo().Status]
        statuses += [association.send_c_store(dcmread(path)).Status for _ in range(3)]
        association.release()
        assert association.is_released
        return statuses

    async def main() -> None:
        async with serving() as running:
            assert await asyncio.to_thread(send, running.port) == [0, 0, 0, 0]
            await running.until(lambda: not running.listener.open_connections)
            assert len(running.keeper.digests) == 3

    drive(main)


# --- hostile negotiation ------------------------------------------------------------------------


class Sink:
    """Takes what is written."""

    def __init__(self) -> None:
        self.data = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.closed = True


ENTITY = make_entity(131_072)


def decide(abstract: str, syntaxes: Sequence[str]) -> Answer:
    return answer(abstract, syntaxes, BOTH)


def damaged(data: st.DataObject, raw: bytes) -> bytes:
    body = bytearray(raw)
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(6, len(body) - 1))] = data.draw(st.integers(0, 255))
    body = body[: data.draw(st.integers(74, len(body)))]
    body[2:6] = struct.pack(">I", len(body) - 6)
    return bytes(body)


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_request_is_answered_and_raises_nothing(data: st.DataObject) -> None:
    raw = damaged(data, usual_rq(extra=HARD_ITEMS))

    async def main() -> None:
        sink = Sink()
        upper = Acceptor(ENTITY, sink, SystemClock(), seconds=9.0, close=sink.close)  # type: ignore[arg-type]
        upper.open(9.0)
        asked = upper.pdu(raw).kind is Kind.REQUEST
        if asked and upper.accept(decide) is None:
            upper.abort(2, 6)
        assert sink.data[0] in (2, 3, 7)
        assert upper.established == (sink.data[0] == 2)
        upper.lost()
        assert upper.state == "Sta1"

    asyncio.run(main())


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_acceptance_is_taken_or_aborted_and_raises_nothing(data: st.DataObject) -> None:
    raw = damaged(data, acceptance(*BOTH_ACCEPTED))

    async def main() -> None:
        sink = Sink()
        upper = Requestor(ENTITY, sink, SystemClock(), seconds=9.0, close=sink.close)  # type: ignore[arg-type]
        upper.request("ROTEIRO", "PEER", [(ECHO, IMPLICIT), (CT, EXPLICIT)])
        asked = len(sink.data)
        if upper.pdu(raw).kind is Kind.ACCEPTED:
            accepted = upper.conclude()
            assert bool(accepted) <= upper.established
            assert upper.peer_maximum >= 0
        if not upper.established:
            assert sink.data[asked] == 7
        upper.lost()
        assert upper.state == "Sta1"

    asyncio.run(main())


def sub_item(kind: int, body: bytes) -> bytes:
    return bytes((kind, 0)) + struct.pack(">H", len(body)) + body


HARD_ITEMS = (
    sub_item(0x53, bytes(4))
    + sub_item(0x54, struct.pack(">H", len(CT)) + CT.encode() + b"\1\1")
    + sub_item(0x56, struct.pack(">H", len(CT)) + CT.encode() + bytes(4))
    + sub_item(0x58, b"\2\1\0\4user\0\4word")
)


def test_its_log_lines_reach_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        sink = Sink()
        upper = Acceptor(ENTITY, sink, SystemClock(), seconds=9.0, close=sink.close)  # type: ignore[arg-type]
        upper.open(9.0)
        upper.pdu(usual_rq(calling=b"SECRET\n"))
        upper.accept(decide)
        upper.pdu(usual_rq())
        upper.lost()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(main())
    assert [record for record in caplog.records if record.name.startswith("pynetdicom")] == []


def test_an_odd_title_of_a_caller_that_is_let_in_is_no_trouble() -> None:
    async def main() -> None:
        sink = Sink()
        upper = Acceptor(ENTITY, sink, SystemClock(), seconds=9.0, close=sink.close)  # type: ignore[arg-type]
        upper.open(9.0)
        assert upper.pdu(usual_rq(calling=b"K\xd6LN\\\n")).kind is Kind.REQUEST
        assert upper.accept(decide)
        upper.lost()

    asyncio.run(main())
