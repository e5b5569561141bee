"""The members of an envelope as values of fields (docs/reading.md, 8)."""

import re
from decimal import Decimal
from ipaddress import IPv4Address, ip_address
from unicodedata import normalize

from roteiro.core.program import Envelope, Scalar, State

TITLES = frozenset(("calling_ae", "called_ae"))
UIDS = frozenset(("transfer_syntax", "sop_class", "sop_instance"))
UID = re.compile(r"[0-9]+(\.[0-9]+)*", re.ASCII)
IPV4_MAPPED = 0xFFFF << 32
PADDING = " \0"


def member(envelope: Envelope, name: str) -> tuple[State, Scalar | None]:
    """Give the state of one member, and its value when it is valued."""
    value = getattr(envelope, name)
    if value is None:
        return State.ABSENT, None
    return member_of(name, value)


def member_of(name: str, value: str | int) -> tuple[State, Scalar | None]:
    """Give the state and the value of a member that is known."""
    if isinstance(value, int):
        return State.VALUED, Decimal(value)
    text = _normalised(name, value)
    if not text:
        return State.EMPTY, None
    if name in UIDS and not UID.fullmatch(text):
        return State.INVALID, None
    if name == "peer":
        return _address(text)
    return State.VALUED, text


def _normalised(name: str, value: str) -> str:
    text = normalize("NFC", value)
    if name in TITLES:
        return text.strip(PADDING)
    return text.rstrip(PADDING) if name in UIDS else text


def _address(text: str) -> tuple[State, int | None]:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return State.INVALID, None
    number = int(address)
    return State.VALUED, IPV4_MAPPED | number if isinstance(address, IPv4Address) else number
