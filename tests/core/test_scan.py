"""The walk over a data set: what is seen, where it stops, what damage is (docs/reading.md, 2-4)."""

import zlib
from collections.abc import Callable

import pytest

from roteiro.core.program import (
    UNREADABLE,
    Among,
    Damage,
    Encoding,
    Envelope,
    Field,
    InState,
    Program,
    Some,
    Source,
    State,
    Test,
    ValueType,
)

CS, LO, SQ, UN, OB = "CS", "LO", "SQ", "UN", "OB"
MODALITY = Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, CS)
SEQUENCE = Field(Source.ELEMENT, ValueType.STATE_ONLY, 0x00081140, SQ)
PATIENT = Field(Source.ELEMENT, ValueType.TEXT, 0x00100020, LO)
FIELDS = (MODALITY, SEQUENCE, PATIENT)
TESTS: tuple[Test, ...] = (
    Some(0, Among(("CT",))),
    InState(1, State.ABSENT),
    InState(1, State.EMPTY),
    InState(1, State.VALUED),
    InState(1, State.INVALID),
    Some(2, Among(("4711",))),
    InState(2, State.ABSENT),
)
CT, NO_SQ, EMPTY_SQ, FULL_SQ, BAD_SQ, P4711, NO_PATIENT = map(str, range(7))
Maker = Callable[[Program], object]


@pytest.fixture
def twins(both: Callable[[Program], object], tests_program: Callable[..., Program]) -> object:
    return both(tests_program(FIELDS, TESTS))


def reason(damage: Damage, tag: int | None) -> set[str]:
    return {damage.reason(tag)}


# (0008,0060) CS "CT", (0010,0020) LO "4711" in explicit little endian, byte by byte
MINIMAL = bytes.fromhex(
    "0800 6000"  # tag, two little endian numbers
    "4353 0200"  # CS, 16-bit length
    "4354"  # CT
    "1000 2000"
    "4c4f 0400"  # LO
    "34373131"  # 4711
)
# the same in implicit little endian: 32-bit lengths, no VR
IMPLICIT = bytes.fromhex("0800 6000 02000000 4354 1000 2000 04000000 34373131")
# and in explicit big endian
BIG = bytes.fromhex("0008 0060 4353 0002 4354 0010 0020 4c4f 0004 34373131")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (MINIMAL, Encoding.EXPLICIT_LITTLE),
        (IMPLICIT, Encoding.IMPLICIT_LITTLE),
        (BIG, Encoding.EXPLICIT_BIG),
        (zlib.compress(MINIMAL, wbits=-15), Encoding.DEFLATED),
    ],
)
def test_encodings_mean_the_same(twins: object, data: bytes, encoding: Encoding) -> None:
    assert twins.fired(data, encoding) == {CT, NO_SQ, P4711}


def test_buffers_of_every_kind(engine: Maker, tests_program: Callable[..., Program]) -> None:
    matcher = engine(tests_program(FIELDS, TESTS))
    found = {
        repr(matcher.decide(kind(MINIMAL), Encoding.EXPLICIT_LITTLE, Envelope()))
        for kind in (bytes, bytearray, memoryview)
    }
    assert len(found) == 1


def test_reading_stops_after_the_last_tested_tag(twins: object) -> None:
    outcome = twins.decide(MINIMAL + b"this is no element")
    assert outcome.read.tags == 2
    assert outcome.read.last_tag == 0x00100020
    assert outcome.read.bytes == len(MINIMAL)


def test_reading_stops_at_a_tag_above_the_last(twins: object) -> None:
    outcome = twins.decide(MINIMAL[:10] + bytes.fromhex("1000 3000") + b"??")
    assert (outcome.read.tags, outcome.read.last_tag, outcome.read.bytes) == (1, 0x00080060, 14)
    assert outcome.decision.verdict == "route"


def test_clean_end_is_no_damage(twins: object, writer: object) -> None:
    assert twins.fired(writer.finish(), writer.encoding) == {NO_SQ, NO_PATIENT}
    data = writer.finish(writer.element(0x00080060, CS, b"CT"))
    assert twins.fired(data, writer.encoding) == {CT, NO_SQ, NO_PATIENT}


def test_without_tested_tags_nothing_is_read(
    both: Callable[[Program], object], tests_program: Callable[..., Program]
) -> None:
    outcome = both(tests_program((), ())).decide(b"\1", complete=False)
    assert outcome.decision.verdict == "route"
    assert outcome.read.bytes == 0


def test_what_is_out_of_order_is_not_seen(twins: object, writer: object) -> None:
    patient = writer.element(0x00090010, LO, b"4711")
    late = writer.element(0x00080060, CS, b"CT")
    data = writer.finish(patient, late, writer.element(0x00100020, LO, b"4711"))
    assert twins.fired(data, writer.encoding) == {NO_SQ, P4711}


