"""Text to tokens: words, texts, patterns, numbers, tags, marks and comments, and nothing else.

What a word or a number means depends on where it stands and is the parser's to say. Every character
that is no space is part of a token, so that nothing written is passed over.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"
WORD, TAG, MARK, TEXT, NUMBER = "word", "tag", "mark", "text", "number"
COMMENT, OPEN, PATTERN, OTHER = "comment", "open", "pattern", "other"

FIRST = r"""
    (?P<text>i?"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<tag>\([0-9A-Fa-fxX]{4},(?:"[^"\n]++",[0-9A-Fa-f]{2}|[0-9A-Fa-fxX]{4})\))
  | (?P<mark>\.\.|==|!=|<=|>=|&&|\|\||[{}()\[\]=,.:@<>+])
  | (?P<number>-?[0-9](?:[A-Za-z0-9_:+-]|\.(?!\.))*+)
  | (?P<comment>\#[^\n]*+)
  | (?P<open>"[^\n]*+)
"""
PATTERNS = r"  | (?P<pattern>/(?:\\.|[^/\\\n])++/i?)"
LAST = r"""
  | (?P<other>/{2,}+|\S)
  | (?P<end>\Z)
"""
SCAN = re.compile(rf"\s*+(?:{FIRST}{PATTERNS}{LAST})", re.VERBOSE)
WITHOUT_PATTERNS = re.compile(rf"\s*+(?:{FIRST}{LAST})", re.VERBOSE)
"""For the rest of a line on which a slash begins no pattern: then no later one does either."""


class Token(NamedTuple):
    """A token: coarser than the grammar's."""

    kind: str
    text: str
    start: int
    end: int
    leads: bool
    """First on its line."""
    indent: int
    """Characters before the first token of its line."""


def pieces(text: str, at: int, end: int) -> Iterator[tuple[str, str, int]]:
    """Give the kind and the text of each token between two places, and where it ends."""
    expression = SCAN
    stop = end
    while at < end:
        for match in expression.finditer(text, at, stop):
            kind = match.lastgroup or ""
            at = match.end()
            if kind == "end":
                break
            if kind == OPEN:
                opened = match[kind]
                at += inside(opened) - len(opened)
                yield kind, opened[: inside(opened)], at
                break
            yield kind, match[kind], at
            if kind == OTHER and match[kind] == "/" and expression is SCAN:
                expression, stop = WITHOUT_PATTERNS, min(end, line_end(text, at))
                break
        else:
            at = stop
        if at >= stop:
            expression, stop = SCAN, end


def line_end(text: str, at: int) -> int:
    """Say where the line of a place ends."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def inside(opened: str) -> int:
    """Say how much of its line a text that nothing closes takes.

    Braces at the end of the line that close nothing within it are more likely meant as braces.
    """
    body = opened.rstrip("} \t\r")
    closing = [at for at in range(len(body), len(opened)) if opened[at] == "}"]
    left = closing[max(0, body.count("{") - body.count("}")) :]
    return left[0] if left else len(opened.rstrip())


def scan(text: str, at: int = 0, stop: int | None = None) -> list[Token]:
    """Give the tokens of a text, comments left out; of a part of it, if it begins a line.

    A part ends where a token does.
    """
    tokens: list[Token] = []
    begin, indent = int(text.startswith(BYTE_ORDER_MARK)), 0
    line = -1  # where the line of the last token ends
    for kind, written, end in pieces(text, max(at, begin), len(text) if stop is None else stop):
        if kind == COMMENT:
            continue
        start = end - len(written)
        leads = start > line
        if leads:
            indent = start - max(begin, text.rfind("\n", 0, start) + 1)
            line = line_end(text, end)
        tokens.append(Token(kind, written, start, end, leads, indent))
    return tokens
