"""RT202 and RT203: operands of one `and` or `or` that say the same, or that exclude each other."""

from itertools import chain, combinations, groupby

from roteiro.core.program import Condition, Conjunction
from roteiro.lang import nodes
from roteiro.lang.attributes import written
from roteiro.lang.diagnostics import Fix, Message
from roteiro.lang.lint.meaning import Key, Meaning
from roteiro.lang.lint.program import Program, within
from roteiro.lang.lint.proof import Prover, asked
from roteiro.lang.report import hint
from roteiro.lang.source import Span

PAIRS = 200
"""Pairs of one `and` that are looked at."""
WORDS = (["and"], ["or"])


def look(program: Program) -> None:
    """Report operands twice, and pairs of them that no object satisfies."""
    meaning = Meaning(program)
    exact = Prover(program.shared, program.owners)
    conformant = Prover(program.shared, program.owners, conformant=True)
    contradictions = Contradictions(program, meaning, exact, conformant)
    for _, stated in groupby(program.stated, lambda each: id(each.owner)):
        contradictions.turn()
        for part in chain.from_iterable(within(each.condition) for each in stated):
            if isinstance(part, nodes.And | nodes.Or):
                twice(program, meaning, part)
            if isinstance(part, nodes.And):
                contradictions.look(part)


def twice(program: Program, meaning: Meaning, condition: nodes.And | nodes.Or) -> None:
    """Report operands that stand there already."""
    first: dict[Key, nodes.Condition] = {}
    for before, part in zip((None, *condition.parts), condition.parts, strict=False):
        key = meaning.key(part)
        if key in first and not isinstance(part, nodes.Constant):
            label = program.report.label(first[key].span, "first_here")
            fix = deleted(program, before, part) if before is not None else None
            program.report.add("RT202", part.span, "operand_twice", labels=(label,), fix=fix)
        first.setdefault(key, part)


def deleted(program: Program, before: nodes.Condition, part: nodes.Condition) -> Fix | None:
    """Delete an operand with the word before it, if no parenthesis stands between."""
    text = program.report.source_of(part.span).text
    plain = text[before.span.end : part.span.start].split() in WORDS
    span = Span(before.span.end, part.span.end, part.span.file)
    return Fix(span, "", safe=True) if plain else None


class Contradictions:
    """Looks for two operands of one `and` that no object passes together."""

    def __init__(
        self, program: Program, meaning: Meaning, exact: Prover, conformant: Prover
    ) -> None:
        """Prove by `exact`, or by `conformant`, which trusts the dictionary's VM."""
        self.report = program.report
        self.meaning = meaning
        self.exact = exact
        self.conformant = conformant

    def turn(self) -> None:
        """Begin with what another rule or item states: all of it has one time."""
        self.exact.turn()
        self.conformant.turn()

    def look(self, condition: nodes.And) -> None:
        """Report the first pair."""
        parts = [part for part in condition.parts if not isinstance(part, nodes.Constant)]
        for checked, (first, second) in enumerate(combinations(parts, 2)):
            if checked == PAIRS or self.found(first, second):
                return

    def found(self, first: nodes.Condition, second: nodes.Condition) -> bool:
        """Report two operands that exclude each other."""
        one, other = self.meaning.of(first), self.meaning.of(second)
        if not self.related(one, other):
            return False
        both = Conjunction((one, other))
        notes: tuple[Message, ...] = (hint("proof_exact"),)
        if not self.exact.never(both):
            if not self.conformant.never(both):
                return False
            notes = (hint("assumes_one_value", name=self.name(one, other)),)
        if self.exact.never(one) or self.exact.never(other):
            return False  # that one says so by itself
        label = self.report.label(first.span, "excluded_by")
        self.report.add("RT203", second.span, "contradiction", labels=(label,), notes=notes)
        return True

    def related(self, one: Condition, other: Condition) -> bool:
        """Whether two conditions ask for a field that both do."""
        return bool(self.fields(one) & self.fields(other))

    def fields(self, condition: Condition) -> set[int]:
        """Give the fields of a condition."""
        tests = self.exact.tests()
        return {tests[number].field for number in asked(condition)}

    def name(self, one: Condition, other: Condition) -> str:
        """Give the attribute that both conditions ask for, by name the first."""
        shared = list(self.exact.shared.fields)
        return min(written(shared[field]) for field in self.fields(one) & self.fields(other))
