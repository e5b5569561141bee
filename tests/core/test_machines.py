"""The machines of patterns against the plain predicates, and what would take them for ever."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from unittest import mock

import pytest
from generators.automata import ANY, A, B, expressions
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core import build as build_matcher
from roteiro.core import tries
from roteiro.core.automaton import Automaton, Code
from roteiro.core.machines import TextMachine
from roteiro.core.machines_build import DEFAULT, Budget, Built, ExpressionsOf, PatternOf, build
from roteiro.core.machines_lay import lay
from roteiro.core.matcher import CompiledMatcher
from roteiro.core.program import (
    Chars,
    Choice,
    Every,
    Expression,
    Field,
    Matches,
    Pattern,
    PatternKind,
    Program,
    Repeat,
    Sequence,
    Some,
    Source,
    ValueType,
)
from roteiro.core.pure_matches import stands
from roteiro.core.subsets import Dfa
from roteiro.core.wanted import literals_of

CONTAINS, STARTS, ENDS = PatternKind.CONTAINS, PatternKind.STARTS, PatternKind.ENDS
LIKE, UNDER = PatternKind.LIKE, PatternKind.UNDER
EDGES = (0, 0x41, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFFFF, 0x10000)
LAST = 0x10FFFF
SIGNS = "ab.\u00e9\u0100\u0fff\U0001f600\n"
ANYTHING = Repeat(ANY, 0, None)
NOTHING_LEFT = Budget(states=0, steps=0)
ALL_ROWS = tries.ROWS


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def held(
    patterns: Iterable[PatternOf], expressions: Iterable[ExpressionsOf], value: str
) -> set[int]:
    """Ask every pattern by itself."""
    found = {
        test for test, kind, texts in patterns if any(stands(kind, text, value) for text in texts)
    }
    return found | {test for test, each in expressions if Automaton(each).accepts(value)}


def machine(built: Built) -> TextMachine:
    return TextMachine(lay(built))


# --- against the predicates -----------------------------------------------------------------------

literals = st.text(SIGNS, max_size=4)
wildcards = st.text("ab*?\u00e9", max_size=6)
patterns = st.tuples(
    st.sampled_from(PatternKind), st.lists(literals | wildcards, min_size=1, max_size=3)
)
floating = st.tuples(expressions, expressions).map(
    lambda parts: Sequence((ANYTHING, Repeat(B, 1, 1), A, *parts))
)
budgets = st.builds(
    Budget,
    states=st.sampled_from((65536, 65536, 0, 6, 20)),
    expression_states=st.sampled_from((4096, 4096, 0, 3)),
    steps=st.sampled_from((2_000_000, 2_000_000, 0, 100, 400)),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(patterns, max_size=6),
    st.lists(st.lists(expressions | floating, max_size=2), max_size=4),
    st.lists(st.text(SIGNS + "\ud800\udfff", max_size=9), min_size=1, max_size=9),
    budgets,
    st.sampled_from((ALL_ROWS, ALL_ROWS, 0, 60)),
)
def test_machines_against_predicates(
    asked: list[tuple[PatternKind, list[str]]],
    described: list[list[Expression]],
    values: list[str],
    budget: Budget,
    room: int,
) -> None:
    rows = [(test, kind, tuple(texts)) for test, (kind, texts) in enumerate(asked)]
    more = [(len(rows) + place, tuple(each)) for place, each in enumerate(described)]
    with mock.patch.object(tries, "ROWS", room):
        made = machine(build(rows, more, budget))
    for value in values:
        assert made.tests_of(utf8(value)) == held(rows, more, value)


def of_words(kind: PatternKind, texts: Iterable[str]) -> list[PatternOf]:
    return [(test, kind, (text,)) for test, text in enumerate(texts)]


@pytest.mark.parametrize("room", [0, 300, 2000, ALL_ROWS])
def test_long_texts_beyond_the_rows(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Texts of two letters that share beginnings and ends, so that states fail far and near."""
    monkeypatch.setattr(tries, "ROWS", room)
    dice = random.Random(3)
    texts = ["".join(dice.choices("ab", k=dice.randint(3, 12))) for _ in range(300)]
    asked = of_words(CONTAINS, dict.fromkeys(texts))
    built = build(asked, ())
    assert built.contains is not None
    assert (built.contains.dense == built.contains.states) == (room == ALL_ROWS)
    made = machine(built)
    for _ in range(300):
        value = "".join(dice.choices("abc", (6, 6, 1), k=dice.randint(0, 40)))
        assert made.tests_of(utf8(value)) == held(asked, (), value)


