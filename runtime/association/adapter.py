"""The only file that touches pynetdicom, its private names included.

What is taken from it: PDU and primitive codecs, the state table of PS3.8 9.2, the negotiation of
presentation contexts with roles and extended items. What is replaced: its two threads an
association and everything they poll.

- `LoopAssociation` is a thread object that is never started; only negotiation's default handlers
  are bound, so nothing is logged and nobody else is asked.
- `LoopProvider` is the upper layer whose reactor is "a PDU arrived" and "a primitive was queued".
- `LoopSocket` writes to a transport. `Artim` is the state table's timer on the router's clock.
- `LoopControl` splits the requestor's negotiation, which blocks on a queue, into its two halves.

P-DATA never comes here: `roteiro.core.pdata` takes it. A contract test
(`tests/association/test_pynetdicom_contract.py`) fails when a new version changes what this file
leans on.
"""

# ruff: noqa: SLF001  the private names are what this file is for

import asyncio
import logging
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pynetdicom import AE, evt
from pynetdicom.acse import ACSE
from pynetdicom.association import Association
from pynetdicom.dul import _PDU_TYPES, DULServiceProvider
from pynetdicom.fsm import TRANSITION_TABLE
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import T_CONNECT, AddressInformation

from roteiro.runtime.association.contexts import ACCEPTED, Answer
from roteiro.runtime.association.request import BadRequestError, clean
from roteiro.runtime.world import Clock, Timer

IMPLEMENTATION_CLASS = "2.25.247183562913047156218907563412098771234"
IMPLEMENTATION_VERSION = "ROTEIRO_0_1"
DEFAULT_MAXIMUM = 16384
"""Of a peer that does not say how long a PDU may be, though it has to (PS3.7 D.1)."""

USER, PROVIDER = 0, 2
"""Sources of an A-ABORT (PS3.8 9.3.8)."""
ASSOCIATE = (0x01, 0x02)
"""PDU types that carry items."""
UNEXPECTED_PDU, INVALID_PARAMETER = 2, 6
"""Reasons of an A-ABORT by the provider."""

# What pynetdicom raises on bytes that it cannot read: it checks as it goes, with whatever it uses.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
    struct.error,
)
NEGOTIATION = (evt.EVT_ASYNC_OPS, evt.EVT_SOP_COMMON, evt.EVT_SOP_EXTENDED, evt.EVT_USER_ID)
NOWHERE = AddressInformation("127.0.0.1", 0)
"""Addresses only reach pynetdicom's events, which nobody hears; a look-up would block."""

# Its log lines are for its own users, and show what peers sent.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


class Kind(Enum):
    """What a PDU meant."""

    NOTHING = "nothing"
    REQUEST = "request"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RELEASE = "release"
    RELEASED = "released"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a PDU meant, and the numbers that came with it."""

    kind: Kind
    result: int = 0
    source: int = 0
    reason: int = 0


class LoopEntity(AE):  # type: ignore[misc]
    """The local application entity; the limits of how many may come in are the listener's."""

    @property
    def active_associations(self) -> list[Association]:
        """Give none: the original counts running threads."""
        return []


