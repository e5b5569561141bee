"""Property: the engine gives the answers of the reference interpreter, for every kind of field.

Programs are drawn as the engine has them and turned to what the reference takes: not through the
text of the language, so that also what nobody can write (yet) is compared.
"""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core import build
from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Disjunction,
    Encoding,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Matches,
    Negation,
    Pattern,
    Program,
    Some,
    SomeItem,
    Test,
)
from roteiro.lang import typed
from roteiro.lang.reference import Reference
from roteiro.lang.settings import Settings
from roteiro.lang.source import NOWHERE, Source

from generators.engine import ENVELOPES, datasets, programs  # isort: skip

WRITTEN = Source("drawn", "")


def used(fields: tuple[Field, ...], tests: tuple[Test, ...]) -> tuple[tuple[Field, ...], ...]:
    """Leave out fields that no test asks: the reference knows only what conditions mention."""
    kept = sorted({test.field for test in tests})
    moved = tuple(
        replace(
            test,
            field=kept.index(test.field),
            **({"inside": trimmed(test.inside)} if isinstance(test, SomeItem | EveryItem) else {}),
        )
        for test in tests
    )
    return tuple(fields[number] for number in kept), moved  # type: ignore[return-value]


def trimmed(inside: Inside) -> Inside:
    fields, tests = used(inside.fields, inside.tests)
    return Inside(fields, tests, inside.condition)  # type: ignore[arg-type]


def as_typed(inside: Inside) -> typed.Condition:
    """Give a condition over some fields; tests that it leaves out are mentioned all the same."""
    tests = [one_typed(inside.fields[test.field], test) for test in inside.tests]
    mentioned = typed.Or((typed.Constant(value=True), *tests))
    return typed.And((mentioned, joined(inside.condition, tests)))


def joined(condition: Condition, tests: list[typed.Condition]) -> typed.Condition:
    match condition:
        case Holds(test):
            return tests[test]
        case Negation(part):
            return typed.Not(joined(part, tests))
        case Conjunction(parts):
            return typed.And(tuple(joined(part, tests) for part in parts))
        case Disjunction(parts):
            return typed.Or(tuple(joined(part, tests) for part in parts))


def one_typed(field: Field, test: Test) -> typed.Condition:
    match test:
        case InState(_, states):
            return typed.IsState(field, states, NOWHERE, WRITTEN)
        case SomeItem(_, inside):
            return typed.Has(field, "any", as_typed(inside), NOWHERE, WRITTEN)
        case EveryItem(_, inside):
            return typed.Has(field, "all", as_typed(inside), NOWHERE, WRITTEN)
    word, values, intervals, folded, expressions = "in", (), (), (), ()
    match test.match:
        case Among(values, intervals, folded):
            pass
        case Pattern(kind, values, folded):
            word = kind.value
        case Matches(expressions):
            word = "matches"
    return typed.Compare(
        field,
        "any" if isinstance(test, Some) else "all",
        word,
        False,
        values,
        intervals,
        NOWHERE,
        WRITTEN,
        folded,
        expressions,
    )


def reference(program: Program) -> Reference:
    """Give the reference for the same rules."""
    (table,) = program.tables
    inside = Inside(program.fields, program.tests, Conjunction(()))
    rules = tuple(
        typed.TypedRule(
            rule.name.removeprefix("t."),
            None,
            0,
            as_typed(replace(inside, condition=rule.condition)),
            rule.effects,
            NOWHERE,
        )
        for rule in table.rules
    )
    tables = (typed.TypedTable("t", False, rules, None, NOWHERE),)
    return Reference(typed.Typed(Settings(zone=program.zone), None, tables, (), "sha256:test"))


def with_used(program: Program) -> Program:
    fields, tests = used(program.fields, program.tests)
    return replace(program, fields=fields, tests=tests)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_engine_means_what_the_reference_means(data: st.DataObject) -> None:
    program = with_used(data.draw(programs()))
    slow, fast = reference(program), build(program)
    for _ in range(4):
        encoding = data.draw(st.sampled_from(list(Encoding)))
        dataset = data.draw(datasets(program, encoding))
        envelope = data.draw(ENVELOPES)
        outcome = fast.decide(dataset, encoding, envelope)
        assert outcome is not None
        assert outcome.decision == slow.decide(dataset, encoding, envelope)
