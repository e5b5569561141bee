"""Bytes of character elements to text, by Specific Character Set (PS3.5 6.1, docs/reading.md, 6).

The slow path of both engines: the compiled one comes here only with text that `letters` leaves to
Python, once a distinct value.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, replace
from unicodedata import normalize

from roteiro.core.vrs import STRIPPED_BEFORE, WHOLE

PADDING = " \0"
REPLACEMENT = "\ufffd"
ESC = 0x1B
BACKSLASH = 0x5C

LATIN = {100: 1, 101: 2, 109: 3, 110: 4, 144: 5, 127: 6, 126: 7, 138: 8, 148: 9, 203: 15}
"""Repertoire to the part of ISO 8859."""
ALONE = {"ISO_IR 192": "utf_8", "GB18030": "gb18030", "GBK": "gbk"}
"""Character sets that stand alone."""
SINGLE = {
    **{f"ISO_IR {number}": f"iso8859_{part}" for number, part in LATIN.items()},
    "ISO_IR 166": "tis_620",
    "ISO_IR 13": "jisx0201",
    **ALONE,
}


@dataclass(frozen=True, slots=True)
class Half:
    """A set that an escape sequence puts into G0 or G1; `lead` goes before a pair."""

    codec: str
    wide: bool = False
    lead: bytes = b""


ASCII = Half("ascii")
JIS = Half("jisx0201")
TO_ASCII = (b"(B", 0, ASCII)
LATIN_FINALS = dict(zip(LATIN, b"ABCDLGFHMb", strict=True))
EXTENSIONS: dict[int, tuple[tuple[bytes, int, Half], ...]] = {
    6: (TO_ASCII,),
    **{
        number: (TO_ASCII, (b"-" + bytes([LATIN_FINALS[number]]), 1, Half(f"iso8859_{part}")))
        for number, part in LATIN.items()
    },
    166: (TO_ASCII, (b"-T", 1, Half("tis_620"))),
    13: ((b"(J", 0, ASCII), (b")I", 1, JIS)),
    87: ((b"$B", 0, Half("euc_jp", wide=True)),),
    159: ((b"$(D", 0, Half("euc_jp", wide=True, lead=b"\x8f")),),
    149: ((b"$)C", 1, Half("euc_kr", wide=True)),),
    58: ((b"$)A", 1, Half("gb2312", wide=True)),),
}
"""Repertoire to what it declares: escape sequence, half (0 is G0), set (docs/reading.md, 6.9)."""


def decode_ascii(data: bytes) -> str:
    """Decode the default repertoire; what is not of it is one U+FFFD a byte."""
    return "".join(chr(byte) if byte < 0x80 else REPLACEMENT for byte in data)


def character_set(element: bytes) -> tuple[str, ...]:
    """Give the values of Specific Character Set, empty ones too; none when all are empty."""
    values = split("CS", decode_ascii(element))
    return tuple(values) if any(values) else ()


def split(vr: str, text: str) -> list[str]:
    """Split a text to its values and strip them (docs/reading.md, 6.10)."""
    values = [text] if vr in WHOLE else text.split("\\")
    values = [value.rstrip(PADDING) for value in values]
    return [value.lstrip(" ") for value in values] if vr in STRIPPED_BEFORE else values


def text_parts(vr: str, text: str) -> list[str]:
    """Give the values of a text, empty ones too; a name of delimiters only is empty."""
    parts = [normalize("NFC", value) for value in split(vr, text)]
    return ["" if vr == "PN" and not part.strip(" ^=") else part for part in parts]


def text_values(vr: str, text: str) -> list[str]:
    """Give the values of a text that are not empty."""
    return [part for part in text_parts(vr, text) if part]


def decode(data: bytes, charset: tuple[str, ...], vr: str, *, split: bool) -> str:
    """Decode text by the values of Specific Character Set; none is one empty value."""
    first, *others = charset or ("",)
    if first in ALONE or not others:
        if codec := SINGLE.get(first):
            return _by_codec(data, codec)
        if repertoire(first, "ISO 2022 IR ") is None:
            return decode_ascii(data)
    return _by_extensions(data, charset, _resets(vr, split=split))


def repertoire(term: str, prefix: str) -> int | None:
    """Give the number of a term that declares code extensions."""
    number = term.removeprefix(prefix)
    if number == term:
        return None
    return next((known for known in EXTENSIONS if str(known) == number), None)


def _resets(vr: str, *, split: bool) -> frozenset[int]:
    """Give the characters that begin a new value or component (PS3.5 6.1.2.5.3)."""
    return frozenset((b"\\" if split else b"") + (b"^=" if vr == "PN" else b""))


def _by_codec(data: bytes, codec: str) -> str:
    if codec == "jisx0201":
        return "".join(map(_jisx0201, data))
    return data.decode(codec, "roteiro.core.one-byte")


def _jisx0201(byte: int) -> str:
    if byte < 0x80:
        return chr(byte)
    return chr(0xFF61 + byte - 0xA1) if 0xA1 <= byte <= 0xDF else REPLACEMENT


def _one_byte(error: UnicodeError) -> tuple[str, int]:
    """Take one byte as U+FFFD and go on at the next."""
    assert isinstance(error, UnicodeDecodeError)
    return REPLACEMENT, error.start + 1


codecs.register_error("roteiro.core.one-byte", _one_byte)


@dataclass(frozen=True, slots=True)
class _Halves:
    g0: Half
    g1: Half | None


def _by_extensions(data: bytes, charset: tuple[str, ...], resets: frozenset[int]) -> str:
    declared = [_declared(term) for term in charset]
    sequences = {b"(B": (0, ASCII)}
    for sets in declared:
        sequences |= {sequence: (half, chosen) for sequence, half, chosen in sets}
    g1 = next((chosen for _, half, chosen in declared[0] if half == 1), None)
    return "".join(_extended(data, sequences, _Halves(ASCII, g1), resets))


def _declared(term: str) -> tuple[tuple[bytes, int, Half], ...]:
    number = repertoire(term or "ISO 2022 IR 6", "ISO 2022 IR ")
    if number is None:
        number = repertoire(term, "ISO_IR ")
    return () if number is None else EXTENSIONS[number]


def _extended(
    data: bytes,
    sequences: dict[bytes, tuple[int, Half]],
    initial: _Halves,
    resets: frozenset[int],
) -> Iterator[str]:
    halves, place = initial, 0
    while place < len(data):
        byte = data[place]
        if byte == ESC:
            sequence = _sequence(data, place + 1, sequences)
            if sequence is None:
                yield REPLACEMENT
                place += 1
                continue
            half, chosen = sequences[sequence]
            halves = replace(halves, g0=chosen) if half == 0 else replace(halves, g1=chosen)
            place += 1 + len(sequence)
            continue
        if byte < 0x20 or (byte in resets and not halves.g0.wide):
            halves = initial
        text, size = _character(data, place, halves)
        yield text
        place += size


def _sequence(data: bytes, place: int, sequences: dict[bytes, tuple[int, Half]]) -> bytes | None:
    return next((known for known in sequences if data.startswith(known, place)), None)


def _character(data: bytes, place: int, halves: _Halves) -> tuple[str, int]:
    byte = data[place]
    if byte < 0x80:
        if byte <= 0x20 or byte == 0x7F or not halves.g0.wide:
            return chr(byte), 1
        return _pair(data[place : place + 2], halves.g0, 0x21, 0x7E)
    if halves.g1 is None:
        return REPLACEMENT, 1
    if halves.g1.wide:
        return _pair(data[place : place + 2], halves.g1, 0xA1, 0xFE)
    return _by_codec(data[place : place + 1], halves.g1.codec), 1


def _pair(pair: bytes, half: Half, low: int, high: int) -> tuple[str, int]:
    if len(pair) < 2 or not all(low <= byte <= high for byte in pair):
        return REPLACEMENT, 1
    encoded = half.lead + bytes(byte | 0x80 for byte in pair)
    try:
        return encoded.decode(half.codec), 2
    except UnicodeDecodeError:
        return REPLACEMENT * 2, 2
