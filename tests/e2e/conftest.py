"""Routers that end with the test, and real DICOM files."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.routers import RouterProcess, Routers


@pytest.fixture
def routers(tmp_path: Path) -> Iterator[Routers]:
    """Make routers, each in a folder of its own; all end with the test."""
    with ExitStack() as stack:
        made = 0

        def make(rules: str) -> RouterProcess:
            nonlocal made
            made += 1
            folder = tmp_path / f"router{made}"
            folder.mkdir()
            router = RouterProcess(folder, rules)
            stack.callback(router.close)
            return router

        yield make
