"""The long tier: new programs for so many minutes, by seeds that no run has had."""

import time
from collections.abc import Mapping

from differential.engines import Count, compare

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
            compare(FIRST + number * SEEDS_A_NUMBER + seed, count)
        number += 1
    print(count.report())
    return {
        "programs": count.programs,
        "objects": count.objects,
        "differences": 0,
        "next_seed": number,
    }