class AlwaysReady:
    """Stands for the event that pynetdicom's requestor waits on: the transport is there."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
        """Return at once."""
        return True


class LoopSocket:
    """What the state machine needs of a socket, over a transport."""

    _is_connected = True
    _ready = AlwaysReady()
    ready = False

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self._close = close
        self._odd: Mapping[int, str] = {}
        self.provider: LoopProvider | None = None

    def connect(self, primitive: T_CONNECT) -> None:
        """Confirm the transport connection: it was made before pynetdicom was asked."""
        assert self.provider is not None
        primitive.result = "Evt2"
        self.provider.to_provider_queue.put(primitive)

    def send(self, data: bytes) -> None:
        """Write a PDU."""
        self._transport.write(data)

    def close(self) -> None:
        """End the connection when what was written is out."""
        self._close()

    def _shutdown_socket(self) -> None:
        """Do nothing: the transport has told us that it is gone."""


class Artim:
    """The ARTIM timer (PS3.8 9.1.5) on the router's clock.

    `seconds` is how long it runs; `open` of an acceptor sets its own for the wait for a request.
    """

    expired = False

    def __init__(self, clock: Clock, seconds: float, due: Callable[[], None]) -> None:
        self._clock = clock
        self._due = due
        self._timer: Timer | None = None
        self.seconds = seconds
        self.timeout: float | None = None  # pynetdicom sets its own; ours is `seconds`

    def start(self) -> None:
        """Start, or start again."""
        self.stop()
        self._timer = self._clock.call_later(self.seconds, self._due)

    restart = start

    def stop(self) -> None:
        """Stop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class LoopProvider(DULServiceProvider):  # type: ignore[misc]
    """The upper layer without its thread."""

    def send_pdu(self, primitive: object) -> None:
        """Queue a primitive and act on it at once."""
        super().send_pdu(primitive)
        self.pump()

    def pump(self) -> None:
        """Run the state machine until nothing is left to do."""
        while not self.event_queue.empty() or self._process_recv_primitive():
            self.state_machine.do_action(self.event_queue.get_nowait())

    def happen(self, event: str) -> None:
        """Run the state machine on an event."""
        self.event_queue.put(event)
        self.pump()

    def forget(self) -> None:
        """Drop what an action that failed has left behind."""
        for waiting in (self.event_queue, self._recv_pdu, self.to_provider_queue):
            while not waiting.empty():
                waiting.get_nowait()


class LoopControl(ACSE):  # type: ignore[misc]
    """Association control: our results for contexts, and the requestor's negotiation in halves."""

    asked = False
    refusals: dict[int, int]

    def send_accept(self) -> None:
        """Accept, with the result that the policy gave to each context that is not accepted."""
        for context in self.assoc._rejected_cx:
            context.result = self.refusals.get(context.context_id, context.result)
        super().send_accept()

    def send_request(self) -> None:
        """Send the request once; the second half of the negotiation calls this again."""
        if not self.asked:
            self.asked = True
            super().send_request()


class LoopAssociation(Association):  # type: ignore[misc]
    """An association whose thread is never started."""

    def _bind_defaults(self) -> None:
        for event in NEGOTIATION:
            self.bind(event, evt.get_default_handler(event))

    def kill(self) -> None:
        """Mark the end; the original waits for threads."""
        self._kill = True
        self.is_established = False


def make_entity(maximum: int) -> LoopEntity:
    """Make the local application entity, one for all associations of a listener or carrier."""
    entity = LoopEntity()
    entity.maximum_pdu_size = maximum
    entity.implementation_class_uid = IMPLEMENTATION_CLASS
    entity.implementation_version_name = IMPLEMENTATION_VERSION
    return entity


