"""A folder for tests whose disk is a model: there is nothing to gain from a real one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """Give a fresh folder, in memory where the system has a place for that."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="roteiro-") as folder:
        yield Path(folder)
