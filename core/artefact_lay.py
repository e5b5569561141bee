"""Lays a plan out as the parts of a file: numbers in rows, and no pointers.

What points is an index into another part. A list of lists is two parts: by list where it begins and
ends, and all items one after the other. The order of the members of a record is that of the
structures in `artefact.pxd`, `bitset.pxd` and `values.pxd`.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, chain

from roteiro.core.artefact_literals import Literals
from roteiro.core.artefact_notes import Notes, encoded
from roteiro.core.artefact_parts import Key, Kind
from roteiro.core.clause_plan import ClausePlan, Found
from roteiro.core.clauses import Clauses
from roteiro.core.plan import Plan, lay_out
from roteiro.core.program import Program, Source, ValueType, View
from roteiro.core.scopes import FieldRow
from roteiro.core.validate import validate
from roteiro.core.vrs import BY_CHARACTER_SET, COMPONENTS

NONE = 0xFFFFFFFF
MOST = 0xFFFFFFFF
"""A position or an item beyond which there are none."""
WHOLE_GROUP = 0xFFFF
MEMBER, CLOCK, COUNT, DAYS, NAME, CHARSET, COMPONENT, FOLDED, INSTANT = (
    1 << bit for bit in range(9)
)
"""Bits of a field's record, as `artefact.FieldFlag`."""
PIXELS = Decimal(1)
"""Pixel Representation is a field of its own: whether its first value is 1."""

Parts = dict[Key, bytes]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program laid out."""

    parts: Parts
    found: Found
    """The clauses of its rules."""


def laid(program: Program, known: Sequence[Clauses] | None = None) -> Compiled:
    """Lay a program out. Raises `ProgramError` when no engine can run it.

    When the clauses of its rules are `known` it was looked at before: see `plan.lay_out`.
    """
    if known is None:
        validate(program)
    plan = lay_out(program, known)
    return Compiled(lay_plan(plan, program), plan.found)


def lay_plan(plan: Plan, program: Program) -> Parts:
    """Lay a plan out."""
    literals = Literals()
    parts = _fields(plan, literals)
    pixels = literals.decimal_of(PIXELS)
    parts |= literals.parts(plan.every)
    parts |= _levels(plan) | _rules(plan)
    for number, clauses in enumerate(plan.clauses):
        parts |= {(kind, number): part for kind, part in _clauses(clauses).items()}
    notes = Notes.of(plan, program, pixels, literals.machines)
    parts[Kind.NOTES, 0] = encoded(notes)
    return parts


def words(values: Iterable[int]) -> bytes:
    """Write numbers of four bytes."""
    return array("I", values).tobytes()


def signed(values: Iterable[int]) -> bytes:
    """Write numbers of four bytes that may be negative."""
    return array("i", values).tobytes()


def ends_of(sizes: Iterable[int]) -> bytes:
    """Write where things that lie side by side end."""
    return words(accumulate(sizes))


def lists(items: Sequence[Sequence[int]]) -> tuple[bytes, bytes]:
    """Write lists: where each begins and ends, and what is in them."""
    ends = list(accumulate(map(len, items)))
    begins = [0, *ends[:-1]] if ends else []
    return words(chain.from_iterable(zip(begins, ends, strict=True))), words(
        chain.from_iterable(items)
    )


# Rules --------------------------------------------------------------------------------------------


def _rules(plan: Plan) -> Parts:
    """Write down what each rule is called and does."""
    numbering = plan.numbering
    names = [name.encode("utf-8", "surrogatepass") for name in numbering.names]
    creators = [creator.encode("utf-8", "surrogatepass") for creator in plan.creators]
    return {
        (Kind.NAMES, 0): b"".join(names),
        (Kind.NAME_ENDS, 0): ends_of(map(len, names)),
        (Kind.VERDICT_OF, 0): _chosen(numbering.verdicts),
        (Kind.EFFECTS_OF, 0): _chosen(numbering.effects),
        (Kind.STOPS, 0): bytes(plan.stops),
        (Kind.CREATORS, 0): b"".join(creators),
        (Kind.CREATOR_ENDS, 0): ends_of(map(len, creators)),
    }


def _chosen(items: Sequence[object]) -> bytes:
    """Write which of the distinct items each is."""
    known = {item: place for place, item in enumerate(dict.fromkeys(items))}
    return words(map(known.__getitem__, items))


# Levels and fields --------------------------------------------------------------------------------


def _levels(plan: Plan) -> Parts:
    rows = (
        number
        for row in plan.levels
        for number in (
            *(row.begin, row.plain, row.end, max(row.last, 0)),
            *(row.character_set & NONE, row.pixel_representation & NONE),
        )
    )
    slots = (
        number
        for slot in plan.slots
        for number in (slot.tag, int(slot.is_read), slot.level, slot.creator)
    )
    return {(Kind.LEVELS, 0): words(rows), (Kind.SLOTS, 0): words(slots)}


def _fields(plan: Plan, literals: Literals) -> Parts:
    """Write a record for each field, and the lists that belong to them."""
    records: list[int] = []
    slots, hops, items, items_of = (list[int]() for _ in range(4))
    machines: Parts = {}
    for number, row in enumerate(plan.rows):
        places = (len(slots), len(row.slots), len(hops) // 2, len(row.steps))
        asked = (len(items) // 2, sum(map(len, row.items)), len(items_of), len(row.items))
        records += [*_record(row), *places, row.scope, *asked, *literals.fill(row)]
        slots += row.slots
        hops += [each for slot, item in row.steps for each in (slot, min(item, MOST))]
        items += [int(each) for asking in row.items for one in asking for each in one]
        items_of += accumulate(map(len, row.items), initial=0)
        for place, machine in enumerate(literals.machines_of(row)):
            if machine is not None:
                machines[Kind.MACHINE, 2 * number + place] = machine
    return machines | {
        (Kind.FIELDS, 0): words(records),
        (Kind.FIELD_SLOTS, 0): words(slots),
        (Kind.HOPS, 0): words(hops),
        (Kind.ITEMS, 0): words(items),
        (Kind.ITEMS_OF, 0): words(items_of),
    }


def _record(row: FieldRow) -> list[int]:
    """Give what a field's record begins with: how it is read."""
    asked = row.asked
    group, component = 0, 0
    if asked.component:
        group, place = COMPONENTS[asked.component]
        component = WHOLE_GROUP if place is None else place
    codes = [_code(vr) for vr in (row.vr, row.signed_vr, row.text_vr)]
    return [
        *(row.kind, _flags(row), min(asked.position, MOST), group, component),
        *(*codes, row.classes),
    ]


