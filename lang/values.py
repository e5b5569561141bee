"""From an element, or a member of the envelope, to its state and typed values.

Transcribes sections 5, 7 and 8 of docs/reading.md, to which the numbers in comments refer, and
`language.md` 2c (elements, normalisation) and 2e (reading values).
"""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from ipaddress import IPv4Address, ip_address
from unicodedata import normalize

from roteiro.core.program import Envelope, Field, Scalar, Source, State, ValueType
from roteiro.lang.charset import Charset, ascii_text
from roteiro.lang.elements import BULK, ITEM, Element

CHARACTER_SET = 0x00080005
PIXEL_REPRESENTATION = 0x00280103

TEXT = frozenset(("AE", "CS", "SH", "LO", "ST", "LT", "UC", "UT", "UR", "PN"))
CHARSET_VRS = frozenset(("SH", "LO", "UC", "ST", "LT", "UT", "PN"))
"""VRs to which Specific Character Set applies (2f.0)."""
UNSPLIT = frozenset(("ST", "LT", "UT", "UR"))
"""VRs that are one value whatever they hold (PS3.5 6.4)."""
BOTH_ENDS = frozenset(("AE", "CS", "SH", "LO", "PN", "DS", "IS"))
"""VRs whose values lose leading spaces too (2c, normalisation)."""
NUMBERS = {
    "US": ("H", 2),
    "SS": ("h", 2),
    "UL": ("I", 4),
    "SL": ("i", 4),
    "UV": ("Q", 8),
    "SV": ("q", 8),
    "FL": ("f", 4),
    "FD": ("d", 8),
}
"""Binary numbers: how `struct` reads one, and its size."""


@dataclass(frozen=True, slots=True)
class Value:
    """One state and, when it is valued, the non-empty values V (none of a state-only field)."""

    state: State
    values: tuple[Scalar, ...] = ()


ABSENT = Value(State.ABSENT)
EMPTY = Value(State.EMPTY)
INVALID = Value(State.INVALID)
VALUED = Value(State.VALUED)


class Undecodable(Exception):  # noqa: N818  it says what the text is
    """A non-empty value is no value of its VR."""


# Values of one text -----------------------------------------------------------------------------


def text(value: str) -> str:
    """Give text as it is: it is never invalid (7.1)."""
    return value


DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?)([0-9]+))?")
EXPONENT_LIMIT = 999_999_999


def decimal(value: str) -> Decimal:
    """Decode DS and IS, exactly (7.2)."""
    match = DECIMAL.fullmatch(value)
    if match is None:
        raise Undecodable
    exponent = (match[2] or "").lstrip("0")
    if len(exponent) > len(str(EXPONENT_LIMIT)):
        raise Undecodable
    return Decimal(value)


DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})|([0-9]{4})\.([0-9]{2})\.([0-9]{2})")


def day(value: str) -> int:
    """Decode DA to yyyymmdd (7.3)."""
    match = DATE.fullmatch(value)
    if match is None:
        raise Undecodable
    year, month, number = (int(part) for part in match.groups() if part is not None)
    check_day(year, month, number)
    return year * 10_000 + month * 100 + number


def check_day(year: int, month: int, number: int) -> None:
    """Refuse a day that is in no calendar."""
    try:
        date(year, month, number)
    except ValueError:
        raise Undecodable from None


SECOND = 1_000_000  # microseconds
CLOCK = re.compile(
    r"(?P<h>[0-9]{2})(?:(?P<m>[0-9]{2})(?:(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,6}))?)?)?"
)
CLOCK_COLONS = re.compile(
    r"(?P<h>[0-9]{2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,6}))?"
)


def clock(value: str) -> int:
    """Decode TM to microseconds since midnight (7.4)."""
    match = CLOCK.fullmatch(value) or CLOCK_COLONS.fullmatch(value)
    if match is None:
        raise Undecodable
    hours, minutes, seconds = (int(match[part] or 0) for part in "hms")
    if hours > 23 or minutes > 59 or seconds > 60:
        raise Undecodable
    fraction = int((match["f"] or "").ljust(6, "0"))
    return ((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction


INSTANT = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})([0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:\.[0-9]{1,6})?)?)?)?)?)?"
    r"(?:[+-]([0-9]{2})([0-9]{2}))?"
)


