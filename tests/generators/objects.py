"""Objects for a program: data sets and envelopes drawn from its literals and their boundaries.

Mixed with wild ones, with sequences between, repeated and misplaced elements, other VRs, and
character sets; `damaged` cuts and falsifies encoded data sets.
"""

import struct
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from ipaddress import ip_address

from hypothesis import strategies as st

from roteiro.core.program import Encoding, Envelope, ValueType

from generators.encode import Item, Raw, Series, encode  # isort: skip
from generators.fields import Attribute  # isort: skip
from generators.programs import Case, Use  # isort: skip

FORMATS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
CODECS = {
    b"ISO_IR 192": "utf_8",
    b"ISO_IR 100": "iso8859_1",
    b"GB18030": "gb18030",
    b"ISO_IR 13": "shift_jis",
    b"\\ISO 2022 IR 87": "iso2022_jp",
    b"nonsense": "utf_8",
    b"": "utf_8",
}
"""Specific Character Sets, and the codec with which values are written under them."""


@dataclass(frozen=True)
class Object:
    """A data set before it is encoded, and its envelope."""

    elements: tuple[Raw, ...]
    envelope: Envelope

    def encoded(self, encoding: Encoding) -> bytes:
        return encode(self.elements, encoding)


@st.composite
def objects(draw: st.DrawFn, case: Case, *, tidy: bool = False) -> Object:
    """Draw an object for a program; a tidy one follows the standard."""
    charset = draw(st.sampled_from([b"ISO_IR 192"] * 4 + [*CODECS]))
    elements = {}
    for use in case.uses:
        if use.attribute.tag and (raw := draw(element(use, CODECS[charset], tidy=tidy))):
            elements[raw.tag] = raw
    if charset or draw(st.booleans()):
        elements[0x00080005] = Raw(0x00080005, "CS", padded(charset, b" "))
    if draw(st.booleans()):
        value = draw(st.sampled_from([b"\0\0", b"\1\0", b"\1\0", b"", b"\1"][: 3 if tidy else 5]))
        elements[0x00280103] = Raw(0x00280103, "US", value)
    for raw in draw(st.lists(filler(), max_size=3)):
        elements.setdefault(raw.tag, raw)
    ordered = [elements[tag] for tag in sorted(elements)]
    if not tidy and ordered and draw(st.integers(0, 14)) == 0:
        ordered.insert(draw(st.integers(0, len(ordered))), draw(st.sampled_from(ordered)))
    return Object(tuple(ordered), draw(envelope(case)))


@st.composite
def element(draw: st.DrawFn, use: Use, codec: str, *, tidy: bool) -> Raw | None:
    """Draw an element in one of the states; valued most of the time."""
    attribute = use.attribute
    state = draw(st.sampled_from(["valued"] * 7 + ["absent"] * 2 + ["empty"] * 3 + ["invalid"] * 4))
    if state == "absent":
        return None
    vr = draw(st.sampled_from(attribute.vr.split(" or ")))
    if state == "empty":
        blanks = [b"", b""] + ([b"  ", b"\\ ", b"\0\0"] if vr not in FORMATS else [])
        sequence: list[bytes | Series] = [Series(defined=False), b""]
        return Raw(attribute.tag, vr, draw(st.sampled_from(sequence if vr == "SQ" else blanks)))
    if state == "invalid" and not tidy:
        return draw(invalid(attribute, vr))
    value = draw(valued(use, vr, codec))
    sent = vr if tidy or draw(st.integers(0, 9)) else draw(st.sampled_from(["UN", "UN", "UT"]))
    return Raw(attribute.tag, sent, value)


def invalid(attribute: Attribute, vr: str) -> st.SearchStrategy[Raw]:
    """Draw what is likely to be no value; of text it is a VR that is no text."""
    wild = st.binary(min_size=1, max_size=9)
    if attribute.kind is ValueType.TEXT or vr in {"SQ", "OB", "OW", "UN"}:
        other = st.sampled_from(["OB", "US", "DA", "ZZ", "SQ"])
        return st.builds(Raw, st.just(attribute.tag), other, wild)
    texts = st.sampled_from([b"bad", b"1.2.", b"20261301", b"2500", b"1 2", b"5\\x", b"12345"])
    return st.builds(Raw, st.just(attribute.tag), st.just(vr), st.one_of(texts, wild))


@st.composite
def valued(draw: st.DrawFn, use: Use, vr: str, codec: str) -> bytes | Series:
    """Draw a value: one to three literals or their neighbours, as the VR writes them."""
    if vr == "SQ":
        item = Item((Raw(0x00080060, "CS", b"CT"),), draw(st.booleans()))
        return Series((item,), draw(st.booleans()))
    if use.attribute.kind is ValueType.STATE_ONLY:
        return draw(st.sampled_from(SOUND.get(vr, (b"\1\0", b"\1\0\2\0"))))
    count = draw(st.sampled_from([1, 1, 1, 2, 3]))
    near = [draw(neighbour(draw(st.sampled_from(use.literals)), use)) for _ in range(count)]
    if vr in FORMATS:
        return b"".join(packed(value, vr) for value in near)
    spelled = [draw(spelling(value, use.attribute.kind)) for value in near]
    if draw(st.integers(0, 9)) == 0:
        spelled.append(draw(st.sampled_from(["", " "])))
    raw = "\\".join(spelled).encode(codec, "replace")
    return padded(raw, b"\0" if vr == "UI" else draw(st.sampled_from([b" ", b" ", b"\0", b""])))


