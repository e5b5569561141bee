"""What the subjects look at: the trees of a program, its names, what was typed, by place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from roteiro.core.program import Condition, Field, Test
from roteiro.lang import chains, nodes, typed
from roteiro.lang.beyond import NOTHING, Beyond
from roteiro.lang.lint.contents import Contents
from roteiro.lang.lint.proof import BUDGET, LEAST, asked
from roteiro.lang.report import Report
from roteiro.lang.resolve import Names
from roteiro.lang.source import Span
from roteiro.lang.typed import Typed

TypedCondition = typed.Condition
Leaf = typed.Compare | typed.IsState | typed.Has
Owner = nodes.ConditionItem | nodes.Rule | nodes.GuardRule | nodes.Transform | nodes.Profile
Kind = TypeVar("Kind", bound=nodes.Item)


@dataclass(frozen=True, slots=True)
class LintInput:
    """What `check` hands over when a program is typed, with errors or without."""

    items: tuple[nodes.Item, ...]
    """The trees of all files; `span.file` says which an item is in."""
    whole: bool
    """Whether every file could be read, to its last item."""
    names: Names
    typed: Typed
    definitions: Mapping[str, TypedCondition] = field(default_factory=dict)
    """The conditions with a name, typed, used or not."""
    beyond: Beyond = NOTHING
    """What there is besides."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A condition as it was written, and the item or rule it belongs to."""

    owner: Owner
    condition: nodes.Condition


class Program:
    """A program as the subjects read it."""

    def __init__(self, given: LintInput, report: Report) -> None:
        """Gather what several subjects need."""
        self.names = given.names
        self.typed = given.typed
        self.definitions = given.definitions
        self.report = report
        self.items = given.items
        self.beyond = given.beyond
        self.whole = given.whole and given.names.complete
        self.stated = tuple(stated(self.items))
        self.leaves = dict(leaves(given.typed, given.definitions))
        """Each typed test by its place."""
        self.shared = Contents()
        """The fields and tests of what was lowered."""
        self.asking: dict[str, int] = {}
        """How many tests the rules of a table ask that may fire, of those where the first wins."""
        self.spent: dict[str, int] = {}
        """What the proofs about sends to a place took."""
        self.meanings: dict[Span, bytes] = {}
        """What `Meaning` knows of parts of conditions."""
        self._lowered: dict[int, Condition] = {}
        self._tests: list[Test] = []
        self._fields: list[Field] = []

    @property
    def sound(self) -> bool:
        """Whether everything was read and typed, so that its meaning can be looked at."""
        return self.whole and not self.report.failed

    @cached_property
    def rules(self) -> int:
        """How many rules the program has, in guard and tables."""
        guard = self.typed.guard.rules if self.typed.guard else ()
        tables = sum(len(table.rules) for table in self.typed.tables)
        return len(guard) + tables + self.beyond.rules

    @cached_property
    def owners(self) -> int:
        """How many rules and other items may state conditions; those that are left out too."""
        others = nodes.ConditionItem | nodes.Transform | nodes.Profile
        return self.rules + sum(isinstance(item, others) for item in self.items)

    @cached_property
    def share(self) -> int:
        """How long, in microseconds, may be proved about the sends to one node or pool."""
        settings = self.typed.settings
        return max(LEAST, BUDGET // max(len(settings.nodes) + len(settings.pools), 1))

    @cached_property
    def expected(self) -> frozenset[str]:
        """The rules that tests name, as `TABLE.RULE`."""
        return frozenset(
            ".".join(name.text for name in entry.names)
            for test in self.of(nodes.TestItem)
            for entry in test.expectations
            if isinstance(entry, nodes.Expect) and entry.kind == "rule"
        )

    def lowered(self, condition: typed.Condition) -> Condition:
        """Give what a condition means over the shared tests; worked out once."""
        if id(condition) not in self._lowered:
            self._lowered[id(condition)] = self.shared.condition(condition)
        return self._lowered[id(condition)]

    def asked(self, key: bytes) -> int:
        """Give how many rules ask something, by its key."""
        if self.beyond.asked is not None:
            return self.beyond.asked(key)
        return self.asked_by_rules[key]

    @cached_property
    def asked_by_rules(self) -> Counter[bytes]:
        """How many rules of the tables ask what."""
        found: Counter[bytes] = Counter()
        for table in self.typed.tables:
            for rule in table.rules:
                tests = asked(self.lowered(rule.condition))
                found.update({key for test in tests for key in self.shared.keys_of_test(test)})
        return found

    def test(self, number: int) -> tuple[Test, Field]:
        """Give a shared test by its number, and its field."""
        if number >= len(self._tests):
            self._tests = list(self.shared.tests)
            self._fields = list(self.shared.fields)
        return self._tests[number], self._fields[self._tests[number].field]

    def of(self, kind: type[Kind]) -> Iterator[Kind]:
        """Give the items of a kind, in order."""
        return (item for item in self.items if isinstance(item, kind))

    def first_file(self, span: Span) -> bool:
        """Whether a place is in the file that is checked, not in one that it uses.

        A file that is used may hold more than this program needs; only its own check says so.
        """
        return span.file == 0


def stated(items: tuple[nodes.Item, ...]) -> Iterator[Stated]:
    """Give every condition about the object that comes in, or that is sent."""
    for item in items:
        if isinstance(item, nodes.ConditionItem):
            yield Stated(item, item.condition)
        elif isinstance(item, nodes.Table | nodes.Guard):
            rules: tuple[nodes.Rule | nodes.GuardRule, ...] = item.rules
            yield from (Stated(rule, rule.condition) for rule in rules if rule.condition)
        elif isinstance(item, nodes.Transform):
            yield from (Stated(item, condition) for condition in of_edits(item.edits))
        elif isinstance(item, nodes.Profile):
            yield from (
                Stated(item, statement.condition)
                for statement in item.statements
                if isinstance(statement, nodes.PixelsStatement)
            )


def of_edits(edits: tuple[nodes.Edit, ...]) -> Iterator[nodes.Condition]:
    """Give the conditions of `if`, wherever they stand."""
    for edit in edits:
        if isinstance(edit, nodes.IfEdit):
            yield edit.condition
        if isinstance(edit, nodes.IfEdit | nodes.EachEdit):
            yield from of_edits(edit.edits)


def parts_of(condition: nodes.Condition) -> tuple[nodes.Condition, ...]:
    """Give what a condition is made of, `has (...)` included; nothing for a test or a name."""
    if isinstance(condition, nodes.And | nodes.Or):
        return condition.parts
    if isinstance(condition, nodes.Not):
        return (condition.part,)
    return (condition.condition,) if isinstance(condition, nodes.SequenceTest) else ()


def within(condition: nodes.Condition) -> Iterator[nodes.Condition]:
    """Give a condition and all its parts, from the outside in, in order."""
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(parts_of(part)))


