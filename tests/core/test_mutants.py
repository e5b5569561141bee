"""Mistakes planted in the compiled half are noticed: some each time, all by `make mutants`."""

from pathlib import Path

import pytest

from mutants.listed import MUTANTS, Mutant  # isort: skip
from mutants.run import attempt, build, copy_to  # isort: skip
from tree import ROOT  # isort: skip

QUICK = [mutant for mutant in MUTANTS if mutant.is_quick]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutants")
    copy_to(folder)
    made = build(folder)
    assert made.returncode == 0, made.stderr
    return folder


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
