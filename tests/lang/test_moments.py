"""Date-times, ages, the clock (docs/reading.md 7.5, 7.6, 14.5 to 14.7), judged by the stdlib."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from generators.encode import Item, Raw, Series, encode
from generators.handmade import element
from hypothesis import example, given
from hypothesis import strategies as st

from roteiro.core.program import Encoding, Field, Source, State, Step, ValueType, View
from roteiro.lang.clock import Clock
from roteiro.lang.elements import read
from roteiro.lang.envelope import of_clock
from roteiro.lang.moments import Undecodable, age, moment
from roteiro.lang.tested import needs
from roteiro.lang.values import Elements
from roteiro.lang.views import Value

EXPLICIT = Encoding.EXPLICIT_LITTLE
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ACQUIRED = element(0x0008002A, "DT", ValueType.INSTANT)
STUDY_DATE = element(0x00080020, "DA")
SINCE = replace(STUDY_DATE, type=ValueType.DECIMAL, view=View.DAYS_SINCE)
BERLIN = "Europe/Berlin"


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def seen(raw: bytes, *, zone="UTC", offset=None, field=ACQUIRED, at=None) -> Value:
    elements = [Raw(field.tag, field.vr, raw)]
    elements += [] if offset is None else [Raw(0x00080201, "SH", offset)]
    reading = read(encode(elements, EXPLICIT), EXPLICIT, needs([field]))
    assert reading.damage is None
    return Elements(reading.elements, Clock(zone, at)).value(field)


# DT -----------------------------------------------------------------------------------------------

OFFSETS = st.integers(-14 * 60 - 59, 14 * 60 + 59)
FORMATS = ["%Y", "%Y%m", "%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%d%H%M%S.%f"]
PARTS = [("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0), ("microsecond", 0)]


def written(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{rest:02}"


@given(
    st.datetimes(datetime(1000, 1, 3), datetime(9999, 12, 29)), st.sampled_from(FORMATS), OFFSETS
)
def test_a_date_time_with_an_offset_is_what_datetime_says(moment, form, minutes):
    lacks = dict(PARTS[FORMATS.index(form) :])
    exact = moment.replace(**lacks, tzinfo=timezone(timedelta(minutes=minutes)))
    raw = (moment.strftime(form) + written(minutes)).encode()
    for zone in ("UTC", BERLIN):
        assert seen(raw, zone=zone, offset=b"+0300") == Value(State.VALUED, (micros(exact),))


@given(
    st.datetimes(datetime(1000, 1, 3), datetime(9999, 12, 29)),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Africa/Sao_Tome", "Asia/Kathmandu"]),
)
@example(datetime(2224, 3, 14, 2, fold=1), "America/New_York")
def test_without_one_it_is_told_in_the_program_s_zone(moment, zone):
    exact = micros(moment.replace(tzinfo=ZoneInfo(zone), fold=0))  # a text has no fold
    assert seen(moment.strftime("%Y%m%d%H%M%S.%f").encode(), zone=zone).values == (exact,)


@pytest.mark.parametrize(
    ("raw", "wall", "hours"),
    [
        (b"20260329013000", datetime(2026, 3, 29, 1, 30), 1),
        (b"20260329023000", datetime(2026, 3, 29, 2, 30), 1),  # skipped: as if not changed yet
        (b"20260329030000", datetime(2026, 3, 29, 3, 0), 2),
        (b"20261025023000", datetime(2026, 10, 25, 2, 30), 2),  # twice: the first time
        (b"20261025030000", datetime(2026, 10, 25, 3, 0), 1),
    ],
)
def test_where_the_clock_is_changed(raw, wall, hours):
    exact = micros((wall - timedelta(hours=hours)).replace(tzinfo=UTC))
    assert seen(raw, zone=BERLIN).values == (exact,)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"20260131235960+0000", "2026-02-01T00:00:00"),
        (b"20260131120060.25+0100", "2026-01-31T11:01:00.25"),
        (b"20260131+0000 ", "2026-01-31T00:00:00"),
        (b"2026-1000", "2026-01-01T10:00:00"),
        (b"20260131120000-0000", "2026-01-31T12:00:00"),
    ],
)
def test_date_times(raw, text):
    assert seen(raw).values == (micros(datetime.fromisoformat(f"{text}+00:00")),)


def test_the_first_and_the_last_year_reach_over_the_calendar():
    first, second = moment("0001+1400"), moment("99991231235960.999999-1459")
    assert first.instant(first.offset) == micros(datetime(1, 1, 1, tzinfo=UTC)) - 14 * 3600 * 10**6
    assert second.instant(second.offset) > micros(datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    assert seen(b"0001", zone="Asia/Tokyo").state is State.VALUED
    assert seen(b"9999123123", zone="America/New_York").state is State.VALUED


def test_several_date_times_and_a_bad_one():
    assert len(seen(b"2026\\\\2027+0100").values) == 2
    assert seen(b"2026\\2027+2500").state is State.INVALID
    assert seen(b"0000").state is State.INVALID


NOON = micros(datetime(2026, 1, 31, 12, tzinfo=UTC))
HOUR = 3600 * 10**6


@pytest.mark.parametrize(
    ("offset", "hours"),
    [
        (b"+0000", 0),
        (b"-0500", -5),
        (b"+1400 ", 14),
        (b" +0530\\+0100 ", 5.5),
        (b"", 1),
        (b"+1500", 1),
        (b"+0160", 1),
        (b"0100", 1),
        (b"Z", 1),
        (b"x\\+0300 ", 1),
        (None, 1),
    ],
)
def test_the_object_s_offset_or_else_the_program_s_zone(offset, hours):
    assert seen(b"2026013112", offset=offset, zone=BERLIN).values == (NOON - int(hours * HOUR),)


def test_an_offset_sent_as_bytes_is_none():
    data = encode(
        [Raw(ACQUIRED.tag, "DT", b"2026013112"), Raw(0x00080201, "OB", b"-0500 ")], EXPLICIT
    )
    reading = read(data, EXPLICIT, needs([ACQUIRED]))
    assert Elements(reading.elements, Clock(BERLIN)).value(ACQUIRED).values == (NOON - HOUR,)


@pytest.mark.parametrize(("sequence", "hours"), [(0x00400100, -5), (0x00080096, 1)])
def test_in_items_the_offset_of_the_top_level_counts(sequence, hours):
    """One of the item itself does not; nor does one that stands behind the sequence."""
    field = Field(Source.ELEMENT, ValueType.INSTANT, 0x00400244, "DT", steps=(Step(sequence, 1),))
    item = Item((Raw(0x00080201, "SH", b"+0900 "), Raw(0x00400244, "DT", b"2026013112")))
    elements = [Raw(sequence, "SQ", Series((item,))), Raw(0x00080201, "SH", b"-0500 ")]
    data = encode(sorted(elements, key=lambda each: each.tag), EXPLICIT)
    reading = read(data, EXPLICIT, needs([field]))
    assert reading.damage is None
    assert Elements(reading.elements, Clock(BERLIN)).value(field).values == (NOON - hours * HOUR,)


def test_the_offset_counts_as_tested_where_date_times_are():
    assert 0x00080201 in needs([ACQUIRED]).plain
    assert 0x00080201 not in needs([element(0x0008002A, "DT")]).plain


# AS -----------------------------------------------------------------------------------------------

DAYS = {"D": Fraction(1), "W": Fraction(7), "M": Fraction("365.25") / 12, "Y": Fraction("365.25")}


@given(st.integers(0, 999), st.sampled_from("DWMY"), st.integers(1, 3))
def test_ages_are_exact(number, unit, width):
    text = f"{number:0{width}}{unit}"
    if len(text) > 4:
        return
    assert Fraction(age(text), 16) == number * DAYS[unit]


@pytest.mark.parametrize("text", ["", "Y", "1234D", "18y", "18", "-1Y", "1.5Y", " 8Y", "18YY"])
def test_no_ages(text):
    with pytest.raises(Undecodable):
        age(text)


def test_ages_as_values():
    field = element(0x00101010, "AS", ValueType.AGE)
    assert seen(b"018Y\\1W", field=field).values == (18 * 5844, 112)
    assert seen(b"018Y\\x", field=field).state is State.INVALID


# The clock ----------------------------------------------------------------------------------------

ZONES = st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@given(INSTANTS, ZONES)
def test_the_place_in_the_week(instant, zone):
    local = instant.astimezone(ZoneInfo(zone))
    monday = local.replace(tzinfo=None) - timedelta(days=local.weekday())
    start = monday.replace(hour=0, minute=0, second=0, microsecond=0)
    place = (local.replace(tzinfo=None) - start) // timedelta(microseconds=1)
    assert of_clock(Clock(zone, micros(instant))) == Value(State.VALUED, (Decimal(place),))
    assert 0 <= place < 7 * 24 * HOUR


@given(INSTANTS, ZONES, st.dates())
def test_days_since(instant, zone, day):
    days = (instant.astimezone(ZoneInfo(zone)).date() - day).days
    raw = f"{day.year:04}{day:%m%d}".encode()
    found = seen(raw, zone=zone, field=SINCE, at=micros(instant))
    assert found == Value(State.VALUED, (Decimal(days),))


def test_days_since_is_told_by_the_local_day():
    late = micros(datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    assert seen(b"20260131", field=SINCE, at=late).values == (0,)
    assert seen(b"20260131", field=SINCE, at=late, zone=BERLIN).values == (1,)
    assert seen(b"20260202", field=SINCE, at=late).values == (-2,)
    assert seen(b"20260131\\\\20260130", field=SINCE, at=late).values == (0, 1)


@pytest.mark.parametrize(
    ("raw", "state"), [(b"", State.EMPTY), (b" \\ ", State.EMPTY), (b"x ", State.INVALID)]
)
def test_days_since_has_the_state_of_the_date(raw, state):
    assert seen(raw, field=SINCE, at=0) == Value(state)
    assert Elements({}, Clock("UTC", 0)).value(SINCE) == Value(State.ABSENT)


@pytest.mark.parametrize("at", [None, 10**18, -(10**18), 10**30, -(10**30)])
def test_an_instant_that_is_not_known(at):
    assert of_clock(Clock(BERLIN, at)) == Value(State.ABSENT)
    for raw in (b"20260131", b"", b"x "):
        assert seen(raw, field=SINCE, at=at) == Value(State.ABSENT)


def test_the_ends_of_the_calendar():
    last = micros(datetime(9999, 12, 31, 23, 30, tzinfo=UTC))
    first = micros(datetime(1, 1, 1, tzinfo=UTC))
    assert of_clock(Clock("UTC", last)).state is State.VALUED
    assert of_clock(Clock("Asia/Tokyo", last)).state is State.ABSENT
    assert of_clock(Clock("America/New_York", first)).state is State.ABSENT
    assert seen(b"00010101", field=SINCE, at=last).values == (date.max.toordinal() - 1,)