def comparisons(program: Program) -> Iterator[tuple[nodes.Comparison, typed.Compare]]:
    """Give every comparison that was typed, with what it means."""
    for each in program.stated:
        for part in within(each.condition):
            if isinstance(part, nodes.Comparison):
                leaf = program.leaves.get(part.span)
                if isinstance(leaf, typed.Compare):
                    yield part, leaf


# What was typed ---------------------------------------------------------------------------------


def leaves(
    program: Typed, definitions: Mapping[str, typed.Condition]
) -> Iterator[tuple[Span, Leaf]]:
    """Give every typed test with its place."""
    seen: set[int] = set()
    for condition in (*definitions.values(), *conditions(program)):
        yield from ((leaf.span, leaf) for leaf in tests(condition, seen))


def conditions(program: Typed) -> Iterator[typed.Condition]:
    """Give every typed condition of guard, tables and chains."""
    if program.guard is not None:
        yield from (rule.condition for rule in program.guard.rules)
    for table in program.tables:
        yield from (rule.condition for rule in table.rules)
    for chain in program.chains:
        yield from of_chain(chain.edits)


def of_chain(edits: tuple[chains.Edit, ...]) -> Iterator[typed.Condition]:
    """Give the conditions of a chain's edits."""
    for edit in edits:
        if isinstance(edit, chains.If | chains.BlockPixels):
            yield edit.condition
        if isinstance(edit, chains.If | chains.Each):
            yield from of_chain(edit.edits)


def tests(condition: typed.Condition, seen: set[int]) -> Iterator[Leaf]:
    """Give the tests of a typed condition, those inside `has (...)` too.

    What stands for a name is one object wherever it stands: `seen` has those that are done.
    """
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, typed.And | typed.Or):
            waiting.extend(reversed(part.parts))
        elif isinstance(part, typed.Not):
            waiting.append(part.part)
        elif not isinstance(part, typed.Constant):
            yield part
            if isinstance(part, typed.Has):
                waiting.append(part.condition)
