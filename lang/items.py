"""Cuts the text of a rule file into items, and tables into rules, before anything is parsed.

A small scanner that knows braces, texts, patterns and comments and nothing else. Each piece is
parsed alone, so one mistake spoils one piece. Where braces do not balance, the layout says where a
piece ends: at a line no deeper than its first that begins like an item, or like nothing that could
stand in it (inside a table: at what looks like a rule).
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache

from roteiro.lang.building.conditions import NESTING
from roteiro.lang.scan import MARK, NUMBER, OPEN, OTHER, TEXT, WORD, Token
from roteiro.lang.source import Span

__all__ = ["NESTING", "Piece", "cut"]


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
    begin: int
    end: int
    """Its tokens, by number; the end is not included."""
    name: Token | None = None
    opened: Token | None = None
    parts: "tuple[Piece, ...]" = ()
    extra: tuple[Token, ...] = ()
    too_deep: Token | None = None
    upset: bool = False
    """Whether its own brackets or quotes are such that its braces need not balance."""
    head: int = 0
    """The token behind the head of a table and its brace."""


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
    "profile": (WORD, "extends {"),
    "guard": ("{",),
    "table": (WORD, "first all {"),
    "test": (TEXT, "{"),
    "invariant": (TEXT, "{"),
}
RULES: dict[str, tuple[str, ...]] = {
    "rule": (WORD, "{ priority " + TEXT),
    "otherwise": ("{",),
}
SYNONYMS = {"else": "otherwise", "default": "otherwise", "elsewise": "otherwise"}
"""Words of other languages for what a rule may be."""
WITH_RULES = ("table", "guard")
OF_TWO_TOKENS = ("language", "use", "timezone")
WITHOUT_BRACES = ("language", "use", "timezone", "pool", "set", "condition", "lookup", "schedule")
BRACED = ("router", "listener", "node", "test", "transform", "profile", "invariant")
"""Items whose brace stands right behind their shape."""
EXTENDING = (WORD, "extends")
LONGEST_BASE = 4
"""Tokens of `extends dicom.NAME`, before the brace of a profile."""
OPERATORS = frozenset(
    (
        *("and", "or", "not", "in", "is", "contains", "starts", "ends", "with", "like", "matches"),
        *("under", "has", "since", "per", "burst", "for", "key", "value", "over", "extends"),
    )
)
"""Words that go on with what the line before began."""
INSIDE = OPERATORS | {
    *("rule", "otherwise", "when", "send", "hold", "nothing", "notify", "pass", "drop", "refuse"),
    *("to", "via", "batch", "by", "after", "within", "late", "during", "urgency", "priority"),
    *("given", "at", "expect", "accept", "any", "all", "no", "count", "days", "true", "false"),
    *("file", "backoff", "secret", "items", "absent", "empty", "result", "exactly", "unless"),
    *("set", "remove", "blank", "copy", "if", "each", "option", "keep", "replace", "uids", "dates"),
    *("private", "pixels", "except", "always", "never", "equivalent", "failover", "balance"),
}
"""Words that may begin a line within an item."""
STATEMENTS = {
    # what the statements of an item with a body begin with
    "transform": frozenset(("set", "remove", "blank", "copy", "if", "each")),
    "profile": frozenset(
        (
            *("option", "keep", "remove", "blank", "replace", "uids", "dates", "private"),
            "pixels",
        )
    ),
}
WANTS_NAME = frozenset(("@", ".", ",", "to", "via", "hold", "urgency", "over", "("))
"""What a name must follow, which may be a keyword."""
WANTING = WANTS_NAME | {
    *("=", "{", "[", ":", "..", "==", "!=", "<=", ">=", "<", ">", "&&", "||"),
    *("and", "or", "not", "in", "contains", "with", "like", "matches", "under", "when", "is"),
}
"""What something must follow."""
REACH = 400
"""Characters behind a line that looks strange in which a brace may show that it belongs here."""
STRAYING = frozenset((WORD, NUMBER, OPEN, OTHER))
"""Kinds of tokens that may begin a line that belongs to nothing."""
BEFORE_NAMES = frozenset(("@", ".", "rule"))
"""What a name follows, also one that reads like a rule."""


def resembles(word: str, keyword: str) -> bool:
    """Whether a word may be a keyword, misspelt."""
    return (
        abs(len(word) - len(keyword)) <= 2
        and SequenceMatcher(None, word, keyword, autojunk=False).ratio() >= 0.7
    )


@cache
def words_of(wanted: str) -> frozenset[str]:
    """Give the kinds and marks that a place of a shape names."""
    return frozenset(wanted.split())


class Cutter:
    """Walks the tokens once and cuts."""

    def __init__(self, tokens: list[Token], file: int) -> None:
        """Begin before the first token."""
        self.tokens = tokens
        self.file = file

    # What begins where --------------------------------------------------------------------------

    def fits(self, at: int, shape: tuple[str, ...]) -> bool:
        """Whether the tokens from `at` on have this shape."""
        if at + len(shape) > len(self.tokens):
            return False
        for here, wanted in enumerate(shape, at):
            token, words = self.tokens[here], words_of(wanted)
            if token.kind not in words and token.text not in words:
                return False
        return True

    def follows(self, at: int, words: Container[str]) -> bool:
        """Whether the token before `at` is one of some words or marks."""
        return at > 0 and self.tokens[at - 1].text in words

    def misspelt(self, at: int, shapes: dict[str, tuple[str, ...]]) -> str | None:
        """Say what a word was meant to begin, by its likeness and what follows it."""
        word = self.tokens[at].text.lower()
        fitting = (
            keyword
            for keyword, shape in shapes.items()
            if self.fits(at + 1, shape)
            and (SYNONYMS.get(word) == keyword or resembles(word, keyword))
        )
        return next(fitting, None)

    def item(self, at: int) -> str | None:
        """Say which item begins at `at`, outside of braces."""
        token = self.tokens[at]
        if token.kind != WORD or self.follows(at, {"@", "."}):
            return None
        if token.text in SHAPES:
            known = token.leads or self.fits(at + 1, SHAPES[token.text])
            return token.text if known else None
        return self.misspelt(at, SHAPES) if token.leads else None

    def begins(self, at: int, first: Token, kind: str = "") -> bool:
        """Whether an item begins at `at`, though the one that begins with `first` is not closed."""
        token = self.tokens[at]
        if not token.leads or token.kind != WORD or self.follows(at, {"@", "."}):
            return False
        if token.text in SHAPES:
            if kind in STATEMENTS and token.text == "set" and not self.is_set(at + 1):
                return False
            outside = token.indent <= first.indent and not self.follows(at, WANTS_NAME)
            return outside or self.fits(at + 1, SHAPES[token.text])
        if token.text in INSIDE or token.indent > first.indent or self.is_rule(at):
            return False
        return self.misspelt(at, SHAPES) is not None or self.headed(at)

    def is_set(self, at: int) -> bool:
        """Whether what follows `set` is that of an item, and of no edit."""
        return self.fits(at, (WORD, ":")) or self.fits(at, (WORD, "=", "{ file"))

    def headed(self, at: int) -> bool:
        """Whether `at` looks like the head of an item, of which kind ever."""
        named = self.fits(at + 1, (WORD, "{ =")) and self.tokens[at + 1].text not in INSIDE
        return named or self.fits(at + 1, (TEXT, "{"))

    def is_rule(self, at: int) -> bool:
        """Whether a rule seems to begin at `at`."""
        return self.tokens[at].kind == WORD and (
            self.tokens[at].text in RULES or self.misspelt(at, RULES) is not None
        )

    def strays(self, at: int, first: Token, *, braces: bool) -> bool:
        """Whether the line that begins at `at` seems to be no part of the item of `first`."""
        token = self.tokens[at]
        if not token.leads or token.indent > first.indent or token.kind not in STRAYING:
            return False
        wanted = self.follows(at, WANTING)
        if token.kind != WORD:
            return not (wanted and token.kind == NUMBER)
        if token.text in INSIDE or (braces and (self.is_rule(at) or self.fits(at + 1, ("=",)))):
            return False
        return not (wanted and self.operand(at))

    def operand(self, at: int) -> bool:
        """Whether the word at `at` may be one that something before it waited for."""
        following = self.tokens[at + 1 : at + 2]
        return bool(following) and (
            following[0].kind == MARK or following[0].text in OPERATORS | {"urgency"}
        )

    # Items --------------------------------------------------------------------------------------

    def pieces(self) -> Iterator[Piece]:
        """Cut the whole text."""
        at = 0
        while at < len(self.tokens):
            kind = self.item(at)
            if kind is None:
                end = self.junk(at)
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
            Span(self.tokens[at].start, self.tokens[end - 1].end, self.file),
            at,
            end,
            name if name and name.kind == WORD else None,
            opened,
            too_deep=self.too_deep(at, end),
            upset=self.upset(at, end),
        )

    def upset(self, at: int, end: int) -> bool:
        """Whether a bracket may stand for a brace, or a brace in a text that is not closed."""
        texts = [token.text for token in self.tokens[at:end]]
        unequal = any(texts.count(left) != texts.count(right) for left, right in ("()", "[]"))
        return unequal or any(token.kind == OPEN for token in self.tokens[at:end])

    def too_deep(self, at: int, end: int) -> Token | None:
        """Give the parenthesis that is one too many."""
        depth = 0
        for token in self.tokens[at:end]:
            if token.text == "(":
                depth += 1
                if depth > NESTING:
                    return token
            elif token.text == ")":
                depth -= 1
        return None

    def junk(self, at: int) -> int:
        """Skip what begins nothing, up to the next line that does not go on; groups at once."""
        first = self.tokens[at]
        depth = strange = 0
        for here in range(at, len(self.tokens)):
            if here > at and (self.begins(here, first) or self.too_far(strange, here)):
                return strange or here
            if here > at and depth <= 0 and self.starts(here, first):
                return here
            if depth > 0 and not strange and self.strays(here, first, braces=True):
                strange = here
            depth += self.brace(here)
            strange = strange if depth > 0 else 0
            if depth < 0:
                return self.braces(here) if here == at else here
        return strange or len(self.tokens)

    def too_far(self, strange: int, here: int) -> bool:
        """Whether a token is out of reach of one that looked strange."""
        return strange > 0 and self.tokens[here].start - self.tokens[strange].start > REACH

    def starts(self, at: int, first: Token) -> bool:
        """Whether something new begins at `at`, behind what begins nothing."""
        return self.item(at) is not None or self.strays(at, first, braces=False)

    def braces(self, at: int) -> int:
        """Skip closing braces that follow each other."""
        while at < len(self.tokens) and self.tokens[at].text == "}":
            at += 1
        return at

    def brace(self, at: int) -> int:
        """Give 1 for an opening brace, -1 for a closing one."""
        return (self.tokens[at].text == "{") - (self.tokens[at].text == "}")

    def limit(self, kind: str, first: Token, at: int, depth: int) -> int:
        """Say where an item ends at the latest: where a line shows that it should have."""
        braces = kind not in WITHOUT_BRACES
        strange = 0
        for here in range(at, len(self.tokens)):
            token = self.tokens[here]
            if (token.leads and self.begins(here, first, kind)) or self.too_far(strange, here):
                return strange or here
            if token.leads and not strange and self.strays(here, first, braces=braces):
                strange = here
                if not braces and depth == 0:
                    return here
            if token.text == "{":
                depth += 1
            elif token.text == "}":
                depth -= 1
                if depth <= 0:
                    return len(self.tokens)
        return strange or len(self.tokens)

    def end(self, kind: str, at: int) -> tuple[int, Token | None]:
        """Find where an item without rules ends, and the brace that it leaves open."""
        if kind in OF_TWO_TOKENS and self.fits(at + 1, SHAPES[kind]):
            return at + 2, None
        first = self.tokens[at]
        missing = kind in BRACED and not self.has_brace(at, len(SHAPES[kind]))
        opened = [first] if missing else []
        limit = self.limit(kind, first, at + 1, len(opened))
        for here in range(at + 1, limit):
            if self.begins(here, first, kind) if opened else self.item(here):
                return here, opened[0] if opened and not missing else None
            if self.tokens[here].text == "{":
                opened.append(self.tokens[here])
            elif self.tokens[here].text == "}":
                if not opened:
                    return here, None
                if len(opened) == 1 and self.is_statement(kind, first, here + 1):
                    continue
                opened.pop()
                if not opened and kind not in WITHOUT_BRACES:
                    return here + 1, None
            elif not opened and kind in WITHOUT_BRACES and self.strays(here, first, braces=False):
                return here, None
        return limit, opened[0] if opened and not missing else None

    def is_statement(self, kind: str, first: Token, at: int) -> bool:
        """Whether a statement of an item follows, so that the brace before closed too much."""
        if kind not in STATEMENTS or at >= len(self.tokens):
            return False
        token = self.tokens[at]
        if not token.leads or token.text not in STATEMENTS[kind]:
            return False
        return token.text not in SHAPES or token.indent > first.indent

    def has_brace(self, at: int, places: int) -> bool:
        """Whether an opening brace stands in one of the places behind `at`, or behind a base."""
        places += LONGEST_BASE if self.fits(at + 1, EXTENDING) else 0
        return any(token.text == "{" for token in self.tokens[at + 1 : at + 1 + places])

    # Tables and the guard -----------------------------------------------------------------------

    def with_rules(self, kind: str, at: int) -> tuple[int, Piece]:
        """Cut a table or guard, and its rules."""
        head, opened = self.head(at)
        begin = self.piece(kind, at, head)
        limit = head
        if opened or (head < len(self.tokens) and self.is_rule(head)):
            limit = self.limit(kind, self.tokens[at], head, 1)
        here, parts, extra, closed = self.body(self.tokens[at], head, limit)
        piece = Piece(
            kind,
            begin.first,
            Span(begin.span.start, self.tokens[here - 1].end, self.file),
            at,
            here,
            begin.name,
            None if closed else opened,
            tuple(parts),
            tuple(extra),
            head=head,
        )
        return here, piece

    def head(self, at: int) -> tuple[int, Token | None]:
        """Find the end of a table's head, and its brace, unless its rules begin without."""
        for here in range(at + 1, len(self.tokens)):
            if self.tokens[here].text == "{":
                return here + 1, self.tokens[here]
            rule = self.is_rule(here) and (here > at + 1 or self.tokens[at].text == "guard")
            if self.tokens[here].text == "}" or self.item(here) or rule:
                return here, None
        return len(self.tokens), None

    def body(
        self, first: Token, here: int, limit: int
    ) -> tuple[int, list[Piece], list[Token], bool]:
        """Cut the rules of a table; give its end, them, braces too many, and whether it closes."""
        parts: list[Piece] = []
        extra: list[Token] = []
        while here < limit:
            if self.tokens[here].text == "}":
                here += 1
                if not self.goes_on(here, limit):
                    return here, parts, extra, True
                extra.append(self.tokens[here - 1])
            elif self.begins(here, first):
                break
            else:
                here = self.part(first, here, limit, parts)
        return here, parts, extra, False

    def goes_on(self, at: int, limit: int) -> bool:
        """Whether rules follow, so that the brace before closed too much."""
        return at < limit and self.sure(at)

    def sure(self, at: int) -> bool:
        """Whether a rule begins at `at` for certain."""
        token = self.tokens[at]
        known = token.kind == WORD and token.text in RULES and not self.follows(at, BEFORE_NAMES)
        return known and self.fits(at + 1, RULES[token.text])

    def rule(self, at: int) -> str | None:
        """Say which rule begins at `at`, in the body of a table."""
        token = self.tokens[at]
        if token.kind != WORD or self.follows(at, BEFORE_NAMES):
            return None
        if token.text in RULES:
            return token.text if token.leads or self.sure(at) or token.text == "rule" else None
        return self.misspelt(at, RULES)

    def part(self, table: Token, at: int, limit: int, parts: list[Piece]) -> int:
        """Cut one rule, or what is none."""
        kind = self.rule(at)
        if kind is None:
            end = self.no_rule(table, at, limit)
            parts.append(self.piece("", at, end))
            return end
        missing = not self.rule_has_brace(at)
        end, opened = self.rule_end(table, at, limit, missing=missing)
        part = self.piece(kind, at, end, opened)
        parts.append(replace(part, upset=True) if missing else part)
        return end

    def no_rule(self, table: Token, at: int, limit: int) -> int:
        """Skip what begins no rule, whole groups in braces at once."""
        depth = 0
        for here in range(at, limit):
            if here > at and ((depth <= 0 and self.rule(here)) or self.begins(here, table)):
                return here
            depth += self.brace(here)
            if depth < 0:
                return max(here, at + 1)
        return limit

    def next_rule(self, at: int, first: Token) -> bool:
        """Whether a rule begins at `at`, though the one of `first` is not closed."""
        token = self.tokens[at]
        outside = token.leads and first.leads and token.indent <= first.indent
        return self.sure(at) or (outside and self.rule(at) is not None)

    def rule_end(
        self, table: Token, at: int, limit: int, *, missing: bool
    ) -> tuple[int, Token | None]:
        """Find where a rule ends, and the brace that it leaves open; its own may be missing."""
        first = self.tokens[at]
        opened: list[Token] = [first] if missing else []
        for here in range(at + 1, limit):
            token = self.tokens[here]
            if token.kind == WORD and (token.leads or token.text in RULES):
                if self.next_rule(here, first) or self.begins(here, table):
                    return here, opened[0] if opened and not missing else None
            elif token.text == "{":
                opened.append(token)
            elif token.text == "}":
                outside = missing and token.leads and token.indent < first.indent
                if not opened or (outside and len(opened) == 1):
                    return here, None
                opened.pop()
                if not opened:
                    return here + 1, None
        return limit, opened[0] if opened and not missing else None

    def rule_has_brace(self, at: int) -> bool:
        """Whether the head of a rule ends with its brace."""
        if self.fits(at + 1, (WORD, "{")):
            return True
        here = at + 1
        for optional in ((WORD,), ("priority", NUMBER), (TEXT,)):
            if self.fits(here, optional):
                here += len(optional)
        return self.fits(here, ("{",))


