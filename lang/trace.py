"""What `explain` shows: each rule with its tests, the state and the values they saw, the result."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from roteiro.core.program import Decision, Scalar, State, ValueType
from roteiro.lang.values import SECOND, Value

CHARACTERS = 64
"""Of a shown value; what is longer is cut, with an ellipsis."""
VALUES = 32
"""Shown of one element."""


@dataclass(frozen=True, slots=True)
class TestTrace:
    """One predicate as it stands in the source, and what it saw."""

    __test__ = False  # not a test of pytest's

    test: str
    state: str
    values: tuple[str, ...]
    result: bool

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
        tests = [test.as_json() for test in self.tests]
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


def shown(value: Value, kind: ValueType) -> tuple[str, ...]:
    """Give the values of an element as text, not too many and not too long."""
    texts = [cut(as_text(scalar, kind)) for scalar in value.values[:VALUES]]
    return (*texts, "…") if len(value.values) > VALUES else tuple(texts)


def cut(text: str) -> str:
    """Shorten a text that is too long to show."""
    return text if len(text) <= CHARACTERS else f"{text[: CHARACTERS - 1]}…"


def as_text(scalar: Scalar, kind: ValueType) -> str:
    """Give one value as a literal of the language writes it, without quotes."""
    match kind, scalar:
        case ValueType.DATE, int():
            return f"{scalar // 10_000:04}-{scalar // 100 % 100:02}-{scalar % 100:02}"
        case ValueType.TIME, int():
            return _time(scalar)
        case ValueType.ADDRESS, int():
            parsed = IPv6Address(scalar)
            return str(parsed.ipv4_mapped or parsed)
        case _:
            return str(scalar)


def _time(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, SECOND)
    minutes, second = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text
