"""Some seeds of the simulator; `make crash` goes on where these end, for as long as one likes."""

import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tests.sim import bugs, faults
from tests.sim.runs import Verdict, run, run_seed, shrink

ROOT = Path(__file__).parent.parent.parent
SEEDS = 64
PART = 16
"""Seeds of one test, so that several processors share them."""
MOST_SEEDS = 1_000
"""A planted mistake has to show within these (issue 5)."""


def told(verdict: Verdict) -> str:
    """Say what went wrong and how to see it again."""
    smallest = shrink(verdict)
    return "\n".join((f"again: {smallest.again}", *smallest.findings[:20], *smallest.tail[-40:]))


@pytest.mark.parametrize("first", range(1, SEEDS, PART))
def test_whatever_befalls_a_router_it_keeps_its_promise(first: int) -> None:
    for seed in range(first, first + PART):
        verdict = run_seed(seed)
        assert not verdict.findings, told(verdict)


@pytest.mark.parametrize(
    ("seed", "kinds"),
    [(666, ("bit_flips", "clock_jumps", "cuts", "disk_errors"))],  # a refused object came back
)
def test_what_was_found_once_stays_away(seed: int, kinds: tuple[str, ...]) -> None:
    verdict = run_seed(seed, kinds)
    assert not verdict.findings, told(verdict)


def test_without_faults_nothing_is_repeated_or_late() -> None:
    verdict = run_seed(7, ())
    assert not verdict.findings, told(verdict)
    assert verdict.acknowledged > 5
    assert verdict.receipts > 5


def test_afterwards_sqlite_is_the_system_s_again() -> None:
    before = apsw.vfs_names()
    assert run_seed(3, ("kills",)).starts > 1
    assert apsw.vfs_names() == before  # the first is the default; the dead left none of theirs


def test_the_same_seed_is_the_same_run() -> None:
    seeds = (3, 4, 5, 6)
    asked = f"from tests.sim import run_seed; print(*[run_seed(s).digest for s in {seeds}])"
    again = [
        subprocess.run(
            [sys.executable, "-c", asked],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for hashes in ("1", "2")
    ]
    assert again == [[run_seed(seed).digest for seed in seeds]] * 2


def test_every_kind_of_fault_can_stand_alone() -> None:
    for number, kind in enumerate(faults.KINDS):
        verdict = run_seed(2_000 + number, (kind,))
        assert not verdict.findings, told(verdict)


@pytest.mark.parametrize("bug", bugs.BUGS, ids=lambda bug: bug.name)
def test_a_planted_mistake_is_found(bug: bugs.Bug) -> None:
    for seed in range(bug.first, bug.first + MOST_SEEDS):
        with bug.planted():
            found = run_seed(seed, bug.kinds).findings
        if found:
            break
    else:
        pytest.fail(f"{bug.name}: not seen in {MOST_SEEDS} seeds")
    assert not run_seed(seed, bug.kinds).findings, "found without the mistake, too"


def test_a_failure_shrinks_to_the_faults_that_it_needs() -> None:
    bug = next(each for each in bugs.BUGS if each.name == "the folder is not synced")
    with bug.planted():
        failed = next(
            verdict
            for seed in range(1, MOST_SEEDS)
            if (verdict := run_seed(seed, ("cuts", "manners", "slow_links"))).findings
        )
        smallest = shrink(failed)
    assert smallest.kinds == ("cuts",)
    assert smallest.again == f"python -m tests.sim --seed {smallest.seed} --kinds cuts"


def test_many_seeds_are_counted() -> None:
    totals = run(5_000, minutes=1.0, most=3)
    assert (totals.seeds, totals.next_seed, totals.findings) == (3, 5_003, 0)
    assert totals.hours > 1
    assert totals.calls > 1_000
