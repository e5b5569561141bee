"""Instants and days: date-times with and without an offset, the clock (docs/reading.md, 7 and 14).

An instant is microseconds since 1970-01-01T00:00Z. What has no offset of its own is local: of the
offset that the data set declares, else of the program's zone, where a time that the clocks skip or
show twice is read as the first of both (`fold=0`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from roteiro.core.parsers import TIME, is_day, time_of

INSTANT = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:" + TIME.pattern + r")?)?)?"
    r"([+-](?:0[0-9]|1[0-4])[0-5][0-9])?",
    re.ASCII,
)
OFFSET = re.compile(r"[+-](?:0[0-9]|1[0-4])[0-5][0-9]", re.ASCII)
SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = date(1970, 1, 1).toordinal()


LISTED = 2500
"""The changes of zones are listed up to this year; what comes after repeats every 400 years."""
STEPS = ((1600, 1900, 28), (1900, 2038, 3), (2038, 2100, 7), (2100, LISTED, 28))
"""In which years a zone is asked every so many days: changes that take back one another were a week
apart or more (Brazil in 2000), and those to come are two a year."""


class Change(NamedTuple):
    """From when a zone has an offset: seconds since 1970, in UTC and on the wall."""

    begin: int
    local_begin: int
    offset: int


class Local(NamedTuple):
    """What a date-time without an offset is local to: an offset in microseconds, or the zone."""

    offset: int | None
    zone: tzinfo


def zone_of(name: str) -> tzinfo:
    """Give the zone of a name; UTC without a look at the disk.

    Raises `ValueError`, `OSError` or `ZoneInfoNotFoundError` when there is none.
    """
    return UTC if name == "UTC" else ZoneInfo(name)


@lru_cache(maxsize=16)
def changes_of(zone: tzinfo) -> tuple[Change, ...]:
    """Give all changes of a zone; the first is before all times. Asks it some 30,000 times."""
    place = datetime(STEPS[0][0], 1, 1, tzinfo=zone)
    known = place.utcoffset()
    found = [Change(-(1 << 62), -(1 << 62), _offset_of(place))]
    for moment in _moments(zone) if zone is not UTC else ():
        while moment.utcoffset() != known:
            place = _first_change(place, moment)
            known = place.utcoffset()
            found.append(_change(place, found[-1].offset))
        place = moment
    return tuple(found)


def _moments(zone: tzinfo) -> Iterator[datetime]:
    for first, last, days in STEPS:
        moment, end = datetime(first, 1, 1, tzinfo=zone), datetime(last, 1, 1, tzinfo=zone)
        step = timedelta(days=days)
        while moment < end:
            yield moment
            moment += step


def _first_change(low: datetime, high: datetime) -> datetime:
    """Give the first second on the wall that has not the offset of `low`."""
    before = _offset_of(low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
        if _offset_of(middle) == before:
            low = middle
        else:
            high = middle
    return high


def _change(moment: datetime, before: int) -> Change:
    offset = _offset_of(moment)
    wall = (moment.toordinal() - EPOCH) * (DAY // SECOND) + (
        (moment.hour * 60 + moment.minute) * 60 + moment.second
    )
    return Change(wall - max(before, offset), wall, offset)


def _offset_of(moment: datetime) -> int:
    return _microseconds(moment.utcoffset()) // SECOND


def offset(text: str) -> int | None:
    """Read `+hhmm` or `-hhmm` as microseconds."""
    if not OFFSET.fullmatch(text):
        return None
    seconds = int(text[1:3]) * 3600 + int(text[3:5]) * 60
    return (-seconds if text[0] == "-" else seconds) * SECOND


def instant(text: str, local: Local) -> int | None:
    """Read a DT (7.5)."""
    found = INSTANT.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    if not is_day(year, month, day):
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[3:6])
    there = datetime(year, month, day, hour, minute, min(second, 59))
    since = time_of(found[4], found[5], found[6], found[7])
    days = there.toordinal() - EPOCH
    if found[8] is not None:
        away = offset(found[8]) or 0
    elif local.offset is not None:
        away = local.offset
    else:
        away = _microseconds(there.replace(tzinfo=local.zone).utcoffset())
    return days * DAY + since - away


def _microseconds(span: timedelta | None) -> int:
    return 0 if span is None else span // timedelta(microseconds=1)


def local_time(at: int | None, zone: tzinfo) -> datetime | None:
    """Give the local time of an instant; nothing when it is not known or in no calendar."""
    if at is None:
        return None
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone)
    except OverflowError:
        return None


def since_monday(moment: datetime) -> int:
    """Give the microseconds since Monday 00:00 that a clock on the wall shows."""
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return moment.weekday() * DAY + seconds * SECOND + moment.microsecond


def days_since(day: int, today: datetime) -> int:
    """Give the whole days from a day (yyyymmdd) to today."""
    year, rest = divmod(day, 10_000)
    month, number = divmod(rest, 100)
    return today.date().toordinal() - date(year, month, number).toordinal()