class Upper:
    """One association's upper layer: PDUs in, PDUs out through the transport.

    `close` is called when the connection has to end; `seconds` is what the peer gets to close it
    after the last PDU.
    """

    side: str

    def __init__(
        self,
        entity: LoopEntity,
        transport: asyncio.Transport,
        clock: Clock,
        *,
        seconds: float,
        close: Callable[[], None],
    ) -> None:
        assoc = self._assoc = LoopAssociation(entity, self.side)
        assoc.acse = self._control = LoopControl(assoc)
        self._control.refusals = {}
        assoc.dul = self._provider = LoopProvider(assoc)
        self.artim = assoc.dul.artim_timer = Artim(clock, seconds, self._expired)
        self._close = close
        self._odd: Mapping[int, str] = {}
        plug = LoopSocket(transport, close)
        plug.provider = assoc.dul
        assoc.dul.socket = plug
        assoc.requestor.address_info = assoc.acceptor.address_info = NOWHERE
        both = (assoc.acceptor, assoc.requestor)
        us, self._peer = both if self.side == "acceptor" else both[::-1]
        us.maximum_length = entity.maximum_pdu_size
        us.implementation_class_uid = entity.implementation_class_uid
        us.implementation_version_name = entity.implementation_version_name

    @property
    def state(self) -> str:
        """The state of PS3.8 9.2, `Sta1` to `Sta13`."""
        return str(self._provider.state_machine.current_state)

    @property
    def established(self) -> bool:
        """Whether data can be transferred."""
        return self.state == "Sta6"

    @property
    def over(self) -> bool:
        """Whether there is nothing to do any more but to close."""
        return self.state in ("Sta1", "Sta13")

    def pdu(self, data: bytes) -> Heard:
        """Act on a whole PDU and say what it meant; a bad one is answered with A-ABORT."""
        kind, event = _PDU_TYPES[data[:1]]
        action = TRANSITION_TABLE.get((event, self.state))
        if action is None:  # a peer that speaks before it was asked: the table has no row
            self._close()
            return Heard(Kind.ABORTED, source=PROVIDER, reason=UNEXPECTED_PDU)
        if action in ("AA-1", "AA-8"):
            self.abort(PROVIDER, UNEXPECTED_PDU)
            return Heard(Kind.ABORTED, source=PROVIDER, reason=UNEXPECTED_PDU)
        try:
            decoded = kind()
            decoded.decode(self._cleaned(data) if data[0] in ASSOCIATE else data)
            self._provider._recv_pdu.put(decoded)
            self._provider.happen(event)
        except (BadRequestError, *UNREADABLE):
            self._provider.forget()
            self.abort(PROVIDER, INVALID_PARAMETER)
            return Heard(Kind.ABORTED, source=PROVIDER, reason=INVALID_PARAMETER)
        return self._heard()

    def _cleaned(self, data: bytes) -> bytes:
        cleaned = clean(data)
        self._odd = cleaned.odd
        return cleaned.pdu

    @property
    def peer_maximum(self) -> int:
        """Bytes that the peer takes in a PDU, once it has said so; 0 is without end."""
        length = self._peer.maximum_length
        return DEFAULT_MAXIMUM if length is None else int(length)

    def _heard(self) -> Heard:
        """Translate the primitive that pynetdicom has queued for its user."""
        primitive = self._provider.peek_next_pdu()
        if primitive is None:
            return Heard(Kind.NOTHING)
        if isinstance(primitive, A_ASSOCIATE):
            return self._association_heard(primitive)
        self._provider.receive_pdu()
        if isinstance(primitive, A_RELEASE):
            return Heard(Kind.RELEASE if primitive.result is None else Kind.RELEASED)
        if isinstance(primitive, A_P_ABORT):
            return Heard(Kind.ABORTED, source=PROVIDER, reason=primitive.provider_reason or 0)
        assert isinstance(primitive, A_ABORT)
        return Heard(Kind.ABORTED, source=primitive.abort_source or 0)

    def _association_heard(self, primitive: A_ASSOCIATE) -> Heard:
        """Translate an A-ASSOCIATE; an answer stays queued for the negotiation."""
        if primitive.result is None:
            self._assoc.requestor.primitive = self._provider.receive_pdu()
            return Heard(Kind.REQUEST)
        if primitive.result == 0:
            return Heard(Kind.ACCEPTED)
        return Heard(Kind.REJECTED, primitive.result, primitive.result_source, primitive.diagnostic)

    def abort(self, source: int, reason: int) -> None:
        """Send an A-ABORT when the peer may still hear it; afterwards only the close is left."""
        if self.over:
            return
        if self.state == "Sta2":
            # Evt15 has no row for Sta2; AA-1 on an invalid PDU sends the primitive that waits
            primitive = A_P_ABORT()
            primitive.provider_reason = reason if source == PROVIDER else 0
            self._provider.to_provider_queue.put(primitive)
            self._provider.event_queue.put("Evt19")
            self._provider.state_machine.do_action(self._provider.event_queue.get_nowait())
        elif source == PROVIDER:
            self._control.send_ap_abort(reason)
        else:
            self._control.send_abort(USER)

    def answer_release(self) -> None:
        """Send the A-RELEASE-RP (PS3.8 7.2.2)."""
        self._control.send_release(is_response=True)

    def lost(self) -> None:
        """Learn that the transport connection is gone."""
        self.artim.stop()
        if self.state != "Sta1":
            self._provider.happen("Evt17")

    def _expired(self) -> None:
        """ARTIM has expired: only two states have a row for it (PS3.8 table 9-10)."""
        if self.state in ("Sta2", "Sta13"):
            self._provider.happen("Evt18")


