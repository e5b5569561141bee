"""The walker: what is seen, where the reading stops, and what damages it (docs/reading.md 2-4)."""

import zlib
from pathlib import Path

import pydicom
import pytest
from generators.encode import Item, Raw, Series, deflate, delimiter, encode, header
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.filereader import read_preamble
from pydicom.uid import UID

from roteiro.core.program import Damage, Encoding
from roteiro.lang.elements import inflate, read

IMPLICIT = Encoding.IMPLICIT_LITTLE
EXPLICIT = Encoding.EXPLICIT_LITTLE
BIG = Encoding.EXPLICIT_BIG
PLAIN = (IMPLICIT, EXPLICIT, BIG)
MODALITY = 0x00080060
STUDY = 0x00081030
SEQUENCE = 0x00081110
PATIENT = 0x00100020
TESTED = {MODALITY: "CS", PATIENT: "LO"}

A = Raw(MODALITY, "CS", b"CT")
B = Raw(STUDY, "LO", b"abcd")
C = Raw(PATIENT, "LO", b"47")
D = Raw(0x00200010, "SH", b"zz")


def nested(depth: int, vr: str = "SQ") -> Raw:
    """Make a sequence of undefined lengths nested so deep."""
    raw = Raw(SEQUENCE, vr, Series((Item((B,), defined=False),), defined=False))
    for _ in range(depth - 1):
        raw = Raw(SEQUENCE, vr, Series((Item((raw,), defined=False),), defined=False))
    return raw


@pytest.mark.parametrize("encoding", [*PLAIN, Encoding.DEFLATED])
def test_finds_tested_elements(encoding):
    reading = read(encode([A, B, C, D], encoding), encoding, TESTED)
    assert reading.damage is None
    assert {tag: found.value for tag, found in reading.elements.items()} == {
        MODALITY: b"CT",
        PATIENT: b"47",
    }
    assert reading.elements[MODALITY].vr == (None if encoding is IMPLICIT else "CS")
    assert reading.elements[MODALITY].big == (encoding is BIG)


@pytest.mark.parametrize("encoding", PLAIN)
def test_what_is_repeated_or_out_of_order_is_not_seen(encoding):
    other = Raw(MODALITY, "CS", b"MR")
    late = encode([B, A, C], encoding)
    assert set(read(late, encoding, TESTED).elements) == {PATIENT}
    twice = encode([A, other, C], encoding)
    assert read(twice, encoding, TESTED).elements[MODALITY].value == b"CT"


@pytest.mark.parametrize("encoding", PLAIN)
def test_damage_behind_the_stop_is_harmless(encoding):
    whole = encode([A, C], encoding)
    for tail in (b"\x20", b"\x20\0\x10\0", b"\xff" * 7, b"\0" * 40):
        assert read(whole + tail, encoding, TESTED).damage is None
    above = encode([A, D], encoding)
    cut_after_tag = above[: len(above) - 10 + 4]
    assert read(cut_after_tag, encoding, TESTED).damage is None
    assert read(cut_after_tag[:-1], encoding, TESTED).damage is Damage.CUT


@pytest.mark.parametrize("encoding", PLAIN)
def test_every_truncation_is_a_clean_end_or_unreadable(encoding):
    """Only an element's border looks like an end; the meaning never comes from half a value."""
    parts = [encode([raw], encoding) for raw in (A, B, C)]
    whole = b"".join(parts)
    borders = {0, len(parts[0]), len(parts[0] + parts[1]), len(whole)}
    for end in range(len(whole) + 1):
        reading = read(whole[:end], encoding, TESTED)
        assert (reading.damage is None) == (end in borders), end
        assert reading.damage in (None, Damage.CUT)


def test_the_reason_names_the_element_when_its_tag_could_be_read():
    data = encode([A, B, C], EXPLICIT)
    assert read(data[:3], EXPLICIT, TESTED).reason == "the data set ends inside an element"
    assert read(data[:9], EXPLICIT, TESTED).reason == (
        "the data set ends inside an element in (0008,0060)"
    )


def test_without_tested_tags_nothing_is_read():
    assert read(b"\xff", EXPLICIT, {}).damage is None
    assert read(b"\xff", Encoding.DEFLATED, {}).damage is None


