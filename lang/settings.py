"""What a rule file says of running: the router, its listeners, the nodes.

Frozen and complete: defaults are filled in (`language.md`, 2f). Times are seconds.
"""

from dataclasses import dataclass

from roteiro.core.program import Field, Interval
from roteiro.lang.source import Span


@dataclass(frozen=True, slots=True)
class Backoff:
    """First and longest wait between attempts; `limit` `None` is without end."""

    first: float = 5.0
    longest: float = 900.0
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """The most that a node may be sent: `rate` a second on the whole, `burst` at once."""

    amount: float
    burst: float
    in_bytes: bool
    """Bytes of P-DATA on the wire; else objects."""


@dataclass(frozen=True, slots=True)
class RouterSettings:
    """What we call ourselves when we call."""

    ae: str = "ROTEIRO"


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """A port on which peers may call us."""

    name: str
    port: int
    address: str = "127.0.0.1"
    called: frozenset[str] | None = None
    """AE titles that callers may use for us; `None` is any."""
    accept_unknown: bool = False
    refuse_unreadable: bool = False


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """A peer: it may call us (`may`), be sent to (`port`), or both."""

    name: str
    ae: str
    host: str
    """Name, address or network, as written."""
    port: int | None = None
    may: frozenset[str] = frozenset()
    associations: int = 2
    retry: Backoff = Backoff()
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Destinations that stand for one: `failover` or `balance`.

    A `copy` pool is none: `send to` it is a send to each of its members (2e).
    """

    name: str
    kind: str
    members: tuple[str, ...]
    key: Field | None = None
    """What `balance` hashes."""


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When something may happen: microseconds since Monday 00:00 in the program's zone.

    Intervals are closed at their start and open at their end, sorted and apart, within one week (a
    window over its end is two).
    """

    name: str
    open: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Uncarried:
    """A construct that checks, but that `serve` of this version does not carry out exactly."""

    what: str
    """The construct, and why."""
    construct: str
    span: Span


@dataclass(frozen=True, slots=True)
class Settings:
    """All of a program that belongs to running."""

    router: RouterSettings = RouterSettings()
    listeners: tuple[ListenerSettings, ...] = ()
    nodes: tuple[NodeSettings, ...] = ()
    pools: tuple[PoolSettings, ...] = ()
    schedules: tuple[ScheduleSettings, ...] = ()
    zone: str = "UTC"
    """The IANA zone of `timezone`."""
    uncarried: tuple[Uncarried, ...] = ()
    copies: tuple[PoolSettings, ...] = ()
    """The `copy` pools, for which a program has their members; what tests expect may name them."""
