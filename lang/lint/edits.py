"""Edits of whole items and rules, with the lines and the documentation that belong to them."""

import re

from roteiro.lang import nodes
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint
from roteiro.lang.source import Source, Span

GUARD = "guard"
FARTHEST = 16 * 1024
"""Characters over which a rule is moved by a fix; nobody looks over a longer one."""
BELONGING = re.compile(r"##|#\s*route:")
"""How comments begin that belong to what follows: documentation, and suppressions."""


def deletion(program: Program, span: Span, *, safe: bool) -> Fix:
    """Delete an item or a rule."""
    lines = whole_lines(program.report.source_of(span), span)
    return Fix(lines, "", safe, hint("delete_whole"))


def deletion_of_rule(
    program: Program, table: nodes.Table | nodes.Guard, rule: nodes.Rule | nodes.GuardRule
) -> Fix:
    """Delete a rule that never fires: safe unless somebody still counts on it.

    A test may name it, and a `first` table without `otherwise` must cover everything by its rules.
    """
    table_name = table.name.text if isinstance(table, nodes.Table) else GUARD
    named = f"{table_name}.{rule.name.text}" in program.expected
    counted = isinstance(table, nodes.Table) and table.mode == "first" and table.otherwise is None
    return deletion(program, rule.span, safe=not named and not counted)


def move(program: Program, rule: Span, before: Span) -> Fix | None:
    """Put a rule before another one that stands above it, if both have lines of their own."""
    source = program.report.source_of(rule)
    lines, target = whole_lines(source, rule), whole_lines(source, before)
    if lines == rule or target == before or rule.file != before.file or target.end > lines.start:
        return None
    if lines.end - target.start > FARTHEST:
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
        if not BELONGING.match(text[above:start].lstrip()):
            break
        start = above
    return Span(start, end, span.file)
