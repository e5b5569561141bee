"""Calling peers: DCMTK and raw ones, rejections, limits of theirs, and damaged objects."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.contract import (
    Broken,
    Channel,
    Rejected,
    Trouble,
    Unreachable,
    Unwilling,
)
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.requestor import LoopCarrier, LoopChannel
from roteiro.runtime.dicom import read_part10
from roteiro.runtime.spool.contract import Damaged
from roteiro.runtime.world import system_world
from tests.association.parts import (
    BIG,
    CT,
    ECHO,
    EXPLICIT,
    IMPLICIT,
    RELEASE_RP,
    RELEASE_RQ,
    Keeper,
    Raw,
    Stored,
    abort,
    drive,
    elements,
    item,
    pdata,
    pdu,
    pdv,
    sample,
    serving,
    sha256,
    ui,
    us,
)
from tests.ports import free_port


def node(port: int, ae: str = "PEER") -> NodeSettings:
    return NodeSettings("peer", ae, "127.0.0.1", port)


async def call(port: int, *pairs: tuple[str, str], limits: Limits | None = None) -> Channel:
    return await LoopCarrier(system_world(), limits).connect(node(port), "ROTEIRO", pairs)


# --- our own listener ---------------------------------------------------------------------------

FILES = ["CT_small.dcm", "JPEG2000.dcm", "MR_small_RLE.dcm", "rtplan.dcm", "reportsi.dcm"]


def test_the_bytes_that_arrive_are_those_on_disk() -> None:
    async def main() -> None:
        objects = [Stored.of(sample(name)) for name in FILES]
        async with serving() as running:
            channel = await call(running.port, *[stored.pair for stored in objects])
            assert await channel.echo() == 0
            for stored in objects:
                assert channel.carries(*stored.pair)
                assert await channel.store(stored) == 0
            await channel.release()
            assert not channel.open
            assert running.keeper.digests == [sha256(stored.data) for stored in objects]
            for kept, stored in zip(running.keeper.kept, objects, strict=True):
                assert kept.envelope.sop_instance == stored.sop_instance
                assert (kept.envelope.sop_class, kept.envelope.transfer_syntax) == stored.pair
                assert kept.envelope.calling_ae == "ROTEIRO"
                assert kept.envelope.called_ae == "PEER"

    drive(main)


@pytest.mark.parametrize("size", [0, 1, 131_066, 131_067, 3_000_001])
def test_any_size_leaves_as_it_is_in_bounded_pieces(size: int) -> None:
    async def main() -> None:
        data = (bytes(range(253)) * (size // 253 + 1))[:size]
        stored = Stored(data, CT, "1.2.3", EXPLICIT)
        async with serving() as running:
            channel = await call(running.port, stored.pair)
            assert await channel.store(stored, urgent=True) == 0
            assert await channel.store(stored) == 0
            await channel.release()
            assert running.keeper.digests == [sha256(data)] * 2
            assert max(count for _, count in stored.reads) <= 262_144

    drive(main)


def test_the_status_of_the_peer_is_what_is_given() -> None:
    async def main() -> None:
        keeper = Keeper()
        async with serving(keeper) as running:
            stored = Stored(b"data", CT, "1.2.3", EXPLICIT)
            channel = await call(running.port, stored.pair)
            for status in (0xA700, 0xB000, 0x0111):
                keeper.status = status
                assert await channel.store(stored) == status
            assert channel.open
            await channel.release()

    drive(main)


def test_stores_at_the_same_time_take_turns() -> None:
    async def main() -> None:
        async with serving() as running:
            stored = Stored(bytes(500_000), CT, "1.2.3", EXPLICIT)
            channel = await call(running.port, stored.pair)
            found = await asyncio.gather(*[channel.store(stored) for _ in range(5)], channel.echo())
            assert found == [0] * 6
            assert running.keeper.digests == [sha256(stored.data)] * 5
            await channel.release()

    drive(main)


def test_at_most_128_contexts_are_proposed() -> None:
    async def main() -> None:
        async with serving() as running:
            pairs = [(f"1.2.840.10008.5.1.4.1.1.{n}", EXPLICIT) for n in range(200)]
            channel = await call(running.port, *pairs)
            assert [channel.proposed(*pair) for pair in pairs] == [True] * 127 + [False] * 73
            assert channel.carries(*pairs[126])
            assert not channel.carries(*pairs[127])
            assert channel.proposed(ECHO, IMPLICIT)
            await channel.release()

    drive(main)


@pytest.mark.parametrize("odd", ["1.2.3.\xe9", "1.2." + 61 * "3", "", "1.2\n3"])
def test_a_class_that_is_no_uid_is_no_trouble_for_the_others(odd: str) -> None:
    async def main() -> None:
        async with serving() as running:
            channel = await call(running.port, (odd, EXPLICIT), (CT, EXPLICIT))
            assert await channel.store(Stored(b"data", CT, "1.2.3", EXPLICIT)) == 0
            with pytest.raises(Unwilling):
                await channel.store(Stored(b"data", odd, "1.2.4", EXPLICIT))
            assert not channel.proposed(odd, EXPLICIT)
            await channel.release()

    drive(main)


def test_each_pair_is_negotiated_by_itself() -> None:
    async def main() -> None:
        async with serving() as running:
            pairs = [(CT, IMPLICIT), (CT, EXPLICIT), (CT, BIG), (CT, "1.2.3.4")]
            channel = await call(running.port, *pairs)
            assert [channel.carries(*pair) for pair in pairs] == [True, True, True, False]
            for index, syntax in enumerate((BIG, IMPLICIT, EXPLICIT)):
                await channel.store(Stored(b"x", CT, "1.2", syntax))
                assert running.keeper.kept[index].envelope.transfer_syntax == syntax
            with pytest.raises(Unwilling, match=r"1\.2\.3\.4"):
                await channel.store(Stored(b"x", CT, "1.2", "1.2.3.4"))
            assert channel.open
            await channel.release()

    drive(main)


# --- damaged objects ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 10, 400_000])
def test_a_damaged_object_is_never_completed(size: int) -> None:
    async def main() -> None:
        async with serving() as running:
            stored = Stored(bytes(size), CT, "1.2.3", EXPLICIT, whole=False)
            channel = await call(running.port, stored.pair)
            with pytest.raises(Damaged):
                await channel.store(stored)
            assert not channel.open
            await running.until(lambda: not running.listener.open_connections)
            assert [kept.end for kept in running.keeper.kept] == ["aborted"]

    drive(main)


def test_a_file_that_has_become_shorter_is_damaged() -> None:
    class Short(Stored):
        @property
        def size(self) -> int:
            return len(self.data) + 1

    async def main() -> None:
        async with serving() as running:
            stored = Short(bytes(300_000), CT, "1.2.3", EXPLICIT)
            channel = await call(running.port, stored.pair)
            with pytest.raises(Damaged):
                await channel.store(stored)
            await running.until(lambda: not running.listener.open_connections)
            assert [kept.end for kept in running.keeper.kept] == ["aborted"]

    drive(main)


def test_a_disk_that_says_no_ends_the_association() -> None:
    class Failing(Stored):
        async def read(self, offset: int, count: int) -> bytes:
            raise OSError(5, "Input/output error")

    async def main() -> None:
        async with serving() as running:
            stored = Failing(bytes(10), CT, "1.2.3", EXPLICIT)
            channel = await call(running.port, stored.pair)
            with pytest.raises(OSError, match="Input"):
                await channel.store(stored)
            assert not channel.open

    drive(main)


def test_a_store_that_is_cancelled_ends_the_association() -> None:
    async def main() -> None:
        keeper = Keeper()
        keeper.gate = asyncio.Event()
        async with serving(keeper) as running:
            stored = Stored(bytes(10), CT, "1.2.3", EXPLICIT)
            channel = await call(running.port, stored.pair)
            storing = asyncio.ensure_future(channel.store(stored))
            await running.until(lambda: bool(keeper.kept))
            storing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await storing
            assert not channel.open
            with pytest.raises(Broken):
                await channel.store(stored)
            keeper.gate.set()

    drive(main)


# --- no association -----------------------------------------------------------------------------


def test_nobody_is_there() -> None:
    async def main() -> None:
        with pytest.raises(Unreachable, match=r"no connection to 127\.0\.0\.1"):
            await call(free_port())

    drive(main)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 300, "a..b"])
def test_a_name_that_is_none(host: str) -> None:
    async def main() -> None:
        target = NodeSettings("peer", "PEER", host, 104)
        with pytest.raises(Unreachable, match="no connection"):
            await LoopCarrier(system_world()).connect(target, "ROTEIRO", [])

    drive(main)


@pytest.mark.parametrize(
    ("rejected", "kind", "word"),
    [
        (Rejected(1, 1, 3), Unwilling, "does not know our AE title"),
        (Rejected(1, 1, 7), Unwilling, "not called that"),
        (Rejected(2, 3, 2), Unreachable, "too many associations"),
        (Rejected(2, 3, 1), Unreachable, "congestion"),
        (Rejected(1, 1, 1), Unwilling, "no reason given"),
    ],
)
def test_a_rejection(rejected: Rejected, kind: type[Exception], word: str) -> None:
    async def main() -> None:
        async with serving(Keeper(lambda _: rejected)) as running:
            with pytest.raises(kind, match=word):
                await call(running.port)
            await running.until(lambda: not running.listener.open_connections)

    drive(main)


Peer = Callable[[Raw], Awaitable[None]]


@asynccontextmanager
async def raw_peer(talk: Peer) -> AsyncIterator[int]:
    """A server that talks as told, once."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = Raw(reader, writer)
        try:
            await talk(raw)
        finally:
            writer.close()
            if not done.done():
                done.set_result(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
        await done
    finally:
        server.close()


def acceptance(
    *results: tuple[int, int, str], maximum: int | None = 16384, extra: bytes = b""
) -> bytes:
    fixed = b"\0\1\0\0" + b"PEER".ljust(16) + b"ROTEIRO".ljust(16) + bytes(32)
    contexts = b"".join(
        item(0x21, bytes((number, 0, result, 0)) + item(0x40, syntax.encode()))
        for number, result, syntax in results
    )
    length = b"" if maximum is None else item(0x51, struct.pack(">I", maximum))
    user = item(0x50, length + item(0x52, b"1.2.3"))
    return pdu(2, fixed + item(0x10, b"1.2.840.10008.3.1.1.1") + contexts + user + extra)


BOTH_ACCEPTED = ((1, 0, IMPLICIT), (3, 0, EXPLICIT))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", Unreachable),
        (b"HTTP/1.1 400 Bad Request\r\n", Unreachable),
        (abort(0, 0), Unreachable),
        (abort(2, 1), Unreachable),
        (RELEASE_RQ, Unreachable),
        (pdata(pdv(1, 3, b"")), Unreachable),
        (b"\2\0\xff\xff\xff\xff", Unreachable),
        (acceptance()[:-3], Unreachable),
        (acceptance(extra=b"\x21\0\xff\xff"), Unreachable),
        (acceptance((2, 0, EXPLICIT)), Unreachable),
        (acceptance((1, 3, IMPLICIT), (3, 4, EXPLICIT)), Unwilling),
        (acceptance((9, 0, EXPLICIT)), Unwilling),
        (pdu(3, bytes((0, 9, 9, 9))), Unreachable),
    ],
)
def test_answers_that_are_none(answer: bytes, kind: type[Exception]) -> None:
    async def main() -> None:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(answer)
            if answer not in (b"", acceptance()[:-3]):
                await raw.rest()

        async with raw_peer(talk) as port:
            with pytest.raises(kind):
                await call(port, (CT, EXPLICIT), limits=Limits(farewell=0.1))

    drive(main)


