"""The engine in plain Python: the second implementation of one meaning, for tests.

It follows the terms of `core.program` one by one, builds nothing ahead, and shares with the
compiled engine only the contract and `core.decision`. What it reads, `core.pure_reader` finds and
`core.pure_values` decodes.
"""

from collections.abc import Iterable, Iterator

from roteiro.core.decision import Section, assemble, conditions, number, unreadable
from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Encoding,
    Envelope,
    Every,
    Holds,
    InState,
    Interval,
    Match,
    Negation,
    Outcome,
    Pattern,
    PatternKind,
    Program,
    Read,
    Scalar,
    Some,
    State,
    Test,
)
from roteiro.core.pure_reader import Reading, read
from roteiro.core.pure_values import Looked, look_up
from roteiro.core.tested import reads_size, tested_tags
from roteiro.core.validate import validate

Data = bytes | bytearray | memoryview


class PureMatcher:
    """Decides objects for one program.

    Raises `ProgramError` for a program that no engine can run.
    """

    def __init__(self, program: Program) -> None:
        validate(program)
        self._program = program
        self._numbering = number(program)
        self._conditions = conditions(program)
        self._tags = tested_tags(program)
        self._reads_size = reads_size(program)

    def decide(
        self, data: Data, encoding: Encoding, envelope: Envelope, *, complete: bool = True
    ) -> Outcome | None:
        """Decide one object; `None` when `data` is a prefix that does not settle it."""
        if self._reads_size and not complete:
            return None
        reading = read(bytes(data), encoding, self._tags, complete=complete)
        if reading is None:
            return None
        if reading.unreadable is not None:
            return Outcome(unreadable(reading.unreadable), _read(reading))
        looked = [look_up(field, reading, envelope) for field in self._program.fields]
        results = [_result(test, looked) for test in self._program.tests]
        return Outcome(assemble(self._numbering, self._fired(results)), _read(reading))

    def _fired(self, results: list[bool]) -> Iterator[int]:
        for section in self._numbering.sections:
            yield from self._fired_of(section, results)

    def _fired_of(self, section: Section, results: list[bool]) -> Iterable[int]:
        """Give the rules of one table that fire, or its `otherwise`."""
        numbers = range(section.begin, section.otherwise)
        fired = [item for item in numbers if _holds(self._conditions[item], results)]
        if fired:
            return fired[:1] if section.first else fired
        return [section.otherwise] if section.has_otherwise else []


def _read(reading: Reading) -> Read:
    found = sorted(reading.elements)
    return Read(len(found), found[-1] if found else None, reading.position)


def _result(test: Test, looked: list[Looked]) -> bool:
    state, values = looked[test.field]
    match test:
        case InState(_, states):
            return bool(state & states)
        case Some(_, matcher):
            return any(matches(matcher, value) for value in values)
        case Every(_, matcher):
            return state is State.VALUED and all(matches(matcher, value) for value in values)


def _holds(condition: Condition, results: list[bool]) -> bool:
    match condition:
        case Holds(test):
            return results[test]
        case Negation(part):
            return not _holds(part, results)
        case Conjunction(parts):
            return all(_holds(part, results) for part in parts)
        case Disjunction(parts):
            return any(_holds(part, results) for part in parts)


def matches(matcher: Match, value: Scalar) -> bool:
    """Tell whether one value satisfies a match."""
    if isinstance(matcher, Among):
        return value in matcher.values or any(
            _between(interval, value) for interval in matcher.intervals
        )
    assert isinstance(value, str)
    return any(_stands(matcher, text, value) for text in matcher.texts)


def _between(interval: Interval, value: Scalar) -> bool:
    low, high = interval.low, interval.high
    above = low is None or value > low or (interval.low_closed and value == low)  # type: ignore[operator]
    below = high is None or value < high or (interval.high_closed and value == high)  # type: ignore[operator]
    return above and below


def _stands(pattern: Pattern, text: str, value: str) -> bool:
    match pattern.kind:
        case PatternKind.CONTAINS:
            return text in value
        case PatternKind.STARTS:
            return value.startswith(text)
        case PatternKind.ENDS:
            return value.endswith(text)
        case PatternKind.LIKE:
            return like(text, value)


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
