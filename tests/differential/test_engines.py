"""The three engines agree, and the examples are true and false often enough to mean it."""

import pytest
from differential.engines import Count, compare

PROGRAMS = 700


def test_reference_twin_and_compiled_agree(capsys: pytest.CaptureFixture[str]) -> None:
    count = Count()
    for seed in range(PROGRAMS):
        compare(seed, count)
    with capsys.disabled():
        print(f"\n{count.report()}")
    assert count.objects >= 2000
    assert count.early > 100
    assert count.tally.poor() == []
