"""Says of a result that nothing was lost: same comments, same tree, and nothing left to do."""

from collections.abc import Sequence

from roteiro.lang import nodes
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.setting import framed, set_tokens
from roteiro.lang.fmt.tokens import Token, scan
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source

Kept = tuple[str, list[str], str]


def fault(tokens: Sequence[Token], marks: Marks, file: nodes.File, made: str) -> str | None:
    """Give what is wrong with the result for the tokens of a tree; nothing when it is right."""
    again = scan(made)
    if list(map(kept, tokens)) != list(map(kept, again)):
        return "comments"
    tree, _ = parse(Source("", made))
    if tree is None or not tree.whole or not same(file, tree):
        return "tree"
    return None if framed(set_tokens(again, marks), made) == made else "stability"


def kept(token: Token) -> Kept:
    """Give what may not change of a token: itself, the comments above it, the one behind it."""
    return token.text, [words for words, _ in token.before], token.trail
