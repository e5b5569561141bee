"""RT401: what a rule asks that is known only when the whole object, or nearly, has come.

Everything else is decided while the object is still coming in.
"""

from roteiro.core.program import Field, Source
from roteiro.lang import nodes
from roteiro.lang.attributes import written
from roteiro.lang.lint.program import Program, Stated, within
from roteiro.lang.report import hint

PIXELS = 0x7FE00000
"""The group of pixel data; what is in it or behind it comes last."""
SIZE = "size"
Routing = nodes.ConditionItem | nodes.Rule | nodes.GuardRule


def look(program: Program) -> None:
    """Report tests of rules that forbid an early decision."""
    for each in program.stated:
        if isinstance(each.owner, Routing):
            of_condition(program, each)


def of_condition(program: Program, each: Stated) -> None:
    """Report the late tests of one condition."""
    for part in within(each.condition):
        leaf = program.leaves.get(part.span)
        if leaf is None or not isinstance(part, nodes.Comparison | nodes.StateTest):
            continue
        key = reason(leaf.field)
        if key is not None:
            program.report.add(
                "RT401",
                part.span,
                key,
                help=hint("late_help"),
                name=written(leaf.field),
            )


def reason(field: Field) -> str | None:
    """Say why a field is known late; nothing when it is not."""
    if field.source is Source.ENVELOPE:
        return "late_size" if field.name == SIZE else None
    first = field.steps[0].tag if field.steps else field.tag
    late = field.source is Source.ELEMENT and first >= PIXELS and not field.repeating
    return "late_tag" if late else None
