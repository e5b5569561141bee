"""Specific Character Set: bytes of text to text (PS3.3 C.12.1.1.2, PS3.5 6.1).

Transcribes section 6 of docs/reading.md, to which the numbers in comments refer. Where no character
can be decoded, one byte is one U+FFFD; no character set is ever guessed.
"""

import codecs
from dataclasses import dataclass
from unicodedata import normalize

from roteiro.lang.vrs import UNSPLIT

DELIMITERS = {**dict.fromkeys(UNSPLIT, ""), "PN": "\\^="}
"""What ends code extensions in a value, by VR; the backslash in all others (PS3.5 6.1.2.5.3)."""
LOST = "\ufffd"
ESCAPE = 0x1B

CODECS = {
    "100": "iso8859_1",
    "101": "iso8859_2",
    "109": "iso8859_3",
    "110": "iso8859_4",
    "144": "iso8859_5",
    "127": "iso8859_6",
    "126": "iso8859_7",
    "138": "iso8859_8",
    "148": "iso8859_9",
    "203": "iso8859_15",
    "166": "tis_620",
}
"""The one-byte sets by their registration numbers; 13 has no codec of its own."""
FINALS = dict(zip(CODECS, b"ABCDLGFHMbT", strict=True))
"""How `ESC - F` ends for each of them."""
WHOLE = {"ISO_IR 192": "utf_8", "GB18030": "gb18030", "GBK": "gbk"}
"""Terms that stand alone: no code extensions with them."""


def _one_lost(error: UnicodeError) -> tuple[str, int]:
    """Read one byte as U+FFFD and go on at the next (6.5)."""
    assert isinstance(error, UnicodeDecodeError)
    return LOST, error.start + 1


codecs.register_error("roteiro.one_lost", _one_lost)


def ascii_text(raw: bytes) -> str:
    """Decode the default repertoire (6.1, 6.6)."""
    return raw.decode("ascii", "roteiro.one_lost")


@dataclass(frozen=True, slots=True)
class Charset:
    """A Specific Character Set: its terms, as the element holds them; `("",)` when it has none."""

    terms: tuple[str, ...] = ("",)

    def decode(self, raw: bytes, delimiters: str = "") -> str:
        r"""Decode text to NFC; `delimiters` (`\`, in PN also `^=`) end code extensions."""
        return normalize("NFC", self._decode(raw, delimiters))

    def value(self, raw: bytes, vr: str) -> str:
        """Decode the value of an element to which the character set applies (6.1)."""
        return self.decode(raw, DELIMITERS.get(vr, "\\"))

    def _decode(self, raw: bytes, delimiters: str) -> str:
        first = self.terms[0]
        if first in WHOLE:  # 6.3, 6.4
            return raw.decode(WHOLE[first], "roteiro.one_lost")
        if len(self.terms) > 1 or first.startswith("ISO 2022 IR "):
            return _Extended(self.terms, delimiters).decode(raw)
        number = first.removeprefix("ISO_IR ")
        if first == f"ISO_IR {number}" and number in RIGHT:
            return "".join(_one_byte(number, byte) for byte in raw)
        return ascii_text(raw)


RIGHT = frozenset([*CODECS, "13"])
"""The sets of one byte a character that have a right half."""


def _one_byte(number: str | None, byte: int) -> str:
    """Decode one byte of a one-byte set; of none when `number` is `None`."""
    if byte < 0x80:  # 6.7: the left half of JIS X 0201 is read as ASCII
        return chr(byte)
    if number == "13":
        return chr(0xFF61 + byte - 0xA1) if 0xA1 <= byte <= 0xDF else LOST
    if number is None:
        return LOST
    return bytes([byte]).decode(CODECS[number], "roteiro.one_lost")


PAIRS = {
    "87": ("euc_jp", b""),
    "159": ("euc_jp", b"\x8f"),
    "149": ("euc_kr", b""),
    "58": ("gb2312", b""),
}
"""The two-byte sets: the codec of a pair with high bits, and what stands before it there."""
LEFT_PAIRS = frozenset(["87", "159"])
RIGHT_PAIRS = frozenset(["149", "58"])


