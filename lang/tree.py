"""A whole data set as a tree that can be edited, and back to bytes.

Where the walk of `elements` keeps what is tested, this keeps everything. Values are little endian
whatever the data set was; it is written in explicit little endian with defined lengths, the
fragments of encapsulated pixels as they were.
"""

import struct
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from roteiro.core.program import DEPTH_LIMIT, Damage, Encoding
from roteiro.lang import dictionary
from roteiro.lang.elements import FORMS, UNDEFINED, Damaged, Form, inflate
from roteiro.lang.raw import CHARACTER_SET, ITEM, ITEM_END, PIXEL_REPRESENTATION, SEQUENCE_END
from roteiro.lang.vrs import NUMBERS, SHORT

DataSet = dict[int, "Node"]
WORDS = {**{vr: size for vr, (_, size) in NUMBERS.items()}, "AT": 2, "OW": 2}
WORDS |= {"OL": 4, "OF": 4, "OD": 8, "OV": 8}
"""Bytes of a number of each VR whose bytes have an order."""
LETTERS = {2: "H", 4: "I", 8: "Q"}
END = struct.pack("<HHI", SEQUENCE_END >> 16, SEQUENCE_END & 0xFFFF, 0)


@dataclass(slots=True)
class Node:
    """One element: its VR, and a value, items or fragments."""

    vr: str
    value: bytes = b""
    items: list[DataSet] | None = None
    """Of a sequence."""
    fragments: bool = False
    """Whether `value` is a series of fragments with their item headers (PS3.5 A.4)."""


def parse(data: bytes, encoding: Encoding) -> DataSet:
    """Read a whole data set; `Damaged` when it cannot be read to its end."""
    if encoding is Encoding.DEFLATED:
        data, damage = inflate(data)
        if damage is not None:
            raise Damaged(damage)
    reader = _Reader(data, FORMS[encoding])
    return reader.level(len(data), 0)


def items_of(data: bytes) -> list[DataSet]:
    """Read the items of a sequence that was sent as UN; `Damaged` when they are none."""
    return _Reader(data, Form.IMPLICIT_LITTLE).items(len(data), 0)


@dataclass(slots=True)
class _Reader:
    """Goes through the bytes once."""

    data: bytes
    form: Form
    at: int = 0
    signed: list[bool] = field(default_factory=lambda: [False])

    def level(self, end: int | None, depth: int) -> DataSet:
        """Read elements up to `end`, or to the end of an item of undefined length."""
        if depth > DEPTH_LIMIT:
            raise Damaged(Damage.DEPTH)
        found: DataSet = {}
        last = -1
        while end is None or self.at < end:
            tag = self.tag()
            if tag == ITEM_END and end is None:
                self.number(4)
                return found
            node = self.node(tag, depth)
            if tag > last:  # what is repeated or out of order is not seen (PS3.5 7.1)
                found[tag], last = node, tag
        if end is not None and self.at != end:
            raise Damaged(Damage.CUT)
        return found

    def node(self, tag: int, depth: int) -> Node:
        """Read what follows a tag."""
        if tag >> 16 == ITEM >> 16:
            raise Damaged(Damage.DELIMITER)
        vr, length = self.header(tag)
        if length == UNDEFINED:
            return self.series(vr, depth)
        if vr == "SQ":
            return Node("SQ", items=self.items(self.at + length, depth))
        node = Node(vr, in_order(vr, self.take(length), big=self.form.value[1]))
        if tag == PIXEL_REPRESENTATION:
            self.signed.append(node.value[:1] == b"\1")
        return node

    def header(self, tag: int) -> tuple[str, int]:
        """Read VR and length; without a VR the dictionary's."""
        if not self.form.explicit:
            return dictionary_vr(tag, signed=self.signed[-1]), self.number(4)
        vr = self.take(2).decode("latin-1")
        if vr in SHORT:
            return vr, self.number(2)
        if not (vr.isascii() and vr.isupper()):
            raise Damaged(Damage.VR)
        self.take(2)
        return vr, self.number(4)

    def series(self, vr: str, depth: int) -> Node:
        """Read an undefined length: a sequence, or fragments."""
        if vr in {"OB", "OW"} and self.form.explicit:
            start = self.at
            while self.tag() != SEQUENCE_END:
                self.take(self.number(4))
            self.number(4)
            return Node(vr, self.data[start : self.at], fragments=True)
        form = self.form
        if vr == "UN":
            self.form = Form.IMPLICIT_LITTLE  # PS3.5 6.2.2
        items = self.items(None, depth)
        self.form = form
        return Node("SQ", items=items)

    def items(self, end: int | None, depth: int) -> list[DataSet]:
        """Read the items of a sequence."""
        found: list[DataSet] = []
        while end is None or self.at < end:
            tag, length = self.tag(), self.number(4)
            if tag == SEQUENCE_END and end is None:
                return found
            if tag != ITEM:
                raise Damaged(Damage.DELIMITER)
            self.signed.append(self.signed[-1])
            mark = len(self.signed)
            stop = None if length == UNDEFINED else self.at + length
            found.append(self.level(stop, depth + 1))
            del self.signed[mark - 1 :]
        if self.at != end:
            raise Damaged(Damage.CUT)
        return found

    def tag(self) -> int:
        """Read a tag."""
        return self.number(2) << 16 | self.number(2)

    def number(self, size: int) -> int:
        """Read an unsigned number."""
        return self.form.number(self.take(size))

    def take(self, length: int) -> bytes:
        """Read some bytes."""
        if self.at + length > len(self.data):
            raise Damaged(Damage.CUT)
        self.at += length
        return self.data[self.at - length : self.at]


