"""RT321 and RT324: one node that gets the same object twice.

Twice by two chains, or once by its name and once by a pool that it belongs to. Rules of one `first`
table never fire together; nor do rules whose conditions exclude each other, where the dictionary's
word is taken that an attribute of VM 1 has one value: what is unlikely is not reported.

Rules that ask one field for different values exclude each other without a proof. Of the others as
many are looked at as can be proved in the time of a place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, count

from roteiro.core.program import TRUE, Condition, Conjunction, Deliver
from roteiro.lang.lint.pins import Pins, pins_of
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import MOST, Prover, asked, cost
from roteiro.lang.report import hint
from roteiro.lang.source import Span

Way = tuple[str, ...]
CHAINS, POOL = "chains", "pool"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One send, and where it fires."""

    number: int
    """Its place among all sends."""
    effect: Deliver
    span: Span
    condition: Condition
    pins: Pins
    table: str
    alone: bool
    """Whether nothing else of its table fires with it, but what stands in the same rule."""


def look(program: Program) -> None:
    """Report what may be delivered twice."""
    prover = Prover(program.shared, conformant=True)
    sent: dict[str, list[Delivery]] = defaultdict(list)
    for each in deliveries(program, prover):
        sent[each.effect.to].append(each)
    for node, several in sent.items():
        chains(program, prover, node, several)
    pools(program, prover, sent)


def deliveries(program: Program, prover: Prover) -> Iterator[Delivery]:
    """Give every send of every rule, and of `otherwise`."""
    numbers = count()
    for table in program.typed.tables:
        written = program.names.tables[table.name]
        places = {rule.name.text: rule.name.span for rule in written.rules}
        for rule in table.rules:
            condition = program.lowered(rule.condition)
            sends = [effect for effect in rule.effects if isinstance(effect, Deliver)]
            pins = pins_of(condition, prover) if sends else {}
            where = (places[rule.name], condition, pins, table.name, table.first)
            yield from (Delivery(next(numbers), effect, *where) for effect in sends)
        for effect in table.otherwise or ():
            if isinstance(effect, Deliver) and written.otherwise:
                where = (written.otherwise.span, TRUE, {}, table.name, True)
                yield Delivery(next(numbers), effect, *where)


# Which may fire together ------------------------------------------------------------------------


class Senders:
    """The sends to one place, all by one chain or by any, found by what they ask."""

    def __init__(self, sent: Sequence[Delivery]) -> None:
        """Keep sends, in their order."""
        self.tables: dict[str, list[Delivery]] = defaultdict(list)
        self.rules: dict[Span, list[Delivery]] = defaultdict(list)
        self.pinned: dict[tuple[str, int, object], list[Delivery]] = defaultdict(list)
        self.loose: dict[tuple[str, int], list[Delivery]] = {}
        for one in sent:
            self.tables[one.table].append(one)
            self.rules[one.span].append(one)
            for field, value in one.pins.items():
                self.pinned[one.table, field, value].append(one)

    def beside(self, one: Delivery) -> list[Delivery]:
        """Give those that may fire where another does, if nothing is proved, in their order."""
        found: list[Delivery] = []
        for table in self.tables:
            if table == one.table and one.alone:
                found += self.rules.get(one.span, ())
            else:
                likely = self.likely(table, one.pins)
                found += (other for other in likely if not apart(one, other))
        return sorted(found, key=lambda other: other.number)

    def likely(self, table: str, pins: Pins) -> Sequence[Delivery]:
        """Give those of a table that may agree in the field that leaves fewest."""
        ways = (
            (self.pinned.get((table, field, value), []), self.without(table, field))
            for field, value in pins.items()
        )
        fewest = min(ways, key=lambda way: len(way[0]) + len(way[1]), default=None)
        return self.tables[table] if fewest is None else [*fewest[0], *fewest[1]]

    def without(self, table: str, field: int) -> list[Delivery]:
        """Give those of a table that do not ask a field for one value."""
        if (table, field) not in self.loose:
            every = self.tables[table]
            self.loose[table, field] = [one for one in every if field not in one.pins]
        return self.loose[table, field]


