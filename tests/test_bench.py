"""Each question of `bench/` runs; what it measures here means nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_spool_is_asked(tmp_path: Path) -> None:
    words = [sys.executable, ROOT / "bench/spool_commit.py", tmp_path, "100"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "objects" in done.stdout


def test_the_engine_is_asked() -> None:
    words = [sys.executable, "-m", "bench.decide", "0.01"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "person name" in done.stdout


def test_every_question_is_in_the_round() -> None:
    round_ = (ROOT / "bench/__main__.py").read_text(encoding="utf-8")
    written = {path.name: path.read_text("utf-8") for path in (ROOT / "bench").glob("*.py")}
    files = {name for name, text in written.items() if "\ndef main(" in text} - {"__main__.py"}
    assert len(files) > 3
    assert [name for name in sorted(files) if f'"{name}"' not in round_] == []
