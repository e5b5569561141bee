"""What is known besides the data set: the envelope and the clock (docs/reading.md 8, 14.7)."""

from collections.abc import Callable
from decimal import Decimal
from ipaddress import IPv4Address, ip_address
from unicodedata import normalize

from roteiro.core.program import Envelope, Field, Scalar, State, ValueType
from roteiro.lang.clock import Clock
from roteiro.lang.moments import Undecodable
from roteiro.lang.texts import text, uid
from roteiro.lang.views import ABSENT, EMPTY, INVALID, Value


def address(value: str) -> int:
    """Decode an IP address; IPv4 as ::ffff:a.b.c.d (8)."""
    try:
        parsed = ip_address(value.split("%", maxsplit=1)[0])
    except ValueError:
        raise Undecodable from None
    return int(parsed) + (0xFFFF << 32 if isinstance(parsed, IPv4Address) else 0)


TITLES = frozenset(("calling_ae", "called_ae"))
ENVELOPE: dict[ValueType, Callable[[str], Scalar]] = {
    ValueType.TEXT: text,
    ValueType.UID: uid,
    ValueType.ADDRESS: address,
}


def member(field: Field, envelope: Envelope) -> Value:
    """Give the state and the value of a member of the envelope (8)."""
    given = getattr(envelope, field.name)
    if given is None:
        return ABSENT
    if isinstance(given, int):
        return Value(State.VALUED, (Decimal(given),))
    value = normalize("NFC", given)
    if field.type is ValueType.UID:
        value = value.rstrip(" \0")
    elif field.name in TITLES:
        value = value.strip(" \0")
    if value == "":
        return EMPTY
    try:
        return Value(State.VALUED, (ENVELOPE[field.type](value),))
    except Undecodable:
        return INVALID


def of_clock(clock: Clock) -> Value:
    """Give the state and the value of `clock.local` (14.7)."""
    place = clock.in_week
    return ABSENT if place is None else Value(State.VALUED, (Decimal(place),))
