"""States and values of every VR (docs/reading.md 5-8; language 2c and 2e)."""

import math
import struct
from decimal import Decimal
from pathlib import Path

import pydicom
import pytest
from generators.encode import Item, Raw, Series, encode
from generators.handmade import TYPES, element, member
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.multival import MultiValue

from roteiro.core.program import Encoding, Envelope, State, ValueType, encoding_of
from roteiro.lang.elements import read
from roteiro.lang.envelope import member as member_value
from roteiro.lang.moments import clock
from roteiro.lang.tested import Level, needs
from roteiro.lang.values import Elements

IMPLICIT = Encoding.IMPLICIT_LITTLE
EXPLICIT = Encoding.EXPLICIT_LITTLE
BIG = Encoding.EXPLICIT_BIG
PLAIN = (IMPLICIT, EXPLICIT, BIG)
TAG = 0x00281101
A, E, X, V = State.ABSENT, State.EMPTY, State.INVALID, State.VALUED


def look(value, vr, *, sent=None, encoding=EXPLICIT, kind=None, charset=None, before=()):
    """Give state and values of one element of this dictionary VR."""
    field = element(TAG, vr, kind)
    terms = [] if charset is None else [Raw(0x00080005, "CS", charset)]
    data = encode([*terms, *before, Raw(TAG, sent or vr, value)], encoding)
    reading = read(data, encoding, needs([field]))
    assert reading.damage is None
    found = Elements(reading.elements).value(field)
    assert found.state is V or not found.values
    return found.state, list(found.values)


def text(value, vr, **more):
    """Look in all three encodings; they have one meaning."""
    results = [look(value, vr, encoding=encoding, **more) for encoding in PLAIN]
    assert results[0] == results[1] == results[2]
    return results[0]


def test_absent():
    reading = read(b"", EXPLICIT, {TAG: "LO"})
    assert Elements(reading.elements).value(element(TAG, "LO")).state is A


ALL = "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR"
ALL += " US UT UV"


@pytest.mark.parametrize("vr", ALL.split(" "))
@pytest.mark.parametrize("sent", ALL.split(" "))
def test_zero_length_is_empty_whatever_the_vr(vr, sent):
    assert look(b"", vr, sent=sent) == (E, [])


@pytest.mark.parametrize(
    ("vr", "value", "state", "values"),
    [
        ("CS", b"CT", V, ["CT"]),
        ("CS", b" CT ", V, ["CT"]),
        ("CS", b"CT\0", V, ["CT"]),
        ("CS", b"CT \0 \0", V, ["CT"]),
        ("CS", b"ORIGINAL\\\\ AXIAL", V, ["ORIGINAL", "AXIAL"]),
        ("CS", b" \\ ", E, []),
        ("CS", b"\\", E, []),
        ("CS", b"\0\0", E, []),
        ("CS", b"c\xe9", V, ["c\ufffd"]),
        ("AE", b" A B ", V, ["A B"]),
        ("SH", b" a b ", V, ["a b"]),
        ("LO", b"a\\ b \\", V, ["a", "b"]),
        ("LO", b"x" * 200, V, ["x" * 200]),  # length never makes a value invalid
        ("UC", b"  a \\ b ", V, ["  a", " b"]),
        ("ST", b" a\\b  ", V, [" a\\b"]),
        ("LT", b" \r\n ", V, [" \r\n"]),
        ("LT", b"  ", E, []),
        ("UT", b"a\\", V, ["a\\"]),
        ("UR", b"http://h/a\\b ", V, ["http://h/a\\b"]),
        ("UI", b"1.2.840\0", V, ["1.2.840"]),
        ("UI", b"1.2 \0", V, ["1.2"]),
        ("UI", b"1.02\\3", V, ["1.02", "3"]),
        ("UI", b" 1.2", X, []),
        ("UI", b"1..2", X, []),
        ("UI", b".1", X, []),
        ("UI", b"1.", X, []),
        ("UI", b"1.2a", X, []),
        ("UI", b"1.2\\x", X, []),
        ("UI", b"1.\xb2", X, []),
        ("DS", b"1.50", V, [Decimal("1.5")]),
        ("DS", b" +1. ", V, [Decimal(1)]),
        ("DS", b".5\\-.5e1", V, [Decimal("0.5"), Decimal(-5)]),
        ("DS", b"1\\\\2", V, [Decimal(1), Decimal(2)]),
        ("DS", b"1 2", X, []),
        ("DS", b"1,5", X, []),
        ("DS", b".", X, []),
        ("DS", b"e5", X, []),
        ("DS", b"1e", X, []),
        ("DS", b"NaN", X, []),
        ("DS", b"inf", X, []),
        ("DS", b"1_0", X, []),
        ("DS", b"0x1", X, []),
        ("DS", b"+-1", X, []),
        ("DS", b"1\\x", X, []),
        ("DS", b"1e999999999", V, [Decimal("1e999999999")]),
        ("DS", b"-1E-0000999999999", V, [Decimal("-1e-999999999")]),
        ("DS", b"1e1000000000", X, []),
        ("DS", b"0e-99999999999999999999", X, []),
        ("IS", b"5.0", V, [Decimal(5)]),
        ("IS", b"1e3", V, [Decimal(1000)]),
        ("IS", b"+07", V, [Decimal(7)]),
        ("DA", b"20260131", V, [20260131]),
        ("DA", b"2026.01.31", V, [20260131]),
        ("DA", b"20240229 ", V, [20240229]),
        ("DA", b"20230229", X, []),
        ("DA", b"00000101", X, []),
        ("DA", b"20261301", X, []),
        ("DA", b"2026-01-31", X, []),
        ("DA", b"2026.0131", X, []),
        ("DA", b"202601", X, []),
        ("DA", b" 20260131", X, []),
        ("DA", b"20260131\\\\20250101", V, [20260131, 20250101]),
        ("TM", b"22", V, [22 * 3_600_000_000]),
        ("TM", b"2200 ", V, [22 * 3_600_000_000]),
        ("TM", b"220030", V, [(22 * 3600 + 30) * 1_000_000]),
        ("TM", b"000000.5", V, [500_000]),
        ("TM", b"000000.000001", V, [1]),
        ("TM", b"00:00:01", V, [1_000_000]),
        ("TM", b"00:00:01.25", V, [1_250_000]),
        ("TM", b"235960", V, [86_400_000_000]),
        ("TM", b"235961", X, []),
        ("TM", b"24", X, []),
        ("TM", b"0060", X, []),
        ("TM", b"220", X, []),
        ("TM", b"22:00", X, []),
        ("TM", b"2200.5", X, []),
        ("TM", b"000000.", X, []),
        ("TM", b"000000.1234567", X, []),
        ("TM", b" 22", X, []),
    ],
)
def test_character_vrs(vr, value, state, values):
    assert text(value, vr) == (state, values)


