"""Values of a data set as texts, and texts as values: what transforms read and write.

Texts are decoded by the character set in force and written back in it. What has no place in the VR
or in the character set is `Unfit`: a transform that met it holds its delivery (2c).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from roteiro.core.program import Field
from roteiro.lang.charset import CODECS, WHOLE, Charset, ascii_text
from roteiro.lang.impossible import LENGTHS
from roteiro.lang.messages import Phrase
from roteiro.lang.moments import Undecodable, moment
from roteiro.lang.texts import DECODERS, split
from roteiro.lang.tree import Node
from roteiro.lang.vrs import CHARSET_VRS, NUMBERS, UNSPLIT

LONGEST = {**LENGTHS, "UI": 64, "DS": 16, "IS": 12, "AS": 4, "DA": 8, "TM": 14, "DT": 26}
"""Characters of one value at most (PS3.5 6.2)."""
GROUP_LENGTH = 64
"""Characters of a group of a person name at most."""
TEXTUAL = frozenset((*LONGEST, "PN", "UC", "UR", "UT"))


class Unfit(Exception):  # noqa: N818  it says what does not fit
    """A value has no place where it should go."""

    def __init__(self, key: str, **values: object) -> None:
        """Say why."""
        super().__init__(key)
        self.phrase = Phrase(f"selftest.{key}", **values)


@dataclass(frozen=True, slots=True)
class Scribe:
    """Reads and writes texts by one character set."""

    terms: tuple[str, ...]
    """Specific Character Set."""

    def read(self, node: Node) -> tuple[str, ...]:
        """Give the values of an element that are not empty, as texts."""
        if node.vr in NUMBERS:
            letter, size = NUMBERS[node.vr]
            count = len(node.value) // size
            numbers = struct.unpack(f"<{count}{letter}", node.value[: count * size])
            return tuple(str(number) for number in numbers)
        if node.vr == "AT":
            pairs = struct.iter_unpack("<HH", node.value[: len(node.value) // 4 * 4])
            return tuple(f"{group:04X}{element:04X}" for group, element in pairs)
        if node.vr not in TEXTUAL:
            raise Unfit("unfit_read", vr=node.vr)
        if node.vr not in CHARSET_VRS:
            text = ascii_text(node.value)
        else:
            text = Charset(self.terms).value(node.value, node.vr)
        return tuple(value for value in split(text, node.vr) if value)

    def write(self, values: tuple[str, ...], field: Field) -> Node:
        """Write texts as an element of a field; `Unfit` when one has no place there."""
        vr = field.vr
        if vr == "US or SS":
            vr = "SS" if any(value.startswith("-") for value in values) else "US"
        if vr in NUMBERS or vr == "AT":
            return Node(
                vr, packed(values, vr, lambda: Unfit("unfit_value", name=field.name, vr=vr))
            )
        if vr not in TEXTUAL:
            raise Unfit("unfit_write", name=field.name, vr=vr)
        if len(values) > 1 and vr in UNSPLIT:
            raise Unfit("unfit_values", name=field.name, vr=vr)
        for value in values:
            check(value, vr, field)
        raw = self.encoded("\\".join(values), vr, field)
        return Node(vr, padded(raw, b"\0" if vr == "UI" else b" "))

    def encoded(self, text: str, vr: str, field: Field) -> bytes:
        """Encode a text in the character set of the data set."""
        codec = codec_of(self.terms) if vr in CHARSET_VRS else "ascii"
        try:
            return text.encode("ascii") if text.isascii() else text.encode(codec)
        except UnicodeEncodeError as wrong:
            char = text[wrong.start]
            raise Unfit("unfit_charset", name=field.name, char=char) from None


def codec_of(terms: tuple[str, ...]) -> str:
    """Give the codec of a Specific Character Set; ASCII when it is not a plain one."""
    term = terms[0] if len(terms) == 1 else ""
    return WHOLE.get(term) or CODECS.get(term.removeprefix("ISO_IR "), "ascii")


def packed(values: tuple[str, ...], vr: str, wrong: Callable[[], Exception]) -> bytes:
    """Write binary numbers, or tags; raise what `wrong` makes where one is none of the VR."""
    try:
        return b"".join(number(value, vr) for value in values)
    except (ValueError, OverflowError, struct.error):
        raise wrong() from None


def number(value: str, vr: str) -> bytes:
    """Write one binary number, whose range is the VR's, or a tag."""
    if vr == "AT":
        tag = int(value, 16)
        return struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    letter, _ = NUMBERS[vr]
    return struct.pack(f"<{letter}", float(value) if vr in {"FL", "FD"} else int(value))


def padded(raw: bytes, pad: bytes) -> bytes:
    """Make a value of even length (PS3.5 7.1.1)."""
    return raw + pad * (len(raw) % 2)


def check(value: str, vr: str, field: Field) -> None:
    """Refuse a value that is too long for its VR, or none of it."""
    longest = max(map(len, value.split("="))) if vr == "PN" else len(value)
    if longest > LONGEST.get(vr, GROUP_LENGTH if vr == "PN" else longest):
        raise Unfit("unfit_length", name=field.name, vr=vr, length=longest)
    if "\\" in value and vr not in UNSPLIT:
        raise Unfit("unfit_backslash", name=field.name, vr=vr)
    try:
        if vr == "DT":
            moment(value)
        elif vr in DECODERS and value:
            DECODERS[vr](value)
    except Undecodable:
        raise Unfit("unfit_value", name=field.name, vr=vr) from None
