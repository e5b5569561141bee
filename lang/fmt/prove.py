"""Says of a result that nothing was lost: same comments, same tree, and nothing left to do.

The tree of a large result is not made again: a text that can be read is read by its words and
braces, wherever its lines begin, so the same tokens have the same tree. Tests hold this against
trees.
"""

from collections.abc import Sequence

from roteiro.lang import nodes
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.setting import framed, set_tokens
from roteiro.lang.fmt.tokens import Token, scan
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.scan import scan as coarse
from roteiro.lang.source import Source

LARGE = 256 * 1024
"""Characters from which on a result is not parsed again."""

Kept = tuple[str, list[str], str]


def fault(text: str, tokens: Sequence[Token], marks: Marks, file: nodes.File, made: str) -> str:
    """Give what is wrong with the result for a text and its tree; empty when it is right."""
    again = scan(made)
    if list(map(kept, tokens)) != list(map(kept, again)):
        return "comments"
    if not (same_tree(file, made) if len(made) < LARGE else same_tokens(text, made)):
        return "tree"
    return "" if framed(set_tokens(again, marks), made) == made else "stability"


def kept(token: Token) -> Kept:
    """Give what may not change of a token: itself, the comments above it, the one behind it."""
    return token.text, [words for words, _ in token.before], token.trail


def same_tree(file: nodes.File, made: str) -> bool:
    """Whether a result parses to a tree."""
    tree, _ = parse(Source("", made))
    return tree is not None and tree.whole and same(file, tree)


def same_tokens(text: str, made: str) -> bool:
    """Whether a result has the tokens of a text."""
    return [token.text for token in coarse(text)] == [token.text for token in coarse(made)]
