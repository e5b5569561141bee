"""Zones laid flat say what Python's `datetime` says (docs/reading.md, 7.5 and 14.5 to 14.7)."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roteiro.core.days import Days
from roteiro.core.instants import changes_of, local_time, since_monday, zone_of

ZONES = ("Europe/Lisbon", "Africa/Sao_Tome", "America/New_York", "Africa/Casablanca",
         "Australia/Lord_Howe", "Europe/Dublin")  # fmt: skip
EPOCH = datetime(1970, 1, 1)
FIRST, LAST = -62_135_596_800, 253_402_300_799


@cache
def days(name: str) -> Days:
    return Days(zone_of(name))


def seconds(span: timedelta | None) -> int:
    assert span is not None
    return span // timedelta(seconds=1)


@pytest.mark.parametrize("name", ZONES)
def test_around_every_change(name: str) -> None:
    zone = ZoneInfo(name)
    changes = changes_of(zone)
    assert len(changes) > 3
    for change in changes[1:]:
        for second in (change.begin - 1, change.begin):
            there = (EPOCH + timedelta(seconds=second)).replace(tzinfo=UTC).astimezone(zone)
            assert days(name).offset(second, is_local=False) == seconds(there.utcoffset())
        for second in range(change.local_begin - 7201, change.local_begin + 7201, 1800):
            there = (EPOCH + timedelta(seconds=second)).replace(tzinfo=zone)
            assert days(name).offset(second, is_local=True) == seconds(there.utcoffset())


@given(st.sampled_from(ZONES), st.integers(FIRST, LAST))
def test_at_any_time(name: str, second: int) -> None:
    there = (EPOCH + timedelta(seconds=second)).replace(tzinfo=ZoneInfo(name))
    assert days(name).offset(second, is_local=True) == seconds(there.utcoffset())


@given(
    st.sampled_from((*ZONES, "UTC")),
    st.integers(1_000_000 * (FIRST - 100_000), 1_000_000 * (LAST + 100_000)),
)
@example("UTC", FIRST * 1_000_000)
@example("UTC", LAST * 1_000_000 + 999_999)
@example("UTC", -1)
@example("America/New_York", FIRST * 1_000_000)
@example("Europe/Lisbon", LAST * 1_000_000)
def test_the_clock_on_the_wall(name: str, at: int) -> None:
    now = local_time(at, zone_of(name))
    expected = now and (now.date().toordinal() - date(1970, 1, 1).toordinal(), since_monday(now))
    assert days(name).now(at) == expected
