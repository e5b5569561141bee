"""Value representations: how they are sent, what is expected of them (docs/reading.md, 2, 5)."""

from roteiro.core.program import Field, ValueType, View

CHARACTER_SET = 0x00080005
TIMEZONE = 0x00080201
PIXEL_REPRESENTATION = 0x00280103

SHORT = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
"""VRs whose length has 16 bits (PS3.5 7.1.2)."""
SERIES = frozenset(("SQ", "UN", "OB", "OW"))
"""VRs that may have an undefined length."""

TEXT = frozenset(["AE", "CS", "SH", "LO", "ST", "LT", "UC", "UT", "UR", "PN"])
BY_CHARACTER_SET = frozenset(["SH", "LO", "UC", "ST", "LT", "UT", "PN"])
WHOLE = frozenset(["ST", "LT", "UT", "UR"])
"""VRs that are never split."""
STRIPPED_BEFORE = frozenset(["AE", "CS", "SH", "LO", "PN", "DS", "IS"])
"""VRs that lose leading spaces too."""

NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
"""Binary numbers and their letter of `struct`."""
BULK = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
NOT_READ = BULK | {"SQ"}
"""VRs whose value nobody reads, so it may be of any length."""

CLASSES = {
    **dict.fromkeys(TEXT, "text"),
    **dict.fromkeys(("DS", "IS", *NUMBERS), "decimal"),
    **dict.fromkeys(BULK, "bulk"),
    **{vr: vr for vr in ("DA", "TM", "UI", "DT", "AS", "AT", "SQ")},
}
"""Every VR that we know, and its class."""
CLASS_OF_TYPE = {
    ValueType.TEXT: "text",
    ValueType.DECIMAL: "decimal",
    ValueType.DATE: "DA",
    ValueType.TIME: "TM",
    ValueType.UID: "UI",
    ValueType.INSTANT: "DT",
    ValueType.AGE: "AS",
    ValueType.NAME: "text",
    ValueType.TAG: "AT",
    ValueType.SEQUENCE: "SQ",
}
GROUPS = ("alphabetic", "ideographic", "phonetic")
"""Of a person name, as `=` parts them."""
PARTS = ("family", "given", "middle", "prefix", "suffix")
"""Of a group, as `^` parts them."""
COMPONENTS: dict[str, tuple[int, int | None]] = {
    **{name: (group, None) for group, name in enumerate(GROUPS)},
    **{
        f"{name}.{part}": (group, place)
        for group, name in enumerate(GROUPS)
        for place, part in enumerate(PARTS)
    },
}
"""What of a person name a field may read: its group, and the component when it is one."""


def alternatives(vr: str) -> list[str]:
    """Give the VRs that the dictionary allows: `US or SS` has two."""
    return vr.split(" or ")


def default_vr(vr: str, *, signed: bool = False) -> str:
    """Choose among the dictionary's alternatives where none is sent."""
    if vr in ("US or SS", "US or SS or OW"):
        return "SS" if signed else "US"
    return "OW" if vr == "OB or OW" else alternatives(vr)[0]


def expected(field: Field) -> frozenset[str]:
    """Give the classes of VRs that a field takes."""
    if field.view is View.DAYS_SINCE:
        return frozenset(("DA",))
    if field.view is View.VALUES and field.type in CLASS_OF_TYPE:
        return frozenset((CLASS_OF_TYPE[field.type],))
    if field.vr == "UN":
        return frozenset(CLASSES.values())
    return frozenset(CLASSES[vr] for vr in alternatives(field.vr))
