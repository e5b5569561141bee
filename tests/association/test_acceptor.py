"""The listener on real sockets: DCMTK and raw peers, good and hostile."""

import asyncio
import socket
import struct
from collections.abc import Callable

import pytest

from roteiro.core.program import Envelope
from roteiro.lang.settings import ListenerSettings, NodeSettings
from roteiro.runtime.association.contract import Admitted, Caller, Rejected
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.policy import Census, Directory
from roteiro.runtime.events import (
    AssociationClosed,
    AssociationOpened,
    AssociationRejected,
    ConnectionDropped,
    Fault,
)
from tests.association.parts import (
    BOTH,
    CT,
    ECHO,
    EXPLICIT,
    IMPLICIT,
    J2K,
    JPEG,
    RELEASE_RP,
    RELEASE_RQ,
    Keeper,
    Kept,
    Raw,
    Serving,
    abort,
    associate_rq,
    context,
    data_set,
    drive,
    echo_rq,
    elements,
    item,
    pdata,
    pdu,
    pdv,
    reject,
    sample,
    serving,
    sha256,
    store_rq,
    ui,
    us,
    usual_rq,
)

PRIVATE = "1.2.840.113619.4.30"


async def tool(*words: str) -> tuple[int, str]:
    """Run a program of DCMTK and give its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


# --- DCMTK --------------------------------------------------------------------------------------


@pytest.mark.peer("dcmtk")
def test_dcmtk_is_answered() -> None:
    async def main() -> None:
        async with serving() as running:
            code, said = await tool("/usr/bin/echoscu", "-v", "127.0.0.1", str(running.port))
            assert code == 0, said
            plan = sample("rtplan.dcm")  # DCMTK writes its data set again as it was
            for words in (("/usr/bin/storescu", "-xi"), ("/usr/bin/dcmsend",)):
                code, said = await tool(*words, "127.0.0.1", str(running.port), str(plan))
                assert code == 0, said
            await running.until(lambda: len(running.told(AssociationClosed)) == 3)
            assert len(running.keeper.digests) == 2  # dcmsend wrote it in explicit VR
            assert running.keeper.digests[0] == sha256(data_set(plan))
            envelope = running.keeper.kept[0].envelope
            assert envelope.calling_ae == "STORESCU"
            assert envelope.called_ae == "ANY-SCP"
            assert envelope.peer == "127.0.0.1"
            assert envelope.listener == "main"
            assert envelope.transfer_syntax == IMPLICIT
            assert envelope.sop_class == "1.2.840.10008.5.1.4.1.1.481.5"

    drive(main)


@pytest.mark.peer("dcmtk")
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("JPEG2000.dcm", "-xw"),
        ("MR_small_RLE.dcm", "-xr"),
        ("SC_rgb_jpeg_dcmtk.dcm", "-xy"),
        ("MR_small_implicit.dcm", "-xi"),
        ("MR_small_bigendian.dcm", "-xb"),
        ("image_dfl.dcm", "-xd"),
    ],
)
def test_dcmtk_stores_every_kind_of_syntax(name: str, option: str) -> None:
    async def main() -> None:
        async with serving() as running:
            path = sample(name)
            code, said = await tool(
                "/usr/bin/storescu", option, "127.0.0.1", str(running.port), str(path)
            )
            assert code == 0, said
            await running.until(lambda: bool(running.told(AssociationClosed)))
            assert [kept.end for kept in running.keeper.kept] == ["finished"]
            assert running.keeper.kept[0].size > 0

    drive(main)


# --- negotiation --------------------------------------------------------------------------------


def results(answer: bytes) -> dict[int, tuple[int, str]]:
    """Result and transfer syntax by context id, out of an A-ASSOCIATE-AC."""
    found = {}
    offset = 74
    while offset < len(answer):
        kind, length = answer[offset], struct.unpack(">H", answer[offset + 2 : offset + 4])[0]
        body = answer[offset + 4 : offset + 4 + length]
        if kind == 0x21:
            found[body[0]] = (body[2], body[8:].decode().strip("\0"))
        offset += 4 + length
    return found


def negotiated(request: bytes, roles: frozenset[str] = BOTH) -> dict[int, tuple[int, str]]:
    async def main() -> dict[int, tuple[int, str]]:
        keeper = Keeper(lambda _: Admitted("peer", roles))
        async with serving(keeper) as running:
            raw = await Raw.to(running.port)
            raw.send(request)
            answer = await raw.pdu()
            assert answer[0] == 2, answer
            raw.send(RELEASE_RQ)
            assert await raw.pdu() == RELEASE_RP
            await raw.close()
            return results(answer)

    return drive(main)


def test_each_context_gets_a_syntax_of_its_own() -> None:
    found = negotiated(
        associate_rq(
            context(1, CT, IMPLICIT, JPEG),
            context(3, CT, JPEG, J2K),
            context(5, CT, J2K, JPEG),
            context(7, CT, JPEG, EXPLICIT),
            context(9, PRIVATE, IMPLICIT),
            context(11, CT, "1.2.840.113619.5.2"),
            context(13, "1.2.840.10008.5.1.4.1.2.2.1", IMPLICIT),
            context(255, ECHO, IMPLICIT, EXPLICIT),
        )
    )
    assert {number: result for number, (result, _) in found.items()} == {
        1: 0, 3: 0, 5: 0, 7: 0, 9: 0, 11: 4, 13: 3, 255: 0,
    }  # fmt: skip
    assert [found[number][1] for number in (1, 3, 5, 7, 9, 255)] == [
        JPEG, JPEG, J2K, EXPLICIT, IMPLICIT, EXPLICIT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "expected"),
    [({"store"}, {1: 1, 3: 0}), ({"echo"}, {1: 0, 3: 1}), ({"query"}, {1: 1, 3: 1})],
)
def test_a_role_that_the_node_lacks(roles: set[str], expected: dict[int, int]) -> None:
    found = negotiated(usual_rq(), frozenset(roles))
    assert {number: result for number, (result, _) in found.items()} == expected


def test_extended_negotiation_is_answered_sensibly() -> None:
    uid = struct.pack(">H", len(CT)) + CT.encode()
    extra = (
        item(0x53, struct.pack(">HH", 0, 0))  # asynchronous operations, without end
        + item(0x54, uid + bytes((1, 1)))  # both roles
        + item(0x55, b"OTHER_1")
        + item(0x56, uid + bytes(4))
        + item(0x57, uid + struct.pack(">H", 3) + b"1.2" + bytes(2))
        + item(
            0x58, bytes((2, 1)) + struct.pack(">H", 4) + b"user" + struct.pack(">H", 4) + b"word"
        )
    )
    found = negotiated(usual_rq(extra=extra))
    assert {result for result, _ in found.values()} == {0}


def test_a_uid_with_a_leading_zero_is_let_in() -> None:
    found = negotiated(
        associate_rq(context(1, "1.2.03.4", EXPLICIT, "1.2.04"), context(3, "..", "1."))
    )
    assert found == {1: (0, EXPLICIT), 3: (4, "2.25.0")}


def test_128_contexts_are_accepted() -> None:
    found = negotiated(associate_rq(*(context(n, CT, EXPLICIT) for n in range(1, 256, 2))))
    assert len(found) == 128
    assert set(found.values()) == {(0, EXPLICIT)}


# --- admission ----------------------------------------------------------------------------------


def answer_to(request: bytes, **options: object) -> tuple[bytes, Serving]:
    """All that comes back for a request, and what was told."""

    async def main() -> tuple[bytes, Serving]:
        async with serving(**options) as running:  # type: ignore[arg-type]
            raw = await Raw.to(running.port)
            raw.send(request)
            answer = await raw.pdu()
            await raw.close()
            await running.until(lambda: not running.listener.open_connections)
            return answer, running

    return drive(main)


def directory_intake() -> tuple[Keeper, Directory]:
    directory = Directory(
        [
            NodeSettings("ct", "CT1", "127.0.0.1", may=BOTH),
            NodeSettings("mr", "MR1", "192.0.2.1", may=BOTH),
        ]
    )
    return Keeper(directory.admit), directory


@pytest.mark.parametrize(
    ("calling", "called", "answer", "word"),
    [
        (b"NEW", b"ROTEIRO", reject(1, 1, 3), 'ae = "NEW"'),
        (b"MR1", b"ROTEIRO", reject(1, 1, 3), 'host = "127.0.0.1"'),
        (b"", b"ROTEIRO", reject(1, 1, 3), "node caller"),
        (b"K\xd6LN", b"ROTEIRO", reject(1, 1, 3), "KÖLN"),
        (b"A\nB", b"ROTEIRO", reject(1, 1, 3), "nothing in the rule file"),
        (b"CT1", b"OTHER", reject(1, 1, 7), '"OTHER"'),
        (b"CT1", b"", reject(1, 1, 7), '""'),
    ],
)
def test_strangers_are_rejected_with_what_to_add(
    calling: bytes, called: bytes, answer: bytes, word: str
) -> None:
    keeper, directory = directory_intake()
    listener = ListenerSettings("main", 0, called=frozenset(("ROTEIRO",)))
    found, running = answer_to(
        usual_rq(calling=calling, called=called),
        keeper=keeper,
        settings=listener,
        directory=directory,
    )
    assert found == answer
    (told,) = running.events
    assert isinstance(told, AssociationRejected)
    assert word in told.add
    assert (told.result, told.source, told.reason) == tuple(answer[7:10])


def test_a_declared_caller_comes_in() -> None:
    keeper, directory = directory_intake()
    found, running = answer_to(usual_rq(calling=b"CT1"), keeper=keeper, directory=directory)
    assert found[0] == 2
    (told,) = running.told(AssociationOpened)
    assert isinstance(told, AssociationOpened)
    assert told.node == "ct"


def test_another_version_is_rejected() -> None:
    assert answer_to(usual_rq(version=2))[0] == reject(1, 2, 2)


def test_a_stranger_costs_no_reading_of_its_request() -> None:
    keeper = Keeper(lambda _: Rejected(1, 1, 3))
    broken = pdu(1, usual_rq()[6:] + b"\x20\0\xff\xff")
    assert answer_to(broken, keeper=keeper)[0] == reject(1, 1, 3)


@pytest.mark.parametrize(
    ("limits", "calls"),
    [
        (Limits(per_ae=2), [b"A", b"A", b"A"]),
        (Limits(per_address=2), [b"A", b"B", b"C"]),
        (Limits(connections=2), [b"A", b"B", b"C"]),
    ],
)
def test_capacity(limits: Limits, calls: list[bytes]) -> None:
    async def main() -> None:
        async with serving(limits=limits, census=Census(limits)) as running:
            raws = []
            for calling in calls[:-1]:
                raws.append(await Raw.associated(running.port, usual_rq(calling=calling)))
            late = await Raw.to(running.port)
            late.send(usual_rq(calling=calls[-1]))
            assert await late.pdu() == reject(2, 3, 2)
            await late.close()
            raws[0].send(RELEASE_RQ)
            assert await raws[0].pdu() == RELEASE_RP
            await raws[0].close()
            await running.until(lambda: len(running.listener.associations()) == 1)
            await (await Raw.associated(running.port, usual_rq(calling=calls[-1]))).close()
            await raws[1].close()

    drive(main)


def test_the_connection_that_waits_longest_makes_room() -> None:
    async def main() -> None:
        async with serving(limits=Limits(unassociated=3)) as running:
            silent = [await Raw.to(running.port) for _ in range(3)]
            for raw in silent:
                raw.send(b"\1\0\0")
            await running.until(lambda: len(running.listener.open_connections) == 3)
            late = await Raw.associated(running.port)
            assert await silent[0].rest() == b""
            (told,) = running.told(ConnectionDropped)
            assert isinstance(told, ConnectionDropped)
            assert "too many" in told.why
            for raw in (*silent, late):
                await raw.close()

    drive(main)


def test_names_are_looked_up_again_before_a_caller_is_turned_away() -> None:
    async def main() -> None:
        directory = Directory([NodeSettings("ct", "CT1", "scanner", may=BOTH)])
        asked: list[Caller] = []

        async def refresh(caller: Caller) -> None:
            asked.append(caller)
            await asyncio.sleep(0.01)
            directory.resolved("scanner", ["127.0.0.1"])

        async with serving(Keeper(directory.admit), refresh=refresh) as running:
            raw = await Raw.associated(running.port, usual_rq(calling=b"CT1"))
            assert len(asked) == 1
            # what was sent meanwhile is not lost
            other = await Raw.to(running.port)
            other.send(usual_rq(calling=b"NEW"), pdata(pdv(1, 3, echo_rq())))
            assert await other.pdu() == reject(1, 1, 3)
            raw.send(pdata(pdv(1, 3, echo_rq())))
            assert await raw.status() == 0
            await raw.close()
            await other.close()

    drive(main)


# --- hostile bytes before the association -------------------------------------------------------

BEFORE: dict[str, tuple[bytes, bytes]] = {
    "http": (b"GET / HTTP/1.1\r\n\r\n", b""),
    "a tls hello": (bytes.fromhex("16030100c8010000c4"), b""),
    "type 0": (b"\0", b""),
    "a request of 64 KiB and a byte": (b"\1\0\0\1\0\1", abort(2, 6)),
    "a request of 4 GiB": (b"\1\0\xff\xff\xff\xff", abort(2, 6)),
    "a short request": (pdu(1, bytes(67)), abort(2, 6)),
    "data first": (pdata(pdv(1, 3, echo_rq())), abort(2, 2)),
    "an acceptance first": (pdu(2, bytes(68)), abort(2, 2)),
    "a rejection first": (pdu(3, bytes(4)), abort(2, 2)),
    "a release first": (RELEASE_RQ, abort(2, 2)),
    "a release answer first": (RELEASE_RP, abort(2, 2)),
    "a release of 5 bytes": (pdu(5, bytes(5)), abort(2, 6)),
    "an abort first": (abort(0, 0), b""),
    "an even context": (associate_rq(context(2, CT, EXPLICIT)), abort(2, 6)),
    "no context": (associate_rq(), abort(2, 6)),
    "a uid with letters": (associate_rq(context(1, "x", EXPLICIT)), abort(2, 6)),
    "an item past the end": (pdu(1, usual_rq()[6:] + b"\x20\0\xff\xff"), abort(2, 6)),
    "a peer that takes 10 bytes": (usual_rq(maximum=10), abort(2, 6)),
}


@pytest.mark.parametrize("name", BEFORE)
def test_bad_bytes_before_the_association(name: str) -> None:
    sent, answer = BEFORE[name]

    async def main() -> None:
        async with serving(limits=Limits(farewell=0.1)) as running:
            raw = await Raw.to(running.port)
            raw.send(sent)
            assert await raw.rest() == answer
            await raw.close()
            await running.until(lambda: not running.listener.open_connections)
            assert not running.told(AssociationOpened)
            assert running.told(ConnectionDropped) or name == "an abort first"

    drive(main)


def test_a_connection_that_says_nothing_is_not_worth_a_line() -> None:
    async def main() -> None:
        async with serving() as running:
            for _ in range(20):
                await (await Raw.to(running.port)).close()
            await running.until(lambda: not running.listener.open_connections)
            assert running.events == []

    drive(main)


# --- hostile bytes on the association -----------------------------------------------------------

STORE = pdv(3, 3, store_rq())
ON_IT: dict[str, tuple[bytes, bytes]] = {
    "type 9": (b"\x09", abort(2, 1)),
    "a pdu above what was announced": (b"\4\0" + struct.pack(">I", 131_073), abort(2, 6)),
    "a pdu of 4 GiB": (b"\4\0\xff\xff\xff\xff", abort(2, 6)),
    "a pdv of 1": (pdata(b"\0\0\0\1\1\3"), abort(2, 6)),
    "a pdv past its pdu": (pdata(b"\0\0\xff\xff\1\3"), abort(2, 6)),
    "a context that was not accepted": (pdata(pdv(5, 3, echo_rq())), abort(2, 6)),
    "a second request": (usual_rq(), abort(2, 2)),
    "an acceptance": (pdu(2, bytes(68)), abort(2, 2)),
    "a release answer": (RELEASE_RP, abort(2, 2)),
    "data without a command": (pdata(pdv(3, 2, b"data")), abort(0, 0)),
    "a command instead of data": (pdata(STORE, STORE), abort(0, 0)),
    "data on another context": (pdata(STORE, pdv(1, 2, b"data")), abort(0, 0)),
    "a command above 16 KiB": (pdata(pdv(1, 3, bytes(16385))), abort(0, 0)),
    "a command of noise": (pdata(pdv(1, 3, b"\xff" * 40)), abort(0, 0)),
    "an empty command": (pdata(pdv(1, 3, b"")), abort(0, 0)),
    "a command without message id": (
        pdata(pdv(1, 3, elements((0x0100, us(0x30)), (0x0800, us(0x0101))))),
        abort(0, 0),
    ),
    "a response": (
        pdata(pdv(1, 3, elements((0x0100, us(0x8030)), (0x0800, us(0x0101)), (0x0120, us(1))))),
        abort(0, 0),
    ),
}


@pytest.mark.parametrize("name", ON_IT)
def test_bad_bytes_on_the_association(name: str) -> None:
    sent, answer = ON_IT[name]

    async def main() -> None:
        async with serving(limits=Limits(farewell=0.1)) as running:
            raw = await Raw.associated(running.port)
            raw.send(sent)
            assert await raw.rest() == answer
            await raw.close()
            await running.until(lambda: bool(running.told(AssociationClosed)))
            assert all(kept.end == "aborted" for kept in running.keeper.kept)
            (told,) = running.told(AssociationClosed)
            assert isinstance(told, AssociationClosed)
            assert told.how.startswith("aborted")

    drive(main)


def test_a_data_set_above_the_limit() -> None:
    async def main() -> None:
        async with serving(limits=Limits(data_set=1000, farewell=0.1)) as running:
            raw = await Raw.associated(running.port)
            raw.send(pdata(STORE), *[pdata(pdv(3, 0, bytes(100)))] * 11)
            assert await raw.rest() == abort(0, 0)
            assert running.keeper.kept[0].end == "aborted"
            await raw.close()

    drive(main)


# --- messages -----------------------------------------------------------------------------------


def conversation(*exchanges: tuple[bytes, int], keeper: Keeper | None = None) -> Keeper:
    """Send each message and compare the status of its response; then release."""
    keeper = keeper or Keeper()

    async def main() -> None:
        async with serving(keeper) as running:
            raw = await Raw.associated(running.port)
            for message, status in exchanges:
                raw.send(message)
                assert await raw.status() == status
            raw.send(RELEASE_RQ)
            assert await raw.pdu() == RELEASE_RP
            await raw.close()

    drive(main)
    return keeper


def stored(*, instance: str = "1.2.3", sop_class: str = CT, data: bytes = b"data") -> bytes:
    return pdata(pdv(3, 3, store_rq(instance, sop_class)), pdv(3, 2, data))


def command(field: int, *more: tuple[int, bytes], kind: int = 0x0101) -> bytes:
    return elements(
        (0x0002, ui(CT)), (0x0100, us(field)), (0x0110, us(5)), *more, (0x0800, us(kind))
    )


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (pdata(pdv(1, 3, echo_rq())), 0x0000),
        (pdata(pdv(3, 3, echo_rq())), 0x0000),
        (stored(), 0x0000),
        (stored(data=b""), 0x0000),
        (stored(sop_class=PRIVATE), 0x0000),
        (stored(sop_class=ECHO), 0x0122),
        (stored(sop_class=""), 0x0122),
        (stored(sop_class="1.2.3.\xe9"), 0x0122),
        (stored(sop_class="1.2." + 61 * "3"), 0x0122),
        (stored(sop_class="1.2\0.3"), 0x0122),
        (stored(sop_class="1.2." + 60 * "3"), 0x0000),
        (stored(sop_class="1.02.3"), 0x0000),
        (stored(instance=""), 0x0117),
        (pdata(pdv(1, 3, store_rq()), pdv(1, 2, b"data")), 0x0122),
        (pdata(pdv(3, 3, command(0x0001, (0x1000, b"1.2.3\0")))), 0xC000),
        (pdata(pdv(3, 3, command(0x0020, kind=1)), pdv(3, 2, b"identifier")), 0x0211),
        (pdata(pdv(3, 3, command(0x0021, kind=1)), pdv(3, 2, b"identifier")), 0x0211),
        (pdata(pdv(3, 3, command(0x0150))), 0x0211),
        (pdata(pdv(3, 3, command(0x0130, kind=7)), pdv(3, 0, b"a"), pdv(3, 2, b"")), 0x0211),
        (pdata(pdv(3, 3, command(0x0777))), 0x0211),
    ],
)
def test_every_message_is_answered_and_the_next_one_too(message: bytes, status: int) -> None:
    conversation((message, status), (pdata(pdv(1, 3, echo_rq())), 0), (stored(), 0))


def test_only_what_can_be_kept_reaches_the_router() -> None:
    keeper = conversation(
        (stored(instance=""), 0x0117), (stored(sop_class=ECHO), 0x0122), (stored(), 0)
    )
    assert [kept.envelope.sop_instance for kept in keeper.kept] == ["1.2.3"]


def test_a_cancel_is_ignored() -> None:
    cancel = pdata(pdv(3, 3, elements((0x0100, us(0x0FFF)), (0x0120, us(1)), (0x0800, us(0x0101)))))
    conversation((cancel + pdata(pdv(1, 3, echo_rq())), 0))


def test_the_status_of_the_router_is_what_is_answered() -> None:
    keeper = Keeper()
    keeper.status = 0xA700
    conversation((stored(), 0xA700), keeper=keeper)


def test_odd_uids_are_passed_on_as_text() -> None:
    odd = "../../etc/passwd\x1b[31m ü"
    assert conversation((stored(instance=odd), 0)).kept[0].envelope.sop_instance == odd


def test_a_response_says_what_it_answers() -> None:
    async def main() -> None:
        async with serving() as running:
            raw = await Raw.associated(running.port, usual_rq(maximum=70))
            raw.send(pdata(pdv(3, 3, store_rq(message=513)), pdv(3, 2, b"x")))
            pieces, last = b"", False
            while not last:
                answer = await raw.pdu()
                assert len(answer) - 6 <= 70
                assert answer[10] == 3
                pieces, last = pieces + answer[12:], bool(answer[11] & 2)
            assert pieces == elements(
                (0x0002, ui(CT)),
                (0x0100, us(0x8001)),
                (0x0120, us(513)),
                (0x0800, us(0x0101)),
                (0x0900, us(0)),
                (0x1000, ui("1.2.3")),
            )
            await raw.close()

    drive(main)


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_001])
@pytest.mark.parametrize("step", [1000, 16_384, 131_066])
def test_the_bytes_that_arrive_are_those_that_were_sent(size: int, step: int) -> None:
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    pieces = [data[start : start + step] for start in range(0, max(size, 1), step)]
    pdvs = [pdv(3, 2 if n == len(pieces) - 1 else 0, piece) for n, piece in enumerate(pieces)]
    message = pdata(STORE) + b"".join(pdata(one) for one in pdvs)
    keeper = conversation((message, 0), (message, 0))
    assert keeper.digests == [sha256(data)] * 2


def test_messages_are_answered_in_order_and_reading_waits() -> None:
    async def main() -> None:
        keeper = Keeper()
        keeper.gate = asyncio.Event()
        async with serving(keeper) as running:
            raw = await Raw.associated(running.port)
            flood = stored(data=bytes(60_000))
            raw.send(*[flood] * 100, pdata(pdv(1, 3, echo_rq())), RELEASE_RQ)
            await running.until(lambda: bool(keeper.kept) and keeper.kept[0].size == 60_000)
            await asyncio.sleep(0.05)
            assert len(keeper.kept) == 1  # one is being kept: the next one waits in the network
            keeper.gate.set()
            for _ in range(101):
                assert await raw.status() == 0
            assert await raw.pdu() == RELEASE_RP
            assert len(keeper.digests) == 100
            await raw.close()

    drive(main)


def test_a_peer_that_does_not_read_is_not_answered_for_ever() -> None:
    async def main() -> None:
        limits = Limits(window=0.2, farewell=0.2)
        async with serving(limits=limits) as running:
            raw = await Raw.associated(running.port)
            raw.reader._transport.pause_reading()  # type: ignore[attr-defined]
            sent = 0
            while running.listener.associations() and sent < 400_000:
                raw.send(pdata(pdv(1, 3, echo_rq())) * 500)
                sent += 500
                await asyncio.sleep(0)
            await running.until(lambda: bool(running.told(AssociationClosed)))
            raw.writer.transport.abort()

    drive(main)


# --- ends ---------------------------------------------------------------------------------------

HALF = pdata(STORE) + pdata(pdv(3, 0, bytes(1000)))


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (lambda raw: raw.send(abort(0, 0)), "aborted by the peer"),
        (lambda raw: raw.send(abort(2, 1)), "aborted by the peer"),
        (lambda raw: raw.writer.close(), "the peer closed the connection"),
        (lambda raw: raw.writer.transport.abort(), "the peer closed the connection"),
        (lambda raw: (raw.send(RELEASE_RQ), raw.writer.write_eof()), "released"),
    ],
)
def test_an_object_that_is_broken_off_leaves_nothing(
    end: Callable[[Raw], object], how: str
) -> None:
    async def main() -> None:
        async with serving() as running:
            raw = await Raw.associated(running.port)
            raw.send(HALF)
            await running.until(lambda: bool(running.keeper.kept))
            await running.until(lambda: running.keeper.kept[0].size == 1000)
            end(raw)
            await raw.rest()
            await raw.close()
            await running.until(lambda: bool(running.told(AssociationClosed)))
            (told,) = running.told(AssociationClosed)
            assert isinstance(told, AssociationClosed)
            assert told.how == how
            assert running.keeper.kept[0].end == "aborted"
            assert running.listener.associations() == ()

    drive(main)


def test_what_is_complete_is_kept_although_the_sender_has_gone() -> None:
    async def main() -> None:
        keeper = Keeper()
        keeper.gate = asyncio.Event()
        async with serving(keeper) as running:
            raw = await Raw.associated(running.port)
            raw.send(stored())
            await running.until(lambda: bool(keeper.kept) and keeper.kept[0].size == 4)
            raw.writer.transport.abort()
            await running.until(lambda: bool(running.told(AssociationClosed)))
            keeper.gate.set()
            await running.until(lambda: keeper.kept[0].end == "finished")

    drive(main)


def test_a_fault_of_ours_is_never_answered_with_success() -> None:
    class Failing(Kept):
        async def finish(self) -> int:
            raise RuntimeError("ours")

    class Careless(Keeper):
        def begin(self, envelope: Envelope) -> Kept:
            return Failing(envelope)

    async def main() -> None:
        async with serving(Careless(), limits=Limits(farewell=0.1)) as running:
            raw = await Raw.associated(running.port)
            raw.send(stored())
            assert await raw.rest() == abort(0, 0)
            (told,) = running.told(Fault)
            assert told == Fault(where="listener main", error="RuntimeError")
            await raw.close()

    drive(main)


def test_stopping_lets_running_associations_finish() -> None:
    async def main() -> None:
        async with serving() as running:
            raw = await Raw.associated(running.port)
            silent = await Raw.to(running.port)
            silent.send(b"\1")
            await running.until(lambda: len(running.listener.open_connections) == 2)
            port = running.port
            running.listener.stop()
            assert await silent.rest() == b""
            with pytest.raises(ConnectionRefusedError):
                await Raw.to(port)
            draining = asyncio.ensure_future(running.listener.drain(5.0))
            raw.send(stored())
            assert await raw.status() == 0
            assert not draining.done()
            raw.send(RELEASE_RQ)
            assert await raw.pdu() == RELEASE_RP
            await raw.close()
            await draining
            await silent.close()
            assert running.keeper.digests == [sha256(b"data")]

    drive(main)


def test_draining_aborts_in_the_end_and_waits_for_what_is_being_kept() -> None:
    async def main() -> None:
        keeper = Keeper()
        keeper.gate = asyncio.Event()
        async with serving(keeper) as running:
            half, whole = [await Raw.associated(running.port) for _ in range(2)]
            half.send(HALF)
            whole.send(stored())
            await running.until(
                lambda: [kept.size for kept in keeper.kept] in ([1000, 4], [4, 1000])
            )
            running.listener.stop()
            draining = asyncio.ensure_future(running.listener.drain(0.1))
            await asyncio.sleep(0.2)
            assert not draining.done()
            keeper.gate.set()
            await draining
            assert sorted(kept.end for kept in keeper.kept) == ["aborted", "finished"]
            assert (await half.rest())[:10] == abort(0, 0)
            assert not running.listener.open_connections
            for raw in (half, whole):
                await raw.close()

    drive(main)


def test_associations_are_shown_while_they_run() -> None:
    async def main() -> None:
        async with serving() as running:
            raw = await Raw.associated(running.port)
            for _ in range(3):
                raw.send(stored())
                assert await raw.status() == 0
            (shown,) = running.listener.associations()
            assert shown.since > 0
            assert (shown.calling_ae, shown.called_ae, shown.address, shown.node) == (
                "SCU",
                "ROTEIRO",
                "127.0.0.1",
                "peer",
            )
            assert (shown.objects, shown.bytes) == (3, 12)
            await raw.close()
            await running.until(lambda: running.listener.associations() == ())

    drive(main)


def test_the_socket_does_not_wait_to_send() -> None:
    async def main() -> None:
        async with serving() as running:
            raw = await Raw.associated(running.port)
            (connection,) = running.listener.open_connections
            plug = connection._transport.get_extra_info("socket")
            assert plug.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            await raw.close()

    drive(main)
