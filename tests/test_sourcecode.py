"""Lint, format, types and layers are part of the one test command."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": ["ruff", "check", "--quiet", "."],
    "ruff format": ["ruff", "format", "--check", "--quiet", "."],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports"],
}
FORBIDDEN = ("/work/", "pypi.org", "deb.debian.org", "registry.npmjs")


@pytest.mark.parametrize("words", CHECKS.values(), ids=CHECKS.keys())
def test_check(words: list[str]) -> None:
    run = subprocess.run(
        [BIN / words[0], *words[1:]],
        cwd=ROOT,
        env={"PYTHONPATH": "build/view", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def tracked() -> list[Path]:
    """Give the files that git keeps; all of them when this is no checkout."""
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [ROOT / name for name in run.stdout.split("\0") if name]


def test_no_place_of_one_machine_is_named() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked()
        if path.suffix in {".py", ".pyx", ".md", ".toml", ".sh", ".route", ""}
        and path.name != Path(__file__).name
        and path.is_file()
        for word in FORBIDDEN
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []
