"""Writes statements: lines where tokens say that they begin, below what they hang from."""

from roteiro.lang.fmt.shape import Block, Group, Part, Statement, token_of
from roteiro.lang.fmt.tokens import Token

LIMIT = 100
"""Characters of a line."""
STEP = 2
"""Spaces of one level."""
HANG = 4
"""Spaces before a line that goes on with a statement that nothing hangs below."""
DEEPEST = 40
"""What hangs farther to the right hangs from the left instead."""


class Page:
    """Lines, as they are written."""

    def __init__(self, column: int = 0) -> None:
        """Begin in a line, at a column."""
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.row: list[Token] = []
        """The tokens of the line."""
        self.column = self.indent = column
        self.level = column
        """Where the statement begins that is written."""
        self.empty = True
        """Whether nothing stands in the line yet."""

    def begin(self, column: int, *, apart: bool = False) -> None:
        """Begin a line, perhaps below a blank one."""
        if not self.empty:
            self.lines.append("".join(self.pieces))
            if apart:
                self.lines.append("")
        self.pieces = [" " * column]
        self.row = []
        self.column = self.indent = column
        self.empty = True

    def write(self, words: str) -> None:
        """Write in the line."""
        self.pieces.append(words)
        self.column += len(words)
        self.empty = False

    def put(self, token: Token, column: int, above: int | None = None) -> None:
        """Write a token; `column` is where it begins a line, `above` where its comments do."""
        if token.choice is not None:
            token.choice.column = column
        for words, apart in token.before:
            self.begin(column if above is None else above, apart=apart and token.edge)
            self.write(words)
        if token.broken or token.before:
            self.begin(column, apart=token.apart)
        elif not self.empty:
            self.write(" " * (token.gap + token.pad))
        token.column = self.column
        self.write(token.text)
        self.row.append(token)
        if token.trail:
            self.pieces.append(f"  {token.trail}")

    # Structure ----------------------------------------------------------------------------------

    def statement(self, made: Statement, indent: int, *, head: bool = False) -> None:
        """Write a statement, or what stands before its block."""
        hang = indent + HANG
        anchored = False
        around, self.level = self.level, indent
        for part in made.parts[:-1] if head else made.parts:
            first = token_of(part)
            if anchored and not first.broken:
                hang = self.below(first, indent + HANG)
            column = indent if first is made.first else hang
            if isinstance(part, Block):
                self.block(part, indent)
            else:
                self.part(part, column)
            anchored = first.anchor
        self.level = around

    def below(self, token: Token, instead: int) -> int:
        """Give the column of what comes next, or another one where that is far to the right."""
        column = self.column + token.gap + token.pad
        return column if column <= DEEPEST else instead

    def part(self, part: Part, column: int) -> None:
        """Write a token or a group; `column` is where lines of its surroundings begin."""
        if isinstance(part, Token):
            self.put(part, column)
        elif isinstance(part, Group):
            self.group(part, column)

    def group(self, made: Group, column: int) -> None:
        """Write a group; its lines hang below its first element, or stand a step deeper."""
        self.put(made.opening, column)
        indent = column if made.opening.text == "(" else max(self.indent, self.level)
        inner = indent + STEP
        if made.parts:
            first = token_of(made.parts[0])
            inner = inner if first.broken else self.below(first, column + HANG)
        for part in made.parts:
            self.part(part, inner)
        assert made.closing is not None
        self.put(made.closing, indent, inner)

    def block(self, made: Block, indent: int) -> None:
        """Write a block."""
        self.put(made.opening, indent + HANG)
        inner = indent + STEP if made.own_lines else self.column + 1
        for statement in made.statements:
            self.statement(statement, inner)
        self.put(made.end, indent, inner)

    def text(self) -> str:
        """Give what was written, its last line ended."""
        lines = [*self.lines, "".join(self.pieces)]
        return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"