def test_a_like_of_two_texts_needs_no_automaton() -> None:
    texts = ("ab*ba", "ab*a", "a*ba", "aba*aba", "é*é", "ab**ba", "b*ab", "ab*c")
    asked = of_words(LIKE, texts)
    built = build(asked, ())
    assert (built.runners, built.started) == ([], [])
    assert len(built.pairs) == len(texts) - 1
    made = machine(built)
    for value in (
        "aba",
        "abba",
        "abcba",
        "ababa",
        "abaaba",
        "é",
        "éé",
        "ba",
        "bab",
        "ab",
        "abc",
        "",
    ):
        assert made.tests_of(utf8(value)) == held(asked, (), value)


@pytest.mark.parametrize("states", range(13))
def test_pairs_without_room_are_run(states: int) -> None:
    asked = [*of_words(LIKE, ("abc*xyz", "abd*xyw")), (2, STARTS, ("abc",)), (3, ENDS, ("yz",))]
    built = build(asked, (), Budget(states=states))
    made = machine(built)
    assert len(built.pairs) + len(built.runners) == 2
    for value in ("abcxyz", "abcyz", "abc", "yz", "abdxyw", "abxyw", "abcxyw"):
        assert made.tests_of(utf8(value)) == held(asked, (), value)


@dataclass(frozen=True)
class Way:
    """A way that a test may be decided, and what is asked so that it is."""

    patterns: tuple[PatternOf, ...]
    expressions: tuple[ExpressionsOf, ...]
    budget: Budget
    taken: Callable[[Built], bool]


def automata(runners: Iterable[object]) -> bool:
    return all(isinstance(each.code, Dfa) for each in runners)  # type: ignore[attr-defined]


WORDS = tuple(f"{first}{second}" for first in "abcd" for second in "abcd")
TEXTS = tuple((test, CONTAINS, (word,)) for test, word in enumerate(WORDS))
FIXED = tuple((test, (Sequence((A, Repeat(B, test, None), A)),)) for test in range(16))
LOOSE = tuple((test, LIKE, (f"*{word}*{word}*",)) for test, word in enumerate(WORDS))
LEFT = tuple((test, LIKE, (f"{'?' * (test % 5)}{word}*",)) for test, word in enumerate(WORDS))
WAYS = {
    "trie": Way(TEXTS, (), DEFAULT, lambda built: not built.runners and not built.alone),
    "literals alone": Way(TEXTS, (), NOTHING_LEFT, lambda built: len(built.alone) == len(TEXTS)),
    "one automaton": Way((), FIXED, DEFAULT, lambda built: len(built.runners) == 1),
    "parted automata": Way(
        (),
        FIXED,
        Budget(expression_states=24),
        lambda built: 1 < len(built.runners) < len(FIXED) and automata(built.runners),
    ),
    "instructions": Way(
        (),
        FIXED,
        NOTHING_LEFT,
        lambda built: [type(each.code) for each in built.runners] == [Code] * len(FIXED),
    ),
    "started automata": Way(
        LOOSE,
        (),
        DEFAULT,
        lambda built: (
            len(built.started) == len(LOOSE) and automata(runner for _, runner in built.started)
        ),
    ),
    "what was left of groups": Way(
        LEFT,
        (),
        Budget(expression_states=16),
        lambda built: len(built.runners) < len(built.started) and not built.fallbacks,
    ),
    "started instructions": Way(
        LOOSE,
        (),
        Budget(steps=0),
        lambda built: len(built.started) == len(LOOSE) == len(built.fallbacks),
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_every_way_decides_alike(way: Way) -> None:
    built = build(way.patterns, way.expressions, way.budget)
    assert way.taken(built)
    made, met = machine(built), set[int]()
    dice = random.Random(1)
    for _ in range(300):
        value = "".join(dice.choices("abcd", (6, 6, 1, 1), k=dice.randint(0, 12)))
        found = made.tests_of(value.encode())
        assert found == held(way.patterns, way.expressions, value)
        met |= found
    assert len(met) > 3


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        (Sequence((ANYTHING, A, B, B)), {b"abb"}),
        (Sequence((ANYTHING, Sequence((A, B)), ANY, Sequence((B, A, A)))), {b"baa"}),
        (Sequence((ANYTHING, Chars(((65, 65), (97, 97))), B)), {b"Ab", b"ab"}),
        (Choice((Sequence((ANYTHING, A)), Sequence((B, B, ANY)))), {b"a", b"bb"}),
        (Choice((Sequence((ANYTHING, A)), ANYTHING)), set()),
        (Sequence((ANYTHING, Repeat(A, 0, 1), ANY)), set()),
        (Sequence((A,) * 5000), {b"a" * 16}),
        (Sequence((Chars(((0xD800, 0xD800),)),)), {b"\xed\xa0\x80"}),
        (Choice(()), set()),
    ],
)
def test_what_a_described_text_contains(expression: Expression, literals: set[bytes]) -> None:
    assert set(literals_of(expression)) == literals


