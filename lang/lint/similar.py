"""RT223: many rules that do the same and differ in one value only: a set says it in one rule."""

from collections import defaultdict
from collections.abc import Iterator

from roteiro.lang import nodes
from roteiro.lang.lint.meaning import Key, Meaning
from roteiro.lang.lint.program import Program, within
from roteiro.lang.report import hint
from roteiro.lang.source import Span
from roteiro.lang.typed import TypedRule, TypedTable

MANY = 5
"""Rules from which on it is said."""
LONGEST = 8
"""Tests of a condition that is looked at."""
Ranked = list[tuple[TypedRule, nodes.Rule]]


def look(program: Program) -> None:
    """Report the first of many rules, once a table and shape."""
    if not program.beyond.similar:
        return
    meaning = Meaning(program)
    for table in program.typed.tables:
        for run in runs(program, table):
            shapes: dict[Key, list[nodes.Rule]] = defaultdict(list)
            for _, written in run:
                for shape in holes(meaning, written.condition):
                    shapes[shape].append(written)
            largest = max(shapes.values(), key=len, default=[])
            if len(largest) >= MANY:
                report(program, largest)


def runs(program: Program, table: TypedTable) -> Iterator[Ranked]:
    """Give rules with the same effects; of a `first` table those that follow each other."""
    written = {rule.name.text: rule for rule in program.names.tables[table.name].rules}
    groups: dict[object, Ranked] = defaultdict(list)
    turn, before = 0, None
    parted = False
    for rule in sorted(table.rules, key=lambda rule: -rule.priority):
        if table.first and (parted or rule.effects != before):
            turn, before = turn + 1, rule.effects
        parted = (table.name, rule.name) in program.beyond.parted
        groups[turn, rule.effects].append((rule, written[rule.name]))
    yield from groups.values()


def holes(meaning: Meaning, condition: nodes.Condition | None) -> Iterator[Key]:
    """Give the condition with each of its values left out in turn."""
    tests = [] if condition is None else list(values(condition))
    if condition is not None and len(tests) <= LONGEST:
        yield from (meaning.key(condition, span) for span in tests)


def values(condition: nodes.Condition) -> Iterator[Span]:
    """Give the comparisons with one value that a set could take over."""
    for part in within(condition):
        plain = isinstance(part, nodes.Comparison) and part.operator == "=="
        if plain and isinstance(part, nodes.Comparison) and not part.negated:
            yield part.span


def report(program: Program, rules: list[nodes.Rule]) -> None:
    """Report rules that could be one."""
    label = program.report.label(rules[1].name.span, "similar_next")
    program.report.add(
        "RT223",
        rules[0].name.span,
        "similar",
        labels=(label,),
        help=hint("similar_help"),
        count=len(rules),
        name=rules[0].name.text,
    )
