"""What an engine may rely on: a program is checked once, before either engine takes it."""

from collections.abc import Iterator
from zoneinfo import ZoneInfoNotFoundError

from roteiro.core.decision import LATE, URGENCIES
from roteiro.core.errors import ProgramError
from roteiro.core.instants import zone_of
from roteiro.core.program import (
    FORMAT,
    Condition,
    Conjunction,
    Deliver,
    Disjunction,
    Effect,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Negation,
    Program,
    SomeItem,
    State,
    Test,
    ValueType,
)
from roteiro.core.validate_field import check_field
from roteiro.core.validate_match import check_match

STATES = State.ABSENT | State.EMPTY | State.INVALID | State.VALUED
NESTING_LIMIT = 32
"""Of `has` inside `has`; the language has a lower one."""


def validate(program: Program) -> None:
    """Check that a program is of this format and refers only to what it holds.

    Raises `ProgramError`.
    """
    if program.format != FORMAT:
        raise ProgramError(f"a program of format {program.format}, expected {FORMAT}")
    check_zone(program.zone)
    check_scope(program.fields, program.tests, 0)
    for condition in _conditions(program):
        _check_condition(condition, len(program.tests))
    for effect in _effects(program):
        _check_effect(effect)


def check_zone(zone: str) -> None:
    """Check that a zone is known here. Raises `ProgramError`."""
    try:
        zone_of(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ProgramError(f"no time zone: {zone!r}") from error


def check_scope(fields: tuple[Field, ...], tests: tuple[Test, ...], depth: int) -> None:
    """Check the fields and tests of an object, or of the items of a sequence.

    Raises `ProgramError`.
    """
    if depth > NESTING_LIMIT:
        raise ProgramError("sequences nested too deep")
    for field in fields:
        check_field(field)
    for test in tests:
        if not 0 <= test.field < len(fields):
            raise ProgramError(f"a test of field {test.field}, there are {len(fields)}")
        _check_test(fields[test.field], test, depth)


def _check_test(field: Field, test: Test, depth: int) -> None:
    match test:
        case InState(_, states):
            if int(states) & ~int(STATES):
                raise ProgramError(f"no states: {states!r}")
        case SomeItem(_, inside) | EveryItem(_, inside):
            _check_inside(field, inside, depth)
        case _:
            check_match(field.type, test.match)


def _check_inside(field: Field, inside: Inside, depth: int) -> None:
    if field.type is not ValueType.SEQUENCE:
        raise ProgramError(f"items of {field.type.value}")
    if field.position:
        raise ProgramError("items of one item")
    check_scope(inside.fields, inside.tests, depth + 1)
    _check_condition(inside.condition, len(inside.tests))


def _conditions(program: Program) -> Iterator[Condition]:
    if program.guard is not None:
        yield from (rule.condition for rule in program.guard.rules)
    for table in program.tables:
        yield from (rule.condition for rule in table.rules)


def _effects(program: Program) -> Iterator[Effect]:
    for table in program.tables:
        for rule in table.rules:
            yield from rule.effects
        yield from table.otherwise


def _check_effect(effect: Effect) -> None:
    if not isinstance(effect, Deliver):
        return
    if effect.urgency not in URGENCIES:
        raise ProgramError(f"no urgency: {effect.urgency!r}")
    batch = effect.release.batch
    if batch is not None and batch.late not in LATE:
        raise ProgramError(f"nothing to do with late images: {batch.late!r}")


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
