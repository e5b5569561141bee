"""What the lint calls proved is true of every object that could be thought of."""

import struct
from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.program import (
    Among,
    Encoding,
    Envelope,
    Interval,
    Match,
    Pattern,
    PatternKind,
)
from roteiro.lang.check import check
from roteiro.lang.folding import folded
from roteiro.lang.lint.matches import apart, covers
from roteiro.lang.parser import parse
from roteiro.lang.reference import Reference
from roteiro.lang.source import Source

# Matches ------------------------------------------------------------------------------------------

VALUES = (
    "A",
    "a",
    "AB",
    "ab",
    "CAB",
    "B",
    "J\u030c",
    "J",
    "\u01f0",
    "ß",
    "SS",
    "ss",
    "1.2",
    "1.22",
    "1",
)
NUMBERS = (0, 1, 2, 3, 4, 5)
FOUND = {
    PatternKind.CONTAINS: lambda text, part: part in text,
    PatternKind.STARTS: lambda text, part: text.startswith(part),
    PatternKind.ENDS: lambda text, part: text.endswith(part),
    PatternKind.UNDER: lambda text, part: f"{text}.".startswith(f"{part}."),
}
texts = st.lists(st.sampled_from(VALUES), max_size=2).map(tuple)
no_case = texts.map(lambda some: tuple(map(folded, some)))
ends = st.none() | st.sampled_from(NUMBERS)
intervals = st.builds(Interval, ends, ends, st.booleans(), st.booleans())
numbers = st.builds(
    Among,
    st.lists(st.sampled_from(NUMBERS), max_size=2).map(tuple),
    st.lists(intervals, max_size=2).map(tuple),
)
words = st.builds(Among, texts, st.just(()), no_case) | st.builds(
    Pattern, st.sampled_from(sorted(FOUND, key=str)), texts, no_case
)


def above(value: int, interval: Interval) -> bool:
    low = interval.low
    return low is None or value > low or (interval.low_closed and value == low)


def below(value: int, interval: Interval) -> bool:
    high = interval.high
    return high is None or value < high or (interval.high_closed and value == high)


def matches(match: Match, value: str | int) -> bool:
    """Say by the plainest means whether a value matches."""
    if isinstance(match, Among):
        between = any(
            (each.low is None or value > each.low or (each.low_closed and value == each.low))
            and (
                each.high is None or value < each.high or (each.high_closed and value == each.high)
            )
            for each in match.intervals
        )
        return value in match.values or between or folded(str(value)) in match.folded
    assert isinstance(match, Pattern)
    found = FOUND[match.kind]
    exact = any(found(str(value), part) for part in match.texts)
    return exact or any(found(folded(str(value)), part) for part in match.folded)


@settings(max_examples=400, deadline=None)
@given(
    st.tuples(numbers, numbers, st.just(NUMBERS)) | st.tuples(words, words, st.just(VALUES)),
)
def test_matches_within_each_other_and_apart(case: tuple[Match, Match, tuple[str | int]]) -> None:
    one, other, values = case
    for value in values:
        if covers(one, other):
            assert matches(one, value) or not matches(other, value)
        if apart(one, other):
            assert not (matches(one, value) and matches(other, value))


def test_some_matches_are_within_each_other_or_apart() -> None:
    five, more = Among((5,)), Among(intervals=(Interval(4, None),))
    assert covers(more, five)
    assert not covers(five, more)
    assert apart(Among((3,)), more)
    assert apart(Among(intervals=(Interval(None, 4, high_closed=False),)), more)
    assert not apart(Among(intervals=(Interval(None, 4),)), more)
    assert covers(Among(folded=("ct",)), Among(("CT",)))
    assert covers(Pattern(PatternKind.CONTAINS, ("A",)), Pattern(PatternKind.ENDS, ("BA",)))
    assert not covers(Pattern(PatternKind.ENDS, ("A",)), Pattern(PatternKind.CONTAINS, ("A",)))
    assert covers(Pattern(PatternKind.UNDER, ("1.2",)), Pattern(PatternKind.UNDER, ("1.2.3",)))
    assert not covers(Pattern(PatternKind.UNDER, ("1.2",)), Among(("1.22",)))


