"""RT204: the two ends of a range, asked apart of an attribute that may have several values.

One value may lie above the one end and another below the other, and none between.
"""

from collections.abc import Iterator

from roteiro.core.program import Field, Interval, Source
from roteiro.lang import nodes, typed
from roteiro.lang.attributes import written
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.matches import overlap
from roteiro.lang.lint.program import Program, within
from roteiro.lang.lint.proof import single, vm_of
from roteiro.lang.report import hint
from roteiro.lang.source import Span

ORDERS = frozenset(("<", "<=", ">", ">="))
SOME = (None, "any")
End = tuple[nodes.Comparison, typed.Compare]


def look(program: Program) -> None:
    """Report pairs of ends in one `and`."""
    for each in program.stated:
        for part in within(each.condition):
            if isinstance(part, nodes.And):
                for low, high in pairs(list(ends(program, part))):
                    found(program, low, high)


def ends(program: Program, condition: nodes.And) -> Iterator[End]:
    """Give the comparisons of an `and` that are one end of a range."""
    for part in condition.parts:
        if isinstance(part, nodes.Comparison) and part.operator in ORDERS:
            leaf = program.leaves.get(part.span)
            if isinstance(leaf, typed.Compare) and splits(leaf):
                yield part, leaf


def splits(leaf: typed.Compare) -> bool:
    """Whether two values could meet two comparisons like this one."""
    plain = leaf.quantifier in SOME and not leaf.negated
    return plain and not single(leaf.field) and several(leaf.field)


def several(field: Field) -> bool:
    """Whether the dictionary gives an attribute several values."""
    return field.source is Source.ELEMENT and vm_of(field) not in {None, "1"}


def pairs(found: list[End]) -> Iterator[tuple[End, End]]:
    """Give each lower end with the first upper end of the same attribute."""
    for low in found:
        if low[0].operator.startswith(">"):
            for high in found:
                upper = high[0].operator.startswith("<")
                if upper and high[1].field == low[1].field and between(low[1], high[1]):
                    yield low, high
                    break


def between(low: typed.Compare, high: typed.Compare) -> bool:
    """Whether some value lies between two ends."""
    if not low.values or not high.values:
        return False
    above = Interval(low.values[0], None, low_closed=low.operator.endswith("="))
    below = Interval(None, high.values[0], high_closed=high.operator.endswith("="))
    return overlap(above, below)


def found(program: Program, low: End, high: End) -> None:
    """Report a range in two halves."""
    first, second = sorted((low[0], high[0]), key=lambda one: one.span.start)
    report = program.report
    ends_at = (report.text(low[0].right.span), report.text(high[0].right.span))
    better = f"{report.text(low[0].path.span)} in {ends_at[0]}..{ends_at[1]}"
    closed = low[0].operator == ">=" and high[0].operator == "<="
    fix = None
    if closed and beside(report.source_of(first.span).text, first.span, second.span):
        fix = Fix(Span(first.span.start, second.span.end, first.span.file), better, safe=False)
    report.add(
        "RT204",
        second.span,
        "split_range",
        labels=(report.label(first.span, "split_range_first"),),
        help=hint("write", word=better) if closed else hint("split_range_help", word=better),
        fix=fix,
        name=written(low[1].field),
        vm=vm_of(low[1].field),
    )


def beside(text: str, first: Span, second: Span) -> bool:
    """Whether nothing but `and` stands between two tests."""
    return text[first.end : second.start].split() == ["and"]
