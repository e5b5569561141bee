"""A decision made as the bytes come is that of the whole, however they are cut."""

import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core import build
from roteiro.core.program import (
    Among,
    Damage,
    Encoding,
    Envelope,
    Field,
    InState,
    Interval,
    Outcome,
    Program,
    Some,
    Source,
    State,
    Test,
    ValueType,
)

from generators.engine import ENVELOPES, EVERYTHING, datasets, programs  # isort: skip

SLOW = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
MODALITY = Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, "CS")
SEQUENCE = Field(Source.ELEMENT, ValueType.STATE_ONLY, 0x00081140, "SQ")
PATIENT = Field(Source.ELEMENT, ValueType.TEXT, 0x00100020, "LO")
PRIVATE = Field(Source.ELEMENT, ValueType.TEXT, 0x00090001, "LO", creator="ACME")
SIZE = Field(Source.ENVELOPE, ValueType.DECIMAL, name="size")
FIELDS = (MODALITY, SEQUENCE, PATIENT, PRIVATE)
TESTS: tuple[Test, ...] = (
    Some(0, Among(("CT",))),
    InState(1, State.VALUED),
    Some(2, Among(("4711",))),
    Some(3, Among(("yes",))),
)


def fed(matcher: object, pieces: Iterator[bytes], encoding: Encoding, envelope: Envelope) -> object:
    feed = matcher.feed(encoding, envelope)
    for piece in pieces:
        feed.add(piece)
    return feed.end()


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    sizes = sizes or [len(data) or 1]
    at = 0
    for size in itertools.cycle(sizes):
        if at >= len(data):
            return
        yield data[at : at + size]
        at += size


def whole(writer: object) -> bytes:
    """Give a data set with everything that a walk meets."""
    item = writer.item(writer.element(0x00080060, "CS", b"MR"), defined=False)
    return writer.finish(
        writer.element(0x00080005, "CS", b"ISO_IR 192"),
        writer.element(0x00080060, "CS", b"CT"),
        writer.element(0x00080070, "UN", bytes(90)),
        writer.series(0x00081140, "SQ", item, writer.item(writer.element(0x00100020, "LO", b"x"))),
        writer.element(0x00090010, "LO", b"ACME"),
        writer.element(0x00091001, "LO", b"yes "),
        writer.element(0x00080060, "CS", b"late"),
        writer.series(0x00091002, "OB", writer.item(b"12")),
        writer.element(0x00100020, "LO", b"4711"),
        writer.element(0x7FE00010, "OW", bytes(40)),
    )


def test_every_cut(tests_program: Callable[..., Program], writer: object) -> None:
    matcher = build(tests_program(FIELDS, TESTS))
    data = whole(writer)
    last = matcher.decide(data, writer.encoding, Envelope())
    assert last.decision.verdict == "route"
    assert last.read.tags > 4
    for place in range(len(data) + 1):
        for pieces in ([data[:place], data[place:]], [data[:place], b"", data[place : place + 1]]):
            joined = b"".join(pieces)
            expected = matcher.decide(joined, writer.encoding, Envelope())
            assert fed(matcher, iter(pieces), writer.encoding, Envelope()) == expected, place
    assert fed(matcher, cut(data, [1]), writer.encoding, Envelope()) == last


@SLOW
@given(st.data(), st.sampled_from(Encoding), st.lists(st.integers(1, 40), max_size=5))
def test_pieces_of_any_size(data: st.DataObject, encoding: Encoding, sizes: list[int]) -> None:
    program = data.draw(st.one_of(programs(), st.just(EVERYTHING)))
    encoded = data.draw(datasets(program, encoding))
    envelope = data.draw(ENVELOPES)
    matcher = build(program)
    expected = matcher.decide(encoded, encoding, envelope)
    assert fed(matcher, cut(encoded, sizes), encoding, envelope) == expected


@SLOW
@given(
    noise=st.binary(max_size=300),
    place=st.integers(0, 400),
    sizes=st.lists(st.integers(1, 30), max_size=4),
)
def test_damage_in_pieces(
    tests_program: Callable[..., Program],
    writer: object,
    noise: bytes,
    place: int,
    sizes: list[int],
) -> None:
    matcher = build(tests_program(FIELDS, TESTS))
    data = whole(writer)[:place] + noise
    expected = matcher.decide(data, writer.encoding, Envelope())
    assert fed(matcher, cut(data, sizes), writer.encoding, Envelope()) == expected


