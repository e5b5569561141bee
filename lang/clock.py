"""The instant of a decision, and the zone in which it is told (docs/reading.md 7.5 and 14)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000_000
"""In microseconds, as all times here."""
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The program's zone, and the instant t when it is known."""

    zone: str = "UTC"
    at: int | None = None
    """Microseconds since 1970-01-01T00:00Z."""

    @property
    def local(self) -> datetime | None:
        """The wall clock at t; `None` when t is not known or in no year of the calendar (14.5)."""
        if self.at is None:
            return None
        try:
            return (EPOCH + timedelta(microseconds=self.at)).astimezone(ZoneInfo(self.zone))
        except OverflowError:
            return None

    @property
    def in_week(self) -> int | None:
        """Microseconds since Monday 00:00 on the wall clock (14.7)."""
        local = self.local
        if local is None:
            return None
        time = timedelta(
            hours=local.hour,
            minutes=local.minute,
            seconds=local.second,
            microseconds=local.microsecond,
        )
        return local.weekday() * DAY + time // MICROSECOND

    def days_since(self, day: int) -> int | None:
        """Count days from a date, yyyymmdd, to the wall clock's (14.6)."""
        local = self.local
        if local is None:
            return None
        then = date(day // 10_000, day // 100 % 100, day % 100)
        return local.toordinal() - then.toordinal()

    def offset(self, wall: datetime) -> int:
        """Give the zone's distance from UTC at a wall time: `fold` 0, so before a change (7.5)."""
        offset = wall.replace(tzinfo=ZoneInfo(self.zone)).utcoffset()
        assert offset is not None  # a zone of the database has one
        return offset // MICROSECOND


UNKNOWN = Clock()
"""In UTC, at no known instant."""
