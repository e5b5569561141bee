"""What associations ask of the rest of the router, and what deliveries ask of associations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from roteiro.core.program import Envelope
from roteiro.lang.settings import ListenerSettings, NodeSettings
from roteiro.runtime.spool.contract import StoredObject
from roteiro.runtime.world import Buffer

SyntaxPair = tuple[str, str]
"""A SOP class UID and a transfer syntax UID."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for an association, before anything was decided."""

    listener: ListenerSettings
    calling_ae: str
    called_ae: str
    address: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """The caller may come in, with these roles of `may` (`store`, `echo`, ...)."""

    node: str
    """Name of the node, empty for an unknown caller that the listener accepts."""
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The caller is turned away with an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""

    result: int
    source: int
    reason: int


class Reception(Protocol):
    """One C-STORE that is arriving."""

    def write(self, data: Buffer) -> None:
        """Take the next bytes of the data set; valid during the call only."""

    async def finish(self) -> int:
        """Keep the complete data set and give the C-STORE status to answer. Never raises."""

    def abort(self) -> None:
        """Leave nothing: the sender broke off."""


class Intake(Protocol):
    """What a listener asks of the router."""

    def admit(self, caller: Caller) -> Admitted | Rejected:
        """Decide on an association request."""

    def begin(self, envelope: Envelope) -> Reception:
        """Take a C-STORE that begins. Never raises: what went wrong comes out of `finish`."""


class Trouble(Exception):  # noqa: N818  base of three, each with whose trouble it is
    """An attempt at a peer did not succeed; the text says what was found, in the log's words."""


class Unreachable(Trouble):
    """No association: refused, timed out, rejected as transient, broken off. Try again later."""


class Unwilling(Trouble):
    """The peer rejected us for good, or has not accepted what the object needs."""


class NothingAccepted(Unwilling):
    """The peer took the association and none of the presentation contexts."""


class Broken(Trouble):
    """The association ended while an object was under way: in doubt, so it is sent again."""


class Pace(Protocol):
    """Lets bytes leave when a node may be sent them."""

    @property
    def largest(self) -> int:
        """Bytes that may be asked for at once."""

    def reserve(self, count: int) -> float:
        """Give the seconds until so many bytes may leave; they count as gone from now on."""


class Channel(Protocol):
    """An open association to a peer."""

    @property
    def open(self) -> bool:
        """Whether it can still be used."""

    def carries(self, sop_class: str, transfer_syntax: str) -> bool:
        """Whether a presentation context was accepted for this pair."""

    def proposed(self, sop_class: str, transfer_syntax: str) -> bool:
        """Whether this pair was asked for, so that asking again is no use."""

    async def store(
        self, stored: StoredObject, *, urgent: bool = False, pace: Pace | None = None
    ) -> int:
        """Send an object with one C-STORE and give the status of the answer.

        What is written of it waits for `pace`. `Unwilling` when no context carries it; `Broken`
        when the association ends first; `Damaged` (of the spool) when the digest does not hold:
        then the association is aborted before the last fragment leaves.
        """

    async def echo(self) -> int:
        """Send a C-ECHO and give the status of the answer."""

    async def release(self) -> None:
        """End it in order; abort when the peer does not answer in time."""

    def abort(self) -> None:
        """End it at once."""


class Carrier(Protocol):
    """Opens associations."""

    async def connect(
        self, node: NodeSettings, calling_ae: str, pairs: Sequence[SyntaxPair]
    ) -> Channel:
        """Open an association that proposes these pairs and Verification.

        `Unreachable` or `Unwilling` when there is none; `NothingAccepted` when it is of no use.
        """
