"""Literals that no valid value can match (RT121), by the VR's limits (PS3.5 6.2)."""

import re
from decimal import Decimal
from fractions import Fraction
from unicodedata import normalize

from roteiro.core.program import Field, Scalar, ValueType
from roteiro.lang import nodes
from roteiro.lang.attributes import vr_of, written
from roteiro.lang.literals import Values
from roteiro.lang.report import Report, hint, phrase
from roteiro.lang.source import Span

LENGTHS = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "ST": 1024, "LT": 10240}
"""Characters of one value at most."""
SPLIT = frozenset(("AE", "CS", "SH", "LO", "UC"))
"""Text VRs whose values are separated by a backslash."""
STRIPPED = frozenset(("AE", "CS", "SH", "LO"))
"""Text VRs whose leading spaces do not count."""
CODE_STRING = re.compile(r"[A-Z0-9_ ]*\Z")
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
MOST = 10
"""Findings of one comparison at most."""
EQUAL = frozenset(("==", "in"))


def look(report: Report, node: nodes.Comparison, field: Field, right: Values) -> None:
    """Report values of the right side that no valid value can match."""
    found = 0
    for span, value in placed(node.right, right):
        reason = of_text(value, field, node.operator) if isinstance(value, str) else None
        if isinstance(value, Decimal) and node.operator in EQUAL:
            reason = of_number(value, vr_of(field))
        found += reason is not None
        if reason and found <= MOST:
            report.add(
                "RT121",
                span,
                "impossible",
                help=hint("impossible_help", reason=reason),
                name=written(field),
                vr=vr_of(field),
                value=value,
            )


def placed(right: object, values: Values) -> list[tuple[Span, Scalar]]:
    """Give the literals of a right side with their places; a named set has one place."""
    if isinstance(right, nodes.SetRef):
        return [(right.span, value) for value in values.values]
    elements = right.elements if isinstance(right, nodes.SetLiteral) else (right,)
    texts = [
        (one.span, normalize("NFC", one.value)) for one in elements if isinstance(one, nodes.Text)
    ]
    numbers = [(one.span, one.value) for one in elements if isinstance(one, nodes.Number)]
    return [*texts, *numbers]


def of_text(value: str, field: Field, operator: str) -> str | None:
    """Say why a text cannot match a value of a VR; `None` when it can."""
    vr = vr_of(field)
    if field.type is not ValueType.TEXT or not vr:
        return None
    if operator in EQUAL and value != (value.strip(" ") if vr in STRIPPED else value.rstrip(" ")):
        return phrase("reason_spaces")
    if vr in SPLIT and "\\" in value:
        return phrase("reason_backslash")
    if operator != "like" and len(value) > LENGTHS.get(vr, len(value)):
        return phrase("reason_length", vr=vr, most=LENGTHS[vr])
    letters = re.sub(r"[*?]", "", value) if operator == "like" else value
    if vr == "CS" and not CODE_STRING.match(letters):
        return phrase("reason_code_string")
    return None


def of_number(value: Decimal, vr: str) -> str | None:
    """Say why a number cannot equal a value of a VR; `None` when it can."""
    if vr in RANGES:
        low, high = RANGES[vr]
        if value != value.to_integral_value():
            return phrase("reason_integer", vr=vr)
        if not low <= value <= high:
            return phrase("reason_range", vr=vr, low=low, high=high)
    if vr in FLOATS and not is_float(value, vr):
        return phrase("reason_float", vr=vr)
    return None


def is_float(value: Decimal, vr: str) -> bool:
    """Whether a number is exactly a binary float of the VR's size."""
    fraction = Fraction(value)
    bits = 24 if vr == "FL" else 53
    odd = abs(fraction.numerator)
    odd //= (odd & -odd) or 1
    return fraction.denominator & (fraction.denominator - 1) == 0 and odd.bit_length() <= bits
