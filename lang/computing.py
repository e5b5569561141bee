"""What the functions of transforms compute (2f.9), on texts.

A value is the texts of an element that are not empty. A function of one value works on each; `+`
and arguments that are values take one text for all, or as many as the others have.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import date, timedelta

from roteiro.lang.moments import Undecodable, day
from roteiro.lang.texts_of_values import Unfit

Texts = tuple[str, ...]
UUID_ROOT = "2.25."
"""UIDs made of a 128-bit number (PS3.5 B.2)."""


def digest(secret: bytes, text: str) -> bytes:
    """Give 128 bits that only the holder of the secret can give for a text."""
    return hmac.new(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]


def hashed(secret: bytes, text: str) -> str:
    """Give `hash`."""
    return digest(secret, text).hex()


def uid_hashed(secret: bytes, uid: str) -> str:
    """Give `uid_hash`: the same UID for the same UID and secret."""
    return f"{UUID_ROOT}{int.from_bytes(digest(secret, uid), 'big')}"


def shifted(text: str, days: int) -> str:
    """Move a DA, or the day of a DT, by days; `Unfit` when it is no day, or leaves the calendar."""
    try:
        found = day(text[:8])
        moved = date(found // 10_000, found // 100 % 100, found % 100) + timedelta(days=days)
    except (Undecodable, OverflowError):
        raise Unfit("unfit_date") from None
    return f"{moved:%Y%m%d}".zfill(8) + text[8:]


def shift_of(secret: bytes, text: str, most: int) -> int:
    """Give the days by which all dates of one value move: `most` either way at most, never 0."""
    place = int.from_bytes(digest(secret, text), "big") % (2 * most)
    return place - most if place < most else place - most + 1


def part(text: str, mark: str, number: int) -> str:
    """Give a part between marks, from 1; nothing when there are fewer."""
    parts = text.split(mark)
    return parts[number - 1] if 1 <= number <= len(parts) else ""


def sliced(text: str, first: int, last: int) -> str:
    """Give the characters from one place to another, from 1, both included."""
    return text[max(first, 1) - 1 : last]


FUNCTIONS: dict[str, Callable[..., str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "trim": str.strip,
    "replace": str.replace,
    "part": part,
    "slice": sliced,
    "hash": lambda text, secret: hashed(secret, text),
    "uid_hash": lambda uid, secret: uid_hashed(secret, uid),
    "shift": shifted,
}
"""Functions of one text and of what is known before; `coalesce` and `lookup` are asked apart."""


def joined(parts: list[Texts]) -> Texts:
    """Give `a + b`: what is blank adds nothing, one text is added to each of several."""
    longest = max(len(texts) for texts in parts)
    if longest == 0:
        return ()
    if any(len(texts) not in {0, 1, longest} for texts in parts):
        raise Unfit("unfit_join")
    columns = [texts * longest if len(texts) == 1 else texts or ("",) * longest for texts in parts]
    return tuple("".join(column) for column in zip(*columns, strict=True))
