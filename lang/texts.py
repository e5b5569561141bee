"""Values of character VRs: text, numbers, UIDs, and the table of all of them (reading.md 6, 7)."""

import re
from collections.abc import Callable
from decimal import Decimal

from roteiro.core.program import Scalar
from roteiro.lang.moments import Undecodable, age, clock, day
from roteiro.lang.vrs import BOTH_ENDS, TEXT, UNSPLIT


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
    "AS": age,
    "UI": uid,
}
"""The character VRs but DT, and how one non-empty value of them is decoded."""


def split(value: str, vr: str) -> list[str]:
    """Split a decoded element and strip each value (6.10)."""
    values = [value] if vr in UNSPLIT else value.split("\\")
    stripped = [value.rstrip(" \0") for value in values]
    return [value.lstrip(" ") for value in stripped] if vr in BOTH_ENDS else stripped