SOUND = {
    "PN": (b"Muster^Max", b"^^=  ", b"A\\B"),
    "DT": (b"20260131", b"20260131120000.5+0100", b"2026"),
    "AS": (b"018Y", b"18Y ", b"3D"),
    "AT": (b"\x18\0\x63\x10",),
}


def padded(raw: bytes, padding: bytes) -> bytes:
    return raw + padding * (len(raw) % 2)


def packed(value: str, vr: str) -> bytes:
    """Pack a number into a binary VR, or what of it fits."""
    number = Decimal(value)
    letter = FORMATS[vr]
    if vr in {"FL", "FD"}:
        return struct.pack(f"<{letter}", float(number))
    size = struct.calcsize(f"<{letter}")
    return (int(number) % 2 ** (8 * size)).to_bytes(size, "little")


@st.composite
def neighbour(draw: st.DrawFn, value: str, use: Use) -> str:
    """Draw a literal itself, or what lies just beside it."""
    return draw(st.sampled_from([value, value, *NEIGHBOURS[use.attribute.kind](value)]))


def near_text(value: str) -> list[str]:
    return [value, f"{value}x", f"x{value}", value[:-1], value[1:], value.swapcase()]


def near_number(value: str) -> list[str]:
    number = Decimal(value)
    return [str(number + step) for step in (1, -1, Decimal("0.5"), Decimal("-0.001"))]


def near_date(value: str) -> list[str]:
    day = date.fromisoformat(value)
    return [(day + timedelta(days=step)).isoformat() for step in (1, -1, 366)]


def near_time(value: str) -> list[str]:
    hours = value[:2]
    return [f"{hours}:00", f"{hours}:59:60", f"{hours}:30:00.000001", "12:00", "22:00:30.500001"]


def near_uid(value: str) -> list[str]:
    return [f"{value}.1", value.rpartition(".")[0], value.replace("2", "02", 1), "1"]


def near_address(value: str) -> list[str]:
    address = ip_address(value)
    return [
        str(address + 1),
        str(address - 1),
        f"::ffff:{value}" if address.version == 4 else value,
    ]


NEIGHBOURS = {
    ValueType.TEXT: near_text,
    ValueType.DECIMAL: near_number,
    ValueType.DATE: near_date,
    ValueType.TIME: near_time,
    ValueType.UID: near_uid,
    ValueType.ADDRESS: near_address,
}


def spelling(value: str, kind: ValueType) -> st.SearchStrategy[str]:
    """Draw a way to write a value in a data set."""
    if kind is ValueType.DECIMAL:
        ways = [value, f" {value} ", f"{value}e0", value.replace("0.", ".", 1)]
        plus = [] if value.startswith("-") else [f"+{value}"]
        return st.sampled_from([*ways, *plus, value if "." in value else f"{value}."])
    if kind is ValueType.DATE:
        return st.sampled_from([value.replace("-", ""), value.replace("-", ".")])
    if kind is ValueType.TIME:
        plain = value.replace(":", "")
        return st.sampled_from([plain, value if value.count(":") == 2 else plain])
    if kind is ValueType.TEXT:
        return st.sampled_from([value, value, f" {value}", f"{value} "])
    return st.just(value)


@st.composite
def filler(draw: st.DrawFn, depth: int = 2) -> Raw:
    """Draw an element that no program reads: plain, a sequence, or private."""
    tag = draw(st.sampled_from([0x00080008 + 1, 0x00081115, 0x00091001, 0x00400275, 0x7FE10010]))
    kind = draw(st.sampled_from(["plain", "sequence", "sequence", "unknown"]))
    if kind == "plain" or depth == 0:
        vr = draw(st.sampled_from(["LO", "UT", "OB", "UN", "US"]))
        return Raw(tag, vr, draw(st.binary(max_size=6)))
    items = [
        Item(tuple(draw(st.lists(filler(depth - 1), max_size=2))), draw(st.booleans()))
        for _ in range(draw(st.integers(0, 2)))
    ]
    vr = "UN" if kind == "unknown" else "SQ"
    return Raw(tag, vr, Series(tuple(items), draw(st.booleans())))


@st.composite
def envelope(draw: st.DrawFn, case: Case) -> Envelope:
    """Draw an envelope; what the program does not read is there sometimes."""
    members: dict[str, object] = {"calling_ae": draw(st.sampled_from([None, "CT1"]))}
    for use in case.uses:
        if use.attribute.tag == 0:
            members[use.attribute.member] = draw(member(use))
    return Envelope(**members)  # type: ignore[arg-type]


@st.composite
def member(draw: st.DrawFn, use: Use) -> str | int | None:
    """Draw a member of the envelope."""
    near = draw(neighbour(draw(st.sampled_from(use.literals)), use))
    state = draw(st.sampled_from(["valued"] * 6 + ["absent", "empty", "empty"] + ["invalid"] * 2))
    if state == "absent":
        return None
    if use.attribute.kind is ValueType.DECIMAL:
        return abs(int(Decimal(near)))
    return {"valued": near, "empty": draw(st.sampled_from(["", "  "])), "invalid": "1..x"}[state]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Cut or falsify an encoded data set."""
    kind = draw(st.sampled_from(["cut", "flip", "length", "insert"]))
    at = draw(st.integers(0, max(len(data) - 1, 0)))
    if kind == "cut" or not data:
        return data[:at]
    if kind == "insert":
        return data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]
    lies = [b"\xff\xff\xff\xff", b"\xff\xff", b"\0\0\0\0", b"\1\0", b"\xfe\xff\x0d\xe0"]
    new = (
        draw(st.sampled_from(lies)) if kind == "length" else draw(st.binary(min_size=1, max_size=2))
    )
    return data[:at] + new + data[at + len(new) :]
