"""The receiver: the same events for every cut of a stream, an exact fault for every bad one."""

from dataclasses import dataclass, field
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.pdata import Fault, Receiver, frame
from tests.association.parts import associate_rq, context, pdata, pdu, pdv

LIMITS = {"pdu_limit": 400, "request_limit": 300, "command_limit": 64}
CONTEXTS = (1, 3, 255)


@dataclass
class Log:
    """A handler that writes down what it is told, data set bytes joined."""

    follows: bool = True
    events: list[tuple[object, ...]] = field(default_factory=list)
    hold_after: int = 0
    receiver: Receiver | None = None

    def pdu(self, data: bytes) -> None:
        self.events.append(("pdu", data))
        self._count()

    def command(self, context: int, data: bytes) -> bool:
        self.events.append(("command", context, data))
        self._count()
        return data[:1] == b"S"

    def fragment(self, data: memoryview, last: bool) -> None:
        assert data.readonly
        before = self.events.pop()[1] if self.events[-1][0] == "part" else b""
        self.events.append(("data" if last else "part", before + bytes(data)))
        self._count()

    def fault(self, fault: Fault) -> None:
        self.events.append(("fault", fault))

    def _count(self) -> None:
        if self.hold_after and self.receiver is not None:
            self.receiver.hold()


def receiver(log: Log, *, opened: bool = True, **limits: int) -> Receiver:
    made = Receiver(log, **(LIMITS | limits))
    log.receiver = made
    if opened:
        made.open(CONTEXTS)
    return made


def events(stream: bytes, *cuts: int, **options: object) -> list[tuple[object, ...]]:
    log = Log()
    target = receiver(log, **options)  # type: ignore[arg-type]
    start = 0
    for cut in (*cuts, len(stream)):
        target.push(stream[start:cut])
        start = cut
    return log.events


# --- streams that are right ---------------------------------------------------------------------


