"""Expressions against Python's own engine, and what would take that one for ever."""

import re
import time
from collections.abc import Callable

import pytest
from generators.automata import A, B, expressions
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.automaton import SIZE_LIMIT, Automaton, is_too_large
from roteiro.core.program import (
    Chars,
    Choice,
    Expression,
    Field,
    Matches,
    Program,
    Repeat,
    Sequence,
    Some,
    Source,
    ValueType,
)


def written(expression: Expression) -> str:
    """Write an expression as Python's engine takes it."""
    match expression:
        case Chars(ranges):
            inner = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
            return f"[{inner}]" if inner else "(?!)"
        case Sequence(parts):
            return "".join(f"(?:{written(part)})" for part in parts)
        case Choice(parts):
            return "|".join(f"(?:{written(part)})" for part in parts) if parts else "(?!)"
        case Repeat(part, least, most):
            return f"(?:{written(part)}){{{least},{'' if most is None else most}}}"


texts = st.text("ab\u00fc\U0001f600\n", max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.lists(expressions, max_size=3), st.lists(texts, max_size=8), st.integers(0, 3))
def test_expressions_against_another_engine(
    asked: list[Expression], values: list[str], states: int
) -> None:
    patterns = [re.compile(written(each), re.DOTALL) for each in asked]
    expected = [any(pattern.fullmatch(value) for pattern in patterns) for value in values]
    assert [Automaton(tuple(asked)).accepts(value) for value in values] == expected
    assert [Automaton(tuple(asked), states).accepts(value) for value in values] == expected


def test_hostile_expressions_take_linear_time() -> None:
    nested = Repeat(Repeat(Choice((A, A, Repeat(A, 0, None))), 0, None), 0, None)
    tail = Sequence((Repeat(Choice((A, B)), 0, None), A, *[Choice((A, B))] * 20))
    begin = time.perf_counter()
    assert not Automaton((nested,)).accepts("a" * 60_000 + "b")
    automaton = Automaton((tail,))  # two million states if it kept all
    value = "".join("ab"[number * number % 7 % 2] for number in range(5_000))
    assert automaton.accepts(value) is bool(re.fullmatch("[ab]*a[ab]{20}", value))
    assert time.perf_counter() - begin < 20


def test_expressions_nest_deep() -> None:
    deep: Expression = A
    for _ in range(5_000):
        deep = Choice((Sequence((deep,)), B))
    assert not is_too_large(deep)
    assert Automaton((deep,)).accepts("a")


def test_size_has_a_limit() -> None:
    assert is_too_large(Repeat(Repeat(Repeat(A, 100, 100), 100, 100), 100, None))
    assert is_too_large(Repeat(Sequence(()), 0, SIZE_LIMIT))
    assert not is_too_large(Repeat(Repeat(A, 0, 100), 10, 100))


@pytest.mark.parametrize(
    ("value", "holds"), [(b"HEAD", True), (b"head_12", True), (b"HEAD_", False), (b"X\\HEAD", True)]
)
def test_matches_in_engines(
    both: Callable[[Program], object],
    tests_program: Callable[..., Program],
    explicit: object,
    *,
    value: bytes,
    holds: bool,
) -> None:
    letters = [Chars(((ord(sign), ord(sign)), (ord(sign) + 32, ord(sign) + 32))) for sign in "HEAD"]
    number = Sequence((Chars(((95, 95),)), Repeat(Chars(((48, 57),)), 1, None)))
    match = Matches((Sequence((*letters, Repeat(number, 0, 1))),))
    field = Field(Source.ELEMENT, ValueType.TEXT, 0x00181030, "LO")
    twins = both(tests_program((field,), (Some(0, match),)))
    assert twins.fired(explicit.element(0x00181030, "LO", value)) == ({"0"} if holds else set())
