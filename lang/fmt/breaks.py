"""Where lines end: where the author ended them and may, and where a line would be too long.

What is decided depends on the tokens and on the ends of lines at places where one may be, and on
nothing else; so a text that was formatted is formatted the same again.
"""

from collections.abc import Sequence

from roteiro.lang.fmt.page import DEEPEST, LIMIT, STEP, Page
from roteiro.lang.fmt.shape import (
    FIELDS,
    LAST,
    RULES,
    WIDE,
    Block,
    Group,
    Part,
    Statement,
    token_of,
)
from roteiro.lang.fmt.tokens import APART, Token

HANGING = FIELDS | RULES
"""Blocks whose statements may stand below the first one, behind the brace."""
CLOSE = 2
"""What a closing brace takes at the end of a line."""


def forced(tokens: Sequence[Token], number: int) -> bool:
    """Whether a comment ends the line before a token."""
    return bool(tokens[number].before) or (number > 0 and bool(tokens[number - 1].trail))


def written(tokens: Sequence[Token], number: int) -> bool:
    """Whether the author ended a line at a place where one may end."""
    token = tokens[number]
    if token.fresh or token.choice is None or token.choice.rank[0] == LAST:
        return bool(token.choice and token.fresh)
    before, after = tokens[number - 1], tokens[number + 1]
    if token.choice.fill:
        return before.text == "," and bool(before.fresh) and not before.before
    return bool(after.fresh) and not token.trail and not after.before


def take_over(tokens: Sequence[Token]) -> None:
    """Break where the author did, in conditions and lists, and where a comment does."""
    for number, token in enumerate(tokens):
        must = forced(tokens, number)
        token.broken = must or (written(tokens, number) and not token.tied)


class Breaker:
    """Decides for one file."""

    def __init__(self, tokens: Sequence[Token], statements: Sequence[Statement]) -> None:
        """Take over the author's ends of lines, as far as lines may end there."""
        self.tokens = tokens
        self.statements = statements
        self.begun: set[int] = set()
        """Statements of blocks that the author began on lines of their own, by their tokens."""
        take_over(tokens)
        for statement in statements:
            self.prepare(statement)
        self.ends = [0]
        """Lines that begin at each token and those before it."""
        for token in tokens:
            begins = token.broken or token.number in self.begun
            self.ends.append(self.ends[-1] + begins)

    def prepare(self, made: Statement) -> None:
        """Look at the lists and blocks of a statement."""
        for part in made.parts:
            self.own_lines(part)
        for inner in made.block.statements if made.block is not None else ():
            self.prepare(inner)
            if inner.first.fresh:
                self.begun.add(inner.first.number)

    def flat(self, first: Token, last: Token) -> bool:
        """Whether what stands between two tokens was written on one line."""
        return self.ends[first.number + 1] == self.ends[last.number + 1]

    def forced(self, token: Token) -> bool:
        """Whether a comment ends the line before a token."""
        return forced(self.tokens, token.number)

    def begin(self, token: Token, *, wish: bool) -> None:
        """Let a line begin with a token, unless its line must stay one."""
        token.broken = self.forced(token) or (wish and not token.tied)

    # Statements ---------------------------------------------------------------------------------

    def file(self) -> None:
        """Decide for all items."""
        for statement in self.statements:
            self.begin(statement.first, wish=True)
            self.statement(statement, 0, 0, 0)

    def statement(self, made: Statement, indent: int, column: int, tail: int) -> None:
        """Decide for a statement that begins at a column; `tail` is what follows in its line."""
        block = made.block
        if block is None:
            if column + made.width + tail > LIMIT:
                settle(made, indent, column, tail)
            return
        head = column + made.width - block.width
        if head + CLOSE > LIMIT:
            settle(made, indent, column, CLOSE)
        self.block(block, indent, head, tail)

    def own_lines(self, part: Part) -> None:
        """Set a list apart from its brackets where the author began it on a line of its own."""
        if not isinstance(part, Group) or not part.parts:
            return
        for inner in part.parts:
            self.own_lines(inner)
        assert part.closing is not None
        first = token_of(part.parts[0])
        if part.opening.text != "(" and first.fresh:
            self.begin(first, wish=True)
            self.begin(part.closing, wish=True)

    # Blocks -------------------------------------------------------------------------------------

    def block(self, made: Block, indent: int, column: int, tail: int) -> None:
        """Decide for a block whose brace stands at a column."""
        flat = self.flat(made.opening, made.end)
        if not made.statements:
            made.own_lines = bool(made.end.before)
            return
        room = LIMIT - column - tail
        fits = made.width - made.slack() <= room
        if flat and (fits or made.statements[0].first.tied):
            if fits and made.width > room:
                made.tighten()
            return
        hangs = self.hangs(made, column) and not (flat and made.kind in RULES)
        made.own_lines = not hangs
        choosing = made.kind in HANGING and not flat and not made.end.fresh
        self.begin(made.end, wish=not hangs and not choosing)
        inner = column + STEP if hangs else indent + STEP
        self.body(made, inner, tail if made.end.broken else tail + CLOSE)

    def hangs(self, made: Block, column: int) -> bool:
        """Whether a block's statements stand below the first one, behind the brace."""
        first, last = made.statements[0].first, self.tokens[made.end.number - 1]
        plain = not (made.opening.trail or made.end.before or last.trail or first.before)
        near = column + STEP <= DEEPEST
        return made.kind in HANGING and not first.fresh and plain and near

    def body(self, made: Block, inner: int, tail: int) -> None:
        """Decide for the statements of a block that has lines of its own."""
        here = inner
        for number, statement in enumerate(made.statements):
            first = statement.first
            end = tail if statement is made.statements[-1] and not made.end.broken else 0
            if number == 0:
                self.begin(first, wish=made.own_lines)
            else:
                full = here + WIDE + statement.width + end > LIMIT
                wish = made.kind not in FIELDS or bool(first.fresh) or full
                self.begin(first, wish=wish)
                here = inner if first.broken else here + WIDE
            self.statement(statement, inner, here, end)
            here += statement.width


