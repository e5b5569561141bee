"""Each comparison against a plain oracle: cells, decimals, floats, patterns."""

import re
import struct
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from roteiro.core.cells import constants, plant, ranges
from roteiro.core.program import (
    Among,
    Encoding,
    Envelope,
    Every,
    Field,
    Interval,
    Pattern,
    PatternKind,
    Program,
    Some,
    Source,
    ValueType,
)
from roteiro.core.pure_matches import like

ELEMENT = Source.ELEMENT
TAG = 0x00180050
LETTERS = "ab*?é日"
relaxed = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
digits = st.text("0123456789", max_size=25)


@st.composite
def decimal_texts(draw: st.DrawFn) -> str:
    """Give decimals as data sets hold them: signs, zeros and points everywhere."""
    whole, fraction = draw(digits), draw(digits)
    if not whole and not fraction:
        whole = "0"
    point = "." if fraction else draw(st.sampled_from(("", ".")) if whole else st.just("."))
    text = draw(st.sampled_from(("", "+", "-"))) + whole + point + fraction
    if draw(st.booleans()):
        exponent = draw(st.integers(-30, 30) | st.sampled_from((-999_999_999, 999_999_999)))
        text += f"{draw(st.sampled_from('eE'))}{exponent:+}"
    return text


@st.composite
def decimals_near(draw: st.DrawFn, text: str) -> Decimal:
    """Give a literal that is equal, hardly apart, or far away."""
    value = Decimal(text)
    choice = draw(st.integers(0, 3))
    if choice == 0:
        return Decimal(draw(decimal_texts()))
    sign, shown, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if choice == 1:
        return Decimal((sign, (*shown, 0, 0), exponent - 2))
    return Decimal((sign, (*shown, *(0,) * draw(st.integers(0, 20)), 1), exponent - 21))


def relations(literal: Decimal) -> list[Some]:
    return [
        Some(0, Among((), (Interval(None, literal, high_closed=False),))),
        Some(0, Among((literal,))),
        Some(0, Among((), (Interval(literal, None, low_closed=False),))),
    ]


@relaxed
@given(st.data())
def test_decimals_compare_as_decimals(
    both: Callable[..., object],
    tests_program: Callable[..., Program],
    explicit: object,
    data: st.DataObject,
) -> None:
    text = data.draw(decimal_texts())
    literals = data.draw(st.lists(decimals_near(text), min_size=1, max_size=4))
    tests = [test for literal in literals for test in relations(literal)]
    twins = both(tests_program((Field(ELEMENT, ValueType.DECIMAL, TAG, "DS"),), tests))
    value = Decimal(text)
    expected = {
        str(3 * place + 1 + (value > literal) - (value < literal))
        for place, literal in enumerate(literals)
    }
    assert twins.fired(explicit.element(TAG, "DS", text.encode())) == expected


@relaxed
@given(
    st.data(),
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((0.1, -0.0, 5e-324, 1.7976931348623157e308)),
)
def test_floats_compare_as_fractions(
    both: Callable[..., object],
    tests_program: Callable[..., Program],
    explicit: object,
    data: st.DataObject,
    value: float,
) -> None:
    exact = Decimal(value)
    shortest = Decimal(repr(value))
    near = st.sampled_from((exact, shortest, exact * Decimal("1.00000000000000000001"), -exact))
    far = st.decimals(allow_nan=False, allow_infinity=False, places=3)
    beyond = st.sampled_from((Decimal("1e400"), Decimal("-1e400"), Decimal("1e-400")))
    literals = data.draw(st.lists(near | far | beyond, min_size=1, max_size=4))
    tests = [test for literal in literals for test in relations(literal)]
    twins = both(tests_program((Field(ELEMENT, ValueType.DECIMAL, TAG, "FD"),), tests))
    fraction = Fraction(value)
    expected = {
        str(3 * place + 1 + (fraction > Fraction(literal)) - (fraction < Fraction(literal)))
        for place, literal in enumerate(literals)
    }
    assert twins.fired(explicit.element(TAG, "FD", struct.pack("<d", value))) == expected


@relaxed
@given(st.integers(-(2**63), 2**64 - 1), st.decimals("-1e25", "1e25", places=1))
@example(-(2**63), Decimal(-(2**63)))
@example(2**64 - 1, Decimal(2**64))
def test_integers_compare_exactly(
    both: Callable[..., object],
    tests_program: Callable[..., Program],
    explicit: object,
    value: int,
    literal: Decimal,
) -> None:
    vr, code = ("SV", "q") if value < 0 else ("UV", "Q")
    tests = relations(literal) + relations(Decimal(value))
    twins = both(tests_program((Field(ELEMENT, ValueType.DECIMAL, TAG, vr),), tests))
    order = str(1 + (value > literal) - (value < literal))
    assert twins.fired(explicit.element(TAG, vr, struct.pack(f"<{code}", value))) == {order, "4"}


def test_exponents_of_a_billion_take_no_time(
    both: Callable[..., object], tests_program: Callable[..., Program], explicit: object
) -> None:
    literals = (Decimal("1.5"), Decimal(0), Decimal("-1e999"))
    tests = [test for literal in literals for test in relations(literal)]
    twins = both(tests_program((Field(ELEMENT, ValueType.DECIMAL, TAG, "DS"),), tests))
    huge = b"9" * 30_000 + b"." + b"9" * 30_000 + b"e999999999"
    assert twins.fired(explicit.element(TAG, "DS", huge)) == {"2", "5", "8"}
    assert twins.fired(explicit.element(TAG, "DS", b"-1e999999999")) == {"0", "3", "6"}
    assert twins.fired(explicit.element(TAG, "DS", b"1e-999999999")) == {"0", "5", "8"}
    assert twins.fired(explicit.element(TAG, "DS", b"0e999999999")) == {"0", "4", "8"}


