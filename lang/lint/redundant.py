"""RT306: rules that could be left out without changing a delivery.

Proved are: in an `all` table a rule that matches only what another one matches, which does the same
and perhaps more; in a `first` table a rule that does what the next one does, which matches all that
it matches, or, of the last rule, what `otherwise` does.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from roteiro.core.program import Condition, Effect
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import Prover
from roteiro.lang.lower import Shared
from roteiro.lang.report import hint
from roteiro.lang.source import Span
from roteiro.lang.typed import TypedRule, TypedTable

SHADOWED = frozenset(("RT302", "RT303"))
CANDIDATES = 64
"""Rules with one of its effects that are looked at for a rule, at most."""
Ranked = list[tuple[TypedRule, Condition]]


def look(program: Program) -> None:
    """Report rules of all tables; not those that never fire, of which that was said."""
    silent = {one.span for one in program.report.findings if one.code in SHADOWED}
    for table in program.typed.tables:
        written = program.names.tables[table.name]
        places = {rule.name.text: rule.name.span for rule in written.rules}
        last = written.otherwise.span if written.otherwise else None
        shared = Shared()
        ordered = sorted(table.rules, key=lambda rule: -rule.priority)
        rules = [
            (rule, shared.condition(rule.condition))
            for rule in ordered
            if places[rule.name] not in silent
        ]
        for name, other in found(table, Prover(shared), rules):
            place = last if other is None else places[other]
            report(program, places[name], place, name)


def found(table: TypedTable, prover: Prover, rules: Ranked) -> Iterator[tuple[str, str | None]]:
    """Give redundant rules, each with the one that does its work; nothing is `otherwise`."""
    if not table.first:
        yield from of_all(prover, rules)
        return
    for (rule, condition), (after, wider) in pairwise(rules):
        if set(rule.effects) == set(after.effects) and prover.implies(condition, [wider]):
            yield rule.name, after.name
    if rules and table.otherwise and set(rules[-1][0].effects) == set(table.otherwise):
        yield rules[-1][0].name, None


def of_all(prover: Prover, rules: Ranked) -> Iterator[tuple[str, str]]:
    """Give the redundant rules of an `all` table; of two that are equal the later one."""
    doing: dict[Effect, list[int]] = defaultdict(list)
    for number, (rule, _) in enumerate(rules):
        for effect in dict.fromkeys(rule.effects):
            doing[effect].append(number)
    gone: set[int] = set()
    for number in reversed(range(len(rules))):
        rule, condition = rules[number]
        for other in doing[rule.effects[0]][:CANDIDATES] if rule.effects else ():
            wider, covering = rules[other]
            more = set(rule.effects) <= set(wider.effects)
            if other == number or other in gone or not more:
                continue
            if prover.implies(condition, [covering]):
                gone.add(number)
                yield rule.name, wider.name
                break


def report(program: Program, span: Span, place: Span | None, name: str) -> None:
    """Report a rule with the one that does the same."""
    labels = () if place is None else (program.report.label(place, "does_the_same"),)
    program.report.add(
        "RT306",
        span,
        "redundant",
        labels=labels,
        help=hint("redundant_help"),
        notes=(hint("proof_exact"),),
        name=name,
    )
