"""The plain walker: the tested elements of an encoded data set, as they were sent.

Transcribes sections 2 to 4 of docs/reading.md, to which the numbers in comments refer. It shares
nothing with `core`, and is written to be compared with that page, not to be fast.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from roteiro.core.program import (
    DEPTH_LIMIT,
    ELEMENT_LIMIT,
    INFLATE_LIMIT,
    VALUE_LIMIT,
    Damage,
    Encoding,
)

ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
CHUNK = 64 * 1024
"""Bytes that are inflated at a time."""

SHORT_NAMES = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
SHORT = frozenset(SHORT_NAMES.split())
"""Explicit VRs with a length of 16 bits (PS3.5 7.1.2); all others have 32."""
SERIES = frozenset(("SQ", "UN", "OB", "OW"))
"""Explicit VRs that may have an undefined length."""
BULK = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
"""VRs whose state needs no value, only its length."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element as it was sent."""

    tag: int
    vr: str | None
    """The explicit VR; `None` in implicit VR."""
    value: bytes
    """Nothing when the length was undefined."""
    items: int | None
    """How many items stood in an undefined length; `None` when the length was defined."""
    big: bool
    """Whether the data set is big endian."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the walk found; with damage the object is unreadable."""

    elements: Mapping[int, Element]
    """The tested elements that were seen, by tag."""
    damage: Damage | None = None
    place: int | None = None
    """The tag of the top-level element in which the damage was met, when it could be read."""

    @property
    def reason(self) -> str:
        """The reason of `hold unreadable`."""
        assert self.damage is not None
        return self.damage.reason(self.place)


class Damaged(Exception):  # noqa: N818  it says what the bytes are
    """The reading ends here."""

    def __init__(self, damage: Damage) -> None:
        """Keep what ended it."""
        super().__init__(damage.value)
        self.damage = damage


class Form(Enum):
    """How headers are written: (explicit VR, big endian)."""

    IMPLICIT_LITTLE = (False, False)
    EXPLICIT_LITTLE = (True, False)
    EXPLICIT_BIG = (True, True)

    @property
    def explicit(self) -> bool:
        """Whether headers have a VR."""
        return self.value[0]

    def number(self, raw: bytes) -> int:
        """Read an unsigned number."""
        return int.from_bytes(raw, "big" if self.value[1] else "little")


FORMS = {
    Encoding.IMPLICIT_LITTLE: Form.IMPLICIT_LITTLE,
    Encoding.EXPLICIT_LITTLE: Form.EXPLICIT_LITTLE,
    Encoding.EXPLICIT_BIG: Form.EXPLICIT_BIG,
    Encoding.DEFLATED: Form.EXPLICIT_LITTLE,
}


@dataclass(frozen=True, slots=True)
class Header:
    """A header after its tag: the explicit VR and the length."""

    vr: str | None
    length: int


def read(data: bytes, encoding: Encoding, tested: Mapping[int, str]) -> Reading:
    """Find the tested tags (with their dictionary VRs) on the top level of a data set."""
    if not tested:  # 1.4
        return Reading({})
    end: Damage | None = None
    if encoding is Encoding.DEFLATED:
        data, end = inflate(data)
    return _Walk(data, end, FORMS[encoding], tested).run()


