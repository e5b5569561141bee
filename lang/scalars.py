"""What a literal's text stands for: pure readers, each gives a value or nothing."""

import re
from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network
from zoneinfo import ZoneInfo

from roteiro.core.program import Interval

MAPPED = 0xFFFF_0000_0000
"""IPv4 in IPv6: ::ffff:a.b.c.d (RFC 4291 2.5.5.2)."""
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\Z", re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T([\d:.]+)(Z|([+-])(\d{2}):(\d{2}))?\Z", re.ASCII)
OFFSET = re.compile(r"(Z|[+-]\d{2}:\d{2})\Z", re.ASCII)
AGE = re.compile(r"(\d{1,3})([DWMY])\Z", re.ASCII)
TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?\Z")
SIXTEENTHS = {"D": 16, "W": 7 * 16, "M": 487, "Y": 5844}
"""A month is 365.25 / 12 days, so these are exact."""
SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND
EPOCH = date(1970, 1, 1).toordinal()


def as_address(text: str) -> Interval | None:
    """Read an address, or all of a network; IPv4 becomes its IPv6 form."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    shift = MAPPED if network.version == 4 else 0
    low = int(network.network_address) + shift
    return Interval(low, low + network.num_addresses - 1)


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def as_date(text: str) -> int | None:
    """Read `2026-01-31` as 20260131, if that day exists."""
    year, month, day = (int(part) for part in text.split("-"))
    try:
        return int(date(year, month, day).strftime("%Y%m%d").zfill(8))
    except ValueError:
        return None


def as_time(text: str) -> int | None:
    """Read `22:00:30.5` as microseconds since midnight, if the clock shows it."""
    found = CLOCK.match(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    fraction = found[4] or ""
    if hour > 23 or minute > 59 or second > 59 or len(fraction) > 6 or len(found[1]) != 2:
        return None
    return ((hour * 60 + minute) * 60 + second) * SECOND + int(fraction.ljust(6, "0"))


def as_instant(text: str) -> int | None:
    """Read `2026-01-31T10:00:00+01:00` as microseconds since 1970, if it exists."""
    found = MOMENT.match(text)
    if found is None:
        return None
    day, time = as_date(found[1]), as_time(found[2])
    offset = minutes_east(found)
    if day is None or time is None or offset is None:
        return None
    days = date.fromisoformat(found[1]).toordinal() - EPOCH
    return days * DAY + time - offset * 60 * SECOND


def minutes_east(found: re.Match[str]) -> int | None:
    """Give the offset of an instant; nothing when it has none, or one that no place has."""
    if found[3] is None or found[3] == "Z":
        return None if found[3] is None else 0
    hours, minutes = int(found[5]), int(found[6])
    sign = 1 if found[4] == "+" else -1
    return sign * (hours * 60 + minutes) if hours <= 14 and minutes <= 59 else None


def as_age(text: str) -> int | None:
    """Read `18Y` as sixteenths of a day."""
    found = AGE.match(text)
    return int(found[1]) * SIXTEENTHS[found[2]] if found else None


def as_size(text: str) -> Decimal:
    """Read `20MiB` as bytes."""
    return Decimal(text[:-3]) * SIZES[text[-3:]]


def as_uid(text: str) -> str | None:
    """Read a dotted UID; an arc has no leading zeros. Its length is not looked at."""
    arcs = text.split(".")
    valid = all(arc == "0" or not arc.startswith("0") for arc in arcs)
    return text if valid and arcs[0] in {"0", "1", "2"} else None


def as_tag(text: str) -> int | None:
    """Read `(0018,1063)` or `00181063`."""
    found = TAG.match(text)
    return int(found[1] + found[2], 16) if found else None


def padded(text: str) -> str | None:
    """Give a date with the digits that it lacks, if such a day exists."""
    year, month, day = text.split("-")
    better = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
    return better if better != text and as_date(better) is not None else None


def with_offset(moment: str, zone: str) -> str | None:
    """Give a local time of a zone as an instant; nothing when there is no such time."""
    try:
        local = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    except (KeyError, ValueError, OSError):  # no such day, or no such zone
        return None
    east = f"{local:%z}"
    return moment + (f"{east[:3]}:{east[3:5]}" if local.utcoffset() else "Z")
