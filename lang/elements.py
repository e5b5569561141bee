"""The plain walker: the tested elements of an encoded data set, as they were sent.

Transcribes sections 2 to 4, 10 and 11 of docs/reading.md, to which the numbers in comments refer.
It shares nothing with `core`, and is written to be compared with that page, not to be fast.
"""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from roteiro.lang.raw import ITEM, ITEM_END, SEQUENCE_END, Element
from roteiro.lang.tested import Level
from roteiro.lang.values import Elements
from roteiro.lang.vrs import NOT_READ, SERIES, SHORT, sent_vr

UNDEFINED = 0xFFFFFFFF
CHUNK = 64 * 1024
"""Bytes that are inflated at a time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the walk found; with damage the object is unreadable."""

    elements: Mapping[int, Element]
    """The tested elements that were seen on the top level, by tag."""
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

    @property
    def big(self) -> bool:
        """Whether numbers are big endian."""
        return self.value[1]

    def number(self, raw: bytes) -> int:
        """Read an unsigned number."""
        return int.from_bytes(raw, "big" if self.big else "little")

    def of_items(self, vr: str | None) -> "Form":
        """Give the form of items in an element of this explicit VR (3.5, 10.2)."""
        return Form.IMPLICIT_LITTLE if vr == "UN" else self


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

    @property
    def is_undefined(self) -> bool:
        """Whether the value is a series of items without a length (2.7)."""
        return self.length == UNDEFINED and self.vr not in SHORT


def read(data: bytes, encoding: Encoding, tested: Level | Mapping[int, str]) -> Reading:
    """Find what is tested; tags with their dictionary VRs are a level of plain tags."""
    level = tested if isinstance(tested, Level) else Level.of(tested)
    if level.last < 0:  # 1.4
        return Reading({})
    end: Damage | None = None
    if encoding is Encoding.DEFLATED:
        data, end = inflate(data)
    return _Walk(data, end).run(FORMS[encoding], level)


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


@dataclass(slots=True)
class _Scope:
    """One data set on the way: the whole object, or an item of an opened sequence."""

    level: Level
    form: Form
    found: dict[int, Element]
    elements: Elements
    """The same as values, to know whose a private block is."""
    depth: int = 0
    greatest: int = -1
    """M."""

    @property
    def stops(self) -> bool:
        """Whether nothing that may still come is tested (2.11)."""
        return self.greatest >= self.level.last


