"""Operators: how one value stands to the right side of a comparison (2c, 2e; reading.md 15)."""

from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.core.program import Expression, Interval, Scalar, ValueType
from roteiro.lang.folding import folded
from roteiro.lang.persons import named
from roteiro.lang.simulate import describes
from roteiro.lang.typed import Compare


@dataclass(frozen=True, slots=True)
class Right:
    """The right side of a comparison, so prepared that large sets are looked up in.

    An interval of one value, as the addresses of a file are, is one of the values.
    """

    operator: str
    values: frozenset[Scalar]
    intervals: tuple[Interval, ...]
    folded: frozenset[str]
    names: "tuple[Names, ...]"
    expressions: tuple[Expression, ...]

    @classmethod
    def of(cls, test: Compare) -> "Right":
        """Prepare the right side of a test."""
        is_name = test.field.type is ValueType.NAME
        single = {part.low for part in test.intervals if _is_single(part)}
        return cls(
            test.operator,
            frozenset(test.values) | {low for low in single if low is not None},
            tuple(part for part in test.intervals if not _is_single(part)),
            frozenset() if is_name else frozenset(test.folded),
            tuple(_names(test.folded)) if is_name else (),
            test.expressions,
        )


@dataclass(frozen=True, slots=True)
class Names:
    """Person names that have the same groups: those groups, by place, and what they are."""

    places: tuple[int, ...]
    groups: frozenset[tuple[str, ...]]

    def have(self, name: str) -> bool:
        """Say whether a canonical name has the groups of one of these (reading.md 13.2)."""
        found = named(folded(name))
        return tuple(found.get(place, "") for place in self.places) in self.groups


def _names(literals: tuple[str, ...]) -> Iterator[Names]:
    """Gather names by the groups that they have."""
    gathered: dict[tuple[int, ...], set[tuple[str, ...]]] = {}
    for literal in literals:
        groups = named(literal)
        gathered.setdefault(tuple(groups), set()).add(tuple(groups.values()))
    for places, alike in gathered.items():
        yield Names(places, frozenset(alike))


def matches(right: Right, value: Scalar) -> bool:
    """Say whether one value stands in the operator's relation to the right side."""
    match right.operator:
        case "==" | "in":
            return _among(right, value)
        case "<" | "<=" | ">" | ">=" as order:
            return all(_ordered(value, order, end) for end in right.values)
        case "matches":
            return any(describes(each, str(value)) for each in right.expressions)
        case operator:
            exact = any(_text(str(value), operator, str(each)) for each in right.values)
            return exact or any(_text(folded(str(value)), operator, each) for each in right.folded)


def _among(right: Right, value: Scalar) -> bool:
    return (
        value in right.values
        or any(_within(value, part) for part in right.intervals)
        or (bool(right.folded) and folded(str(value)) in right.folded)
        or any(names.have(str(value)) for names in right.names)
    )


def _ordered(left: Scalar, operator: str, right: Scalar) -> bool:
    """Compare two values of one ordered type: decimals, dates, times, instants, ages."""
    match operator:
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case _:
            return left >= right  # type: ignore[operator]


def _is_single(part: Interval) -> bool:
    closed = part.low_closed and part.high_closed
    return closed and part.low is not None and part.low == part.high


def _within(value: Scalar, part: Interval) -> bool:
    """Say whether a value lies in an interval."""
    if part.low is not None and not _ordered(value, ">=" if part.low_closed else ">", part.low):
        return False
    high = "<=" if part.high_closed else "<"
    return part.high is None or _ordered(value, high, part.high)


def _text(value: str, operator: str, right: str) -> bool:
    """Compare texts by code point."""
    match operator:
        case "contains":
            return right in value
        case "starts with":
            return value.startswith(right)
        case "ends with":
            return value.endswith(right)
        case "like":
            return like(value, right)
        case "under":
            return value == right or value.startswith(f"{right}.")
        case _:
            raise AssertionError(operator)


def like(value: str, pattern: str) -> bool:
    """Match the whole value: `*` is any characters, `?` is one (2e)."""
    places = {0}  # how much of the value the pattern so far may have taken
    for char in pattern:
        if char == "*":
            places = set(range(min(places), len(value) + 1)) if places else places
        else:
            places = {at + 1 for at in places if at < len(value) and (char in ("?", value[at]))}
    return len(value) in places
