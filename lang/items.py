"""Cuts the text of a rule file into items, and tables into rules, before anything is parsed.

A small scanner that knows braces, texts, patterns and comments and nothing else. Each piece is
parsed alone, so one mistake spoils one piece. Where braces do not balance, the next line that
begins like an item (or the next thing that looks like a rule, inside a table) ends the piece.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from roteiro.lang.source import Span

NESTING = 64
"""Parentheses in parentheses that a condition may have."""

SCAN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<text>i?"[^"\\\n]*(?:\\.[^"\\\n]*)*")
  | (?P<open>"[^\n]*)
  | (?P<pattern>/(?:\\.|[^/\\\n])+/i?)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>\.\.|==|!=|<=|>=|&&|\|\||[{}()\[\]=,.:@<>])
  | (?P<number>[-+]?[0-9](?:[A-Za-z0-9_:+-]|\.(?!\.))*)
  | (?P<other>[^\s\ufeff])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the scanner: coarser than the grammar's."""

    kind: str
    text: str
    start: int
    end: int
    leads: bool
    """First on its line."""

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is parsed alone.

    `kind` is its keyword as understood (`""` when nothing was), `first` the keyword's token as
    written. `opened` is the place of the brace that nothing closes. `parts` are the rules of a
    table or guard, `extra` its braces that close nothing.
    """

    kind: str
    first: Token
    span: Span
    name: Token | None = None
    opened: Token | None = None
    parts: "tuple[Piece, ...]" = ()
    extra: tuple[Token, ...] = ()
    too_deep: Token | None = None
    head: int = 0
    """Where the head of a table ends, its brace included."""


WORD, TEXT, NUMBER = "word", "text", "number"
SHAPES: dict[str, tuple[str, ...]] = {
    # what follows an item's keyword: a kind of token, or one of some marks
    "language": (NUMBER,),
    "use": (TEXT,),
    "timezone": (TEXT,),
    "router": ("{",),
    "listener": (WORD, "{"),
    "node": (WORD, "{"),
    "pool": (WORD, "="),
    "set": (WORD, "= :"),
    "condition": (WORD, "="),
    "lookup": (WORD, "="),
    "schedule": (WORD, "="),
    "transform": (WORD, "{"),
    "profile": (WORD, "extends"),
    "guard": ("{",),
    "table": (WORD, "first all {"),
    "test": (TEXT, "{"),
    "invariant": (TEXT, "{"),
}
RULES: dict[str, tuple[str, ...]] = {
    "rule": (WORD, "{ priority " + TEXT),
    "otherwise": ("{",),
}
WITH_RULES = ("table", "guard")
OF_TWO_TOKENS = ("language", "use", "timezone")
WITHOUT_BRACES = ("language", "use", "timezone", "pool", "set", "condition", "lookup", "schedule")


def scan(text: str) -> tuple[list[Token], list[Token]]:
    """Give the tokens of a text, and its comments apart."""
    tokens: list[Token] = []
    comments: list[Token] = []
    line_end = at = 0
    while found := SCAN.search(text, at):
        kind = found.lastgroup or "other"
        start, at = found.span()
        if kind == "open":
            at = start + inside(found[0])
        leads = not tokens or text.find("\n", line_end, start) >= 0
        token = Token(kind, text[start:at], start, at, leads)
        if kind == "comment":
            comments.append(token)
        else:
            tokens.append(token)
            line_end = at
    return tokens, comments


def inside(opened: str) -> int:
    """Say how much of its line a text that nothing closes takes.

    Braces at the end of the line that close nothing within it are more likely meant as braces.
    """
    body = opened.rstrip("} \t\r")
    closing = [at for at in range(len(body), len(opened)) if opened[at] == "}"]
    left = closing[max(0, body.count("{") - body.count("}")) :]
    return left[0] if left else len(opened.rstrip())


def resembles(word: str, keyword: str) -> bool:
    """Whether a word may be a keyword, misspelt."""
    return (
        abs(len(word) - len(keyword)) <= 2
        and SequenceMatcher(None, word, keyword, autojunk=False).ratio() >= 0.7
    )


class Cutter:
    """Walks the tokens once and cuts."""

    def __init__(self, tokens: list[Token]) -> None:
        """Begin before the first token."""
        self.tokens = tokens

    def fits(self, at: int, shape: tuple[str, ...]) -> bool:
        """Whether the tokens from `at` on have this shape."""
        following = self.tokens[at : at + len(shape)]
        return len(following) == len(shape) and all(
            token.kind in wanted.split() or token.text in wanted.split()
            for token, wanted in zip(following, shape, strict=True)
        )

    def keyword(self, at: int, shapes: dict[str, tuple[str, ...]], *, nested: bool) -> str | None:
        """Say which item or rule begins at `at`; inside braces only what begins it for certain."""
        token = self.tokens[at]
        if token.kind != WORD or (at and self.tokens[at - 1].text in {"@", "."}):
            return None
        if token.text in shapes:
            certain = self.fits(at + 1, shapes[token.text])
            leads = token.leads or shapes is RULES
            return (
                token.text if (certain and leads) or (not nested and (certain or leads)) else None
            )
        if nested or not token.leads:
            return None
        fitting = (word for word, shape in shapes.items() if self.fits(at + 1, shape))
        return next((word for word in fitting if resembles(token.text.lower(), word)), None)

    def item(self, at: int) -> str | None:
        """Say which item begins at `at`, outside of braces."""
        return self.keyword(at, SHAPES, nested=False)

    def pieces(self) -> Iterator[Piece]:
        """Cut the whole text."""
        at = 0
        while at < len(self.tokens):
            kind = self.item(at)
            if kind is None:
                end = self.junk(at, self.item)
                yield self.piece("", at, end)
            elif kind in WITH_RULES:
                end, piece = self.with_rules(kind, at)
                yield piece
            else:
                end, opened = self.end(kind, at)
                yield self.piece(kind, at, end, opened)
            at = end

    def piece(self, kind: str, at: int, end: int, opened: Token | None = None) -> Piece:
        """Make a piece of the tokens from `at` to before `end`."""
        name = self.tokens[at + 1] if at + 1 < end else None
        return Piece(
            kind,
            self.tokens[at],
            Span(self.tokens[at].start, self.tokens[end - 1].end),
            name if name and name.kind == WORD else None,
            opened,
            too_deep=self.too_deep(at, end),
        )

    def too_deep(self, at: int, end: int) -> Token | None:
        """Give the parenthesis that is one too many."""
        depth = 0
        for token in self.tokens[at:end]:
            depth += (token.text == "(") - (token.text == ")")
            if depth > NESTING:
                return token
        return None

    def junk(self, at: int, begins: Callable[[int], str | None]) -> int:
        """Skip what begins nothing, whole groups in braces at once."""
        depth = 0
        for here in range(at, len(self.tokens)):
            if here > at and depth <= 0 and begins(here):
                return here
            if here > at and depth > 0 and self.keyword(here, SHAPES, nested=True):
                return here
            depth += self.brace(here)
            if depth < 0:
                return self.braces(here) if here == at else here
        return len(self.tokens)

    def braces(self, at: int) -> int:
        """Skip closing braces that follow each other."""
        while at < len(self.tokens) and self.tokens[at].text == "}":
            at += 1
        return at

    def brace(self, at: int) -> int:
        """Give 1 for an opening brace, -1 for a closing one."""
        return (self.tokens[at].text == "{") - (self.tokens[at].text == "}")

    def end(self, kind: str, at: int) -> tuple[int, Token | None]:
        """Find where an item without rules ends, and the brace that it leaves open."""
        opened: list[Token] = []
        if kind in OF_TWO_TOKENS and self.fits(at + 1, SHAPES[kind]):
            return at + 2, None
        for here in range(at + 1, len(self.tokens)):
            token = self.tokens[here]
            if not opened and self.item(here):
                return here, None
            if opened and self.interrupts(kind, here):
                return here, opened[0]
            if token.text == "{":
                opened.append(token)
            elif token.text == "}":
                if not opened:
                    return here, None
                opened.pop()
                if not opened and kind not in WITHOUT_BRACES:
                    return here + 1, None
        return len(self.tokens), opened[0] if opened else None

    def interrupts(self, kind: str, at: int) -> bool:
        """Whether an item begins at `at`, though a brace is open."""
        keyword = self.keyword(at, SHAPES, nested=True)
        return keyword is not None and not (kind == "transform" and keyword == "set")

    def with_rules(self, kind: str, at: int) -> tuple[int, Piece]:
        """Cut a table or guard, and its rules."""
        here, opened = self.head(at)
        begin = self.piece(kind, at, here)
        parts: list[Piece] = []
        extra: list[Token] = []
        while opened and here < len(self.tokens):
            if self.tokens[here].text == "}":
                here += 1
                if self.goes_on(here):
                    extra.append(self.tokens[here - 1])
                else:
                    opened = None
            elif self.keyword(here, SHAPES, nested=True):
                break
            else:
                here = self.part(here, parts)
        span = Span(begin.span.start, self.tokens[here - 1].end)
        piece = Piece(
            kind,
            begin.first,
            span,
            begin.name,
            opened,
            tuple(parts),
            tuple(extra),
            head=begin.span.end,
        )
        return here, piece

    def head(self, at: int) -> tuple[int, Token | None]:
        """Find the end of a table's head, and its brace."""
        for here in range(at + 1, len(self.tokens)):
            if self.tokens[here].text == "{":
                return here + 1, self.tokens[here]
            if self.tokens[here].text == "}" or self.item(here):
                return here, None
        return len(self.tokens), None

    def goes_on(self, at: int) -> bool:
        """Whether rules follow, so that the brace before closed too much."""
        return at < len(self.tokens) and self.keyword(at, RULES, nested=True) is not None

    def rule(self, at: int) -> str | None:
        """Say what begins at `at`, in the body of a table."""
        if self.tokens[at].text == "}":
            return "}"
        return self.keyword(at, RULES, nested=False) or self.keyword(at, SHAPES, nested=True)

    def part(self, at: int, parts: list[Piece]) -> int:
        """Cut one rule, or what is none."""
        kind = self.keyword(at, RULES, nested=False)
        if kind is None:
            end = self.junk(at, self.rule)
            parts.append(self.piece("", at, end))
            return end
        end, opened = self.rule_end(at)
        parts.append(self.piece(kind, at, end, opened))
        return end

    def rule_end(self, at: int) -> tuple[int, Token | None]:
        """Find where a rule ends, and the brace that it leaves open."""
        opened: list[Token] = []
        for here in range(at + 1, len(self.tokens)):
            token = self.tokens[here]
            certain = self.keyword(here, RULES, nested=True)
            if certain or self.keyword(here, SHAPES, nested=True):
                return here, opened[0] if opened else None
            if token.text == "{":
                opened.append(token)
            elif token.text == "}":
                if not opened:
                    return here, None
                opened.pop()
                if not opened:
                    return here + 1, None
        return len(self.tokens), opened[0] if opened else None


def cut(tokens: list[Token]) -> tuple[Piece, ...]:
    """Cut the tokens of a text into items."""
    return tuple(Cutter(tokens).pieces())
