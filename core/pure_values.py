"""From an element to its state and its values, in plain Python.

A transcription of docs/reading.md, sections 5 to 7; numbers in comments are its own.
"""

import calendar
import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from roteiro.core.envelope import UID, member
from roteiro.core.program import (
    Envelope,
    Field,
    Scalar,
    Source,
    State,
    ValueType,
)
from roteiro.core.pure_reader import Element, Reading
from roteiro.core.text import character_set, decode, decode_ascii, text_values
from roteiro.core.vrs import (
    BULK,
    BY_CHARACTER_SET,
    CHARACTER_SET,
    CLASSES,
    NUMBERS,
    PIXEL_REPRESENTATION,
    TEXT,
    WHOLE,
    default_vr,
    expected,
)


class Looked(NamedTuple):
    """What a field is in one object; values are the non-empty ones when it is valued."""

    state: State
    values: tuple[Scalar, ...] = ()


ABSENT = Looked(State.ABSENT)
EMPTY = Looked(State.EMPTY)
INVALID = Looked(State.INVALID)
VALUED = Looked(State.VALUED)
"""Valued, of a kind that has nothing to compare."""


def look_up(field: Field, reading: Reading, envelope: Envelope) -> Looked:
    """Give the state and the values of a field."""
    if field.source is Source.ENVELOPE:
        state, value = member(envelope, field.name)
        return Looked(state, () if value is None else (value,))
    element = reading.elements.get(field.tag)
    if element is None:
        return ABSENT
    if not element.value and not element.items:  # 5.1
        return EMPTY
    return _decoded(field, element, reading)


def _decoded(field: Field, element: Element, reading: Reading) -> Looked:
    sent = _sent(field, element, reading)
    classes = expected(field)
    if CLASSES.get(sent) not in classes:  # 5.2; a VR that nobody knows is of no class
        return INVALID
    if element.items is not None:  # 5.3
        return VALUED if classes & {"SQ", "bulk"} else INVALID
    big = element.big and element.vr != "UN"
    if sent in TEXT:
        vr = field.vr if field.vr in TEXT else sent
        return _characters(vr, _text(field.vr, vr, element.value, reading))
    if sent in NUMBERS:
        return _numbers(sent, element.value, big=big)
    return _other(sent, element.value, big=big)


def _sent(field: Field, element: Element, reading: Reading) -> str:
    if element.vr not in ("", "UN"):
        return element.vr
    return default_vr(field.vr, signed=" or " in field.vr and _is_signed(reading))


def _is_signed(reading: Reading) -> bool:
    field = Field(Source.ELEMENT, ValueType.DECIMAL, PIXEL_REPRESENTATION, "US")
    looked = look_up(field, reading, Envelope())
    return looked.state is State.VALUED and looked.values[0] == 1


def _other(sent: str, value: bytes, *, big: bool) -> Looked:
    if sent == "SQ":
        item = b"\xff\xfe\xe0\x00" if big else b"\xfe\xff\x00\xe0"
        return VALUED if len(value) >= 8 and value.startswith(item) else INVALID
    if sent == "AT":
        return INVALID if len(value) % 4 else VALUED
    if sent in PARSERS:
        return _characters(sent, decode_ascii(value))
    return VALUED if sent in BULK else INVALID


def _numbers(vr: str, data: bytes, *, big: bool) -> Looked:
    code = NUMBERS[vr]
    size = struct.calcsize(f"={code}")
    if len(data) % size:
        return INVALID
    numbers = struct.unpack(f"{'>' if big else '<'}{len(data) // size}{code}", data)
    if not all(map(math.isfinite, numbers)):
        return INVALID
    return Looked(State.VALUED, tuple(map(Decimal, numbers)))


def _text(dictionary: str, vr: str, data: bytes, reading: Reading) -> str:
    if dictionary not in BY_CHARACTER_SET:  # 6.1: also of a text sent for an UN
        return decode_ascii(data)
    return decode(data, _character_set(reading), vr, split=vr not in WHOLE)


def _character_set(reading: Reading) -> tuple[str, ...]:
    """6.2: all values of Specific Character Set, empty ones too; none when it has no state."""
    element = reading.elements.get(CHARACTER_SET)
    if element is None or element.items is not None:
        return ()
    if element.vr not in ("", "UN") and element.vr not in TEXT:
        return ()
    return character_set(element.value)


def _characters(vr: str, text: str) -> Looked:
    """Split, strip and decode the values of a character VR."""
    values = text_values(vr, text)
    if not values:
        return EMPTY
    parse = PARSERS.get(vr)
    if parse is None:
        return Looked(State.VALUED, tuple(values))
    parsed = tuple(parse(value) for value in values)
    known = tuple(value for value in parsed if value is not None)
    return Looked(State.VALUED, known) if len(known) == len(parsed) else INVALID


DECIMAL = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE]([+-]?)([0-9]+))?", re.ASCII)
DATE = re.compile(r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})", re.ASCII)
CLOCK = r"([01][0-9]|2[0-3])"
SIXTY = r"([0-5][0-9])"
SECOND = r"([0-5][0-9]|60)(?:\.([0-9]{1,6}))?"
TIME = re.compile(f"{CLOCK}(?:{SIXTY}(?:{SECOND})?)?", re.ASCII)
TIME_WITH_COLONS = re.compile(f"{CLOCK}:{SIXTY}:{SECOND}", re.ASCII)
INSTANT = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:" + TIME.pattern + r")?)?)?"
    r"(?:[+-](?:0[0-9]|1[0-4])[0-5][0-9])?",
    re.ASCII,
)
AGE = re.compile(r"[0-9]{1,3}[DWMY]", re.ASCII)
EXPONENT_DIGITS = 9


def _decimal(text: str) -> Decimal | None:
    """7.2."""
    found = DECIMAL.fullmatch(text)
    if found is None:
        return None
    mantissa, sign, exponent = found.groups()
    if exponent is None:
        return Decimal(mantissa)
    digits = exponent.lstrip("0") or "0"
    return Decimal(f"{mantissa}e{sign}{digits}") if len(digits) <= EXPONENT_DIGITS else None


def _day(year: str, month: str, day: str) -> int | None:
    numbers = int(year), int(month), int(day)
    if numbers[0] < 1 or not 1 <= numbers[1] <= 12:
        return None
    if not 1 <= numbers[2] <= calendar.monthrange(*numbers[:2])[1]:
        return None
    return numbers[0] * 10_000 + numbers[1] * 100 + numbers[2]


def _date(text: str) -> int | None:
    """7.3."""
    found = DATE.fullmatch(text)
    return _day(found[1], found[3], found[4]) if found else None


def _time(text: str) -> int | None:
    """7.4."""
    found = TIME.fullmatch(text) or TIME_WITH_COLONS.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction = (part or "0" for part in found.groups())
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    return seconds * 1_000_000 + int(fraction.ljust(6, "0"))


def _instant(text: str) -> str | None:
    """7.5; only its state is asked."""
    found = INSTANT.fullmatch(text)
    if found is None:
        return None
    return text if _day(found[1], found[2] or "01", found[3] or "01") else None


def _age(text: str) -> str | None:
    """7.6; only its state is asked."""
    return text if AGE.fullmatch(text) else None


def _uid(text: str) -> str | None:
    """7.7."""
    return text if UID.fullmatch(text) else None


PARSERS: dict[str, Callable[[str], Scalar | None]] = {
    "DS": _decimal,
    "IS": _decimal,
    "DA": _date,
    "TM": _time,
    "DT": _instant,
    "AS": _age,
    "UI": _uid,
}
