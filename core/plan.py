"""A program laid out for the compiled engine: everything by number, made once, at load time.

The rules are clauses (`clause_plan`) over the fields of the object. What is asked of the items of a
sequence is clauses too: all conditions on one sequence together, over the fields of one item, and
what fires for an item is the conditions that hold in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from roteiro.core.clause_plan import ClausePlan, Found, clauses_of, lay_out_clauses
from roteiro.core.clauses import Clauses, Forest
from roteiro.core.decision import Numbering, Section, number
from roteiro.core.levels import LevelRow, Levels, SlotRow, number_levels
from roteiro.core.program import Pass, Program
from roteiro.core.scopes import FieldRow, number_scopes
from roteiro.core.tested import reads_size, tested


@dataclass(slots=True)
class Plan:
    """A program, laid out."""

    numbering: Numbering
    reads_size: bool
    zone: str
    levels: list[LevelRow]
    slots: list[SlotRow]
    creators: list[str]
    """By number; 0 is none."""
    rows: list[FieldRow]
    """The fields of the object, then those of items."""
    fields: int
    """How many of them are the object's."""
    every: list[bool]
    """By test: whether all values must match."""
    clauses: list[ClausePlan]
    """Of each scope; the object's is the first."""
    stops: list[bool]
    """By number of a rule: whether the guard lets nothing further happen."""
    found: Found
    """The clauses of the rules."""


def lay_out(program: Program, known: Sequence[Clauses] | None = None) -> Plan:
    """Lay out a valid program.

    When the clauses of its rules are `known`, by number, their conditions are not looked at: these
    are clauses of rules each of which depends on its condition alone (`Found.is_usual`).
    """
    top = tested(program)
    levels: Levels = number_levels(top)
    scopes = number_scopes(program, top, levels)
    numbering = number(program)
    clauses: list[ClausePlan] = []
    given = None if known is None else Found(Forest(len(program.tests)), known)
    top_clauses = given or clauses_of(len(program.tests), scopes.made[0].conditions)
    for scope in scopes.made:
        rows = scopes.rows[scope.fields.start : scope.fields.stop]
        alone = Section(0, len(scope.conditions), first=False, has_otherwise=False)
        found = clauses_of(len(scope.asked), scope.conditions) if clauses else top_clauses
        sections = [alone] if clauses else numbering.sections
        clauses.append(lay_out_clauses(scope, rows, sections, found))
    return Plan(
        numbering,
        reads_size(program),
        program.zone,
        levels.rows,
        levels.slots,
        levels.creators,
        scopes.rows,
        len(scopes.made[0].fields),
        scopes.every,
        clauses,
        [not isinstance(verdict, Pass) for verdict in numbering.verdicts]
        + [False] * len(numbering.effects),
        top_clauses,
    )