def _flags(row: FieldRow) -> int:
    asked = row.asked
    found = {
        MEMBER: bool(row.name),
        CLOCK: asked.source is Source.CLOCK,
        COUNT: asked.view is View.COUNT,
        DAYS: asked.view is View.DAYS_SINCE,
        NAME: asked.type is ValueType.NAME,
        CHARSET: asked.vr in BY_CHARACTER_SET,
        COMPONENT: bool(asked.component),
        FOLDED: bool(row.folded) or bool(row.folded_patterns),
        INSTANT: asked.type is ValueType.INSTANT,
    }
    return sum(bit for bit, holds in found.items() if holds)


def _code(vr: str) -> int:
    return ord(vr[0]) << 8 | ord(vr[1]) if vr else 0


# Clauses ------------------------------------------------------------------------------------------


def _clauses(plan: ClausePlan) -> dict[Kind, bytes]:
    """Write the clauses of a scope."""
    return _masks(plan) | _conditions(plan) | _virtuals(plan)


def _masks(plan: ClausePlan) -> dict[Kind, bytes]:
    sections = (
        number & NONE
        for row in plan.sections
        for number in (row.begin, row.end, int(row.first), row.otherwise)
    )
    fields, tests = ((each.start, len(each)) for each in (plan.fields, plan.tests))
    return {
        Kind.CLAUSES: words((plan.words, *fields, *tests, plan.asked, len(plan.sets), plan.cap)),
        Kind.ALL: plan.all,
        Kind.SETS: b"".join(plan.sets),
        Kind.MASK_OF: words(plan.mask_of),
        Kind.RANKS: words(plan.ranks),
        Kind.SECTIONS: words(sections),
        Kind.RULES: words(plan.rules),
        **_cells(plan),
    }


def _cells(plan: ClausePlan) -> dict[Kind, bytes]:
    """Write the sets of cells."""
    rows, sets = list[int](), list[int]()
    lists_of: list[Sequence[int]] = []
    for made, numbers in zip(plan.cells, plan.cell_sets, strict=True):
        rows += (made.cells, made.shift, len(sets), len(lists_of))
        sets += numbers
        lists_of += made.turns
    turns_of, turns = lists(lists_of)
    return {
        Kind.CELLS: words(rows),
        Kind.CELL_SETS: signed(sets),
        Kind.TURNS_OF: turns_of,
        Kind.TURNS: turns,
    }


def _conditions(plan: ClausePlan) -> dict[Kind, bytes]:
    listed = [
        () if large >= 0 else clauses
        for clauses, large in zip(plan.postings, plan.set_of, strict=True)
    ]
    conditions_of, conditions = lists(plan.few_of)
    posting_of, postings = lists(listed)
    mention_of, mentions = lists(plan.mentions)
    return {
        Kind.CONDITIONS_OF: conditions_of,
        Kind.CONDITIONS: conditions,
        Kind.STATES: bytes(int(item.states) for item in plan.conditions),
        Kind.WANTED: words(len(item.wanted) for item in plan.conditions),
        Kind.SET_OF: signed(plan.set_of),
        Kind.POSTING_OF: posting_of,
        Kind.POSTINGS: postings,
        Kind.MENTION_OF: mention_of,
        Kind.MENTIONS: mentions,
        Kind.ALONE_OF: words(_alone(plan, listed)),
    }


def _alone(plan: ClausePlan, listed: Sequence[Sequence[int]]) -> Iterator[int]:
    """Give for each test where the clauses begin and end of the condition that it alone decides."""
    ends = list(accumulate(map(len, listed)))
    for condition in plan.alone_of:
        yield from (
            (0, 0) if condition < 0 else (ends[condition] - len(listed[condition]), ends[condition])
        )


def _virtuals(plan: ClausePlan) -> dict[Kind, bytes]:
    steps = (
        number
        for step in plan.steps
        for number in (step.ask, int(step.negated), step.first, step.second)
    )
    wants_of, wants = lists(plan.wants)
    return {
        Kind.STEPS: words(steps),
        Kind.OPERANDS: words(plan.operands),
        Kind.WANTS_OF: wants_of,
        Kind.WANTS: wants,
    }
