"""The long tier: new examples for so many minutes."""

import time
from collections.abc import Mapping

from differential.engines import Count, compare
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

ROUND = 200


def run(minutes: float, first_seed: int = 0) -> Mapping[str, object]:
    """Compare until the time is over; give what was compared. A difference raises."""
    count = Count()
    until = time.monotonic() + 60 * minutes
    number = first_seed
    while time.monotonic() < until:
        _round(number, count)
        number += 1
    print(count.report())
    return {
        "programs": count.programs,
        "objects": count.objects,
        "differences": 0,
        "next_seed": number,
    }


def _round(number: int, count: Count) -> None:
    @seed(number)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        compare(data, count)

    agree()
