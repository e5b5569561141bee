"""docs/promise.md and its twin: sentences have tests that are there, figures were measured."""

import re
from pathlib import Path

import pytest

from tests.crash import page
from tests.crash.page import BLOCK, PAGES, filled

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = re.compile(r"^\| (P-\d) \| (.*?) \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("language", PAGES)
def test_every_sentence_has_its_tests(language: str) -> None:
    rows = ROW.findall(PAGES[language].read_text("utf-8"))
    assert [name for name, _, _ in rows] == [f"P-{number}" for number in range(1, 9)]
    assert [name for name, _, tests in rows if not NAMED.search(tests)] == ["P-8"]


@pytest.mark.parametrize("language", PAGES)
def test_every_named_test_is_there(language: str) -> None:
    named = NAMED.findall(PAGES[language].read_text("utf-8"))
    assert len(named) > 15
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_both_languages_name_the_same_tests() -> None:
    english, portuguese = (NAMED.findall(path.read_text("utf-8")) for path in PAGES.values())
    assert english == portuguese


@pytest.mark.parametrize("language", PAGES)
def test_figures_are_those_on_record(language: str) -> None:
    text = PAGES[language].read_text("utf-8")
    assert {found[2] for found in BLOCK.finditer(text)} == {"figures", "rivals"}
    assert filled(text, language) == text, "run `python -m tests.crash.page`"


def test_another_figure_changes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    results = page.rivals()
    results["Roteiro"]["kills"]["lost"] = 4711
    monkeypatch.setattr(page, "rivals", lambda: results)
    assert "4711" in filled(PAGES["en"].read_text("utf-8"), "en")
