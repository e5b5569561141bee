"""The engine in plain Python: the second implementation of one meaning, for tests.

It follows the terms of `core.program` one by one, builds nothing ahead but the automata, and shares
with the compiled engine the contract, `core.decision`, and how the rarer values are made of bytes.
What it reads, `core.pure_reader` finds and `core.pure_values` decodes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roteiro.core.decision import Section, assemble, conditions, number, unreadable
from roteiro.core.instants import zone_of
from roteiro.core.program import (
    Condition,
    Conjunction,
    Disjunction,
    Encoding,
    Envelope,
    Every,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Negation,
    Outcome,
    Program,
    Read,
    Some,
    SomeItem,
    State,
    Test,
)
from roteiro.core.pure_data import Dataset
from roteiro.core.pure_matches import Predicate, predicate
from roteiro.core.pure_reader import Reading, read
from roteiro.core.pure_values import Around, Looked, located, look_up
from roteiro.core.tested import reads_size, tested
from roteiro.core.validate import validate

Data = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class _Scope:
    """The fields and tests of an object or of items, with what each test needs."""

    fields: tuple[Field, ...]
    tests: tuple[Test, ...]
    predicates: "tuple[Predicate | _Scope | None, ...]"
    condition: Condition

    @classmethod
    def of(cls, inside: Inside) -> "_Scope":
        """Prepare a scope and those inside it."""
        needed = tuple(cls._needed(inside, test) for test in inside.tests)
        return cls(inside.fields, inside.tests, needed, inside.condition)

    @classmethod
    def _needed(cls, inside: Inside, test: Test) -> "Predicate | _Scope | None":
        match test:
            case InState():
                return None
            case SomeItem() | EveryItem():
                return cls.of(test.inside)
            case _:
                return predicate(test.match, inside.fields[test.field].type)

    def results(self, dataset: Dataset, around: Around) -> list[bool]:
        """Tell of each test whether it holds in a data set."""
        looked = [look_up(field, dataset, around) for field in self.fields]
        return [
            self._result(number, looked[test.field], dataset, around)
            for number, test in enumerate(self.tests)
        ]

    def _result(self, number: int, looked: Looked, dataset: Dataset, around: Around) -> bool:
        test, needed = self.tests[number], self.predicates[number]
        match test:
            case InState(_, states):
                return bool(looked.state & states)
            case SomeItem() | EveryItem():
                assert isinstance(needed, _Scope)
                if looked.state is not State.VALUED:
                    return False
                items = _items(self.fields[test.field], dataset)
                held = (needed.holds_in(item, around) for item in items)
                return any(held) if isinstance(test, SomeItem) else all(held)
            case Some():
                assert callable(needed)
                return any(needed(value) for value in looked.values)
            case Every():
                assert callable(needed)
                return looked.state is State.VALUED and all(map(needed, looked.values))

    def holds_in(self, item: Dataset, around: Around) -> bool:
        """Tell whether the condition holds in an item."""
        return _holds(self.condition, self.results(item, around))


def _items(field: Field, dataset: Dataset) -> list[Dataset]:
    return [item for element, _ in located(field, dataset) for item in element.inside]


class PureMatcher:
    """Decides objects for one program.

    Raises `ProgramError` for a program that no engine can run.
    """

    def __init__(self, program: Program) -> None:
        validate(program)
        self._program = program
        self._numbering = number(program)
        self._conditions = conditions(program)
        self._scope = _Scope.of(Inside(program.fields, program.tests, Conjunction(())))
        self._tested = tested(program)
        self._reads_size = reads_size(program)
        self._zone = zone_of(program.zone)

    def decide(
        self, data: Data, encoding: Encoding, envelope: Envelope, *, complete: bool = True
    ) -> Outcome | None:
        """Decide one object; `None` when `data` is a prefix that does not settle it."""
        if self._reads_size and not complete:
            return None
        reading = read(bytes(data), encoding, self._tested, complete=complete)
        if reading is None:
            return None
        if reading.unreadable is not None:
            return Outcome(unreadable(reading.unreadable), _read(reading))
        around = Around(envelope, self._zone, reading.top)
        results = self._scope.results(reading.top, around)
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
    found = sorted(element.tag for element in reading.top.elements.values())
    return Read(len(found), found[-1] if found else None, reading.position)


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