def test_a_syntax_that_was_not_proposed_is_not_used() -> None:
    async def main() -> None:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance((1, 0, IMPLICIT), (3, 0, BIG)))
            await raw.rest()

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            assert not channel.carries(CT, EXPLICIT)
            assert not channel.carries(CT, BIG)
            channel.abort()

    drive(main)


# --- answers to messages ------------------------------------------------------------------------


def response(
    message: int = 1,
    status: int | None = 0,
    field: int = 0x8001,
    kind: int = 0x0101,
    instance: str | None = None,
) -> bytes:
    end = () if status is None else ((0x0900, us(status)),)
    named = () if instance is None else ((0x1000, ui(instance)),)
    return elements(
        (0x0002, ui(CT)),
        (0x0100, us(field)),
        (0x0120, us(message)),
        (0x0800, us(kind)),
        *end,
        *named,
    )


async def until_last(raw: Raw) -> bytes:
    """All data set bytes of the next message."""
    data = bytearray()
    while True:
        received = await raw.pdu()
        assert received[0] == 4
        if not received[11] & 1:
            data += received[12:]
            if received[11] & 2:
                return bytes(data)


def answered(*answer: bytes, read: bool = True) -> Channel:
    """Store to a peer that answers so; the outcome is what `store` raises or gives."""

    async def main() -> int:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED))
            if read:
                await until_last(raw)
            else:
                await raw.pdu()
            raw.send(*answer)
            if answer:
                await raw.rest()

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT), limits=Limits(farewell=0.1))
            try:
                return await channel.store(Stored(b"data", CT, "1.2.3", EXPLICIT))
            finally:
                channel.abort()

    return drive(main)  # type: ignore[return-value]


