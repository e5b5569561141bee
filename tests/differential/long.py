"""The long tier: new programs for so many minutes, by seeds that no run has had."""

import time
from collections.abc import Mapping

from differential.engines import Count, DifferenceError, compare
from differential.shrink import case_of, differs, shrink, told

SEEDS_A_NUMBER = 200
FIRST = 1_000_000
"""The suite has the seeds below."""


def run(minutes: float, first_seed: int = 0) -> Mapping[str, object]:
    """Compare until the time is over; give what was compared. A difference raises."""
    count = Count()
    until = time.monotonic() + 60 * minutes
    number = first_seed
    while time.monotonic() < until:
        for seed in range(SEEDS_A_NUMBER):
            _one(FIRST + number * SEEDS_A_NUMBER + seed, count)
        number += 1
    print(count.report())
    return {
        "programs": count.programs,
        "objects": count.objects,
        "differences": 0,
        "next_seed": number,
    }


def _one(seed: int, count: Count) -> None:
    """Compare one program; show a difference made small, when it is one of whole objects."""
    try:
        compare(seed, count)
    except DifferenceError as found:
        made, _ = case_of(found.seed, found.at)
        if differs(made):
            print(told(shrink(made)))
        raise
