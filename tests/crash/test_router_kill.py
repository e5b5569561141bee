"""`kill -9` and SIGTERM of the whole router under load from three senders (issue 2, F01, F28)."""

import os
from pathlib import Path
from random import SystemRandom

import pytest

from tests.e2e.kills import BOTH, ONE, Entry, Run, kill_run, terminate_run
from tests.e2e.raw import Arrival

KILLS = 40
IN_FLIGHT = 4
"""What a kill may repeat (P-4): two destinations, two associations each."""
LONGEST_END = 25.0
"""Seconds: 10 for associations, 10 for deliveries, and some for a busy machine (cli.md)."""


@pytest.fixture
def seed() -> int:
    """Give a new seed each time; ROTEIRO_SEED repeats a run."""
    return int(os.environ.get("ROTEIRO_SEED") or SystemRandom().randrange(10**9))


def test_nothing_acknowledged_is_lost_or_changed(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = kill_run(tmp_path, seed, KILLS)
    with capsys.disabled():
        print(f"\nkill -9: {verdict}")
    assert verdict.acknowledged > KILLS, "there was no load to speak of"
    assert not verdict.missing
    assert not verdict.changed
    assert not verdict.strayed
    assert not verdict.refused
    assert verdict.duplicates <= KILLS * IN_FLIGHT


def test_sigterm_under_load_ends_in_order_and_loses_nothing(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict, code, seconds = terminate_run(tmp_path, seed)
    with capsys.disabled():
        print(f"\nSIGTERM after {seconds:.1f} s: {verdict}")
    assert code == 0
    assert seconds < LONGEST_END
    assert verdict.fine
    assert verdict.duplicates == 0, "what was in flight had its time"


ANSWERS_EARLY = """
import asyncio, sys
from roteiro.__main__ import main
from roteiro.runtime.intake import ObjectReception
whole = ObjectReception.finish
kept = set()
async def early(self):
    kept.add(asyncio.ensure_future(whole(self)))
    return 0
ObjectReception.finish = early
sys.exit(main())
"""


def test_router_that_answers_too_early_is_found_out(seed: int, tmp_path: Path) -> None:
    """The test above can fail: with `0x0000` before the commit, objects are lost."""
    verdict = kill_run(tmp_path, seed, 8, program=("-c", ANSWERS_EARLY), drained=5.0)
    assert verdict.missing
    assert not verdict.changed


def test_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    run = Run(tmp_path, 1)
    try:
        sent = {uid: Entry(BOTH, "digest", 8) for uid in ("1.1", "1.2", "1.3")}
        sent["1.4"] = Entry(ONE, "digest", 8)
        run.journal.sent = sent
        run.journal.acknowledged = {uid: sent[uid] for uid in ("1.1", "1.2")}
        run.sinks["first"].arrivals += [arrival("1.1"), arrival("1.1"), arrival("1.2", "other")]
        run.sinks["second"].arrivals += [arrival("1.1"), arrival("1.4"), arrival("1.9")]
        verdict = run.verdict(0)
    finally:
        run.close()
    assert verdict.missing == ("second 1.2",)
    assert verdict.changed == ("first 1.2", "second 1.9")
    assert verdict.strayed == ("second 1.4",)
    assert verdict.duplicates == 1
    assert not verdict.fine


def arrival(uid: str, digest: str = "digest") -> Arrival:
    return Arrival("1.2.840.10008.5.1.4.1.1.2", uid, "", digest, 8, 8, "A", "B", 0.0)
