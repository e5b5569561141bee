"""Functions of transforms and profiles (2f.9): what each takes, and what it gives.

The table is the definition: number and kinds of arguments, limits, the type of the result. A result
that is computed as text may be put wherever its text is a value; that is seen object by object.
"""

from dataclasses import dataclass

from roteiro.core.program import ValueType

MOST_COUNTED = 10_000
"""The highest place that `part` and `slice` take."""
MOST_DAYS = 36_500
"""The most days that `shift`, and `dates shift`, move a date by."""
MOST_ARGUMENTS = 16
HASH_DIGITS = 32
"""Hexadecimal digits that `hash` gives: 128 bits."""

VALUE, DAY, UID = "value", "day", "uid"
"""A value of any type; a date or date-time; a UID."""
LOOKUP, TEXT, ANY_TEXT, COUNT, DAYS, SECRET = (
    *("lookup", "text", "any_text", "count", "days", "secret"),
)
"""`@name`; a literal text, not empty; one that may be; a whole number; `10d`; `secret("...")`."""
FIRST = "first"
"""The result is of the type of the first argument that is a value."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes: the kinds in order; `more` of the last kind may follow."""

    kinds: tuple[str, ...]
    optional: int = 0
    """How many of the kinds, from the right, may be left out."""
    more: bool = False
    result: ValueType | str | None = None
    """A type, `FIRST`, or nothing for computed text."""

    @property
    def least(self) -> int:
        """How many arguments there are at least."""
        return len(self.kinds) - self.optional

    @property
    def most(self) -> int:
        """How many arguments there are at most."""
        return MOST_ARGUMENTS if self.more else len(self.kinds)

    def kind(self, number: int) -> str:
        """Give the kind of an argument; the first has number 0."""
        return self.kinds[min(number, len(self.kinds) - 1)]


FUNCTIONS = {
    "upper": Signature((VALUE,)),
    "lower": Signature((VALUE,)),
    "trim": Signature((VALUE,)),
    "coalesce": Signature((VALUE, VALUE), more=True, result=FIRST),
    "lookup": Signature((LOOKUP, VALUE, VALUE), optional=1),
    "replace": Signature((VALUE, TEXT, ANY_TEXT)),
    "part": Signature((VALUE, TEXT, COUNT)),
    "slice": Signature((VALUE, COUNT, COUNT)),
    "hash": Signature((VALUE, SECRET)),
    "uid_hash": Signature((UID, SECRET), result=ValueType.UID),
    "shift": Signature((DAY, DAYS), result=FIRST),
}
ACCEPTED = {
    VALUE: frozenset(ValueType) - {ValueType.SEQUENCE, ValueType.STATE_ONLY, ValueType.ADDRESS},
    DAY: frozenset((ValueType.DATE, ValueType.INSTANT)),
    UID: frozenset((ValueType.UID,)),
}
"""Types that the kinds of values take; computed text fits all of them."""
WRITABLE = frozenset(
    (
        *(ValueType.TEXT, ValueType.NAME, ValueType.UID, ValueType.DECIMAL),
        *(ValueType.DATE, ValueType.TIME, ValueType.INSTANT, ValueType.AGE),
    )
)
"""Types whose values computed text may be."""


def fits(kind: ValueType | None, target: ValueType) -> bool:
    """Whether values of one type, or computed text, may be put where values of another are."""
    if kind is None:
        return target in WRITABLE
    texts = {ValueType.TEXT, ValueType.NAME}
    return kind is target or (target in texts and kind in ACCEPTED[VALUE])