@pytest.mark.parametrize(
    ("vr", "value", "state"),
    [
        ("PN", b"Muster^Max", V),
        ("PN", b"^^ = ^\0", E),
        ("PN", b"\\", E),
        ("PN", b"^\\x", V),
        ("AS", b"018Y", V),
        ("AS", b"18Y\\1D ", V),
        ("AS", b"Y", X),
        ("AS", b"1234D", X),
        ("AS", b"18y", X),
        ("DT", b"2026", V),
        ("DT", b"202601", V),
        ("DT", b"2026-0500", V),
        ("DT", b"20260131235960.123456+1400 ", V),
        ("DT", b"20260230", X),
        ("DT", b"2026013124", X),
        ("DT", b"20260131120000+1500", X),
        ("DT", b"20260131120000+1260", X),
        ("DT", b"20260131120000Z", X),
        ("DT", b"202", X),
        ("DT", b"0000", X),
        ("AT", b"\x10\0\x10\0", V),
        ("AT", b"\x10\0\x10\0\x10\0\x20\0", V),
        ("AT", b"\x10\0\x10\0\x10\0", X),
        ("OB", b"\0", V),
        ("OW", b"\0\0\0", V),
        ("UN", b"  ", V),
        ("OB or OW", b"\0\0", V),
        ("US or OW", b"\1\0", V),
    ],
)
def test_vrs_of_which_only_the_state_is_asked(vr, value, state):
    for encoding in PLAIN:
        sent = {"OB or OW": "OW", "US or OW": "US"}.get(vr, vr)
        assert look(value, vr, sent=sent, encoding=encoding) == (state, [])


FORMATS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}


@pytest.mark.parametrize(("vr", "letter"), FORMATS.items())
@pytest.mark.parametrize("encoding", PLAIN)
def test_binary_numbers(vr, letter, encoding):
    raw = struct.pack(f"<3{letter}", 0, 1, 77)
    assert look(raw, vr, encoding=encoding) == (V, [0, 1, 77])
    assert look(raw[:-1], vr, encoding=encoding) == (X, [])


@given(st.floats(width=32))
def test_floats_are_exact(number):
    for vr, raw in (("FL", struct.pack("<f", number)), ("FD", struct.pack("<d", number))):
        finite = math.isfinite(number)
        assert text(raw, vr) == ((V, [Decimal(number)]) if finite else (X, []))


def test_one_bad_float_makes_the_element_invalid():
    assert text(struct.pack("<2f", 1, float("nan")), "FL") == (X, [])


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_exact(number):
    assert text(str(number).encode(), "DS") == (V, [number])


