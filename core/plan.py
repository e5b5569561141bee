"""A program laid out for the compiled engine: everything by number, made once, at load time.

The rules are clauses (`clause_plan`) over the fields of the object. What is asked of the items of a
sequence is clauses too: all conditions on one sequence together, over the fields of one item, and
what fires for an item is the conditions that hold in it.
"""

from dataclasses import dataclass

from roteiro.core.clause_plan import ClausePlan, lay_out_clauses
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


def lay_out(program: Program) -> Plan:
    """Lay out a valid program."""
    top = tested(program)
    levels: Levels = number_levels(top)
    scopes = number_scopes(program, top, levels)
    numbering = number(program)
    clauses: list[ClausePlan] = []
    for scope in scopes.made:
        rows = scopes.rows[scope.fields.start : scope.fields.stop]
        alone = Section(0, len(scope.conditions), first=False, has_otherwise=False)
        clauses.append(lay_out_clauses(scope, rows, [alone] if clauses else numbering.sections))
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
    )
