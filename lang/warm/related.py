"""Which other rules a check has to look at, when one rule changes, to find what it would find.

A search goes from the words of the old rule and of the new one. First to the rules of which other
things may be found than before: those that are matched by either, and those that these match, and
so on. Then to what is found once for many rules, and lies with the first of them. At last to all
rules that decide what is found of those.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, takewhile

from roteiro.lang.lint.index import CANDIDATES
from roteiro.lang.lint.redundant import SHADOWED
from roteiro.lang.lint.repeats import TWICE
from roteiro.lang.lint.similar import MANY
from roteiro.lang.warm.memory import ALL, FIRST, Memory
from roteiro.lang.warm.plain import CODE, MESSAGE, SPAN, places
from roteiro.lang.warm.sending import Sending, Way
from roteiro.lang.warm.words import Kind, kind_of, name_word, twin

LIMIT = 280
"""Rules at most; a slice with more is not worth it."""
FARTHEST = 4000
"""Rules with a word that are looked through at most."""
CROWD = 64
"""Tests from which on a `first` table is certainly too large for one proof, whoever changes."""
ALIKE = "RT223"
EQUAL = frozenset(("RT302", "RT306"))
"""Findings about a rule that is equal to others: it does not count as repeating them."""


class TooManyError(Exception):
    """More rules have to be looked at than is worth it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A rule, as it was and as it is."""

    number: int
    """-1 for a rule of the guard, which is never left out."""
    table: int
    old: Sequence[int]
    new: Sequence[int]
    """Its words; none of the new one while they are not known."""
    priority: int
    """The new one."""
    ways: tuple[Way, ...] = ()
    """Where the new one sends, by which chain."""
    partners: frozenset[int] = frozenset()
    """Rules that a finding names together with the old one."""
    flipped: frozenset[int] = frozenset()
    """Rules that are matched by others, and were not, or the other way round."""


@dataclass(frozen=True, slots=True)
class Related:
    """The rules that have to be looked at with a rule that changed."""

    rules: frozenset[int]
    open: frozenset[int]
    """Those of which it has to be found out whether others match all that they match."""
    similar: bool = False
    """Whether it has to be found out which are alike."""

    def within(self, other: "Related") -> bool:
        """Whether nothing more has to be looked at than with another."""
        return (
            self.rules <= other.rules and self.open <= other.open and self.similar <= other.similar
        )

    def joined(self, other: "Related") -> "Related":
        """Give what has to be looked at with either."""
        return Related(
            self.rules | other.rules, self.open | other.open, self.similar or other.similar
        )


@dataclass
class Search:
    """One search."""

    memory: Memory
    changed: Changed
    chosen: set[int] = field(default_factory=set)
    affected: set[int] = field(default_factory=set)
    similar: bool = False

    def found(self) -> Related:
        """Give the rules, without the one that changed."""
        self.matched()
        self.add(self.affected)
        for step in (self.named, self.partners, self.firsts, self.sends, self.alike):
            step()
        self.in_order()
        self.beside()
        self.repeated()
        self.deciding()
        return Related(frozenset(self.chosen), frozenset(self.affected), self.similar)

    def add(self, numbers: Iterable[int]) -> None:
        """Take some rules."""
        self.chosen.update(numbers)
        self.chosen.discard(self.changed.number)
        if len(self.chosen) > LIMIT:
            raise TooManyError

    @property
    def words(self) -> set[int]:
        """The words of the old rule and of the new."""
        return {*self.changed.old, *self.changed.new}

    def of_kind(self, words: Iterable[int], kind: Kind) -> list[int]:
        """Give the words of a kind."""
        return [one for one in words if kind_of(one) == kind]

    # Who may be matched -------------------------------------------------------------------------

    def matched(self) -> None:
        """Find the rules of which the lint may say something else than before."""
        facts = self.memory.facts
        if not facts.sound:
            return
        words = [self.changed.old, self.changed.new]
        words += [self.memory.index.of(number) for number in self.changed.flipped]
        for each in words:
            self.affected.update(self.below(each))
        name, kind, _ = facts.tables[self.changed.table]
        if kind == FIRST and facts.asking.get(name, 0) <= CROWD:
            self.affected.update(self.own_table())  # there any rules may match one together
        self.affected.discard(self.changed.number)

    def below(self, words: Iterable[int]) -> Iterator[int]:
        """Give the rules that may be matched by one with these words."""
        groups = {twin(one, Kind.MEMBER) for one in self.of_kind(words, Kind.GROUP)}
        for one in self.of_kind(words, Kind.KEY):
            for number in self.having(twin(one, Kind.FIND)):
                if not groups.isdisjoint(self.memory.index.of(number)):
                    yield number
        for one in self.of_kind(words, Kind.LOOSE):
            yield from self.having(twin(one, Kind.MEMBER))

    def above(self, words: Sequence[int]) -> Iterable[int]:
        """Give the rules that are asked whether they match all that one with these words does."""
        groups = {twin(one, Kind.GROUP) for one in self.of_kind(words, Kind.MEMBER)}
        found: set[int] = set()
        for one in self.of_kind(words, Kind.FIND):
            having = self.having(twin(one, Kind.KEY))
            found.update(n for n in having if not groups.isdisjoint(self.memory.index.of(n)))
        for one in groups:
            found.update(self.having(twin(one, Kind.LOOSE)))
        found -= self.never
        always = found & self.affected
        others = sorted(found - always, key=lambda n: (-self.memory.priorities[n], n))
        return (*always, *others[: 2 * CANDIDATES])

    @cached_property
    def never(self) -> set[int]:
        """The rules that never fire: nobody is asked whether they match anything."""
        return self.told(SHADOWED) - self.affected

    def having(self, word: int) -> Sequence[int]:
        """Give the rules that have a word, unless they are very many."""
        found = self.memory.index.having(word, FARTHEST + 1)
        if len(found) > FARTHEST:
            raise TooManyError
        return found

    def deciding(self) -> None:
        """Add the rules that may match those of which it has to be found out."""
        words = [self.changed.old, self.changed.new]
        words += [self.memory.index.of(number) for number in self.affected]
        for each in words:
            self.add(self.above(each))

    # Names --------------------------------------------------------------------------------------

    def named(self) -> None:
        """Add rules of the same names, and those that tests expect."""
        words = self.of_kind(self.words, Kind.NAME)
        for expected in self.memory.facts.expected:
            table, _, rule = expected.partition(".")
            words.append(name_word(table, rule))
        for one in words:
            self.add(self.memory.index.having(one, LIMIT + 2))

    def partners(self) -> None:
        """Add the rules that a finding names together with the changed one, and its neighbours."""
        self.add(self.changed.partners)
        number = self.changed.number
        if number >= 0:
            around = self.memory.places.rules_of(self.changed.table)
            self.add(one for one in (number - 1, number + 1) if one in around)

    # What lies with the first of many -----------------------------------------------------------

    def firsts(self) -> None:
        """Add the first rules with a priority, a queue of their own, a local time."""
        facts = self.memory.facts
        if self.changed.number >= 0:
            self.ranked()
        queues = self.of_kind(self.words, Kind.QUEUE)
        for one in queues:
            having = self.memory.index.having(one, TWICE + 2)
            self.add(having if len(having) <= TWICE + 1 else ())
        codes = {"RT225"} | ({"RT226"} if queues else set())
        for made in facts.findings:
            if made[CODE] in codes:
                number = self.memory.places.rule_at(made[SPAN][0])
                self.add(() if number is None else (number,))

    def ranked(self) -> None:
        """Add the first rules of the table with a priority, and of another one."""
        others = [n for n in self.own_table() if n != self.changed.number]
        priorities = self.memory.priorities
        if self.memory.facts.tables[self.changed.table][1] == ALL:
            self.add([n for n in others if priorities[n]][:1])
            return
        first: dict[int, int] = {}
        for number in others:
            first.setdefault(priorities[number], number)
        self.add([*([first[0]] if 0 in first else []), *list(first.values())[:2]])

    def own_table(self) -> range:
        """Give the rules of the table of the changed one."""
        return self.memory.places.rules_of(self.changed.table)

    def repeated(self) -> None:
        """Add the first rules that have a part of a condition too, those left out that say so."""
        told = self.told(EQUAL) | self.changed.flipped
        words = [self.memory.index.of(number) for number in self.changed.flipped]
        for one in {*self.of_kind(chain(self.words, *words), Kind.COMPOUND)}:
            having = (
                number
                for number in self.memory.index.having(one)
                if number not in told and number != self.changed.number
            )
            self.add(number for number, _ in zip(having, range(TWICE + 1), strict=False))

    def told(self, codes: frozenset[str]) -> set[int]:
        """Give the rules about which such a finding was made, at their names."""
        numbers = (
            self.memory.places.rule_at(made[SPAN][0])
            for made in self.memory.facts.late
            if made[CODE] in codes
        )
        return {number for number in numbers if number is not None}

    def sends(self) -> None:
        """Add the rules with whose sends those of the changed one are compared."""
        memory, changed = self.memory, self.changed
        if not memory.facts.sound or changed.number < 0:
            return
        sending = Sending(memory, changed.number, changed.old, changed.new, changed.ways)
        if sending.over:
            raise TooManyError
        for number in sending.rules():
            self.add((number,))

    # Rules that are alike -----------------------------------------------------------------------

    def alike(self) -> None:
        """Add all rules that do the same, where there are so many like the changed one."""
        if self.changed.number < 0 or self.memory.facts.tables[self.changed.table][1] != ALL:
            return
        for words in (self.changed.old, self.changed.new):
            if self.many(words) and not self.of_no_account(words):
                self.similar = True
                for one in self.of_kind(words, Kind.RUN):
                    self.add(self.memory.index.having(one, LIMIT + 2))

    def of_no_account(self, words: Sequence[int]) -> bool:
        """Whether more rules are alike than those like the changed one, and stay the most."""
        index = self.memory.index
        for made in self.memory.facts.late:
            first = self.memory.places.rule_at(made[SPAN][0]) if made[CODE] == ALIKE else None
            if first is None or first == self.changed.number:
                continue
            theirs = index.of(first)
            if self.of_kind(theirs, Kind.RUN) == self.of_kind(words, Kind.RUN):
                return self.fewer(words, theirs, int(dict(made[MESSAGE][1])["count"]))
        return False

    def fewer(self, words: Sequence[int], theirs: Sequence[int], count: int) -> bool:
        """Whether fewer rules are like the changed one than the `count` that are alike."""
        index = self.memory.index
        others = self.of_kind(theirs, Kind.SHAPE)
        most = {one for one in others if len(index.having(one)) == count}
        shapes = self.of_kind(words, Kind.SHAPE)
        return (
            bool(most)
            and most.isdisjoint(shapes)
            and all(len({*index.having(one), self.changed.number}) < count for one in shapes)
        )

    def many(self, words: Iterable[int]) -> bool:
        """Whether a rule with such words may be one of many that are alike."""
        for one in self.of_kind(words, Kind.SHAPE):
            others = set(self.memory.index.having(one, MANY + 1)) - {self.changed.number}
            if len(others) + 1 >= MANY:
                return True
        return False

    def in_order(self) -> None:
        """Add, in a `first` table, the rules that come before and after, and do the same."""
        if self.changed.number < 0 or self.memory.facts.tables[self.changed.table][1] != FIRST:
            return
        same = self.memory.priorities[self.changed.number] == self.changed.priority
        runs = [self.of_kind(words, Kind.RUN) for words in (self.changed.old, self.changed.new)]
        if same and runs[0] == (runs[1] or runs[0]) and not self.many(self.words):
            return
        self.similar = True
        order = order_of(self.memory.priorities, self.own_table())
        rest = [number for number in order if number != self.changed.number]
        was = order.index(self.changed.number)
        now = place_in(rest, self.memory.priorities, self.changed)
        for at in {was, now}:
            for side in (reversed(rest[:at]), iter(rest[at:])):
                self.run(list(side))

    def run(self, side: list[int]) -> None:
        """Add the rules on one side that do what the nearest does."""
        if side:
            first = self.runs(side[0])
            self.add(takewhile(lambda number: self.runs(number) == first, side))

    def runs(self, number: int) -> list[int]:
        """Give what a rule does."""
        return self.of_kind(self.memory.index.of(number), Kind.RUN)

    def beside(self) -> None:
        """Add the next rules that fire, in a `first` table, of those that may not fire."""
        silent = self.told(SHADOWED)
        unsure = self.affected | {self.changed.number}
        tables = {self.memory.places.owners[number] for number in self.affected}
        if self.changed.number >= 0:
            tables.add(self.changed.table)
        for table in tables:
            if self.memory.facts.tables[table][1] == FIRST:
                self.around(table, unsure, silent)

    def around(self, table: int, unsure: set[int], silent: set[int]) -> None:
        """Add the next rules of one table."""
        order = order_of(self.memory.priorities, self.memory.places.rules_of(table))
        spots = [at for at, number in enumerate(order) if number in unsure]
        if table == self.changed.table and self.changed.number >= 0:
            spots.append(place_in(order, self.memory.priorities, self.changed))
        for at in spots:
            for side in (range(at - 1, -1, -1), range(at, len(order))):
                for number in map(order.__getitem__, side):
                    self.add((number,))
                    if number not in unsure and number not in silent:
                        break


def partners_of(memory: Memory, begin: int, end: int) -> frozenset[int]:
    """Give the rules that a finding names together with the one between two places."""
    known = memory.places
    found: set[int | None] = set()
    for made in memory.facts.findings:
        touched = list(places(made))
        if any(span[0] < end and begin < span[1] for span in touched):
            found |= {known.rule_at(at) for span in touched for at in span}
    return frozenset(number for number in found if number is not None)


def order_of(priorities: Sequence[int], numbers: range) -> list[int]:
    """Give rules by their key: the higher priority, then the earlier place."""
    return sorted(numbers, key=lambda number: -priorities[number])


def place_in(order: list[int], priorities: Sequence[int], changed: Changed) -> int:
    """Say where the changed rule stands among others in their order."""
    key = (-changed.priority, changed.number)
    return sum((-priorities[number], number) < key for number in order)


def related(memory: Memory, changed: Changed) -> Related | None:
    """Give the rules that have to be looked at with one that changed; nothing when too many."""
    try:
        return Search(memory, changed).found()
    except TooManyError:
        return None
