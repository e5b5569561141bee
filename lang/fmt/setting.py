"""A text and its tree in, the text as it should be out."""

from roteiro.lang import nodes
from roteiro.lang.fmt.breaks import Breaker, separate
from roteiro.lang.fmt.columns import align
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.page import Page
from roteiro.lang.fmt.shape import Shaper
from roteiro.lang.fmt.tokens import BYTE_ORDER_MARK, Token, scan

WINDOWS = "\r\n"


def formatted(text: str, file: nodes.File) -> str:
    """Set the text of a tree; a mark at its start and the kind of its line ends stay."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    made = set_tokens(scan(text), file)
    if text.find(WINDOWS) == text.find("\n") - 1 >= 0:
        made = made.replace("\n", WINDOWS)
    return mark + made


def set_tokens(tokens: list[Token], file: nodes.File) -> str:
    """Set tokens."""
    statements = Shaper(tokens, Marks(tokens, file)).file()
    Breaker(tokens, statements).file()
    separate(statements, tokens[-1])
    align(statements)
    page = Page()
    for statement in statements:
        page.statement(statement, 0)
    page.put(tokens[-1], 0)
    return page.text()
