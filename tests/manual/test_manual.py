"""docs/language.md: every row is true, every example checks, and no row is without a test."""

import importlib.util
import re
import shutil
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Level
from roteiro.lang.source import Source
from roteiro.runtime.rules import rules_of
from roteiro.runtime.sources import examine, examine_file
from roteiro.runtime.testing import jobs_of, run_tests
from tests.portuguese import slips

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).parent
MANUAL = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
PORTUGUESE = (ROOT / "docs" / "pt" / "linguagem.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"^\| (\d+\.\d+) \| ", re.MULTILINE)
ROW = re.compile(r"^\| (\d+\.\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
EXAMPLE = re.compile(r"^```route\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = sorted(HERE.glob("*.route"))


def findings_by_row() -> list[tuple[str, str, tuple[str, ...]]]:
    """Load the table beside this file (tests are no package)."""
    spec = importlib.util.spec_from_file_location("refused", HERE / "refused.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[tuple[str, str, tuple[str, ...]]] = module.FOUND
    return found


FOUND = findings_by_row()
ROWS = {number: tests for number, _, tests in ROW.findall(MANUAL)}


def names_in(path: Path) -> list[str]:
    """Give the numbers that the tests of a rule file begin with."""
    return re.findall(r'^test "(\d+\.\d+) ', path.read_text("utf-8"), re.MULTILINE)


def is_there(number: str, place: str) -> bool:
    """Say whether a test that a row names tests it."""
    if place.endswith(".route"):
        return number in names_in(HERE / place)
    if place == "refused.py":
        return any(row == number for row, _, _ in FOUND)
    file, _, name = place.partition("::")
    text = (ROOT / file).read_text("utf-8")
    return f"def {name}(" in text


@pytest.mark.parametrize("number", ROWS)
def test_every_row_names_its_tests(number: str) -> None:
    places = re.findall(r"`([^`]+)`", ROWS[number])
    assert places
    assert [place for place in places if not is_there(number, place)] == []


def test_rows_are_numbered_once_and_in_order() -> None:
    numbers = [tuple(map(int, number.split("."))) for number, _, _ in ROW.findall(MANUAL)]
    assert numbers == sorted(set(numbers))


def test_every_test_has_its_row() -> None:
    for path in FILES:
        for number in names_in(path):
            assert f"`{path.name}`" in ROWS[number], (path.name, number)
    for number, _, _ in FOUND:
        assert "`refused.py`" in ROWS[number], number


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_the_rows_say(path: Path, tmp_path: Path) -> None:
    copy = shutil.copy(path, tmp_path)
    shutil.copytree(HERE / "beside", tmp_path / "beside")
    shutil.copy(str(get_testdata_file("CT_small.dcm", download=False)), tmp_path / "fixture.dcm")
    examined = examine_file(Path(copy))
    assert [found for found in examined.findings if found.level is Level.ERROR] == []
    rules = rules_of(examined)
    results = list(run_tests(rules, jobs_of(rules, ""), "en"))
    assert results
    assert [ran for ran in results if not ran.passed] == []


@pytest.mark.parametrize(("number", "text", "codes"), FOUND)
def test_what_check_finds(number: str, text: str, codes: tuple[str, ...]) -> None:
    found = examine(Source("row.route", f"language 1\n{text}")).findings
    assert {finding.code for finding in found} == set(codes)


@pytest.mark.parametrize("text", EXAMPLE.findall(MANUAL))
def test_every_example_is_a_rule_file(text: str) -> None:
    if not text.startswith("language 1"):
        text = f"language 1\n{text}"
    examined = examine(Source("example.route", text))
    assert [found for found in examined.findings if found.level is Level.ERROR] == []
    rules = rules_of(examined)
    assert [ran for ran in run_tests(rules, jobs_of(rules, ""), "en") if not ran.passed] == []


def test_every_code_is_listed() -> None:
    listed = dict(re.findall(r"^\| (RT\d{3}) \| `([a-z0-9-]+)` \|", MANUAL, re.MULTILINE))
    assert listed == {code: entry.name for code, entry in CODES.items()}


def test_both_languages_have_the_same_rows_examples_and_words_of_the_language() -> None:
    assert NUMBER.findall(PORTUGUESE) == NUMBER.findall(MANUAL)
    assert EXAMPLE.findall(PORTUGUESE) == EXAMPLE.findall(MANUAL)
    assert re.findall(r"RT\d{3}", PORTUGUESE) == re.findall(r"RT\d{3}", MANUAL)


def test_the_pages_are_written_for_their_readers() -> None:
    tutorial = (ROOT / "docs" / "pt" / "tutorial.md").read_text(encoding="utf-8")
    assert slips(PORTUGUESE) == []
    assert slips(tutorial) == []
