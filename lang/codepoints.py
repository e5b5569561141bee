"""Sets of code points for patterns: joined, turned round, without case (RE2's classes).

Case is Unicode's simple folding (CaseFolding.txt, status C and S).
"""

from bisect import bisect_left
from functools import cache

Ranges = tuple[tuple[int, int], ...]
"""Code points: sorted, apart, both ends included."""

LAST = 0x10FFFF


def joined(ranges: list[tuple[int, int]]) -> Ranges:
    """Sort ranges, and make one of those that overlap or touch."""
    apart: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if apart and low <= apart[-1][1] + 1:
            apart[-1] = (apart[-1][0], max(apart[-1][1], high))
        else:
            apart.append((low, high))
    return tuple(apart)


def others(ranges: Ranges) -> Ranges:
    """Give the code points that are in none of these."""
    ends = [-1, *(end for low, high in ranges for end in (low - 1, high)), LAST]
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return tuple((before + 1, last) for before, last in pairs if before < last)


ONLY_SIMPLE = ("\u1fd3\u0390", "\u1fe3\u03b0", "\ufb05\ufb06")
"""Pairs that fold simply since Unicode 15.1; what `str.casefold` makes of them is longer."""
CASED_END = 0x20000
"""No character from here on has a case."""


@cache
def cases() -> dict[int, frozenset[int]]:
    """Give for each character with a case all that are equal to it when case does not count."""
    alike: dict[str, set[int]] = {}
    for point in range(CASED_END):
        alike.setdefault(_simple(chr(point)), set()).add(point)
    return {
        point: frozenset(points)
        for points in alike.values()
        if len(points) > 1
        for point in sorted(points)
    }


def _simple(char: str) -> str:
    """Fold one character to one: where full folding gives more, it is the lower case letter."""
    for pair in ONLY_SIMPLE:
        if char in pair:
            return pair
    full, lower = char.casefold(), char.lower()
    return full if len(full) == 1 else lower if len(lower) == 1 else char


@cache
def _with_case() -> list[int]:
    return sorted(cases())


def without_case(ranges: Ranges) -> Ranges:
    """Add to a set all that is equal when case does not count."""
    letters = _with_case()
    more = [
        (point, point)
        for low, high in ranges
        for letter in letters[bisect_left(letters, low) : bisect_left(letters, high + 1)]
        for point in cases()[letter]
    ]
    return joined([*ranges, *more])


def of(*pairs: str) -> Ranges:
    """Give the code points from the first to the last character of each text."""
    return joined([(ord(pair[0]), ord(pair[-1])) for pair in pairs])


DIGIT = of("09")
LOWER, UPPER = of("az"), of("AZ")
WORD = of("09", "AZ", "_", "az")
PERL = {"d": DIGIT, "w": WORD, "s": of("\t\n", "\f\r", " ")}
r"""`\d \w \s`; capital letters are the others."""
NAMED = {
    "alnum": of("09", "AZ", "az"),
    "alpha": of("AZ", "az"),
    "ascii": of("\0\x7f"),
    "blank": of("\t", " "),
    "cntrl": of("\0\x1f", "\x7f"),
    "digit": DIGIT,
    "graph": of("!~"),
    "lower": LOWER,
    "print": of(" ~"),
    "punct": of("!/", ":@", "[`", "{~"),
    "space": of("\t\r", " "),
    "upper": UPPER,
    "word": WORD,
    "xdigit": of("09", "AF", "af"),
}
"""`[[:alpha:]]` and its kin."""
ANY = others(of("\n"))
