"""The reader in plain Python: finds the tested elements of an encoded data set.

A transcription of docs/reading.md, sections 1 to 4, 10 and 11; numbers in comments are its own.
"""

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
from roteiro.core.pure_data import Dataset, Element
from roteiro.core.pure_values import creator_of
from roteiro.core.tested import Entry, Key, Level
from roteiro.core.vrs import NOT_READ, SERIES, SHORT

UNDEFINED = 0xFFFFFFFF
DELIMITERS = 0xFFFE
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SERIES_END = 0xFFFEE0DD


@dataclass(slots=True)
class Reading:
    """What was found, how far the reader went, and why it could not go on."""

    top: Dataset = field(default_factory=Dataset)
    position: int = 0
    unreadable: str | None = None


class _DamageError(Exception):
    def __init__(self, damage: Damage) -> None:
        super().__init__(damage.value)
        self.damage = damage


def read(data: bytes, encoding: Encoding, tested: Level, *, complete: bool) -> Reading | None:
    """Find the tested elements; `None` when `data` is a prefix and what follows could matter."""
    end: Damage | None = None if complete else Damage.CUT
    if encoding is Encoding.DEFLATED:
        inflater = Inflater(data)
        inflater.more(INFLATE_LIMIT + 1)
        data, end = bytes(inflater.data), inflater.damage
        open_end = not complete and end is Damage.CUT
    else:
        open_end = not complete
    walk = _Walk(data, end)
    big, explicit = encoding is Encoding.EXPLICIT_BIG, encoding is not Encoding.IMPLICIT_LITTLE
    reading = Reading()
    try:
        walk.top(reading.top, tested, _Form(big, explicit))
    except _DamageError as error:
        damage = error.damage
        if damage is Damage.CUT:
            if open_end:
                return None
            damage = end or damage
        reading.unreadable = damage.reason(walk.tag)
    reading.position = walk.position
    return reading


@dataclass(frozen=True, slots=True)
class _Form:
    """How headers are written."""

    big: bool
    explicit: bool

    def of_items(self, vr: str) -> "_Form":
        """3.5, 10.2."""
        return _Form(big=False, explicit=False) if vr == "UN" else self


@dataclass(frozen=True, slots=True)
class _Header:
    tag: int
    vr: str
    size: int
    length: int


@dataclass(slots=True)
class _Item:
    """A data set that is being read against a level."""

    dataset: Dataset
    level: Level
    form: _Form
    depth: int
    """Of the series that it is an item of; the top level's is 0."""
    passed: int = -1
    blocks: dict[tuple[int, int], str] = field(default_factory=dict)
    """Group and block to the creator that reserved it."""

    @property
    def has_stopped(self) -> bool:
        """2.11; without tested tags it has never begun."""
        return self.passed >= self.level.last

    def entry(self, tag: int) -> tuple[Key, Entry] | None:
        """Give the tested element that a tag is; of private ones the first only (11.3)."""
        key = tag & 0xFFFF00FF, self.blocks.get((tag >> 16, tag >> 8 & 0xFF), "")
        if key[1] and key in self.level.entries and key not in self.dataset.elements:
            return key, self.level.entries[key]
        known = self.level.entries.get((tag, ""))
        return None if known is None else ((tag, ""), known)

    def is_creator(self, tag: int) -> bool:
        """Tell whether a tag may reserve a block of a tested private tag (11.1)."""
        if not 0x10 <= tag & 0xFFFF <= 0xFF:
            return False
        return any(creator and key >> 16 == tag >> 16 for key, creator in self.level.entries)


