"""The conditions of one scope laid out as clauses: everything by number, made once, at load time.

Every rule becomes clauses (`clauses`), each clause at most one condition a field, equal conditions
one. A condition is a set of states, tests that must hold and tests that must not. For each field
and state there is a mask of the clauses that hold when no test of the field does, those included
that do not ask it; a test that holds turns the conditions that mention it round, and these know
their clauses: by number, or where they are many as a set of their own.

Bounds: clauses are at most `SPREAD` a rule on average and `CAP` each, else more of the conditions
become virtual booleans. A set takes a bit a clause; only what many clauses ask has sets, so all of
them take no more than so many bits a literal, and those of cells have a budget.

Tests of states are folded into the conditions; what is called a test here is any other one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from roteiro.core.cell_masks import Asked, CellMasks, of_ordered, of_texts
from roteiro.core.clauses import CAP, Clause, Clauses, Forest, Kind, Places
from roteiro.core.decision import Section
from roteiro.core.program import Condition, InState, State
from roteiro.core.scopes import FieldRow, Scope

WORD = 64
WIDE = 8
"""Words that are looked at together: a set is a multiple of them."""
NO_SET = 0xFFFFFFFF
FEW = 4
"""Clauses that are always kept by number."""
SPREAD = 4
"""Clauses a rule, on average, that a scope may have."""
CAPS = (CAP, CAP // 4, 2, 1)
"""Clauses that a rule may have, from one trial to the next, until they are not too many."""
STATES = (State.ABSENT, State.EMPTY, State.INVALID, State.VALUED)
"""In the order of the masks."""
ANY_STATE = State.ABSENT | State.EMPTY | State.INVALID | State.VALUED


class Ask(IntEnum):
    """What a step of a virtual boolean does; as `bitset.Ask`."""

    TEST = 0  # whether test `first` holds
    STATE = 1  # whether field `first` is in one of the states `second`
    ALL = 2  # of the steps `operands[first:second]`
    ANY = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the program that computes the virtual booleans."""

    ask: Ask
    negated: bool
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """All that a clause asks of one field."""

    field: int
    states: State
    wanted: tuple[int, ...]
    unwanted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A table: its words, and what becomes of it; `otherwise` -1 is none."""

    begin: int
    end: int
    first: bool
    otherwise: int


@dataclass(slots=True)
class ClausePlan:
    """The clauses of one scope; fields and tests are numbered from its first ones on."""

    fields: range
    tests: range
    """Both as the whole program numbers them."""
    asked: int
    """How many rules there are, or conditions on items; one that can never hold has no clauses."""
    conditions: list[FieldCondition] = field(default_factory=list)
    postings: list[list[int]] = field(default_factory=list)
    """By condition: its clauses."""
    sets: list[bytes] = field(default_factory=list)
    """Sets of clauses: masks, and the clauses of conditions that very many have."""
    mask_of: list[int] = field(default_factory=list)
    """By field and place of the state: its mask among the sets, or `NO_SET`."""
    few_of: list[list[int]] = field(default_factory=list)
    """By field: its conditions where it has no masks, since few clauses ask it."""
    cells: list[CellMasks] = field(default_factory=list)
    """By field."""
    cell_sets: list[list[int]] = field(default_factory=list)
    """By field: the sets of its cells, -1 where there is none."""
    set_of: list[int] = field(default_factory=list)
    """By condition: its clauses among the sets; -1 where they are few."""
    mentions: list[list[int]] = field(default_factory=list)
    """By test: twice the conditions that mention it, plus one when they do not want it."""
    alone_of: list[int] = field(default_factory=list)
    """By test: the condition that wants it and nothing else, when that alone mentions it and its
    clauses are few; else -1."""
    ranks: list[int] = field(default_factory=list)
    """By field: its place among all; those come first that leave fewest clauses when no test of
    theirs holds."""
    steps: list[Step] = field(default_factory=list)
    operands: list[int] = field(default_factory=list)
    wants: list[tuple[int, ...]] = field(default_factory=list)
    """By clause: the steps that compute the virtual booleans it wants; empty when none does."""
    sections: list[SectionRow] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    """By clause: the number of its rule."""
    live: list[tuple[int, int]] = field(default_factory=list)
    """Where there are clauses: between them the last word of a table is filled up."""
    all: bytes = b""
    """The set of all clauses."""
    cap: int = CAP
    """Clauses that one rule may have."""

    @property
    def words(self) -> int:
        """How many words a set of clauses takes."""
        return len(self.rules) // WORD


@dataclass(frozen=True, slots=True)
class Found:
    """The clauses of the conditions of a scope, by number, and what they were made in."""

    forest: Forest
    clauses: Sequence[Clauses]

    @property
    def is_usual(self) -> bool:
        """Whether the clauses of a condition depend on it alone."""
        return self.forest.cap == CAP and not self.forest.virtuals and fit(self.clauses)


def fit(clauses: Sequence[Clauses]) -> bool:
    """Whether clauses are not too many for their conditions."""
    return sum(map(len, clauses)) <= SPREAD * len(clauses) + CAP


def lay_out_clauses(
    scope: Scope,
    rows: Sequence[FieldRow],
    sections: Sequence[Section],
    found: Found,
) -> ClausePlan:
    """Lay the conditions of a scope out; `rows` are its fields, `sections` its tables."""
    return _Layout(scope, rows, found).plan_of(sections)


def clauses_of(tests: int, conditions: Sequence[tuple[Condition, Places | None]]) -> Found:
    """Make clauses of the conditions of a scope, by the first cap by which they are not too many.

    The number of clauses a condition, and what becomes virtual, depends on all of them.
    """
    for cap in CAPS:
        forest = Forest(tests, cap)
        found = [forest.add(condition, places) for condition, places in conditions]
        if fit(found):
            break
    return Found(forest, found)


def forest_of(tests: int, conditions: Sequence[tuple[Condition, Places | None]]) -> Forest:
    """Give the forest that `clauses_of` makes."""
    return clauses_of(tests, conditions).forest


@dataclass(slots=True)
class _Joined:
    """What some literals on one field ask together."""

    condition: FieldCondition
    asks: bool
    """Whether it asks anything at all."""
    is_never: bool
    """Whether it asks states that cannot be."""
    number: int = -1
    """Of the condition, when it is one of the plan."""


class _Layout:
    """The work on one plan."""

    def __init__(self, scope: Scope, rows: Sequence[FieldRow], found: Found) -> None:
        self.scope = scope
        self.rows = rows
        self.forest = forest = found.forest
        self.clauses = found.clauses
        self.plan = ClausePlan(
            scope.fields,
            scope.tests,
            len(scope.conditions),
            mentions=[[] for _ in scope.tests],
            cap=forest.cap,
        )
        self.known: dict[FieldCondition, int] = {}
        self.joined: dict[tuple[int, ...], _Joined] = {}
        self.fields = [test.field for test in scope.asked]
        self.alone: list[_Joined | None] = [None] * (2 * len(scope.asked))
        self.wanting: dict[int, list[int]] = {}
        self.sets: dict[bytes, int] = {}

    def plan_of(self, sections: Sequence[Section]) -> ClausePlan:
        """Do all of it."""
        self._place_rules(sections)
        self._place_masks()
        self._place_large()
        self._place_alone()
        self._place_ranks()
        self._place_virtuals()
        self._place_cells()
        return self.plan

    def _place_rules(self, sections: Sequence[Section]) -> None:
        """Give every rule its clauses; a table begins at a word."""
        plan = self.plan
        for section in sections:
            begin = plan.words
            for rule in range(section.begin, section.otherwise):
                for clause in ordered(self.clauses[rule]):
                    self._place_clause(clause, rule)
            plan.live.append((begin * WORD, len(plan.rules)))
            plan.rules += [0] * (-len(plan.rules) % WORD)
            otherwise = section.otherwise if section.has_otherwise else -1
            plan.sections.append(SectionRow(begin, plan.words, section.first, otherwise))
        plan.rules += [0] * (-len(plan.rules) % (WORD * WIDE))
        if plan.sections:
            plan.sections[-1] = replace(plan.sections[-1], end=plan.words)

    def _place_clause(self, clause: Clause, rule: int) -> None:
        """Write a clause down, unless it asks states of a field that cannot be."""
        found = self._conditions(clause)
        for one in found:
            if one.is_never:
                return
        place = len(self.plan.rules)
        self.plan.rules.append(rule)
        postings = self.plan.postings
        for one in found:
            if one.number < 0:
                one.number = self._condition(one.condition)
            postings[one.number].append(place)
        if self.forest.virtuals:
            for literal in clause:
                if literal // 2 >= self.forest.tests:
                    self.wanting.setdefault(place, []).append(literal // 2 - self.forest.tests)

    def _conditions(self, clause: Clause) -> "list[_Joined]":
        literals = sorted(clause)
        if self.forest.virtuals:
            literals = [each for each in literals if each // 2 < self.forest.tests]
        fields = [self.fields[each >> 1] for each in literals]
        if len({*fields}) == len(fields):  # most clauses ask a field once
            alone = self.alone
            found = [alone[literal] or self._alone(literal) for literal in literals]
        else:
            by_field: dict[int, list[int]] = {}
            for asked, literal in zip(fields, literals, strict=True):
                by_field.setdefault(asked, []).append(literal)
            found = [self._asked(asked, tuple(each)) for asked, each in by_field.items()]
        return [one for one in found if one.asks]

    def _alone(self, literal: int) -> "_Joined":
        """Give what one literal asks."""
        found = self.alone[literal]
        if found is None:
            found = self.alone[literal] = self._asked(self.fields[literal >> 1], (literal,))
        return found

    def _asked(self, asked: int, literals: tuple[int, ...]) -> "_Joined":
        """Join the literals on one field; those of most rules were joined before."""
        if literals not in self.joined:
            made = self._of_field(asked, literals)
            asks = made.states != ANY_STATE or bool(made.unwanted)
            self.joined[literals] = _Joined(made, asks, is_never=not made.states)
        return self.joined[literals]

    def _of_field(self, asked: int, literals: Iterable[int]) -> FieldCondition:
        """Join the literals on one field: a test that holds makes it valued."""
        states = ANY_STATE
        sides: tuple[set[int], set[int]] = (set(), set())
        for literal in literals:
            test, negated = self.scope.asked[literal // 2], literal % 2
            if isinstance(test, InState):
                states &= ~test.states if negated else test.states
            else:
                sides[negated].add(self._number(literal))
        wanted, unwanted = sides
        if wanted:
            states &= State.VALUED
        if wanted & unwanted:
            states = State(0)
        if not states & State.VALUED:
            unwanted = set()
        return FieldCondition(asked, states, tuple(sorted(wanted)), tuple(sorted(unwanted)))

    def _condition(self, condition: FieldCondition) -> int:
        """Give the number of a condition; equal ones are one."""
        if condition not in self.known:
            made = self.known[condition] = len(self.plan.conditions)
            self.plan.conditions.append(condition)
            self.plan.postings.append([])
            for test in condition.wanted:
                self.plan.mentions[test].append(2 * made)
            for test in condition.unwanted:
                self.plan.mentions[test].append(2 * made + 1)
        return self.known[condition]

    def _place_masks(self) -> None:
        """Make the masks: a clause is missing where its condition wants what is not so."""
        plan = self.plan
        plan.all = bytes(_bits(plan))
        by_field: list[list[int]] = [[] for _ in self.rows]
        for made, condition in enumerate(plan.conditions):
            by_field[condition.field].append(made)
        for found in by_field:
            is_asked_by_few = sum(len(plan.postings[made]) for made in found) <= self.few
            plan.few_of.append(found if is_asked_by_few else [])
            if is_asked_by_few:
                plan.mask_of += [NO_SET] * len(STATES)
            else:
                plan.mask_of += map(self._set, self._masks(found))

    def _masks(self, asked: list[int]) -> Iterator[bytearray]:
        """Give by state the clauses that hold when no test of the field does."""
        of_states, base = list[int](), bytearray(self.plan.all)
        for made in asked:
            if self.plan.conditions[made].wanted:
                without(base, self.plan.postings[made])
            else:
                of_states.append(made)
        for state in STATES:
            mask = base[:]
            for made in of_states:
                if not self.plan.conditions[made].states & state:
                    without(mask, self.plan.postings[made])
            yield mask

    @property
    def few(self) -> int:
        """How many clauses are kept by number: a set of all is longer to walk."""
        return max(FEW, self.plan.words // 2)

    def _place_cells(self) -> None:
        """Make the sets of cells, but for fields whose tests virtual booleans ask."""
        plan = self.plan
        asked = {step.first for step in plan.steps if step.ask is Ask.TEST}
        by_field: dict[int, list[int]] = {}
        for known, condition in enumerate(plan.conditions):
            by_field.setdefault(condition.field, []).append(known)
        for place, row in enumerate(self.rows):
            mask = plan.mask_of[len(STATES) * place + STATES.index(State.VALUED)]
            made = CellMasks()
            if mask != NO_SET:
                conditions = {known: self._asked_of(known) for known in by_field[place]}
                made = self._cells_of(row, plan.sets[mask], conditions, asked)
            plan.cells.append(made)
            plan.cell_sets.append([-1 if each is None else self._set(each) for each in made.sets])

    def _asked_of(self, known: int) -> Asked:
        """Give what a condition asks of values."""
        condition = self.plan.conditions[known]
        return Asked(
            frozenset(condition.wanted),
            frozenset(condition.unwanted),
            self.plan.postings[known],
            is_possible=bool(condition.states & State.VALUED),
        )

    def _cells_of(
        self, row: FieldRow, mask: bytes, conditions: dict[int, Asked], asked: set[int]
    ) -> CellMasks:
        first = self.scope.tests.start
        ranges = [(reach, test - first) for reach, test in row.ranges]
        tests = {test for _, test in ranges}
        literals = (*row.exact.values(), *row.folded.values())
        texts = [[test - first for test in each] for each in literals]
        tests.update(test for each in texts for test in each)
        if not conditions or tests & asked:
            return CellMasks()
        if ranges:
            return of_ordered(mask, conditions, 2 * len(row.constants) + 1, ranges)
        return of_texts(mask, conditions, texts, self.few)

    def _set(self, clauses: bytes | bytearray) -> int:
        """Give the number of a set of clauses; equal ones are one."""
        found = self.sets.setdefault(bytes(clauses), len(self.sets))
        if found == len(self.plan.sets):
            self.plan.sets.append(bytes(clauses))
        return found

    def _place_large(self) -> None:
        """Make sets of the clauses of conditions where a set is the shorter way."""
        size = len(self.plan.rules) // 8
        for clauses in self.plan.postings:
            if len(clauses) <= self.few:
                self.plan.set_of.append(-1)
                continue
            made = bytearray(size)
            for clause in clauses:
                made[clause // 8] |= 1 << clause % 8
            self.plan.set_of.append(self._set(made))

    def _place_alone(self) -> None:
        """Note the tests that need no counting."""
        plan = self.plan
        for mentions in plan.mentions:
            found = mentions[0] // 2 if len(mentions) == 1 and mentions[0] % 2 == 0 else -1
            if found >= 0:
                condition = plan.conditions[found]
                if len(condition.wanted) > 1 or condition.unwanted or plan.set_of[found] >= 0:
                    found = -1
            plan.alone_of.append(found)

    def _place_ranks(self) -> None:
        """Put the most telling fields first."""
        plan = self.plan
        masks = plan.mask_of[STATES.index(State.VALUED) :: len(STATES)]
        left = [
            len(plan.rules) if mask == NO_SET else int.from_bytes(plan.sets[mask]).bit_count()
            for mask in masks
        ]
        plan.ranks = [0] * len(left)
        for rank, place in enumerate(sorted(range(len(left)), key=left.__getitem__)):
            plan.ranks[place] = rank

    def _place_virtuals(self) -> None:
        """Write down the steps of the virtual booleans."""
        plan = self.plan
        virtuals = self.forest.virtuals
        places = self._write(virtuals)
        if virtuals:
            plan.wants = [
                tuple(places[virtuals[number]] for number in self.wanting.get(clause, ()))
                for clause in range(len(plan.rules))
            ]

    def _write(self, wanted: list[int]) -> dict[int, int]:
        """Write down the steps that compute some nodes, parts before what they are parts of."""
        steps, operands = self.plan.steps, self.plan.operands
        places: dict[int, int] = {}
        for node in sorted(_reachable(self.forest, wanted)):
            made = self.forest.nodes[node]
            places[node] = len(steps)
            if made.kind is Kind.LITERAL:
                steps.append(self._literal_step(made.literal))
                continue
            begin = len(operands)
            operands += [places[part] for part in made.parts]
            ask = Ask.ALL if made.kind is Kind.AND else Ask.ANY
            steps.append(Step(ask, negated=False, first=begin, second=begin + len(made.parts)))
        return places

    def _literal_step(self, literal: int) -> Step:
        test, negated = self.scope.asked[literal // 2], bool(literal % 2)
        if isinstance(test, InState):
            return Step(Ask.STATE, negated, test.field, int(test.states))
        return Step(Ask.TEST, negated, self._number(literal), 0)

    def _number(self, literal: int) -> int:
        """Give the number of the test of a literal, in its scope."""
        test = self.scope.asked[literal // 2]
        assert not isinstance(test, InState)
        return self.scope.numbers[test] - self.scope.tests.start


def ordered(clauses: Clauses) -> Iterable[Clause]:
    """Give the clauses of a rule in an order that depends on nothing but what they ask."""
    return clauses if len(clauses) == 1 else sorted(clauses, key=sorted)


def without(mask: bytearray, clauses: Iterable[int]) -> None:
    """Take clauses out of a set."""
    for clause in clauses:
        mask[clause >> 3] &= ~(1 << (clause & 7))


def _bits(plan: ClausePlan) -> bytearray:
    """Give the set of all clauses."""
    bits = sum((1 << end) - (1 << begin) for begin, end in plan.live)
    return bytearray(bits.to_bytes(len(plan.rules) // 8, "little"))


def _reachable(forest: Forest, wanted: Iterable[int]) -> set[int]:
    """Give the nodes that some nodes are made of."""
    found: set[int] = set()
    waiting = list(wanted)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(forest.nodes[node].parts)
    return found
