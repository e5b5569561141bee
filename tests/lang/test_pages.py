"""Every code has a page, and what its page says is true."""

import re
from datetime import date
from pathlib import Path, PurePath

import pytest

from roteiro.lang.check import check_loaded
from roteiro.lang.codes import CODES, lookup, title
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.dictionary import by_keyword
from roteiro.lang.lint.identity import TELLING
from roteiro.lang.load import Contents, load
from roteiro.lang.lower import lower
from roteiro.lang.render.text import render
from roteiro.lang.report import place
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed

PAGES = Path(__file__).resolve().parents[2] / "docs" / "errors"
GOLDEN = Path(__file__).parent / "golden"
BLESS = False
"""Set it to write the golden files again; the test then fails, so that nobody forgets it."""
TODAY = date(2026, 1, 31)
HEADINGS = ["## Summary", "## Avoid", "## Prefer", "## Rationale"]
EXAMPLE = re.compile(r"^## (Avoid|Prefer)\n\n```route\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "example.route"
"""What the example of a page is called."""


class Shelf:
    """The files that examples may name."""

    def __init__(self, text: str) -> None:
        self.files = {
            NAME: text,
            "peers.txt": "CT1\nCT2\n",
            "names.route": 'language 1\ncondition chest = BodyPartExamined == "CHEST"\n',
        }

    def identity(self, name: str) -> str:
        return name

    def read(self, path: str, beside: str) -> Contents:
        name = str(PurePath(beside).parent / path)
        if name not in self.files:
            raise FileNotFoundError(name)
        return Contents(name, name, self.files[name].encode())

    def why(self, wrong: OSError) -> str:
        return str(wrong)


def examined(text: str) -> tuple[Typed | None, tuple[Diagnostic, ...]]:
    """Check an example as `roteiro check` does, on one day."""
    loaded = load(Source(NAME, text), Shelf(text))
    typed, findings = check_loaded(loaded, TODAY)
    return typed, tuple(sorted((*loaded.findings, *findings), key=place))


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
def test_bad_example_has_this_finding_and_no_other(code: str) -> None:
    _, findings = examined(example(code, "Avoid"))
    assert {(each.code, each.level) for each in findings} == {(code, CODES[code].level)}


@pytest.mark.parametrize("code", CODES)
def test_good_example_is_clean(code: str) -> None:
    typed, findings = examined(example(code, "Prefer"))
    assert findings == ()
    assert typed is not None
    lower(typed)


@pytest.mark.parametrize("code", CODES)
def test_bad_example_is_shown_as_in_the_golden_file(code: str) -> None:
    _, findings = examined(example(code, "Avoid"))
    shown = "\n\n".join(render(finding, "en") for finding in findings) + "\n"
    golden = GOLDEN / f"{code}.txt"
    if BLESS:
        golden.write_text(shown, encoding="utf-8")
    assert not BLESS
    assert shown == golden.read_text(encoding="utf-8")


def test_golden_files_and_codes_are_the_same_set() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == set(CODES)


def test_codes_are_found_by_code_and_name() -> None:
    assert lookup("rt101") == "RT101"
    assert lookup("unknown-attribute") == "RT101"
    assert lookup("no-such-name") is None


def test_the_page_of_identified_fields_lists_them_all() -> None:
    compared = {name for name in TELLING if (known := by_keyword(name)) and known.vr != "SQ"}
    for page in (PAGES / "RT502.md", PAGES / "pt" / "RT502.md"):
        listed = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
        assert compared <= listed
        assert listed - compared == {"PatientID"}


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
