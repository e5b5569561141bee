"""What can be proved of conditions: a truth table over their tests, and facts about these.

The tests are the engine's (`Some`, `Every`, `InState`, ...). Taken as independent of each other a
table says too little, so rows that no object can make are struck out: what equals `"CT"` is also in
`{ "CT", "MR" }`, what has a value is not absent. A table is held as one integer a test, whose bits
are the rows. What is said to be proved holds for every object; of what is not, nothing is said.
"""

from collections.abc import Iterable
from functools import lru_cache

from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Every,
    EveryItem,
    Field,
    Holds,
    InState,
    Negation,
    Some,
    SomeItem,
    Source,
    State,
    Test,
    View,
)
from roteiro.lang import dictionary
from roteiro.lang.lint.matches import apart, covers, members
from roteiro.lang.lower import Shared

MOST = 16
"""Tests of a truth table at most."""
BUDGET = 1_500_000
"""Microseconds, by estimate, that the proofs of one subject take; its turns share them evenly."""
LEAST = 500
"""Microseconds that a turn has at least."""
MEMBERS = 64
"""Elements of a set that are looked at one by one, at most."""


def rows(condition: Condition, columns: dict[int, int], every: int) -> int:
    """Give the rows of the table in which a condition holds."""
    if isinstance(condition, Holds):
        return columns[condition.test]
    if isinstance(condition, Negation):
        return every ^ rows(condition.part, columns, every)
    found = every if isinstance(condition, Conjunction) else 0
    for part in condition.parts:
        more = rows(part, columns, every)
        found = found & more if isinstance(condition, Conjunction) else found | more
    return found


@lru_cache(maxsize=512)
def column(number: int, every: int) -> int:
    """Give the rows in which a test holds: every other run of 2**number rows."""
    run = 1 << number
    return every // ((1 << run) + 1) << run


def asked(condition: Condition) -> frozenset[int]:
    """Give the numbers of the tests of a condition."""
    found: set[int] = set()
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Holds):
            found.add(part.test)
        elif isinstance(part, Negation):
            waiting.append(part.part)
        else:
            waiting.extend(part.parts)
    return frozenset(found)


def independent(condition: Condition) -> bool:
    """Whether a condition holds in every row, its tests taken as independent (2e, RT301)."""
    used = sorted(asked(condition))
    if len(used) > MOST:
        return False
    every = (1 << (1 << len(used))) - 1
    columns = {test: column(at, every) for at, test in enumerate(used)}
    return rows(condition, columns, every) == every