def test_a_right_answer() -> None:
    assert answered(pdata(pdv(3, 3, response(status=0xB000)))) == 0xB000


class Tardy(Stored):
    """An object whose last piece is read when the peer's answer was heard."""

    channel: LoopChannel

    async def read(self, offset: int, count: int) -> bytes:
        status = self.channel._status
        while offset + count >= self.size and self.channel.open and not status.done():
            await asyncio.sleep(0)
        return await super().read(offset, count)


def answered_early(status: int) -> int:
    """Store to a peer that answers before it has the whole object."""

    async def main() -> int:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED))
            await raw.pdu()
            raw.send(pdata(pdv(3, 3, response(status=status))))
            await raw.rest()

        stored = Tardy(bytes(1_000_000), CT, "1.2.3", EXPLICIT)
        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT), limits=Limits(farewell=0.1))
            assert isinstance(channel, LoopChannel)
            stored.channel = channel
            try:
                return await channel.store(stored)
            finally:
                channel.abort()

    return drive(main)  # type: ignore[return-value]


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB007])
def test_nobody_can_have_stored_what_has_not_left(status: int) -> None:
    with pytest.raises(Broken):
        answered_early(status)


@pytest.mark.parametrize("status", [0xA700, 0x0111, 0xC000])
def test_a_refusal_may_come_early(status: int) -> None:
    assert answered_early(status) == status