def test_the_tag_of_zeros_is_a_tag(
    both: Callable[[Program], object], tests_program: Callable[..., Program], writer: object
) -> None:
    zero = Field(Source.ELEMENT, ValueType.STATE_ONLY, 0x00000000, "UL")
    asked = (InState(0, State.VALUED), InState(1, State.VALUED))
    twins = both(tests_program((zero, MODALITY), asked))
    data = writer.element(0x00000000, "UL", bytes(4)) + writer.element(0x00080060, "CS", b"CT")
    assert twins.fired(writer.finish(data), writer.encoding) == {"0", "1"}


def test_what_is_repeated_is_not_seen(twins: object, writer: object) -> None:
    first = writer.element(0x00080060, CS, b"MR")
    again = writer.element(0x00080060, CS, b"CT")
    assert twins.fired(writer.finish(first, again), writer.encoding) == {NO_SQ, NO_PATIENT}


ITEMS = {
    "no item": ((), EMPTY_SQ),
    "an empty item": ((b"",), FULL_SQ),
    "two items": ((b"", b""), FULL_SQ),
}


@pytest.mark.parametrize("vr", [SQ, UN])
@pytest.mark.parametrize("inner_defined", [True, False])
@pytest.mark.parametrize(("bodies", "state"), ITEMS.values(), ids=ITEMS.keys())
def test_series_of_items(
    twins: object,
    writer: object,
    writer_of: Callable[[Encoding], object],
    *,
    vr: str,
    inner_defined: bool,
    bodies: tuple[bytes, ...],
    state: str,
) -> None:
    # the items of an explicit UN are implicit little endian (PS3.5 6.2.2)
    inside = writer_of(Encoding.IMPLICIT_LITTLE) if vr == UN else writer
    decoy = inside.element(0x00100020, LO, b"4711")
    items = [inside.item(body, decoy, defined=inner_defined) for body in bodies]
    end = inside.tag(0xFFFEE0DD) + b"\0\0\0\0"
    series = writer.header(0x00081140, vr, 0xFFFFFFFF) + b"".join(items) + end
    patient = writer.element(0x00100020, LO, b"4711")
    assert twins.fired(writer.finish(series, patient), writer.encoding) == {state, P4711}


def test_defined_sequence_is_jumped_over(twins: object, writer: object) -> None:
    item = writer.item(writer.element(0x00100020, LO, b"4711"))
    data = writer.finish(writer.element(0x00081140, SQ, item))
    assert twins.fired(data, writer.encoding) == {FULL_SQ, NO_PATIENT}
    data = writer.finish(writer.element(0x00081140, SQ, b"no items here"))
    assert twins.fired(data, writer.encoding) == {BAD_SQ, NO_PATIENT}
    data = writer.finish(writer.element(0x00081140, SQ))
    assert twins.fired(data, writer.encoding) == {EMPTY_SQ, NO_PATIENT}


def test_encapsulated_fragments_are_items(twins: object, explicit: object) -> None:
    fragments = explicit.series(0x00090010, OB, explicit.item(), explicit.item(b"\xff\xd8"))
    patient = explicit.element(0x00100020, LO, b"4711")
    assert twins.fired(fragments + patient) == {NO_SQ, P4711}