# --- code points ----------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [DEFAULT, NOTHING_LEFT], ids=["automata", "instructions"])
def test_ranges_end_at_the_edges_of_utf8(budget: Budget) -> None:
    ranges = [(low, high) for low in EDGES for high in (*EDGES, LAST) if low <= high]
    made = machine(
        build((), [(test, (Chars((each,)),)) for test, each in enumerate(ranges)], budget)
    )
    for sign in {*EDGES, *(edge + 1 for edge in EDGES), LAST}:
        expected = {test for test, (low, high) in enumerate(ranges) if low <= sign <= high}
        assert made.tests_of(utf8(chr(sign))) == expected


@pytest.mark.parametrize("budget", [DEFAULT, NOTHING_LEFT], ids=["automata", "instructions"])
def test_a_question_mark_is_one_code_point(budget: Budget) -> None:
    made = machine(build([(0, LIKE, ("a?b",))], (), budget))
    for sign in {*map(chr, EDGES), chr(LAST), "\u00e9", "*", "?"}:
        assert made.tests_of(utf8(f"a{sign}b")) == {0}
        assert made.tests_of(utf8(f"a{sign}{sign}b")) == set()


def test_bytes_that_are_no_text_are_read_safely() -> None:
    made = machine(build(TEXTS, FIXED, DEFAULT)), machine(build(TEXTS, FIXED, NOTHING_LEFT))
    dice = random.Random(2)
    for _ in range(500):
        noise = bytes(dice.choices((0x61, 0x62, 0x80, 0xC3, 0xE2, 0xF0, 0xFF), k=8))
        assert made[0].tests_of(noise) == made[1].tests_of(noise)


# --- bounds ---------------------------------------------------------------------------------------

