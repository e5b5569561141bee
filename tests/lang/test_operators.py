"""Operators on one value: case, patterns, sets, UIDs (2c, 2e; docs/reading.md 15)."""

from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase

import pytest
import re2
from generators.handmade import compare, element, member, program, rule, table
from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import Deliver, Encoding, Envelope, Interval, ValueType
from roteiro.lang.folding import folded
from roteiro.lang.operators import Right, matches
from roteiro.lang.reference import Reference
from roteiro.lang.regex import parse

TEXT = element(0x00081030, "LO")
UID = element(0x00080016, "UI")
NUMBER = element(0x00180050, "DS")
PEER = member("peer", ValueType.ADDRESS)


def stands(value, operator, *values, field=TEXT, fold=(), intervals=(), expressions=()):
    test = compare(field, operator, *values, intervals=intervals)
    test = replace(test, folded=tuple(map(folded, fold)), expressions=expressions)
    return matches(Right.of(test), value)


@pytest.mark.parametrize(
    ("value", "operator", "literal", "exact", "any_case"),
    [
        ("Chest CT", "contains", "CHEST", False, True),
        ("Chest CT", "starts with", "chest", False, True),
        ("Chest CT", "ends with", "ct", False, True),
        ("Chest CT", "like", "chest*?T", False, True),
        ("Chest CT", "==", "CHEST CT", False, True),
        ("Chest CT", "in", "chest ct", False, True),
        ("Chest CT", "==", "Chest", False, False),
        ("Stra\u00dfe", "==", "STRASSE", False, True),
        ("Stra\u00dfe", "like", "Stra?e", True, False),  # ? is one of the folded text
        ("Stra\u00dfe", "like", "stra??e", False, True),
        ("\u1e9e", "contains", "s", False, True),
        ("\u03a3\u03c2", "==", "\u03c3\u03c3", False, True),
        ("I", "==", "\u0131", False, False),
        ("caf\u00e9", "ends with", "E\u0301", False, True),
    ],
)
def test_where_case_does_not_count(value, operator, literal, exact, any_case):
    assert stands(value, operator, literal) == exact
    assert stands(value, operator, fold=[literal]) == any_case


@given(st.text("aB\u00df\u0130\u01f0\u0345\u03b1\u1fb3 ", max_size=6))
def test_the_folded_form_is_one(text):
    once = folded(text)
    assert folded(once) == once
    assert folded(text.upper()) == folded(text.upper().casefold())


@given(st.text("abA\n?*", max_size=6), st.text("abA*?\n", max_size=6))
def test_like_without_case_is_like_on_folded_texts(value, pattern):
    assert stands(value, "like", fold=[pattern]) == fnmatchcase(value.lower(), pattern.lower())


def test_exact_and_folded_texts_of_one_set():
    for operator in ("==", "in", "contains"):
        assert stands("ct", operator, "MR", fold=["CT"])
        assert stands("MR", operator, "MR", fold=["CT"])
        assert not stands("mr", operator, "MR", fold=["CT"])


@pytest.mark.parametrize(
    ("value", "literal", "result"),
    [
        ("1.2.840", "1.2.840", True),
        ("1.2.840.1", "1.2.840", True),
        ("1.2.8401", "1.2.840", False),
        ("1.2", "1.2.840", False),
        ("1.2.0840", "1.2.840", False),
        ("1.2.840", "1", True),
    ],
)
def test_under(value, literal, result):
    assert stands(value, "under", literal, field=UID) == result
    assert stands(value, "under", "9", literal, field=UID) == result


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5), st.integers(1, 5))
def test_a_uid_is_under_its_own_first_arcs(arcs, number):
    whole = ".".join(map(str, arcs))
    root = ".".join(map(str, arcs[:number]))
    assert stands(whole, "under", root, field=UID)
    assert stands(f"{whole}7", "under", f"{whole}7", field=UID)
    assert not stands(whole, "under", f"{root}9.9", field=UID)


def test_matches_takes_any_expression_and_the_whole_value():
    expressions = parse("HEAD(_[0-9]+)?", folded=True), parse("a.c", folded=False)
    for value, result in (("head_12", True), ("abc", True), ("a\nc", False), ("xabc", False)):
        assert stands(value, "matches", expressions=expressions) == result


@given(st.text("ab\u00e9K", max_size=5), st.sampled_from(["a*b?", "(a|ab)+", "[^a]*", "k+"]))
def test_matches_as_re2_does(value, pattern):
    options = re2.Options()
    options.case_sensitive = False
    theirs = re2.compile(pattern, options).fullmatch(value) is not None
    assert stands(value, "matches", expressions=(parse(pattern, folded=True),)) == theirs


# Sets ---------------------------------------------------------------------------------------------


@given(
    st.integers(-3, 9),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.booleans())),
    st.lists(st.integers(0, 6)),
)
def test_intervals_against_their_words(value, ends, values):
    """An interval of one value is looked up; it means the same."""
    intervals = tuple(
        Interval(Decimal(low), Decimal(high), low_closed, high_closed)
        for low, high, low_closed, high_closed in ends
    )
    inside = any(
        (low < value or (low_closed and low == value))
        and (value < high or (high_closed and value == high))
        for low, high, low_closed, high_closed in ends
    )
    found = stands(Decimal(value), "in", *map(Decimal, values), field=NUMBER, intervals=intervals)
    assert found == (inside or value in values)


def test_a_large_set_is_looked_up_in():
    """No element of a file of 100,000 is compared one by one; each program prepares it once."""
    numbers = range(100_000)
    person = element(0x00100010, "PN", ValueType.NAME)
    cases = [
        (compare(TEXT, "in", *map(str, numbers)), "77", "x"),
        (replace(compare(TEXT, "in"), folded=tuple(map(str, numbers))), "77", "x"),
        (replace(compare(person, "in"), folded=tuple(f"n{at}^x" for at in numbers)), "N7^X", "N7"),
        (compare(PEER, "in", intervals=tuple(Interval(at, at) for at in numbers)), 77, 100_000),
    ]
    for test, has, lacks in cases:
        right = Right.of(test)
        assert right.intervals == ()
        assert sum(map(len, (right.values, right.folded, *(each.groups for each in right.names))))
        assert len(right.names) <= 1
        assert matches(right, has)
        assert not matches(right, lacks)


def test_a_right_side_is_prepared_once():
    test = compare(TEXT, "in", "a", "b")
    reference = Reference(program(table("t", rule("r", test, Deliver("pacs")))))
    for _ in range(2):
        reference.decide(b"", Encoding.EXPLICIT_LITTLE, Envelope())
    assert reference.rights == {id(test): (test, Right.of(test))}
