"""Literals that no valid value can match (RT121), by the VR's limits (PS3.5 6.2)."""

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from functools import cache

from roteiro.core.program import Field, Interval, Scalar, ValueType, View
from roteiro.core.program import Source as Place
from roteiro.lang import dictionary
from roteiro.lang.attributes import vr_of
from roteiro.lang.literals import EQUAL, Placed, Values
from roteiro.lang.messages import Phrase
from roteiro.lang.report import phrase
from roteiro.lang.source import Span

LENGTHS = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "ST": 1024, "LT": 10240}
"""Characters of one value at most."""
LARGEST_UID = 64
"""Characters of a UID at most."""
SPLIT = frozenset(("AE", "CS", "SH", "LO", "UC"))
"""Text VRs whose values are separated by a backslash."""
STRIPPED = frozenset(("AE", "CS", "SH", "LO"))
"""Text VRs whose leading spaces do not count."""
ASCII = frozenset(("AE", "CS", "UR"))
"""Text VRs without other characters, whatever the object's character set."""
CODE_STRING = re.compile(r"[A-Z0-9_ ]*\Z")
CONTROLS = re.compile(r"[\x00-\x1a\x1c-\x1f\x7f]")
"""Control characters, ESC left out: it begins what is no character."""
NAME_LENGTH, NAME_GROUPS, NAME_COMPONENTS = 64, 3, 5
LAST_EXPANDED = 0xFB18
"""No character from here on becomes more than one when its case is folded."""
RANGES = {
    "US": (0, 2**16 - 1),
    "SS": (-(2**15), 2**15 - 1),
    "US or SS": (-(2**15), 2**16 - 1),
    "UL": (0, 2**32 - 1),
    "SL": (-(2**31), 2**31 - 1),
    "UV": (0, 2**64 - 1),
    "SV": (-(2**63), 2**63 - 1),
    "IS": (-(2**31), 2**31 - 1),
}
FLOATS = frozenset(("FL", "FD"))
DECIMAL_STRING = 16
"""Characters of a DS at most."""
ROLES = {
    "sop_class": frozenset(("SOP Class", "Meta SOP Class")),
    "transfer_syntax": frozenset(("Transfer Syntax",)),
    "SOPClassUID": frozenset(("SOP Class", "Meta SOP Class")),
    "ReferencedSOPClassUID": frozenset(("SOP Class", "Meta SOP Class")),
    "TransferSyntaxUID": frozenset(("Transfer Syntax",)),
}
"""What the UIDs of these are, as the dictionary says it."""

Reason = tuple[Span, str, Phrase]
"""A place, what stands there when that is a text, and why no value matches it."""


def reasons(values: Values, field: Field, operator: str) -> Iterator[Reason]:
    """Give the literals that no valid value can match."""
    for placed in values.scalars:
        why = of_scalar(placed, field, operator)
        if why is not None:
            yield placed.span, "" if placed.folded else str(placed.value), why
    for between in values.ranges:
        why = of_interval(between.value, field)
        if why is not None:
            yield between.span, "", why


def of_scalar(placed: Placed[Scalar], field: Field, operator: str) -> Phrase | None:
    """Say why no value stands in an operator's relation to a literal."""
    value = placed.value
    if isinstance(value, Decimal):
        return of_number_asked(value, field, operator)
    if not isinstance(value, str):
        return None
    if field.type is ValueType.UID:
        return of_uid(value, field, operator)
    if field.vr == "PN":
        return of_person(value, field, operator)
    if placed.folded:
        return of_folded(value, field, operator)
    return of_text(value, field, operator)


# Texts ------------------------------------------------------------------------------------------