@pytest.mark.parametrize("letters", [b"\0\0", b"??", b"cs", b"C ", b"1A"])
def test_a_vr_that_is_not_two_capitals_is_damage(letters):
    data = bytearray(encode([A, C], EXPLICIT))
    data[4:6] = letters
    assert read(bytes(data), EXPLICIT, TESTED).damage is Damage.VR


def test_an_unknown_vr_has_a_length_of_32_bits():
    data = header(0x00080008, "ZZ", 4, explicit=True) + b"abcd" + encode([A], EXPLICIT)
    assert read(data, EXPLICIT, TESTED).elements[MODALITY].value == b"CT"
    assert read(data[:11], EXPLICIT, TESTED).damage is Damage.CUT


def test_the_reserved_bytes_of_a_long_header_are_not_looked_at():
    data = bytearray(encode([Raw(0x00080008, "UT", b"ab"), A], EXPLICIT))
    data[6:8] = b"\xff\xff"
    assert set(read(bytes(data), EXPLICIT, TESTED).elements) == {MODALITY}


@pytest.mark.parametrize("vr", ["UT", "UC", "UR", "OF", "OD", "SV", "ZZ"])
def test_an_undefined_length_is_for_series_only(vr):
    data = header(0x00080008, vr, 0xFFFFFFFF, explicit=True) + delimiter(0xFFFEE0DD, 0)
    assert read(data, EXPLICIT, TESTED).damage is Damage.UNDEFINED


def test_a_short_length_of_ffff_is_a_length():
    data = header(0x00080008, "LO", 0xFFFF, explicit=True) + b"x" * 0xFFFF
    assert read(data + encode([A], EXPLICIT), EXPLICIT, TESTED).elements[MODALITY].value == b"CT"


@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("defined", [True, False])
@pytest.mark.parametrize("item_defined", [True, False])
def test_sequences_are_passed(encoding, defined, item_defined):
    inner = Raw(SEQUENCE, "SQ", Series((Item((A, B), item_defined),), defined))
    outer = Raw(SEQUENCE, "SQ", Series((Item((A, inner), item_defined), Item()), defined))
    reading = read(encode([A, outer, C], encoding), encoding, TESTED)
    assert reading.damage is None
    assert reading.elements[PATIENT].value == b"47"


@pytest.mark.parametrize("encoding", PLAIN)
def test_unknown_of_undefined_length_is_implicit_little_endian(encoding):
    raw = nested(3, "UN") if encoding is not IMPLICIT else nested(3)
    reading = read(encode([A, raw, C], encoding), encoding, TESTED)
    assert reading.elements[PATIENT].value == b"47"


def test_fragments_are_items():
    fragments = delimiter(0xFFFEE000, 0) + delimiter(0xFFFEE000, 4) + b"\xff\xd8\xff\xd9"
    data = header(0x7FE00010, "OB", 0xFFFFFFFF, explicit=True) + fragments
    reading = read(data + delimiter(0xFFFEE0DD, 0), EXPLICIT, {0x7FE00010: "OB or OW"})
    assert reading.elements[0x7FE00010].items == 2


@pytest.mark.parametrize(
    ("body", "damage"),
    [
        (b"", Damage.CUT),
        (delimiter(0xFFFEE0DD, 0)[:7], Damage.CUT),
        (delimiter(0xFFFEE00D, 0), Damage.DELIMITER),
        (encode([B], EXPLICIT), Damage.DELIMITER),
        (delimiter(0xFFFEE000, 9) + b"x" * 8, Damage.CUT),
        (delimiter(0xFFFEE000, 0xFFFFFFFF) + delimiter(0xFFFEE0DD, 0), Damage.DELIMITER),
        (delimiter(0xFFFEE000, 0xFFFFFFFF) + delimiter(0xFFFEE000, 0), Damage.DELIMITER),
        (delimiter(0xFFFEE000, 0xFFFFFFFF) + delimiter(0xFFFEE00D, 0)[:6], Damage.CUT),
        (delimiter(0xFFFEE000, 0xFFFFFFFF) + b"\x08\0\x60\0\0\0\x02\0CT", Damage.VR),
        (delimiter(0xFFFEE000, 0), Damage.CUT),
    ],
)
def test_broken_items(body, damage):
    data = encode([A], EXPLICIT) + header(SEQUENCE, "SQ", 0xFFFFFFFF, explicit=True) + body
    reading = read(data, EXPLICIT, TESTED)
    assert reading.damage is damage
    assert reading.place == SEQUENCE