LONG = 60_000
LIMIT = 20.0
"""Seconds: what is not linear would take days."""
TAIL = Sequence((Repeat(Choice((A, B)), 0, None), A, *[Choice((A, B))] * 20))
HOSTILE: dict[str, tuple[list[PatternOf], list[Expression], str]] = {
    "a, aa, aaa, ...": (
        [(test, CONTAINS, ("a" * (test + 1),)) for test in range(1000)],
        [],
        "a" * LONG,
    ),
    "many stars": ([(0, LIKE, ("*a" * 500 + "*b",))], [], "a" * (LONG // 20)),
    "nested stars": (
        [],
        [Sequence((Repeat(Repeat(Repeat(A, 0, None), 0, None), 0, None), B))],
        "a" * LONG,
    ),
    "a long window": ([], [Sequence((Repeat(ANY, 0, 500), B))], "a" * LONG),
    "two to the twentieth states": ([], [TAIL], "ab" * 2000),
    "many windows": (
        [],
        [Sequence((ANYTHING, A, Repeat(ANY, at, at))) for at in range(20)],
        "ab" * 400,
    ),
    "repeats of repeats": (
        [],
        [Repeat(Repeat(Choice((A, Sequence((A, B)))), 0, 30), 0, 30)],
        "ab" * 200 + "c",
    ),
}


@pytest.mark.parametrize(("rows", "described", "value"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_patterns_take_linear_time(
    rows: list[PatternOf], described: list[Expression], value: str
) -> None:
    begin = time.perf_counter()
    more = [(len(rows) + place, (each,)) for place, each in enumerate(described)]
    built = build(rows, more)
    laid = lay(built)
    assert built.size(laid).states <= 2 * DEFAULT.states
    assert len(laid) < 2 << 20
    made = TextMachine(laid)
    found = made.tests_of(value.encode())
    assert time.perf_counter() - begin < LIMIT
    some = value[:40]
    assert made.tests_of(some.encode()) == held(rows, more, some)
    assert found == held(rows, more, value) if len(rows) < 2 else len(found) == len(rows)


def test_ten_thousand_literals_of_one_beginning() -> None:
    rows = [(test, CONTAINS, (f"ward {test}",)) for test in range(10_000)]
    built = build(rows, ())
    laid = lay(built)
    assert not built.fallbacks
    assert built.states < 10_020
    assert len(laid) < 400_000
    made = TextMachine(laid)
    assert made.tests_of(b"the ward 4711 of old") == {4, 47, 471, 4711}


def test_texts_that_end_in_others() -> None:
    texts = ("abcd", "bcd", "cd", "d", "", "xabc", "bc")
    rows = [(test, CONTAINS, (text,)) for test, text in enumerate(texts)]
    made = machine(build(rows, ()))
    for value in ("abcd", "xabcd", "zcd", "bcbcd", "xab", "", "abc"):
        assert made.tests_of(value.encode()) == held(rows, (), value)


def test_a_literal_without_room_is_told() -> None:
    built = build([(0, CONTAINS, ("ab",)), (1, CONTAINS, ("xyz",))], (), Budget(states=4))
    assert [(each.test, each.why) for each in built.fallbacks] == [
        (1, "the literals of its field come to too many states")
    ]
    assert machine(built).tests_of(b"wxyzab") == {0, 1}


# --- laid machines --------------------------------------------------------------------------------


def laid_ones() -> list[bytes]:
    """Give machines of every kind of part."""
    rows = [*TEXTS[:4], (20, STARTS, ("ab",)), (21, ENDS, ("ba",)), (22, UNDER, ("1.2",))]
    loose = [(30 + test, kind, texts) for test, kind, texts in LOOSE[:3]]
    small = Budget(states=7, expression_states=7)
    return [
        lay(build([*rows, *loose], FIXED[:3])),
        lay(build([*rows, *loose], FIXED[:3], small)),
        lay(build([*rows, *loose], FIXED[:3], Budget(steps=0))),
    ]


@pytest.mark.parametrize("place", range(3))
def test_a_cut_machine_is_refused(place: int) -> None:
    laid = laid_ones()[place]
    for size in range(0, len(laid), 7):
        with pytest.raises(ValueError, match="no machine"):
            TextMachine(laid[:size])


@pytest.mark.parametrize("place", range(3))
def test_a_damaged_machine_is_refused_or_harmless(place: int) -> None:
    laid = laid_ones()[place]
    dice = random.Random(place)
    refused = 0
    for _ in range(3000):
        damaged = bytearray(laid)
        at = 4 * dice.randrange(len(laid) // 4)
        damaged[at : at + 4] = dice.choice(
            (bytes(4), b"\xff" * 4, dice.randbytes(4), dice.randrange(2000).to_bytes(4, "little"))
        )
        try:
            made = TextMachine(bytes(damaged))
        except ValueError:
            refused += 1
            continue
        for value in (b"", b"abba", b"dabcab1.2.\xc3\xa9" * 3):
            made.tests_of(value)
    assert 500 < refused < 3000


# --- in the engines -------------------------------------------------------------------------------


def test_patterns_in_engines(
    both: Callable[[Program], object], tests_program: Callable[..., Program], explicit: object
) -> None:
    """One field with everything: each value counts once, however many of its patterns hold."""
    field = Field(Source.ELEMENT, ValueType.TEXT, 0x00081030, "LO")
    word = Pattern(CONTAINS, ("AB", "B"), ("ab", "b"))
    upper = Matches((Repeat(Chars(((65, 90),)), 1, None),))
    matches = (word, Pattern(LIKE, ("A*B*",), ("*b?",)), upper, Pattern(ENDS, ("C",)))
    asked = [made(0, match) for match in matches for made in (Some, Every)]
    twins = both(tests_program((field,), tuple(asked)))
    values = (b"AB", b"AB\\ABC", b"AB\\x", b"ab\\ABC", b"b\\B\\AXBX", b"C\\\\C", b"", b"XbX")
    seen = set[str]()
    for value in values:
        fired = twins.fired(explicit.element(0x00081030, "LO", value))
        seen |= fired
    assert seen == {str(number) for number in range(len(asked))}


def test_a_matcher_says_how_large_its_machines_are(tests_program: Callable[..., Program]) -> None:
    field = Field(Source.ELEMENT, ValueType.TEXT, 0x00081030, "LO")
    asked = (Some(0, Pattern(CONTAINS, ("AB",), ("ab",))), Some(0, Matches((TAIL,))))
    matcher = build_matcher(tests_program((field,), asked))
    assert isinstance(matcher, CompiledMatcher)
    plain, folded = matcher.pattern_sizes
    assert [each.why for each in plain.fallbacks] == [
        "its automaton is too large, or those of its field are too many"
    ]
    assert not folded.fallbacks
    assert folded.states == 3 + 2  # a root of each trie, and two letters
    assert 100 < folded.bytes < plain.bytes