def of_text(value: str, field: Field, operator: str, length: int | None = None) -> Phrase | None:
    """Say why a text cannot match a value of a VR; `None` when it can.

    `length` is that of the shortest value it may stand for, when that is not its own.
    """
    vr = vr_of(field)
    if field.type is not ValueType.TEXT or not vr:
        return None
    if operator in EQUAL and value != (value.strip(" ") if vr in STRIPPED else value.rstrip(" ")):
        return phrase("reason_spaces")
    if vr in SPLIT and "\\" in value:
        return phrase("reason_backslash")
    length = len(value) if length is None else length
    if operator != "like" and length > LENGTHS.get(vr, length):
        return phrase("reason_length", vr=vr, most=LENGTHS[vr])
    return of_characters(re.sub(r"[*?]", "", value) if operator == "like" else value, vr)


def of_folded(value: str, field: Field, operator: str) -> Phrase | None:
    """Say why a text whose case was folded cannot match; its values may be shorter than it is."""
    length = len(value)
    if operator != "like" and length > LENGTHS.get(vr_of(field), length):
        length = least_length(value)
    return of_text(value.upper() if field.vr == "CS" else value, field, operator, length)


@cache
def expansions() -> frozenset[str]:
    """Give what single characters become, by case folding, that is more than one."""
    folded = (chr(point).casefold() for point in range(LAST_EXPANDED))
    return frozenset(text for text in folded if len(text) > 1)


def least_length(folded: str) -> int:
    """Give the length of the shortest text that is folded to this one."""
    least = [0]
    for end in range(1, len(folded) + 1):
        ways = [least[end - 1]]
        ways += [least[end - len(one)] for one in expansions() if folded.endswith(one, 0, end)]
        least.append(1 + min(ways))
    return least[-1]


def of_characters(letters: str, vr: str) -> Phrase | None:
    """Say which characters a VR has not."""
    if vr == "CS" and not CODE_STRING.match(letters):
        return phrase("reason_code_string")
    if vr in ASCII and not letters.isascii():
        return phrase("reason_ascii", vr=vr)
    if vr in SPLIT and CONTROLS.search(letters):
        return phrase("reason_control", vr=vr)
    return None


def of_person(value: str, field: Field, operator: str) -> Phrase | None:
    """Say why a text cannot match a person name, or the part of one that is asked."""
    groups = value.split("=")
    components = max(group.count("^") for group in groups) + 1
    part = field.component
    if "\\" in value:
        return phrase("reason_backslash")
    if len(groups) > (1 if part else NAME_GROUPS):
        return phrase("reason_group" if part else "reason_groups")
    if components > (1 if "." in part else NAME_COMPONENTS):
        return phrase("reason_component" if "." in part else "reason_components")
    if operator != "like" and any(is_too_long(group) for group in groups):
        return phrase("reason_length", vr="PN", most=NAME_LENGTH)
    if "." in part and operator in EQUAL and value != value.strip(" "):
        return phrase("reason_spaces")
    return phrase("reason_control", vr="PN") if CONTROLS.search(value) else None


def is_too_long(group: str) -> bool:
    """Whether no group of a name is folded to this one."""
    return len(group) > NAME_LENGTH and least_length(group) > NAME_LENGTH


def of_uid(value: str, field: Field, operator: str) -> Phrase | None:
    """Say why a UID is too long, or of another sort than what it is compared with."""
    if len(value) > LARGEST_UID:
        return phrase("reason_length", vr="UI", most=LARGEST_UID)
    wanted = ROLES.get(field.name) if operator != "under" else None
    found = dictionary.uid_type(value) if wanted else None
    if wanted is None or found is None or found in wanted:
        return None
    key = "reason_no_syntax" if "Transfer Syntax" in wanted else "reason_no_class"
    return phrase(key)


# Numbers ----------------------------------------------------------------------------------------


def of_number_asked(value: Decimal, field: Field, operator: str) -> Phrase | None:
    """Say why no number stands in an operator's relation to another."""
    if operator in EQUAL:
        if field.view is not View.VALUES:
            return of_whole(value, *limits(field))
        return of_number(value, vr_of(field))
    low, high = limits(field)
    least, most = {
        "<": (None, below(value)),
        "<=": (None, value),
        ">": (above(value), None),
        ">=": (value, None),
    }[operator]
    return outside(least, most, low, high)