def test_an_answer_in_pieces() -> None:
    raw = response()
    assert answered(pdata(pdv(3, 1, raw[:9])), pdata(pdv(3, 1, b""), pdv(3, 3, raw[9:]))) == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        abort(0, 0),
        RELEASE_RQ,
        pdata(pdv(3, 3, response(message=2))),
        pdata(pdv(1, 3, response())),
        pdata(pdv(5, 3, response())),
        pdata(pdv(3, 3, response(status=None))),
        pdata(pdv(3, 3, response(field=0x8030))),
        pdata(pdv(3, 3, response(field=0x0001))),
        pdata(pdv(3, 3, response(kind=1))),
        pdata(pdv(3, 3, response(instance="9.9.9.9"))),
        pdata(pdv(3, 3, b"\xff" * 30)),
        pdata(pdv(3, 2, b"data")),
        acceptance(*BOTH_ACCEPTED),
        b"\xff",
    ],
)
def test_a_wrong_answer_is_in_doubt(answer: bytes) -> None:
    with pytest.raises(Broken):
        answered(*([answer] if answer else []))


def test_an_abort_in_the_middle_is_in_doubt() -> None:
    with pytest.raises(Broken, match="aborted by the peer"):
        answered(abort(0, 0), read=False)


def test_an_answer_that_nobody_asked_for_ends_the_association() -> None:
    async def main() -> None:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED), pdata(pdv(3, 3, response())))
            assert await raw.pdu() == abort(0, 0)

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            while channel.open:
                await asyncio.sleep(0.001)

    drive(main)


@pytest.mark.parametrize(
    ("maximum", "longest"), [(4096, 4096), (0, 131_072), (70, 70), (10**9, 131_072), (None, 16384)]
)
def test_the_peers_longest_pdu(maximum: int | None, longest: int) -> None:
    data = bytes(range(256)) * 2000

    async def main() -> None:
        lengths: list[int] = []

        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED, maximum=maximum))
            received, last = b"", False
            while not last:
                piece = await raw.pdu()
                lengths.append(len(piece) - 6)
                if not piece[11] & 1:
                    received += piece[12:]
                    last = bool(piece[11] & 2)
            assert received == data
            raw.send(pdata(pdv(3, 3, response())))
            assert await raw.pdu() == RELEASE_RQ
            raw.send(RELEASE_RP)

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            assert await channel.store(Stored(data, CT, "1.2.3", EXPLICIT)) == 0
            await channel.release()
        assert max(lengths) == longest

    drive(main)


