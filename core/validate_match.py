"""What an engine may rely on in a match: its literals are of the field's type, and finite."""

from collections.abc import Iterator
from decimal import Decimal

from roteiro.core.automaton import is_too_large
from roteiro.core.errors import ProgramError
from roteiro.core.program import (
    Among,
    Chars,
    Choice,
    Expression,
    Match,
    Matches,
    Pattern,
    PatternKind,
    Repeat,
    Scalar,
    Sequence,
    ValueType,
)

SCALARS: dict[ValueType, type] = {
    ValueType.TEXT: str,
    ValueType.UID: str,
    ValueType.NAME: str,
    ValueType.DECIMAL: Decimal,
    ValueType.DATE: int,
    ValueType.TIME: int,
    ValueType.ADDRESS: int,
    ValueType.INSTANT: int,
    ValueType.AGE: int,
    ValueType.TAG: int,
}
"""What the literals of each type are; states and sequences have none."""
EXPONENT_LIMIT = 1 << 40
"""A decimal literal beyond it cannot be compared with what data sets hold."""
WIDE = 1 << 62
INTEGERS = {
    ValueType.DATE: range(WIDE),
    ValueType.TIME: range(WIDE),
    ValueType.ADDRESS: range(1 << 128),
    ValueType.INSTANT: range(-WIDE, WIDE),
    ValueType.AGE: range(WIDE),
    ValueType.TAG: range(1 << 32),
}
LAST_CODE_POINT = 0x10FFFF


def check_match(kind: ValueType, match: Match) -> None:
    """Check a match of a field of some type. Raises `ProgramError`."""
    if kind not in SCALARS:
        raise ProgramError(f"a {kind.value} has no values to compare")
    if isinstance(match, Matches):
        _check_matches(kind, match)
    elif isinstance(match, Pattern):
        _check_pattern(kind, match)
    elif isinstance(match, Among):
        _check_among(kind, match)
    else:
        raise ProgramError(f"no match: {type(match).__name__}")


def _check_among(kind: ValueType, match: Among) -> None:
    if match.intervals and SCALARS[kind] is str:
        raise ProgramError(f"an interval of {kind.value}")
    if match.folded and kind not in (ValueType.TEXT, ValueType.NAME):
        raise ProgramError(f"a folded {kind.value}")
    if match.values and kind is ValueType.NAME:
        raise ProgramError("a name that is not folded")
    for value in (*_scalars(match), *match.folded):
        _check_scalar(kind, value)


def _scalars(match: Among) -> Iterator[Scalar]:
    yield from match.values
    for interval in match.intervals:
        yield from (end for end in (interval.low, interval.high) if end is not None)


def _check_pattern(kind: ValueType, match: Pattern) -> None:
    wanted = ValueType.UID if match.kind is PatternKind.UNDER else ValueType.TEXT
    if kind is not wanted or (match.folded and kind is not ValueType.TEXT):
        raise ProgramError(f"{match.kind.value} of {kind.value}")
    for text in (*match.texts, *match.folded):
        _check_scalar(ValueType.TEXT, text)


def _check_scalar(kind: ValueType, value: Scalar) -> None:
    if type(value) is not SCALARS[kind]:
        raise ProgramError(f"a literal of type {type(value).__name__} for {kind.value}")
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > EXPONENT_LIMIT:
            raise ProgramError(f"a decimal out of range: {value}")
    elif isinstance(value, int):
        if value not in INTEGERS[kind]:
            raise ProgramError(f"a {kind.value} out of range: {value}")
    else:
        _check_text(value)


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ProgramError("a text that is no Unicode text") from error


def _check_matches(kind: ValueType, match: Matches) -> None:
    if kind is not ValueType.TEXT:
        raise ProgramError(f"an expression on {kind.value}")
    for expression in match.expressions:
        _check_expression(expression)
        if is_too_large(expression):
            raise ProgramError("an expression that is too large")


def _check_expression(expression: Expression) -> None:
    """Walk an expression without recursion: it may nest deeper than Python can call."""
    waiting = [expression]
    while waiting:
        match part := waiting.pop():
            case Chars(ranges):
                _check_ranges(ranges)
            case Sequence(parts) | Choice(parts):
                waiting.extend(parts)
            case Repeat(inner, least, most):
                if least < 0 or (most is not None and most < least):
                    raise ProgramError(f"a repeat from {least} to {most}")
                waiting.append(inner)
            case _:
                raise ProgramError(f"no expression: {type(part).__name__}")


def _check_ranges(ranges: tuple[tuple[int, int], ...]) -> None:
    before = -2
    for low, high in ranges:
        if not before + 1 < low <= high <= LAST_CODE_POINT:
            raise ProgramError(f"ranges out of order: {ranges!r}")
        before = high
