"""Private tags, repeating groups, positions, counts and tags (docs/reading.md 5, 11, 12, 14)."""

import struct
from dataclasses import replace
from decimal import Decimal

import pytest
from generators.encode import Item, Raw, Series, encode
from generators.handmade import element

from roteiro.core.program import Damage, Encoding, Field, Source, State, ValueType, View
from roteiro.lang.elements import read
from roteiro.lang.tested import needs
from roteiro.lang.values import Elements

IMPLICIT = Encoding.IMPLICIT_LITTLE
EXPLICIT = Encoding.EXPLICIT_LITTLE
BIG = Encoding.EXPLICIT_BIG
PLAIN = (IMPLICIT, EXPLICIT, BIG)
A, E, X, V = State.ABSENT, State.EMPTY, State.INVALID, State.VALUED
SIEMENS = "SIEMENS MR HEADER"
HEADER = b"SIEMENS MR HEADER"


def seen(elements, field, encoding=EXPLICIT):
    reading = read(encode(elements, encoding), encoding, needs([field]))
    assert reading.damage is None, reading.reason
    found = Elements(reading.elements).value(field)
    return found.state, list(found.values)


def private(kind=ValueType.TEXT, vr="LO", creator=SIEMENS):
    return Field(Source.ELEMENT, kind, 0x0019000C, vr, creator=creator)


def creator(block, name=HEADER, vr="LO"):
    return Raw(0x00190000 | block, vr, name)


def held(block, value, vr="LO"):
    return Raw(0x0019000C | block << 8, vr, value)


# Blocks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("block", [0x10, 0x11, 0x7F, 0xFF])
def test_the_block_is_the_creator_s(encoding, block):
    elements = [creator(block), held(block, b"x ")]
    assert seen(elements, private(), encoding) == (V, ["x"])
    assert seen(elements, private(creator="OTHER"), encoding) == (A, [])
    assert seen([creator(block)], private(), encoding) == (A, [])
    assert seen([held(block, b"x ")], private(), encoding) == (A, [])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (b"SIEMENS MR HEADER ", True),
        (b" SIEMENS MR HEADER\0", True),
        (b"SIEMENS MR HEADER\\ ", True),
        (b"siemens mr header", False),
        (b"SIEMENS MR", False),
        (b"SIEMENS MR HEADER\\x", False),
        (b"", False),
    ],
)
def test_names_of_creators(name, found):
    assert seen([creator(0x10, name), held(0x10, b"x")], private())[0] is (V if found else A)


def test_a_creator_is_text_of_the_object_s_character_set():
    field = private(creator="M\u00fcller")
    for charset, state in ((b"ISO_IR 192", V), (b"ISO_IR 100", A)):
        terms = Raw(0x00080005, "CS", charset)
        assert (
            seen([terms, creator(0x10, "M\u00fcller".encode()), held(0x10, b"x")], field)[0]
            is state
        )
    below = Field(Source.ELEMENT, ValueType.TEXT, 0x0007000C, "LO", creator="M\u00fcller")
    raw = [Raw(0x00070010, "LO", "M\u00fcller".encode()), Raw(0x0007100C, "LO", b"x"), terms]
    assert seen(raw, below) == (A, [])
    ascii_name = [Raw(0x00070010, "LO", b"M"), Raw(0x0007100C, "LO", b"x"), terms]
    assert seen(ascii_name, replace(below, creator="M")) == (V, ["x"])


def test_a_creator_that_is_no_text_reserves_nothing():
    assert seen([creator(0x10, vr="OB"), held(0x10, b"x")], private()) == (A, [])
    assert seen([creator(0x10, vr="UN"), held(0x10, b"x")], private()) == (V, ["x"])


def test_of_two_blocks_of_one_creator_the_lowest_that_holds_the_element():
    both = [creator(0x10), creator(0x12), held(0x10, b"low "), held(0x12, b"high")]
    assert seen(both, private()) == (V, ["low"])
    assert seen([creator(0x10), creator(0x12), held(0x12, b"high")], private()) == (V, ["high"])
    assert seen([creator(0x10), creator(0x12), held(0x10, b""), both[3]], private()) == (E, [])


def test_the_limit_of_values_is_for_the_element_itself():
    large, field = b"x" * 65_538, private()

    def damage(*elements):
        return read(encode(elements, EXPLICIT), EXPLICIT, needs([field])).damage

    assert damage(creator(0x10), held(0x10, large, "UT")) is Damage.VALUE
    assert damage(creator(0x11), held(0x10, large, "UT")) is None
    assert damage(creator(0x10), creator(0x11), held(0x10, b"x"), held(0x11, large, "UT")) is None
    assert damage(creator(0x10, large, "UT")) is Damage.VALUE


