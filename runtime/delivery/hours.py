"""Schedules: what may start now, and when to look again.

The wall clock of the program's zone decides, as it does for `clock.local` in rules, at every
question anew: so a clock that jumps and a change to summer time need no care. An hour that the wall
clock shows twice is open twice, one that it leaves out is not open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from roteiro.core.program import Interval, Release
from roteiro.lang.settings import Settings

SECOND = 1_000_000
"""In microseconds, as all times of schedules."""
WEEK = 7 * 86_400 * SECOND
LOOK = 60.0
"""Seconds after which the clock is looked at again at the latest: it may have jumped."""
SOON = 0.05
"""Seconds between two looks at the least."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """The schedules of the rules in force."""

    schedules: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)
    zone: str = "UTC"

    def open(self, schedule: str, now: float) -> bool:
        """Say whether a schedule is open at a time of day; one that the rules have not never is."""
        at = in_week(now, self.zone)
        if at is None:
            return False
        return any(_low(one) <= at < _high(one) for one in self.schedules.get(schedule, ()))

    def allow(self, releases: Iterable[Release], now: float) -> bool:
        """Say whether one of the ways lets a delivery start now; a batch is asked elsewhere."""
        return any(
            way.batch is None and (way.during is None or self.open(way.during, now))
            for way in releases
        )

    def opens(self, schedule: str, now: float) -> float | None:
        """Give the seconds to the next opening by the wall clock; 0 when open, `None` for never.

        A change to or from summer time before it moves it by as much.
        """
        if self.open(schedule, now):
            return 0.0
        at = in_week(now, self.zone)
        found = self.schedules.get(schedule, ())
        if at is None or not found:
            return None
        return min((_low(one) - at) % WEEK for one in found) / SECOND

    def look_again(self, releases: Iterable[Release], now: float) -> float:
        """Give the seconds after which to ask again for what may not start now."""
        waits = (self.opens(way.during, now) for way in releases if way.during is not None)
        return max(SOON, min([LOOK, *(wait for wait in waits if wait)]))


ALWAYS = Hours()
"""No schedules."""


def hours_of(settings: Settings) -> Hours:
    """Give the schedules of a rule file."""
    return Hours({one.name: one.open for one in settings.schedules}, settings.zone)


def in_week(now: float, zone: str) -> int | None:
    """Give microseconds since Monday 00:00 on the wall clock; `None` outside of the calendar."""
    try:
        local = (EPOCH + timedelta(seconds=now)).astimezone(ZoneInfo(zone))
    except (OverflowError, ValueError):
        return None
    days = timedelta(days=local.weekday(), hours=local.hour, minutes=local.minute)
    rest = timedelta(seconds=local.second, microseconds=local.microsecond)
    return (days + rest) // timedelta(microseconds=1)


def _low(interval: Interval) -> int:
    return 0 if interval.low is None else int(interval.low)


def _high(interval: Interval) -> int:
    return WEEK if interval.high is None else int(interval.high)
