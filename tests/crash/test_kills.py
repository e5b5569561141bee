"""`kill -9` and SIGTERM of the whole router under load from three senders (issue 5, G01)."""

from pathlib import Path

from tests.crash.conftest import Report
from tests.crash.kills import kill_run, terminate_run
from tests.crash.load import BOTH, ONE, UNROUTED, Entry
from tests.crash.trial import Found, Trial
from tests.e2e.raw import Arrival

KILLS = 200
LONGEST_END = 25.0
"""Seconds: 10 for associations, 10 for deliveries, and some for a busy machine (cli.md)."""


def test_nothing_acknowledged_is_lost_or_changed(seed: int, tmp_path: Path, report: Report) -> None:
    verdict = kill_run(tmp_path, seed, KILLS)
    report(f"kill -9: {verdict}")
    assert verdict.acknowledged > KILLS, "there was no load to speak of"
    assert verdict.fine, verdict.findings()


def test_sigterm_under_load_ends_in_order_and_loses_nothing(
    seed: int, tmp_path: Path, report: Report
) -> None:
    verdict, code, seconds = terminate_run(tmp_path, seed)
    report(f"SIGTERM after {seconds:.1f} s: {verdict}")
    assert code == 0
    assert seconds < LONGEST_END
    assert verdict.fine, verdict.findings()
    assert verdict.duplicates == 0, "what was in flight had its time"


def test_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    trial = Trial(tmp_path, tmp_path / "spool", 1)
    try:
        sent = {uid: Entry(BOTH, "digest", 8) for uid in ("1.1", "1.2", "1.3")}
        sent |= {"1.4": Entry(ONE, "digest", 8), "1.5": Entry(UNROUTED, "digest", 8)}
        trial.journal.sent = sent
        trial.journal.acknowledged = {uid: sent[uid] for uid in ("1.1", "1.2", "1.5")}
        trial.sinks["first"].arrivals += [arrival("1.1", 1.0), arrival("1.1", 4.0)]
        trial.sinks["first"].arrivals += [arrival("1.2", 2.0, "other")]
        trial.sinks["second"].arrivals += [arrival("1.1", 2.0), arrival("1.4", 2.0)]
        trial.sinks["second"].arrivals += [arrival("1.9", 2.0)]
        trial.hits = [3.0]
        trial.router.events_file.write_text(
            '{"event": "delivery_done", "at": 2.5, "to": "first", "sop_instance": "1.1"}\n'
        )
        trial.journal.refused["status 0xA700"] = 2
        verdict = trial.verdict(Found(("held for nothing",), set(), set()))
    finally:
        trial.close()
    assert verdict.missing == ("second 1.2", "unrouted 1.5")
    assert verdict.changed == ("first 1.2", "second 1.9")
    assert verdict.strayed == ("second 1.4",)
    assert verdict.returned == ("first 1.1",)
    assert verdict.phantom == ("held for nothing",)
    assert verdict.refused == {"status 0xA700": 2}
    assert (verdict.duplicates, verdict.most_at_once) == (1, 1)
    assert not verdict.fine
    assert "returned: first 1.1" in verdict.findings()


def arrival(uid: str, at: float, digest: str = "digest") -> Arrival:
    return Arrival("1.2.840.10008.5.1.4.1.1.2", uid, "", digest, 8, 8, "A", "B", at)
