"""RT222: a condition of several tests that is written out more than once."""

from collections.abc import Iterator

from roteiro.lang import nodes
from roteiro.lang.diagnostics import Fix
from roteiro.lang.lint.meaning import Key, Meaning
from roteiro.lang.lint.program import Program, parts_of
from roteiro.lang.report import hint
from roteiro.lang.source import Span

TWICE = 2
"""Places from which on a condition is worth a name."""
TOLD = frozenset(("RT202", "RT302", "RT306", "RT320"))
"""Findings about rules and operands that are equal, which say enough."""
Compound = nodes.And | nodes.Or


def look(program: Program) -> None:
    """Report each condition at its second place; at all places when it has a name already."""
    meaning = Meaning(program)
    told = {found.span for found in program.report.findings if found.code in TOLD}
    told |= set(known_to_be_told(program))
    named = {
        meaning.key(item.condition): item
        for item in program.names.conditions.values()
        if isinstance(item.condition, Compound)
    }
    first: dict[Key, Span] = {}
    count: dict[Key, int] = {}
    for each in program.stated:
        if isinstance(each.owner, nodes.Rule | nodes.GuardRule) and each.owner.name.span in told:
            continue
        for part in compounds(each.condition):
            if part.span in told:
                continue
            key = meaning.key(part)
            item = named.get(key)
            if item is not None and item.condition.span != part.span:
                of_name(program, part, item)
            elif item is None:
                count[key] = count.get(key, 0) + 1
                if count[key] == TWICE:
                    again(program, part, first[key])
                first.setdefault(key, part.span)


def known_to_be_told(program: Program) -> Iterator[Span]:
    """Give the rules of which is known that they are equal to others."""
    known = program.beyond.shadowed | program.beyond.gone
    if known:
        for name, table in program.names.tables.items():
            yield from (rule.name.span for rule in table.rules if (name, rule.name.text) in known)


def compounds(condition: nodes.Condition) -> Iterator[Compound]:
    """Give the outermost parts that are an `and` or `or`, and those inside other parts."""
    waiting: list[nodes.Condition] = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Compound):
            yield part
        waiting.extend(reversed(parts_of(part)))


def of_name(program: Program, part: Compound, item: nodes.ConditionItem) -> None:
    """Report a condition that has a name."""
    name = f"@{item.name.text}"
    label = program.report.label(item.name.span, "named_here")
    program.report.add(
        "RT222",
        part.span,
        "condition_has_name",
        labels=(label,),
        fix=Fix(part.span, name, safe=True),
        name=name,
    )


def again(program: Program, part: Compound, first: Span) -> None:
    """Report a condition that stands elsewhere too."""
    label = program.report.label(first, "first_here")
    helped = hint("condition_again_help")
    program.report.add("RT222", part.span, "condition_again", labels=(label,), help=helped)