def test_the_reading_goes_on_to_the_last_block():
    cut = encode([creator(0x10), held(0x10, b"x ")], EXPLICIT) + b"\x19\0"
    assert read(cut, EXPLICIT, needs([private()])).damage is Damage.CUT
    behind = cut[:-2] + b"\x19\0\x0d\xff"
    assert read(behind, EXPLICIT, needs([private()])).damage is None


# VRs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "sent", "raw", "state", "values"),
    [
        ((ValueType.DECIMAL, "DS"), "DS", b"1000", V, [1000]),
        ((ValueType.DECIMAL, "DS"), "US", b"\xe8\x03", V, [1000]),
        ((ValueType.DECIMAL, "DS"), "UN", b"1000", V, [1000]),
        ((ValueType.DECIMAL, "DS"), "UN", b"\xe8\x03", X, []),
        ((ValueType.DECIMAL, "DS"), "LO", b"1000", X, []),
        ((ValueType.TEXT, "LO"), "ST", b"a\\b ", V, ["a\\b"]),  # the VR that was sent
        ((ValueType.TEXT, "LO"), "CS", b"a\\b ", V, ["a", "b"]),
        ((ValueType.TEXT, "LO"), "UC", b" a", V, [" a"]),
        ((ValueType.TEXT, "LO"), "UN", b" a\\b ", V, ["a", "b"]),
        ((ValueType.TEXT, "LO"), "DS", b"1 ", X, []),
        ((ValueType.UID, "UI"), "UI", b"1.2\0", V, ["1.2"]),
        ((ValueType.DATE, "DA"), "UN", b"20260131", V, [20260131]),
        ((ValueType.TIME, "TM"), "TM", b"0000", V, [0]),
        ((ValueType.AGE, "AS"), "AS", b"001D", V, [16]),
        ((ValueType.TAG, "AT"), "UN", b"\x18\0\x63\x10", V, [0x00181063]),
        ((ValueType.STATE_ONLY, "UN"), "DS", b"x ", X, []),
        ((ValueType.STATE_ONLY, "UN"), "UN", b"x ", V, []),
        ((ValueType.STATE_ONLY, "UN"), "ZZ", b"x ", X, []),
    ],
)
def test_vrs_of_private_elements(field, sent, raw, state, values):
    assert seen([creator(0x10), held(0x10, raw, sent)], private(*field)) == (state, values)


def test_text_of_a_private_element_is_of_the_character_set():
    terms = Raw(0x00080005, "CS", b"ISO_IR 192")
    umlaut = "\u00fc ".encode()
    for sent, values in (("LO", ["\u00fc"]), ("UT", ["\u00fc"]), ("CS", ["\ufffd\ufffd"])):
        assert seen([terms, creator(0x10), held(0x10, umlaut, sent)], private()) == (V, values)


# AT -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", PLAIN)
def test_tags_as_values(encoding):
    field = element(0x00280009, "AT", ValueType.TAG)
    raw = b"\x18\0\x63\x10\x18\0\x65\x10"
    assert seen([Raw(field.tag, "AT", raw)], field, encoding) == (V, [0x00181063, 0x00181065])
    assert seen([Raw(field.tag, "AT", raw[:6])], field, encoding) == (X, [])


# Repeating groups ---------------------------------------------------------------------------------

ROWS = replace(element(0x60000010, "US"), repeating=True)
LABEL = replace(element(0x60001500, "LO"), repeating=True)


def overlay(number, value, vr="US", low=0x10):
    return Raw(0x60000000 + (number << 17) | low, vr, value)


@pytest.mark.parametrize(
    ("elements", "state", "values"),
    [
        ([], A, []),
        ([overlay(0, b"\1\0")], V, [1]),
        ([overlay(15, b"\7\0")], V, [7]),
        ([overlay(2, b"\3\0\4\0"), overlay(9, b"\5\0")], V, [3, 4, 5]),
        ([overlay(0, b""), overlay(1, b"")], E, []),
        ([overlay(0, b""), overlay(1, b"\2\0")], V, [2]),
        ([overlay(0, b"\1\0"), overlay(3, b"\1")], X, []),
        ([overlay(0, b""), overlay(3, b"x ", "LO")], X, []),
        ([Raw(0x60010010, "US", b"\1\0"), Raw(0x60200010, "US", b"\1\0")], A, []),
    ],
)
def test_states_and_values_of_a_repeating_group(elements, state, values):
    for encoding in PLAIN:
        if encoding is IMPLICIT and any(raw.vr == "LO" for raw in elements):
            continue
        assert seen(elements, ROWS, encoding) == (state, values)


def test_positions_and_counts_go_through_all_groups():
    labels = [overlay(0, b"a\\ ", "LO", 0x1500), overlay(4, b"b\\c ", "LO", 0x1500)]
    states = [seen(labels, replace(LABEL, position=k)) for k in range(1, 6)]
    assert states == [(V, ["a"]), (E, []), (V, ["b"]), (V, ["c"]), (A, [])]
    assert count(labels, LABEL) == 4