class Acceptor(Upper):
    """The side that is called."""

    side = "acceptor"

    def open(self, seconds: float) -> None:
        """Begin to wait for the A-ASSOCIATE-RQ, so long."""
        farewell, self.artim.seconds = self.artim.seconds, seconds
        self._provider.happen("Evt5")
        self.artim.seconds = farewell

    def reject(self, result: int, source: int, reason: int) -> None:
        """Answer a request, read or not, with an A-ASSOCIATE-RJ."""
        if self.state == "Sta2":
            self._request_unread()
        self._control.send_reject(result, source, reason)

    def _request_unread(self) -> None:
        """Move to the state that can reject: the body of this request is of no interest."""
        request = _PDU_TYPES[b"\x01"][0]()
        request.protocol_version = 1
        request.calling_ae_title = request.called_ae_title = "UNREAD"
        self._provider._recv_pdu.put(request)
        self._provider.happen("Evt6")
        self._provider.receive_pdu()

    def accept(
        self, decide: Callable[[str, Sequence[str]], Answer]
    ) -> dict[int, tuple[str, str]] | None:
        """Negotiate and send the A-ASSOCIATE-AC; give (abstract, transfer syntax) by context id.

        `None` when some item of the request cannot be answered.

        Each proposal is narrowed to the syntax that `decide` takes before pynetdicom negotiates, so
        that the order of preference can be of each context's own. A refused one keeps a syntax that
        is not in `supported`: it is unknown, or no context of that SOP class was taken.
        """
        request = self._assoc.requestor.primitive
        supported: dict[str, list[str]] = {}
        for context in request.presentation_context_definition_list:
            abstract = str(context.abstract_syntax)
            named = self._odd.get(context.context_id, abstract)
            answer = decide(named, [str(syntax) for syntax in context.transfer_syntax])
            if answer.result == ACCEPTED:
                context.transfer_syntax = [answer.syntax]
                supported.setdefault(abstract, []).append(answer.syntax)
            else:
                self._control.refusals[context.context_id] = answer.result
                context.transfer_syntax = context.transfer_syntax[:1]
        self._assoc.acceptor.supported_contexts = [
            make_context(abstract, syntaxes) for abstract, syntaxes in supported.items()
        ]
        self._assoc.acceptor.ae_title = request.called_ae_title
        try:
            self._control.negotiate_association()
        except UNREADABLE:
            self._provider.forget()
            return None
        return {
            number: (self._odd.get(number, abstract), syntax)
            for number, (abstract, syntax) in accepted_contexts(self._assoc).items()
        }


class Requestor(Upper):
    """The side that calls."""

    side = "requestor"

    def request(self, calling_ae: str, called_ae: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Send the A-ASSOCIATE-RQ with one context a pair, in ids 1, 3, 5 and so on."""
        assoc = self._assoc
        assoc.requestor.ae_title = calling_ae
        assoc.acceptor.ae_title = called_ae
        contexts = [make_context(abstract, [syntax]) for abstract, syntax in pairs]
        for number, context in enumerate(contexts):
            context.context_id = 2 * number + 1
        assoc.requestor.requested_contexts = contexts
        self._control.send_request()

    def conclude(self) -> dict[int, tuple[str, str]]:
        """Finish the negotiation when an acceptance was heard; give the accepted contexts.

        None of them when there is nothing to work with: then the association was aborted.
        """
        try:
            self._control.negotiate_association()
            return accepted_contexts(self._assoc) if self.established else {}
        except UNREADABLE:
            self._provider.forget()
            self.abort(PROVIDER, INVALID_PARAMETER)
            return {}

    def release(self) -> None:
        """Send the A-RELEASE-RQ."""
        self._control.send_release(is_response=False)


def make_context(abstract: str, syntaxes: Sequence[str]) -> PresentationContext:
    """Build a presentation context."""
    context = PresentationContext()
    context.abstract_syntax = abstract
    context.transfer_syntax = list(syntaxes)
    return context


def accepted_contexts(assoc: Association) -> dict[int, tuple[str, str]]:
    """Give abstract and transfer syntax of what was accepted, by context id."""
    return {
        context.context_id: (str(context.abstract_syntax), str(context.transfer_syntax[0]))
        for context in assoc.accepted_contexts
        if context.transfer_syntax
    }
