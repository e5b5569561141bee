"""RT302, RT303, RT304 and RT320: rules that never decide, and conditions that decide nothing.

All of it is proved, or not said. Proved is, by truth table over at most 16 tests: that a condition
holds never, or always; that what a rule matches is matched by one earlier rule, or by several that
have at most 16 tests together. In a large table only earlier rules are looked at that share a value
with the rule, or a test; an exact analysis comes later.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.core.program import Condition
from roteiro.lang import nodes, typed
from roteiro.lang.lint.edits import GUARD, deletion_of_rule, move
from roteiro.lang.lint.index import Index, Kept, Keys
from roteiro.lang.lint.program import Program, within
from roteiro.lang.lint.proof import MOST, Prover, asked
from roteiro.lang.report import hint
from roteiro.lang.source import Span

SAID = frozenset(("RT201", "RT203"))
"""Findings that say already why a condition never holds, or always."""
Written = nodes.Rule | nodes.GuardRule


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with its condition over the shared tests."""

    written: Written
    condition: Condition
    table: nodes.Table | nodes.Guard

    @property
    def named(self) -> str:
        """The name of its table."""
        return self.table.name.text if isinstance(self.table, nodes.Table) else GUARD


def look(program: Program) -> None:
    """Report rules of the guard and of all tables."""
    said = {found.span for found in program.report.findings if found.code in SAID}
    prover = Prover(program.shared, program.rules)
    for rules, first, code in list(groups(program)):
        living = [rule for rule in rules if not constant(program, prover, rule, said)]
        if first:
            shadowed(program, prover, living, code)


def groups(program: Program) -> Iterator[tuple[list[Entry], bool, str]]:
    """Give guard and tables: rules in key order, whether the first wins, the code of shadows."""
    if program.typed.guard is not None and program.names.guard is not None:
        guard = program.typed.guard.rules
        yield entries_of(program, program.names.guard, guard), True, "RT320"
    for table in program.typed.tables:
        ranked = sorted(table.rules, key=lambda rule: -rule.priority)
        written = program.names.tables[table.name]
        yield entries_of(program, written, ranked), table.first, "RT302"


def entries_of(
    program: Program,
    table: nodes.Table | nodes.Guard,
    ranked: tuple[typed.TypedGuardRule, ...] | list[typed.TypedRule],
) -> list[Entry]:
    """Lower the rules of a table."""
    rules: tuple[Written, ...] = table.rules
    by_name = {rule.name.text: rule for rule in rules}
    return [Entry(by_name[rule.name], program.lowered(rule.condition), table) for rule in ranked]


# Never and always -------------------------------------------------------------------------------


def constant(program: Program, prover: Prover, rule: Entry, said: set[Span]) -> bool:
    """Report a condition that holds never, or always; say whether it never does."""
    condition = rule.written.condition
    if condition is None:
        return False
    prover.turn()
    never = prover.never(rule.condition)
    if not never and not prover.always(rule.condition):
        return False
    alone = isinstance(condition, nodes.Constant)
    if not alone and not any(part.span in said for part in within(condition)):
        code, key = ("RT303", "vacuous") if never else ("RT304", "always_true")
        program.report.add(
            code,
            rule.written.name.span,
            key,
            notes=(hint("proof_exact"),),
            fix=deletion_of_rule(program, rule.table, rule.written) if never else None,
            name=rule.written.name.text,
        )
    return never


# Shadows ----------------------------------------------------------------------------------------


def shadowed(program: Program, prover: Prover, rules: list[Entry], code: str) -> None:
    """Report rules whose matches earlier ones take."""
    beyond = program.beyond
    earlier = Earlier(program, prover, rules)
    program.asking |= {rule.named: earlier.tests for rule in rules[:1]}
    for number, rule in enumerate(rules):
        name = (rule.named, rule.written.name.text)
        settled = name in beyond.settled
        blocking = [] if settled else earlier.covering(rule)
        if settled and name in beyond.shadowed:
            continue
        if blocking:
            report(program, rule, [rules[one] for one in blocking], code)
        else:
            earlier.add(number, rule)


def report(program: Program, rule: Entry, blocking: list[Entry], code: str) -> None:
    """Report a rule with what stands before it."""
    place = rule.written.name.span
    one = len(blocking) == 1
    labels = [
        program.report.label(each.written.name.span, "covers_all" if one else "covers_part")
        for each in blocking
    ]
    if not one:
        labels.append(program.report.label(place, "covered_together", count=len(blocking)))
    first = min(blocking, key=lambda each: each.written.span.start)
    moved = None if ranked(rule) else move(program, rule.written.span, first.written.span)
    program.report.add(
        code,
        place,
        "shadowed",
        labels=tuple(labels),
        fix=deletion_of_rule(program, rule.table, rule.written),
        others=() if moved is None else (moved,),
        notes=(hint("proof_exact"),),
        name=rule.written.name.text,
    )


def ranked(rule: Entry) -> bool:
    """Whether a rule has a priority, so that its place is not all that counts."""
    return isinstance(rule.written, nodes.Rule) and rule.written.priority != 0


class Earlier:
    """The rules before a rule, those that are shadowed themselves left out."""

    def __init__(self, program: Program, prover: Prover, rules: list[Entry]) -> None:
        """Begin before the first rule."""
        self.prover = prover
        self.all: list[Kept] = []
        self.index = Index(Keys(program))
        tests = frozenset[int]().union(*(asked(rule.condition) for rule in rules))
        crowded = any(rule.named in program.beyond.crowded for rule in rules[:1])
        self.few = len(tests) <= MOST and not crowded
        self.tests = len(tests)

    def add(self, number: int, rule: Entry) -> None:
        """Keep a rule for those that come later."""
        self.all.append(Kept(number, rule.condition))
        self.index.add(number, rule.condition)

    def covering(self, rule: Entry) -> list[int]:
        """Give earlier rules that match all that a rule matches; none when that is not proved."""
        condition = rule.condition
        self.prover.turn()
        if condition in self.index.equal:
            return [self.index.equal[condition]]
        candidates = self.all if self.few else self.index.candidates(condition)
        for one in candidates:
            if self.prover.implies(condition, [one.condition]):
                return [one.number]
        return self.together(condition, candidates)

    def together(self, condition: Condition, candidates: list[Kept]) -> list[int]:
        """Give rules that cover a rule only together, as few as are needed."""
        chosen: list[Kept] = []
        used = set(asked(condition))
        for one in candidates:
            if len(used | asked(one.condition)) <= MOST:
                used |= asked(one.condition)
                chosen.append(one)
        if len(chosen) < 2 or not self.covered(condition, chosen):
            return []
        for one in tuple(chosen):
            rest = [other for other in chosen if other is not one]
            if self.covered(condition, rest):
                chosen = rest
        return [one.number for one in chosen]

    def covered(self, condition: Condition, others: list[Kept]) -> bool:
        """Whether some rules cover a rule together."""
        return self.prover.implies(condition, [one.condition for one in others])