def _pair(number: str, first: int, second: int) -> str:
    """Decode a pair of a two-byte set; two U+FFFD when it has no character (6.9)."""
    codec, before = PAIRS[number]
    try:
        return (before + bytes([first | 0x80, second | 0x80])).decode(codec)
    except UnicodeDecodeError:
        return LOST * 2


ASCII = "6"
ESCAPES: dict[str, dict[bytes, tuple[str, str]]] = {
    ASCII: {},
    "13": {b"(J": ("left", ASCII), b")I": ("right", "13")},
    "87": {b"$B": ("left", "87")},
    "159": {b"$(D": ("left", "159")},
    "149": {b"$)C": ("right", "149")},
    "58": {b"$)A": ("right", "58")},
    **{number: {b"-" + bytes([final]): ("right", number)} for number, final in FINALS.items()},
}
"""What follows ESC, for each set that may be declared: the half it sets, and to what."""


def _number(term: str) -> str | None:
    """Give the registration number of a term in code extensions; `None` declares nothing (6.4)."""
    if term == "":
        return ASCII
    for prefix in ("ISO 2022 IR ", "ISO_IR "):
        if term.startswith(prefix) and term.removeprefix(prefix) in ESCAPES:
            return term.removeprefix(prefix)
    return None


class _Extended:
    """Decodes with code extensions (PS3.5 6.1.2.5): two halves that escape sequences change."""

    def __init__(self, terms: tuple[str, ...], delimiters: str) -> None:
        numbers = [_number(term) for term in terms]
        self.escapes = {b"(B": ("left", ASCII)}
        for number in numbers:
            self.escapes |= ESCAPES[number] if number is not None else {}
        first = numbers[0]
        self.first_right = first if first in RIGHT or first in RIGHT_PAIRS else None
        self.delimiters = delimiters
        self.reset()

    def reset(self) -> None:
        """Set both halves back to what they were at first."""
        self.left: str = ASCII
        self.right: str | None = self.first_right

    def decode(self, raw: bytes) -> str:
        """Decode a whole element."""
        text: list[str] = []
        at = 0
        while at < len(raw):
            piece, length = self.step(raw, at)
            text.append(piece)
            at += length
        return "".join(text)

    def step(self, raw: bytes, at: int) -> tuple[str, int]:
        """Decode what begins here; give its text and its length in bytes."""
        byte = raw[at]
        if byte == ESCAPE:
            return self.escape(raw, at)
        if byte < 0x20:
            self.reset()
            return chr(byte), 1
        if byte >= 0x80:
            return self.right_half(raw, at)
        if self.left in LEFT_PAIRS and 0x21 <= byte <= 0x7E:
            return self.pair(self.left, raw[at : at + 2], 0x21, 0x7E)
        if chr(byte) in self.delimiters and self.left not in LEFT_PAIRS:
            self.reset()
        return chr(byte), 1

    def escape(self, raw: bytes, at: int) -> tuple[str, int]:
        """Obey a declared escape sequence; any other ESC is one U+FFFD."""
        for sequence, (half, number) in self.escapes.items():
            if raw.startswith(sequence, at + 1):
                if half == "left":
                    self.left = number
                else:
                    self.right = number
                return "", 1 + len(sequence)
        return LOST, 1

    def right_half(self, raw: bytes, at: int) -> tuple[str, int]:
        """Decode a byte from 0x80 up, or the pair that it begins."""
        if self.right in RIGHT_PAIRS:
            return self.pair(self.right, raw[at : at + 2], 0xA1, 0xFE)
        return _one_byte(self.right, raw[at]), 1

    def pair(self, number: str, raw: bytes, low: int, high: int) -> tuple[str, int]:
        """Decode a pair; a byte that begins none is one U+FFFD."""
        if len(raw) == 2 and all(low <= byte <= high for byte in raw):
            return _pair(number, raw[0], raw[1]), 2
        return LOST, 1
