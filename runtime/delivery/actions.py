"""What a destination's state machine asks to be done; `dispatch` does it and reports back."""

from dataclasses import dataclass
from enum import Enum

from roteiro.runtime.association.contract import SyntaxPair
from roteiro.runtime.delivery.batches import Whole
from roteiro.runtime.events import Event
from roteiro.runtime.spool.contract import Delivery


@dataclass(frozen=True, slots=True)
class Connect:
    """Open an association that proposes these pairs; answer with `opened` or `refused`."""

    line: int
    pairs: tuple[SyntaxPair, ...]


@dataclass(frozen=True, slots=True)
class Store:
    """Send an object.

    Answer with `answered`, `broke`, `lost`, `unwilling`, `withdrawn`, `damaged` or `unreadable`.
    """

    line: int
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Release:
    """End an association in order; answer with `closed`."""

    line: int


@dataclass(frozen=True, slots=True)
class Abort:
    """End an association that is being opened, at once; answer with `refused`."""

    line: int


class Entry(Enum):
    """What is recorded of a delivery."""

    DONE = "done"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Record:
    """Write an outcome to the spool, then tell the event; answer with `recorded`."""

    entry: Entry
    delivery: Delivery
    text: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """Let the event be known."""

    event: Event


@dataclass(frozen=True, slots=True)
class Nudge:
    """Let other members look at the queues of our pools: what they may take has changed."""


@dataclass(frozen=True, slots=True)
class Start:
    """Record that a batch may start; answer with `started` or `unstarted`."""

    whole: Whole


Action = Connect | Store | Release | Abort | Record | Tell | Nudge | Start
