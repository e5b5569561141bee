"""Specific Character Set (docs/reading.md 6), with pydicom as a second opinion on sound text."""

import warnings
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import convert_encodings, decode_bytes, encode_string

from roteiro.lang.charset import CODECS, Charset

LOST = "\ufffd"
ESC = b"\x1b"


def decode(terms, raw, delimiters="\\"):
    return Charset(tuple(terms.split("\\"))).decode(raw, delimiters)


@pytest.mark.parametrize(
    ("terms", "raw", "text"),
    [
        ("", b"M\xfcller", f"M{LOST}ller"),  # Latin-1 is never guessed
        ("ISO_IR 6", b"M\xfcller", f"M{LOST}ller"),
        ("ISO_IR 999", b"M\xfcller", f"M{LOST}ller"),
        ("iso_ir 100", b"M\xfcller", f"M{LOST}ller"),
        ("ISO_IR 100", b"M\xfcller", "M\u00fcller"),
        ("ISO_IR 101", b"\xa3\xf3d\xbc", "\u0141\u00f3d\u017a"),
        ("ISO_IR 144", b"\xbb\xee\xda", "\u041b\u044e\u043a"),
        ("ISO_IR 127", b"\xe2\xc8", "\u0642\u0628"),
        ("ISO_IR 126", b"\xc4\xe9\xef", "\u0394\u03b9\u03bf"),
        ("ISO_IR 138", b"\xf9\xf8", "\u05e9\u05e8"),
        ("ISO_IR 148", b"\xd0\xfe", "\u011e\u015f"),
        ("ISO_IR 203", b"\xa4\xbd", "\u20ac\u0153"),
        ("ISO_IR 166", b"\xb9\xd2", "\u0e19\u0e32"),
        ("ISO_IR 192", "M\u00fc\u5c71".encode(), "M\u00fc\u5c71"),
        ("ISO_IR 192", b"a\xe5\xb1b\xff", f"a{LOST}{LOST}b{LOST}"),  # one for each byte
        ("ISO_IR 192", b"\xc0\xaf\xed\xa0\x80", LOST * 5),  # overlong, surrogate
        ("ISO_IR 192", b"e\xcc\x81", "\u00e9"),  # NFC
        ("GB18030", b"\xcd\xf5\x81\x30\x81\x30", "\u738b\u0080"),
        ("GB18030", b"\x81\x30\x81", f"{LOST}0{LOST}"),
        ("GBK", b"\xd1\x5c\x5cA", "\u88d3\\A"),  # 0x5C as a second byte is no delimiter
        ("GBK", b"\xff\xd1", LOST * 2),
        ("ISO_IR 13", b"\xd4\xcf\xc0\xde\\A~\x80\xe0", "\uff94\uff8f\uff80\uff9e\\A~" + LOST * 2),
        ("ISO_IR 109", b"\xa5", LOST),  # a hole of ISO 8859-3
        ("ISO_IR 100", b"A\x1b(BC", "A\x1b(BC"),  # no code extensions, no escapes
        ("", b"A\x1b(BC", "A\x1b(BC"),
    ],
)
def test_one_term(terms, raw, text):
    assert decode(terms, raw) == text


YAMADA = b"\x1b$B;3ED\x1b(B"
HONG = b"\x1b$)C\xfb\xf3"


@pytest.mark.parametrize(
    ("terms", "raw", "text"),
    [
        ("\\ISO 2022 IR 87", b"Yamada^Tarou=" + YAMADA, "Yamada^Tarou=\u5c71\u7530"),
        ("ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf=\x1b$B;3\x1b(J", "\uff94\uff8f=\u5c71"),
        ("\\ISO 2022 IR 149", b"Hong=" + HONG, "Hong=\u6d2a"),
        ("\\ISO 2022 IR 58", b"Z=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1", "Z=\u738b^\u5c0f"),
        ("\\ISO 2022 IR 159", b"\x1b$(D0!\x1b(B", "\u4e02"),
        ("ISO 2022 IR 100\\ISO 2022 IR 144", b"\xfc\x1b-L\xbb\x1b-A\xfc", "\u00fc\u041b\u00fc"),
        ("ISO 2022 IR 100", b"\xfc\x1b(B", "\u00fc"),  # alone, still code extensions
        ("ISO 2022 IR 149", b"\xfb\xf3", "\u6d2a"),  # the first value's right half
        ("ISO_IR 100\\ISO 2022 IR 144", b"\xfc\x1b-L\xbb", "\u00fc\u041b"),
        ("ISO_IR 100\\ISO_IR 144", b"\xfc\x1b-L\xbb", "\u00fc\u041b"),
        ("ISO_IR 192\\ISO 2022 IR 87", "\u5c71\x1b$B".encode(), "\u5c71\x1b$B"),
        ("ISO 2022 IR 6\\GB18030", b"\xcd\xf5", LOST * 2),
        ("nonsense\\ISO 2022 IR 144", b"\x1b-L\xbb", "\u041b"),
    ],
)
def test_several_terms(terms, raw, text):
    assert decode(terms, raw, "\\^=") == text


