"""Dates, times, date-times and ages out of texts (docs/reading.md 7.3 to 7.6)."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from roteiro.lang.clock import EPOCH, MICROSECOND, SECOND


class Undecodable(Exception):  # noqa: N818  it says what the text is
    """A non-empty value is no value of its VR."""


DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})|([0-9]{4})\.([0-9]{2})\.([0-9]{2})")


def day(value: str) -> int:
    """Decode DA to yyyymmdd (7.3)."""
    match = DATE.fullmatch(value)
    if match is None:
        raise Undecodable
    year, month, number = (int(part) for part in match.groups() if part is not None)
    ordinal(year, month, number)
    return year * 10_000 + month * 100 + number


def ordinal(year: int, month: int, number: int) -> int:
    """Give the number of a day; refuse one that is in no calendar."""
    try:
        return date(year, month, number).toordinal()
    except ValueError:
        raise Undecodable from None


CLOCK = re.compile(
    r"(?P<h>[0-9]{2})(?:(?P<m>[0-9]{2})(?:(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,6}))?)?)?"
)
CLOCK_COLONS = re.compile(
    r"(?P<h>[0-9]{2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,6}))?"
)


def clock(value: str) -> int:
    """Decode TM to microseconds since midnight (7.4)."""
    match = CLOCK.fullmatch(value) or CLOCK_COLONS.fullmatch(value)
    if match is None:
        raise Undecodable
    hours, minutes, seconds = (int(match[part] or 0) for part in "hms")
    if hours > 23 or minutes > 59 or seconds > 60:
        raise Undecodable
    fraction = int((match["f"] or "").ljust(6, "0"))
    return ((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction


OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4])([0-5][0-9])")


def offset(value: str) -> int:
    """Decode `+hhmm` or `-hhmm` to microseconds (7.5)."""
    match = OFFSET.fullmatch(value)
    if match is None:
        raise Undecodable
    distance = (int(match[2]) * 60 + int(match[3])) * 60 * SECOND
    return -distance if match[1] == "-" else distance


@dataclass(frozen=True, slots=True)
class Moment:
    """A DT: a wall time, and its distance from UTC where it has one of its own."""

    wall: datetime
    """Without a zone; of second 60 it is second 59."""
    late: int
    """Microseconds by which the moment is later: a second for second 60."""
    offset: int | None

    def instant(self, distance: int) -> int:
        """Give microseconds since 1970-01-01T00:00Z, when the wall is so far from UTC."""
        return (self.wall - EPOCH.replace(tzinfo=None)) // MICROSECOND + self.late - distance


INSTANT = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})([0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:\.[0-9]{1,6})?)?)?)?)?)?"
    r"([+-][0-9]{4})?"
)


def moment(value: str) -> Moment:
    """Decode DT (7.5)."""
    match = INSTANT.fullmatch(value)
    if match is None:
        raise Undecodable
    year, month, number, time, distance = match.groups()
    midnight = datetime.fromordinal(ordinal(int(year), int(month or 1), int(number or 1)))
    time = time or "00"
    leaps = time[4:6] == "60"
    wall = midnight + clock(f"{time[:4]}59{time[6:]}" if leaps else time) * MICROSECOND
    return Moment(wall, SECOND if leaps else 0, None if distance is None else offset(distance))


DAYS = {"D": 16, "W": 112, "M": 487, "Y": 5844}
"""Sixteenths of a day: a month is 365.25 / 12 days (2c)."""
AGE = re.compile(r"([0-9]{1,3})([DWMY])")


def age(value: str) -> int:
    """Decode AS to sixteenths of a day (7.6)."""
    match = AGE.fullmatch(value)
    if match is None:
        raise Undecodable
    return int(match[1]) * DAYS[match[2]]