def instant(value: str) -> int:
    """Check DT; its values are not compared in this version (7.5)."""
    match = INSTANT.fullmatch(value)
    if match is None:
        raise Undecodable
    year, month, number, time, hours, minutes = match.groups()
    check_day(int(year), int(month or 1), int(number or 1))
    if time is not None:
        clock(time)
    if int(hours or 0) > 14 or int(minutes or 0) > 59:
        raise Undecodable
    return 0


AGE = re.compile(r"[0-9]{1,3}[DWMY]")


def age(value: str) -> int:
    """Check AS; its values are not compared in this version (7.6)."""
    if AGE.fullmatch(value) is None:
        raise Undecodable
    return 0


UID = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def uid(value: str) -> str:
    """Check a UID: digits and dots, no empty arc (7.7)."""
    if UID.fullmatch(value) is None:
        raise Undecodable
    return value


DECODERS: dict[str, Callable[[str], Scalar]] = {
    **dict.fromkeys(TEXT, text),
    "DS": decimal,
    "IS": decimal,
    "DA": day,
    "TM": clock,
    "DT": instant,
    "AS": age,
    "UI": uid,
}
"""The character VRs and how one non-empty value of them is decoded."""


# Elements ---------------------------------------------------------------------------------------


CLASSES = {
    **dict.fromkeys(TEXT, "text"),
    **dict.fromkeys(("DS", "IS", *NUMBERS), "decimal"),
    **dict.fromkeys(BULK, "bulk"),
    **{vr: vr for vr in ("DA", "TM", "UI", "DT", "AS", "AT", "SQ")},
}
"""What a VR decodes to (5)."""
EXPECTED = {
    ValueType.TEXT: "text",
    ValueType.DECIMAL: "decimal",
    ValueType.DATE: "DA",
    ValueType.TIME: "TM",
    ValueType.UID: "UI",
}
"""The class that a typed field wants (5)."""


def needs(fields: Mapping[int, str]) -> dict[int, str]:
    """Add to the tested tags (with their dictionary VRs) those that decoding needs (1)."""
    tested = dict(fields)
    if any(vr in CHARSET_VRS for vr in fields.values()):
        tested.setdefault(CHARACTER_SET, "CS")
    if any("US or SS" in vr for vr in fields.values()):
        tested.setdefault(PIXEL_REPRESENTATION, "US")
    return tested


@dataclass(frozen=True, slots=True)
class Elements:
    """The tested elements of one data set, and what decoding takes from them."""

    found: Mapping[int, Element]

    def value(self, field: Field) -> Value:
        """Give the state and the values of a field."""
        element = self.found.get(field.tag)
        if element is None:
            return ABSENT
        if element.value == b"" and not element.items:
            return EMPTY
        vr = self.sent_vr(element, field.vr)
        if CLASSES.get(vr) not in expected(field):
            return INVALID
        if element.items is not None:  # 5.3
            return VALUED if {"SQ", "bulk"} & expected(field) else INVALID
        return self.decoded(element, vr, field)

    def sent_vr(self, element: Element, dictionary: str) -> str:
        """Give the VR that was sent, or the dictionary's where none was (5)."""
        if element.vr is not None and element.vr != "UN":
            return element.vr
        if "US or SS" in dictionary:
            return "SS" if self.signed else "US"
        return "OW" if dictionary == "OB or OW" else dictionary.split(" or ", maxsplit=1)[0]

    @property
    def signed(self) -> bool:
        """Whether pixels are signed: what `US or SS` means where no VR is sent (2e)."""
        field = Field(Source.ELEMENT, ValueType.DECIMAL, PIXEL_REPRESENTATION, "US")
        return self.value(field).values[:1] == (1,)

    @property
    def charset(self) -> Charset:
        """Specific Character Set; what is absent, empty or invalid is one empty term (6.2)."""
        element = self.found.get(CHARACTER_SET)
        field = Field(Source.ELEMENT, ValueType.TEXT, CHARACTER_SET, "CS")
        if element is None or self.value(field).state != State.VALUED:
            return Charset()
        return Charset(tuple(split(ascii_text(element.value), "CS")))

    def decoded(self, element: Element, vr: str, field: Field) -> Value:
        """Decode a defined, non-zero length (5.4)."""
        little = not element.big or element.vr == "UN"
        match CLASSES[vr]:
            case "bulk":
                return VALUED
            case "SQ":
                return VALUED if begins_with_item(element.value, little=little) else INVALID
            case "AT":
                return VALUED if len(element.value) % 4 == 0 else INVALID
            case "text":
                vr = field.vr if field.vr in TEXT else vr
        if vr in NUMBERS:
            return binary(element.value, vr, field, little=little)
        return self.characters(element.value, vr, field)

    def characters(self, raw: bytes, vr: str, field: Field) -> Value:
        """Decode a character VR (6)."""
        values = [value for value in split(self.decode(raw, vr), vr) if not is_empty(value, vr)]
        if not values:
            return EMPTY
        try:
            return valued(field, tuple(DECODERS[vr](value) for value in values))
        except Undecodable:
            return INVALID

    def decode(self, raw: bytes, vr: str) -> str:
        """Give the text of an element, before it is split (6.1)."""
        if vr not in CHARSET_VRS:
            return ascii_text(raw)
        delimiters = "" if vr in UNSPLIT else "\\^=" if vr == "PN" else "\\"
        return self.charset.decode(raw, delimiters)


