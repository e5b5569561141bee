"""Every call of the whole router to its disk may fail (issue 5, G04)."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.crash.conftest import Report
from tests.crash.faults import COMPILER, ERRORS, Faults, faults, turns

LEAST = {"open": 10, "write": 40, "sync": 10, "rename": 3, "remove": 1, "mkdir": 1, "truncate": 1}
"""Calls of a life, at the least; fewer would mean that the fault is not planted where they are."""
STEP = {"write": 7, "sync": 2, "open": 3}
FOR_GOOD = {"write": 29, "sync": 5, "open": 5, "rename": 2, "remove": 3, "mkdir": 3, "truncate": 2}
"""Of many calls every so many-th is met in the suite, beginning at one that the seed draws; the
long tier meets all."""


def meet(trouble: Faults, seed: int, steps: Mapping[str, int], *, for_good: bool) -> dict[str, int]:
    """Meet calls of each sort; give the number of the last one."""
    last = dict.fromkeys(ERRORS, 0)
    for call in ERRORS:
        step = steps.get(call, 1)
        for point in turns(call, for_good=for_good):
            if point.turn % step == seed % step:
                if not trouble.run(point):
                    break
                last[call] = point.turn + 1
    return last


@pytest.mark.skipif(not COMPILER, reason="needs a C compiler: cc is not here")
def test_every_call_may_fail_once(seed: int, in_memory: Path, report: Report) -> None:
    with faults(in_memory) as trouble:
        last = meet(trouble, seed, STEP, for_good=False)
    report(f"calls that fail, {trouble.points}: {dict(sorted(trouble.outcomes.items()))}")
    assert not [call for call in LEAST if last[call] < LEAST[call]], last
    assert not trouble.findings, "\n".join(trouble.findings)


@pytest.mark.skipif(not COMPILER, reason="needs a C compiler: cc is not here")
def test_every_call_may_fail_for_good(seed: int, in_memory: Path, report: Report) -> None:
    """Nothing is acknowledged from then on that needs such a call."""
    with faults(in_memory) as trouble:
        meet(trouble, seed, FOR_GOOD, for_good=True)
    report(f"calls that fail for good, {trouble.points}: {dict(sorted(trouble.outcomes.items()))}")
    assert trouble.points >= len(ERRORS)
    assert not trouble.findings, "\n".join(trouble.findings)


@pytest.mark.skipif(not COMPILER, reason="needs a C compiler: cc is not here")
def test_a_failed_sync_that_is_ignored_is_found(in_memory: Path) -> None:
    """The files look well afterwards; that an object was acknowledged is what is wrong."""
    with faults(in_memory, "failed_sync_ignored") as trouble:
        for point in turns("sync"):
            if not trouble.run(point) or trouble.findings:
                break
    assert trouble.findings
