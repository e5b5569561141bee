r"""Patterns between slashes: the part of RE2's syntax that `matches` knows (2f.10).

`parse` gives an `Expression` of `roteiro.core.program` or raises `Unsupported` with the reason.
What it accepts, RE2 accepts too and means the same by it: `.` is any character but a line feed,
`\d \w \s` and the named classes are ASCII, `/i` is simple case folding (CaseFolding.txt, status C
and S). There are no anchors, since the whole value is meant.
"""

import re
from unicodedata import is_normalized, normalize

from roteiro.core.program import Chars, Choice, Expression, Repeat, Sequence
from roteiro.lang.codepoints import ANY, LAST, NAMED, PERL, Ranges, joined, of, others, without_case
from roteiro.lang.messages import Phrase
from roteiro.lang.report import phrase

REPEAT_LIMIT = 100
"""Of `{n,m}` (2f.10)."""
PRODUCT_LIMIT = 1000
"""Of repeats inside repeats, as in RE2."""
DEPTH_LIMIT = 100
"""Groups inside groups."""
SIZE_LIMIT = 10_000
"""Characters and classes, every repeat written out."""


class Unsupported(Exception):  # noqa: N818  it says what the pattern is
    """A pattern that `matches` does not take: why, and where in it."""

    def __init__(self, message: Phrase, offset: int) -> None:
        """Keep the reason, a text of the catalogue, and the offset in code points."""
        super().__init__(message)
        self.message = message
        self.offset = offset


def parse(pattern: str, *, folded: bool) -> Expression:
    """Read what stands between the slashes; `folded` for `/i`. Literals are NFC as values are."""
    expression = _Parser(pattern, folded=folded).whole()
    if is_normalized("NFC", pattern):
        return expression
    return _Parser(normalize("NFC", pattern), folded=folded).whole()


# Patterns -----------------------------------------------------------------------------------------

BOUNDS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
COUNTED = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
CHARACTERS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
HEXADECIMAL = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})")
CLASS_NAME = re.compile(r"\[:(\^?)(.*?):\]")
GROUPS: tuple[tuple[str, str], ...] = (
    ("(?=", "regex_look"),
    ("(?!", "regex_look"),
    ("(?<=", "regex_look"),
    ("(?<!", "regex_look"),
    ("(?P<", "regex_named"),
    ("(?<", "regex_named"),
    ("(?", "regex_flags"),
)
"""Groups that are more than a group, and why they are refused."""
ESCAPES = {
    **dict.fromkeys("AzZG", "regex_anchor"),
    **dict.fromkeys("bB", "regex_boundary"),
    **dict.fromkeys("pP", "regex_property"),
    **dict.fromkeys("123456789k", "regex_reference"),
    "0": "regex_octal",
    "C": "regex_byte",
    "Q": "regex_quoted",
    "u": "regex_code",
}
"""Escapes of other dialects, and why they are refused."""