def inflate(data: bytes) -> tuple[bytes, Damage | None]:
    """Inflate raw deflate (4); the damage is what running into the end of the bytes means."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = bytearray()
    broken = False
    for at in range(0, len(data), CHUNK):
        chunk = data[at : at + CHUNK]
        before = stream.copy()
        try:
            inflated += stream.decompress(chunk, INFLATE_LIMIT + 1 - len(inflated))
        except zlib.error:
            inflated += _longest(before, chunk)
            broken = True
        if broken or stream.eof or len(inflated) > INFLATE_LIMIT:
            break
    if len(inflated) > INFLATE_LIMIT:  # 4.4
        return bytes(inflated[:INFLATE_LIMIT]), Damage.INFLATE
    if broken:  # 4.2
        return bytes(inflated), Damage.DEFLATE
    return bytes(inflated), None if stream.eof else Damage.CUT  # 4.1, 4.3


def _longest(stream: "zlib._Decompress", chunk: bytes) -> bytes:
    """Inflate up to the byte that breaks the stream; zlib itself hides what came before it."""
    inflated = bytearray()
    for at in range(len(chunk)):
        try:
            inflated += stream.decompress(chunk[at : at + 1])
        except zlib.error:
            break
    return bytes(inflated)


class _Walk:
    """One walk over one data set."""

    def __init__(
        self, data: bytes, end: Damage | None, form: Form, tested: Mapping[int, str]
    ) -> None:
        self.data = data
        self.end = end
        self.form = form
        self.tested = tested
        self.last = max(tested)  # L
        self.offset = 0
        self.count = 0
        self.place: int | None = None

    def run(self) -> Reading:
        """Walk the top level until the reading stops or damage ends it (2)."""
        found: dict[int, Element] = {}
        greatest = -1  # M
        try:
            while greatest < self.last and (tag := self.top_tag()) is not None:
                element = self.element(tag, read=tag > greatest and tag in self.tested)
                if tag > greatest:  # 2.10
                    greatest = tag
                    if tag in self.tested:
                        found[tag] = element
        except Damaged as damaged:
            return Reading(found, damaged.damage, self.place)
        return Reading(found)

    def top_tag(self) -> int | None:
        """Read the tag of the next header; `None` where the reading stops (2.1 to 2.3)."""
        self.place = None
        if self.offset == len(self.data) and self.end is None:
            return None
        tag = self.tag(self.form)
        if tag > self.last:
            return None
        self.place = tag
        return tag

    def element(self, tag: int, *, read: bool) -> Element:
        """Pass one element of the top level; `read` when it is tested and seen."""
        header = self.header(self.form)
        big = self.form is Form.EXPLICIT_BIG
        if header.length == UNDEFINED and header.vr not in SHORT:
            items = self.series(header.vr, self.form, depth=1)
            return Element(tag, header.vr, b"", items, big)
        if read and header.length > VALUE_LIMIT and self.is_read(tag, header.vr):  # 2.8
            raise Damaged(Damage.VALUE)
        return Element(tag, header.vr, self.take(header.length), None, big)

    def is_read(self, tag: int, vr: str | None) -> bool:
        """Say whether the state of this element needs its value (5)."""
        if vr is None or vr == "UN":
            vr = self.tested[tag].replace("OB or OW", "OW")
        return vr != "SQ" and vr not in BULK

    def take(self, length: int) -> bytes:
        """Take so many bytes (2.9)."""
        if length > len(self.data) - self.offset:
            raise Damaged(self.end or Damage.CUT)
        self.offset += length
        return self.data[self.offset - length : self.offset]

    def tag(self, form: Form) -> int:
        """Read a tag (2.2)."""
        raw = self.take(4)
        return form.number(raw[:2]) << 16 | form.number(raw[2:])

    def length(self, size: int, form: Form) -> int:
        """Read a length of 2 or 4 bytes."""
        return form.number(self.take(size))

    def header(self, form: Form) -> Header:
        """Read the rest of a header after its tag (2.4 to 2.7)."""
        self.counted()
        if not form.explicit:
            return Header(None, self.length(4, form))
        if len(self.data) - self.offset < 4:  # 2.5 comes before the VR is looked at
            raise Damaged(self.end or Damage.CUT)
        vr = self.vr()
        if vr in SHORT:
            return Header(vr, self.length(2, form))
        self.take(2)
        length = self.length(4, form)
        if length == UNDEFINED and vr not in SERIES:  # 2.7
            raise Damaged(Damage.UNDEFINED)
        return Header(vr, length)

    def vr(self) -> str:
        """Read an explicit VR (2.6)."""
        raw = self.take(2)
        if not all(ord("A") <= byte <= ord("Z") for byte in raw):
            raise Damaged(Damage.VR)
        return raw.decode("ascii")

    def counted(self) -> None:
        """Count one element or item (2.4, 3.3)."""
        self.count += 1
        if self.count > ELEMENT_LIMIT:
            raise Damaged(Damage.COUNT)

    def series(self, vr: str | None, form: Form, depth: int) -> int:
        """Pass the items of an undefined length and give their number (3)."""
        if depth > DEPTH_LIMIT:  # 3.6
            raise Damaged(Damage.DEPTH)
        inner = Form.IMPLICIT_LITTLE if vr == "UN" else form  # 3.5
        items = 0
        while (tag := self.tag(inner)) != SEQUENCE_END:
            if tag != ITEM:
                raise Damaged(self._cut_before(4) or Damage.DELIMITER)
            self.item(inner, depth)
            items += 1
        self.take(4)
        return items

    def _cut_before(self, length: int) -> Damage | None:
        """Say whether a header of 8 bytes would have been cut (3.1 comes before 3.2)."""
        return (self.end or Damage.CUT) if len(self.data) - self.offset < length else None

    def item(self, form: Form, depth: int) -> None:
        """Pass one item after its tag (3.3, 3.4)."""
        length = self.length(4, form)
        self.counted()
        if length != UNDEFINED:
            self.take(length)
            return
        while (tag := self.tag(form)) != ITEM_END:
            if tag >> 16 == 0xFFFE:
                raise Damaged(Damage.DELIMITER)
            self.nested(form, depth)
        self.take(4)

    def nested(self, form: Form, depth: int) -> None:
        """Pass one element of an item after its tag."""
        header = self.header(form)
        if header.length == UNDEFINED and header.vr not in SHORT:
            self.series(header.vr, form, depth + 1)
        else:
            self.take(header.length)
