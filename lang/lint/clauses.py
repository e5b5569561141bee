"""RT402: conditions that multiply out into more cases than the engine's index keeps apart."""

from math import prod

from roteiro.core.program import Among, Condition, Conjunction, Holds, Negation, Some, Test
from roteiro.lang import nodes, typed
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint

MOST = 32
"""Cases of one rule."""
SHOWN = 10**6


def look(program: Program) -> None:
    """Report rules of guard and tables with too many cases."""
    guard = program.typed.guard
    if guard is not None and program.names.guard is not None:
        of_rules(program, program.names.guard.rules, guard.rules)
    for table in program.typed.tables:
        of_rules(program, program.names.tables[table.name].rules, table.rules)


def of_rules(
    program: Program,
    written: tuple[nodes.Rule | nodes.GuardRule, ...],
    rules: tuple[typed.TypedRule | typed.TypedGuardRule, ...],
) -> None:
    """Report the rules of one table."""
    for rule in rules:
        program.lowered(rule.condition)
    tests = tuple(program.shared.tests)
    places = {rule.name.text: rule.name.span for rule in written}
    for rule in rules:
        count = cases(program.lowered(rule.condition), tests, positive=True)
        if count > MOST:
            program.report.add(
                "RT402",
                places[rule.name],
                "many_cases",
                help=hint("many_cases_help"),
                name=rule.name,
                count=min(count, SHOWN),
                limit=MOST,
            )


def cases(condition: Condition, tests: tuple[Test, ...], *, positive: bool) -> int:
    """Count the conjunctions of a condition in disjunctive form.

    Alternatives of one attribute are one: they are a set.
    """
    if isinstance(condition, Holds):
        return 1
    if isinstance(condition, Negation):
        return cases(condition.part, tests, positive=not positive)
    parts = condition.parts
    if isinstance(condition, Conjunction) is positive:
        return prod(cases(part, tests, positive=positive) for part in parts)
    fields = [field_of(part, tests) if positive else None for part in parts]
    sets = len(set(fields) - {None})
    others = (part for part, field in zip(parts, fields, strict=True) if field is None)
    return sets + sum(cases(part, tests, positive=positive) for part in others)


def field_of(condition: Condition, tests: tuple[Test, ...]) -> int | None:
    """Give the field of a part that is a set of values of it."""
    test = tests[condition.test] if isinstance(condition, Holds) else None
    return test.field if isinstance(test, Some) and isinstance(test.match, Among) else None