def test_a_number_of_many_digits_is_exact_and_quick():
    _, (value,) = text(b"1" * 60_000 + b".5", "DS")
    assert value == Decimal("1" * 60_000 + ".5")
    assert value < Decimal("1e999999999")


@pytest.mark.parametrize("encoding", PLAIN)
def test_pixel_representation_decides_us_or_ss(encoding):
    def seen(representation, **more):
        before = [Raw(0x00280103, "US", representation)]
        return look(b"\xff\xff", "US or SS", encoding=encoding, before=before, **more)

    if encoding is IMPLICIT:
        assert seen(b"\1\0", sent="US") == (V, [-1])
        assert seen(b"\0\0", sent="SS") == (V, [65535])
        assert seen(b"", sent="SS") == (V, [65535])
        assert seen(b"\1", sent="US") == (V, [65535])
    else:  # as sent
        assert seen(b"\1\0", sent="US") == (V, [65535])
        assert seen(b"\0\0", sent="SS") == (V, [-1])
        assert seen(b"\1\0", sent="UN") == (V, [-1])


def test_pixel_representation_and_character_set_count_as_tested():
    def plain(*vrs):
        return needs([element(TAG, vr) for vr in vrs]).plain

    assert plain("US or SS") == {TAG: {"US or SS"}, 0x00280103: {"US"}}
    assert plain("LO") == {TAG: {"LO"}, 0x00080005: {"CS"}}
    assert plain("PN") == {TAG: {"PN"}, 0x00080005: {"CS"}}
    assert plain("CS") == {TAG: {"CS"}}
    assert needs([element(TAG, "CS")]).last == TAG
    assert Level().last == -1


@pytest.mark.parametrize(
    ("vr", "sent", "value", "state", "values"),
    [
        ("LO", "UN", b"a\\b", V, ["a", "b"]),
        ("LO", "UT", b"a\\b", V, ["a", "b"]),  # the dictionary's rules
        ("UT", "LO", b" a\\b", V, [" a\\b"]),
        ("CS", "PN", b"CT", V, ["CT"]),
        ("LO", "OB", b"ab", X, []),
        ("LO", "DS", b"1 ", X, []),
        ("LO", "ZZ", b"1 ", X, []),
        ("DS", "US", b"\5\0", V, [5]),  # both numbers: the stream's
        ("US", "DS", b"1.5 ", V, [Decimal("1.5")]),
        (
            "FD",
            "FL",
            struct.pack("<f", 0.1),
            V,
            [Decimal(struct.unpack("<f", b"\xcd\xcc\xcc=")[0])],
        ),
        ("DS", "LO", b"1 ", X, []),
        ("US", "OW", b"\1\0", X, []),
        ("DA", "DT", b"20260131", X, []),
        ("UI", "LO", b"1.2 ", X, []),
        ("UI", "UN", b"1.2\0", V, ["1.2"]),
        ("US", "UN", b"\1\0", V, [1]),
        ("US or SS", "FL", struct.pack("<f", 2), V, [2]),
        ("SQ", "OB", b"12345678", X, []),
        ("OB", "OW", b"12", V, []),
        ("OB", "SQ", b"12345678", X, []),
        ("UN", "LO", b"12", V, []),
        ("UN", "SQ", b"\xfe\xff\x00\xe0\0\0\0\0", V, []),
    ],
)
def test_a_sent_vr_that_differs(vr, sent, value, state, values):
    assert look(value, vr, sent=sent) == (state, values)


def test_unknown_is_little_endian_also_in_big_endian():
    assert look(b"\1\0", "US", sent="UN", encoding=BIG) == (V, [1])


@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("defined", [True, False])
def test_sequences(encoding, defined):
    def seen(*items, vr="SQ"):
        return look(Series(items, defined), vr, sent="SQ", encoding=encoding)

    assert seen() == (E, [])
    assert seen(Item()) == (V, [])
    assert seen(Item((Raw(TAG, "LO", b"ab"),), defined=False)) == (V, [])
    assert look(b"junkjunk", "SQ", encoding=encoding) == (X, [])
    assert look(b"\xfe\xff\0\xe0", "SQ", encoding=encoding) == (X, [])


@pytest.mark.parametrize("encoding", PLAIN)
def test_a_series_of_items_where_a_value_should_be(encoding):
    def seen(vr, *items):
        sent = vr if vr in {"OB", "OW", "UN"} else "SQ"
        return look(Series(items, defined=False), vr, sent=sent, encoding=encoding)

    assert seen("LO", Item()) == (X, [])
    assert seen("LO") == (E, [])
    assert seen("OB", Item()) == (V, [])
    assert seen("UN", Item()) == (V, [])
    assert look(Series((Item(),), defined=False), "SQ", sent="UN", encoding=encoding) == (V, [])
    assert look(Series((Item(),), defined=True), "SQ", sent="UN", encoding=encoding) == (V, [])


