"""Says of a result that nothing was lost: same tree, same comments, and nothing left to do."""

from roteiro.lang import nodes
from roteiro.lang.fmt.setting import formatted
from roteiro.lang.fmt.tokens import Token, scan
from roteiro.lang.parser import parse
from roteiro.lang.same import same
from roteiro.lang.source import Source

Kept = tuple[str, tuple[str, ...], str]


def fault(text: str, file: nodes.File, made: str) -> str | None:
    """Give what is wrong with the result for a text and its tree; nothing when it is right."""
    if list(map(kept, scan(text))) != list(map(kept, scan(made))):
        return "comments"
    again, _ = parse(Source("", made))
    if again is None or not again.whole or not same(file, again):
        return "tree"
    return None if formatted(made, again) == made else "stability"


def kept(token: Token) -> Kept:
    """Give what may not change of a token: itself, the comments above it, the one behind it."""
    return token.text, tuple(words for words, _ in token.before), token.trail