def expected(field: Field) -> set[str]:
    """Give the classes that a field takes (5)."""
    if field.type in EXPECTED:
        return {EXPECTED[field.type]}
    if field.vr == "UN":
        return set(CLASSES.values())
    return {CLASSES[vr] for vr in field.vr.split(" or ")}


def valued(field: Field, values: tuple[Scalar, ...]) -> Value:
    """Make a valued element; of a state-only field nothing but the state is asked."""
    return VALUED if field.type is ValueType.STATE_ONLY else Value(State.VALUED, values)


def split(value: str, vr: str) -> list[str]:
    """Split a decoded element and strip each value (6.10)."""
    values = [value] if vr in UNSPLIT else value.split("\\")
    stripped = [value.rstrip(" \0") for value in values]
    return [value.lstrip(" ") for value in stripped] if vr in BOTH_ENDS else stripped


def is_empty(value: str, vr: str) -> bool:
    """Say whether a stripped value is empty; a name of delimiters only is (2e)."""
    return value.strip(" ^=") == "" if vr == "PN" else value == ""


def begins_with_item(raw: bytes, *, little: bool) -> bool:
    """Say whether a sequence of defined length has an item (5.4)."""
    order = "<HH" if little else ">HH"
    return len(raw) >= 8 and struct.unpack(order, raw[:4]) == (ITEM >> 16, ITEM & 0xFFFF)


def binary(raw: bytes, vr: str, field: Field, *, little: bool) -> Value:
    """Decode binary numbers (5.4)."""
    letter, size = NUMBERS[vr]
    if len(raw) % size != 0:
        return INVALID
    numbers = struct.unpack(f"{'<' if little else '>'}{len(raw) // size}{letter}", raw)
    values = tuple(Decimal(number) for number in numbers)
    if not all(value.is_finite() for value in values):
        return INVALID
    return valued(field, values)


# The envelope -----------------------------------------------------------------------------------


def address(value: str) -> int:
    """Decode an IP address; IPv4 as ::ffff:a.b.c.d (8)."""
    try:
        parsed = ip_address(value.split("%", maxsplit=1)[0])
    except ValueError:
        raise Undecodable from None
    return int(parsed) + (0xFFFF << 32 if isinstance(parsed, IPv4Address) else 0)


TITLES = frozenset(("calling_ae", "called_ae"))
ENVELOPE: dict[ValueType, Callable[[str], Scalar]] = {
    ValueType.TEXT: text,
    ValueType.UID: uid,
    ValueType.ADDRESS: address,
}


def member(field: Field, envelope: Envelope) -> Value:
    """Give the state and the value of a member of the envelope (8)."""
    given = getattr(envelope, field.name)
    if given is None:
        return ABSENT
    if isinstance(given, int):
        return Value(State.VALUED, (Decimal(given),))
    value = normalize("NFC", given)
    if field.type is ValueType.UID:
        value = value.rstrip(" \0")
    elif field.name in TITLES:
        value = value.strip(" \0")
    if value == "":
        return EMPTY
    try:
        return Value(State.VALUED, (ENVELOPE[field.type](value),))
    except Undecodable:
        return INVALID
