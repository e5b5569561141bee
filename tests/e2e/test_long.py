"""The count that long runs keep adds up."""

import json
from pathlib import Path

import pytest

from tests import long


@pytest.fixture
def totals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "totals.json"
    monkeypatch.setattr(long, "TOTALS", path)
    return path


def test_runs_add_up_and_seeds_never_repeat(totals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long, "commit", lambda: "abc")
    assert long.next_seed("crash") == 1
    long.add("crash", {"kills": 25, "missing": 0}, 1, 1)
    assert long.next_seed("crash") == 2
    long.add("crash", {"kills": 25, "missing": 1}, 2, 4)
    monkeypatch.setattr(long, "commit", lambda: "def")
    long.add("crash", {"kills": 5}, 5, 5)
    long.add("fuzz", {"programs": 7}, 1, 9)
    assert json.loads(totals.read_text("utf-8")) == {
        "crash": {
            "kills": 55,
            "missing": 1,
            "runs": [{"commit": "abc", "seeds": [1, 4]}, {"commit": "def", "seeds": [5, 5]}],
        },
        "fuzz": {"programs": 7, "runs": [{"commit": "def", "seeds": [1, 9]}]},
    }
    assert long.next_seed("crash") == 6
    assert long.next_seed("fuzz") == 10


def test_fuzz_counts_a_difference_and_says_so(
    totals: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = type("Hook", (), {"run": staticmethod(differs)})
    monkeypatch.setattr("importlib.import_module", lambda name: hook)
    assert long.programs(0.0) == 1
    assert "twin differs" in capsys.readouterr().out
    assert json.loads(totals.read_text("utf-8"))["fuzz"]["differences"] == 1


def differs(minutes: float, seed: int) -> dict[str, object]:
    raise AssertionError("twin differs")
