"""Build the compiled half with one mistake after the other, and see that tests fail.

Each is tried in a copy of the tree, so that nothing of the real one changes.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mutants.listed import Mutant  # isort: skip
from tree import ROOT, kept  # isort: skip

FAILED = 1
"""What pytest ends with when a test failed; other codes say that it could not run."""
OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-profile=unshrunk")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    why: str
    seconds: float


def copy_to(folder: Path) -> None:
    """Copy what git keeps, and what was built of it."""
    made = (*ROOT.glob("build/cython/core/*.c"), *ROOT.glob("core/*.so"))
    for path in (*kept(), *made):
        place = folder / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build what changed."""
    words = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@contextmanager
def changed(folder: Path, mutant: Mutant) -> Iterator[None]:
    """Make the mistake, and mend it again."""
    path = folder / mutant.file
    right = path.read_text(encoding="utf-8")
    assert right.count(mutant.before) == 1, f"{mutant.name}: not once in {mutant.file}"
    path.write_text(right.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(right, encoding="utf-8")


def attempt(folder: Path, mutant: Mutant) -> Tried:
    """Make one mistake in a built copy, and run the tests that look closest."""
    began = time.monotonic()
    with changed(folder, mutant):
        made = build(folder)
        if made.returncode:
            return Tried(mutant, False, made.stderr[-500:], time.monotonic() - began)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *OPTIONS, *mutant.tests],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder / "build" / "view")},
            capture_output=True,
            text=True,
            check=False,
        )
    killed = run.returncode == FAILED or run.returncode < 0
    why = next((line for line in run.stdout.splitlines() if line.startswith("FAILED")), "")
    return Tried(mutant, killed, why or run.stdout[-500:], time.monotonic() - began)
