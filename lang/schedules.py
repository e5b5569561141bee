"""Schedules and the zone in which they are read.

A window belongs to the day on which it opens; it is closed at its start and open at its end. If it
ends before it begins, it goes on into the next day. The week begins on Monday at 00:00.
"""

from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

from roteiro.core.program import Interval
from roteiro.lang import nodes
from roteiro.lang.report import Report, did_you_mean, hint, replaced
from roteiro.lang.scalars import as_time
from roteiro.lang.settings import ScheduleSettings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60 * 60 * 1_000_000
WEEK = 7 * DAY
END_OF_DAY = "24:00"
OF_ONE_MACHINE = frozenset(("Factory", "localtime", "posixrules"))
"""Names that a machine may have for its own zone: elsewhere they mean another, or nothing."""
UTC = "UTC"


def openings(schedule: nodes.Schedule) -> tuple[Interval, ...]:
    """Give when a schedule is open, in microseconds since Monday 00:00: sorted and apart.

    What `Schedules` reports is left out.
    """
    if not schedule.windows:
        return (between(0, WEEK),)
    pieces: list[tuple[int, int]] = []
    for window in schedule.windows:
        opens, closes = moment(window.opens), moment(window.closes)
        if opens is None or closes is None or opens in {closes, DAY}:
            continue
        length = closes - opens if closes > opens else closes - opens + DAY
        for day in days_of(window):
            pieces.extend(within_week(day * DAY + opens, length))
    return tuple(between(low, high) for low, high in merged(pieces))


def moment(time: nodes.Time) -> int | None:
    """Give the microseconds since midnight; `24:00` is the end of the day."""
    return DAY if time.value == END_OF_DAY else as_time(time.value)


def days_of(window: nodes.Window) -> tuple[int, ...]:
    """Give the days on which a window opens; every day when none is said."""
    days: list[int] = []
    for one in window.days:
        if one.first.text in DAYS and one.last.text in DAYS:
            first, last = DAYS.index(one.first.text), DAYS.index(one.last.text)
            days.extend((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(days) if window.days else tuple(range(7))


def within_week(start: int, length: int) -> list[tuple[int, int]]:
    """Cut an interval at the end of the week."""
    end = start + length
    return [(start, end)] if end <= WEEK else [(start, WEEK), (0, end - WEEK)]


def merged(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort intervals and join those that touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(pieces):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def between(low: int, high: int) -> Interval:
    """Make an interval that is open at its end."""
    return Interval(Decimal(low), Decimal(high), high_closed=False)


class Schedules:
    """Checks schedules and the zone."""

    def __init__(self, report: Report) -> None:
        """Report to `report`."""
        self.report = report

    def settings(self, schedule: nodes.Schedule) -> ScheduleSettings:
        """Check a schedule."""
        for window in schedule.windows:
            self.window(window)
        return ScheduleSettings(schedule.name.text, openings(schedule))

    def window(self, window: nodes.Window) -> None:
        """Report days and times that are none, and a window without length."""
        for one in window.days:
            for name in dict.fromkeys((one.first, one.last)):
                self.day(name)
        opens, closes = self.time(window.opens), self.time(window.closes)
        if opens == DAY:
            self.report.add(
                "RT113", window.opens.span, "opens_at_24", help=hint("opens_at_24_help")
            )
        elif opens is not None and opens == closes:
            helped = hint("never_open_window_help")
            self.report.add("RT322", window.span, "never_open_window", help=helped)

    def day(self, name: nodes.Name) -> None:
        """Report a word that is no day."""
        if name.text not in DAYS:
            meant = self.report.meant(name.text, DAYS)
            self.report.add(
                "RT108",
                name.span,
                "unknown_day",
                help=did_you_mean(meant) or hint("days_of_the_week"),
                fix=replaced(name.span, meant),
                name=name.text,
            )

    def time(self, time: nodes.Time) -> int | None:
        """Read a time of a window."""
        value = moment(time)
        if value is None:
            helped = hint("window_time_help")
            self.report.add("RT113", time.span, "bad_time", help=helped, value=time.value)
        return value

    def zone(self, item: nodes.Timezone | None) -> str:
        """Check the zone of a program; UTC when it says none."""
        if item is None:
            return UTC
        name = item.zone.value
        if is_zone(name):
            return name
        meant = self.report.meant(name, available_timezones())
        self.report.add(
            "RT108",
            item.zone.span,
            "unknown_zone",
            help=did_you_mean(meant) or hint("zones"),
            fix=replaced(item.zone.span, f'"{meant}"' if meant else None),
            name=name,
        )
        return UTC


def is_zone(name: str) -> bool:
    """Whether a text names a zone of the IANA database."""
    if not name.isascii() or name in OF_ONE_MACHINE:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder of zones
        return False
    return True