class Ruler(Page):
    """Measures what a page would hold."""

    def __init__(self, column: int, tail: int) -> None:
        """Begin at a column; `tail` is what follows in the last line."""
        super().__init__(column)
        self.tail = tail
        self.rows: list[list[Token]] = []

    def begin(self, column: int, *, apart: bool = False) -> None:
        """Keep the tokens of a line that ends."""
        if self.row:
            self.rows.append(self.row)
        super().begin(column, apart=apart)

    def first_too_long(self) -> list[Token] | None:
        """Give the tokens of the first line that is too long and can be helped."""
        for row in self.rows:
            if row[-1].end > LIMIT and places(row):
                return row
        if self.row and self.row[-1].end + self.tail > LIMIT and places(self.row):
            return self.row
        return None


def settle(made: Statement, indent: int, column: int, tail: int) -> None:
    """End lines until none is too long, or nothing helps."""
    while True:
        ruler = Ruler(column, tail)
        ruler.statement(made, indent, head=made.block is not None)
        row = ruler.first_too_long()
        if row is None:
            return
        relieve(row, tail)


def places(row: Sequence[Token]) -> list[Token]:
    """Give the tokens of a line with which another line may begin."""
    return [token for token in row[1:] if token.choice and not token.broken and not token.tied]


def relieve(row: Sequence[Token], tail: int) -> None:
    """End lines in a line that is too long: at the outermost chain, or where a list is full."""
    best = min(places(row), key=lambda token: token.choice.rank if token.choice else (0, 0))
    choice = best.choice
    assert choice is not None
    if not choice.fill:
        for token in choice.places:
            token.broken = token.broken or not token.tied
        return
    shift = 0
    place = None
    ends = [token for token in places(row) if token.choice is choice]
    breaking = set(map(id, ends))
    for token in row:
        if id(token) in breaking:
            place = token
        full = token.end + shift + (tail if token is row[-1] else 0) > LIMIT
        if full and place is not None and not place.broken:
            place.broken = True
            shift = choice.column - place.column
    if not any(token.broken for token in ends):
        ends[-1].broken = True


def separate(statements: Sequence[Statement], end: Token) -> None:
    """Keep at most one blank line between statements, none at the edges of a block."""
    for number, statement in enumerate(statements):
        keep(statement.first, top=number == 0)
        block = statement.block
        if block is not None:
            separate(block.statements, block.end)
    keep(end, top=not statements)
    end.apart = False


def keep(token: Token, *, top: bool) -> None:
    """Keep the blank lines of a token that begins a statement; none at the top."""
    token.edge = True
    token.apart = token.fresh >= APART and not (top and not token.before)
    if top and token.before:
        token.before[0] = (token.before[0][0], False)
