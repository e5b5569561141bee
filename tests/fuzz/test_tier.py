"""The long tier: what is counted of each target, and what is said where nothing can be fuzzed."""

from pathlib import Path

import pytest

from fuzz import run
from fuzz.run import Run
from tests import long


@pytest.fixture
def totals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "totals.json"
    monkeypatch.setattr(long, "TOTALS", path)
    return path


def done(executions: int, findings: int = 0) -> Run:
    return Run("feed", executions, 60, findings, "told")


def test_runs_of_one_commit_are_one(totals: Path) -> None:
    long.count_target(done(5), "aa")
    long.count_target(done(7, 1), "aa")
    long.count_target(done(1), "bb")
    assert long.load()["targets"]["feed"] == {
        "executions": 13,
        "findings": 1,
        "seconds": 180,
        "runs": [
            {"commit": "aa", "executions": 12, "findings": 1, "seconds": 120},
            {"commit": "bb", "executions": 1, "findings": 0, "seconds": 60},
        ],
    }


def test_without_a_compiler_programs_have_all_of_the_time(
    totals: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[float] = []
    monkeypatch.setattr(run, "clang", lambda: "")
    monkeypatch.setattr(long, "programs", lambda minutes: given.append(minutes) or 0)
    assert long.fuzz(8) == 0
    assert given == [8]
    assert "libclang-rt-14-dev" in capsys.readouterr().out
    assert long.targets(8) == long.control(8) == 1
    assert not totals.exists()


def test_a_finding_is_told_and_ends_with_1(
    totals: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Copy:
        def __enter__(self) -> Path:
            return tmp_path

        def __exit__(self, *error: object) -> None:
            return

    def fuzz(folder: Path, target: str, seconds: float) -> Run:
        assert folder == tmp_path
        assert seconds == 60
        return Run(target, 9, 60, int(target == "feed"), "the stack")

    monkeypatch.setattr(run, "clang", lambda: "clang")
    monkeypatch.setattr(run, "copy", Copy)
    monkeypatch.setattr(run, "fuzz", fuzz)
    assert long.targets(len(run.TARGETS)) == 1
    assert "the stack" in capsys.readouterr().out
    counted = long.load()["targets"]
    assert {name: each["findings"] for name, each in counted.items() if each["findings"]} == {
        "feed": 1
    }
    assert set(counted) == set(run.TARGETS)
