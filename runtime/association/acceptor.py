"""One connection of a caller: from the open socket to the end of its association.

Theory of operation. The transport writes into the receiver's buffer; the receiver calls `pdu`,
`command`, `fragment` and `fault`. The upper layer (pynetdicom's state table) gets every PDU that is
not P-DATA and writes its answers. Everything runs on the loop; the only waits are for the addresses
of a caller's name and for a reception to be kept, and while one of them lasts nothing is read:
the receiver is held, and the transport is paused as soon as something arrives meanwhile.

Deadlines: ARTIM (the state table's) from the open connection to the complete request, and again
until the peer has closed after the last PDU; `Watch` in between. Each ends in the transport's
abort, so that no peer can keep a connection by doing nothing.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol, cast

from roteiro.core.pdata import Fault, Receiver, frame
from roteiro.core.program import Envelope
from roteiro.lang.messages import Phrase
from roteiro.runtime.association import contexts, policy
from roteiro.runtime.association.adapter import Acceptor, Heard, Kind, LoopEntity
from roteiro.runtime.association.command import Command, encode, response
from roteiro.runtime.association.contract import Admitted, Caller, Reception, Rejected
from roteiro.runtime.association.exchange import BadMessageError, Exchange
from roteiro.runtime.association.faults import ABORTS, PROVIDER, USER, fault_words
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.request import Titles, read_titles
from roteiro.runtime.association.watch import Phase, Watch
from roteiro.runtime.world import Timer, World

REQUEST_PDU = 0x01
LEAST_PDU = 64
"""A peer that takes less in a PDU could not be answered with a command in sensible pieces."""
INVALID_PARAMETER = 6


class Host(Protocol):
    """What a connection asks of its listener."""

    world: World
    limits: Limits
    entity: LoopEntity

    def begun(self, connection: "Connection") -> None:
        """Learn that a connection is open, without an association so far."""

    def caller(self, titles: Titles, address: str) -> Caller:
        """Name the caller of an association request."""

    def admit(self, caller: Caller) -> Admitted | Rejected:
        """Decide on an association request, capacity included."""

    def refresh(self, caller: Caller) -> Coroutine[Any, Any, None] | None:
        """Look the caller's names up again, if that can help."""

    def opened(self, connection: "Connection", admitted: Admitted) -> None:
        """Learn that an association was accepted."""

    def turned_away(self, caller: Caller, rejected: Rejected) -> None:
        """Learn that an association was rejected."""

    def ended(self, connection: "Connection", how: str) -> None:
        """Learn that the connection is gone."""

    def failed(self, error: BaseException) -> None:
        """Learn of a fault of our own."""

    def exchange(self, connection: "Connection", accepted: dict[int, tuple[str, str]]) -> Exchange:
        """Begin the messages of an association."""