class _Walk:
    def __init__(self, data: bytes, end: Damage | None) -> None:
        self.data = data
        self.end = end
        self.position = 0
        self.bound = -1
        """10.4; -1 is none."""
        self.tag: int | None = None
        self.counted = 0

    def top(self, dataset: Dataset, level: Level, form: _Form) -> None:
        item = _Item(dataset, level, form, 0)
        while not item.has_stopped:  # 2.11
            self.tag = None
            if self.position == len(self.data) and self.end is None:  # 2.1
                return
            self.tag = self._tag(form)  # 2.2
            if self.tag > level.last:  # 2.3
                self.position += 4
                return
            self._element(item)

    def _element(self, item: _Item) -> None:
        """Read the element at hand into the data set (2.4 to 2.10)."""
        header = self._header(item.form)
        seen = header.tag > item.passed
        found = item.entry(header.tag) if seen else None
        is_creator = seen and item.is_creator(header.tag)
        self.position += header.size
        element = self._value(item, header, found[1] if found else None, is_creator=is_creator)
        if not seen:
            return
        item.passed = header.tag
        if found is not None:
            item.dataset.elements[found[0]] = element
        if is_creator:
            creator = creator_of(header.tag, element, item.dataset)
            item.blocks[header.tag >> 16, header.tag & 0xFF] = creator

    def _value(
        self, item: _Item, header: _Header, entry: Entry | None, *, is_creator: bool
    ) -> Element:
        if (
            entry is not None
            and entry.inner is not None
            and header.vr in ("SQ", "", "UN")
            and self._has_items(item, header)
        ):
            return self._opened(item, header, entry.inner)
        is_read = is_creator or (entry is not None and entry.is_read)
        if header.vr not in ("", "UN"):
            is_read = (entry is not None or is_creator) and header.vr not in NOT_READ
        if is_read and VALUE_LIMIT < header.length < UNDEFINED:
            raise _DamageError(Damage.VALUE)
        return self._pass(header, item.form, item.depth)

    def _has_items(self, item: _Item, header: _Header) -> bool:
        """10.1."""
        if header.length == UNDEFINED or header.length < 8:
            return header.length == UNDEFINED
        self._check_bound(header.length)
        form = item.form.of_items(header.vr)
        return self._tag(form) == ITEM

    def _opened(self, item: _Item, header: _Header, level: Level) -> Element:
        outer = self.bound
        defined = header.length != UNDEFINED
        if defined:
            self.bound = self.position + header.length
        form = item.form.of_items(header.vr)
        items: list[Dataset] = []
        self._check_depth(item.depth + 1)
        while not (defined and self.position == self.bound):  # 10.3
            length = self._item_header(form)
            if length is None:
                if defined:
                    self._jump(self.bound - self.position)
                break
            dataset = Dataset(item.dataset, header.tag)
            items.append(dataset)
            self._opened_item(_Item(dataset, level, form, item.depth + 1), length)
        self.bound = outer
        return Element(header.tag, header.vr, form.big, b"", len(items), tuple(items))

    def _opened_item(self, item: _Item, length: int) -> None:
        """10.5."""
        if length == UNDEFINED:
            if self._walk_to_stop(item):
                self._skip_item(item.form, item.depth)
            return
        self._check_bound(length)
        outer = self.bound
        self.bound = end = self.position + length
        while not item.has_stopped and self.position != end:
            if self._tag(item.form) > item.level.last:
                break
            self._element(item)
        self._jump(end - self.position)
        self.bound = outer

    def _walk_to_stop(self, item: _Item) -> bool:
        """Read an item of undefined length; tell whether there is more of it to pass."""
        while not item.has_stopped:
            tag = self._tag(item.form)
            if tag == ITEM_END:
                self._jump(8)
                return False
            if tag >> 16 == DELIMITERS:
                raise _DamageError(Damage.DELIMITER)
            if tag > item.level.last:
                return True
            self._element(item)
        return True

    def _pass(self, header: _Header, form: _Form, depth: int) -> Element:
        """Pass a value as 2.9 and 3 say."""
        inner = form.of_items(header.vr)
        if header.length == UNDEFINED:
            items = self._skip_series(inner, depth + 1)
            return Element(header.tag, header.vr, inner.big, b"", items)
        begin = self.position
        self._jump(header.length)
        return Element(header.tag, header.vr, inner.big, self.data[begin : self.position])

    def _skip_series(self, form: _Form, depth: int) -> int:
        self._check_depth(depth)
        items = 0
        while (length := self._item_header(form)) is not None:
            items += 1
            if length == UNDEFINED:
                self._skip_item(form, depth)
            else:
                self._jump(length)
        return items

    def _skip_item(self, form: _Form, depth: int) -> None:
        """3.4."""
        while True:
            tag = self._tag(form)
            if tag == ITEM_END:
                self._jump(8)
                return
            if tag >> 16 == DELIMITERS:
                raise _DamageError(Damage.DELIMITER)
            header = self._header(form)
            self.position += header.size
            self._pass(header, form, depth)

    def _item_header(self, form: _Form) -> int | None:
        """Pass the header of an item and give its length; `None` at the end of the series (3.2)."""
        self._need(8)
        tag = self._tag(form)
        length = self._number(self.position + 4, 4, form)
        if tag not in (ITEM, SERIES_END):
            raise _DamageError(Damage.DELIMITER)
        if tag == ITEM:
            self._count()
        self.position += 8
        return length if tag == ITEM else None

    def _header(self, form: _Form) -> _Header:
        """2.4 to 2.7."""
        self._count()
        place = self.position
        self._need(8)
        tag = self._tag(form)
        if not form.explicit:
            return _Header(tag, "", 8, self._number(place + 4, 4, form))
        letters = self.data[place + 4 : place + 6]
        if not all(0x41 <= letter <= 0x5A for letter in letters):
            raise _DamageError(Damage.VR)
        vr = letters.decode("ascii")
        if vr in SHORT:
            return _Header(tag, vr, 8, self._number(place + 6, 2, form))
        self._need(12)
        length = self._number(place + 8, 4, form)
        if length == UNDEFINED and vr not in SERIES:
            raise _DamageError(Damage.UNDEFINED)
        return _Header(tag, vr, 12, length)

    def _count(self) -> None:
        self.counted += 1
        if self.counted > ELEMENT_LIMIT:
            raise _DamageError(Damage.COUNT)

    def _check_depth(self, depth: int) -> None:
        """3.6."""
        if depth > DEPTH_LIMIT:
            raise _DamageError(Damage.DEPTH)

    def _check_bound(self, size: int) -> None:
        """10.4."""
        if self.bound >= 0 and size > self.bound - self.position:
            raise _DamageError(Damage.PAST)

    def _need(self, size: int) -> None:
        self._check_bound(size)
        if size > len(self.data) - self.position:
            raise _DamageError(Damage.CUT)

    def _jump(self, length: int) -> None:
        self._need(length)
        self.position += length

    def _tag(self, form: _Form) -> int:
        self._need(4)
        group = self._number(self.position, 2, form)
        return group << 16 | self._number(self.position + 2, 2, form)

    def _number(self, place: int, size: int, form: _Form) -> int:
        return int.from_bytes(self.data[place : place + size], "big" if form.big else "little")
