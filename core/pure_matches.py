"""Whether one value satisfies a match, in plain Python."""

from collections.abc import Callable

from roteiro.core.automaton import Automaton
from roteiro.core.names import folded, is_named
from roteiro.core.program import (
    Among,
    Interval,
    Match,
    Matches,
    Pattern,
    PatternKind,
    Scalar,
    ValueType,
)

Predicate = Callable[[Scalar], bool]


def predicate(match: Match, kind: ValueType) -> Predicate:
    """Give what tells of one value of some type whether it satisfies a match."""
    if isinstance(match, Matches):
        automaton = Automaton(match.expressions)
        return lambda value: automaton.accepts(str(value))
    if isinstance(match, Pattern):
        return lambda value: _stands_somehow(match, str(value))
    if kind is ValueType.NAME:
        return lambda value: any(is_named(folded(str(value)), one) for one in match.folded)
    return lambda value: _is_among(match, value)


def _stands_somehow(pattern: Pattern, value: str) -> bool:
    if any(stands(pattern.kind, text, value) for text in pattern.texts):
        return True
    if not pattern.folded:
        return False
    alike = folded(value)
    return any(stands(pattern.kind, text, alike) for text in pattern.folded)


def _is_among(match: Among, value: Scalar) -> bool:
    if value in match.values or any(between(one, value) for one in match.intervals):
        return True
    return bool(match.folded) and folded(str(value)) in match.folded


def between(interval: Interval, value: Scalar) -> bool:
    """Tell whether a value lies in an interval."""
    low, high = interval.low, interval.high
    above = low is None or value > low or (interval.low_closed and value == low)  # type: ignore[operator]
    below = high is None or value < high or (interval.high_closed and value == high)  # type: ignore[operator]
    return above and below


def stands(kind: PatternKind, text: str, value: str) -> bool:
    """Tell whether a text stands in a relation to a value."""
    match kind:
        case PatternKind.CONTAINS:
            return text in value
        case PatternKind.STARTS:
            return value.startswith(text)
        case PatternKind.ENDS:
            return value.endswith(text)
        case PatternKind.LIKE:
            return like(text, value)
        case PatternKind.UNDER:
            return value == text or value.startswith(f"{text}.")


def like(pattern: str, value: str) -> bool:
    """Match `*` (any text) and `?` (one code point) over the whole value."""
    reached = {0}  # positions of the value that the pattern so far can end at
    for sign in pattern:
        if sign == "*":
            reached = set(range(min(reached), len(value) + 1))
        else:
            reached = {
                place + 1 for place in reached if place < len(value) and sign in ("?", value[place])
            }
        if not reached:
            return False
    return len(value) in reached
