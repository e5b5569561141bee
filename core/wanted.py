"""What an expression says of values at a glance: what they contain, and where it may begin."""

from itertools import product
from math import prod

from roteiro.core.program import Chars, Expression, Repeat, Sequence

LITERALS = 8
"""How many texts are looked for instead of one expression: three letters in either case."""
ANY = Chars(((0, 0x10FFFF),))
ANYTHING = Repeat(ANY, 0, None)


def like(text: str) -> Expression:
    """Give a `like` pattern as an expression."""
    parts: list[Expression] = []
    for sign in text:
        if sign != "*":
            parts.append(ANY if sign == "?" else Chars(((ord(sign), ord(sign)),)))
        elif not parts or parts[-1] is not ANYTHING:
            parts.append(ANYTHING)
    return Sequence(tuple(parts))


def floats(expression: Expression) -> bool:
    """Tell whether an expression begins with something that repeats without end."""
    parts = _parts(expression)
    return bool(parts) and isinstance(parts[0], Repeat) and parts[0].most is None


def literals_of(expression: Expression) -> tuple[bytes, ...]:
    """Give texts of which every described text contains one; nothing when none are found.

    They are what the longest run of parts with few code points describes.
    """
    longest, run = list[tuple[str, ...]](), list[tuple[str, ...]]()
    for part in _parts(expression):
        run = [*run, signs] if (signs := _signs(part)) else []
        while prod(map(len, run)) > LITERALS:
            run = run[1:]
        longest = max(longest, run, key=len)
    if not longest:
        return ()
    return tuple("".join(signs).encode("utf-8", "surrogatepass") for signs in product(*longest))


def _signs(part: Expression) -> tuple[str, ...]:
    """Give the code points of a part, when they are few."""
    if not isinstance(part, Chars) or sum(high - low + 1 for low, high in part.ranges) > LITERALS:
        return ()
    return tuple(chr(sign) for low, high in part.ranges for sign in range(low, high + 1))


def _parts(expression: Expression) -> list[Expression]:
    """Give the parts of a sequence, those of sequences in it too."""
    found: list[Expression] = []
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Sequence):
            waiting.extend(reversed(part.parts))
        else:
            found.append(part)
    return found
