"""RT306: rules that could be left out without changing a delivery.

Proved are: in an `all` table a rule that matches only what another one matches, which does the same
and perhaps more; in a `first` table a rule that does what the next one does, which matches all that
it matches. A rule that does what `otherwise` does is left alone: it says what is wanted.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from roteiro.core.program import Condition, Effect
from roteiro.lang import nodes
from roteiro.lang.lint.edits import deletion
from roteiro.lang.lint.index import Index, Kept, Keys
from roteiro.lang.lint.program import Program
from roteiro.lang.lint.proof import Prover
from roteiro.lang.report import hint
from roteiro.lang.source import Span
from roteiro.lang.typed import TypedRule, TypedTable

SHADOWED = frozenset(("RT302", "RT303"))
Ranked = list[tuple[TypedRule, Condition]]


def look(program: Program) -> None:
    """Report rules of all tables; not those that never fire, of which that was said."""
    silent = {one.span for one in program.report.findings if one.code in SHADOWED}
    for table in program.typed.tables:
        written = program.names.tables[table.name]
        places = {rule.name.text: rule for rule in written.rules}
        ordered = sorted(table.rules, key=lambda rule: -rule.priority)
        rules = [
            (rule, program.lowered(rule.condition))
            for rule in ordered
            if places[rule.name].name.span not in silent
            and (table.name, rule.name) not in program.beyond.shadowed
        ]
        for name, other in found(program, table, rules):
            report(program, places[name], places[other].name.span)


def found(program: Program, table: TypedTable, rules: Ranked) -> Iterator[tuple[str, str]]:
    """Give redundant rules, each with the one that does its work."""
    prover = Prover(program.shared, program.rules)
    if not table.first:
        yield from of_all(program, table.name, prover, rules)
        return
    for (rule, condition), (after, wider) in pairwise(rules):
        prover.turn()
        same = set(rule.effects) == set(after.effects)
        beside = (table.name, rule.name) not in program.beyond.parted
        if same and beside and prover.implies(condition, [wider]):
            yield rule.name, after.name


def by_effect(program: Program, rules: Ranked) -> dict[Effect, Index]:
    """Give an index of the rules that have an effect, for each."""
    having: dict[Effect, list[int]] = defaultdict(list)
    for number, (rule, _) in enumerate(rules):
        for effect in dict.fromkeys(rule.effects):
            having[effect].append(number)
    doing: dict[Effect, Index] = {}
    keys = Keys(program)
    for effect, numbers in having.items():
        doing[effect] = Index(keys)
        for number in numbers:
            doing[effect].add(number, rules[number][1])
    return doing


def of_all(
    program: Program, table: str, prover: Prover, rules: Ranked
) -> Iterator[tuple[str, str]]:
    """Give the redundant rules of an `all` table; of two that are equal the later one."""
    doing = by_effect(program, rules)
    beyond = program.beyond
    gone: set[int] = set()
    for number in reversed(range(len(rules))):
        rule, condition = rules[number]
        if not rule.effects:
            continue
        if (table, rule.name) in beyond.settled:
            gone |= {number} if (table, rule.name) in beyond.gone else set()
            continue
        prover.turn()
        index = doing[rule.effects[0]]
        equal = Kept(index.equal[condition], condition)
        for one in (equal, *index.candidates(condition)):
            wider = rules[one.number][0]
            more = set(rule.effects) <= set(wider.effects)
            if one.number == number or one.number in gone or not more:
                continue
            if prover.implies(condition, [one.condition]):
                gone.add(number)
                yield rule.name, wider.name
                break


def report(program: Program, rule: nodes.Rule, place: Span) -> None:
    """Report a rule with the one that does the same."""
    labels = (program.report.label(place, "does_the_same"),)
    program.report.add(
        "RT306",
        rule.name.span,
        "redundant",
        labels=labels,
        fix=deletion(program, rule.span, safe=False),
        notes=(hint("proof_exact"),),
        name=rule.name.text,
    )