def of_number(value: Decimal, vr: str) -> Phrase | None:
    """Say why a number cannot equal a value of a VR; `None` when it can."""
    if vr in RANGES:
        low, high = RANGES[vr]
        if value != value.to_integral_value():
            return phrase("reason_integer", vr=vr)
        if not low <= value <= high:
            return phrase("reason_range", vr=vr, low=low, high=high)
    if vr in FLOATS and not is_float(value, vr):
        return phrase("reason_float", vr=vr)
    if vr == "DS" and shortest(value) > DECIMAL_STRING:
        return phrase("reason_decimal_string", most=DECIMAL_STRING)
    return None


def of_whole(value: Decimal, low: int | None, high: int | None) -> Phrase | None:
    """Say why a number is no count."""
    if value != value.to_integral_value():
        return phrase("reason_whole")
    return outside(value, value, low, high)


def of_interval(interval: Interval, field: Field) -> Phrase | None:
    """Say why no number lies between two others."""
    if field.type is not ValueType.DECIMAL:
        return None
    least, most = interval.low, interval.high
    if not isinstance(least, Decimal) or not isinstance(most, Decimal):
        return None
    low, high = limits(field)
    whole = field.view is not View.VALUES or field.vr in RANGES
    if whole and least.to_integral_value(ROUND_CEILING) > most.to_integral_value(ROUND_FLOOR):
        return phrase("reason_no_integer")
    return outside(least, most, low, high)


def limits(field: Field) -> tuple[int | None, int | None]:
    """Give the least and the largest number that a field may have."""
    if field.view is View.COUNT or (field.source is Place.ENVELOPE and field.name == "size"):
        return 0, None
    if field.view is View.DAYS_SINCE:
        return None, None
    return RANGES.get(vr_of(field), (None, None))


def below(value: Decimal) -> Decimal:
    """Give the largest integer below a number."""
    return value.to_integral_value(ROUND_CEILING) - 1


def above(value: Decimal) -> Decimal:
    """Give the least integer above a number."""
    return value.to_integral_value(ROUND_FLOOR) + 1


def outside(
    least: Decimal | None, most: Decimal | None, low: int | None, high: int | None
) -> Phrase | None:
    """Say that what is asked for, from `least` to `most`, lies outside what there is."""
    if low is not None and most is not None and most < low:
        return phrase("reason_below", low=low)
    if high is not None and least is not None and least > high:
        return phrase("reason_above", high=high)
    return None


def is_float(value: Decimal, vr: str) -> bool:
    """Whether a number is exactly a binary float of the VR's size."""
    fraction = Fraction(value)
    bits = 24 if vr == "FL" else 53
    odd = abs(fraction.numerator)
    odd //= (odd & -odd) or 1
    return fraction.denominator & (fraction.denominator - 1) == 0 and odd.bit_length() <= bits


def shortest(value: Decimal) -> int:
    """Give the characters of the shortest DS that stands for a number."""
    sign, all_digits, all_exponent = value.as_tuple()
    assert isinstance(all_exponent, int)
    digits = "".join(map(str, all_digits)).rstrip("0")
    if not digits:
        return 1 + sign
    exponent = all_exponent + len(all_digits) - len(digits)
    zeros = max(0, -exponent - len(digits))
    plain = len(digits) + (exponent if exponent >= 0 else zeros + 1)
    scientific = len(digits) + 1 + len(str(exponent))
    return sign + (min(plain, scientific) if exponent else len(digits))


# Mending ----------------------------------------------------------------------------------------


def mended(value: str, field: Field, operator: str) -> str | None:
    """Give a text that was probably meant: in capitals, or without spaces around it."""
    meant = value.strip(" ")
    if field.vr == "CS":
        meant = meant.upper()
    plain = meant.isprintable() and not set(meant) & {'"', "\\"}
    possible = plain and meant and meant != value and of_text(meant, field, operator) is None
    return f'"{meant}"' if possible else None
