"""Cuts the body of a transform or profile into its statements.

Done only where the body could not be read as a whole, so that a mistake costs its statement and the
others are looked at too.
"""

from roteiro.lang.items import OPERATORS, STATEMENTS, WANTING, Piece
from roteiro.lang.scan import WORD, Token
from roteiro.lang.source import Span

WITH_BODY = ("if", "each")
GOING_ON = OPERATORS | {"to", "with", "when", "except", "within", "secret", "shift", "block"}
"""Words that go on with a statement on a new line."""
BEFORE_PARTS = WANTING | {"option", "private", "keep", "replace", "each", "uids", "hash", "+", "("}
"""Words and marks that want something behind them, which therefore begins no statement."""
UNFINISHED = frozenset((",", "=", "+"))
"""Those of them that are more likely one too many where a statement seems to follow."""


class Body:
    """Tokens of a file, of which a stretch is cut."""

    def __init__(self, tokens: list[Token], kind: str, file: int) -> None:
        """Cut the body of an item of one keyword."""
        self.tokens = tokens
        self.words = STATEMENTS[kind]
        self.file = file

    def cut(self, begin: int, end: int) -> list[Piece]:
        """Give the statements between two tokens."""
        found: list[Piece] = []
        at = begin
        depth = 0
        for here in range(begin, end):
            if here > at and depth <= 0 and self.begins(here):
                found.append(self.piece(at, here))
                at = here
            depth += self.brace(here)
        return [*found, self.piece(at, end)] if at < end else found

    def begins(self, at: int) -> bool:
        """Whether a statement begins at a token, outside of braces."""
        token, before = self.tokens[at], self.tokens[at - 1].text
        if token.kind != WORD:
            return False
        if token.text in self.words and self.following(at) not in {"(", ".", ","}:
            return before not in BEFORE_PARTS or (token.leads and before in UNFINISHED)
        return token.leads and before not in BEFORE_PARTS and token.text not in GOING_ON

    def following(self, at: int) -> str:
        """Give the text of the next token."""
        return self.tokens[at + 1].text if at + 1 < len(self.tokens) else ""

    def brace(self, at: int) -> int:
        """Give 1 for an opening brace, -1 for a closing one."""
        return (self.tokens[at].text == "{") - (self.tokens[at].text == "}")

    def piece(self, begin: int, end: int) -> Piece:
        """Make a piece of a statement."""
        first = self.tokens[begin]
        span = Span(first.start, self.tokens[end - 1].end, self.file)
        kind = first.text if first.text in self.words else ""
        upset = self.upset(begin, end)
        return Piece(kind, first, span, begin, end, opened=self.opened(begin, end), upset=upset)

    def upset(self, begin: int, end: int) -> bool:
        """Whether a statement's brackets explain that braces around it do not balance."""
        texts = [token.text for token in self.tokens[begin:end]]
        return any(texts.count(left) != texts.count(right) for left, right in ("()", "[]", "{}"))

    def opened(self, begin: int, end: int) -> Token | None:
        """Give the brace that a statement leaves open."""
        open_: list[Token] = []
        for token in self.tokens[begin:end]:
            if token.text == "{":
                open_.append(token)
            elif token.text == "}" and open_:
                open_.pop()
        return open_[0] if open_ else None

    def block(self, begin: int, end: int) -> int | None:
        """Give the brace of `if ... {` and `each ... {`, which is none of a set."""
        depth = 0
        for at in range(begin, end):
            if depth == 0 and at > begin and self.begins(at):
                return None
            if depth == 0 and self.tokens[at].text == "{" and self.opens(at):
                return at
            depth += self.brace(at)
        return None

    def closing(self, brace: int, end: int) -> int | None:
        """Give the brace that closes another."""
        depth = 0
        for at in range(brace, end):
            depth += self.brace(at)
            if depth == 0:
                return at
        return None

    def opens(self, at: int) -> bool:
        """Whether a brace at this place is none of a set."""
        return self.tokens[at - 1].text not in WANTING
