"""RT321 and RT324: one node that gets the same object twice.

Twice by two chains, or once by its name and once by a pool that it belongs to. Rules of one `first`
table never fire together; nor do rules whose conditions exclude each other, where the dictionary's
word is taken that an attribute of VM 1 has one value: what is unlikely is not reported.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from roteiro.core.program import TRUE, Condition, Conjunction, Deliver
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import Prover
from roteiro.lang.report import hint
from roteiro.lang.source import Span

SENDS = 16
"""Sends to one place, by one chain, that are looked at; the first ones."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One send, and where it fires."""

    effect: Deliver
    span: Span
    condition: Condition
    table: str
    alone: bool
    """Whether nothing else of its table fires with it, but what stands in the same rule."""


def look(program: Program) -> None:
    """Report what may be delivered twice."""
    prover = Prover(program.shared, program.rules, conformant=True)
    sent = list(first_of(deliveries(program)))
    chains(program, prover, sent)
    pools(program, prover, sent)


def deliveries(program: Program) -> Iterator[Delivery]:
    """Give every send of every rule, and of `otherwise`."""
    for table in program.typed.tables:
        written = program.names.tables[table.name]
        places = {rule.name.text: rule.name.span for rule in written.rules}
        for rule in table.rules:
            condition = program.lowered(rule.condition)
            for effect in rule.effects:
                if isinstance(effect, Deliver):
                    span = places[rule.name]
                    yield Delivery(effect, span, condition, table.name, table.first)
        for effect in table.otherwise or ():
            if isinstance(effect, Deliver) and written.otherwise:
                yield Delivery(effect, written.otherwise.span, TRUE, table.name, alone=True)


def first_of(sent: Iterator[Delivery]) -> Iterator[Delivery]:
    """Give the first sends of each place and chain."""
    count: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for each in sent:
        way = (each.effect.to, each.effect.via)
        count[way] += 1
        if count[way] <= SENDS:
            yield each


def together(prover: Prover, one: Delivery, other: Delivery) -> bool:
    """Whether two sends may both fire for one object."""
    prover.turn()
    if one.span == other.span:
        return True
    if one.table == other.table and (one.alone or other.alone):
        return False
    return not prover.never(Conjunction((one.condition, other.condition)))


# Two chains -------------------------------------------------------------------------------------


def chains(program: Program, prover: Prover, sent: list[Delivery]) -> None:
    """Report nodes that get an object by two chains, once for each two."""
    by_node: dict[str, list[Delivery]] = {}
    for each in sent:
        by_node.setdefault(each.effect.to, []).append(each)
    for node, several in by_node.items():
        reported: set[frozenset[tuple[str, ...]]] = set()
        for one, other in combinations(several, 2):
            ways = frozenset((one.effect.via, other.effect.via))
            if len(ways) == 2 and ways not in reported and together(prover, one, other):
                reported.add(ways)
                label = program.report.label(one.span, "sent_first", name=node)
                program.report.add(
                    "RT321",
                    other.span,
                    "two_chains",
                    labels=() if one.span == other.span else (label,),
                    help=hint("two_chains_help"),
                    name=node,
                )


# A pool and its member --------------------------------------------------------------------------


def pools(program: Program, prover: Prover, sent: list[Delivery]) -> None:
    """Report pools that get an object besides one of their members."""
    for pool in program.typed.settings.pools:
        to_pool = [each for each in sent if each.effect.to == pool.name]
        for member in pool.members:
            to_member = [each for each in sent if each.effect.to == member] if to_pool else []
            for each in to_member:
                other = first_with(prover, each, to_pool)
                if other is not None:
                    of_pool(program, pool.name, each, other)
                    break


def first_with(prover: Prover, one: Delivery, others: list[Delivery]) -> Delivery | None:
    """Give the first send that may fire with another."""
    return next((other for other in others if together(prover, one, other)), None)


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