def cost(tests: int) -> int:
    """Give about how many microseconds a proof over some tests takes."""
    return 10 + tests * tests * (1 + (1 << min(tests, MOST)) // 16384)


def single(field: Field) -> bool:
    """Whether an object has one value there at most, whatever it is."""
    plain = field.source is Source.ELEMENT and field.view is not View.COUNT
    return not plain or field.position > 0


def vm_of(field: Field) -> str | None:
    """Give the VM that the dictionary has for an attribute; nothing for private ones."""
    known = None if field.creator or field.repeating else dictionary.by_tag(field.tag)
    return known.vm if known else None


def one_by_dictionary(field: Field) -> bool:
    """Whether the dictionary gives the attribute one value."""
    return single(field) or vm_of(field) == "1"


class Prover:
    """Proves conditions over shared fields and tests.

    `conformant` takes the dictionary's word that an attribute of VM 1 has one value. What is proved
    of a rule does not depend on the rules that were asked of before: each has its own time.
    """

    def __init__(self, shared: Shared, turns: int = 1, *, conformant: bool = False) -> None:
        """Prove over what `shared` holds, and will hold, in so many turns."""
        self.shared = shared
        self.conformant = conformant
        self.each = max(LEAST, BUDGET // max(turns, 1))
        self.left = self.each
        self._tests: list[Test] = []
        self._fields: list[Field] = []

    def turn(self) -> None:
        """Begin with another rule: what takes longer than its time is not proved."""
        self.left = self.each

    def always(self, condition: Condition) -> bool:
        """Whether it is proved that a condition holds for every object."""
        used = sorted(asked(condition))
        self.left -= cost(len(used))
        if len(used) > MOST or self.left < 0:
            return False
        every = (1 << (1 << len(used))) - 1
        columns = {test: column(at, every) for at, test in enumerate(used)}
        return rows(condition, columns, every) | self.impossible(columns, every) == every

    def never(self, condition: Condition) -> bool:
        """Whether it is proved that a condition holds for no object."""
        return self.always(Negation(condition))

    def implies(self, condition: Condition, others: Iterable[Condition]) -> bool:
        """Whether it is proved that where a condition holds one of others does."""
        return self.always(Disjunction((Negation(condition), *others)))

    # Facts --------------------------------------------------------------------------------------

    def impossible(self, columns: dict[int, int], every: int) -> int:
        """Give the rows that no object makes."""
        tests = self.tests()
        groups: dict[int, list[int]] = {}
        for number in columns:
            groups.setdefault(tests[number].field, []).append(number)
        found = 0
        for numbers in groups.values():
            found |= every ^ self.of_one_state(numbers, columns, every)
            for first in numbers:
                found |= self.members_covered(first, numbers, columns, every)
                for second in numbers:
                    if first != second:
                        found |= self.of_two(first, second, columns, every)
        return found

    def of_one_state(self, numbers: list[int], columns: dict[int, int], every: int) -> int:
        """Give the rows in which an element has one state, as it always has."""
        found = 0
        for state in State:
            rows_of = every
            for number in numbers:
                test = self.tests()[number]
                if isinstance(test, InState):
                    holds = bool(test.states & state)
                    rows_of &= columns[number] if holds else every ^ columns[number]
            found |= rows_of
        return found

    def of_two(self, first: int, second: int, columns: dict[int, int], every: int) -> int:
        """Give the rows that two tests of one field exclude."""
        one, other = self.tests()[first], self.tests()[second]
        found = 0
        if follows(one, other):
            found |= columns[first] & (every ^ columns[second])
        if first < second and self.exclude(one, other):
            found |= columns[first] & columns[second]
        return found

    def members_covered(
        self, first: int, numbers: list[int], columns: dict[int, int], every: int
    ) -> int:
        """Give the rows where a set is met, but none of the tests that cover its elements."""
        test = self.tests()[first]
        if not isinstance(test, Some) or not isinstance(test.match, Among):
            return 0
        parts = members(test.match)
        if not 1 < len(parts) <= MEMBERS:
            return 0
        met = 0
        for part in parts:
            alone = every
            for number in numbers:
                other = self.tests()[number]
                if number != first and isinstance(other, Some) and covers(other.match, part):
                    alone &= columns[number]
            met |= alone
        return columns[first] & (every ^ met)

    def exclude(self, one: Test, other: Test) -> bool:
        """Whether no object passes both tests of a field."""
        for state, test in ((one, other), (other, one)):
            if isinstance(state, InState):
                return not isinstance(test, InState) and not state.states & State.VALUED
        if not isinstance(one, Some | Every) or not isinstance(other, Some | Every):
            return False
        both_some = isinstance(one, Some) and isinstance(other, Some)
        if both_some and not self.one_value(one.field):
            return False
        return apart(one.match, other.match)

    def one_value(self, number: int) -> bool:
        """Whether a field has one value at most."""
        field = self.field(number)
        return one_by_dictionary(field) if self.conformant else single(field)

    def field(self, number: int) -> Field:
        """Give a shared field by number."""
        if len(self._fields) != len(self.shared.fields):
            self._fields = list(self.shared.fields)
        return self._fields[number]

    def tests(self) -> list[Test]:
        """Give the shared tests by number."""
        if len(self._tests) != len(self.shared.tests):
            self._tests = list(self.shared.tests)
        return self._tests


def follows(one: Test, other: Test) -> bool:
    """Whether what passes the one test of a field passes the other."""
    if isinstance(other, InState):
        return not isinstance(one, InState) and bool(other.states & State.VALUED)
    if isinstance(one, SomeItem | EveryItem):
        same = isinstance(other, SomeItem) and one.inside == other.inside
        return same and isinstance(one, EveryItem)
    if isinstance(one, InState) or not isinstance(other, Some | Every):
        return False
    weaker = isinstance(one, Every) or isinstance(other, Some)
    return weaker and covers(other.match, one.match)
