"""One value of a character VR, split and stripped, to what it means (docs/reading.md, 7).

Numbers in comments are sections of that page. `None` is a value that does not decode.
"""

import calendar
import re
from collections.abc import Callable
from decimal import Decimal

from roteiro.core.envelope import UID
from roteiro.core.program import Scalar

DECIMAL = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE]([+-]?)([0-9]+))?", re.ASCII)
DATE = re.compile(r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})", re.ASCII)
HOUR = r"([01][0-9]|2[0-3])"
SIXTY = r"([0-5][0-9])"
SECOND = r"([0-5][0-9]|60)(?:\.([0-9]{1,6}))?"
TIME = re.compile(f"{HOUR}(?:{SIXTY}(?:{SECOND})?)?", re.ASCII)
TIME_WITH_COLONS = re.compile(f"{HOUR}:{SIXTY}:{SECOND}", re.ASCII)
AGE = re.compile(r"([0-9]{1,3})([DWMY])", re.ASCII)
AGE_UNITS = {"D": 16, "W": 112, "M": 487, "Y": 5844}
"""In sixteenths of a day: a year has 365.25 days, a month a twelfth of it."""
EXPONENT_DIGITS = 9


def decimal(text: str) -> Decimal | None:
    """Read a DS or IS (7.2)."""
    found = DECIMAL.fullmatch(text)
    if found is None:
        return None
    mantissa, sign, exponent = found.groups()
    if exponent is None:
        return Decimal(mantissa)
    digits = exponent.lstrip("0") or "0"
    return Decimal(f"{mantissa}e{sign}{digits}") if len(digits) <= EXPONENT_DIGITS else None


def is_day(year: int, month: int, day: int) -> bool:
    """Tell whether a day exists in the Gregorian calendar."""
    if year < 1 or not 1 <= month <= 12:
        return False
    return 1 <= day <= calendar.monthrange(year, month)[1]


def date(text: str) -> int | None:
    """Read a DA as yyyymmdd (7.3)."""
    found = DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    return year * 10_000 + month * 100 + day if is_day(year, month, day) else None


def time(text: str) -> int | None:
    """Read a TM as microseconds since midnight (7.4)."""
    found = TIME.fullmatch(text) or TIME_WITH_COLONS.fullmatch(text)
    return None if found is None else time_of(*found.groups())


def time_of(hour: str | None, minute: str | None, second: str | None, fraction: str | None) -> int:
    """Give the microseconds since midnight of the parts of a time; what is missing is zero."""
    seconds = int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    return seconds * 1_000_000 + int((fraction or "").ljust(6, "0"))


def age(text: str) -> int | None:
    """Read an AS as sixteenths of a day (7.6)."""
    found = AGE.fullmatch(text)
    return None if found is None else int(found[1]) * AGE_UNITS[found[2]]


def uid(text: str) -> str | None:
    """Read a UI (7.7)."""
    return text if UID.fullmatch(text) else None


PARSERS: dict[str, Callable[[str], Scalar | None]] = {
    "DS": decimal,
    "IS": decimal,
    "DA": date,
    "TM": time,
    "AS": age,
    "UI": uid,
}
"""By VR; a DT needs to know more (`instants`)."""
