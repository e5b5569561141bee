"""Value representations: how they are written, what they decode to (docs/reading.md 2, 5, 6)."""

from roteiro.core.program import Field, ValueType, View

SHORT_NAMES = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
SHORT = frozenset(SHORT_NAMES.split())
"""Explicit VRs with a length of 16 bits (PS3.5 7.1.2); all others have 32."""
SERIES = frozenset(("SQ", "UN", "OB", "OW"))
"""Explicit VRs that may have an undefined length."""
BULK = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
"""VRs whose state needs no value, only its length."""
NOT_READ = BULK | {"SQ"}

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

CLASSES = {
    **dict.fromkeys(TEXT, "text"),
    **dict.fromkeys(("DS", "IS", *NUMBERS), "decimal"),
    **dict.fromkeys(BULK, "bulk"),
    **{vr: vr for vr in ("DA", "TM", "UI", "DT", "AS", "AT", "SQ")},
}
"""What a VR decodes to."""
EXPECTED = {
    ValueType.TEXT: "text",
    ValueType.NAME: "text",
    ValueType.DECIMAL: "decimal",
    ValueType.DATE: "DA",
    ValueType.TIME: "TM",
    ValueType.INSTANT: "DT",
    ValueType.AGE: "AS",
    ValueType.TAG: "AT",
    ValueType.UID: "UI",
    ValueType.SEQUENCE: "SQ",
}
"""The class that a typed field wants."""


def expected(field: Field) -> frozenset[str]:
    """Give the classes that a field takes (5)."""
    if field.view is View.VALUES and field.type in EXPECTED:
        return frozenset((EXPECTED[field.type],))
    if field.vr == "UN":
        return frozenset(CLASSES.values())
    return frozenset(CLASSES[vr] for vr in field.vr.split(" or "))


def default_vr(dictionary: str, *, signed: bool = False) -> str:
    """Choose of the dictionary's alternatives where no VR was sent."""
    if "US or SS" in dictionary:
        return "SS" if signed else "US"
    return "OW" if dictionary == "OB or OW" else dictionary.split(" or ", maxsplit=1)[0]


def sent_vr(vr: str | None, dictionary: str, *, signed: bool = False) -> str:
    """Give the VR that was sent; `UN`, and implicit VR, send none."""
    return default_vr(dictionary, signed=signed) if vr is None or vr == "UN" else vr