class _Parser:
    """Reads one pattern, from left to right."""

    def __init__(self, pattern: str, *, folded: bool) -> None:
        self.pattern = pattern
        self.folded = folded
        self.at = 0
        self.depth = 0

    def whole(self) -> Expression:
        """Read all of it."""
        expression = self.choice()
        if self.at < len(self.pattern):
            raise self.refused("regex_closes_nothing", self.at)
        if size(expression) > SIZE_LIMIT:
            raise self.refused("regex_size", 0, limit=SIZE_LIMIT)
        return expression

    def refused(self, key: str, start: int, **values: object) -> Unsupported:
        """Say why the part from `start` to here is refused."""
        found = self.pattern[start : max(self.at, start + 1)]
        return Unsupported(phrase(key, found=found, **values), start)

    def sees(self, text: str) -> bool:
        """Whether this stands here."""
        return self.pattern.startswith(text, self.at)

    def takes(self, text: str) -> bool:
        """Pass this if it stands here."""
        if not self.sees(text):
            return False
        self.at += len(text)
        return True

    def next(self) -> str:
        """Give the character that stands here, nothing at the end, and pass it."""
        char = self.pattern[self.at : self.at + 1]
        self.at += len(char)
        return char

    def choice(self) -> Expression:
        """Read `a|b`."""
        parts = [self.sequence()]
        while self.takes("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Expression:
        """Read parts up to `|`, `)` or the end."""
        parts: list[Expression] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self.repeated())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self) -> Expression:
        """Read a part and how often it stands there."""
        start = self.at
        if self.bounds() is not None:
            raise self.refused("regex_repeats_nothing", start)
        part = self.part()
        begins = self.at
        bounds = self.bounds()
        if bounds is None:
            return part
        if self.takes("?"):
            raise self.refused("regex_lazy", begins)
        if self.bounds() is not None:
            raise self.refused("regex_stacked", begins)
        return self.checked(Repeat(part, *bounds), begins)

    def bounds(self) -> tuple[int, int | None] | None:
        """Read `*`, `+`, `?` or `{n,m}`, if one stands here."""
        start = self.at
        if self.pattern[start : start + 1] in BOUNDS:
            return BOUNDS[self.next()]
        found = COUNTED.match(self.pattern, start)
        if found is None:
            return None
        self.at = found.end()
        numbers = [number for number in found.group(1, 3) if number]
        if any(len(number) > 3 or int(number) > REPEAT_LIMIT for number in numbers):
            raise self.refused("regex_many", start, limit=REPEAT_LIMIT)
        least = int(found[1])
        most = int(found[3]) if found[3] else None if found[2] else least
        if most is not None and most < least:
            raise self.refused("regex_reversed", start)
        return least, most

    def checked(self, repeat: Repeat, start: int) -> Repeat:
        """Refuse repeats inside repeats that come to too much."""
        if product(repeat) > PRODUCT_LIMIT:
            raise self.refused("regex_product", start, limit=PRODUCT_LIMIT)
        if size(repeat) > SIZE_LIMIT:
            raise self.refused("regex_size", start, limit=SIZE_LIMIT)
        return repeat

    def part(self) -> Expression:
        """Read a group, a class, an escape or a character."""
        start = self.at
        if self.sees("("):
            return self.group()
        if self.sees("["):
            return Chars(self.bracket())
        if self.sees("\\"):
            return Chars(self.escape())
        char = self.next()
        if char in "^$":
            raise self.refused("regex_anchor", start)
        if char == "{":
            raise self.refused("regex_brace", start)
        return Chars(ANY if char == "." else self.cased(of(char)))

    def cased(self, ranges: Ranges) -> Ranges:
        """Add the other case where case does not count."""
        return without_case(ranges) if self.folded else ranges

    def group(self) -> Expression:
        """Read `( )` or `(?: )`."""
        start = self.at
        if not self.takes("(?:"):
            for opening, key in GROUPS:
                if self.takes(opening):
                    raise self.refused(key, start)
            self.next()
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise self.refused("regex_depth", start, limit=DEPTH_LIMIT)
        expression = self.choice()
        self.depth -= 1
        if not self.takes(")"):
            raise Unsupported(phrase("regex_not_closed", found="("), start)
        return expression

    def escape(self) -> Ranges:
        r"""Read `\` and what follows it."""
        start = self.at
        letter = self.pattern[start + 1 : start + 2]
        if letter.lower() in PERL and letter:
            self.at += 2
            return self.perl(letter)
        point = self.point()
        return self.cased(((point, point),))

    def perl(self, letter: str) -> Ranges:
        r"""Give `\d`, `\D` and the like."""
        ranges = self.cased(PERL[letter.lower()])
        return others(ranges) if letter.isupper() else ranges

    def point(self) -> int:
        r"""Read an escape that is one character: `\n`, `\x41`, `\.`."""
        start = self.at
        self.at += 1
        found = HEXADECIMAL.match(self.pattern, self.at)
        if found is not None:
            self.at = found.end()
            return self.coded(found[1] or found[2], start)
        letter = self.next()
        if letter in CHARACTERS:
            return CHARACTERS[letter]
        if letter == "" or letter.isalnum() or not letter.isascii():
            raise self.refused(ESCAPES.get(letter, "regex_escape"), start)
        return ord(letter)

    def coded(self, digits: str, start: int) -> int:
        """Give the character of a number."""
        point = int(digits, 16) if len(digits.lstrip("0")) <= 6 else LAST + 1
        if point > LAST or 0xD800 <= point <= 0xDFFF:
            raise self.refused("regex_code", start)
        return point

    # Classes ------------------------------------------------------------------------------------

    def bracket(self) -> Ranges:
        """Read `[...]` or `[^...]`; a `]` in the first place is a character."""
        start = self.at
        self.next()
        negated = self.takes("^")
        ranges = list(self.element(start))
        while not self.takes("]"):
            ranges += self.element(start)
        return others(joined(ranges)) if negated else joined(ranges)

    def element(self, start: int) -> Ranges:
        r"""Read one element of a class that began at `start`: `a`, `a-z`, `\d`, `[:alpha:]`."""
        named = self.named()
        if named is not None:
            return named
        letter = self.pattern[self.at + 1 : self.at + 2]
        if self.sees("\\") and letter and letter.lower() in PERL:
            self.at += 2
            return self.perl(letter)
        begins = self.at
        low = self.single(start)
        high = low
        if self.sees("-") and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
            self.next()
            high = self.single(start)
        if high < low:
            raise self.refused("regex_class_range", begins)
        return self.cased(((low, high),))

    def single(self, start: int) -> int:
        """Read one character of a class."""
        if self.at >= len(self.pattern):
            raise Unsupported(phrase("regex_not_closed", found="["), start)
        return self.point() if self.sees("\\") else ord(self.next())

    def named(self) -> Ranges | None:
        """Read `[:alpha:]` or `[:^alpha:]`, if one stands here."""
        found = CLASS_NAME.match(self.pattern, self.at)
        if found is None:
            return None
        start, self.at = self.at, found.end()
        if found[2] not in NAMED:
            raise self.refused("regex_class_name", start)
        ranges = self.cased(NAMED[found[2]])
        return others(ranges) if found[1] else ranges


# What a pattern comes to --------------------------------------------------------------------------


def size(expression: Expression) -> int:
    """Count characters and classes, every repeat written out; an empty part counts too."""
    match expression:
        case Chars():
            return 1
        case Sequence(parts) | Choice(parts):
            return max(1, sum(map(size, parts)))
        case Repeat(part, least, most):
            return size(part) * max(1, least + 1 if most is None else most)


def product(expression: Expression) -> int:
    """Multiply the counts of repeats inside repeats."""
    match expression:
        case Chars():
            return 1
        case Sequence(parts) | Choice(parts):
            return max(map(product, parts), default=1)
        case Repeat(part, least, most):
            return product(part) * max(1, least if most is None else most)