def test_a_repeating_group_is_read_up_to_the_last_of_it():
    level = needs([ROWS])
    assert level.last == 0x601E0010
    assert sorted(level.plain) == [0x60000010 + (number << 17) for number in range(16)]


# Counts and positions -----------------------------------------------------------------------------


def count(elements, field, encoding=EXPLICIT):
    counted = replace(field, type=ValueType.DECIMAL, view=View.COUNT)
    state, (number,) = seen(elements, counted, encoding)
    assert state is V
    assert isinstance(number, Decimal)
    return number


TAG = 0x00281101


@pytest.mark.parametrize(
    ("vr", "sent", "raw", "number"),
    [
        ("CS", "CS", b"", 0),
        ("CS", "CS", b"\\", 0),
        ("CS", "CS", b" \\ ", 0),
        ("CS", "CS", b"A ", 1),
        ("CS", "CS", b"A\\\\B ", 3),
        ("CS", "CS", b"A\\ ", 2),
        ("ST", "ST", b"a\\b ", 1),
        ("DS", "DS", b"1\\x\\2 ", 3),  # invalid: after splitting
        ("DS", "DS", b"1\\\\x", 3),
        ("DS", "OB", b"1\\2\\3 ", 1),
        ("DS", "US", b"\1\0\2\0", 2),
        ("DA", "DA", b"20260131\\", 2),
        ("US", "US", b"\1\0\2\0", 2),
        ("US", "US", b"\1\0\2", 1),
        ("FL", "FL", struct.pack("<2f", 1, float("nan")), 2),
        ("AT", "AT", b"\1\0\2\0" * 3, 3),
        ("AT", "AT", b"\1\0\2\0\1\0", 1),
        ("OB", "OB", b"abcdef", 1),
        ("OW", "OW", b"", 0),
        ("OB or OW", "OW", b"ab", 1),
        ("UN", "UN", b"a\\b ", 1),
        ("UN", "LO", b"a\\b ", 2),
        ("UN", "US", b"\1\0\2\0", 2),
        ("PN", "PN", b"a\\^\\b ", 3),
        ("PN", "PN", b"^\\^", 0),
        ("SQ", "OB", b"12345678", 0),
        ("LO", "SQ", b"12345678", 1),
    ],
)
def test_counts(vr, sent, raw, number):
    assert count([Raw(TAG, sent, raw)], element(TAG, vr)) == number
    assert count([], element(TAG, vr)) == 0


@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("defined", [True, False])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_items_are_counted(encoding, defined, number):
    raw = Raw(TAG, "SQ", Series((Item((Raw(TAG, "LO", b"ab"),), defined),) * number, defined))
    assert count([raw], element(TAG, "SQ"), encoding) == number
    if encoding is not IMPLICIT:  # of a field without a VR of its own: as it was sent
        assert count([raw], element(TAG, "UN"), encoding) == number


def test_items_of_an_unknown_are_counted_where_a_sequence_is_expected():
    raw = Raw(TAG, "UN", Series((Item(), Item()), defined=False))
    assert count([raw], element(TAG, "SQ")) == 2
    assert count([raw], element(TAG, "UN")) == 1
    assert count([raw], element(TAG, "LO")) == 1


@pytest.mark.parametrize(
    ("vr", "sent", "raw", "found"),
    [
        ("CS", "CS", b"A\\\\B ", [(V, ["A"]), (E, []), (V, ["B"]), (A, [])]),
        ("CS", "CS", b"\\", [(A, []), (A, [])]),
        ("CS", "CS", b"", [(A, [])]),
        ("CS", "OB", b"A\\B ", [(X, []), (A, [])]),
        ("DS", "DS", b"1\\\\x", [(X, []), (E, []), (X, []), (A, [])]),
        ("US", "US", b"\1\0\2", [(X, []), (A, [])]),
        ("US", "US", b"\1\0\2\0", [(V, [1]), (V, [2]), (A, [])]),
        ("LT", "LT", b"a\\b ", [(V, ["a\\b"]), (A, [])]),
    ],
)
def test_positions(vr, sent, raw, found):
    for position, expected in enumerate(found, start=1):
        field = replace(element(TAG, vr), position=position)
        assert seen([Raw(TAG, sent, raw)], field) == expected
        states = replace(field, type=ValueType.STATE_ONLY)
        assert seen([Raw(TAG, sent, raw)], states) == (expected[0], [])


def test_positions_of_items():
    raw = Raw(TAG, "SQ", Series((Item(), Item())))
    states = [seen([raw], replace(element(TAG, "SQ"), position=k))[0] for k in (1, 2, 3)]
    assert states == [V, V, A]
