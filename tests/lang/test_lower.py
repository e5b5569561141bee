"""Lowering is exact: the predicate table of 2c against the three tests of the engine."""

from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import combinations_with_replacement

import pytest
from generators.conditions import ENVELOPES, conditions, elements
from generators.encode import encode
from generators.handmade import SPAN, TEXT, compare, element, program, rule, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core.program import (
    Among,
    Condition,
    Conjunction,
    Deliver,
    Disjunction,
    Encoding,
    Every,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Interval,
    Match,
    Matches,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Some,
    SomeItem,
    Source,
    State,
    Test,
    ValueType,
)
from roteiro.lang import typed as typed_tree
from roteiro.lang.diagnostics import Level
from roteiro.lang.elements import read
from roteiro.lang.folding import folded
from roteiro.lang.lower import lower
from roteiro.lang.reference import Reference, Subject
from roteiro.lang.regex import parse
from roteiro.lang.settings import Settings
from roteiro.lang.simulate import describes

OPERATORS = {
    # as written: what a value has to satisfy, the negation left out
    '== "B"': lambda v: v == "B",
    '!= "B"': lambda v: v == "B",
    'in { "B", "C" }': lambda v: v in {"B", "C"},
    'not in { "B", "C" }': lambda v: v in {"B", "C"},
    'contains "B"': lambda v: "B" in v,
    'not contains "B"': lambda v: "B" in v,
    'starts with { "B", "C" }': lambda v: v.startswith(("B", "C")),
    'not starts with { "B", "C" }': lambda v: v.startswith(("B", "C")),
    'ends with "B"': lambda v: v.endswith("B"),
    'not ends with "B"': lambda v: v.endswith("B"),
    'like "B*"': lambda v: v.startswith("B"),
    'not like "B*"': lambda v: v.startswith("B"),
}
VALUES = [
    values for size in (1, 2, 3) for values in combinations_with_replacement(("A", "B", "C"), size)
]
ELEMENTS = [
    *((State.VALUED, values) for values in VALUES),
    *((state, ()) for state in (State.ABSENT, State.EMPTY, State.INVALID)),
]


def wanted(quantifier: str, negated: bool, satisfies, state: State, values) -> bool:
    """The predicate table of 2c, word by word."""
    if quantifier == "" and negated:
        return state is State.VALUED and not any(satisfies(v) for v in values)
    op = (lambda v: not satisfies(v)) if negated else satisfies
    if quantifier == "all":
        return state is State.VALUED and all(op(v) for v in values)
    some = any(op(v) for v in values)
    return not some if quantifier == "no" else some


def matches(match: Among | Pattern, value) -> bool:
    if isinstance(match, Among):
        return value in match.values or any(inside(one, value) for one in match.intervals)
    how = {
        PatternKind.CONTAINS: lambda text: text in value,
        PatternKind.STARTS: value.startswith,
        PatternKind.ENDS: value.endswith,
        PatternKind.LIKE: lambda text: value.startswith(text.rstrip("*")),
    }[match.kind]
    return any(how(text) for text in match.texts)


def inside(interval: Interval, value) -> bool:
    low, high = interval.low, interval.high
    above = low is None or value > low or (interval.low_closed and value == low)
    below = high is None or value < high or (interval.high_closed and value == high)
    return above and below


def holds(condition: Condition, program: Program, state: State, values) -> bool:
    if isinstance(condition, Negation):
        return not holds(condition.part, program, state, values)
    if isinstance(condition, Conjunction):
        return all(holds(part, program, state, values) for part in condition.parts)
    if isinstance(condition, Disjunction):
        return any(holds(part, program, state, values) for part in condition.parts)
    test = program.tests[condition.test]
    if isinstance(test, InState):
        return bool(test.states & state)
    found = [matches(test.match, value) for value in values]
    if isinstance(test, Some):
        return any(found)
    return state is State.VALUED and all(found)


def program_of(condition: str, examine) -> Program:
    typed, findings = examine(
        f'language 1\ntable t all {{ rule r {{ when {condition} nothing "x" }} }}\n'
    )
    assert not any(one.level is Level.ERROR for one in findings)
    assert typed is not None
    return lower(typed)


