"""What a decision may cost, from the text of the rules alone (language.md 2c and section 4).

    cost <= k (header bytes up to the last tested tag
               + bytes of tested values x text tests of that field
               + items x tests inside of `has`
               + clauses / 64 x fields)

What the rules fix in this bound is counted here; the rest an object brings.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from roteiro.core.automaton import STATES, Code, compiled
from roteiro.core.clause_plan import forest_of
from roteiro.core.clauses import Forest
from roteiro.core.decision import conditions as numbered
from roteiro.core.plan import lay_out
from roteiro.core.program import (
    Among,
    Choice,
    EveryItem,
    Holds,
    Matches,
    Negation,
    Pattern,
    Program,
    SomeItem,
    Source,
    Test,
)
from roteiro.core.program import Condition as Lowered
from roteiro.core.subsets import Limit, determined
from roteiro.lang.attributes import tag_text
from roteiro.lang.coverage import Leaf, rule_conditions
from roteiro.lang.lower import Shared, lower
from roteiro.lang.tested import BLOCKS, Level, leaves, mentioned
from roteiro.lang.typed import Compare, Condition, Has, Typed

WORD = 64
"""Clauses that are asked at once."""
TEXTUAL = frozenset(("contains", "starts with", "ends with", "like", "matches"))
WORK = 2_000_000
"""Steps of counting the states of patterns at most."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A part of a rule with too many clauses: it is computed before, as one boolean."""

    rule: str
    tests: tuple[str, ...]
    """Those that it joins, as written."""
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PartCost:
    """What one table costs, or the guard, or all."""

    name: str | None
    """Nothing of all together."""
    rules: int
    clauses: int
    most: int
    """Clauses of the rule that has most."""
    words: int
    """Words of 64 clauses, each asked once a field."""
    fields: int
    tags: int
    last_tag: str | None
    """What must have arrived before it is decided; `xx` is the block of a private creator."""
    needs_all: bool
    """Whether the size is asked, which is known when everything has arrived."""
    nesting: int
    nested_tests: int
    """Tests that are asked of each item."""
    text_tests: int
    """Tests that go through a text, each once a value."""
    pattern_states: int
    """Of all regular expressions; one that reaches the limit is finished state by state."""
    literals: int
    apart: tuple[Apart, ...]

    def document(self) -> dict[str, object]:
        """Give the JSON entry."""
        return {
            "name": self.name,
            "rules": self.rules,
            "clauses": self.clauses,
            "most_clauses": self.most,
            "words": self.words,
            "fields": self.fields,
            "tags": self.tags,
            "last_tag": self.last_tag,
            "needs_all": self.needs_all,
            "nesting": self.nesting,
            "nested_tests": self.nested_tests,
            "text_tests": self.text_tests,
            "pattern_states": self.pattern_states,
            "literals": self.literals,
            "computed_apart": [
                {"rule": one.rule, "tests": list(one.tests), "file": one.file, "line": one.line}
                for one in self.apart
            ],
        }


@dataclass(frozen=True, slots=True)
class FileCost:
    """What the rules of a file cost, with all that it uses."""

    file: str
    parts: tuple[PartCost, ...]
    """The guard, then the tables."""
    total: PartCost
    clause_limit: int
    """Clauses that a rule may have: fewer where many rules would have many."""
    index_bytes: int
    """How large the engine's sets of clauses are, equal ones once."""

    def document(self) -> dict[str, object]:
        """Give the JSON entry."""
        return {
            "file": self.file,
            "clause_limit": self.clause_limit,
            "state_limit": STATES,
            "parts": [part.document() for part in self.parts],
            "total": self.total.document(),
            "index_bytes": self.index_bytes,
        }


Named = Sequence[tuple[str, Condition]]


def cost_of(file: str, typed: Typed) -> FileCost:
    """Count what a checked program costs."""
    counter = _Counter(typed)
    by_part: dict[str, list[tuple[str, Condition]]] = {}
    if typed.guard is not None:
        by_part["guard"] = []
    by_part |= {table.name: [] for table in typed.tables}
    for rule, condition in rule_conditions(typed):
        by_part[rule.partition(".")[0]].append((rule, condition))
    parts = tuple(counter.part(name, rules) for name, rules in by_part.items())
    everything = [rule for rules in by_part.values() for rule in rules]
    plan = lay_out(counter.program)
    total = replace(counter.part(None, everything), fields=plan.fields)
    sets = sum(len(each) for clauses in plan.clauses for each in clauses.sets)
    return FileCost(file, parts, total, counter.forest.cap, sets)


