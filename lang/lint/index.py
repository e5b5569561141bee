"""Finds, among many rules, those that may match all that a rule matches.

Each is kept under the test that says most, and if that is a set under each element: whoever covers
a rule has to match its values too. A rule with alternatives is kept under each of them; one without
a test that must hold is kept apart. Which test says most is told by the test, and by how many rules
ask it in a few steps: what is found of a rule depends on the rules that share a test with it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Field,
    Holds,
    InState,
    Matches,
    Pattern,
    Source,
    Test,
)
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import asked

CANDIDATES = 64
"""Rules that are given for one rule, at most."""
IDENTIFIERS = frozenset(("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"))
"""VRs of texts of which there are many."""
FEW_UIDS = ("SOPClassUID", "sop_class", "transfer_syntax", "TransferSyntaxUID")
"""UIDs of which there are few."""
ENVELOPE_AE = frozenset(("calling_ae", "called_ae", "peer"))
STEPS = (16, 64, 256, 1024)
"""Rules from which on something is more common."""
Rank = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule by its number, and its condition."""

    number: int
    condition: Condition


class Index:
    """Rules, found by what they ask."""

    def __init__(self, keys: "Keys") -> None:
        """Begin without rules."""
        self.keys = keys
        self.equal: dict[Condition, int] = {}
        self.kept: dict[bytes, list[Kept]] = defaultdict(list)
        self.loose: list[Kept] = []

    def add(self, number: int, condition: Condition) -> None:
        """Keep a rule."""
        self.equal.setdefault(condition, number)
        one = Kept(number, condition)
        keys = self.keys.of(condition)
        if not keys:
            self.loose.append(one)
        for key in keys:
            self.kept[key].append(one)

    def candidates(self, condition: Condition) -> list[Kept]:
        """Give rules that may match all that a condition does, in their order."""
        found = {one.number: one for one in self.loose[:CANDIDATES]}
        for key in self.keys.asked(condition):
            found |= {one.number: one for one in self.kept.get(key, ())[:CANDIDATES]}
        return [found[number] for number in sorted(found)[:CANDIDATES]]


class Keyed(NamedTuple):
    """What something is found by."""

    rank: Rank
    """How good that is: the less the better."""
    keys: tuple[bytes, ...]


class Keys:
    """Says under which tests a rule is kept, and by which it is looked for."""

    def __init__(self, program: Program) -> None:
        """Know the tests of a program."""
        self.program = program
        self.known: dict[int, Keyed] = {}

    def asked(self, condition: Condition) -> Iterator[bytes]:
        """Give by what those are found that may match all that a condition does."""
        for test in asked(condition):
            yield self.of_test(test).keys[0]

    def of(self, condition: Condition) -> tuple[bytes, ...]:
        """Give what a condition is kept under; nothing when no test must hold."""
        choice = self.choice(condition)
        return () if choice is None else tuple(dict.fromkeys(choice.keys))

    def choice(self, condition: Condition) -> Keyed | None:
        """Give the best keys of a condition."""
        if isinstance(condition, Holds):
            return self.of_test(condition.test)
        if isinstance(condition, Conjunction):
            choices = [one for part in condition.parts if (one := self.choice(part)) is not None]
            return min(choices, key=attrgetter("rank"), default=None)
        return self.alternatives(condition) if isinstance(condition, Disjunction) else None

    def alternatives(self, condition: Disjunction) -> Keyed | None:
        """Give the keys of all alternatives, as good as the worst of them."""
        known = [one for part in condition.parts if (one := self.choice(part)) is not None]
        if not known or len(known) < len(condition.parts):
            return None
        keys = tuple(key for one in known for key in one.keys)
        return Keyed(max(one.rank for one in known), keys)

    def of_test(self, number: int) -> Keyed:
        """Give what a test is found by."""
        if number not in self.known:
            keys = self.program.shared.keys_of_test(number)
            known = max(map(common_to, map(self.program.asked, keys)))
            test, field = self.program.test(number)
            self.known[number] = Keyed((known, *rank(test, field, len(keys))), keys)
        return self.known[number]


def common_to(count: int) -> int:
    """Say how common is what so many rules ask, in few steps, which one rule seldom changes."""
    return bisect_right(STEPS, count)


# How much a test says -----------------------------------------------------------------------------


def rank(test: Test, field: Field, keys: int) -> tuple[int, int, int]:
    """Say how few rules probably ask a test: the less the better."""
    if isinstance(test, InState):
        return (9, 0, 0)
    match = getattr(test, "match", None)
    if match is None:
        return (2, 0, 0)
    return (common(field) + vague(match), keys, -longest(match))


def common(field: Field) -> int:
    """Say of how few values a field is: 0 for identifiers, 4 for what has a handful."""
    if field.source is Source.ENVELOPE:
        return 0 if field.name in ENVELOPE_AE else 4
    if field.vr == "UI":
        return 4 if field.name in FEW_UIDS else 0
    if field.vr in IDENTIFIERS:
        return 0
    return 4 if field.vr == "CS" else 2


def vague(match: object) -> int:
    """Say how much more than one value a match takes."""
    if isinstance(match, Among):
        return 3 if match.intervals else 0
    return 1 if isinstance(match, Pattern | Matches) else 2


def longest(match: object) -> int:
    """Give the length of the longest text of a match."""
    texts = (*getattr(match, "values", ()), *getattr(match, "texts", ()))
    folded = getattr(match, "folded", ())
    return max((len(str(text)) for text in (*texts, *folded)), default=0)
