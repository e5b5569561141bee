"""The states of a destination, how it moves between them, and what it remembers in them."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from roteiro.runtime.association.contract import SyntaxPair
from roteiro.runtime.spool.contract import Delivery


class State(Enum):
    """Where a destination stands."""

    IDLE = "idle"
    """No association, and nothing to send now."""
    CONNECTING = "connecting"
    """The first association, or the probe, is being opened."""
    OPEN = "open"
    """There is an association."""
    WAITING = "waiting"
    """The breaker is open: nothing is tried before `due`."""
    DEAD = "dead"
    """The same, after so many failures that it is tried as seldom as the rules allow."""
    STOPPING = "stopping"
    """Nothing new is begun."""


class Trigger(Enum):
    """What moves a destination."""

    WORK = "something to send and no association"
    OPENED = "an association was opened"
    CLOSED = "the last association is gone"
    FAILED = "a failure that is the destination's own"
    DIED = "a failure of a destination that now counts as dead"
    ANSWERED = "an answer came all the same"
    DUE = "the wait is over"
    RESUMED = "the wait is over and an association is still open"
    STOP = "the router stops, or the rules have the node no more"
    CHANGED = "the rules have the node, and not as before"


# What is not in this table cannot happen; out of STOPPING leads CHANGED alone.
TRANSITIONS = {
    (State.IDLE, Trigger.WORK): State.CONNECTING,
    (State.IDLE, Trigger.OPENED): State.OPEN,  # begun before the breaker opened
    (State.IDLE, Trigger.FAILED): State.WAITING,
    (State.CONNECTING, Trigger.OPENED): State.OPEN,
    (State.CONNECTING, Trigger.FAILED): State.WAITING,
    (State.OPEN, Trigger.OPENED): State.OPEN,
    (State.OPEN, Trigger.CLOSED): State.IDLE,
    (State.OPEN, Trigger.FAILED): State.WAITING,
    (State.WAITING, Trigger.OPENED): State.WAITING,  # begun before the breaker opened
    (State.WAITING, Trigger.ANSWERED): State.OPEN,
    (State.WAITING, Trigger.DUE): State.IDLE,
    (State.WAITING, Trigger.RESUMED): State.OPEN,
    **{(state, Trigger.DIED): State.DEAD for state in (State.IDLE, State.CONNECTING, State.OPEN)},
    (State.DEAD, Trigger.OPENED): State.DEAD,  # begun before the breaker opened
    (State.DEAD, Trigger.ANSWERED): State.OPEN,
    (State.DEAD, Trigger.DUE): State.IDLE,
    (State.DEAD, Trigger.RESUMED): State.OPEN,
    **{(state, Trigger.STOP): State.STOPPING for state in State},
    **{(state, Trigger.CHANGED): State.IDLE for state in State},
}


LEFT_ALONE = frozenset((State.WAITING, State.DEAD))
"""The breaker is open."""


class Contexts(Protocol):
    """What was negotiated; a `Channel` is one."""

    def carries(self, sop_class: str, transfer_syntax: str) -> bool:
        """See `Channel`."""

    def proposed(self, sop_class: str, transfer_syntax: str) -> bool:
        """See `Channel`."""


Place = tuple[str, int | None]
"""Host and port of a peer: what `associations` spares."""


@dataclass(slots=True)
class Line:
    """An association, from the wish to have it to its end."""

    number: int
    asked: frozenset[SyntaxPair]
    place: Place
    contexts: Contexts | None = None
    """None while it is being opened."""
    sending: Delivery | None = None
    closing: bool = False
    retired: bool = False
    """It leads elsewhere than the node as it is declared now, or is one too many: it ends after its
    object, and whatever happens to it says nothing of the node as it is now."""
    served: int = 0
    """Objects that were answered on it."""
    quiet_since: float = 0.0
    stale: bool = False
    """It had been quiet for long when the present object was begun."""

    @property
    def opening(self) -> bool:
        """Whether the peer has not answered yet."""
        return self.contexts is None and not self.closing

    @property
    def open(self) -> bool:
        """Whether objects can travel on it."""
        return self.contexts is not None and not self.closing

    @property
    def quiet(self) -> bool:
        """Whether nothing is being sent on it."""
        return self.open and self.sending is None

    @property
    def free(self) -> bool:
        """Whether the next object can be sent on it."""
        return self.quiet and not self.retired


@dataclass(slots=True)
class Breaker:
    """Failures of the destination in a row."""

    failures: int = 0
    since: float = 0.0
    """When the first of them was."""
    due: float = 0.0
    """When the next attempt is."""
    cause: str = ""
