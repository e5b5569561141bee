"""The three engines agree, and the examples are true and false often enough to mean it."""

import pytest
from differential.engines import Count, compare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PROGRAMS = 1000


def test_reference_twin_and_compiled_agree(capsys: pytest.CaptureFixture[str]) -> None:
    count = Count()

    @settings(
        max_examples=PROGRAMS,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        compare(data, count)

    agree()
    with capsys.disabled():
        print(f"\n{count.report()}")
    assert count.objects >= 2000
    assert count.early > 100
    assert count.tally.poor() == []
