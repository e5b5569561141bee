"""Build the compiled half with one mistake after the other, and see that tests fail.

Each is tried in a copy of the tree, so that nothing of the real one changes.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from setuptools import Distribution, Extension

from mutants.listed import Mutant  # isort: skip
from tree import ROOT, kept  # isort: skip

FAILED = 1
"""What pytest ends with when a test failed; other codes say that it could not run."""
LIMIT = 300
"""Seconds that the tests of one mistake may take, many times what they need; some never end."""
OPTIONS = ("-q", "-x", "-rf", "-p", "no:cacheprovider", "--hypothesis-profile=unshrunk")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    why: str
    seconds: float


def built() -> Path:
    """Give where the build looks for what it made before: it does not look beside the sources."""
    command = Distribution({"ext_modules": [Extension("any", [])]}).get_command_obj("build")
    command.ensure_finalized()
    return Path(command.build_lib) / "roteiro"


def copy_to(folder: Path) -> None:
    """Copy what git keeps, and what was built of it, so that only what changes is built again."""
    libraries = list(ROOT.glob("core/*.so"))
    same = (*kept(), *ROOT.glob("build/cython/core/*.c"), *libraries)
    places = [(path, path.relative_to(ROOT)) for path in same]
    places += [(path, built() / path.relative_to(ROOT)) for path in libraries]
    for path, name in places:
        place = folder / name
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


def asked(folder: Path, tests: Iterable[str], limit: float = LIMIT) -> tuple[int, str]:
    """Run tests of a built copy; an end that does not come is `FAILED` as well."""
    words = [sys.executable, "-m", "pytest", *OPTIONS, *tests]
    try:
        run = subprocess.run(
            words,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder / "build" / "view")},
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return FAILED, f"no end after {limit:.0f} s"
    why = next((line for line in run.stdout.splitlines() if line.startswith("FAILED")), "")
    return run.returncode, why or run.stdout[-500:]


def prepare(folder: Path, mutants: Iterable[Mutant]) -> None:
    """Build a copy without any mistake; the tests that look closest must pass there.

    Else a test that fails anyhow would notice everything.
    """
    made = build(folder)
    assert made.returncode == 0, made.stderr
    tests = dict.fromkeys(test for mutant in mutants for test in mutant.tests)
    code, why = asked(folder, tests, len(tests) * LIMIT)
    assert code == 0, f"without any mistake: {why}"


def attempt(folder: Path, mutant: Mutant) -> Tried:
    """Make one mistake in a built copy, and run the tests that look closest."""
    began = time.monotonic()
    with changed(folder, mutant):
        made = build(folder)
        if made.returncode:
            return Tried(mutant, False, made.stderr[-500:], time.monotonic() - began)
        code, why = asked(folder, mutant.tests)
    killed = code == FAILED or code < 0
    return Tried(mutant, killed, why, time.monotonic() - began)