def test_a_peer_that_takes_next_to_nothing_is_unwilling() -> None:
    async def main() -> None:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED, maximum=9))
            await raw.rest()

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            with pytest.raises(Unwilling):
                await channel.store(Stored(b"data", CT, "1.2.3", EXPLICIT))
            channel.abort()

    drive(main)


def test_both_ends_release_at_the_same_time() -> None:
    async def main() -> None:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED))
            assert await raw.pdu() == RELEASE_RQ
            raw.send(RELEASE_RQ)
            assert await raw.pdu() == RELEASE_RP
            raw.send(RELEASE_RP)
            assert await raw.rest() == b""

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            await channel.release()
            assert not channel.open

    drive(main)


def test_a_peer_that_releases_first_is_let_go() -> None:
    async def main() -> None:
        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED), RELEASE_RQ)
            assert await raw.pdu() == RELEASE_RP

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            while channel.open:
                await asyncio.sleep(0.001)
            await channel.release()

    drive(main)


def test_a_slow_reader_holds_us_back() -> None:
    """The bytes that wait in memory do not grow with the object."""

    async def main() -> None:
        go = asyncio.Event()
        data = bytes(30_000_000)

        async def talk(raw: Raw) -> None:
            await raw.pdu()
            raw.send(acceptance(*BOTH_ACCEPTED))
            await go.wait()
            assert len(await until_last(raw)) == len(data)
            raw.send(pdata(pdv(3, 3, response())))
            await raw.rest()

        async with raw_peer(talk) as port:
            channel = await call(port, (CT, EXPLICIT))
            stored = Stored(data, CT, "1.2.3", EXPLICIT)
            storing = asyncio.ensure_future(channel.store(stored))
            read = -1
            while read != len(stored.reads):
                read = len(stored.reads)
                await asyncio.sleep(0.1)
            assert sum(count for _, count in stored.reads) < 15_000_000
            go.set()
            assert await storing == 0
            channel.abort()

    drive(main)


# --- DCMTK --------------------------------------------------------------------------------------


@asynccontextmanager
async def storescp(folder: Path, *options: str) -> AsyncIterator[int]:
    """DCMTK's receiver, which keeps bytes as they come (+B) in any syntax (+xa)."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "/usr/bin/storescp", "+xa", "-pm", "+B", "-od", str(folder), *options, str(port)
    )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                break
        yield port
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.peer("dcmtk")
@pytest.mark.parametrize("options", [(), ("--max-pdu", "4096")])
def test_dcmtk_keeps_what_is_sent(tmp_path: Path, options: tuple[str, ...]) -> None:
    async def main() -> None:
        objects = [Stored.of(sample(name)) for name in FILES]
        async with storescp(tmp_path, *options) as port:
            channel = await call(port, *[stored.pair for stored in objects])
            assert await channel.echo() == 0
            for stored in objects:
                assert await channel.store(stored) == 0
            await channel.release()
        found = {}
        for path in tmp_path.iterdir():
            content = path.read_bytes()
            meta = read_part10(content)
            found[meta.sop_instance] = (meta.transfer_syntax, sha256(content[meta.offset :]))
            dcmread(path)
        assert found == {
            stored.sop_instance: (stored.transfer_syntax, sha256(stored.data)) for stored in objects
        }

    drive(main)


@pytest.mark.peer("dcmtk")
@pytest.mark.parametrize(
    ("option", "word"), [("--refuse", "rejected"), ("--abort-after", "aborted by the peer")]
)
def test_dcmtk_misbehaves_on_purpose(tmp_path: Path, option: str, word: str) -> None:
    async def main() -> None:
        stored = Stored.of(sample("CT_small.dcm"))
        async with storescp(tmp_path, option) as port:
            with pytest.raises(Trouble, match=word):
                await (await call(port, stored.pair)).store(stored)

    drive(main)
