"""One line of a source with what points at it, fit for a terminal.

Columns of findings count code points; here they become columns of a terminal, where a character of
East Asia takes two and a combining one none.
"""

from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from roteiro.lang.source import Source

WIDTH = 100
"""Columns of a source line that are shown; of a longer one the parts around its marks."""
BEFORE = WIDTH // 2
"""Of these, what stands before the first mark."""


def width(char: str) -> int:
    """Give how many columns of a terminal a character takes."""
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in {"W", "F"} else 1


def columns(text: str) -> int:
    """Give how many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(width, text))


def visible(line: str) -> str:
    """Make a line safe for a terminal: a tab is one space, other controls are dots."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else " " if char == "\t" else "·" for char in line)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """What underlines a stretch of a line, from a column that counts from 0."""

    start: int
    length: int
    sign: str
    words: str


class Excerpt:
    """One line of a source with what points at it."""

    def __init__(self, source: Source, number: int) -> None:
        """Take a line by its number."""
        self.number = number
        self.line = visible(source.line(number))
        self.marks: list[Mark] = []

    def mark(self, start: int, length: int, sign: str, words: str) -> None:
        """Underline a stretch, from a column that counts from 0."""
        self.marks.append(Mark(start, max(1, length), sign, words))

    def groups(self) -> list[list[Mark]]:
        """Give the marks that can be shown below one part of the line, part by part."""
        found: list[list[Mark]] = []
        for mark in sorted(self.marks):
            fits = len(self.line) <= WIDTH or (found and mark.start - found[-1][0].start < BEFORE)
            if found and fits:
                found[-1].append(mark)
            else:
                found.append([mark])
        return found

    def cut(self, first_mark: int) -> tuple[str, int]:
        """Give the part of the line that is shown, and the column of its first character."""
        if len(self.line) <= WIDTH:
            return self.line, 0
        first = max(0, first_mark - BEFORE)
        part = self.line[first : first + WIDTH]
        before = "…" if first else ""
        after = "…" if first + WIDTH < len(self.line) else ""
        return before + part + after, first - len(before)

    def lines(self, gutter: int) -> list[str]:
        """Give the line and a line of underlining for each mark."""
        found: list[str] = []
        for marks in self.groups():
            shown, first = self.cut(marks[0].start)
            found.append(f"{self.number:>{gutter}} | {shown}".rstrip())
            found += [below(mark, shown, first, gutter) for mark in marks]
        return found


def below(mark: Mark, shown: str, first: int, gutter: int) -> str:
    """Give the line of underlining for one mark; `first` is the column of what is shown first."""
    before = shown[: mark.start - first]
    under = shown[mark.start - first : mark.start - first + mark.length]
    space = " " * columns(before)
    signs = mark.sign * max(1, columns(under))
    return f"{'':>{gutter}} | {space}{signs} {mark.words}".rstrip()