# Rules --------------------------------------------------------------------------------------------

LEAVES = (
    'Modality == "CT"', 'Modality in { "CT", "MR" }', 'Modality != "CT"', "Modality is absent",
    "Modality is blank", "Modality is valued", 'all ImageType == "A"', 'any ImageType == "A"',
    'ImageType in { "A", "B" }', 'no ImageType == "B"', 'ImageType[1] == "A"', 'all Rows > 5',
    'ImageType starts with "A"', "count(ImageType) > 1", "Rows > 5", "Rows > 9", "Rows in 6..7",
    "Rows is blank", 'assoc.calling_ae == "CT1"', 'assoc.calling_ae contains "T"',
)  # fmt: skip
conditions = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        inner.map(lambda one: f"not ({one})"),
        inner.map(lambda one: f"({one} or not ({one}))"),
    ),
    max_leaves=4,
)


def element(tag: int, vr: bytes, value: bytes | None) -> bytes:
    if value is None:
        return b""
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


OBJECTS = [
    (
        element(0x00080008, b"CS", image_type)
        + element(0x00080060, b"CS", modality)
        + element(0x00280010, b"US", rows and struct.pack("<H", rows)),
        Envelope(calling_ae=calling),
    )
    for image_type, modality, rows, calling in product(
        (None, b"", b"A ", b"B ", b"A\\B ", b"AB\\A", b"\\A"),
        (None, b"", b"CT", b"MR", b"CT\\MR "),
        (None, 5, 6, 10),
        (None, "CT1", "MR"),
    )
]
CODES = ("RT302", "RT303", "RT304", "RT306")


def fired(text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give for each object the rules that fire, and the reasons of doing nothing."""
    typed, _ = checked(text)
    reference = Reference(typed)
    made = [reference.decide(data, Encoding.EXPLICIT_LITTLE, env) for data, env in OBJECTS]
    return [(decision.rules, decision.nothing) for decision in made]


def checked(text: str):
    source = Source("x.route", text)
    file, findings = parse(source)
    assert findings == ()
    assert file is not None
    typed, findings = check(file, source)
    assert typed is not None
    return typed, findings


def test_what_is_proved_holds() -> None:
    count: Counter[str] = Counter()

    @settings(max_examples=35, deadline=None, derandomize=True)
    @given(
        st.lists(conditions, min_size=3, max_size=3),
        st.sampled_from(("first", "all")),
        st.sampled_from(("xyz", "xxy", "xxx")),
    )
    def holds(some: list[str], mode: str, doing: str) -> None:
        rules = [
            f'rule {name} {{ when {condition} nothing "{what}" }}'
            for name, condition, what in zip("abc", some, doing, strict=True)
        ]
        text = 'language 1\ntable t {} {{\n{}\notherwise {{ nothing "o" }} }}\n'
        whole = text.format(mode, "\n".join(rules))
        found = [one for one in checked(whole)[1] if one.code in CODES]
        for one in found:
            count[one.code] += 1
            name = whole[one.span.start : one.span.end]
            if one.code in {"RT302", "RT303"}:
                assert all(f"t.{name}" not in rules for rules, _ in fired(whole)), whole
            elif one.code == "RT304":
                alone = text.format("all", rules["abc".index(name)])
                assert all(f"t.{name}" in rules for rules, _ in fired(alone)), whole
            else:
                rest = [rule for rule in rules if not rule.startswith(f"rule {name} ")]
                before = [set(reasons) for _, reasons in fired(whole)]
                after = [set(reasons) for _, reasons in fired(text.format(mode, "\n".join(rest)))]
                assert before == after, whole

    holds()
    assert all(count[code] >= 2 for code in CODES), count