class _Walk:
    """One reading: where it is, and what it has passed."""

    def __init__(self, data: bytes, end: Damage | None) -> None:
        self.data = data
        self.end = end
        """What running into the end of the data means; `None` when it is the clean end."""
        self.bound: int | None = None
        """The innermost end of a defined length that is walked (10.4)."""
        self.offset = 0
        self.count = 0
        self.place: int | None = None

    def run(self, form: Form, level: Level) -> Reading:
        """Walk the top level until the reading stops or damage ends it (2)."""
        found: dict[int, Element] = {}
        scope = _Scope(level, form, found, Elements(found))
        try:
            while not scope.stops and (tag := self.top_tag(scope)) is not None:
                self.pass_element(scope, tag)
        except Damaged as damaged:
            return Reading(found, damaged.damage, self.place)
        return Reading(found)

    def top_tag(self, scope: _Scope) -> int | None:
        """Read the tag of the next header; `None` where the reading stops (2.1 to 2.3)."""
        self.place = None
        if self.offset == len(self.data) and self.end is None:
            return None
        tag = self.tag(scope.form)
        if tag > scope.level.last:
            return None
        self.place = tag
        return tag

    def pass_element(self, scope: _Scope, tag: int) -> None:
        """Pass one element of a data set, and keep it when it is tested and seen (2.4 to 2.10)."""
        header = self.header(scope.form)
        if tag <= scope.greatest:
            self.pass_value(header, scope.form, scope.depth)
            return
        vrs, inner = _asked(scope, tag)
        element = self.value(scope, tag, header, vrs, inner)
        scope.greatest = tag
        if vrs:
            scope.found[tag] = element

    def value(
        self, scope: _Scope, tag: int, header: Header, vrs: set[str], inner: Level | None
    ) -> Element:
        """Pass the value of an element that is seen, and take what is asked of it."""
        big = scope.form.big
        if inner is not None and sent_vr(header.vr, "SQ") == "SQ" and self.opens(header, scope):
            items = self.opened(scope, tag, header, inner)
            return Element(tag, header.vr, b"", len(items), big, items)
        if header.is_undefined:
            items_passed = self.series(header.vr, scope.form, scope.depth + 1)
            return Element(tag, header.vr, b"", items_passed, big)
        is_read = any(sent_vr(header.vr, vr) not in NOT_READ for vr in vrs)
        if is_read and header.length > VALUE_LIMIT:  # 2.8
            raise Damaged(Damage.VALUE)
        return Element(tag, header.vr, self.take(header.length), None, big)

    def pass_value(self, header: Header, form: Form, depth: int) -> None:
        """Pass the value of an element that is not seen or not tested."""
        if header.is_undefined:
            self.series(header.vr, form, depth + 1)
        else:
            self.take(header.length)

    # Bytes --------------------------------------------------------------------------------------

    def left(self, length: int) -> None:
        """Ask whether so many bytes are left: the bound first, then the data (2.9, 10.4)."""
        self.within(length)
        if length > len(self.data) - self.offset:
            raise Damaged(self.end or Damage.CUT)

    def within(self, length: int) -> None:
        """Ask whether so many bytes are left up to the bound."""
        if self.bound is not None and length > self.bound - self.offset:
            raise Damaged(Damage.PAST)

    def take(self, length: int) -> bytes:
        """Take so many bytes."""
        self.left(length)
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
        self.left(4)  # 2.5 comes before the VR is looked at
        if not form.explicit:
            return Header(None, self.length(4, form))
        vr = self.vr()
        if vr in SHORT:
            return Header(vr, self.length(2, form))
        self.left(6)
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

    # Series that are passed ---------------------------------------------------------------------

    def series(self, vr: str | None, form: Form, depth: int) -> int:
        """Pass the items of an undefined length and give their number (3)."""
        _check_depth(depth)
        inner = form.of_items(vr)
        items = 0
        while (length := self.item_header(inner)) is not None:
            self.item(length, inner, depth)
            items += 1
        return items

    def item_header(self, form: Form) -> int | None:
        """Read the header of an item and give its length; `None` at the end (3.1 to 3.3)."""
        self.left(8)
        tag, length = self.tag(form), self.length(4, form)
        if tag == SEQUENCE_END:
            return None
        if tag != ITEM:
            raise Damaged(Damage.DELIMITER)
        self.counted()
        return length

    def item(self, length: int, form: Form, depth: int) -> None:
        """Pass one item after its header (3.3)."""
        if length == UNDEFINED:
            self.rest(self.inner_tag(form), form, depth)
        else:
            self.take(length)

    def rest(self, tag: int | None, form: Form, depth: int) -> None:
        """Pass what is left of an item of undefined length, from behind this tag on (3.4)."""
        while tag is not None:
            self.pass_value(self.header(form), form, depth)
            tag = self.inner_tag(form)

    def inner_tag(self, form: Form) -> int | None:
        """Read a tag in an item of undefined length; `None` at its end (3.4)."""
        tag = self.tag(form)
        if tag == ITEM_END:
            self.take(4)
            return None
        if tag >> 16 == 0xFFFE:
            raise Damaged(Damage.DELIMITER)
        return tag

    # Sequences that are opened (10) -------------------------------------------------------------

    def opens(self, header: Header, scope: _Scope) -> bool:
        """Say whether the value that begins here is items (10.1)."""
        if header.is_undefined:
            return True
        self.within(header.length)
        if header.length < 8:
            return False
        raw = self.take(4)
        self.offset -= 4
        form = scope.form.of_items(header.vr)
        return form.number(raw[:2]) << 16 | form.number(raw[2:]) == ITEM

    def opened(
        self, scope: _Scope, tag: int, header: Header, level: Level
    ) -> tuple[Mapping[int, Element], ...]:
        """Walk the items of a sequence and give the tested elements of each (10.3)."""
        _check_depth(scope.depth + 1)
        form = scope.form.of_items(header.vr)
        items: list[Mapping[int, Element]] = []
        end = None if header.is_undefined else self.offset + header.length
        with self.up_to(end):
            while self.offset != end and (length := self.item_header(form)) is not None:
                found: dict[int, Element] = {}
                values = Elements(found, around=scope.elements, sequence=tag)
                self.walk_item(_Scope(level, form, found, values, scope.depth + 1), length)
                items.append(found)
            self.skip_to(end)
        return tuple(items)

    @contextmanager
    def up_to(self, end: int | None) -> Iterator[None]:
        """Let nothing reach past this end; no end changes nothing (10.4)."""
        before = self.bound
        self.bound = before if end is None else end
        yield
        self.bound = before

    def skip_to(self, end: int | None) -> None:
        """Jump over what is left of a defined length."""
        if end is not None:
            self.take(end - self.offset)

    def walk_item(self, scope: _Scope, length: int) -> None:
        """Walk one item after its header (10.5)."""
        if length == UNDEFINED:
            self.walk_to_delimiter(scope)
            return
        self.within(length)
        end = self.offset + length
        with self.up_to(end):
            while not scope.stops and self.offset != end:
                tag = self.tag(scope.form)
                if tag > scope.level.last:
                    break
                self.pass_element(scope, tag)
            self.skip_to(end)

    def walk_to_delimiter(self, scope: _Scope) -> None:
        """Walk an item of undefined length: first for what is tested, then for its end."""
        while (tag := self.inner_tag(scope.form)) is not None:
            if scope.stops or tag > scope.level.last:
                self.rest(tag, scope.form, scope.depth)
                return
            self.pass_element(scope, tag)


def _check_depth(depth: int) -> None:
    if depth > DEPTH_LIMIT:  # 3.6
        raise Damaged(Damage.DEPTH)


def _asked(scope: _Scope, tag: int) -> tuple[set[str], Level | None]:
    """Give the VRs of the fields that mention this element, and the level of its items (1, 11)."""
    level = scope.level
    vrs = set(level.plain.get(tag, ()))
    inner = [level.opened[tag]] if tag in level.opened else []
    for key, more in level.private.items():
        if tag & 0xFFFF00FF == key[0] and scope.elements.is_first(tag, key[1]):
            vrs |= more
            inner += [level.opened[key]] if key in level.opened else []
    return vrs, inner[0] if inner else None
