"""What a slice is told of the rest: of rules that are left out, and what is known of the others."""

from collections.abc import Iterable, Iterator, Sequence

from roteiro.lang import nodes
from roteiro.lang.beyond import Beyond, Named
from roteiro.lang.check import Counts
from roteiro.lang.lint.proof import MOST
from roteiro.lang.warm.memory import FIRST, Facts, Memory, Places
from roteiro.lang.warm.plain import CODE, SPAN
from roteiro.lang.warm.related import Related, order_of
from roteiro.lang.warm.slices import rules_of
from roteiro.lang.warm.words import ask_word


class Names:
    """Rules of a slice, by table and name."""

    def __init__(self, facts: Facts, places: Places, tree: nodes.File) -> None:
        """Take the names from `tree`."""
        self.facts = facts
        self.places = places
        self.names = {rule.span.start: rule.name.text for rule in rules_of(tree)}

    def of(self, numbers: Iterable[int]) -> frozenset[Named]:
        """Name some rules; those that could not be read have none."""
        starts, owners = self.places.starts, self.places.owners
        return frozenset(
            (self.facts.tables[owners[number]][0], self.names[starts[number]])
            for number in numbers
            if starts[number] in self.names
        )


def rest_of(  # noqa: PLR0913, PLR0917  what a slice is made of
    memory: Memory,
    places: Places,
    priorities: Sequence[int],
    tree: nodes.File,
    part: Related,
    left: Counts,
) -> Beyond:
    """Say what counts of the rules that are left out, and what is known of the others."""
    facts = memory.facts
    firsts = [number for number, one in enumerate(facts.tables) if one[1] == FIRST]
    cut = [one for one in firsts if not part.rules.issuperset(places.rules_of(one))]
    shadowed, redundant = (told_rules(memory, code) for code in ("RT302", "RT306"))
    parted = {
        rule
        for table in cut
        if not part.rules.isdisjoint(places.rules_of(table))
        for rule in parted_in(order_of(priorities, places.rules_of(table)), part, shadowed)
    }
    settled = part.rules - part.open
    of_first = {rule for rule in redundant if places.owners[rule] in firsts}
    named = Names(facts, places, tree)
    names = (facts.tables[table][0] for table in cut)
    return Beyond(
        rules=len(places.starts) - len(part.rules),
        used=frozenset(left.used),
        queues=left.queues,
        crowded=frozenset(name for name in names if facts.asking.get(name, 0) > MOST),
        parted=named.of(parted),
        settled=named.of(settled),
        shadowed=named.of(settled & shadowed),
        gone=named.of((of_first & parted) | (settled & redundant - of_first)),
        similar=part.similar,
        asked=lambda key: len(memory.index.having(ask_word(key))),
    )


def parted_in(order: list[int], part: Related, shadowed: set[int]) -> Iterator[int]:
    """Give the rules behind which others are left out that fire."""
    left_out = False
    for number in reversed(order):
        if number in part.rules:
            if left_out:
                yield number
            left_out = False
        else:
            left_out = left_out or number not in shadowed


def told_rules(memory: Memory, code: str) -> set[int]:
    """Give the rules of which it was found that others match all that they match."""
    starts = (made[SPAN][0] for made in memory.facts.late if made[CODE] == code)
    found = {memory.places.rule_at(start) for start in starts}
    return {number for number in found if number is not None}
