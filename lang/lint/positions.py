"""RT213: a position in an attribute that has one value by the dictionary."""

from roteiro.core.program import Field, Source
from roteiro.lang import dictionary, nodes, typed
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program, within
from roteiro.lang.report import hint
from roteiro.lang.source import Span


def look(program: Program) -> None:
    """Report positions that are not needed."""
    for each in program.stated:
        for part in within(each.condition):
            if isinstance(part, nodes.Comparison | nodes.StateTest):
                leaf = program.leaves.get(part.span)
                if isinstance(leaf, typed.Compare | typed.IsState) and has_one(leaf.field):
                    found(program, part.path)


def has_one(field: Field) -> bool:
    """Whether a position was written for an attribute with one value."""
    if not field.position or field.source is not Source.ELEMENT or field.creator:
        return False
    known = dictionary.by_tag(field.tag)
    return known is not None and known.vm == "1"


def found(program: Program, path: nodes.Path) -> None:
    """Report a position; the first is the only one, and others are errors already."""
    step = next(one for one in reversed(path.steps) if one.position is not None)
    fix = Fix(Span(step.what.span.end, step.span.end, step.span.file), "", safe=False)
    program.report.add(
        "RT213",
        step.span,
        "position_first",
        help=hint("position_help"),
        fix=fix,
        name=program.report.text(step.what.span),
    )
