"""Mistakes planted in the compiled half are noticed: some each time, all by `make mutants`."""

from pathlib import Path

import pytest

from mutants.listed import MUTANTS, Mutant  # isort: skip
from mutants.run import (  # isort: skip
    FAILED,
    asked,
    attempt,
    build,
    built,
    changed,
    copy_to,
    prepare,
)
from tree import ROOT  # isort: skip

QUICK = [mutant for mutant in MUTANTS if mutant.is_quick]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutants")
    copy_to(folder)
    prepare(folder, QUICK)
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Give a folder with nothing but tests."""
    profile = 'from hypothesis import settings\nsettings.register_profile("unshrunk")\n'
    (tmp_path / "conftest.py").write_text(profile)
    (tmp_path / "setup.py").write_text("")
    (tmp_path / "test_right.py").write_text("def test_right():\n    pass\n")
    (tmp_path / "test_wrong.py").write_text("def test_wrong():\n    assert False\n")
    (tmp_path / "test_endless.py").write_text("while True:\n    pass\n")
    return tmp_path


def test_each_mistake_can_still_be_made() -> None:
    for mutant in MUTANTS:
        found = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.before)
        assert found == 1, f"{mutant.name}: {found} times in {mutant.file}"
        assert mutant.before != mutant.after
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len(QUICK) == 5


@pytest.mark.parametrize("mutant", QUICK, ids=[mutant.name for mutant in QUICK])
def test_mistakes_are_noticed(copy: Path, mutant: Mutant) -> None:
    tried = attempt(copy, mutant)
    assert tried.killed, tried.why


def test_tests_that_fail_without_a_mistake_notice_none(small: Path) -> None:
    right, wrong = (Mutant(name, "", "", "", (f"test_{name}.py",)) for name in ("right", "wrong"))
    prepare(small, [right])
    with pytest.raises(AssertionError, match=r"without any mistake: FAILED test_wrong"):
        prepare(small, [right, wrong])


def test_a_test_without_end_has_noticed(small: Path) -> None:
    assert asked(small, ["test_endless.py"], limit=2) == (FAILED, "no end after 2 s")


def test_only_what_changes_is_compiled(copy: Path) -> None:
    assert build(copy).returncode == 0
    made = {path.name: path for path in (copy / built() / "core").glob("*.so")}
    before = {name: path.stat().st_mtime_ns for name, path in made.items()}
    mutant = QUICK[0]
    with changed(copy, mutant):
        assert build(copy).returncode == 0
    again = {name for name, path in made.items() if path.stat().st_mtime_ns != before[name]}
    assert {name.partition(".")[0] for name in again} == {Path(mutant.file).stem}
    assert len(made) > 1