def test_the_length_of_a_delimiter_is_not_looked_at():
    body = delimiter(0xFFFEE000, 0xFFFFFFFF) + delimiter(0xFFFEE00D, 12) + delimiter(0xFFFEE0DD, 7)
    data = header(SEQUENCE, "SQ", 0xFFFFFFFF, explicit=True) + body + encode([C], EXPLICIT)
    assert set(read(data, EXPLICIT, TESTED).elements) == {PATIENT}


@pytest.mark.parametrize("encoding", PLAIN)
def test_depth(encoding):
    assert read(encode([nested(32), C], encoding), encoding, TESTED).damage is None
    assert read(encode([nested(33), C], encoding), encoding, TESTED).damage is Damage.DEPTH


def test_a_sequence_of_defined_length_is_jumped_over():
    deep = encode([nested(40)], EXPLICIT)
    data = header(SEQUENCE, "SQ", len(deep), explicit=True) + deep + encode([C], EXPLICIT)
    assert read(data, EXPLICIT, TESTED).damage is None


def test_count():
    fill = encode([Raw(0x00080008, "CS")], EXPLICIT)
    assert read(fill * 19_999 + encode([C], EXPLICIT), EXPLICIT, TESTED).damage is None
    assert read(fill * 20_000 + encode([C], EXPLICIT), EXPLICIT, TESTED).damage is Damage.COUNT
    assert read(fill * 20_000 + encode([D], EXPLICIT), EXPLICIT, TESTED).damage is None
    items = Raw(SEQUENCE, "SQ", Series((Item((B,), defined=False),) * 9_999, defined=False))
    assert read(encode([items, C], EXPLICIT), EXPLICIT, TESTED).damage is None
    assert read(encode([A, items, C], EXPLICIT), EXPLICIT, TESTED).damage is Damage.COUNT


@pytest.mark.parametrize("encoding", PLAIN)
def test_a_tested_value_of_more_than_64_kib(encoding):
    kept = Raw(STUDY, "UT", b"x" * 65536)
    large = Raw(STUDY, "UT", b"x" * 65538)
    tested = {STUDY: "UT", PATIENT: "LO"}
    assert read(encode([kept, C], encoding), encoding, tested).damage is None
    assert read(encode([large, C], encoding), encoding, tested).damage is Damage.VALUE
    assert read(encode([large, C], encoding), encoding, TESTED).damage is None
    last = {STUDY: "UT"}
    assert read(encode([large], encoding), encoding, last).damage is Damage.VALUE
    assert read(encode([kept, large], encoding), encoding, tested).damage is None
    assert read(encode([large], encoding)[:20], encoding, last).damage is Damage.VALUE


@pytest.mark.parametrize("vr", ["SQ", "OB", "OW", "UN"])
def test_a_state_that_needs_only_the_length_has_no_value_limit(vr):
    data = encode([Raw(STUDY, vr, b"x" * 70_000)], EXPLICIT)
    assert read(data, EXPLICIT, {STUDY: "SQ"}).damage is None
    assert read(data, EXPLICIT, {STUDY: "LO"}).damage is (Damage.VALUE if vr == "UN" else None)
    implicit = encode([Raw(STUDY, vr, b"x" * 70_000)], IMPLICIT)
    assert read(implicit, IMPLICIT, {STUDY: vr}).damage is None


def test_group_lengths_zero_tags_and_odd_lengths_are_ordinary():
    first = Raw(0, "UL", b"\xff\xff\xff\x7f")
    group = Raw(0x00080000, "UL", b"\x01\0\0\0")
    odd = Raw(0x00080008, "CS", b"abc")
    for encoding in PLAIN:
        data = encode([first, group, odd, A, C], encoding)
        assert set(read(data, encoding, TESTED).elements) == {MODALITY, PATIENT}
    assert read(b"\0" * 8 + encode([A], IMPLICIT), IMPLICIT, TESTED).elements[MODALITY]


