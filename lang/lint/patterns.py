"""RT123 and RT403: patterns that say little, and patterns that are large to match."""

import re

from roteiro.core.program import Chars, Choice, Expression, Repeat, Sequence
from roteiro.lang import nodes
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.program import Program, comparisons
from roteiro.lang.report import hint
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
    begin = places.before(expression, 0)
    classes = sorted({low for chars, _ in places.takes.values() for low, _ in chars.ranges})
    ends = {high + 1 for chars, _ in places.takes.values() for _, high in chars.ranges}
    points = sorted({*classes, *ends})
    first = places.onward({begin})
    known, waiting, work = {first}, [first], 0
    while waiting:
        held = waiting.pop()
        for point in points:
            work += len(held)
            after = places.after(held, point)
            if after and after not in known:
                known.add(after)
                waiting.append(after)
            if len(known) > STATES:
                return True
        if work > WORK:
            return False
    return False


class Places:
    """A pattern as places: those that take a character, and those that lead on without one."""

    def __init__(self) -> None:
        """Begin with the end alone, place 0."""
        self.takes: dict[int, tuple[Chars, int]] = {}
        self.leads: dict[int, list[int]] = {}
        self.count = 1

    def new(self) -> int:
        """Give the number of a new place."""
        self.count += 1
        return self.count - 1

    def before(self, expression: Expression, after: int) -> int:
        """Give the place from which an expression leads to the place `after`."""
        match expression:
            case Chars():
                place = self.new()
                self.takes[place] = (expression, after)
                return place
            case Sequence(parts):
                for part in reversed(parts):
                    after = self.before(part, after)
                return after
            case Choice(parts):
                return self.fork([self.before(part, after) for part in parts])
            case Repeat():
                return self.repeated(expression, after)

    def fork(self, places: list[int]) -> int:
        """Give a place that leads on to any of these."""
        place = self.new()
        self.leads[place] = places
        return place

    def repeated(self, repeat: Repeat, after: int) -> int:
        """Write a repeat out."""
        place = after
        if repeat.most is None:
            place = self.fork([after])
            self.leads[place].append(self.before(repeat.part, place))
        for _ in range((repeat.most or repeat.least) - repeat.least):
            place = self.fork([after, self.before(repeat.part, place)])
        for _ in range(repeat.least):
            place = self.before(repeat.part, place)
        return place

    def onward(self, places: set[int]) -> frozenset[int]:
        """Give the places that take a character, or are the end, which these lead on to."""
        reached, waiting = set(places), list(places)
        while waiting:
            for place in self.leads.get(waiting.pop(), ()):
                if place not in reached:
                    reached.add(place)
                    waiting.append(place)
        return frozenset(reached - self.leads.keys())

    def after(self, held: frozenset[int], point: int) -> frozenset[int]:
        """Give what a set of places becomes when a character is read."""
        return self.onward(
            {
                self.takes[place][1]
                for place in held
                if place in self.takes
                and any(low <= point <= high for low, high in self.takes[place][0].ranges)
            }
        )
