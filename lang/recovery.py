"""Reads a transform or profile statement by statement where it cannot be read whole."""

from collections.abc import Callable
from typing import Any

from roteiro.lang import nodes
from roteiro.lang.items import Piece
from roteiro.lang.machine import Failure
from roteiro.lang.mistakes import Mistakes
from roteiro.lang.statements import WITH_BODY, Body

RULES = {"transform": "edit", "profile": "statement"}
"""The grammar's rule for the statements of an item."""
DEEPEST = 8
"""Blocks in blocks that are read one by one."""

Read = Callable[[int, int, str], Any]
"""Reads the tokens between two numbers by a rule of the grammar."""


class Recovery:
    """Reads one transform or profile."""

    def __init__(self, read: Read, mistakes: Mistakes, kind: str) -> None:
        """Read items of one keyword."""
        self.read = read
        self.mistakes = mistakes
        self.start = RULES[kind]
        self.body = Body(mistakes.tokens, kind, mistakes.number)

    def item(self, piece: Piece, failed: Failure) -> nodes.Transform | nodes.Profile | None:
        """Read an item that failed; report each mistake in it, or else the failure."""
        head, edits = self.parts(piece, failed, 0)
        if head is None:
            return None
        if piece.kind == "transform":
            return nodes.Transform(head, edits, piece.span)
        name, extends = head
        return nodes.Profile(name, extends, edits, piece.span)

    def parts(self, piece: Piece, failed: Failure, depth: int) -> tuple[Any, tuple[Any, ...]]:
        """Give the head of a piece, nothing if it cannot be read, and what its braces hold."""
        brace = self.body.block(piece.begin, piece.end)
        if brace is None or depth > DEEPEST:
            self.mistakes.syntax_error(piece, failed)
            return None, ()
        before = len(self.mistakes.report.findings)
        head = self.read(piece.begin, brace + 1, f"{piece.kind}_head")
        if isinstance(head, Failure):
            self.mistakes.syntax_error(piece, head)
            head = None
        end = self.end(piece, brace, depth)
        edits, upset = self.statements(brace + 1, end, depth)
        if end + 1 < piece.end:
            self.mistakes.syntax_error(piece, failed)
        if piece.opened is not None and not upset:
            self.mistakes.unclosed(piece)
        if len(self.mistakes.report.findings) == before:
            self.mistakes.syntax_error(piece, failed)
        return head, edits

    def end(self, piece: Piece, brace: int, depth: int) -> int:
        """Say where a block ends: at its own brace, or at the last one of an item."""
        closing = self.body.closing(brace, piece.end) if depth else None
        if closing is not None:
            return closing
        closed = piece.opened is None and self.body.tokens[piece.end - 1].text == "}"
        return piece.end - closed

    def statements(self, begin: int, end: int, depth: int) -> tuple[tuple[Any, ...], bool]:
        """Read what stands in braces; say too whether it explains that they do not balance."""
        found: list[Any] = []
        upset = False
        bare = 0  # blocks so far whose brace is missing, each with one too many to come
        for part in self.body.cut(begin, end):
            made = self.read(part.begin, part.end, self.start)
            if isinstance(made, Failure) and bare and self.body.tokens[part.end - 1].text == "}":
                bare -= 1
                made = self.read(part.begin, part.end - 1, self.start)
            if isinstance(made, Failure):
                bare += part.kind in WITH_BODY and self.body.block(part.begin, part.end) is None
                upset = upset or part.upset
                made = self.statement(part, made, depth)
            if made is not None:
                found.append(made)
        return tuple(found), upset

    def statement(self, part: Piece, failed: Failure, depth: int) -> Any:
        """Read a statement that failed."""
        if part.kind not in WITH_BODY:
            self.mistakes.syntax_error(part, failed)
            return None
        head, edits = self.parts(part, failed, depth + 1)
        if head is None:
            return None
        kind = nodes.IfEdit if part.kind == "if" else nodes.EachEdit
        return kind(head, edits, part.span)
