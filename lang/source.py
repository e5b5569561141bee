"""A rule file's text, and places in it."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

LINE_END = re.compile("\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a source: offsets in code points, the end not included."""

    start: int
    end: int
    file: int = 0
    """Which of the program's files, in the order in which `use` reached them; the first is 0."""


NOWHERE = Span(0, 0)
"""The place of what stands in no text."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place as people count it: lines and columns from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """The text of one rule file and the name to show for it."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in LINE_END.finditer(self.text))]

    def position(self, offset: int) -> Position:
        """Give the line and column of an offset; the end of the text has one too."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def start(self, number: int) -> int:
        """Give the offset at which a line begins, counted from 1."""
        return self._starts[number - 1]

    def line(self, number: int) -> str:
        """Give the text of a line, counted from 1, without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")
