"""The table of statuses, row by row and for every 16-bit value."""

from collections import Counter

import pytest

from roteiro.runtime.delivery.statuses import TABLE, UNKNOWN, Outcome, judge, note, row

D, W, A, H = Outcome.DONE, Outcome.WARNED, Outcome.AGAIN, Outcome.HOLD


@pytest.mark.parametrize(
    ("status", "fresh", "in_doubt"),
    [
        (0x0000, D, D),
        (0xB000, W, W),
        (0xB006, W, W),
        (0xB007, W, W),
        (0x0111, H, W),
        (0xA700, A, A),
        (0xA701, A, A),
        (0xA7FF, A, A),
        (0xA800, H, H),
        (0xA900, H, H),
        (0xA9FF, H, H),
        (0xC000, H, H),
        (0xC123, H, H),
        (0xCFFF, H, H),
        (0x0112, H, H),
        (0x0122, H, H),
        (0x0124, H, H),
        (0x0211, H, H),
        (0x0001, H, H),
        (0x0107, H, H),
        (0x0110, H, H),
        (0x0116, H, H),
        (0xB001, H, H),
        (0xFE00, H, H),
        (0xFF00, H, H),
        (0xFFFF, H, H),
    ],
    ids=lambda value: note(value) if isinstance(value, int) else value.name,
)
def test_status(status, fresh, in_doubt):
    assert judge(status, in_doubt=False).outcome is fresh
    assert judge(status, in_doubt=True).outcome is in_doubt
    assert note(status) in judge(status, in_doubt=False).reason


def test_rows_do_not_overlap_and_all_else_is_held():
    found = Counter(row(status) for status in range(0x10000))
    assert set(found) == {*TABLE, UNKNOWN}
    for each in TABLE:
        assert found[each] == each.last - each.first + 1
    done = {s for s in range(0x10000) if judge(s, in_doubt=True).outcome in (D, W)}
    assert done == {0x0000, 0x0111, 0xB000, 0xB006, 0xB007}
