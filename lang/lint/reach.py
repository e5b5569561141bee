"""RT302, RT303, RT304 and RT320: rules that never decide, and conditions that decide nothing.

All of it is proved, or not said. Proved is, by truth table over at most 16 tests: that a condition
holds never, or always; that what a rule matches is matched by one earlier rule, or by several that
have at most 16 tests together. In a large table only earlier rules are looked at that share a value
with the rule, or a test; an exact analysis comes later.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.core.program import Among, Condition, Conjunction, Holds, Some
from roteiro.lang import nodes, typed
from roteiro.lang.lint.matches import members
from roteiro.lang.lint.program import Program, within
from roteiro.lang.lint.proof import MOST, Prover, asked
from roteiro.lang.lower import Shared
from roteiro.lang.report import hint
from roteiro.lang.source import Span

CANDIDATES = 64
"""Earlier rules that are looked at for one rule, at most."""
SAID = frozenset(("RT201", "RT203"))
"""Findings that say already why a condition never holds, or always."""
Written = nodes.Rule | nodes.GuardRule


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with its condition over the shared tests."""

    written: Written
    condition: Condition


def look(program: Program) -> None:
    """Report rules of the guard and of all tables."""
    said = {found.span for found in program.report.findings if found.code in SAID}
    for entries, first, code in groups(program):
        shared, rules = entries
        prover = Prover(shared)
        living = [rule for rule in rules if not constant(program, prover, rule, said)]
        if first:
            shadowed(program, prover, living, code)


def groups(
    program: Program,
) -> Iterator[tuple[tuple[Shared, list[Entry]], bool, str]]:
    """Give guard and tables: rules in key order, whether the first wins, the code of shadows."""
    if program.typed.guard is not None and program.names.guard is not None:
        guard = program.typed.guard.rules
        yield entries_of(program.names.guard.rules, guard), True, "RT320"
    for table in program.typed.tables:
        ranked = sorted(table.rules, key=lambda rule: -rule.priority)
        yield entries_of(program.names.tables[table.name].rules, ranked), table.first, "RT302"


def entries_of(
    written: tuple[Written, ...],
    ranked: tuple[typed.TypedGuardRule, ...] | list[typed.TypedRule],
) -> tuple[Shared, list[Entry]]:
    """Lower the rules of a table over tests of their own."""
    shared = Shared()
    by_name = {rule.name.text: rule for rule in written}
    entries = [Entry(by_name[rule.name], shared.condition(rule.condition)) for rule in ranked]
    return shared, entries


# Never and always -------------------------------------------------------------------------------


def constant(program: Program, prover: Prover, rule: Entry, said: set[Span]) -> bool:
    """Report a condition that holds never, or always; say whether it never does."""
    condition = rule.written.condition
    if condition is None:
        return False
    never = prover.never(rule.condition)
    if not never and not prover.always(rule.condition):
        return False
    if not any(part.span in said for part in within(condition)):
        code, key = ("RT303", "vacuous") if never else ("RT304", "always_true")
        program.report.add(
            code,
            rule.written.name.span,
            key,
            notes=(hint("proof_exact"),),
            name=rule.written.name.text,
        )
    return never


# Shadows ----------------------------------------------------------------------------------------


def shadowed(program: Program, prover: Prover, rules: list[Entry], code: str) -> None:
    """Report rules whose matches earlier ones take."""
    earlier = Earlier(prover, rules)
    for rule in rules:
        blocking = earlier.covering(rule)
        if blocking:
            report(program, rule, blocking, code)
        else:
            earlier.add(rule)


def report(program: Program, rule: Entry, blocking: list[Entry], code: str) -> None:
    """Report a rule with what stands before it."""
    one = len(blocking) == 1
    labels = tuple(
        program.report.label(each.written.name.span, "covers_all" if one else "covers_part")
        for each in blocking
    )
    name = rule.written.name.text
    notes = (hint("proof_exact"),)
    program.report.add(
        code,
        rule.written.name.span,
        "shadowed",
        labels=labels,
        help=hint("shadowed_help"),
        notes=notes,
        name=name,
    )


class Earlier:
    """The rules before a rule, found by what they ask.

    Each is kept under its rarest test, and if that is a set under each element: what covers a rule
    has to match its values too.
    """

    def __init__(self, prover: Prover, rules: list[Entry]) -> None:
        """Count how often each test is asked."""
        self.prover = prover
        self.all: list[Entry] = []
        self.equal: dict[Condition, Entry] = {}
        self.kept: dict[object, list[Entry]] = defaultdict(list)
        self.loose: list[Entry] = []
        """Rules that are not found by a test of their own."""
        self.tests = frozenset[int]().union(*(asked(rule.condition) for rule in rules))
        self.count = Counter(
            key for rule in rules for test in needed(rule.condition) for key in self.keys(test)
        )

    def keys(self, test: int) -> list[object]:
        """Give what a test is found by."""
        known = self.prover.tests()[test]
        if isinstance(known, Some) and isinstance(known.match, Among):
            return [(known.field, part) for part in members(known.match)]
        return [test]

    def add(self, rule: Entry) -> None:
        """Keep a rule for those that come later."""
        self.all.append(rule)
        self.equal.setdefault(rule.condition, rule)
        choices = [self.keys(test) for test in needed(rule.condition)]
        if not choices:
            self.loose.append(rule)
            return
        for key in min(choices, key=self.frequency):
            self.kept[key].append(rule)

    def frequency(self, keys: list[object]) -> int:
        """Say how often a test is asked, all elements of its set together."""
        return sum(self.count[key] for key in keys)

    def covering(self, rule: Entry) -> list[Entry]:
        """Give earlier rules that match all that a rule matches; none when that is not proved."""
        if rule.condition in self.equal:
            return [self.equal[rule.condition]]
        candidates = self.all if len(self.tests) <= MOST else self.candidates(rule)
        for one in candidates:
            if self.prover.implies(rule.condition, [one.condition]):
                return [one]
        return self.together(rule, candidates)

    def candidates(self, rule: Entry) -> list[Entry]:
        """Give earlier rules that may have to do with a rule, in their order."""
        found: dict[int, Entry] = {id(one): one for one in self.loose[:CANDIDATES]}
        for test in sorted(asked(rule.condition)):
            for key in self.keys(test)[:1]:
                found |= {id(one): one for one in self.kept[key][:CANDIDATES]}
        return list(found.values())[:CANDIDATES]

    def together(self, rule: Entry, candidates: list[Entry]) -> list[Entry]:
        """Give rules that cover a rule only together, as few as are needed."""
        chosen: list[Entry] = []
        used = set(asked(rule.condition))
        for one in candidates:
            if len(used | asked(one.condition)) <= MOST:
                used |= asked(one.condition)
                chosen.append(one)
        if len(chosen) < 2 or not self.covered(rule, chosen):
            return []
        for one in tuple(chosen):
            rest = [other for other in chosen if other is not one]
            if self.covered(rule, rest):
                chosen = rest
        return chosen

    def covered(self, rule: Entry, others: list[Entry]) -> bool:
        """Whether some rules cover a rule together."""
        return self.prover.implies(rule.condition, [one.condition for one in others])


def needed(condition: Condition) -> list[int]:
    """Give tests that must hold where a condition does."""
    if isinstance(condition, Holds):
        return [condition.test]
    if isinstance(condition, Conjunction):
        return [part.test for part in condition.parts if isinstance(part, Holds)]
    return []
