"""The pages of findings in Portuguese: the examples of the English ones, the catalogue's titles."""

import re
from pathlib import Path

import pytest

from roteiro.lang.codes import CODES, title
from roteiro.runtime.cli.forms import page_of
from tests.portuguese import slips

ENGLISH = Path(__file__).resolve().parents[2] / "docs" / "errors"
PORTUGUESE = ENGLISH / "pt"
PAGES = sorted(path.stem for path in PORTUGUESE.glob("*.md"))
HEADINGS = ["## Resumo", "## Evitar", "## Preferir", "## Porquê"]
EXAMPLE = re.compile(r"^## (\S+)\n\n```route\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(folder: Path, code: str) -> str:
    return (folder / f"{code}.md").read_text(encoding="utf-8")


def test_every_code_has_its_page() -> None:
    assert sorted(CODES) == PAGES


@pytest.mark.parametrize("code", PAGES)
def test_both_pages_have_the_same_examples(code: str) -> None:
    english = [text for _, text in EXAMPLE.findall(page(ENGLISH, code))]
    portuguese = [text for _, text in EXAMPLE.findall(page(PORTUGUESE, code))]
    assert english == portuguese
    assert page(ENGLISH, code).count("```") == page(PORTUGUESE, code).count("```")


@pytest.mark.parametrize("code", PAGES)
def test_the_page_has_the_fixed_headings_and_the_title_of_its_code(code: str) -> None:
    words = page(PORTUGUESE, code)
    lines = words.splitlines()
    assert lines[0] == f"# {code} {CODES[code].name}"
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    summary = title(code, "pt")
    assert f"## Resumo\n\n{summary[0].upper()}{summary[1:]}. " in words


@pytest.mark.parametrize("code", PAGES)
def test_the_page_is_shown_to_who_reads_portuguese(run, code: str) -> None:
    shown = run("check", "--explain", code, "--lang", "pt")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.rstrip("\n") == page(PORTUGUESE, code).rstrip("\n")
    assert run("--lang", "en", "check", "--explain", code).out.startswith(f"# {code} ")


def test_where_there_is_no_page_the_english_one_is_shown() -> None:
    assert page_of("RT101", "fr") == page(ENGLISH, "RT101").rstrip("\n")


@pytest.mark.parametrize("code", PAGES)
def test_the_page_is_written_for_its_readers(code: str) -> None:
    assert slips(page(PORTUGUESE, code)) == []


def test_slips_are_found() -> None:
    text = "o usuário está salvando o objecto, quando o comando `direct` diz {object}"
    assert slips(text) == ["usuário", "objecto", "salvando"]