def test_delimiters_on_the_top_level_stop_the_reading():
    data = encode([A], EXPLICIT) + delimiter(0xFFFEE0DD, 0) + encode([C], EXPLICIT)
    reading = read(data, EXPLICIT, TESTED)
    assert reading.damage is None
    assert set(reading.elements) == {MODALITY}


# Deflated -----------------------------------------------------------------------------------------


def test_bytes_behind_a_deflate_stream_are_ignored():
    data = encode([A, C], Encoding.DEFLATED)
    assert read(data + b"\0garbage", Encoding.DEFLATED, TESTED).elements[PATIENT].value == b"47"


def test_a_deflate_stream_that_is_cut():
    plain = encode([A, B], EXPLICIT)
    whole = deflate(plain)
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    flushed = stream.compress(plain) + stream.flush(zlib.Z_SYNC_FLUSH)
    assert read(whole, Encoding.DEFLATED, TESTED).damage is None
    assert read(flushed, Encoding.DEFLATED, TESTED).damage is Damage.CUT
    assert read(flushed, Encoding.DEFLATED, {MODALITY: "CS"}).damage is None
    assert read(b"", Encoding.DEFLATED, TESTED).damage is Damage.CUT


def test_a_deflate_stream_that_breaks():
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    flushed = stream.compress(encode([A], EXPLICIT)) + stream.flush(zlib.Z_FULL_FLUSH)
    broken = flushed + b"\x07"  # block type 3 does not exist
    assert inflate(broken) == (encode([A], EXPLICIT), Damage.DEFLATE)
    assert read(broken, Encoding.DEFLATED, TESTED).damage is Damage.DEFLATE
    assert read(broken, Encoding.DEFLATED, {MODALITY: "CS"}).damage is None


def test_a_stream_that_inflates_too_far():
    fill = encode([Raw(0x00080008, "UT", b"x" * (17 * 2**20)), A], EXPLICIT)
    assert read(deflate(fill), Encoding.DEFLATED, TESTED).damage is Damage.INFLATE
    late = encode([A, C, Raw(0x7FE00010, "OW", b"x" * (17 * 2**20))], EXPLICIT)
    assert read(deflate(late), Encoding.DEFLATED, TESTED).damage is None


# Anything ---------------------------------------------------------------------------------------


@given(st.binary(max_size=200), st.sampled_from(Encoding))
def test_any_bytes_are_read_or_damaged(data, encoding):
    reading = read(data, encoding, TESTED)
    assert reading.damage is None or reading.reason


@given(st.data())
def test_a_reader_may_stop_after_the_last_tested_tag(data):
    """Bytes behind the stop never change what was read."""
    encoding = data.draw(st.sampled_from(PLAIN))
    whole = encode([A, nested(2), C], encoding)
    tail = data.draw(st.binary(max_size=50))
    assert read(whole + tail, encoding, TESTED) == read(whole, encoding, TESTED)


# pydicom as a second opinion ----------------------------------------------------------------------

FILES = ("CT_small.dcm", "MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm")
FILES += ("image_dfl.dcm", "JPEG2000.dcm", "rtplan.dcm", "reportsi.dcm", "liver_1frame.dcm")


@pytest.mark.parametrize("name", FILES)
def test_agrees_with_pydicom(name):
    path = Path(get_testdata_file(name, download=False))
    with path.open("rb") as file:
        assert read_preamble(file, force=False)
        meta = pydicom.filereader._read_file_meta_info(file)
        data = file.read()
    encoding = {
        "1.2.840.10008.1.2": IMPLICIT,
        "1.2.840.10008.1.2.2": BIG,
        "1.2.840.10008.1.2.1.99": Encoding.DEFLATED,
    }.get(UID(meta.TransferSyntaxUID), EXPLICIT)
    opinion = pydicom.dcmread(path)
    raw = {int(tag): opinion.get_item(tag) for tag in list(opinion.keys())}
    reading = read(data, encoding, {int(tag): "CS" for tag in raw if tag != 0x7FE00010})
    assert reading.damage is None
    assert set(reading.elements) == set(raw) - {0x7FE00010}
    for tag, found in reading.elements.items():
        value = getattr(raw[tag], "value", None)
        if found.items is None and isinstance(value, bytes):
            assert found.value == value, hex(tag)
