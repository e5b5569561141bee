"""Data sets as lists of raw elements, and their encoders, which know no rule of reading."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from roteiro.core.program import Encoding

SHORT_NAMES = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
SHORT = set(SHORT_NAMES.split(" "))
SIZES = {"US": 2, "SS": 2, "OW": 2, "AT": 2, "UL": 4, "SL": 4, "FL": 4, "OL": 4, "OF": 4}
SIZES |= {"UV": 8, "SV": 8, "FD": 8, "OD": 8, "OV": 8}
UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Item:
    """An item: its elements and whether its length is defined."""

    elements: tuple["Raw", ...] = ()
    defined: bool = True


@dataclass(frozen=True)
class Series:
    """The value of a sequence, or of anything with an undefined length."""

    items: tuple[Item, ...] = ()
    defined: bool = True


@dataclass(frozen=True)
class Raw:
    """An element: numbers in `value` are little endian and swapped where the encoding says so."""

    tag: int
    vr: str
    value: bytes | Series = b""


def encode(elements: Iterable[Raw], encoding: Encoding) -> bytes:
    """Encode a data set in the order given."""
    if encoding is Encoding.DEFLATED:
        return deflate(encode(elements, Encoding.EXPLICIT_LITTLE))
    explicit = encoding is not Encoding.IMPLICIT_LITTLE
    big = encoding is Encoding.EXPLICIT_BIG
    return b"".join(encoded(raw, explicit=explicit, big=big) for raw in elements)


def deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def tag_bytes(tag: int, *, big: bool) -> bytes:
    return struct.pack(">HH" if big else "<HH", tag >> 16, tag & 0xFFFF)


def header(tag: int, vr: str, length: int, *, explicit: bool, big: bool = False) -> bytes:
    order = ">" if big else "<"
    start = tag_bytes(tag, big=big)
    if not explicit:
        return start + struct.pack("<I", length)
    if vr in SHORT:
        return start + vr.encode("ascii") + struct.pack(f"{order}H", length)
    return start + vr.encode("ascii") + b"\0\0" + struct.pack(f"{order}I", length)


def encoded(raw: Raw, *, explicit: bool, big: bool) -> bytes:
    if isinstance(raw.value, Series):
        inner_explicit, inner_big = (False, False) if raw.vr == "UN" else (explicit, big)
        body = series(raw.value, explicit=inner_explicit, big=inner_big)
        length = len(body) if raw.value.defined else UNDEFINED
    else:
        body = swapped(raw.value, raw.vr) if big else raw.value
        length = len(body)
    return header(raw.tag, raw.vr, length, explicit=explicit, big=big) + body


def series(value: Series, *, explicit: bool, big: bool) -> bytes:
    body = b"".join(item_bytes(item, explicit=explicit, big=big) for item in value.items)
    return body if value.defined else body + delimiter(0xFFFEE0DD, 0, big=big)


def item_bytes(item: Item, *, explicit: bool, big: bool) -> bytes:
    body = b"".join(encoded(raw, explicit=explicit, big=big) for raw in item.elements)
    if item.defined:
        return delimiter(0xFFFEE000, len(body), big=big) + body
    return delimiter(0xFFFEE000, UNDEFINED, big=big) + body + delimiter(0xFFFEE00D, 0, big=big)


def delimiter(tag: int, length: int, *, big: bool = False) -> bytes:
    return tag_bytes(tag, big=big) + struct.pack(">I" if big else "<I", length)


def swapped(value: bytes, vr: str) -> bytes:
    size = SIZES.get(vr, 1)
    if len(value) % size != 0:
        return value
    parts = (value[at : at + size][::-1] for at in range(0, len(value), size))
    return b"".join(parts)
