"""Patterns between slashes, with RE2 as the judge (language 2f.10)."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import Chars, Choice, Expression, Repeat, Sequence
from roteiro.lang.codepoints import cases
from roteiro.lang.regex import Unsupported, parse, product, size
from roteiro.lang.simulate import describes

LETTERS = "aAbBzZkKsS09_-. \n\té\xc9ß\u1e9e\u017f\u212a\u03c3\u03c2\u03a3\u0131\u0130æ\u5c71]^"
NAMES = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit"


def judge(pattern: str, *, folded: bool = False) -> "re2._Regexp":
    """Let RE2 read a pattern."""
    options = re2.Options()
    options.case_sensitive = not folded
    options.max_mem = 1 << 28
    options.log_errors = False
    return re2.compile(pattern, options)


def agree(pattern: str, texts: list[str], *, folded: bool = False) -> None:
    """Read a pattern and match texts as RE2 does, or refuse it as RE2 does."""
    try:
        theirs = judge(pattern, folded=folded)
    except re2.error:
        with pytest.raises(Unsupported):
            parse(pattern, folded=folded)
        return
    ours = parse(pattern, folded=folded)
    for text in texts:
        assert describes(ours, text) == (theirs.fullmatch(text) is not None), (pattern, text)


# Patterns that are drawn ------------------------------------------------------------------------

CHARS = st.sampled_from(LETTERS).map(
    lambda char: f"\\{char}" if char.isascii() and not char.isalnum() else char
)
PLAIN = st.one_of(
    CHARS,
    st.sampled_from(["\\d", "\\w", "\\s", "\\D", "\\W", "\\S", ".", "\\x41", "\\x{3a3}", "\\n"]),
    st.sampled_from(["]", "}", "-", "_", " "]),
)
INSIDE = st.one_of(
    st.sampled_from(["a", "Z", "é", "\u03c3", "K", "a-z", "A-F", "0-9", "\u03b1-\u03c9", "_"]),
    st.sampled_from(["\\d", "\\W", "\\s"]),
    st.sampled_from([f"[:{name}:]" for name in NAMES.split(" ")] + ["[:^alpha:]", "[:^word:]"]),
    st.sampled_from(["\\]", "\\-", "^", ".", "*", "\\x41-\\x{5A}", "[", "$"]),
)
CLASSES = st.tuples(
    st.sampled_from(["[", "[^", "[]", "[^]", "[-"]),
    st.lists(INSIDE, min_size=1, max_size=3),
    st.sampled_from(["]", "-]"]),
).map(lambda parts: parts[0] + "".join(parts[1]) + parts[2])
BOUNDS = st.sampled_from(["*", "+", "?", "{0}", "{2}", "{1,}", "{0,2}", "{1,3}"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.tuples(st.sampled_from(["(", "(?:"]), inner).map(lambda two: f"{two[0]}{two[1]})")
    return st.one_of(
        group,
        st.tuples(group | CLASSES | PLAIN, BOUNDS).map("".join),
        st.lists(inner, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join),
    )


PATTERNS = st.recursive(PLAIN | CLASSES, larger, max_leaves=8)
TEXTS = st.lists(st.text(LETTERS, max_size=6), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(PATTERNS, TEXTS, st.booleans())
def test_means_what_re2_means(pattern, texts, folded):
    agree(pattern, texts, folded=folded)


@settings(max_examples=400, deadline=None)
@given(st.text("ab(){}[]|*+?.\\^$-:,012dwxb#i<P=!", max_size=10))
def test_what_is_accepted_re2_accepts_too(pattern):
    try:
        expression = parse(pattern, folded=False)
    except Unsupported:
        return
    theirs = judge(pattern)
    for text in ("", "a", "b", "ab", "aab", "-", "{", "0", "\n", pattern):
        assert describes(expression, text) == (theirs.fullmatch(text) is not None), text


@given(st.text(max_size=12), st.booleans())
def test_any_text_is_a_pattern_or_refused(pattern, folded):
    try:
        describes(parse(pattern, folded=folded), pattern)
    except Unsupported as refused:
        place = refused.offset
    else:
        place = 0
    assert 0 <= place <= len(pattern)


def test_case_folds_as_in_re2():
    everything = "".join(map(chr, cases()))
    for point in (*cases(), 0x131, 0x130, 0x149, 0x4E00):
        theirs = set(judge(f"\\x{{{point:x}}}", folded=True).findall(everything))
        expression = parse(f"\\x{{{point:x}}}", folded=True)
        assert isinstance(expression, Chars)
        ours = {chr(each) for low, high in expression.ranges for each in range(low, high + 1)}
        assert ours == theirs | {chr(point)}


def test_no_character_has_a_case_where_we_do_not_look():
    assert max(cases()) < 0x20000
    beyond = (chr(point) for point in range(0x20000, 0x110000))
    assert all(char == char.casefold() == char.lower() for char in beyond)


# The parts one by one -----------------------------------------------------------------------------

A, B = Chars(((97, 97),)), Chars(((98, 98),))


@pytest.mark.parametrize(
    ("pattern", "expression"),
    [
        ("a", A),
        ("ab", Sequence((A, B))),
        ("a|b", Choice((A, B))),
        ("((a))(?:b)", Sequence((A, B))),
        ("()", Sequence(())),
        ("a|", Choice((A, Sequence(())))),
        ("a*", Repeat(A, 0, None)),
        ("a{2,}", Repeat(A, 2, None)),
        ("a{2}", Repeat(A, 2, 2)),
        ("(ab){0,3}", Repeat(Sequence((A, B)), 0, 3)),
        ("[ab]", Chars(((97, 98),))),
        ("[^\\x00-a]", Chars(((98, 0x10FFFF),))),
        ("[^\\x00-\\x{10FFFF}]", Chars(())),
        (".", Chars(((0, 9), (11, 0x10FFFF)))),
        ("\\/", Chars(((47, 47),))),
    ],
)
def test_trees(pattern, expression):
    assert parse(pattern, folded=False) == expression


def test_the_other_case_is_in_the_ranges():
    assert parse("k", folded=True) == Chars(((75, 75), (107, 107), (0x212A, 0x212A)))


def test_a_pattern_is_nfc_as_values_are():
    assert parse("e\u0301", folded=False) == Chars(((0xE9, 0xE9),))
    with pytest.raises(Unsupported) as refused:
        parse("e\u0301\u0302^", folded=False)
    assert refused.value.offset == 3


@pytest.mark.parametrize(
    ("pattern", "offset", "word"),
    [
        ("a^", 1, "anchor"),
        ("a$", 1, "anchor"),
        ("a\\z", 1, "anchor"),
        ("\\bx", 0, "border"),
        ("[\\b]", 1, "border"),
        ("(a)\\1", 3, "refers back"),
        ("a(?=b)", 1, "looks around"),
        ("(?<!a)", 0, "looks around"),
        ("(?P<n>a)", 0, "names a group"),
        ("(?<n>a)", 0, "names a group"),
        ("(?i)a", 0, "flags"),
        ("(?i:a)", 0, "flags"),
        ("a*?", 1, "as little"),
        ("a{2}?", 1, "as little"),
        ("a**", 1, "repeats a repeat"),
        ("a+{2}", 1, "repeats a repeat"),
        ("*a", 0, "nothing before it"),
        ("a|+", 2, "nothing before it"),
        ("({2})", 1, "nothing before it"),
        ("a{101}", 1, "more than 100"),
        ("a{1,999}", 1, "more than 100"),
        (f"a{{{'9' * 5000}}}", 1, "more than 100"),
        ("a{3,2}", 1, "ends before"),
        ("a{,3}", 1, "no count"),
        ("{", 0, "no count"),
        ("a{01}", 1, "no count"),
        ("\\pL", 0, "property"),
        ("\\Qa\\E", 0, "quotes"),
        ("\\C", 0, "byte"),
        ("\\07", 0, "octal"),
        ("\\q", 0, "no escape"),
        ("\\é", 0, "no escape"),
        ("a\\", 1, "no escape"),
        ("\\x{110000}", 0, "no character"),
        ("\\x{d800}", 0, "no character"),
        (f"\\x{{{'f' * 5000}}}", 0, "no character"),
        ("\\u{e9}", 0, "no character"),
        ("[[:foo:]]", 1, "no class"),
        ("[z-a]", 1, "ends before"),
        ("[a-\\d]", 3, "no escape"),
        ("[a", 0, "not closed"),
        ("[]", 0, "not closed"),
        ("x(a", 1, "not closed"),
        ("a)", 1, "closes nothing"),
        ("(a{100}){100}", 8, "more than 1000"),
        ("((a{10}){10}){11}", 13, "more than 1000"),
        ("(" * 101 + ")" * 101, 100, "100 deep"),
        ("(" * 100_000, 100, "100 deep"),
        ("a" * 10_001, 0, "10000 characters"),
        ("(abcdefghijk){100}" * 10, 0, "10000 characters"),
        ("(" + "a" * 101 + "){100}", 103, "10000 characters"),
    ],
)
def test_what_is_refused_has_a_place_and_a_reason(pattern, offset, word):
    with pytest.raises(Unsupported) as refused:
        parse(pattern, folded=False)
    assert refused.value.offset == offset
    assert word in refused.value.message


def test_the_largest_patterns_are_taken():
    assert size(parse("(" + "a" * 100 + "){100}", folded=False)) == 10_000
    assert product(parse("(((a{10}b){10}){10}c)", folded=False)) == 1000
    assert describes(parse("(" * 100 + "a" + ")" * 100, folded=False), "a")


def nested(depth: int) -> Expression:
    return parse("(" * depth + "a*" + "b?)*" * depth, folded=False)


@pytest.mark.parametrize("expression", [nested(1), nested(20)])
def test_nested_repeats_take_the_time_of_the_text(expression):
    assert describes(expression, "a" * 3000)
    assert not describes(expression, "a" * 3000 + "c")


@pytest.mark.parametrize(
    ("pattern", "folded", "fits", "fits_not"),
    [
        ("HEAD(_[0-9]+)?", True, ["head", "HEAD_1", "hEAD_42"], ["head_", "xhead", "head_1 "]),
        (".*", False, ["", "any"], ["a\nb"]),
        ("[^a]*", False, ["", "b\n"], ["ba"]),
        ("(a|ab)(c|bcd)", False, ["abcd", "ac", "abc", "abbcd"], ["a", "abcdd"]),
        ("\\d{4}", False, ["2026"], ["\u0662\u0660\u0662\u0666", "202"]),
        ("[[:upper:]]+", True, ["abC", "\u212a"], ["1"]),
    ],
)
def test_the_whole_value_is_meant(pattern, folded, fits, fits_not):
    expression = parse(pattern, folded=folded)
    assert all(describes(expression, text) for text in fits)
    assert not any(describes(expression, text) for text in fits_not)
    agree(pattern, fits + fits_not, folded=folded)
