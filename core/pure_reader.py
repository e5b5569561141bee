"""The reader in plain Python: finds the tested elements of an encoded data set.

A transcription of docs/reading.md, sections 1 to 4; numbers in comments are its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from roteiro.core.inflate import Inflater
from roteiro.core.program import (
    DEPTH_LIMIT,
    ELEMENT_LIMIT,
    INFLATE_LIMIT,
    VALUE_LIMIT,
    Damage,
    Encoding,
)
from roteiro.core.vrs import NOT_READ, SERIES, SHORT, default_vr

UNDEFINED = 0xFFFFFFFF
DELIMITERS = 0xFFFE
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SERIES_END = 0xFFFEE0DD


@dataclass(frozen=True, slots=True)
class Element:
    """A tested element that was seen."""

    vr: str
    """As sent; empty in implicit VR."""
    big: bool
    value: bytes
    items: int | None = None
    """Of a series of items, how many; `None` when the length was defined."""


@dataclass(slots=True)
class Reading:
    """What was found, how far the reader went, and why it could not go on."""

    elements: dict[int, Element] = field(default_factory=dict)
    position: int = 0
    unreadable: str | None = None


class _DamageError(Exception):
    def __init__(self, damage: Damage) -> None:
        super().__init__(damage.value)
        self.damage = damage


def read(
    data: bytes, encoding: Encoding, tested: Mapping[int, str], *, complete: bool
) -> Reading | None:
    """Find the tested elements (tag to the dictionary's VR).

    `None` when `data` is a prefix and what follows could matter.
    """
    end: Damage | None = None if complete else Damage.CUT
    if encoding is Encoding.DEFLATED:
        inflater = Inflater(data)
        inflater.more(INFLATE_LIMIT + 1)
        data, end = bytes(inflater.data), inflater.damage
        open_end = not complete and end is Damage.CUT
    else:
        open_end = not complete
    walk = _Walk(data, end, tested)
    big, explicit = encoding is Encoding.EXPLICIT_BIG, encoding is not Encoding.IMPLICIT_LITTLE
    try:
        walk.top(big=big, explicit=explicit)
    except _DamageError as error:
        damage = error.damage
        if damage is Damage.CUT:
            if open_end:
                return None
            damage = end or damage
        walk.reading.unreadable = damage.reason(walk.tag)
    return walk.reading


@dataclass(frozen=True, slots=True)
class _Header:
    tag: int
    vr: str
    size: int
    length: int


class _Walk:
    def __init__(self, data: bytes, end: Damage | None, tested: Mapping[int, str]) -> None:
        self.data = data
        self.end = end
        self.tested = tested
        self.last = max(tested, default=-1)
        self.reading = Reading()
        self.tag: int | None = None
        self.counted = 0

    def top(self, *, big: bool, explicit: bool) -> None:
        passed = -1
        while passed < self.last:  # 2.11
            self.tag = None
            if self._left() == 0 and self.end is None:  # 2.1
                return
            self.tag = self._tag(big=big)  # 2.2
            if self.tag > self.last:  # 2.3
                self.reading.position += 4
                return
            header = self._header(big=big, explicit=explicit)
            seen = header.tag > passed
            self._check_value(header, seen=seen)
            element = self._pass(header, big=big, explicit=explicit)
            if seen:  # 2.10
                passed = header.tag
                if header.tag in self.tested:
                    self.reading.elements[header.tag] = element

    def _check_value(self, header: _Header, *, seen: bool) -> None:
        """2.8 and 5: the value of a tested element is read unless it is bulk or a sequence."""
        if not seen or header.tag not in self.tested or header.length == UNDEFINED:
            return
        sent = header.vr if header.vr not in ("", "UN") else default_vr(self.tested[header.tag])
        if sent not in NOT_READ and header.length > VALUE_LIMIT:
            raise _DamageError(Damage.VALUE)

    def _pass(self, header: _Header, *, big: bool, explicit: bool) -> Element:
        self.reading.position += header.size
        if header.length == UNDEFINED:
            if header.vr == "UN":  # 3.5
                big = explicit = False
            items = self._series(1, big=big, explicit=explicit)
            return Element(header.vr, big, b"", items)
        begin = self.reading.position
        self._jump(header.length)
        return Element(header.vr, big, self.data[begin : self.reading.position])

    def _series(self, depth: int, *, big: bool, explicit: bool) -> int:
        if depth > DEPTH_LIMIT:
            raise _DamageError(Damage.DEPTH)
        items = 0
        while True:
            if self._left() < 8:
                raise _DamageError(Damage.CUT)
            tag = self._tag(big=big)
            length = self._number(self.reading.position + 4, 4, big=big)
            if tag == SERIES_END:
                self.reading.position += 8
                return items
            if tag != ITEM:
                raise _DamageError(Damage.DELIMITER)
            self._count()
            items += 1
            self.reading.position += 8
            if length == UNDEFINED:
                self._item(depth, big=big, explicit=explicit)
            else:
                self._jump(length)

    def _item(self, depth: int, *, big: bool, explicit: bool) -> None:
        while True:
            tag = self._tag(big=big)
            if tag == ITEM_END:
                self._jump(8)
                return
            if tag >> 16 == DELIMITERS:
                raise _DamageError(Damage.DELIMITER)
            header = self._header(big=big, explicit=explicit)
            self.reading.position += header.size
            if header.length != UNDEFINED:
                self._jump(header.length)
            elif header.vr == "UN":
                self._series(depth + 1, big=False, explicit=False)
            else:
                self._series(depth + 1, big=big, explicit=explicit)

    def _header(self, *, big: bool, explicit: bool) -> _Header:
        """2.4 to 2.7."""
        self._count()
        place = self.reading.position
        if self._left() < 8:
            raise _DamageError(Damage.CUT)
        tag = self._tag(big=big)
        if not explicit:
            return _Header(tag, "", 8, self._number(place + 4, 4, big=big))
        letters = self.data[place + 4 : place + 6]
        if not all(0x41 <= letter <= 0x5A for letter in letters):
            raise _DamageError(Damage.VR)
        vr = letters.decode("ascii")
        if vr in SHORT:
            return _Header(tag, vr, 8, self._number(place + 6, 2, big=big))
        if self._left() < 12:
            raise _DamageError(Damage.CUT)
        length = self._number(place + 8, 4, big=big)
        if length == UNDEFINED and vr not in SERIES:
            raise _DamageError(Damage.UNDEFINED)
        return _Header(tag, vr, 12, length)

    def _count(self) -> None:
        self.counted += 1
        if self.counted > ELEMENT_LIMIT:
            raise _DamageError(Damage.COUNT)

    def _left(self) -> int:
        return len(self.data) - self.reading.position

    def _jump(self, length: int) -> None:
        if length > self._left():
            raise _DamageError(Damage.CUT)
        self.reading.position += length

    def _tag(self, *, big: bool) -> int:
        place = self.reading.position
        if self._left() < 4:
            raise _DamageError(Damage.CUT)
        return self._number(place, 2, big=big) << 16 | self._number(place + 2, 2, big=big)

    def _number(self, place: int, size: int, *, big: bool) -> int:
        return int.from_bytes(self.data[place : place + size], "big" if big else "little")
