"""What stands below each other in neighbouring lines: braces of nodes and rules, `=` of sets.

Lines are neighbours when nothing but comments stands between them. A run whose lines would become
too long, or whose parts differ too much in length, stays as it is.
"""

from collections.abc import Iterator, Sequence

from roteiro.lang.fmt.breaks import Ruler, settle
from roteiro.lang.fmt.page import LIMIT, STEP
from roteiro.lang.fmt.shape import Block, Group, Part, Statement, token_of
from roteiro.lang.fmt.tokens import Token

WIDEST = 16
"""Spaces that a column may add to a line."""
NODES = frozenset(("node", "listener"))
HOLDING = frozenset(("table", "guard"))
"""Blocks whose statements may form columns."""


def align(statements: Sequence[Statement], indent: int = 0) -> None:
    """Make columns in statements that begin lines, and in those of their blocks."""
    for kind, run in runs(statements):
        if len(run) > 1:
            tighten(run)
            heads(run, indent)
            if kind in NODES:
                properties(run, indent)
    for statement in statements:
        block = statement.block
        if block is not None and block.own_lines and block.kind in HOLDING:
            align(block.statements, indent + STEP)


def runs(statements: Sequence[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """Give statements of one kind that follow each other without a blank line."""
    run: list[Statement] = []
    last = ""
    for statement in statements:
        kind = kind_of(statement)
        if run and (kind != last or apart(statement)):
            yield last, run
            run = []
        if kind:
            run.append(statement)
        last = kind
    yield last, run


def apart(statement: Statement) -> bool:
    """Whether a blank line stands above a statement or among its comments."""
    first = statement.first
    return first.apart or any(blank for _, blank in first.before)


def kind_of(statement: Statement) -> str:
    """Give the kind of a statement that may have columns; empty for others."""
    word = statement.first.text
    if not statement.first.broken or any(token_of(part).broken for part in statement.parts[1:]):
        return ""
    block = statement.block
    if word == "set" and block is None:
        return word
    if block is None or block.own_lines or not block.statements:
        return ""
    return word if word in NODES or (word == "rule" and len(statement.parts) == 3) else ""


def tighten(run: Sequence[Statement]) -> None:
    """Set neighbours alike: where one had to be tightened, all are that stand on one line."""
    blocks = [one.block for one in run if one.block is not None]
    if not any(block.tight for block in blocks):
        return
    for block in blocks:
        flat = not any(one.first.broken for one in block.statements)
        if flat and not block.tight:
            block.tighten()


def heads(run: Sequence[Statement], indent: int) -> None:
    """Let the braces of nodes and rules, or the `=` of sets, stand below each other."""
    marks = [next(token for token in map(token_of, one.parts) if token.text in "{=") for one in run]
    widths = [before(one, mark) for one, mark in zip(run, marks, strict=True)]
    place(run, marks, widths, indent)


def before(statement: Statement, mark: Token) -> int:
    """Give the characters of a statement before one of its tokens."""
    width = -statement.first.gap
    for part in statement.parts:
        width += token_of(part).gap
        if token_of(part) is mark:
            break
        width += width_of(part)
    return width


def width_of(part: Part) -> int:
    """Give what a part takes on one line."""
    return len(part.text) if isinstance(part, Token) else part.width


def place(
    run: Sequence[Statement], marks: Sequence[Token], widths: Sequence[int], indent: int
) -> bool:
    """Let tokens that end stretches of these widths stand below each other, if that can be."""
    waiting = list(zip(run, marks, widths, strict=True))
    while len(waiting) > 1:
        widest = max(width for _, _, width in waiting)
        if widest - min(width for _, _, width in waiting) > WIDEST:
            break
        for one, mark, width in waiting:
            mark.pad = widest - width
            if one.first.text == "set":
                settle(one, indent, indent, 0)
        fitting = [one for one in waiting if fits(one[0], one[1], indent)]
        if len(fitting) == len(waiting):
            return True
        for _, mark, _ in waiting:
            mark.pad = 0
        waiting = fitting
    for mark in marks:
        mark.pad = 0
    return False


def fits(statement: Statement, mark: Token, indent: int) -> bool:
    """Whether the spaces before a token make no line of a statement too long."""
    if not mark.pad:
        return True
    padded = too_long(statement, indent)
    pad, mark.pad = mark.pad, 0
    bare = too_long(statement, indent)
    mark.pad = pad
    return padded <= bare


def too_long(statement: Statement, indent: int) -> int:
    """Count the lines of a statement that are too long."""
    ruler = Ruler(indent, 0)
    ruler.statement(statement, indent)
    return sum(bool(row) and row[-1].end > LIMIT for row in [*ruler.rows, ruler.row])


# Properties -------------------------------------------------------------------------------------


def properties(run: Sequence[Statement], indent: int) -> None:
    """Let the properties of nodes stand below each other, as long as they are the same ones."""
    rows = {id(one): first_line(one) for one in run}
    number = 0
    while True:
        having = [one for one in run if len(rows[id(one)]) > number]
        if len({rows[id(one)][number].first.text for one in having}) != 1:
            return
        going_on = [one for one in having if len(rows[id(one)]) > number + 1]
        marks = [rows[id(one)][number + 1].first for one in going_on]
        widths = [
            rows[id(one)][number].width + mark.gap
            for one, mark in zip(going_on, marks, strict=True)
        ]
        if len(marks) > 1 and not place(going_on, marks, widths, indent):
            return
        number += 1


def first_line(statement: Statement) -> list[Statement]:
    """Give the properties that stand on the first line of a node, as far as they are whole."""
    block = statement.block
    assert block is not None
    found = [block.statements[0]]
    for one in block.statements[1:]:
        if one.first.broken or not whole(found[-1].parts):
            break
        found.append(one)
    return found


def whole(parts: Sequence[Part]) -> bool:
    """Whether no line begins within some parts."""
    for part in parts:
        if isinstance(part, Group):
            if not whole([*part.parts, part.opening]):
                return False
        elif isinstance(part, Block) or part.broken:
            return False
    return True
