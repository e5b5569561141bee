"""Edits of whole items and rules, with the lines and the documentation that belong to them."""

from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint
from roteiro.lang.source import Source, Span

DOCUMENTING = "##"


def deletion(program: Program, span: Span, *, safe: bool) -> Fix:
    """Delete an item or a rule."""
    lines = whole_lines(program.report.source_of(span), span)
    return Fix(lines, "", safe, hint("delete_whole"))


def move(program: Program, rule: Span, before: Span) -> Fix | None:
    """Put a rule before another one that stands above it, if both have lines of their own."""
    source = program.report.source_of(rule)
    lines, target = whole_lines(source, rule), whole_lines(source, before)
    if lines == rule or target == before or rule.file != before.file or target.end > lines.start:
        return None
    moved = source.text[lines.start : lines.end]
    between = source.text[target.start : lines.start]
    end = "" if moved.endswith("\n") else "\n"
    number = source.position(before.start).line
    span = Span(target.start, lines.end, rule.file)
    return Fix(span, moved + end + between, safe=False, what=hint("move_above", line=number))


def whole_lines(source: Source, span: Span) -> Span:
    """Give an item with its documentation, and its lines if nothing else stands on them."""
    text = source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    end = len(text) if end < 0 else end + 1
    if text[start : span.start].strip() or text[span.end : end].strip():
        return span
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith(DOCUMENTING):
            break
        start = above
    return Span(start, end, span.file)
