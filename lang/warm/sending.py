"""With the sends of which rules those of a changed rule are compared: RT321 and RT324.

Two sends to one node by different chains, or to a pool and to its member, are compared unless their
rules are of one `first` table or ask a field for different values. One finding is made for each two
ways, of the first two sends that may fire together: besides the rules that are compared with the
changed one, those that such a finding names decide it. Where it names the changed rule, all do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from roteiro.lang.lint.deliveries import CHAINS, POOL
from roteiro.lang.lint.proof import MOST, cost
from roteiro.lang.warm.memory import FIRST, Memory
from roteiro.lang.warm.plain import CODE, MESSAGE, Plain, places
from roteiro.lang.warm.words import Kind, field_of_pin, kind_of, send_word, size_of

Way = tuple[str, tuple[str, ...]]
"""A place, and the chain by which it is sent to."""
TWO_CHAINS, WITH_POOL = "RT321", "RT324"


class Sending:
    """The sends of a rule that changed, and those of the others."""

    def __init__(
        self,
        memory: Memory,
        number: int,
        old: Sequence[int],
        new: Sequence[int],
        ways: Iterable[Way],
    ) -> None:
        """Tell the old and the new rule by their words; `ways` are those of the new one."""
        self.memory = memory
        self.number = number
        self.versions = (old, new)
        known = [(to, tuple(via)) for to, via in memory.facts.ways]
        self.ways = {send_word(*way): way for way in (*known, *ways)}

    @property
    def over(self) -> bool:
        """Whether the time for proofs may be over for a place."""
        facts, cost = self.memory.facts, self.cost
        names = {name for words in self.versions for name, _ in self.beside(words)}
        return any(facts.spent.get(name, 0) + cost[name] > facts.share for name in names)

    @cached_property
    def cost(self) -> Counter[str]:
        """What the proofs take that the new rule is in, by place, at most."""
        found: Counter[str] = Counter()
        new = self.versions[1]
        size = sum(map(size_of, self.of_kind(new, Kind.SIZE)))
        tables = len(self.memory.facts.tables)
        for name, way in self.beside(new):
            found[name] += tables * cost(min(size, MOST))  # with what `otherwise` sends
            for other in self.compared(new, way):
                both = size + sum(map(size_of, self.of_kind(other, Kind.SIZE)))
                found[name] += cost(min(both, MOST))
        return found

    def rules(self) -> Iterator[int]:
        """Give the rules that decide what is found of the old rule or of the new one."""
        touched: set[str] = set()
        for words in self.versions:
            for name, way in self.beside(words):
                touched.add(name)
                yield from (number for number, _ in self.numbered(words, way))
        for made in self.memory.facts.late:
            if made[CODE] in {TWO_CHAINS, WITH_POOL}:
                yield from self.deciding(made, touched)

    def deciding(self, made: Plain, touched: set[str]) -> Iterator[int]:
        """Give the rules that a finding is about, all of them if it names the changed one."""
        values = dict(made[MESSAGE][1])
        pool = made[CODE] == WITH_POOL
        name = f"{POOL} {values['pool']}" if pool else f"{CHAINS} {values['name']}"
        found = [self.memory.places.rule_at(at) for span in places(made) for at in span]
        numbers = {one for one in found if one is not None}
        hidden = not pool and name in touched and self.count(str(values["name"])) > 2
        if self.number in numbers or hidden:
            targets = {str(values["name"]), *([str(values["pool"])] if pool else ())}
            for one, (to, _) in self.ways.items():
                if to in targets:
                    yield from self.memory.index.having(one)
        elif name in touched:
            yield from numbers

    def count(self, place: str) -> int:
        """Give by how many chains a place is sent to.

        With three there may be two findings at one rule, of which one is said, and hides the first
        send of the other.
        """
        return sum(to == place for to, _ in self.ways.values())

    # Who is compared ----------------------------------------------------------------------------

    def beside(self, words: Sequence[int]) -> Iterator[tuple[str, Way]]:
        """Give the ways that are compared with those of a rule, each with the place it is about."""
        mine = [self.ways[one] for one in self.of_kind(words, Kind.SEND)]
        for to, via in mine:
            for way in self.ways.values():
                if way[0] == to and way[1] != via:
                    yield f"{CHAINS} {to}", way
                for pool, members in self.memory.facts.pools.items():
                    if (to == pool and way[0] in members) or (way[0] == pool and to in members):
                        yield f"{POOL} {pool}", way

    def compared(self, words: Sequence[int], way: Way) -> Iterator[Sequence[int]]:
        """Give the words of the rules that send a way and may fire where one does."""
        return (theirs for _, theirs in self.numbered(words, way))

    def numbered(self, words: Sequence[int], way: Way) -> Iterator[tuple[int, Sequence[int]]]:
        """Give these rules with their numbers."""
        pins = self.pins(words)
        alone = self.memory.facts.tables[self.table(self.number)][1] == FIRST
        for number in self.memory.index.having(send_word(*way)):
            same_table = alone and self.table(number) == self.table(self.number)
            if number == self.number or same_table:
                continue
            theirs = self.memory.index.of(number)
            others = self.pins(theirs)
            if not any(pins.get(field, one) != one for field, one in others.items()):
                yield number, theirs

    def table(self, number: int) -> int:
        """Give the table of a rule."""
        return self.memory.places.owners[number]

    def pins(self, words: Sequence[int]) -> dict[int, int]:
        """Give the words of values that fields must have, by field."""
        return {field_of_pin(one): one for one in self.of_kind(words, Kind.PIN)}

    def of_kind(self, words: Sequence[int], kind: Kind) -> list[int]:
        """Give the words of a kind."""
        return [one for one in words if kind_of(one) == kind]
