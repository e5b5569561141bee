"""Character sets, and how a text is written under each: plain encoders, for generated objects."""

import re
from collections.abc import Callable

Encoder = Callable[[str], bytes]


def by_codec(codec: str) -> Encoder:
    return lambda text: text.encode(codec, "replace")


def escaped(escape: bytes, codec: str) -> Encoder:
    """Write an escape sequence before each run that is not ASCII; delimiters set back."""

    def run(found: re.Match[str]) -> str:
        raw = escape + found[0].encode(codec, "replace")
        return raw.decode("latin-1")

    def encoder(text: str) -> bytes:
        marked = re.sub(r"[^\x00-\x7f]+", run, text)
        return marked.encode("latin-1", "replace")

    return encoder


def japanese(text: str) -> bytes:
    return text.encode("iso2022_jp", "replace")


CHARSETS: dict[bytes, Encoder] = {
    b"ISO_IR 192": by_codec("utf_8"),
    b"ISO_IR 100": by_codec("iso8859_1"),
    b"ISO 2022 IR 100": by_codec("iso8859_1"),
    b"\\ISO 2022 IR 100": escaped(b"\x1b-A", "iso8859_1"),
    b"ISO 2022 IR 100\\ISO 2022 IR 126": by_codec("iso8859_1"),
    b"ISO_IR 101": by_codec("iso8859_2"),
    b"GB18030": by_codec("gb18030"),
    b"GBK": by_codec("gbk"),
    b"ISO_IR 13": by_codec("shift_jis"),
    b"\\ISO 2022 IR 87": japanese,
    b"ISO 2022 IR 13\\ISO 2022 IR 87": japanese,
    b"\\ISO 2022 IR 149": escaped(b"\x1b$)C", "euc_kr"),
    b"\\ISO 2022 IR 58": escaped(b"\x1b$)A", "gb2312"),
    b"nonsense": by_codec("utf_8"),
    b"": by_codec("utf_8"),
}
"""Specific Character Sets, and how values are written under them."""