def nested(writer: object, depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = writer.series(0x00081140, SQ, writer.item(inner, defined=False))
    return inner


def test_depth_limit(twins: object, writer: object) -> None:
    assert twins.fired(writer.finish(nested(writer, 32)), writer.encoding) == {FULL_SQ, NO_PATIENT}
    found = twins.fired(writer.finish(nested(writer, 33)), writer.encoding)
    assert found == reason(Damage.DEPTH, 0x00081140)


def test_depth_of_a_hostile_object(twins: object, explicit: object) -> None:
    deep = explicit.header(0x00081140, SQ, 0xFFFFFFFF)
    deep += b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    assert twins.fired(deep * 100_000) == reason(Damage.DEPTH, 0x00081140)


@pytest.mark.parametrize("inside", [False, True])
def test_element_limit(twins: object, writer: object, *, inside: bool) -> None:
    def data(count: int) -> bytes:
        if inside:  # the sequence itself and the last element count as well
            series = writer.series(0x00081140, SQ, *[writer.item()] * (count - 2))
            return writer.finish(series, writer.element(0x00100020, LO, b"4711"))
        filler = writer.element(0x00080001, CS)
        return writer.finish(*[filler] * (count - 1), writer.element(0x00100020, LO, b"4711"))

    assert P4711 in twins.fired(data(20_000), writer.encoding)
    damaged = twins.fired(data(20_001), writer.encoding)
    assert damaged == reason(Damage.COUNT, 0x00100020)


def test_value_limit(twins: object, writer_of: Callable[[Encoding], object]) -> None:
    writer = writer_of(Encoding.IMPLICIT_LITTLE)
    full = writer.element(0x00100020, LO, b"4711".ljust(65_536))
    assert twins.fired(full, writer.encoding) == {NO_SQ, P4711}
    more = writer.element(0x00100020, LO, b"4711".ljust(65_537))
    assert twins.fired(more, writer.encoding) == reason(Damage.VALUE, 0x00100020)
    # the header alone settles it, whatever follows or not
    assert twins.fired(more[:8], writer.encoding) == reason(Damage.VALUE, 0x00100020)


def test_value_limit_is_for_tested_values(twins: object, explicit: object) -> None:
    other = explicit.element(0x00090010, UN, bytes(100_000))
    sequence = explicit.element(0x00081140, SQ, b"\xfe\xff\x00\xe0" + bytes(100_000))
    assert twins.fired(sequence + other) == {FULL_SQ, NO_PATIENT}
    bulk = explicit.element(0x00100020, OB, bytes(100_000))  # not read: no text
    assert twins.fired(bulk) == {NO_SQ}


HEADER = bytes.fromhex("0800 6000")
DAMAGED = {
    "a tag cut": (b"\x08\x00\x60", Damage.CUT, None),
    "nothing after the tag": (HEADER, Damage.CUT, 0x00080060),
    "a value cut": (HEADER + b"CS\x04\0CT", Damage.CUT, 0x00080060),
    "a long header cut": (HEADER + b"UN\0\0\1\0", Damage.CUT, 0x00080060),
    "a VR in small letters": (HEADER + b"cs\x02\0CT", Damage.VR, 0x00080060),
    "no VR": (HEADER + b"\0\0\x02\0CT", Damage.VR, 0x00080060),
    "an undefined text": (HEADER + b"UT\0\0\xff\xff\xff\xff", Damage.UNDEFINED, 0x00080060),
    "a length of 4 GiB": (HEADER + b"OW\0\0\xfe\xff\xff\xff", Damage.CUT, 0x00080060),
    "no item": (HEADER + b"SQ\0\0\xff\xff\xff\xff" + HEADER * 2, Damage.DELIMITER, 0x00080060),
    "a delimiter cut": (
        HEADER + b"SQ\0\0\xff\xff\xff\xff\xfe\xff\xdd\xe0",
        Damage.CUT,
        0x00080060,
    ),
    "an item end outside": (
        HEADER + b"SQ\0\0\xff\xff\xff\xff\xfe\xff\x0d\xe0\0\0\0\0",
        Damage.DELIMITER,
        0x00080060,
    ),
    "an item in an item": (
        HEADER + b"SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" * 2,
        Damage.DELIMITER,
        0x00080060,
    ),
}


@pytest.mark.parametrize(("data", "damage", "tag"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damage(twins: object, data: bytes, damage: Damage, tag: int | None) -> None:
    outcome = twins.decide(data)
    assert outcome.decision.verdict == "hold"
    assert outcome.decision.hold.queue == UNREADABLE
    assert outcome.decision.hold.reason == damage.reason(tag)
    assert outcome.decision.rules == ()


@pytest.mark.parametrize(("data", "damage", "tag"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_after_the_stop_is_harmless(
    twins: object, data: bytes, damage: Damage, tag: int | None
) -> None:
    assert twins.fired(MINIMAL + data) == {CT, NO_SQ, P4711}


def test_unknown_vr_has_a_long_length(twins: object, explicit: object) -> None:
    future = explicit.element(0x00090010, "ZZ", bytes(70_000))
    assert twins.fired(MINIMAL[:10] + future + MINIMAL[10:]) == {CT, NO_SQ, P4711}


# --- every prefix, every position -------------------------------------------------------------


def whole(writer: object) -> bytes:
    """Give a data set with everything that a walk meets."""
    item = writer.item(writer.element(0x00080060, CS, b"MR"), defined=False)
    return writer.finish(
        writer.element(0x00080005, CS, b"ISO_IR 192"),
        writer.element(0x00080060, CS, b"CT"),
        writer.series(0x00081140, SQ, item, writer.item(writer.element(0x00100020, LO, b"x"))),
        writer.element(0x00090010, UN, b"abc"),
        writer.series(0x00091001, OB, writer.item(b"12")),
        writer.element(0x00100020, LO, b"4711"),
        writer.element(0x00100030, "DA", b"20200101"),
        writer.element(0x7FE00010, "OW", bytes(40)),
    )


def test_truncation_at_every_byte(twins: object, writer: object) -> None:
    data = whole(writer)
    assert twins.fired(data, writer.encoding) == {CT, FULL_SQ, P4711}
    cut = 0
    for size in range(len(data)):
        outcome = twins.decide(data[:size], writer.encoding)
        cut += outcome.decision.hold is not None
    assert cut > len(data) // 4


def test_prefixes_settle_or_say_nothing(twins: object, writer: object) -> None:
    data = whole(writer)
    last = twins.decide(data, writer.encoding)
    answers = [
        twins.decide(data[:size], writer.encoding, complete=False) for size in range(len(data) + 1)
    ]
    settled = [answer is not None for answer in answers]
    assert settled == sorted(settled), "what was settled stays settled"
    assert settled[-1]
    assert not settled[0]
    assert all(answer in (None, last) for answer in answers)
    if writer.encoding is not Encoding.DEFLATED:
        assert settled.index(True) == last.read.bytes


@pytest.mark.parametrize(("data", "damage", "tag"), DAMAGED.values(), ids=DAMAGED.keys())
def test_prefixes_of_the_damaged(
    twins: object, data: bytes, damage: Damage, tag: int | None
) -> None:
    last = twins.decide(data)
    for size in range(len(data) + 1):
        answer = twins.decide(data[:size], complete=False)
        assert answer in (None, last)
    assert (answer is None) == (damage is Damage.CUT)


def test_flipped_bytes_never_part_the_twins(twins: object, writer: object) -> None:
    data = bytearray(whole(writer))
    for place in range(len(data)):
        kept = data[place]
        for value in (0, 0xFF, kept ^ 1, kept ^ 0x80):
            data[place] = value
            twins.decide(bytes(data), writer.encoding)
            twins.decide(bytes(data), writer.encoding, complete=False)
        data[place] = kept


def test_size_is_known_at_the_end(
    both: Callable[[Program], object], tests_program: Callable[..., Program]
) -> None:
    size = Field(Source.ENVELOPE, ValueType.STATE_ONLY, name="size")
    twins = both(tests_program((size,), (InState(0, State.VALUED),)))
    assert twins.decide(b"", complete=False) is None
    assert twins.fired(b"", envelope=Envelope(size=7)) == {"0"}


# --- deflated ---------------------------------------------------------------------------------


def deflate(data: bytes, level: int = 9) -> bytes:
    return zlib.compress(data, level, wbits=-15)


def test_bytes_after_the_deflate_stream_are_ignored(twins: object) -> None:
    assert twins.fired(deflate(MINIMAL) + b"\0" * 7, Encoding.DEFLATED) == {CT, NO_SQ, P4711}


def test_nothing_is_no_deflate_stream(twins: object) -> None:
    assert twins.fired(b"", Encoding.DEFLATED) == reason(Damage.CUT, None)


@pytest.mark.parametrize("level", [0, 9])
def test_broken_deflate_stream(twins: object, level: int) -> None:
    data = deflate(MINIMAL[:10], level=level)
    stream = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = stream.compress(MINIMAL[:10]) + stream.flush(zlib.Z_SYNC_FLUSH)
    broken = body + b"\x07"  # a final block of the reserved kind
    assert twins.fired(broken, Encoding.DEFLATED) == reason(Damage.DEFLATE, None)
    assert twins.fired(body, Encoding.DEFLATED) == reason(Damage.CUT, None)
    assert twins.fired(data, Encoding.DEFLATED) == {CT, NO_SQ, NO_PATIENT}
    assert twins.decide(body, Encoding.DEFLATED, complete=False) is None
    assert twins.decide(broken, Encoding.DEFLATED, complete=False) is not None


def test_break_after_the_stop_is_harmless(twins: object) -> None:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = stream.compress(MINIMAL) + stream.flush(zlib.Z_SYNC_FLUSH)
    assert twins.fired(body + b"\x07", Encoding.DEFLATED) == {CT, NO_SQ, P4711}


def test_inflate_limit(twins: object, explicit: object) -> None:
    limit = 16 * 1024 * 1024

    def data(filler: int) -> bytes:
        return deflate(explicit.element(0x00090010, UN, bytes(filler)) + MINIMAL[10:])

    inside = limit - 12 - len(MINIMAL[10:])
    assert twins.fired(data(inside), Encoding.DEFLATED) == {NO_SQ, P4711}
    assert twins.fired(data(inside + 1), Encoding.DEFLATED) == reason(Damage.INFLATE, 0x00100020)
    full = deflate(explicit.element(0x00090010, UN, bytes(limit - 12)))
    assert twins.fired(full, Encoding.DEFLATED) == {NO_SQ, NO_PATIENT}, "a clean end at the limit"
    bomb = twins.decide(data(200 * 1024 * 1024), Encoding.DEFLATED)
    assert bomb.decision.hold.reason == Damage.INFLATE.reason(0x00090010)
