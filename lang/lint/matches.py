"""How what values may match relates: one match within another, two that share no value.

Answers are sound and not complete: `False` is no proof of the opposite.
"""

from collections.abc import Callable
from decimal import Decimal

from roteiro.core.program import Among, Interval, Match, Matches, Pattern, PatternKind, Scalar
from roteiro.lang.folding import folded

GROUPS = "="
"""Parts the groups of a person name: names that differ in one may be equal in another."""


def under(text: str, root: str) -> bool:
    """Whether a UID has another as its root."""
    return text == root or text.startswith(f"{root}.")


FINDS: dict[PatternKind, Callable[[str, str], bool]] = {
    PatternKind.CONTAINS: lambda text, part: part in text,
    PatternKind.STARTS: str.startswith,
    PatternKind.ENDS: str.endswith,
    PatternKind.UNDER: under,
}
"""Whether a text is found; `like` is not looked into."""
WEAKER = {
    (PatternKind.STARTS, PatternKind.CONTAINS),
    (PatternKind.ENDS, PatternKind.CONTAINS),
}
"""Kinds that the other kind follows from, of one text."""


def members(match: Among) -> tuple[Among, ...]:
    """Give a match for each element of a set."""
    values = [Among((value,)) for value in match.values]
    intervals = [Among(intervals=(interval,)) for interval in match.intervals]
    texts = [Among(folded=(text,)) for text in match.folded]
    return (*values, *intervals, *texts)


# Within -----------------------------------------------------------------------------------------


def covers(wider: Match, narrower: Match) -> bool:
    """Whether every value that the narrower matches the wider matches too."""
    if wider == narrower:
        return True
    if isinstance(narrower, Among):
        return all(
            (
                *(has_value(wider, value) for value in narrower.values),
                *(has_interval(wider, interval) for interval in narrower.intervals),
                *(has_folded(wider, text) for text in narrower.folded),
            )
        )
    if isinstance(narrower, Pattern) and isinstance(wider, Pattern):
        return all(found_by(wider, narrower.kind, text) for text in narrower.texts) and all(
            folded_found_by(wider, narrower.kind, text) for text in narrower.folded
        )
    if isinstance(narrower, Matches) and isinstance(wider, Matches):
        return set(narrower.expressions) <= set(wider.expressions)
    return False


def has_value(match: Match, value: Scalar) -> bool:
    """Whether a match takes a value, exactly."""
    if isinstance(match, Among):
        return (
            value in match.values
            or any(inside(value, interval) for interval in match.intervals)
            or (isinstance(value, str) and folded(value) in match.folded)
        )
    if isinstance(match, Pattern) and isinstance(value, str) and match.kind in FINDS:
        finds = FINDS[match.kind]
        exact = any(finds(value, text) for text in match.texts)
        return exact or any(finds(folded(value), text) for text in match.folded)
    return False


def has_interval(match: Match, interval: Interval) -> bool:
    """Whether a match takes every value of an interval."""
    return isinstance(match, Among) and any(surrounds(outer, interval) for outer in match.intervals)


def has_folded(match: Match, text: str) -> bool:
    """Whether a match takes every value that equals a text in any case."""
    if isinstance(match, Among):
        return text in match.folded
    if isinstance(match, Pattern) and match.kind in FINDS:
        return any(FINDS[match.kind](text, part) for part in match.folded)
    return False


def found_by(match: Pattern, kind: PatternKind, text: str) -> bool:
    """Whether a match takes every value that stands in a relation to a text."""
    if match.kind is kind and text in match.texts:
        return True
    return implied(match, kind) and any(FINDS[match.kind](text, part) for part in match.texts)


def folded_found_by(match: Pattern, kind: PatternKind, text: str) -> bool:
    """Whether a match takes every value that, folded, stands in a relation to a text."""
    if match.kind is kind and text in match.folded:
        return True
    return implied(match, kind) and any(FINDS[match.kind](text, part) for part in match.folded)


def implied(match: Pattern, kind: PatternKind) -> bool:
    """Whether a match follows from one of a kind when the text of that has its own text."""
    return kind in FINDS and (match.kind is kind or (kind, match.kind) in WEAKER)


# Apart ------------------------------------------------------------------------------------------


def apart(one: Match, other: Match) -> bool:
    """Whether no value matches both."""
    if isinstance(one, Among) and isinstance(other, Among):
        return all(parts_apart(a, b) for a in members(one) for b in members(other))
    if isinstance(one, Pattern) and isinstance(other, Among):
        return apart(other, one)
    if isinstance(one, Among) and isinstance(other, Pattern) and other.kind in FINDS:
        return not one.intervals and all(
            (
                *(not has_value(other, value) for value in one.values),
                *(never_finds(other, text) for text in one.folded),
            )
        )
    return False


def never_finds(match: Pattern, text: str) -> bool:
    """Whether a match takes no value that equals a text in any case."""
    return not match.texts and not any(FINDS[match.kind](text, part) for part in match.folded)


def parts_apart(one: Among, other: Among) -> bool:
    """Whether two elements of sets share no value."""
    if one.intervals and other.intervals:
        return not overlap(one.intervals[0], other.intervals[0])
    if one.intervals or other.intervals:
        interval = (one.intervals or other.intervals)[0]
        values = one.values or other.values
        return bool(values) and not inside(values[0], interval)
    if one.values and other.values:
        return one.values[0] != other.values[0]
    texts = [folded(str(each)) for part in (one, other) for each in (*part.values, *part.folded)]
    return texts[0] != texts[1] and not any(GROUPS in text for text in texts)


# Intervals --------------------------------------------------------------------------------------


def below(low: Scalar, high: Scalar) -> int:
    """Give -1, 0 or 1 for two values of one type."""
    if isinstance(low, str) or isinstance(high, str):
        return 0 if low == high else -1 if str(low) < str(high) else 1
    first, second = Decimal(low), Decimal(high)
    return (first > second) - (first < second)


def inside(value: Scalar, interval: Interval) -> bool:
    """Whether a value lies in an interval."""
    if interval.low is not None:
        order = below(value, interval.low)
        if order < 0 or (order == 0 and not interval.low_closed):
            return False
    if interval.high is not None:
        order = below(value, interval.high)
        return order < 0 or (order == 0 and interval.high_closed)
    return True


def surrounds(outer: Interval, inner: Interval) -> bool:
    """Whether an interval lies within another."""
    if outer.low is not None:
        if inner.low is None:
            return False
        order = below(inner.low, outer.low)
        if order < 0 or (order == 0 and inner.low_closed and not outer.low_closed):
            return False
    if outer.high is not None:
        if inner.high is None:
            return False
        order = below(inner.high, outer.high)
        return order < 0 or (order == 0 and (outer.high_closed or not inner.high_closed))
    return True


def overlap(one: Interval, other: Interval) -> bool:
    """Whether two intervals share a value, as far as their ends say."""
    return reaches(one, other) and reaches(other, one)


def reaches(one: Interval, other: Interval) -> bool:
    """Whether an interval begins no later than another ends."""
    if one.low is None or other.high is None:
        return True
    order = below(one.low, other.high)
    return order < 0 or (order == 0 and one.low_closed and other.high_closed)
