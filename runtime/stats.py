"""What a compiled program takes, counted in the file alone: sizes, bounds, and who went over them.

Every bound of the compiler is a row: what it is, its limit, and how much of it was used. What goes
over one is decided by the slower exact way, which is told by its rules.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from roteiro.core.artefact_parts import OTHERS, Kind
from roteiro.core.cell_masks import BUDGET as CELL_BYTES
from roteiro.core.clause_plan import NO_SET, SPREAD, STATES
from roteiro.core.clauses import CAP
from roteiro.core.machines_build import NO_STATES, TOO_LARGE, Budget
from roteiro.lang.attributes import tag_text
from roteiro.runtime.artefacts import sources_of

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact

FIELD_WORDS = 32
"""Words of a field's record."""
SLOT_WORDS = 4
CELL_LIMIT = 2 * CELL_BYTES
"""Of the sets of one field's cells: the budget says how many cells share a set, which is a power of
two."""
SET_BYTES = 16
"""Of a set for a condition, by clause that has it: there is one where a list would be longer."""
BY_WHY = {TOO_LARGE: "automaton_states", NO_STATES: "trie_states"}
"""Which bound a machine has gone over."""
PARTS: dict[str, tuple[Kind, ...]] = {
    "sets": (Kind.ALL, Kind.SETS),
    "clauses": tuple(
        kind
        for kind in Kind
        if kind >= Kind.CLAUSES and kind not in {Kind.ALL, Kind.SETS, Kind.TURNS, Kind.TURNS_OF}
    ),
    "cells": (Kind.CELLS, Kind.CELL_SETS, Kind.TURNS, Kind.TURNS_OF),
    "literals": tuple(kind for kind in Kind if Kind.BLOB <= kind <= Kind.PLACES),
    "machines": (Kind.MACHINE,),
    "fields": tuple(kind for kind in Kind if Kind.CREATORS <= kind <= Kind.ITEMS_OF),
    "rules": (Kind.NAMES, Kind.NAME_ENDS, Kind.VERDICT_OF, Kind.EFFECTS_OF, Kind.STOPS, Kind.NOTES),
}
"""Groups of parts as people see them; `site` is what the core knows nothing of."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of the compiler."""

    name: str
    limit: int
    used: int
    """Of the one that needs most."""


@dataclass(frozen=True, slots=True)
class Over:
    """What is decided by the slower exact way."""

    name: str
    """Of the bound."""
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """What a compiled program takes."""

    rule_set: str
    release: str
    engine: str
    sources: tuple[str, ...]
    bytes: int
    rules: int
    """Without what happens otherwise."""
    clauses: int
    fields: int
    tests: int
    cells: int
    """That the values of fields fall into."""
    sets: int
    """Sets of clauses: the buckets that values lead to."""
    states: int
    """Of the machines that look for texts."""
    scopes: int
    """Sequences whose items are asked, and the object."""
    tags: int
    last_tag: str | None
    parts: dict[str, int]
    """Bytes."""
    bounds: tuple[Bound, ...]
    over: tuple[Over, ...]

    def document(self) -> dict[str, object]:
        """Give the JSON document."""
        return asdict(self)


def stats_of(artefact: "Artefact", release: str, engine: bytes) -> Stats:
    """Count what a compiled program takes."""
    return _Counter(artefact).stats(release, engine)


