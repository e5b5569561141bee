"""A disk whose writes succeed and whose syncs fail (issue 5; reliability F08)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.conftest import Report
from tests.crash.syncs import Thin, shelf, sync_run, thin
from tests.crash.volume import SIZES, obstacle

LIVES = 4
CONTENT = os.urandom(20_000)


@pytest.fixture(params=sorted(SIZES))
def kind(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if why := obstacle(name):
        pytest.skip(why)
    return name


@pytest.fixture
def volume(kind: str, tmp_path: Path) -> Iterator[Thin]:
    with shelf(tmp_path, kind) as place, thin(kind, place) as volume:
        yield volume


def test_no_success_when_the_sync_failed(
    kind: str, seed: int, tmp_path: Path, report: Report
) -> None:
    verdict, said_no = sync_run(tmp_path, seed, LIVES, kind)
    report(f"failing syncs on {kind}, {said_no} lives said no: {verdict}")
    assert said_no == LIVES, "a life in which no sync failed shows nothing"
    assert verdict.acknowledged > LIVES
    assert verdict.fine, verdict.findings()


def test_writes_succeed_and_syncs_fail(volume: Thin) -> None:
    """A test of the test: what was synced before stays, what was not is lost and was never firm."""
    before, after = volume.folder / "before", volume.folder / "after"
    handle = write(before)
    os.fdatasync(handle)
    os.close(handle)
    volume.take_room()
    handle = write(after)
    try:
        assert os.pread(handle, len(CONTENT), 0) == CONTENT, "it reads well until the sync"
        with pytest.raises(OSError):  # noqa: PT011  the number is the file system's choice
            os.fdatasync(handle)
    finally:
        os.close(handle)
    volume.give_room()
    volume.power_on()
    assert before.read_bytes() == CONTENT
    assert not after.exists() or after.read_bytes() != CONTENT


def write(path: Path) -> int:
    handle = os.open(path, os.O_CREAT | os.O_RDWR)
    assert os.write(handle, CONTENT) == len(CONTENT)
    return handle