@pytest.mark.parametrize("encoding", [Encoding.EXPLICIT_LITTLE, Encoding.IMPLICIT_LITTLE])
def test_decides_when_the_last_tested_tag_has_passed(
    tests_program: Callable[..., Program],
    writer_of: Callable[[Encoding], object],
    encoding: Encoding,
) -> None:
    matcher = build(tests_program(FIELDS, TESTS))
    data = whole(writer_of(encoding))
    needed = matcher.decide(data, encoding, Envelope()).read.bytes
    feed = matcher.feed(encoding, Envelope())
    answers = [feed.add(data[at : at + 1]) for at in range(needed)]
    assert answers[:-1] == [None] * (needed - 1)
    assert isinstance(answers[-1], Outcome)
    assert feed.add(b"anything") == answers[-1] == feed.end()


def test_memory_does_not_grow_with_what_nobody_reads(
    tests_program: Callable[..., Program], explicit: object
) -> None:
    matcher = build(tests_program((MODALITY, PATIENT), (Some(0, Among(("CT",))),)))
    feed = matcher.feed(Encoding.EXPLICIT_LITTLE, Envelope())
    feed.add(explicit.element(0x00080060, "CS", b"CT"))
    most = 0
    feed.add(explicit.header(0x00090010, "UN", 64 << 20))
    for _ in range(1024):
        assert feed.add(bytes(65536)) is None
        most = max(most, feed.held_bytes)
    for number in range(1000):
        feed.add(explicit.element(0x00091000 + number, "LO", bytes(1000)))
        most = max(most, feed.held_bytes)
    assert most < 2048
    outcome = feed.add(explicit.element(0x00100020, "LO", b"1"))
    assert "t.0" in outcome.decision.rules
    assert outcome.read.bytes == 10 + 12 + (64 << 20) + 1000 * 1008 + 9


def test_end_inside_what_nobody_reads(
    tests_program: Callable[..., Program], explicit: object
) -> None:
    matcher = build(tests_program((PATIENT,), (InState(0, State.ABSENT),)))
    data = explicit.header(0x00090010, "UN", 1000) + bytes(400)
    expected = matcher.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    assert expected.decision.hold.reason == Damage.CUT.reason(0x00090010)
    found = fed(matcher, cut(data, [100]), Encoding.EXPLICIT_LITTLE, Envelope())
    assert found == expected


def test_size_is_told_at_the_end(tests_program: Callable[..., Program], explicit: object) -> None:
    few = Some(1, Among((), (Interval(None, Decimal(100)),)))
    matcher = build(tests_program((MODALITY, SIZE), (Some(0, Among(("CT",))), few)))
    data = explicit.element(0x00080060, "CS", b"CT") + explicit.element(0x00100020, "LO", b"1")
    envelope = Envelope(calling_ae="A")
    feed = matcher.feed(Encoding.EXPLICIT_LITTLE, envelope)
    assert all(feed.add(piece) is None for piece in cut(data * 5, [3]))
    known = replace(envelope, size=len(data) * 5)
    assert feed.end(known) == matcher.decide(data * 5, Encoding.EXPLICIT_LITTLE, known)
    assert feed.end() == feed.end(envelope)


def test_a_deflated_bomb_is_not_held(
    tests_program: Callable[..., Program], explicit: object
) -> None:
    matcher = build(tests_program((PATIENT,), (InState(0, State.ABSENT),)))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(explicit.header(0x00090010, "UN", 1 << 30) + bytes(20 << 20))
    data += deflate.flush()
    feed = matcher.feed(Encoding.DEFLATED, Envelope())
    most = 0
    for piece in cut(data, [500]):
        feed.add(piece)
        most = max(most, feed.held_bytes)
    assert most < 4096
    assert feed.end() == matcher.decide(data, Encoding.DEFLATED, Envelope())
    assert feed.end().decision.hold.reason == Damage.INFLATE.reason(0x00090010)


def test_a_long_sequence_in_small_pieces_takes_linear_time(
    tests_program: Callable[..., Program], explicit: object
) -> None:
    matcher = build(tests_program((SEQUENCE, PATIENT), (InState(0, State.VALUED),)))
    items = explicit.item(bytes(200)) * 15_000
    data = explicit.series(0x00081140, "SQ", items) + explicit.element(0x00100020, "LO", b"1")
    expected = matcher.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    assert expected.read.tags == 2
    feed, pieces = matcher.feed(Encoding.EXPLICIT_LITTLE, Envelope()), list(cut(data, [50]))
    for piece in pieces:
        feed.add(piece)
    assert feed.end() == expected
    assert feed.looks < 65_536 // 50 + 100 < len(pieces) // 10
