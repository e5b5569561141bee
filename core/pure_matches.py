"""Whether one value satisfies a match, in plain Python."""

from collections.abc import Callable

from roteiro.core.automaton import Automaton
from roteiro.core.names import folded
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
    return _named(match) if kind is ValueType.NAME else _among(match)


def _among(match: Among) -> Predicate:
    values, folds, intervals = frozenset(match.values), frozenset(match.folded), match.intervals

    def told(value: Scalar) -> bool:
        if value in values or any(between(one, value) for one in intervals):
            return True
        return bool(folds) and folded(str(value)) in folds

    return told


def _named(match: Among) -> Predicate:
    """Look names up by the groups that literals have."""
    known: dict[tuple[int, ...], set[tuple[str, ...]]] = {}
    for literal in match.folded:
        groups = {place: group for place, group in enumerate(literal.split("=")) if group}
        known.setdefault(tuple(groups), set()).add(tuple(groups.values()))

    def told(value: Scalar) -> bool:
        groups = dict(enumerate(folded(str(value)).split("=")))
        return any(
            tuple(groups.get(place, "") for place in places) in names
            for places, names in known.items()
        )

    return told


def _stands_somehow(pattern: Pattern, value: str) -> bool:
    if any(stands(pattern.kind, text, value) for text in pattern.texts):
        return True
    if not pattern.folded:
        return False
    alike = folded(value)
    return any(stands(pattern.kind, text, alike) for text in pattern.folded)


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
