"""Schedules: when they are open, and what is wrong with one; the zone of a program."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang import nodes
from roteiro.lang.render.text import said
from roteiro.lang.schedules import DAY, DAYS, WEEK, is_zone, openings
from roteiro.lang.source import Span

HOUR = 60 * 60 * 1_000_000
HERE = Span(0, 0)


def schedule(written: str, program):
    """Give the opening hours of a schedule, in hours since Monday 00:00."""
    text = f"language 1\nschedule s = {written}\n" + (
        'timezone "Europe/Lisbon"\ntable t all { rule r { when clock.local in @s nothing "x" } }\n'
    )
    typed, findings = program({"a.route": text})
    wrong = [(one.code, text[one.span.start : one.span.end], said(one.message, "en"))
             for one in findings if one.level.name == "ERROR"]  # fmt: skip
    if typed is None:
        return wrong
    assert wrong == []
    (found,) = typed.settings.schedules
    condition = typed.tables[0].rules[0].condition
    assert condition.intervals == found.open
    assert all(one.low_closed and not one.high_closed for one in found.open)
    return [(float(one.low) / HOUR, float(one.high) / HOUR) for one in found.open]


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("always", [(0, 168)]),
        ("mon 08:00..18:00", [(8, 18)]),
        ("tue,thu 08:30..12:00", [(32.5, 36), (80.5, 84)]),
        ("wed 00:00..24:00", [(48, 72)]),
        # it goes on into the next day, over the end of the week too
        ("mon 19:00..06:00", [(19, 30)]),
        ("sun 19:00..06:00", [(0, 6), (163, 168)]),
        ("sun 12:00..24:00", [(156, 168)]),
        # days wrap
        ("sat..mon 10:00..11:00", [(10, 11), (130, 131), (154, 155)]),
        ("fri..fri 10:00..11:00", [(106, 107)]),
        # every day
        ("22:00..23:00", [(22 + 24 * day, 23 + 24 * day) for day in range(7)]),
        ("00:00..24:00", [(0, 168)]),
        # what touches is one
        ("mon 08:00..12:00 or mon 12:00..14:00 or mon 09:00..10:00", [(8, 14)]),
        ("mon..fri 19:00..06:00 or sat,sun 00:00..24:00",
         [(19, 30), (43, 54), (67, 78), (91, 102), (115, 168)]),
        ("mon 00:00:30..00:01:30.5", [(30 / 3600, 90.5 / 3600)]),
    ],
)  # fmt: skip
def test_opening_hours(written: str, hours: list, program) -> None:
    assert schedule(written, program) == hours


@pytest.mark.parametrize(
    ("written", "code", "place", "words"),
    [
        ("monday 08:00..18:00", "RT108", "monday", "there is no day `monday`"),
        ("mon..xyz 08:00..18:00", "RT108", "xyz", "there is no day `xyz`"),
        ("Mon 08:00..18:00", "RT108", "Mon", "there is no day `Mon`"),
        ("mon 24:00..08:00", "RT113", "24:00", "no window opens there"),
        ("mon 08:00..25:00", "RT113", "25:00", "no time of the day"),
        ("mon 08:00..24:01", "RT113", "24:01", "no time of the day"),
        ("mon 8:00..18:00", "RT113", "8:00", "no time of the day"),
        ("mon 08:00..08:00", "RT322", "mon 08:00..08:00", "closes when it opens"),
    ],
)
def test_what_is_wrong(written: str, code: str, place: str, words: str, program) -> None:
    ((found, where, message),) = schedule(written, program)
    assert (found, where) == (code, place)
    assert words in message


def moment(minutes: int) -> nodes.Time:
    return nodes.Time(f"{minutes // 60:02d}:{minutes % 60:02d}", HERE)


WINDOWS = st.builds(
    lambda days, opens, closes: nodes.Window(
        tuple(nodes.Days(nodes.Name(DAYS[one], HERE), nodes.Name(DAYS[two], HERE))
              for one, two in days),
        moment(opens), moment(closes), HERE,
    ),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=2),
    st.integers(0, 24 * 60 - 1),
    st.integers(0, 24 * 60),
)  # fmt: skip


def is_open(window: nodes.Window, at: datetime) -> bool:
    """Say by the words of the paper whether a window is open at a moment of the wall clock."""
    minutes = [
        int(one.value[:2]) * 60 + int(one.value[3:]) for one in (window.opens, window.closes)
    ]
    opens, closes = minutes
    for opened in (at.date(), at.date() - timedelta(days=1)):
        day = opened.weekday()
        named = [(DAYS.index(one.first.text), DAYS.index(one.last.text)) for one in window.days]
        today = not named or any(
            first <= day <= last if first <= last else day >= first or day <= last
            for first, last in named
        )
        start = datetime.combine(opened, datetime.min.time()) + timedelta(minutes=opens)
        end = datetime.combine(opened, datetime.min.time()) + timedelta(minutes=closes)
        if closes < opens:
            end += timedelta(days=1)
        if today and start <= at < end:
            return True
    return False


@given(st.lists(WINDOWS, min_size=1, max_size=3), st.integers(0, WEEK // 60_000_000 - 1))
def test_openings_are_those_of_the_windows(windows: list, minute: int) -> None:
    item = nodes.Schedule(nodes.Name("s", HERE), tuple(windows), HERE)
    found = openings(item)
    at = datetime.combine(date(2026, 1, 5), datetime.min.time()) + timedelta(minutes=minute)
    inside = any(one.low <= minute * 60_000_000 < one.high for one in found)
    assert inside == any(is_open(window, at) for window in windows)
    ends = [end for one in found for end in (one.low, one.high)]
    assert ends == sorted(set(ends))
    assert all(0 <= end <= WEEK for end in ends)
    assert DAY * 7 == WEEK


# The zone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "known"),
    [
        *((name, True) for name in ("Europe/Lisbon", "Africa/Sao_Tome", "UTC", "Etc/GMT+1")),
        *((name, False) for name in ("Europe", "Europe/Lissabon", "", "localtime", "Factory")),
        *((name, False) for name in ("../../etc/passwd", "/etc/localtime", "Europe/Lisbon\0", "É")),
    ],
)
def test_zones(zone: str, known: bool) -> None:
    assert is_zone(zone) is known


def test_the_zone_of_a_program(program) -> None:
    typed, _ = program({"a.route": 'language 1\nuse "b.route"\n',
                        "b.route": 'language 1\ntimezone "Africa/Luanda"\n'})  # fmt: skip
    assert typed.settings.zone == "Africa/Luanda"
    typed, _ = program({"a.route": "language 1\n"})
    assert typed.settings.zone == "UTC"


def test_a_zone_that_is_none(program) -> None:
    typed, (found,) = program({"a.route": 'language 1\ntimezone "Europe/Lisbonn"\n'})
    assert typed is None
    assert (found.code, found.fix.text) == ("RT108", '"Europe/Lisbon"')
