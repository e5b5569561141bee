"""RT123 and RT403: patterns that say little, and patterns that are large to match."""

import re
from collections import deque

from roteiro.core.program import Expression
from roteiro.lang import nodes
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program, comparisons
from roteiro.lang.report import hint
from roteiro.lang.simulate import END, Places, holds
from roteiro.lang.source import Span

HABIT = re.compile(r"\.\*((?:[^\\.*+?{}()|\[\]^$]|\\[^\w])+)\.\*\Z")
"""A plain text with `.*` before and behind it."""
ESCAPED = re.compile(r"\\(.)")
STATES = 4096
"""Sets of places that the engine keeps of one pattern; what needs more takes longer."""
WORK = 400_000
"""Steps of counting at most; who takes more is not reported."""


def look(program: Program) -> None:
    """Report patterns, each where it is written."""
    for node, leaf in comparisons(program):
        elements = (
            node.right.elements if isinstance(node.right, nodes.SetLiteral) else (node.right,)
        )
        patterns = [one for one in elements if isinstance(one, nodes.Regex)]
        for pattern, expression in zip(patterns, leaf.expressions, strict=False):
            habit(program, node, pattern)
            if len(patterns) == len(leaf.expressions) and too_many(expression):
                helped = hint("regex_states_help")
                program.report.add("RT403", pattern.span, "regex_states", help=helped, limit=STATES)


def habit(program: Program, node: nodes.Comparison, pattern: nodes.Regex) -> None:
    """Report `.*x.*`, which `contains` says better."""
    found = HABIT.match(pattern.pattern)
    if found is None:
        return
    plain = ESCAPED.sub(r"\1", found[1]).replace('"', '\\"')
    better = f'contains {"i" if pattern.folded else ""}"{plain}"'
    alone = node.right is pattern
    span = Span(node.operator_span.start, pattern.span.end, pattern.span.file)
    program.report.add(
        "RT123",
        pattern.span,
        "regex_habit",
        help=hint("write", word=better),
        fix=Fix(span, f"not {better}" if node.negated else better, safe=False) if alone else None,
    )


# How many states a pattern has ------------------------------------------------------------------


def too_many(expression: Expression) -> bool:
    """Whether a pattern comes to more sets of places than the engine keeps."""
    places = Places()
    begin = places.before(expression, END)
    classes = sorted({low for chars, _ in places.takes.values() for low, _ in chars.ranges})
    ends = {high + 1 for chars, _ in places.takes.values() for _, high in chars.ranges}
    points = sorted({*classes, *ends})
    first = taking(places, {begin})
    known, waiting, work = {first}, deque((first,)), 0
    while waiting:
        held = waiting.popleft()  # the nearest first: their sets are small, so many are counted
        for point in points:
            work += len(held)
            reached = after(places, held, point)
            if reached and reached not in known:
                known.add(reached)
                waiting.append(reached)
            if len(known) > STATES:
                return True
        if work > WORK:
            return False
    return False


def taking(places: Places, reached: set[int]) -> frozenset[int]:
    """Give the places that these lead on to and that take a character, or are the end."""
    return frozenset(places.onward(reached) - places.leads.keys())


def after(places: Places, held: frozenset[int], point: int) -> frozenset[int]:
    """Give what a set of places becomes when a character is read."""
    taken = (places.takes[place] for place in held if place in places.takes)
    return taking(places, {onward for chars, onward in taken if holds(chars, point)})