@pytest.mark.parametrize("quantifier", ["", "any", "all", "no"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_truth_table(quantifier: str, operator: str, examine) -> None:
    program = program_of(f"{quantifier} ImageType {operator}", examine)
    condition = program.tables[0].rules[0].condition
    negated = operator.startswith(("!=", "not "))
    truths = set()
    for state, values in ELEMENTS:
        expected = wanted(quantifier, negated, OPERATORS[operator], state, values)
        assert holds(condition, program, state, values) == expected, (state, values)
        truths.add(expected)
    assert truths == {True, False}


ORDERS = {
    "< 5": lambda v: v < 5,
    "<= 5": lambda v: v <= 5,
    "> 5": lambda v: v > 5,
    ">= 5": lambda v: v >= 5,
    "== 5": lambda v: v == 5,
    "in 4..5": lambda v: 4 <= v <= 5,
    "in { 4, 6..7 }": lambda v: v == 4 or 6 <= v <= 7,
}


@pytest.mark.parametrize("quantifier", ["", "any", "all", "no"])
@pytest.mark.parametrize("operator", ORDERS)
def test_truth_table_of_numbers(quantifier: str, operator: str, examine) -> None:
    program = program_of(f"{quantifier} Rows {operator}", examine)
    condition = program.tables[0].rules[0].condition
    numbers = [Decimal(number) for number in (3, 4, 5, 6, 7, 8)]
    elements = [(State.VALUED, pair) for pair in combinations_with_replacement(numbers, 2)] + [
        (State.ABSENT, ()),
        (State.INVALID, ()),
    ]
    for state, values in elements:
        expected = wanted(quantifier, False, ORDERS[operator], state, values)
        assert holds(condition, program, state, values) == expected, (state, values)


@pytest.mark.parametrize(
    ("written", "states"),
    [
        ("absent", State.ABSENT),
        ("empty", State.EMPTY),
        ("blank", State.ABSENT | State.EMPTY),
        ("valued", State.VALUED),
        ("invalid", State.INVALID),
    ],
)
def test_states(written: str, states: State, examine) -> None:
    program = program_of(f"ImageType is {written}", examine)
    assert program.tests == (InState(0, states),)
    assert program.tables[0].rules[0].condition == Holds(0)


def test_equal_fields_and_tests_are_one(examine) -> None:
    program = program_of(
        'Modality in { "CT", "MR" } or (0008,0060) in { "MR", "CT" } or not Modality != "CT"'
        ' or assoc.calling_ae == "CT"',
        examine,
    )
    assert len(program.fields) == 2
    among = [test.match for test in program.tests if isinstance(test, Some | Every)]
    assert among == [Among(("CT", "MR")), Among(("CT",)), Among(("CT",))]


def test_time_that_wraps_midnight_is_two_half_lines(examine) -> None:
    program = program_of("StudyTime in 22:00..06:00:00.5", examine)
    hour = 3600 * 1_000_000
    intervals = (Interval(22 * hour, None), Interval(None, 6 * hour + 500_000))
    assert program.tests == (Some(0, Among((), intervals)),)


RULES = """\
language 1
node p { ae = "P" host = "h" port = 104 }
guard {
  rule a { when Modality == "XX" drop "x" }
  otherwise { pass }
}
table t first {
  rule low priority -1 { when Modality == "CT" send to p }
  rule one { when Modality == "MR" send to p urgency low }
  rule high priority 5 { when Modality == "US" send to p, p urgency stat hold q "r" hold q "r" }
  rule two { when Modality == "PT" nothing "n" }
  otherwise { send to p }
}
table u all { rule r { send to p } }
test "q" { given { Modality = "US" } expect hold q }
"""


def test_rules_are_in_key_order_with_their_full_names(examine) -> None:
    typed, findings = examine(RULES)
    assert not any(one.level is Level.ERROR for one in findings)
    program = lower(typed)
    assert program.guard is not None
    assert [rule.name for rule in program.guard.rules] == ["guard.a"]
    names = [rule.name for rule in program.tables[0].rules]
    assert names == ["t.high", "t.one", "t.two", "t.low"]
    assert program.tables[0].rules[0].effects[0] == Deliver("p", urgency="stat")
    assert len(program.tables[0].rules[0].effects) == 2
    assert program.tables[0].otherwise == (Deliver("p"),)
    assert program.tables[1].rules[0].condition == Conjunction(())
    assert program.tables[1].otherwise == ()


def test_rule_set_is_the_digest_of_the_text(examine) -> None:
    one, _ = examine(RULES)
    two, _ = examine(RULES + "\n")
    assert one is not None
    assert two is not None
    assert one.rule_set.startswith("sha256:")
    assert one.rule_set != two.rule_set
    assert lower(one).rule_set == one.rule_set


# Every test of the engine, on objects -------------------------------------------------------------


def meets(match: Match, field: Field, value) -> bool:
    """What `core.program` says of a match, in its own words."""
    if isinstance(match, Matches):
        return any(describes(each, value) for each in match.expressions)
    if isinstance(match, Pattern):
        how = HOW[match.kind]
        return any(how(value, text) for text in match.texts) or any(
            how(folded(value), text) for text in match.folded
        )
    if field.type is ValueType.NAME:
        groups = folded(value).split("=") + [""] * 9
        wanted = [literal.split("=") for literal in match.folded]
        return any(
            all(groups[at] == group for at, group in enumerate(literal) if group)
            for literal in wanted
        )
    among = value in match.values or any(inside(one, value) for one in match.intervals)
    return among or (bool(match.folded) and folded(value) in match.folded)


def like(value: str, pattern: str) -> bool:
    return fnmatchcase(value, pattern.replace("[", "[[]"))


HOW = {
    PatternKind.CONTAINS: str.__contains__,
    PatternKind.STARTS: str.startswith,
    PatternKind.ENDS: str.endswith,
    PatternKind.LIKE: like,
    PatternKind.UNDER: lambda value, text: (
        value.split(".")[: text.count(".") + 1] == text.split(".")
    ),
}


def passes(test: Test, fields: tuple[Field, ...], subject: Subject) -> bool:
    field = fields[test.field]
    value = subject.value(field)
    match test:
        case InState(_, states):
            return value.state in states
        case Some(_, match_):
            return any(meets(match_, field, each) for each in value.values)
        case Every(_, match_):
            return value.state is State.VALUED and all(
                meets(match_, field, each) for each in value.values
            )
    items = [true(test.inside.condition, test.inside, item) for item in subject.items(field)]
    return any(items) if isinstance(test, SomeItem) else bool(items) and all(items)


def true(condition: Condition, scope: Program | Inside, subject: Subject) -> bool:
    match condition:
        case Holds(test):
            return passes(scope.tests[test], scope.fields, subject)
        case Negation(part):
            return not true(part, scope, subject)
        case Conjunction(parts):
            return all(true(part, scope, subject) for part in parts)
        case Disjunction(parts):
            return any(true(part, scope, subject) for part in parts)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(conditions(), min_size=1, max_size=3), elements(), ENVELOPES)
def test_lowering_means_the_same_on_objects(wanted, made, envelope) -> None:
    named = (rule(f"r{at}", each, Deliver("pacs")) for at, each in enumerate(wanted))
    typed = program(table("t", *named))
    lowered = lower(typed)
    reference = Reference(typed)
    data = encode(made, Encoding.EXPLICIT_LITTLE)
    reading = read(data, Encoding.EXPLICIT_LITTLE, reference.tested)
    if reading.damage is None:
        subject = reference.subject(reading, envelope)
        found = [
            each.name for each in lowered.tables[0].rules if true(each.condition, lowered, subject)
        ]
        assert tuple(found) == reference.decide(data, Encoding.EXPLICIT_LITTLE, envelope).rules


def lowered_of(*wanted: typed_tree.Condition) -> Program:
    return lower(program(table("t", *(rule(f"r{at}", each) for at, each in enumerate(wanted)))))


REQUESTS = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00400275, "SQ")
STEP_ID = element(0x00400009, "SH")


