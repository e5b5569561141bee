"""Lint, format, types and layers are part of the one test command."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tree import ROOT, kept  # isort: skip

BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": ["ruff", "check", "--quiet", "."],
    "ruff format": ["ruff", "format", "--check", "--quiet", "."],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports"],
}
# shapes, so that this file is looked at like any other: a folder of one machine, a registry's host
FORBIDDEN = (
    re.compile(r"(?<![\w.`])/(?:home|mnt|opt|root|srv|work|Users)/\w"),
    re.compile(r"\b(?:deb|pypi|registry)\.[a-z]"),
)


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


def places(text: str) -> list[str]:
    """Give what a text names of one machine."""
    return [found[0] for pattern in FORBIDDEN for found in pattern.finditer(text)]


def test_no_place_of_one_machine_is_named() -> None:
    files = [
        path
        for path in kept()
        if path.suffix in {".py", ".pyx", ".md", ".toml", ".sh", ".route", ""}
    ]
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in files}
    assert len(texts) > 100
    assert {path: found for path, text in texts.items() if (found := places(text))} == {}


@pytest.mark.parametrize("parts", [("", "work", "x"), ("see ", "root", "x")])
def test_a_planted_folder_is_seen(parts: tuple[str, ...]) -> None:
    assert places("/".join(parts))


@pytest.mark.parametrize(
    "parts", [("pypi", "org"), ("deb", "debian", "org"), ("registry", "npmjs")]
)
def test_a_planted_host_is_seen(parts: tuple[str, ...]) -> None:
    assert places(".".join(parts))
