"""Tokens nested into statements, blocks and groups, with the gaps between them.

A block is `{ ... }` of statements; a group is any other pair of brackets: a set, a list, the
arguments of a function, a condition in parentheses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from roteiro.lang.fmt.marks import Marks, offer
from roteiro.lang.fmt.tokens import Choice, Token

CLOSING = {"{": "}", "(": ")", "[": "]"}
TIGHT_BEFORE = frozenset((",", ")", "]", ".", "..", "["))
TIGHT_AFTER = frozenset(("(", "[", ".", "..", "@"))
SPACED_BEFORE_PARENTHESIS = frozenset(
    ("and", "or", "not", "when", "if", "has", "over", "failover", "copy")
)
"""Words that a parenthesis stands apart from; behind any other it holds arguments."""
ANCHORS = frozenset(("when", "if"))
"""Words behind which a condition begins."""
FILLED = 3
"""Rank of lists, below that of chains."""
LAST = 1000
"""Rank of what follows a parenthesis, below all others."""
FIELDS = frozenset(("router", "listener", "node", "given"))
"""Blocks whose statements may share a line."""
RULES = frozenset(("rule", "otherwise"))
WIDE = 2
"""Spaces between statements on one line."""


@dataclass(slots=True, eq=False)
class Group:
    """A pair of brackets within a statement."""

    opening: Token
    parts: "list[Token | Group | Block]" = field(default_factory=list)
    closing: Token | None = None
    width: int = 0
    """What it takes on one line, without the gap before it."""


@dataclass(slots=True, eq=False)
class Statement:
    """What begins a line in a block, or may."""

    first: Token
    parts: "list[Token | Group | Block]" = field(default_factory=list)
    width: int = 0
    """What it takes on one line."""

    @property
    def block(self) -> "Block | None":
        """The block that ends it."""
        last = self.parts[-1]
        return last if isinstance(last, Block) else None


@dataclass(slots=True, eq=False)
class Block:
    """A pair of braces with statements."""

    kind: str
    opening: Token
    statements: list[Statement] = field(default_factory=list)
    closing: Token | None = None
    width: int = 0
    """What it takes on one line, without the gap before it."""
    own_lines: bool = False
    """Whether what it holds begins on the line behind its brace."""
    tight: bool = False
    """Whether its statements stand one space apart, so that they fit on one line."""

    @property
    def end(self) -> Token:
        """The closing brace."""
        assert self.closing is not None
        return self.closing

    def slack(self) -> int:
        """Give what it would gain if its statements stood one space apart."""
        inner = sum(one.block.slack() for one in self.statements if one.block is not None)
        return inner + (WIDE - 1) * max(0, len(self.statements) - 1)

    def tighten(self) -> None:
        """Let its statements stand one space apart."""
        self.width -= self.slack()
        self.tight = True
        for statement in self.statements:
            if statement.block is not None:
                statement.width -= statement.block.slack()
                statement.block.tighten()
            statement.first.gap = 1


Part = Token | Group | Block


class Shaper:
    """Reads the tokens once, from the first to the last."""

    def __init__(self, tokens: Sequence[Token], marks: Marks) -> None:
        """Begin before the first token."""
        self.tokens = tokens
        self.marks = marks
        self.at = 0

    def take(self) -> Token:
        """Give the next token."""
        token = self.tokens[self.at]
        if self.at:
            token.gap = gap(self.tokens[self.at - 1], token)
        self.at += 1
        return token

    def file(self) -> list[Statement]:
        """Read all items."""
        found = []
        while self.tokens[self.at].kind != "end":
            found.append(self.statement())
        return found

    def statement(self) -> Statement:
        """Read one statement, up to where the next one begins or its block ends."""
        made = Statement(self.tokens[self.at])
        while True:
            made.width += self.part(made.parts, made.first.text, 0)
            token = self.tokens[self.at]
            ended = token.kind == "end" or token.text == "}" or self.at in self.marks.starts
            if ended or made.block is not None:
                break
        made.width -= made.first.gap
        self.anchor(made)
        if made.first.text == "schedule":
            made.width -= close_up(made)
        return made

    def anchor(self, made: Statement) -> None:
        """Mark behind which token of a statement its lines hang."""
        hanging = (part for part in made.parts if isinstance(part, Token) and is_anchor(part))
        for token in hanging:
            token.anchor = True
        self.names(made)

    def names(self, made: Statement) -> None:
        """Let a list of names or paths be broken behind its commas."""
        commas = [
            number
            for number, part in enumerate(made.parts)
            if isinstance(part, Token) and part.text == ","
        ]
        if commas:
            choice = Choice((0, FILLED), fill=True)
            for number in commas:
                offer(choice, token_of(made.parts[number + 1]))

    def part(self, parts: list[Part], head: str, depth: int) -> int:
        """Read one token, or a bracket with all that it holds; give its width with its gap."""
        token = self.tokens[self.at]
        if token.text == "{" and self.at not in self.marks.sets and not token.fields:
            made: Block | Group = self.block(head)
        elif token.kind == "mark" and token.text in CLOSING:
            made = self.group(depth + 1)
        else:
            self.take()
            if token.choice is not None and token.choice.rank[0] < LAST:
                token.choice.rank = (depth, token.choice.rank[1])
            parts.append(token)
            return token.gap + len(token.text)
        parts.append(made)
        return made.opening.gap + made.width

    def block(self, kind: str) -> Block:
        """Read a block."""
        made = Block(kind, self.take())
        made.width = 1
        while self.tokens[self.at].text != "}":
            inner = self.statement()
            inner.first.gap = WIDE if made.statements else 1
            made.width += inner.first.gap + inner.width
            made.statements.append(inner)
        made.closing = self.take()
        made.width += made.closing.gap + 1
        return made

    def group(self, depth: int) -> Group:
        """Read a group; its elements may begin lines."""
        before = self.tokens[self.at - 1]
        made = Group(self.take())
        opening = made.opening
        made.width = 1
        items = opening.text == "(" and before.text == "items"
        choice = Choice((depth, FILLED), fill=True)
        while self.tokens[self.at].text != CLOSING[opening.text]:
            token = self.tokens[self.at]
            token.fields = items and token.text == "{"
            wide = opening.fields and self.at in self.marks.starts and made.parts
            separate = wide or (made.parts and self.tokens[self.at - 1].text == ",")
            if separate and token.choice is None:
                offer(choice, token)
            elif opening.text == "(" and not made.parts and token.text != ")":
                offer(Choice((LAST, depth), fill=False), token)
            made.width += self.part(made.parts, "", depth)
            if wide:
                made.width += WIDE - token.gap
                token.gap = WIDE
        made.closing = self.take()
        if before.text == "has" or opening.text == "{":
            self.loosen(made)
        made.width += made.closing.gap + 1
        return made

    def loosen(self, made: Group) -> None:
        """Put a space behind the opening bracket and before the closing one."""
        assert made.closing is not None
        if made.parts:
            first = token_of(made.parts[0])
            made.width += 1 - first.gap
            first.gap = made.closing.gap = 1
        else:
            made.closing.gap = 0


def close_up(schedule: Statement) -> int:
    """Let the days of a schedule follow their commas; give how many there were."""
    parts = [token_of(part) for part in schedule.parts]
    following = [after for comma, after in pairwise(parts) if comma.text == ","]
    for token in following:
        token.gap = 0
    return len(following)


def token_of(part: Part) -> Token:
    """Give the first token of a part."""
    return part if isinstance(part, Token) else part.opening


def gap(before: Token, token: Token) -> int:
    """Give the spaces between two tokens of a line."""
    if before.text in TIGHT_AFTER and before.kind == "mark":
        return 0
    if token.kind != "mark":
        return 1
    if token.text == "(":
        calls = before.kind == "word" and before.text not in SPACED_BEFORE_PARENTHESIS
        return 0 if calls else 1
    if token.text == "[":
        return 0 if before.kind in {"word", "tag"} else 1
    if token.text == "}" and before.text == "{":
        return 0
    return 0 if token.text in TIGHT_BEFORE else 1


def is_anchor(token: Token) -> bool:
    """Whether what follows a token is what its further lines stand below."""
    return (token.text == "=" and token.kind == "mark") or token.text in ANCHORS