# --- patterns ------------------------------------------------------------------------------------


TEXT_KINDS = [kind for kind in PatternKind if kind is not PatternKind.UNDER]


def naive(kind: PatternKind, pattern: str, value: str) -> bool:
    """Say what a pattern means with a regular expression."""
    if kind is PatternKind.LIKE:
        signs = {"*": ".*", "?": "."}
        expression = "".join(signs.get(sign, re.escape(sign)) for sign in pattern)
        return re.fullmatch(expression, value, re.DOTALL) is not None
    before = "" if kind is PatternKind.STARTS else ".*"
    after = "" if kind is PatternKind.ENDS else ".*"
    return re.fullmatch(before + re.escape(pattern) + after, value, re.DOTALL) is not None


@relaxed
@given(
    st.text(LETTERS, max_size=6),
    st.lists(st.text("abé日\n", min_size=1, max_size=8), min_size=1, max_size=3),
)
def test_patterns_against_regular_expressions(
    both: Callable[..., object],
    tests_program: Callable[..., Program],
    explicit: object,
    pattern: str,
    values: list[str],
) -> None:
    tests = [
        quantifier(0, Pattern(kind, (pattern,)))
        for quantifier in (Some, Every)
        for kind in TEXT_KINDS
    ]
    twins = both(tests_program((Field(ELEMENT, ValueType.TEXT, TAG, "UC"),), tests))
    found = [[naive(kind, pattern, value) for value in values] for kind in TEXT_KINDS]
    expected = {str(place) for place, hits in enumerate(found) if any(hits)}
    expected |= {str(place + 4) for place, hits in enumerate(found) if all(hits)}
    charset = explicit.element(0x00080005, "CS", b"ISO_IR 192")
    data = explicit.element(TAG, "UC", "\\".join(values).encode())
    assert twins.fired(charset + data) == expected


@given(st.text(LETTERS, max_size=8), st.text("abé", max_size=8))
def test_like_of_the_twin(pattern: str, value: str) -> None:
    assert like(pattern, value) == naive(PatternKind.LIKE, pattern, value)


def test_hostile_like_ends(engine: Callable[[Program], object], explicit: object) -> None:
    """A backtracking matcher would need longer than the universe lasts."""
    text = b"a" * 2000
    hostile = Some(0, Pattern(PatternKind.LIKE, ("*a" * 30 + "*b",)))
    field = Field(ELEMENT, ValueType.TEXT, TAG, "LO")
    matcher = engine(Program((field,), (hostile,), None, (), "sha256:test"))
    assert matcher.decide(explicit.element(TAG, "LO", text), explicit.encoding, Envelope())


# --- cells ---------------------------------------------------------------------------------------

ends = st.none() | st.integers(0, 12)
intervals = st.builds(Interval, ends, ends, st.booleans(), st.booleans())
amongs = st.builds(
    Among, st.lists(st.integers(0, 12), max_size=4).map(tuple), st.lists(intervals).map(tuple)
)


def reaches(
    matches: list[Among], ordered: list[int | Decimal]
) -> list[tuple[tuple[int, int], int]]:
    return [
        (reach, place) for place, match in enumerate(matches) for reach in ranges(match, ordered)
    ]


def accepts(match: Among, value: Fraction) -> bool:
    def inside(interval: Interval) -> bool:
        low, high = interval.low, interval.high
        above = low is None or value > low or (interval.low_closed and value == low)
        below = high is None or value < high or (interval.high_closed and value == high)
        return above and below

    return value in match.values or any(map(inside, match.intervals))


@given(st.lists(amongs, max_size=6))
def test_cells_against_intervals(matches: list[Among]) -> None:
    ordered = constants(matches)
    leaves = 2 * len(ordered) + 1
    found = [
        (reach, place) for place, match in enumerate(matches) for reach in ranges(match, ordered)
    ]
    tree = plant(leaves, found)
    for half in range(-1, 27):
        value = Fraction(half, 2)
        below = sum(constant < value for constant in ordered)
        node = leaves + 2 * below + (value in ordered)
        hits = []
        while node:
            hits += tree.items[tree.starts[node] : tree.starts[node + 1]]
            node //= 2
        expected = [place for place, match in enumerate(matches) if accepts(match, value)]
        assert sorted(hits) == expected, "each test once, and only these"


def test_overlapping_ranges_stay_small() -> None:
    matches = [Among((), (Interval(place, 4000 - place),)) for place in range(2000)]
    ordered = constants(matches)
    found = [
        (reach, place) for place, match in enumerate(matches) for reach in ranges(match, ordered)
    ]
    tree = plant(2 * len(ordered) + 1, found)
    assert len(tree.items) <= 2000 * 2 * 13


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000])
def test_exact_texts_in_number(
    both: Callable[..., object], tests_program: Callable[..., Program], explicit: object, count: int
) -> None:
    words = [f"STATION{place}" for place in range(count)]
    tests = [Some(0, Among((word, "SHARED"))) for word in words]
    twins = both(tests_program((Field(ELEMENT, ValueType.TEXT, TAG, "SH"),), tests))
    for place in range(0, count, 97):
        data = explicit.element(TAG, "SH", words[place].encode())
        assert twins.fired(data, Encoding.EXPLICIT_LITTLE) == {str(place)}
    assert len(twins.fired(explicit.element(TAG, "SH", b"SHARED"))) == count
    assert twins.fired(explicit.element(TAG, "SH", b"STATION")) == set()
