"""RT201: `true` and `false` where a condition should ask the object something.

In the guard, whose grammar wants a condition, a condition that is nothing but `true` is meant.
"""

from roteiro.lang import nodes
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program, Stated, within
from roteiro.lang.report import hint
from roteiro.lang.source import Span

WHEN = "when"


def look(program: Program) -> None:
    """Report constants in conditions."""
    for each in program.stated:
        if isinstance(each.condition, nodes.Constant):
            alone(program, each, each.condition)
            continue
        for part in within(each.condition):
            if isinstance(part, nodes.Constant):
                key = "constant_part_true" if part.value else "constant_part_false"
                helped = hint("constant_part_help")
                program.report.add("RT201", part.span, key, help=helped)


def alone(program: Program, each: Stated, constant: nodes.Constant) -> None:
    """Report a condition that is a constant and nothing else."""
    if not constant.value:
        helped = hint("constant_false_help")
        program.report.add("RT201", constant.span, "constant_false", help=helped)
    elif isinstance(each.owner, nodes.Rule):
        fix = without_when(program, constant)
        program.report.add(
            "RT201", constant.span, "constant_true", help=hint("constant_true_help"), fix=fix
        )


def without_when(program: Program, constant: nodes.Constant) -> Fix | None:
    """Delete `when true`, if that is all there is between the words."""
    text = program.report.source_of(constant.span).text
    before = text[: constant.span.start].rstrip()
    if not before.endswith(WHEN):
        return None
    start = len(before) - len(WHEN)
    end = constant.span.end + (text[constant.span.end : constant.span.end + 1] == " ")
    return Fix(Span(start, end, constant.span.file), "", safe=True)