@st.composite
def fragments(draw: st.DrawFn, data: bytes, number: int, control: int) -> list[bytes]:
    """PDVs of a command or data set, cut anywhere, empty ones included."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    edges = [0, *cuts, len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    return [
        pdv(number, control | (2 if index == len(pieces) - 1 else 0), piece)
        for index, piece in enumerate(pieces)
    ]


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[tuple[object, ...]]]:
    """A legal byte stream and its events."""
    pdvs: list[bytes] = []
    expected: list[tuple[object, ...]] = []
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.sampled_from(CONTEXTS))
        data = draw(st.none() | st.binary(max_size=900))
        command = (b"E" if data is None else b"S") + draw(st.binary(max_size=40))
        pdvs += draw(fragments(command, number, 1))
        expected.append(("command", number, command))
        if data is not None:
            size = 150
            for start in range(0, max(len(data), 1), size):
                last = start + size >= len(data)
                pdvs.append(pdv(number, 2 if last else 0, data[start : start + size]))
            expected.append(("data", data))
    stream = b""
    rest = iter(pdvs)
    while group := list(islice(rest, draw(st.integers(1, 2)))):
        stream += pdata(*group)
    tail = pdu(5, bytes(4))
    return stream + tail, [*expected, ("pdu", tail)]


@given(streams())
@settings(max_examples=150, deadline=None)
def test_a_stream_means_the_same_however_it_is_cut(
    made: tuple[bytes, list[tuple[object, ...]]],
) -> None:
    stream, expected = made
    assert events(stream) == expected
    assert events(stream, *range(1, len(stream))) == expected


@given(streams(), st.data())
@settings(max_examples=60, deadline=None)
def test_one_cut_anywhere_changes_nothing(
    made: tuple[bytes, list[tuple[object, ...]]], data: st.DataObject
) -> None:
    stream, expected = made
    for _ in range(20):
        assert events(stream, data.draw(st.integers(0, len(stream)))) == expected


@given(streams())
@settings(max_examples=60, deadline=None)
def test_holding_after_every_event_only_delays(
    made: tuple[bytes, list[tuple[object, ...]]],
) -> None:
    stream, expected = made
    log = Log(hold_after=1)
    target = receiver(log, pdu_limit=400_000)
    target.push(stream)
    rounds = 0
    while target.held:
        before = len(log.events), log.events[-1]
        target.resume()
        rounds += 1
        assert (len(log.events), log.events[-1]) != before or not target.held
    assert log.events == expected
    assert rounds >= len(expected)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_events_and_at_most_one_fault(noise: bytes, cuts: list[int]) -> None:
    found = events(noise, *sorted(min(cut, len(noise)) for cut in cuts))
    assert found == events(noise)
    assert [event[0] for event in found[:-1]].count("fault") == 0


@given(streams(), st.data())
@settings(max_examples=200, deadline=None)
def test_a_changed_byte_is_the_same_trouble_for_every_cut(
    made: tuple[bytes, list[tuple[object, ...]]], data: st.DataObject
) -> None:
    stream = bytearray(made[0])
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    assert events(bytes(stream)) == events(bytes(stream), *range(1, len(stream)))


# --- streams that are wrong ---------------------------------------------------------------------

S = pdv(1, 3, b"S")
BAD = {
    "type 0": (b"\0", Fault.PDU_TYPE),
    "type 8": (b"\x08", Fault.PDU_TYPE),
    "http": (b"GET / HTTP/1.1\r\n", Fault.PDU_TYPE),
    "tls hello": (bytes.fromhex("160301"), Fault.PDU_TYPE),
    "a pdu above the limit": (b"\4\0" + (401).to_bytes(4, "big"), Fault.PDU_LENGTH),
    "a pdu of 4 GiB": (b"\4\0\xff\xff\xff\xff", Fault.PDU_LENGTH),
    "a request above the limit": (b"\1\0" + (301).to_bytes(4, "big"), Fault.PDU_LENGTH),
    "a request without its fixed part": (pdu(1, bytes(67)), Fault.PDU_LENGTH),
    "an acceptance above the limit": (b"\2\0\xff\xff\xff\xff", Fault.PDU_LENGTH),
    "a rejection of 5 bytes": (b"\3\0\0\0\0\5", Fault.PDU_LENGTH),
    "a release of 3 bytes": (b"\5\0\0\0\0\3", Fault.PDU_LENGTH),
    "an abort of 64 KiB": (b"\7\0\0\1\0\0", Fault.PDU_LENGTH),
    "an empty pdu": (b"\4\0\0\0\0\0", Fault.PDU_LENGTH),
    "a pdu too short for a pdv": (b"\4\0\0\0\0\5", Fault.PDU_LENGTH),
    "a pdv of 0": (pdata(bytes((0, 0, 0, 0, 1, 3))), Fault.PDV_LENGTH),
    "a pdv of 1": (pdata(bytes((0, 0, 0, 1, 1, 3))), Fault.PDV_LENGTH),
    "a pdv past its pdu": (pdata(bytes((0, 0, 0, 3, 1, 3))), Fault.PDV_LENGTH),
    "a pdv of 4 GiB": (pdata(b"\xff\xff\xff\xff\1\3"), Fault.PDV_LENGTH),
    "crumbs after a pdv": (pdata(S, b"\0\0"), Fault.PDV_LENGTH),
    "a context nobody accepted": (pdata(pdv(5, 3, b"S")), Fault.CONTEXT_UNKNOWN),
    "context 0": (pdata(pdv(0, 3, b"S")), Fault.CONTEXT_UNKNOWN),
    "a command on two contexts": (pdata(pdv(1, 1, b"S"), pdv(3, 3, b"S")), Fault.CONTEXT_CHANGED),
    "data on another context": (pdata(S, pdv(3, 2, b"d")), Fault.CONTEXT_CHANGED),
    "a command of 65 bytes": (pdata(pdv(1, 3, bytes(65))), Fault.COMMAND_LENGTH),
    "a command without end": (
        pdata(pdv(1, 1, bytes(40)), pdv(1, 1, bytes(40))),
        Fault.COMMAND_LENGTH,
    ),
    "a command instead of data": (pdata(S, S), Fault.COMMAND_UNEXPECTED),
    "data without a command": (pdata(pdv(1, 2, b"d")), Fault.DATA_UNEXPECTED),
    "data after a command that has none": (
        pdata(pdv(1, 3, b"E"), pdv(1, 2, b"d")),
        Fault.DATA_UNEXPECTED,
    ),
    "data after the last fragment": (
        pdata(S, pdv(1, 2, b"d"), pdv(1, 2, b"d")),
        Fault.DATA_UNEXPECTED,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_fault_is_named(name: str) -> None:
    stream, fault = BAD[name]
    assert events(stream)[-1] == ("fault", fault)
    assert events(stream, *range(1, len(stream)))[-1] == ("fault", fault)


@pytest.mark.parametrize("name", [name for name in BAD if name.startswith("a pdv")])
def test_a_pdv_that_does_not_fit_tells_nothing_else(name: str) -> None:
    stream, fault = BAD[name]
    assert events(stream + pdata(S)) == [("fault", fault)]


def test_a_handler_may_close_from_within() -> None:
    class Closing(Log):
        def command(self, context: int, data: bytes) -> bool:
            assert self.receiver is not None
            self.receiver.close()
            return True

    target = receiver(log := Closing())
    target.push(pdata(S, pdv(1, 2, b"data")))
    assert log.events == []
    assert not target.midway


@pytest.mark.parametrize("name", BAD)
def test_nothing_is_read_after_a_fault(name: str) -> None:
    stream, _ = BAD[name]
    log = Log()
    target = receiver(log)
    target.push(stream)
    told = len(log.events)
    target.push(pdata(S) * 1000)
    assert len(log.events) == told
    assert not target.midway


def test_data_before_the_association_is_a_fault_at_the_first_byte() -> None:
    assert events(b"\4", opened=False) == [("fault", Fault.PDU_UNEXPECTED)]


def test_a_request_is_told_whole() -> None:
    request = associate_rq(context(1, "1.2", "1.2.840.10008.1.2"))
    assert events(request, 1, 10, opened=False) == [("pdu", request)]


def test_the_buffer_never_grows_with_a_declared_length() -> None:
    target = receiver(Log(), pdu_limit=131072, request_limit=65536)
    target.push(b"\4\0" + (131072).to_bytes(4, "big"))
    for _ in range(4):
        assert len(target.get_buffer()) <= 2 * (131072 + 6)
        target.push(bytes(1000))


def test_a_large_pdu_fits() -> None:
    data = bytes(range(256)) * 510
    stream = pdata(S) + pdata(pdv(1, 2, data))
    assert len(stream) > 130_000
    found = events(stream, *range(0, len(stream), 7000), pdu_limit=131072)
    assert found == [("command", 1, b"S"), ("data", data)]


def test_midway_is_known() -> None:
    target = receiver(Log())
    assert not target.midway
    for piece, midway in (
        (b"\4", True),
        (pdata(S)[1:], True),
        (pdata(pdv(1, 0, b"d")), True),
        (pdata(pdv(1, 2, b"")), False),
    ):
        target.push(piece)
        assert target.midway is midway


def test_a_view_ends_with_the_call() -> None:
    views: list[memoryview] = []

    class Greedy(Log):
        def fragment(self, data: memoryview, last: bool) -> None:
            views.append(data)

    receiver(Greedy()).push(pdata(S, pdv(1, 2, b"data")))
    with pytest.raises(ValueError, match="released"):
        bytes(views[0])


def test_a_closed_receiver_gives_its_buffer_back_and_takes_no_more() -> None:
    log = Log()
    target = receiver(log, pdu_limit=131072)
    target.push(pdata(S, pdv(1, 0, bytes(100_000))))
    assert len(target.get_buffer()) > 100_000
    target.close()
    told = len(log.events)
    for _ in range(5):
        assert len(target.get_buffer()) == 1024
        target.push(pdata(S) * 100)
    assert len(log.events) == told
    assert target.unread == 0


def test_held_and_full_is_an_error_and_not_an_overrun() -> None:
    target = receiver(Log(), opened=True)
    target.hold()

    def fill() -> None:
        for _ in range(100):
            target.feed(len(target.get_buffer()))

    with pytest.raises(BufferError):
        fill()
    with pytest.raises(ValueError, match="room"):
        target.feed(1)


def test_an_error_of_a_handler_goes_to_whoever_feeds() -> None:
    class Failing(Log):
        def command(self, context: int, data: bytes) -> bool:
            raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        receiver(Failing()).push(pdata(S))


# --- framing ------------------------------------------------------------------------------------


@given(st.binary(max_size=3000), st.integers(8, 300), st.integers(0, 3000), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_is_framed_is_received(data: bytes, maximum: int, cut: int, command: bool) -> None:
    if command:
        stream = frame(b"S" + data[:60], 3, maximum, command=True)
        assert events(stream, pdu_limit=300) == [("command", 3, b"S" + data[:60])]
        return
    stream = pdata(pdv(3, 3, b"S")) + frame(data[:cut], 3, maximum, last=False)
    stream += frame(memoryview(data)[cut:], 3, maximum)
    assert events(stream, pdu_limit=300) == [("command", 3, b"S"), ("data", data)]


@given(st.integers(0, 5000), st.integers(8, 600))
def test_no_pdu_is_longer_than_allowed_and_fragments_are_even(size: int, maximum: int) -> None:
    stream = frame(bytes(size), 1, maximum)
    lengths = []
    offset = 0
    while offset < len(stream):
        length = int.from_bytes(stream[offset + 2 : offset + 6], "big")
        lengths.append(length)
        offset += 6 + length
    assert offset == len(stream)
    assert max(lengths) <= maximum
    assert all(length % 2 == 0 for length in lengths[:-1])
    assert len(lengths) == max(1, -(-size // ((maximum - 6) & ~1)))


def test_an_empty_piece_is_nothing_unless_it_is_the_last() -> None:
    assert frame(b"", 1, 100, last=False) == b""
    assert frame(b"", 1, 100) == pdata(pdv(1, 2, b""))


@pytest.mark.parametrize(("context_id", "maximum"), [(0, 100), (256, 100), (1, 7), (1, 0), (1, -9)])
def test_what_cannot_be_framed_is_refused(context_id: int, maximum: int) -> None:
    with pytest.raises(ValueError, match="no PDU"):
        frame(b"x", context_id, maximum)