@pytest.mark.parametrize(
    ("charset", "values"),
    [
        (None, ["\ufffd\ufffd"]),
        (b"ISO_IR 192", ["\u00fc"]),
        (b"ISO_IR 192 ", ["\u00fc"]),
        (b"ISO_IR 100", ["\u00c3\u00bc"]),
        (b"\\ISO 2022 IR 100", ["\ufffd\ufffd"]),
        (b"ISO_IR 100\\", ["\u00c3\u00bc"]),
        (b"  ", ["\ufffd\ufffd"]),
    ],
)
def test_specific_character_set(charset, values):
    assert text(b"\xc3\xbc", "LO", charset=charset) == (V, values)
    assert text(b"\xc3\xbc", "CS", charset=charset) == (V, ["\ufffd\ufffd"])


def test_text_is_split_after_it_is_decoded():
    assert text(b"\xd1\\a\\b ", "LO", charset=b"GBK") == (V, ["\u88d3a", "b"])
    assert text(b"\xb1\\\xb2", "LO", charset=b"ISO_IR 13") == (V, ["\uff71", "\uff72"])


def test_a_character_set_sent_as_bytes_is_no_character_set():
    data = encode([Raw(0x00080005, "OB", b"ISO_IR 100"), Raw(TAG, "LO", b"\xfc ")], EXPLICIT)
    reading = read(data, EXPLICIT, needs([element(TAG, "LO")]))
    assert Elements(reading.elements).value(element(TAG, "LO")).values == ("\ufffd",)


@pytest.mark.parametrize(
    ("name", "kind", "given", "state", "values"),
    [
        ("calling_ae", ValueType.TEXT, None, A, []),
        ("calling_ae", ValueType.TEXT, "  ", E, []),
        ("calling_ae", ValueType.TEXT, " CT 1 ", V, ["CT 1"]),
        ("listener", ValueType.TEXT, "main", V, ["main"]),
        ("tls_subject", ValueType.TEXT, "CN=Mu\u0308ller", V, ["CN=M\u00fcller"]),
        ("sop_class", ValueType.UID, "1.2.3\0", V, ["1.2.3"]),
        ("sop_class", ValueType.UID, "1.2.", X, []),
        ("peer", ValueType.ADDRESS, "10.0.0.1", V, [0xFFFF0A000001]),
        ("peer", ValueType.ADDRESS, "::ffff:10.0.0.1", V, [0xFFFF0A000001]),
        ("peer", ValueType.ADDRESS, "fe80::1%eth0", V, [0xFE80 << 112 | 1]),
        ("peer", ValueType.ADDRESS, "somewhere", X, []),
        ("peer", ValueType.ADDRESS, "", E, []),
        ("size", ValueType.DECIMAL, 0, V, [Decimal(0)]),
    ],
)
def test_the_envelope(name, kind, given, state, values):
    found = member_value(member(name, kind), Envelope(**{name: given}))
    assert (found.state, list(found.values)) == (state, values)


# pydicom as a second opinion on well-formed files -------------------------------------------------

FILES = ("CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "rtplan.dcm")
FILES += ("JPEG2000.dcm", "image_dfl.dcm", "reportsi.dcm", "JPEG-lossy.dcm", "waveform_ecg.dcm")


def opinion(element_of_pydicom):
    """Give pydicom's values as ours: text, exact numbers, dates and times as numbers."""
    value = element_of_pydicom.value
    values = value if isinstance(value, MultiValue | list) else [value]
    vr = element_of_pydicom.VR
    if vr == "TM":
        return [clock(str(each)) for each in values]
    if vr == "DA":
        return [int(str(each).replace(".", "")) for each in values]
    if vr in {"DS", "IS"}:
        return [Decimal(getattr(each, "original_string", str(each))) for each in values]
    if vr in FORMATS:
        return [Decimal(each) for each in values]
    return [str(each) for each in values if str(each)]


@pytest.mark.parametrize("name", FILES)
def test_agrees_with_pydicom(name):
    path = Path(get_testdata_file(name, download=False))
    dataset = pydicom.dcmread(path)
    start = 144 + dataset.file_meta.FileMetaInformationGroupLength
    encoding = encoding_of(dataset.file_meta.TransferSyntaxUID)
    fields = [
        element(int(each.tag), each.VR)
        for each in dataset
        if each.VR in TYPES and not each.tag.is_private and len(str(each.value)) < 10_000
    ]
    reading = read(path.read_bytes()[start:], encoding, needs(fields))
    assert reading.damage is None
    compared = 0
    for field in fields:
        found = Elements(reading.elements).value(field)
        each = dataset[field.tag]
        if each.is_empty:
            assert found.state is E, field
        else:
            assert (found.state, list(found.values)) == (V, opinion(each)), field
            compared += 1
    assert compared > 10