class _Counter:
    """Counts over a program and its lowered form."""

    def __init__(self, typed: Typed) -> None:
        self.program: Program = lower(typed)
        asked = [(condition, None) for condition in numbered(self.program)]
        self.forest = forest_of(len(self.program.tests), asked)
        self.shared = Shared()
        self.shared.fields = {each: at for at, each in enumerate(self.program.fields)}
        self.shared.tests = {each: at for at, each in enumerate(self.program.tests)}
        guard = self.program.guard.rules if self.program.guard else ()
        self.lowered: dict[str, Lowered] = {rule.name: rule.condition for rule in guard}
        for table in self.program.tables:
            self.lowered |= {rule.name: rule.condition for rule in table.rules}
        self.states: dict[Matches, int] = {}

    def part(self, name: str | None, rules: Named) -> PartCost:
        """Count some rules."""
        clauses = [self.forest.add(self.lowered[rule]) for rule, _ in rules]
        count = sum(map(len, clauses))
        conditions = [condition for _, condition in rules]
        level = mentioned(conditions)
        inside = [leaf for condition in conditions for leaf in _inside(condition)]
        every = [*(leaf for each in conditions for leaf in leaves(each)), *inside]
        used = {test for each in conditions for test in self._tests(each)}
        asked = [self.program.tests[test] for test in used]
        return PartCost(
            name,
            rules=len(rules),
            clauses=count,
            most=max(map(len, clauses), default=0),
            words=-(-count // WORD),
            fields=len({test.field for test in asked}),
            tags=_tags(level),
            last_tag=_last(level),
            needs_all=any(_is_size(leaf) for leaf in every),
            nesting=max(map(_depth, conditions), default=0),
            nested_tests=len({(leaf.span, leaf.source.name) for leaf in inside}),
            text_tests=len({(leaf.span, leaf.source.name) for leaf in every if _is_textual(leaf)}),
            pattern_states=sum(map(self._states, dict.fromkeys(_patterns(asked)))),
            literals=sum(map(_literals, asked)),
            apart=tuple(one for rule, condition in rules for one in self._apart(rule, condition)),
        )

    def _tests(self, condition: Condition) -> set[int]:
        """Give the tests of a condition, those inside of `has` not."""
        return {test for leaf in leaves(condition) for test in _held(self.shared.leaf(leaf))}

    def _states(self, match: Matches) -> int:
        if match not in self.states:
            self.states[match] = states_of(compiled((Choice(match.expressions),)))
        return self.states[match]

    def _apart(self, rule: str, condition: Condition) -> Iterator[Apart]:
        """Give the parts of a rule that have become booleans of their own."""
        clauses, first = self.forest.add(self.lowered[rule]), self.forest.tests
        found = {literal // 2 - first for clause in clauses for literal in clause}
        for virtual in sorted(each for each in found if each >= 0):
            tests = _below(self.forest, self.forest.virtuals[virtual])
            of_it = [one for one in leaves(condition) if _held(self.shared.leaf(one)) <= tests]
            source, start = of_it[0].source, of_it[0].span.start
            shown = tuple(dict.fromkeys(map(_text, of_it)))
            yield Apart(rule, shown, source.name, source.position(start).line)


# Leaves -------------------------------------------------------------------------------------------


def _inside(condition: Condition) -> Iterator[Leaf]:
    """Give the tests inside of `has`, at every depth."""
    for leaf in leaves(condition):
        if isinstance(leaf, Has):
            yield from leaves(leaf.condition)
            yield from _inside(leaf.condition)


def _depth(condition: Condition) -> int:
    inner = [_depth(leaf.condition) for leaf in leaves(condition) if isinstance(leaf, Has)]
    return 1 + max(inner) if inner else 0


def _is_textual(leaf: Leaf) -> bool:
    return isinstance(leaf, Compare) and leaf.operator in TEXTUAL


def _is_size(leaf: Leaf) -> bool:
    return leaf.field.source is Source.ENVELOPE and leaf.field.name == "size"


def _text(leaf: Leaf) -> str:
    return " ".join(leaf.source.text[leaf.span.start : leaf.span.end].split())


def _held(condition: Lowered) -> set[int]:
    """Give the tests that a lowered leaf is made of."""
    if isinstance(condition, Holds):
        return {condition.test}
    if isinstance(condition, Negation):
        return _held(condition.part)
    return {test for part in condition.parts for test in _held(part)}


def _below(forest: Forest, node: int) -> set[int]:
    """Give the tests that a node of the forest is made of."""
    found, waiting, seen = set(), [node], {node}
    while waiting:
        made = forest.nodes[waiting.pop()]
        if not made.parts:
            found.add(made.literal // 2)
        waiting += [part for part in made.parts if part not in seen]
        seen.update(made.parts)
    return found


# Tags ---------------------------------------------------------------------------------------------


def _tags(level: Level) -> int:
    """Count the elements that are looked at, with what decoding needs but blocks of creators."""
    plain = [tag for tag in level.plain if not (tag >> 16 & 1 and tag & 0xFFFF in BLOCKS)]
    return len(plain) + len(level.private) + sum(map(_tags, level.opened.values()))


def _last(level: Level) -> str | None:
    private = max((tag | 0xFF00 for tag, _ in level.private), default=-1)
    if private >= 0 and private == level.last:
        return f"({private >> 16:04X},xx{private & 0xFF:02X})"
    return tag_text(level.last) if level.last >= 0 else None


# Tests --------------------------------------------------------------------------------------------


def _every(tests: Iterable[Test]) -> Iterator[Test]:
    """Give tests with those inside of them."""
    for test in tests:
        yield test
        if isinstance(test, SomeItem | EveryItem):
            yield from _every(test.inside.tests)


def _patterns(tests: Iterable[Test]) -> Iterator[Matches]:
    for test in _every(tests):
        match = getattr(test, "match", None)
        if isinstance(match, Matches):
            yield match


def _literals(test: Test) -> int:
    """Count the values, ranges and texts of a test."""
    found = 0
    for each in _every([test]):
        match = getattr(each, "match", None)
        if isinstance(match, Among):
            found += len(match.values) + len(match.intervals) + len(match.folded)
        elif isinstance(match, Pattern):
            found += len(match.texts) + len(match.folded)
        elif isinstance(match, Matches):
            found += len(match.expressions)
    return found


def states_of(code: Code) -> int:
    """Count the states of an automaton but the dead one, up to the limit of the engine."""
    made = determined(code, Limit(STATES, WORK))
    return STATES if made is None else len(made.rows) - 1