class Plain(Cutter):
    """Cuts by braces alone, as they are in a text without mistakes: nothing is guessed.

    Where lines begin does not count, so the same words are always cut alike.
    """

    def item(self, at: int) -> str | None:
        """See `Cutter`: by what follows it."""
        token = self.tokens[at]
        named = token.kind != WORD or token.text not in SHAPES or self.follows(at, {"@", "."})
        return None if named or not self.fits(at + 1, SHAPES[token.text]) else token.text

    def rule(self, at: int) -> str | None:
        """See `Cutter`: by what follows it."""
        return self.tokens[at].text if self.sure(at) else None

    def has_brace(self, at: int, places: int) -> bool:  # noqa: ARG002
        """See `Cutter`: none is missing."""
        return True

    def begins(self, at: int, first: Token, kind: str = "") -> bool:  # noqa: ARG002
        """See `Cutter`: what is not closed goes on."""
        return False

    def strays(self, at: int, first: Token, *, braces: bool) -> bool:  # noqa: ARG002
        """See `Cutter`: every line belongs where its braces say."""
        return False

    def next_rule(self, at: int, first: Token) -> bool:  # noqa: ARG002
        """See `Cutter`: a rule ends with its brace."""
        return False

    def goes_on(self, at: int, limit: int) -> bool:  # noqa: ARG002
        """See `Cutter`: no brace closes too much."""
        return False

    def is_statement(self, kind: str, first: Token, at: int) -> bool:  # noqa: ARG002
        """See `Cutter`: no brace closes too much."""
        return False


def cut(tokens: list[Token], file: int = 0, *, plain: bool = False) -> tuple[Piece, ...]:
    """Cut the tokens of a text into items; `file` is part of their places.

    Where braces are missing or too many, words and layout say what was meant; names that read like
    a rule can be taken for one then. With `plain` only braces count.
    """
    return tuple((Plain if plain else Cutter)(tokens, file).pieces())


def balanced(tokens: list[Token]) -> bool:
    """Whether every brace has its other one."""
    depth = 0
    for token in tokens:
        depth += (token.text == "{") - (token.text == "}")
        if depth < 0:
            return False
    return depth == 0
