"""The laboratory finds what it is there to find: each planted fault, with the tool meant for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.conftest import Report
from tests.crash.cuts import power_run
from tests.crash.kills import kill_run
from tests.crash.planted import PLANTS
from tests.crash.syncs import sync_run
from tests.crash.trial import Verdict
from tests.crash.volume import obstacle

HITS, MOST_RUNS, PATIENCE = 5, 6, 3.0
Tool = Callable[[Path, int, str], Verdict]


def kills(folder: Path, seed: int, plant: str) -> Verdict:
    return kill_run(folder, seed, HITS, plant=plant, patience=PATIENCE)


def cuts(folder: Path, seed: int, plant: str) -> Verdict:
    if why := obstacle("ext4"):
        pytest.skip(why)
    return power_run(folder, seed, HITS, "ext4", plant=plant, patience=PATIENCE)


def syncs(folder: Path, seed: int, plant: str) -> Verdict:
    if why := obstacle("xfs"):
        pytest.skip(why)
    return sync_run(folder, seed, 2, "xfs", plant=plant, patience=PATIENCE)[0]


# plant -> the tool, and what it finds
TOOLS: dict[str, tuple[Tool, str]] = {
    "answers_too_early": (kills, "missing"),
    "done_before_sent": (kills, "missing"),
    "byte_altered": (kills, "changed"),
    "folder_not_synced": (cuts, "missing"),
    "data_not_synced": (cuts, "missing"),
    "failed_sync_ignored": (syncs, "missing"),
}
ELSEWHERE = {"digest_skipped": "test_flips.py"}


def test_every_plant_has_a_tool() -> None:
    assert TOOLS.keys() | ELSEWHERE.keys() == PLANTS.keys()
    for name, file in ELSEWHERE.items():
        assert name in Path(__file__).with_name(file).read_text(encoding="utf-8")


@pytest.mark.parametrize("plant", sorted(TOOLS))
def test_planted_fault_is_found(plant: str, seed: int, tmp_path: Path, report: Report) -> None:
    tool, kind = TOOLS[plant]
    verdict = None
    for number in range(MOST_RUNS):
        place = tmp_path / str(number)
        place.mkdir()
        verdict = tool(place, seed + number, plant)
        if getattr(verdict, kind):
            break
    report(f"{plant}, run {number + 1}: {verdict}")
    assert verdict is not None
    assert getattr(verdict, kind)
    assert not verdict.fine