def has(quantifier: str, *texts: str) -> typed_tree.Has:
    inner = compare(STEP_ID, "in", *texts)
    return typed_tree.Has(REQUESTS, quantifier, inner, SPAN, TEXT)


def test_items_have_fields_and_tests_of_their_own() -> None:
    made = lowered_of(has("any", "A", "B"), has("no", "B", "A"), has("all", "A"))
    inside = Inside((STEP_ID,), (Some(0, Among(("A", "B"))),), Holds(0))
    assert made.fields == (REQUESTS,)
    assert made.tests[0] == SomeItem(0, inside)
    assert [each.condition for each in made.tables[0].rules] == [
        Holds(0),
        Negation(Holds(0)),
        Holds(1),
    ]
    assert isinstance(made.tests[1], EveryItem)


def test_expressions_and_folded_texts_are_shared_by_what_they_are() -> None:
    name = element(0x00100010, "PN", ValueType.NAME)
    equal = [replace(compare(name, "in"), folded=order) for order in (("b", "a"), ("a", "b", "a"))]
    assert lowered_of(*equal).tests == (Some(0, Among((), (), ("a", "b"))),)
    expressions = parse("a|b", folded=False), parse("a", folded=True)
    modality = element(0x00080060, "CS")
    test = replace(compare(modality, "matches"), expressions=(*expressions, expressions[0]))
    assert lowered_of(test).tests == (Some(0, Matches(expressions)),)
    contains = replace(compare(modality, "contains", "X"), folded=("b", "a"))
    pattern = Pattern(PatternKind.CONTAINS, ("X",), ("a", "b"))
    assert lowered_of(contains).tests == (Some(0, pattern),)


def test_the_zone_is_the_program_s() -> None:
    typed = replace(program(), settings=Settings(zone="Europe/Berlin"))
    assert lower(typed).zone == "Europe/Berlin"
