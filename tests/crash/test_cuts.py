"""Real power cuts of the spool's file system under load (issue 5, G02)."""

import os
from pathlib import Path

import pytest

from tests.crash.conftest import Report
from tests.crash.cuts import power_run
from tests.crash.volume import SIZES, Flag, Volume, obstacle

CUTS = 30
"""Of each file system."""


@pytest.fixture(params=sorted(SIZES))
def kind(request: pytest.FixtureRequest) -> str:
    """Give a file system whose power can be cut here."""
    name = str(request.param)
    if why := obstacle(name):
        pytest.skip(why)
    return name


def test_nothing_acknowledged_is_lost_or_changed(
    kind: str, seed: int, tmp_path: Path, report: Report
) -> None:
    verdict = power_run(tmp_path, seed, CUTS, kind)
    report(f"power cuts on {kind}: {verdict}")
    assert verdict.acknowledged > CUTS, "there was no load to speak of"
    assert verdict.fine, verdict.findings()


@pytest.mark.parametrize("flag", list(Flag))
def test_a_cut_takes_what_was_not_synced_and_nothing_else(kind: str, flag: Flag) -> None:
    """A test of the test: this is what the whole laboratory of power cuts rests on."""
    with Volume(kind) as volume:
        write(volume.folder / "synced", sync=True)
        write(volume.folder / "not synced", sync=False)
        volume.cut(flag)
        with pytest.raises(OSError):  # noqa: PT011  ext4 and XFS differ in the number
            write(volume.folder / "too late", sync=True)
        volume.power_on()
        assert (volume.folder / "synced").read_bytes() == CONTENT
        left = volume.folder / "not synced"
        assert not left.exists() or left.read_bytes() != CONTENT
        assert not (volume.folder / "too late").exists() or flag is Flag.LOG_FLUSHED


CONTENT = os.urandom(5_000)


def write(path: Path, *, sync: bool) -> None:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        os.write(handle, CONTENT)
        if sync:
            os.fsync(handle)
            sync_folder(path.parent)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
