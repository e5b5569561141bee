"""Finds, among many rules, those that may match all that a rule matches.

Each is kept under its rarest test, and if that is a set under each element: whoever covers a rule
has to match its values too. A rule without a test that must hold is kept apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from roteiro.core.program import Among, Condition, Conjunction, Holds, Some
from roteiro.lang.lint.matches import members
from roteiro.lang.lint.proof import Prover, asked

CANDIDATES = 64
"""Rules that are given for one rule, at most."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule by its number, and its condition."""

    number: int
    condition: Condition


class Index:
    """Rules, found by what they ask."""

    def __init__(self, prover: Prover, conditions: Iterable[Condition]) -> None:
        """Count how often each test is asked by those that may be added."""
        self.prover = prover
        self.equal: dict[Condition, int] = {}
        self.kept: dict[object, list[Kept]] = defaultdict(list)
        self.loose: list[Kept] = []
        self.count = Counter(
            key for condition in conditions for test in needed(condition) for key in self.keys(test)
        )

    def keys(self, test: int) -> list[object]:
        """Give what a test is found by."""
        known = self.prover.tests()[test]
        if isinstance(known, Some) and isinstance(known.match, Among):
            return [(known.field, part) for part in members(known.match)]
        return [test]

    def add(self, number: int, condition: Condition) -> None:
        """Keep a rule."""
        self.equal.setdefault(condition, number)
        one = Kept(number, condition)
        choices = [self.keys(test) for test in needed(condition)]
        if not choices:
            self.loose.append(one)
            return
        for key in min(choices, key=self.frequency):
            self.kept[key].append(one)

    def frequency(self, keys: list[object]) -> int:
        """Say how often a test is asked, all elements of its set together."""
        return sum(self.count[key] for key in keys)

    def candidates(self, condition: Condition) -> list[Kept]:
        """Give rules that may match all that a condition does, in their order."""
        found = {one.number: one for one in self.loose[:CANDIDATES]}
        for test in sorted(asked(condition)):
            for key in self.keys(test)[:1]:
                found |= {one.number: one for one in self.kept.get(key, ())[:CANDIDATES]}
        return [found[number] for number in sorted(found)[:CANDIDATES]]


def needed(condition: Condition) -> list[int]:
    """Give tests that must hold where a condition does."""
    if isinstance(condition, Holds):
        return [condition.test]
    if isinstance(condition, Conjunction):
        return [part.test for part in condition.parts if isinstance(part, Holds)]
    return []
