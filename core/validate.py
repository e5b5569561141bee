"""What an engine may rely on: a program is checked once, before either engine takes it."""

from collections.abc import Iterator
from decimal import Decimal

from roteiro.core.errors import ProgramError
from roteiro.core.program import (
    FORMAT,
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Every,
    Field,
    Holds,
    InState,
    Match,
    Negation,
    Pattern,
    Program,
    Scalar,
    Some,
    Source,
    State,
    ValueType,
)
from roteiro.core.vrs import CLASSES, alternatives

SCALARS: dict[ValueType, type] = {
    ValueType.TEXT: str,
    ValueType.UID: str,
    ValueType.DECIMAL: Decimal,
    ValueType.DATE: int,
    ValueType.TIME: int,
    ValueType.ADDRESS: int,
}
"""What the literals of each type are; states alone have none."""

MEMBERS = {
    "calling_ae": ValueType.TEXT,
    "called_ae": ValueType.TEXT,
    "peer": ValueType.ADDRESS,
    "tls_subject": ValueType.TEXT,
    "listener": ValueType.TEXT,
    "transfer_syntax": ValueType.UID,
    "sop_class": ValueType.UID,
    "sop_instance": ValueType.UID,
    "size": ValueType.DECIMAL,
}
"""What the members of an envelope are."""
EXPONENT_LIMIT = 1 << 40
"""A decimal literal beyond it cannot be compared with what data sets hold."""
INTEGER_LIMITS = {
    ValueType.DATE: 1 << 62,
    ValueType.TIME: 1 << 62,
    ValueType.ADDRESS: 1 << 128,
}
DELIMITERS = 0xFFFE0000
"""Tags from here on belong to items and delimiters."""
STATES = State.ABSENT | State.EMPTY | State.INVALID | State.VALUED


def validate(program: Program) -> None:
    """Check that a program is of this format and refers only to what it holds.

    Raises `ProgramError`.
    """
    if program.format != FORMAT:
        raise ProgramError(f"a program of format {program.format}, expected {FORMAT}")
    for field in program.fields:
        _check_field(field)
    for test in program.tests:
        _check_test(program, test)
    for condition in _conditions(program):
        _check_condition(condition, len(program.tests))


def _check_field(field: Field) -> None:
    if field.source is Source.ENVELOPE:
        kind = MEMBERS.get(field.name)
        if kind is None:
            raise ProgramError(f"no member of the envelope: {field.name!r}")
        if field.type not in (kind, ValueType.STATE_ONLY):
            raise ProgramError(f"{field.name} is {kind.value}, not {field.type.value}")
    if field.source is Source.ELEMENT:
        if not 0 <= field.tag < DELIMITERS:
            raise ProgramError(f"no tag of an element: {field.tag:#x}")
        if field.type is ValueType.ADDRESS:
            raise ProgramError("no element holds an address")
        if unknown := set(alternatives(field.vr)) - set(CLASSES):
            raise ProgramError(f"no value representation: {min(unknown)!r}")


def _check_test(program: Program, test: Some | Every | InState) -> None:
    if not 0 <= test.field < len(program.fields):
        raise ProgramError(f"a test of field {test.field}, there are {len(program.fields)}")
    if isinstance(test, InState):
        if int(test.states) & ~int(STATES):
            raise ProgramError(f"no states: {test.states!r}")
        return
    _check_match(program.fields[test.field].type, test.match)


def _check_match(kind: ValueType, match: Match) -> None:
    if kind is ValueType.STATE_ONLY:
        raise ProgramError("a field of which only the state is known has no values to compare")
    if isinstance(match, Pattern):
        if kind is not ValueType.TEXT:
            raise ProgramError(f"a pattern on {kind.value}")
        for text in match.texts:
            _check_scalar(ValueType.TEXT, text)
        return
    if match.intervals and SCALARS[kind] is str:
        raise ProgramError(f"an interval of {kind.value}")
    for value in _scalars(match):
        _check_scalar(kind, value)


def _scalars(match: Among) -> Iterator[Scalar]:
    yield from match.values
    for interval in match.intervals:
        yield from (end for end in (interval.low, interval.high) if end is not None)


def _check_scalar(kind: ValueType, value: Scalar) -> None:
    if type(value) is not SCALARS[kind]:
        raise ProgramError(f"a literal of type {type(value).__name__} for {kind.value}")
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > EXPONENT_LIMIT:
            raise ProgramError(f"a decimal out of range: {value}")
    elif isinstance(value, int):
        if not 0 <= value < INTEGER_LIMITS[kind]:
            raise ProgramError(f"a {kind.value} out of range: {value}")
    else:
        _check_text(value)


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ProgramError("a text that is no Unicode text") from error


def _conditions(program: Program) -> Iterator[Condition]:
    if program.guard is not None:
        yield from (rule.condition for rule in program.guard.rules)
    for table in program.tables:
        yield from (rule.condition for rule in table.rules)


def _check_condition(condition: Condition, tests: int) -> None:
    """Walk a condition without recursion: a program may nest deeper than Python can call."""
    waiting = [condition]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        match part:
            case Holds(test):
                if not 0 <= test < tests:
                    raise ProgramError(f"test {test} is asked, there are {tests}")
            case Negation(inner):
                waiting.append(inner)
            case Conjunction(parts) | Disjunction(parts):
                waiting.extend(parts)
            case _:
                raise ProgramError(f"no condition: {type(part).__name__}")
