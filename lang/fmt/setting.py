"""A text and its tree in, the text as it should be out."""

from collections.abc import Sequence

from roteiro.lang import nodes
from roteiro.lang.fmt.breaks import Breaker, separate
from roteiro.lang.fmt.columns import align
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.page import Page
from roteiro.lang.fmt.shape import Shaper
from roteiro.lang.fmt.tokens import BYTE_ORDER_MARK, Token, scan

WINDOWS = "\r\n"


def formatted(text: str, file: nodes.File) -> str:
    """Set the text of a tree."""
    tokens = scan(text)
    return framed(set_tokens(tokens, Marks(tokens, file)), text)


def framed(made: str, text: str) -> str:
    """Give a result the mark at the start and the kind of line ends that a text has."""
    if text.find(WINDOWS) == text.find("\n") - 1 >= 0:
        made = made.replace("\n", WINDOWS)
    return BYTE_ORDER_MARK + made if text.startswith(BYTE_ORDER_MARK) else made


def set_tokens(tokens: Sequence[Token], marks: Marks) -> str:
    """Set tokens, whatever their layout was."""
    marks.offer(tokens)
    statements = Shaper(tokens, marks).file()
    Breaker(tokens, statements).file()
    separate(statements, tokens[-1])
    align(statements)
    page = Page()
    for statement in statements:
        page.statement(statement, 0)
    page.put(tokens[-1], 0)
    return page.text()
