"""Every code has a page, and what its page says is true."""

import re
from pathlib import Path

import pytest

from roteiro.lang.codes import CODES, lookup, title
from roteiro.lang.lower import lower

PAGES = Path(__file__).resolve().parents[2] / "docs" / "errors"
HEADINGS = ["## Summary", "## Avoid", "## Prefer", "## Rationale"]
EXAMPLE = re.compile(r"^## (Avoid|Prefer)\n\n```route\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def example(code: str, heading: str) -> str:
    return dict(EXAMPLE.findall(page(code)))[heading]


def test_pages_and_codes_are_the_same_set() -> None:
    assert {path.stem for path in PAGES.glob("RT*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_page_has_the_fixed_headings(code: str) -> None:
    lines = page(code).splitlines()
    assert lines[0] == f"# {code} {CODES[code].name}"
    assert [line for line in lines if line.startswith("## ")] == HEADINGS
    summary = title(code)
    assert summary[0].upper() + summary[1:] + "." in page(code)


@pytest.mark.parametrize("code", CODES)
def test_bad_example_is_found(code: str, examine) -> None:
    _, findings = examine(example(code, "Avoid"))
    assert code in {finding.code for finding in findings}
    assert {finding.level for finding in findings if finding.code == code} == {CODES[code].level}


@pytest.mark.parametrize("code", CODES)
def test_good_example_is_clean(code: str, examine) -> None:
    typed, findings = examine(example(code, "Prefer"))
    assert findings == ()
    assert typed is not None
    lower(typed)


def test_codes_are_found_by_code_and_name() -> None:
    assert lookup("rt101") == "RT101"
    assert lookup("unknown-attribute") == "RT101"
    assert lookup("no-such-name") is None


def test_names_are_unique() -> None:
    names = [entry.name for entry in CODES.values()]
    assert len(names) == len(set(names))


def test_the_index_lists_every_code() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    rows = [
        f"| [{code}]({code}.md) | {entry.name} | {entry.level.name.lower()} | {title(code)} |"
        for code, entry in CODES.items()
    ]
    assert [line for line in index.splitlines() if line.startswith("| [")] == rows
