"""Instants as people and scripts write them: RFC 3339."""

import re
from datetime import UTC, datetime, timedelta

from roteiro.lang.messages import text
from roteiro.runtime.world import SystemClock

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CLOCK = SystemClock()


def rfc3339(seconds: float) -> str:
    """Write a time of day, seconds since 1970, to the millisecond, UTC."""
    when = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return when.replace("+00:00", "Z")


def instant_of(written: str | datetime) -> datetime:
    """Give the instant in UTC; `ValueError` when it is none or has no offset from UTC."""
    try:
        return _instant(written)
    except (ValueError, OverflowError) as wrong:  # an offset may leave the years 1 to 9999
        raise ValueError(text("command.no_instant", value=written)) from wrong


def _instant(written: str | datetime) -> datetime:
    if isinstance(written, str):
        if not _RFC3339.fullmatch(written):
            raise ValueError(written)
        written = datetime.fromisoformat(written.upper())
    if written.utcoffset() is None:
        raise ValueError(written)
    return written.astimezone(UTC)


def micros_of(written: str | datetime | None) -> int:
    """Give the microseconds since 1970 of an instant, of now when none is given."""
    if written is None:
        return int(CLOCK.now() * 1_000_000)
    if type(written) is not datetime or written.tzinfo is not UTC:
        written = instant_of(written)
    return (written - EPOCH) // MICROSECOND
