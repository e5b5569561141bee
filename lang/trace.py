"""What `explain` shows: each rule with its tests, the state and the values they saw, the result."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv6Address

from roteiro.core.program import Decision, Field, Scalar, Source, State, ValueType
from roteiro.lang.clock import DAY, EPOCH, MICROSECOND, SECOND
from roteiro.lang.moments import DAYS
from roteiro.lang.views import Value

CHARACTERS = 64
"""Of a shown value; what is longer is cut, with an ellipsis."""
VALUES = 32
"""Shown of one element."""
ITEMS = 8
"""Shown of one sequence."""


@dataclass(frozen=True, slots=True)
class TestTrace:
    """One predicate as it stands in the source, and what it saw."""

    __test__ = False  # not a test of pytest's

    test: str
    state: str
    values: tuple[str, ...]
    result: bool
    field: Field
    """What it reads."""
    items: "tuple[tuple[TestTrace, ...], ...]" = ()
    """Of `has (...)`: what stands in the parentheses, for each item."""

    def with_inner(self) -> "Iterator[TestTrace]":
        """Give this test and, behind it, those inside of it, item by item."""
        yield self
        for item in self.items:
            for test in item:
                yield from test.with_inner()

    def as_json(self) -> dict[str, object]:
        """Give it as `explain --format json` does."""
        return {
            "test": self.test,
            "state": self.state,
            "values": list(self.values),
            "result": self.result,
        }


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule: whether its condition holds, and whether it fired."""

    rule: str
    result: bool
    """Whether the condition holds; after the winner of a guard or a `first` table it may."""
    tests: tuple[TestTrace, ...]
    fired: bool
    shown: bool
    """Whether a trace shows it unasked: the guard up to its winner, and what fired."""

    def as_json(self) -> dict[str, object]:
        """Give it as `explain --format json` does."""
        tests = [inner.as_json() for test in self.tests for inner in test.with_inner()]
        return {"rule": self.rule, "result": self.result, "tests": tests}


@dataclass(frozen=True, slots=True)
class Trace:
    """A decision and every rule of the program; no rules when the object was unreadable."""

    decision: Decision
    rules: tuple[RuleTrace, ...]

    def selected(
        self, *, everything: bool = False, why_not: str | None = None
    ) -> Iterator[RuleTrace]:
        """Give the rules to show: those of a trace, and the one that is asked for."""
        return (rule for rule in self.rules if everything or rule.shown or rule.rule == why_not)

    def as_json(
        self, *, everything: bool = False, why_not: str | None = None
    ) -> list[dict[str, object]]:
        """Give the member `trace` of `explain --format json`."""
        return [rule.as_json() for rule in self.selected(everything=everything, why_not=why_not)]


STATES = {
    State.ABSENT: "absent",
    State.EMPTY: "empty",
    State.INVALID: "invalid",
    State.VALUED: "valued",
}


def shown(value: Value, field: Field) -> tuple[str, ...]:
    """Give the values of a field as text, not too many and not too long."""
    texts = [cut(as_text(scalar, field)) for scalar in value.values[:VALUES]]
    return (*texts, "…") if len(value.values) > VALUES else tuple(texts)


def cut(text: str) -> str:
    """Shorten a text that is too long to show."""
    return text if len(text) <= CHARACTERS else f"{text[: CHARACTERS - 1]}…"


def as_text(scalar: Scalar, field: Field) -> str:
    """Give one value as a literal of the language writes it, without quotes."""
    if field.source is Source.CLOCK:
        return in_week(int(scalar))
    if isinstance(scalar, Decimal):
        return decimal(scalar)
    writer = WRITERS.get(field.type)
    return writer(scalar) if writer is not None and isinstance(scalar, int) else str(scalar)


def decimal(value: Decimal) -> str:
    """Write `1.50`; with an exponent only what is too long otherwise."""
    return f"{value:f}" if abs(value.adjusted()) < CHARACTERS else str(value)


def address(value: int) -> str:
    """Write an address; IPv4 as people know it."""
    parsed = IPv6Address(value)
    return str(parsed.ipv4_mapped or parsed)


def date(value: int) -> str:
    """Write `2026-01-31`."""
    return f"{value // 10_000:04}-{value // 100 % 100:02}-{value % 100:02}"


def time(microseconds: int) -> str:
    """Write `22:00:30.5`."""
    seconds, fraction = divmod(microseconds, SECOND)
    minutes, second = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text


def instant(value: int) -> str:
    """Write `2026-01-31T10:00:00Z`; outside of the years 1 to 9999 the seconds since 1970."""
    try:
        day = EPOCH + value // DAY * DAY * MICROSECOND
    except OverflowError:
        return f"{value // SECOND}s"
    return f"{day.date()}T{time(value % DAY)}Z"


def age(value: int) -> str:
    """Write `18Y`, in the largest unit that is exact."""
    letter = next(letter for letter in reversed(DAYS) if value % DAYS[letter] == 0)
    return f"{value // DAYS[letter]}{letter}"


def tag(value: int) -> str:
    """Write `(0018,1063)`."""
    return f"({value >> 16:04X},{value & 0xFFFF:04X})"


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def in_week(value: int) -> str:
    """Write `mon 22:00:30`, as a schedule does."""
    return f"{WEEK[value // DAY]} {time(value % DAY)}"


WRITERS: dict[ValueType, Callable[[int], str]] = {
    ValueType.ADDRESS: address,
    ValueType.AGE: age,
    ValueType.DATE: date,
    ValueType.INSTANT: instant,
    ValueType.TAG: tag,
    ValueType.TIME: time,
}
"""Values that are numbers but are not written as such."""
