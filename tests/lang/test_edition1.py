"""The files of the paper, with the lists they name: they check, and their tests run."""

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from roteiro.lang.reference import Reference
from roteiro.lang.render.text import said
from roteiro.lang.selftest import FileObject, Outside, TestResult, run_one
from roteiro.lang.typed import Typed
from roteiro.runtime.dicom import read_part10
from roteiro.runtime.sources import examine_file

FOLDER = Path(__file__).parent / "edition1"
FILES = sorted(FOLDER.glob("*.route"))
REFUSED = {
    # what `serve` does not carry out in each
    "hospital": {"accept_syntax"},
    "predicates": set(),
    "research": {"tls", "external", "via"},
    "teleradiology": {"tls", "notify"},
    "tests": set(),
}
REFUSED["research"] |= REFUSED["hospital"]
REFUSED["tests"] |= REFUSED["research"]
"""A program has what it uses."""


def checked(name: str) -> Typed:
    found = examine_file(FOLDER / f"{name}.route")
    assert [said(one.message, "en") for one in found.findings if one.level.name == "ERROR"] == []
    assert found.typed is not None
    return found.typed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_check_and_serve_says_what_it_refuses(path: Path) -> None:
    refused = {
        one.what.partition(":")[0].strip("`") for one in checked(path.stem).settings.uncarried
    }
    assert refused == REFUSED[path.stem]


def test_all_are_there() -> None:
    assert {path.stem for path in FILES} == set(REFUSED)


def opened(path: str) -> FileObject:
    """Read the file of the paper's test; a CT out of pydicom's wheel stands for it."""
    assert path.endswith("fixtures/ct_small.dcm")
    content = Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    meta = read_part10(content)
    data = content[meta.offset :]
    return FileObject(data, meta.transfer_syntax, meta.sop_class, meta.sop_instance)


def results() -> dict[str, TestResult]:
    typed = checked("tests")
    reference = Reference(typed)
    return {test.name: run_one(test, reference, Outside(opened)) for test in typed.tests}


def test_their_tests_pass_but_for_the_profile_of_the_standard() -> None:
    found = results()
    failed = {name: result for name, result in found.items() if not result.passed}
    assert len(found) == 4
    (result,) = failed.values()
    assert "trial copy" in next(iter(failed))
    assert all("cannot compute it" in said(one.got, "en") for one in result.failures)
    assert len(result.failures) == 2
