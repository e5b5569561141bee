"""Fixes: which are made together, in what order, and which are not made."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang.diagnostics import Diagnostic, Fix, Level, message
from roteiro.lang.fixing import ROUNDS, Fixed, Fixer, Seen, apart, mended, worse
from roteiro.lang.source import Source, Span

Finder = Callable[[Source], list[Diagnostic]]
SOURCE = Source("x.route", "0123456789" * 10)


def found(  # noqa: PLR0917  a finding has these parts
    start: int,
    end: int,
    text: str = "",
    source: Source = SOURCE,
    word: str = "",
    code: str = "RT221",
    *,
    safe: bool = True,
    level: Level = Level.WARNING,
) -> Diagnostic:
    span = Span(start, end)
    what = message("language.did_you_mean", word=word)
    return Diagnostic(code, level, what, source, span, fix=Fix(span, text, safe))


def error(source: Source, word: str, code: str = "RT104") -> Diagnostic:
    what = message("language.did_you_mean", word=word)
    return Diagnostic(code, Level.ERROR, what, source, Span(0, 1))


def fixed(text: str, finder: Finder, *, unsafe: bool = False) -> Fixed:
    fixer = Fixer(lambda source: Seen(source, tuple(finder(source))), unsafe=unsafe)
    return fixer.run(Source("x.route", text))


def words(source: Source, table: dict[str, str], **more: bool) -> list[Diagnostic]:
    """Offer to replace each word of a table, wherever it stands."""
    return [
        found(at, at + len(old), new, source, old, **more)
        for old, new in table.items()
        for at in range(len(source.text))
        if source.text.startswith(old, at)
    ]


# Together ---------------------------------------------------------------------------------------


def test_fixes_are_made_wherever_they_stand() -> None:
    fixes = [Fix(Span(8, 9), "x", safe=True), Fix(Span(0, 1), "", safe=True)]
    assert mended("0123456789", [*fixes, Fix(Span(4, 4), "--", safe=True)]) == "123--4567x9"


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20))))
def test_those_made_together_do_not_touch(places: list[tuple[int, int]]) -> None:
    findings = [found(start, start + length, "!") for start, length in places]
    chosen = sorted(each.span.start for each in apart(findings))
    spans = {each.span.start: each.span.end for each in apart(findings)}
    assert bool(chosen) == bool(findings)
    for before, after in pairwise(chosen):
        assert spans[before] < after


def test_what_overlaps_is_made_in_the_next_round() -> None:
    done = fixed("aab", lambda source: words(source, {"aa": "c", "ab": "d", "cb": "e"}))
    assert done.seen.source.text == "e"
    assert len(done.made) == 2


def test_a_fix_uncovers_another() -> None:
    chain = {"a": "b", "b": "c", "c": "d"}
    done = fixed("a", lambda source: words(source, chain))
    assert (done.seen.source.text, len(done.made)) == ("d", 3)
    assert done.seen.findings == ()


def test_rounds_end() -> None:
    done = fixed("a", lambda source: words(source, {"a": "b", "b": "a"}))
    assert len(done.made) == ROUNDS


# Which ------------------------------------------------------------------------------------------


def test_only_safe_ones_unless_asked() -> None:
    def finder(source: Source) -> list[Diagnostic]:
        return words(source, {"a": "b"}, safe=False)

    assert fixed("a", finder).seen.source.text == "a"
    assert fixed("a", finder, unsafe=True).seen.source.text == "b"


def test_what_a_file_uses_is_left_alone() -> None:
    other = Source("y.route", "a")
    done = fixed("a", lambda source: words(other, {"a": "b"}))
    assert (done.seen.source.text, done.made) == ("a", ())


def test_a_fix_that_makes_an_error_is_not_made_but_the_others_are() -> None:
    def finder(source: Source) -> list[Diagnostic]:
        offered = words(source, {"a": "A", "b": "B", "c": "C", "d": "D"})
        return offered + [error(source, "x")] * ("C" in source.text)

    done = fixed("abcd", finder)
    assert done.seen.source.text == "ABcD"
    assert [each.span.start for each in done.seen.findings] == [2]


@given(st.sets(st.integers(0, 9)), st.integers(1, 10))
def test_however_many_fixes_are_bad_the_good_ones_are_made(bad: set[int], count: int) -> None:
    def finder(source: Source) -> list[Diagnostic]:
        letters = enumerate(source.text)
        offered = [
            found(at, at + 1, char.upper(), source, char) for at, char in letters if char.islower()
        ]
        wrong = [char for char in source.text if char.isupper() and ord(char) - ord("A") in bad]
        return offered + [error(source, char) for char in wrong]

    text = "abcdefghij"[:count]
    done = fixed(text, finder)
    assert done.seen.source.text == "".join(
        char if ord(char) - ord("a") in bad else char.upper() for char in text
    )
    assert len(done.made) == sum(number not in bad for number in range(count))


def test_a_fix_that_changes_nothing_ends() -> None:
    assert fixed("a", lambda source: words(source, {"a": "a"})).made == ()


def test_an_error_that_was_there_may_stay() -> None:
    def finder(source: Source) -> list[Diagnostic]:
        return [error(source, "old"), *words(source, {"a": "b"})]

    assert fixed("a", finder).seen.source.text == "b"


# Worse ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ([], [], False),
        ([], [("RT104", "a")], True),
        ([("RT104", "a")], [("RT104", "a")], False),
        ([("RT104", "a")], [("RT104", "a"), ("RT104", "a")], True),
        ([("RT104", "a")], [("RT104", "b")], True),
        ([], [("RT100", "a")], True),
        # what could not be read is uncovered
        ([("RT100", "a")], [("RT104", "b")], False),
        ([("RT100", "a")], [("RT100", "b")], False),
        ([("RT100", "a")], [("RT100", "a"), ("RT100", "b")], True),
        ([("RT100", "a")], [("RT100", "a"), ("RT104", "b")], True),
        ([("RT100", "a"), ("RT100", "b")], [("RT100", "a"), ("RT104", "b")], False),
    ],
)
def test_worse(before: list, after: list, *, answer: bool) -> None:
    left, right = (
        Seen(SOURCE, tuple(error(SOURCE, word, code) for code, word in errors))
        for errors in (before, after)
    )
    assert worse(left, right) is answer


def test_a_new_warning_is_not_worse() -> None:
    assert not worse(Seen(SOURCE, ()), Seen(SOURCE, (found(0, 1),)))