@pytest.mark.parametrize("control", [b"\r\n", b"\n", b"\f", b"\t", b"\0"])
def test_a_control_character_sets_both_halves_back(control):
    text = decode("\\ISO 2022 IR 149", HONG + control + b"\xfb\xf3", "")
    assert text == "\u6d2a" + control.decode() + LOST * 2
    text = decode("\\ISO 2022 IR 87", b"\x1b$B;3" + control + b";3", "")
    assert text == "\u5c71" + control.decode() + ";3"


def test_delimiters_set_both_halves_back_only_where_they_delimit():
    raw = HONG + b"\\\xfb\xf3"
    assert decode("\\ISO 2022 IR 149", raw, "\\") == "\u6d2a\\" + LOST * 2
    assert decode("\\ISO 2022 IR 149", raw, "") == "\u6d2a\\\u6d2a"
    raw = HONG + b"^\xfb\xf3"
    assert decode("\\ISO 2022 IR 149", raw, "\\") == "\u6d2a^\u6d2a"
    assert decode("\\ISO 2022 IR 149", raw, "\\^=") == "\u6d2a^" + LOST * 2


def test_a_backslash_byte_inside_a_pair_is_no_delimiter():
    assert decode("\\ISO 2022 IR 87", b"\x1b$B\x30\x5c\x1b(B\\A") == "\u79fb\\A"


def test_what_is_not_declared_is_lost():
    assert decode("\\ISO 2022 IR 87", b"\x1b-L\xbb") == f"{LOST}-L{LOST}"
    assert decode("\\ISO 2022 IR 87", b"\x1b") == LOST
    assert decode("\\ISO 2022 IR 87", b"\x1b$") == f"{LOST}$"


def test_a_byte_that_begins_no_pair_and_a_pair_without_a_character():
    assert decode("\\ISO 2022 IR 87", b"\x1b$B;") == LOST
    assert decode("\\ISO 2022 IR 87", b"\x1b$B; 3") == f"{LOST} {LOST}"
    assert decode("\\ISO 2022 IR 87", b"\x1b$B\x7e\x7e") == LOST * 2
    assert decode("\\ISO 2022 IR 149", b"\x1b$)C\xfbA\xa0") == f"{LOST}A{LOST}"


@given(st.sampled_from(["", "ISO_IR 13", "ISO_IR 192", "GBK", "\\ISO 2022 IR 87"]), st.binary())
def test_ascii_survives_and_nothing_raises(terms, raw):
    text = decode(terms, raw)
    assert isinstance(text, str)
    plain = bytes(byte & 0x7F for byte in raw if byte & 0x7F != 0x1B)
    assert decode(terms, plain) == plain.decode("ascii")


SINGLE = [f"ISO_IR {number}" for number in CODECS if number != "203"]  # pydicom lacks 203


@pytest.mark.parametrize("term", [*SINGLE, "ISO_IR 192", "GB18030", "GBK"])
def test_agrees_with_pydicom_on_one_term(term):
    codec = convert_encodings([term])[0]
    for point in range(0x20, 0xFFFF, 1 if term in SINGLE else 7):
        try:
            raw = chr(point).encode(codec)
        except UnicodeEncodeError:
            continue
        opinion = normalize("NFC", decode_bytes(raw, [codec], {"\\"}))
        assert Charset((term,)).decode(raw, "\\") == opinion


SEVERAL = [
    (["", "ISO 2022 IR 87"], "Yamada^\u5c71\u7530"),
    (["ISO 2022 IR 6", "ISO 2022 IR 149"], "Hong^\uae38\ub3d9"),
    (["ISO 2022 IR 100", "ISO 2022 IR 144", "ISO 2022 IR 126"], "D\u00fc^\u041b\u044e^\u0394"),
]


@pytest.mark.parametrize(("terms", "text"), SEVERAL)
def test_agrees_with_pydicom_on_code_extensions(terms, text):
    encodings = convert_encodings(terms)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raw = b"^".join(encode_string(part, encodings) for part in text.split("^"))
    assert Charset(tuple(terms)).decode(raw, "\\^=") == text