def apart(one: Delivery, other: Delivery) -> bool:
    """Whether two sends of different rules never fire together, which needs no proof."""
    if one.span == other.span:
        return False
    if one.table == other.table and (one.alone or other.alone):
        return True
    pins = other.pins
    return any(field in pins and pins[field] != value for field, value in one.pins.items())


class Time:
    """The time for the proofs about one place."""

    def __init__(self, program: Program, prover: Prover, kind: str, name: str) -> None:
        """Begin with the time of a place."""
        self.program = program
        self.prover = prover
        self.name = f"{kind} {name}"
        self.spent = 0
        self.over = False

    def together(self, one: Delivery, other: Delivery) -> bool:
        """Whether two sends may both fire for one object; not said when the time is over."""
        if one.span == other.span:
            return True
        both = Conjunction((one.condition, other.condition))
        size = len(asked(both))
        if self.over or size > MOST:
            return not self.over
        self.spent += cost(size)
        self.over = self.spent > self.program.share
        self.program.spent[self.name] = self.spent
        self.prover.turn()
        return not self.over and not self.prover.never(both)


# Two chains -------------------------------------------------------------------------------------


def chains(program: Program, prover: Prover, node: str, several: list[Delivery]) -> None:
    """Report a node that gets an object by two chains, once for each two."""
    by_way: dict[Way, list[Delivery]] = defaultdict(list)
    for each in several:
        by_way[each.effect.via].append(each)
    groups = {way: Senders(sent) for way, sent in by_way.items()}
    open_ways = {frozenset(two) for two in combinations(groups, 2)}
    time = Time(program, prover, CHAINS, node)
    for one in several:
        if not open_ways or time.over:
            return
        for other in later(one, groups, open_ways):
            ways = frozenset((one.effect.via, other.effect.via))
            if ways in open_ways and time.together(one, other):
                open_ways.discard(ways)
                of_chains(program, one, other)


def later(
    one: Delivery, groups: dict[Way, Senders], open_ways: set[frozenset[Way]]
) -> list[Delivery]:
    """Give later sends, by another chain, that may fire where one does, in their order."""
    others = (
        other
        for way, group in groups.items()
        if frozenset((one.effect.via, way)) in open_ways
        for other in group.beside(one)
        if other.number > one.number
    )
    return sorted(others, key=lambda other: other.number)


def of_chains(program: Program, one: Delivery, other: Delivery) -> None:
    """Report a node that is sent to by two chains."""
    label = program.report.label(one.span, "sent_first", name=one.effect.to)
    program.report.add(
        "RT321",
        other.span,
        "two_chains",
        labels=() if one.span == other.span else (label,),
        help=hint("two_chains_help"),
        name=one.effect.to,
    )


# A pool and its member --------------------------------------------------------------------------


def pools(program: Program, prover: Prover, sent: dict[str, list[Delivery]]) -> None:
    """Report pools that get an object besides one of their members."""
    for pool in program.typed.settings.pools:
        to_pool = Senders(sent.get(pool.name, ()))
        time = Time(program, prover, POOL, pool.name)
        for member in pool.members:
            two = first_two(time, sent.get(member, ()), to_pool)
            if two is not None:
                of_pool(program, pool.name, *two)


def first_two(
    time: Time, to_member: Iterable[Delivery], to_pool: Senders
) -> tuple[Delivery, Delivery] | None:
    """Give the first send to a member with the first to its pool that may fire with it."""
    for one in to_member:
        for other in to_pool.beside(one):
            if time.over:
                return None
            if time.together(one, other):
                return one, other
    return None


def of_pool(program: Program, pool: str, member: Delivery, other: Delivery) -> None:
    """Report a member that is sent to besides its pool."""
    labels = (program.report.label(other.span, "sent_first", name=pool),)
    program.report.add(
        "RT324",
        member.span,
        "pool_and_member",
        labels=() if other.span == member.span else labels,
        help=hint("pool_and_member_help"),
        pool=pool,
        name=member.effect.to,
    )
