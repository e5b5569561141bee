"""Seeds that repeat a run, places in memory, and what a report says."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom

import pytest

MEMORY = Path("/dev/shm")

Report = Callable[[object], None]


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Give a new seed each time; ROTEIRO_SEED repeats a run."""
    seed = int(os.environ.get("ROTEIRO_SEED") or SystemRandom().randrange(10**9))
    name = request.node.nodeid
    request.node.user_properties.append(("again", f"ROTEIRO_SEED={seed} pytest '{name}'"))
    print(f"again: ROTEIRO_SEED={seed} pytest '{name}'")  # shown when the test fails
    return seed


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """Give a way to say what was done, in every run."""

    def say(words: object) -> None:
        with capsys.disabled():
            print(f"\n{words}")

    return say


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """Give a fresh folder, in memory where the system has a place for that."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="roteiro-") as folder:
        yield Path(folder)
