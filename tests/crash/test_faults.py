"""Every call of the whole router to its disk may fail (issue 5, G04)."""

from pathlib import Path

import pytest

from tests.crash.conftest import Report
from tests.crash.faults import COMPILER, ERRORS, faults, turns

LEAST = {"open": 10, "write": 40, "sync": 10, "rename": 3, "remove": 1, "mkdir": 1, "truncate": 1}
"""Calls of a life, at the least; fewer would mean that the fault is not planted where they are."""
STEP = {"write": 7, "sync": 2, "open": 3}
"""Of many calls every so many-th is met in the suite, beginning at one that the seed draws; the
long tier meets all."""


@pytest.mark.skipif(not COMPILER, reason="needs a C compiler: cc is not here")
def test_every_call_may_fail_once(seed: int, in_memory: Path, report: Report) -> None:
    with faults(in_memory) as trouble:
        for call in ERRORS:
            met = 0
            for point in turns(call):
                if point.turn % STEP.get(call, 1) != seed % STEP.get(call, 1):
                    continue
                if not trouble.run(point):
                    break
                met = point.turn + 1
            assert met >= LEAST[call], call
    report(f"calls that fail, {trouble.points}: {dict(sorted(trouble.outcomes.items()))}")
    assert not trouble.findings, "\n".join(trouble.findings)
    assert trouble.outcomes["rename: 1 answered no"]