class Connection(asyncio.BufferedProtocol):
    """A caller's connection."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._receiver = Receiver(
            self,
            pdu_limit=host.limits.pdu,
            request_limit=host.limits.request,
            command_limit=host.limits.command,
        )
        self._watch = Watch(host.world.clock, host.limits, self._late)
        self._transport: asyncio.Transport
        self._upper: Acceptor
        self._exchange: Exchange | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._hanging: Timer | None = None
        self._working = False  # a task decides how to go on
        self._choked = False  # the peer does not read
        self._paused = False
        self._maximum = 0
        self.how = ""
        self.heard_of = False
        self.rejected = False
        self.address = ""
        self.caller: Caller | None = None

    # --- the transport ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        host = self._host
        self._transport = cast("asyncio.Transport", transport)  # uvloop has classes of its own
        peer = transport.get_extra_info("peername") or ("", 0)
        self.address = policy.plain_address(str(peer[0]))
        self._upper = Acceptor(
            host.entity,
            self._transport,
            host.world.clock,
            seconds=host.limits.farewell,
            close=self._hang_up,
        )
        host.begun(self)
        self._upper.open(host.limits.associate)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Give the transport room to write to."""
        return self._receiver.get_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Use what arrived."""
        self.heard_of = True
        self._watch.received(nbytes)
        self._receiver.feed(nbytes)
        self._after_reading()

    def _after_reading(self) -> None:
        """Set what is waited for next, after anything was used."""
        if self._receiver.held:
            if self._receiver.unread and not self._paused:
                self._paused = True
                self._transport.pause_reading()
        elif self._exchange is not None and not self._upper.over:
            midway = self._receiver.midway
            self._watch.enter(Phase.MIDWAY if midway else Phase.IDLE)
            if midway:
                # a sender with Nagle's algorithm waits for our delayed acknowledgement otherwise
                self._host.world.net.answer_at_once(self._transport)

    def pause_writing(self) -> None:
        """Answer nothing more before the peer reads."""
        self._choked = True
        self._watch.enter(Phase.MIDWAY)
        self._flow()

    def resume_writing(self) -> None:
        """Go on: the peer reads."""
        self._choked = False
        self._flow()

    def _flow(self) -> None:
        """Hold reading while we have to wait, and go on when not."""
        if self._working or self._choked:
            self._receiver.hold()
            return
        if self._receiver.held:
            self._receiver.resume()
            self._after_reading()
        if self._paused and not self._receiver.held and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Leave nothing behind."""
        if self._hanging is not None:
            self._hanging.cancel()
        self._watch.stop()
        self._receiver.close()
        self._upper.lost()
        if self._exchange is not None:
            self._exchange.abort()
        self._host.ended(self, self.how or Phrase("runtime.ended_lost"))

    # --- ends ---------------------------------------------------------------------------------

    def abort(self, source: int, reason: int, how: str) -> None:
        """Send an A-ABORT and wait for the peer to close, not for long."""
        self.how = self.how or how
        if self._exchange is not None:
            self._exchange.abort()
        self._farewell()
        self._upper.abort(source, reason)

    def drop(self, how: str) -> None:
        """End the connection at once and without a word."""
        self.how = self.how or how
        self._farewell()
        self._transport.abort()

    def _farewell(self) -> None:
        """Use nothing of what still comes."""
        self._receiver.close()
        self._watch.stop()

    def _hang_up(self) -> None:
        """Close when what was written is out, or when it does not leave in time."""
        if self._exchange is None and not self.how:
            self.how = Phrase("runtime.ended_no_request")
        self._receiver.close()
        self._transport.close()
        if self._hanging is None:
            self._hanging = self._host.world.clock.call_later(
                self._host.limits.farewell, self._transport.abort
            )

    def _late(self, phase: Phase) -> None:
        """End it: the peer was too slow."""
        key = "runtime.ended_idle" if phase is Phase.IDLE else "runtime.ended_slow"
        self.abort(USER, 0, Phrase(key))

    # --- what the receiver tells --------------------------------------------------------------

    def pdu(self, data: bytes) -> None:
        """Take a whole PDU that is not P-DATA."""
        if data[0] == REQUEST_PDU and self._upper.state == "Sta2":
            self._requested(data)
            return
        self._act(self._upper.pdu(data))

    def _act(self, heard: Heard) -> None:
        """Follow what a PDU meant."""
        if heard.kind is Kind.RELEASE:
            self.how = self.how or Phrase("runtime.ended_released")
            self._farewell()
            self._upper.answer_release()
        elif heard.kind is Kind.ABORTED:
            ours = not self._transport.is_closing()
            self.how = self.how or Phrase(
                "runtime.ended_bad_pdu" if ours else "runtime.ended_aborted"
            )
            self._farewell()
        elif self._upper.over:
            self._farewell()

    def command(self, context: int, data: bytes) -> bool:
        """Take a command set."""
        assert self._exchange is not None
        try:
            return self._exchange.command(context, data)
        except BadMessageError as error:
            self.abort(USER, 0, Phrase("runtime.ended_bad_message", reason=str(error)))
            return False

    def fragment(self, data: memoryview, last: bool) -> None:  # noqa: FBT001  the receiver's order
        """Take bytes of a data set."""
        assert self._exchange is not None
        try:
            self._exchange.fragment(data, last=last)
        except BadMessageError as error:
            self.abort(USER, 0, Phrase("runtime.ended_bad_message", reason=str(error)))

    def fault(self, fault: Fault) -> None:
        """Learn what the peer got wrong."""
        how = fault_words(fault)
        if fault is Fault.PDU_TYPE and self._exchange is None:
            self.drop(how)  # no DICOM: a browser, a TLS client, a port scan
        else:
            self.abort(*ABORTS[fault], how)

    # --- the request --------------------------------------------------------------------------

    def _requested(self, data: bytes) -> None:
        """Decide on a request from its fixed part, before the rest is looked at."""
        titles = read_titles(data)
        caller = self.caller = self._host.caller(titles, self.address)
        if not titles.version & 1:
            self._turn_away(policy.NO_SUCH_VERSION)
            return
        verdict = self._host.admit(caller)
        refreshing = self._host.refresh(caller) if verdict == policy.UNKNOWN_CALLING else None
        if refreshing is None:
            self._settle(data, verdict)
        else:
            self._work(self._ask_again(data, caller, refreshing))

    async def _ask_again(
        self, data: bytes, caller: Caller, refreshing: Coroutine[Any, Any, None]
    ) -> None:
        """Decide once more when the names of the caller were looked up."""
        await refreshing
        if self._upper.state == "Sta2":
            self._settle(data, self._host.admit(caller))

    def _settle(self, data: bytes, verdict: Admitted | Rejected) -> None:
        """Answer the request."""
        if isinstance(verdict, Rejected):
            self._turn_away(verdict)
        elif self._upper.pdu(data).kind is Kind.REQUEST:
            self._negotiate(verdict)
        else:
            self.how = Phrase("runtime.ended_bad_request")
            self._farewell()

    def _turn_away(self, rejected: Rejected) -> None:
        assert self.caller is not None
        self.how = Phrase("runtime.ended_rejected")
        self.rejected = True
        self._farewell()
        self._upper.reject(rejected.result, rejected.source, rejected.reason)
        self._host.turned_away(self.caller, rejected)

    def _negotiate(self, admitted: Admitted) -> None:
        def decide(abstract: str, syntaxes: Sequence[str]) -> contexts.Answer:
            return contexts.answer(abstract, syntaxes, admitted.roles)

        limits = self._host.limits
        self._maximum = self._upper.peer_maximum or limits.send_pdu
        accepted = self._upper.accept(decide) if self._maximum >= LEAST_PDU else None
        if accepted is None:
            self.abort(PROVIDER, INVALID_PARAMETER, Phrase("runtime.ended_bad_request"))
            return
        self._receiver.open(accepted)
        self._exchange = self._host.exchange(self, accepted)
        self._host.opened(self, admitted)

    def envelope(self, listener: str) -> Envelope:
        """Say what is known of every object of this association."""
        assert self.caller is not None
        return Envelope(
            calling_ae=self.caller.calling_ae,
            called_ae=self.caller.called_ae,
            peer=self.address,
            listener=listener,
        )

    # --- answers ------------------------------------------------------------------------------

    def answer(self, context: int, command: Command) -> None:
        """Write a response, if the peer is still there."""
        if not (self._upper.over or self._transport.is_closing()):
            maximum = min(self._maximum, self._host.limits.send_pdu)
            self._transport.write(frame(encode(command), context, maximum, command=True))

    def finish(self, context: int, request: Command, reception: Reception) -> None:
        """Keep a complete object, then answer; nothing is read before that."""
        self._watch.enter(Phase.OURS)
        self._work(self._keep(context, request, reception))

    async def _keep(self, context: int, request: Command, reception: Reception) -> None:
        status = await reception.finish()
        self.answer(context, response(request, status))

    def _work(self, job: Coroutine[Any, Any, None]) -> None:
        """Hold reading until a job is done."""
        self._working = True
        self._flow()
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._worked)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._working = False
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or error is not None:
            # neither kept nor refused: no answer is the only honest one (PS3.7 9.1.1.2)
            self.abort(USER, 0, Phrase("runtime.ended_by_us"))
            if error is not None:
                self._host.failed(error)
        self._flow()

    @property
    def jobs(self) -> frozenset[asyncio.Task[None]]:
        """What has to end before the spool may be closed."""
        return frozenset(self._tasks)

    @property
    def counts(self) -> tuple[int, int]:
        """Complete objects and their bytes."""
        exchange = self._exchange
        return (exchange.objects, exchange.bytes) if exchange is not None else (0, 0)
