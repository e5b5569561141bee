"""Marks of lines that stay when lines move, so that a service knows a finding again.

GitHub's own uploader makes the mark of a line from the 100 characters that follow its beginning,
blanks left out; the same marks are made here, so that a file is known again however it is uploaded.
"""

import re
from collections import Counter

BLOCK = 100
"""Characters that make a mark."""
BASE = 37
WORD = 1 << 64
END = "\uffff"
"""Stands behind the last character."""
BLANK = re.compile(r"[ \t]+")
LINE_END = re.compile(r"\r\n?")
ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")


def value(window: str) -> int:
    """Give the number of up to 100 characters: a polynomial, the first one weighing most."""
    found = 0
    for char in window.ljust(BLOCK, "\0"):
        found = (found * BASE + ord(char)) % WORD
    return found


def halves(found: re.Match[str]) -> str:
    """Write a character beyond the basic plane as the two units that UTF-16 has for it."""
    code = ord(found[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def windows(text: str) -> list[str]:
    """Give for each line the characters that make its mark."""
    units = ASTRAL.sub(halves, BLANK.sub("", LINE_END.sub("\n", text))) + END
    found: list[str] = []
    start = 0
    while start < len(units):
        found.append(units[start : start + BLOCK])
        start = units.find("\n", start) + 1 or len(units)
    return found


def marks(text: str) -> list[str]:
    """Give the mark of each line: its number, and which of those with that number it is."""
    seen: Counter[str] = Counter()
    numbers: dict[str, int] = {}
    found: list[str] = []
    for window in windows(text):
        seen[window] += 1
        if window not in numbers:
            numbers[window] = value(window)
        found.append(f"{numbers[window]:x}:{seen[window]}")
    return found
