"""The tables that are kept are those of the grammar."""

import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang import grammar
from roteiro.lang.tables import Recipe, Tables, digest, read, written
from tests import tables as maker

TEXT = grammar.packaged("route.lark") or ""
KEPT = grammar.packaged("route.tables") or ""


def test_what_is_kept_is_what_the_generator_makes() -> None:
    assert maker.made() == KEPT, "lang/route.lark has changed: run `make tables`"


def test_writing_keeps_all() -> None:
    assert written(read(KEPT)) == KEPT


def test_nobody_waits_for_the_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "roteiro.lang.generator", None)
    assert grammar.ready(TEXT, KEPT) == read(KEPT)
    with pytest.raises(ImportError):
        grammar.ready(TEXT, None)


@pytest.mark.parametrize("kept", [KEPT, KEPT.replace('"edition":', '"edicao":', 1), None])
def test_tables_of_another_grammar_are_made_again(kept: str | None) -> None:
    other = TEXT.replace('_NOTIFY: "notify"', '_NOTIFY: "tell"')
    assert other != TEXT
    found = grammar.ready(other, kept)
    assert found.made_of == digest(other)
    assert (found.words["tell"], "notify" in found.words) == ("_NOTIFY", False)


def test_tables_without_one_of_the_starts_are_made_again() -> None:
    kept = KEPT.replace('"edition":', '"edicao":', 1)
    assert grammar.ready(TEXT, kept) == read(KEPT)


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_the_generators_numbers_leave_no_trace(seed: int) -> None:
    tables = read(KEPT)
    assert shuffled(tables, Random(seed)).settled() == tables


def shuffled(tables: Tables, chance: Random) -> Tables:
    """Give the same tables by other numbers."""
    states = chance.sample(range(len(tables.rows)), len(tables.rows))
    recipes = chance.sample(range(len(tables.recipes)), len(tables.recipes))

    def moved(row) -> dict[str, int]:
        words = chance.sample(sorted(row), len(row))
        return {word: new(row[word]) for word in words}

    def new(number: int) -> int:
        return states[number] if number >= 0 else ~recipes[~number]

    def placed(rows, numbers: list[int]) -> list:
        by_number = dict(zip(numbers, rows, strict=True))
        return [by_number[number] for number in range(len(rows))]

    return Tables(
        tables.made_of,
        {start: states[tables.starts[start]] for start in grammar.STARTS},
        moved(tables.ends),
        tables.words,
        tables.numbers,
        [Recipe(*one) for one in placed(tables.recipes, recipes)],
        placed([moved(row) for row in tables.rows], states),
        placed([moved(row) for row in tables.gotos], states),
    )
