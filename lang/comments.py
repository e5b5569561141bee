"""Comments: where they stand, and which of them document an item.

Comments are no part of the tree. The formatter and the reader of suppressions find them here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.lang.scan import BYTE_ORDER_MARK, COMMENT, line_end, pieces
from roteiro.lang.source import Source, Span

DOCUMENTING = "##"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#`, up to the end of its line."""

    span: Span
    text: str
    alone: bool
    """Whether nothing stands before it on its line."""

    @property
    def documents(self) -> bool:
        """Whether it is documentation of the item that follows."""
        return self.alone and self.text.startswith(DOCUMENTING)


def found(text: str) -> Iterator[tuple[int, int]]:
    """Give where each comment of a text begins and ends; only lines with a `#` are scanned."""
    at = text.find("#")
    while at >= 0:
        begin, end = line_start(text, at), line_end(text, at)
        for kind, written, stop in pieces(text, begin, end):
            if kind == COMMENT:
                start = stop - len(written)
                yield start, start + len(written.rstrip())
        at = text.find("#", end)


def line_start(text: str, at: int) -> int:
    """Say where the line of a place begins, a byte order mark left out."""
    return max(text.rfind("\n", 0, at) + 1, int(text.startswith(BYTE_ORDER_MARK)))


def comments(source: Source, file: int = 0) -> tuple[Comment, ...]:
    """Give the comments of a file in their order; `file` is part of their places."""
    text = source.text
    return tuple(
        Comment(Span(start, end, file), text[start:end], stands_alone(text, start))
        for start, end in found(text)
    )


def stands_alone(text: str, start: int) -> bool:
    """Whether only space stands before a place on its line."""
    return not text[line_start(text, start) : start].strip()


def docs_of(source: Source, start: int) -> str:
    """Give the documentation of the item, or rule, that begins at `start`; `""` without one.

    The lines of `##` right above it; other comments may stand between, an empty line may not.
    """
    if not stands_alone(source.text, start):
        return ""
    lines: list[str] = []
    for number in range(source.position(start).line - 1, 0, -1):
        line = source.line(number).removeprefix(BYTE_ORDER_MARK).strip()
        if line.startswith(DOCUMENTING):
            lines.append(line.lstrip("#").strip())
        elif not line.startswith("#"):
            break
    return "\n".join(reversed(lines))