class _Counter:
    """Counts over one file."""

    def __init__(self, artefact: "Artefact") -> None:
        self.artefact = artefact
        self.sections = self.numbers(Kind.SECTIONS)
        self.records = self.numbers(Kind.FIELDS)

    def numbers(self, kind: Kind, number: int = 0) -> memoryview:
        """Give a part as numbers of four bytes; an empty one when it is not there."""
        found = self.artefact.part(kind, number, "I")
        return memoryview(b"").cast("I") if found is None else found

    def stats(self, release: str, engine: bytes) -> Stats:
        """Put all together."""
        notes = self.artefact.notes
        last = max(self.tags(), default=-1)
        return Stats(
            rule_set=notes.rule_set,
            release=release,
            engine=engine.hex()[:16],
            sources=tuple(name for name, _ in sources_of(self.artefact).files),
            bytes=len(self.artefact.data),
            rules=len(self.artefact.numbering.names) - len(self.sections) // 4,
            clauses=sum(map(self.clauses, range(self.artefact.scopes))),
            fields=len(notes.fields),
            tests=len(self.artefact.part(Kind.IS_EVERY) or b""),
            cells=sum(self.cells(field) for field in range(len(notes.fields))),
            sets=sum(self.numbers(Kind.CLAUSES, scope)[6] for scope in range(self.artefact.scopes)),
            states=sum(one.size.states for one in notes.machines),
            scopes=self.artefact.scopes,
            tags=len(self.tags()),
            last_tag=tag_text(last) if last >= 0 else None,
            parts=self.bytes_of_parts(),
            bounds=tuple(self.bounds()),
            over=tuple(self.over()),
        )

    # Sizes ----------------------------------------------------------------------------------------

    def tags(self) -> list[int]:
        """Give the elements of the object that are looked at; of private ones the lowest block."""
        levels, slots = self.numbers(Kind.LEVELS), self.numbers(Kind.SLOTS)
        return [slots[SLOT_WORDS * place] for place in range(levels[0], levels[2])]

    def clauses(self, scope: int) -> int:
        """Count the clauses of a scope."""
        return int.from_bytes(self.artefact.part(Kind.ALL, scope) or b"", "little").bit_count()

    def cells(self, field: int) -> int:
        """Count the cells of a field: its texts, or its constants and what lies between."""
        record = self.records[FIELD_WORDS * field : FIELD_WORDS * (field + 1)]
        texts, constants = record[25], record[27]
        return texts or (2 * constants + 1 if constants else 0)

    def bytes_of_parts(self) -> dict[str, int]:
        """Give the bytes of each group of parts; `rest` is the table and what fills parts up."""
        groups = {int(kind): name for name, kinds in PARTS.items() for kind in kinds}
        found = dict.fromkeys((*PARTS, "site"), 0)
        for kind, _, size in self.artefact.parts():
            found["site" if kind >= OTHERS else groups[kind]] += size
        return found | {"rest": len(self.artefact.data) - sum(found.values())}

    # Bounds ---------------------------------------------------------------------------------------

    def bounds(self) -> Iterator[Bound]:
        """Give every bound, and the most that was used of it."""
        budget, taken = Budget(), [one.taken for one in self.artefact.notes.machines]
        rules = len(self.artefact.numbering.names)
        yield Bound("clauses_of_rule", self.cap(), self.most_clauses())
        yield Bound("clauses", SPREAD * rules + CAP, self.clauses(0))
        yield Bound("set_bytes", self.set_limit(), len(self.artefact.part(Kind.SETS) or b""))
        yield Bound("cell_bytes", CELL_LIMIT, self.most_cell_bytes())
        for name, limit, used in (
            ("trie_states", budget.states, [one.tries for one in taken]),
            ("automaton_states", budget.states, [one.automata for one in taken]),
            ("expression_states", budget.expression_states, [one.largest for one in taken]),
            ("automaton_bytes", budget.bytes, [one.bytes for one in taken]),
        ):
            yield Bound(name, limit, max(used, default=0))

    def cap(self) -> int:
        """Give how many clauses a rule of a table may have."""
        return self.numbers(Kind.CLAUSES)[7]

    def most_clauses(self) -> int:
        """Give the clauses of the rule that has most."""
        all_clauses = self.artefact.part(Kind.ALL) or memoryview(b"")
        counts: dict[int, int] = {}
        for place, rule in enumerate(self.numbers(Kind.RULES)):
            if all_clauses[place // 8] >> place % 8 & 1:
                counts[rule] = counts.get(rule, 0) + 1
        return max(counts.values(), default=0)

    def most_cell_bytes(self) -> int:
        """Give the bytes of the sets of cells of the field that has most."""
        cells = self.numbers(Kind.CELLS)
        sets = self.numbers(Kind.CELL_SETS)
        size = len(self.artefact.part(Kind.ALL) or b"")
        begins = [*cells[2::4], len(sets)]
        return max(
            (size * len({*sets[begin:end]} - {NO_SET}) for begin, end in pairwise(begins)),
            default=0,
        )

    def set_limit(self) -> int:
        """Give how many bytes the sets may take.

        A mask for each field and state, sets of cells by their budget, and no more than so many
        bytes for each clause that a condition has.
        """
        size = len(self.artefact.part(Kind.ALL) or b"")
        fields = self.numbers(Kind.CLAUSES)[2]
        listed = len(self.numbers(Kind.POSTINGS)) + sum(
            self.held(0, number).bit_count() for number in self.numbers(Kind.SET_OF)
        )
        return fields * (len(STATES) * size + CELL_LIMIT) + SET_BYTES * listed

    # Who went over one ----------------------------------------------------------------------------

    def over(self) -> Iterator[Over]:
        """Give what is decided by the slower way, with its rules."""
        for scope in range(self.artefact.scopes):
            wants = self.lists(Kind.WANTS_OF, scope)
            rules = {self.numbers(Kind.RULES, scope)[c] for c, found in enumerate(wants) if found}
            if rules:
                yield Over("clauses_of_rule", self.names(scope, rules))
        for machine in self.artefact.notes.machines:
            by_why: dict[str, set[int]] = {}
            for fallback in machine.size.fallbacks:
                by_why.setdefault(fallback.why, set()).add(fallback.test)
            scope = self.scope_of(machine.place // 2)
            for why, tests in by_why.items():
                yield Over(BY_WHY[why], self.names(scope, self.asking(scope, tests)))

    def names(self, scope: int, rules: set[int]) -> tuple[str, ...]:
        """Name rules; what is asked of items is of no rule alone."""
        names = self.artefact.numbering.names
        return tuple(names[rule] for rule in sorted(rules)) if scope == 0 else ()

    def scope_of(self, field: int) -> int:
        """Give the scope that a field is of."""
        for scope in range(self.artefact.scopes):
            _, first, fields, *_ = self.numbers(Kind.CLAUSES, scope)
            if first <= field < first + fields:
                return scope
        raise AssertionError(field)

    def asking(self, scope: int, tests: set[int]) -> set[int]:
        """Give the rules that ask some tests, in their clauses or in what is computed apart."""
        first = self.numbers(Kind.CLAUSES, scope)[3]
        mentions = self.lists(Kind.MENTION_OF, scope)
        conditions = {each >> 1 for test in tests for each in mentions[test - first]}
        rules = self.numbers(Kind.RULES, scope)
        return {rules[clause] for each in conditions for clause in self.clauses_of(scope, each)}

    def clauses_of(self, scope: int, condition: int) -> Iterator[int]:
        """Give the clauses of a condition: a list, or a set."""
        number = self.numbers(Kind.SET_OF, scope)[condition]
        if number == NO_SET:
            yield from self.lists(Kind.POSTING_OF, scope)[condition]
            return
        held = self.held(scope, number)
        yield from (place for place in range(held.bit_length()) if held >> place & 1)

    def held(self, scope: int, number: int) -> int:
        """Give the bits of a set of clauses; none where there is no set."""
        if number == NO_SET:
            return 0
        size = 8 * self.numbers(Kind.CLAUSES, scope)[0]
        sets = self.artefact.part(Kind.SETS, scope) or b""
        return int.from_bytes(sets[size * number : size * (number + 1)], "little")

    def lists(self, kind: Kind, scope: int) -> list[memoryview]:
        """Give lists, by number."""
        ends = self.numbers(kind, scope)
        items = self.numbers(Kind(kind + 1), scope)
        return [items[begin:end] for begin, end in zip(ends[::2], ends[1::2], strict=True)]
