"""Says of a result that nothing was lost: same comments, same tree, and nothing left to do.

The tree of a large result is not made again: a text is cut into pieces that are parsed alone, and
the grammar passes over spaces and comments, so the same tokens cut into the same pieces have the
same tree. Tests hold this against trees.
"""

from collections.abc import Sequence

from roteiro.lang import nodes
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.setting import framed, set_tokens
from roteiro.lang.fmt.tokens import Token, scan
from roteiro.lang.items import Piece, cut
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.scan import scan as coarse
from roteiro.lang.source import Source

LARGE = 256 * 1024
"""Characters from which on a result is not parsed again."""

Kept = tuple[str, list[str], str]
Outline = tuple[str, int, int, int, tuple["Outline", ...]]


def fault(text: str, tokens: Sequence[Token], marks: Marks, file: nodes.File, made: str) -> str:
    """Give what is wrong with the result for a text and its tree; empty when it is right."""
    again = scan(made)
    if list(map(kept, tokens)) != list(map(kept, again)):
        return "comments"
    if not (same_tree(file, made) if len(made) < LARGE else same_pieces(text, made)):
        return "tree"
    return "" if framed(set_tokens(again, marks), made) == made else "stability"


def kept(token: Token) -> Kept:
    """Give what may not change of a token: itself, the comments above it, the one behind it."""
    return token.text, [words for words, _ in token.before], token.trail


def same_tree(file: nodes.File, made: str) -> bool:
    """Whether a result parses to a tree."""
    tree, _ = parse(Source("", made))
    return tree is not None and tree.whole and same(file, tree)


def same_pieces(text: str, made: str) -> bool:
    """Whether a result has the tokens of a text, and is cut into the same pieces."""
    return pieces(text) == pieces(made)


def pieces(text: str) -> tuple[list[str], tuple[Outline, ...]]:
    """Give the tokens of a text, and the pieces that it is cut into by their numbers."""
    tokens = coarse(text)

    def outline(piece: Piece) -> Outline:
        parts = tuple(map(outline, piece.parts))
        return piece.kind, piece.begin, piece.end, piece.head, parts

    return [token.text for token in tokens], tuple(map(outline, cut(tokens)))
