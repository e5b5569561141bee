"""What an expression says of values at a glance: what they contain, and where it may begin."""

from itertools import product
from math import prod

from roteiro.core.program import Chars, Choice, Expression, Repeat, Sequence

LITERALS = 8
"""How many texts are looked for instead of one expression: three letters in either case."""
CHOICES = 32
"""The same, of all choices of an expression."""
LENGTH = 16
"""Parts that a literal is made of, at most."""
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
    """Tell whether an expression, or one of its choices, begins with a repeat without end."""
    begins = (_parts(each)[:1] for each in _choices(expression))
    return any(isinstance(part, Repeat) and part.most is None for begin in begins for part in begin)


def literals_of(expression: Expression) -> tuple[bytes, ...]:
    """Give texts of which every described text contains one; nothing when none are found."""
    found: list[bytes] = []
    for each in _choices(expression):
        literals = _literals(_parts(each))
        if not literals or len(found) + len(literals) > CHOICES:
            return ()
        found += literals
    return tuple(dict.fromkeys(found))


def _literals(parts: list[Expression]) -> list[bytes]:
    """Give what the longest run of parts with few code points describes."""
    longest, run = list[tuple[str, ...]](), list[tuple[str, ...]]()
    for part in parts:
        run = [*run[1 - LENGTH :], signs] if (signs := _signs(part)) else []
        while prod(map(len, run)) > LITERALS:
            run = run[1:]
        longest = max(longest, run, key=len)
    if not longest:
        return []
    return ["".join(signs).encode("utf-8", "surrogatepass") for signs in product(*longest)]


def _choices(expression: Expression) -> tuple[Expression, ...]:
    return expression.parts if isinstance(expression, Choice) else (expression,)


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