def in_order(vr: str, value: bytes, *, big: bool) -> bytes:
    """Turn the bytes of numbers round that were sent big endian."""
    size = WORDS.get(vr, 1)
    if not big or size == 1 or len(value) % size:
        return value
    numbers = array(LETTERS[size], value)
    numbers.byteswap()
    return numbers.tobytes()


def dictionary_vr(tag: int, *, signed: bool = False) -> str:
    """Give the VR of an element that is sent without one (PS3.5 A.1)."""
    if tag >> 16 & 1:
        return "LO" if 0x10 <= tag & 0xFFFF <= 0xFF else "UN"
    attribute = dictionary.by_tag(tag)
    if attribute is None or attribute.vr == "NONE":
        return "UN"
    if attribute.vr == "US or SS":
        return "SS" if signed else "US"
    return "OW" if attribute.vr.endswith("OW") else attribute.vr


def terms_of(data_set: DataSet) -> tuple[str, ...]:
    """Give the Specific Character Set of one level; nothing when it has none of its own."""
    node = data_set.get(CHARACTER_SET)
    text = "" if node is None else node.value.decode("latin-1").strip(" \0")
    return tuple(term.strip() for term in text.split("\\")) if text else ()


# Writing ------------------------------------------------------------------------------------------


def write(data_set: DataSet, wanted: Callable[[int], bool] = lambda _: True) -> bytes:
    """Write a data set in explicit little endian: elements that are `wanted` of its top level."""
    return b"".join(element(tag, data_set[tag]) for tag in sorted(data_set) if wanted(tag))


def element(tag: int, node: Node) -> bytes:
    """Write one element (PS3.5 7.1.2)."""
    if node.fragments:
        return header(tag, node.vr, UNDEFINED) + node.value
    raw = node.value if node.items is None else b"".join(map(item, node.items))
    vr = "UN" if node.vr in SHORT and len(raw) > 0xFFFF else node.vr  # PS3.5 6.2.2
    return header(tag, vr, len(raw)) + raw


def header(tag: int, vr: str, length: int) -> bytes:
    """Write tag, VR and length."""
    start = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode("latin-1"))
    return start + struct.pack("<H" if vr in SHORT else "<2xI", length)


def item(data_set: DataSet) -> bytes:
    """Write one item of a sequence."""
    raw = write(data_set)
    return struct.pack("<HHI", ITEM >> 16, ITEM & 0xFFFF, len(raw)) + raw


def every(data_set: DataSet) -> Iterable[tuple[DataSet, int]]:
    """Give every element of every level with the data set that it is in."""
    for tag in list(data_set):
        yield data_set, tag
        node = data_set.get(tag)
        for inner in (node.items if node is not None else None) or ():
            yield from every(inner)
