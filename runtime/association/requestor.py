"""Calls peers and sends them objects: the `Carrier` and `Channel` of the contract, on the loop.

The bytes of a data set leave as they lie in the spool, framed and not re-encoded. The last piece is
held back until the digest of all bytes was found right: a damaged object can never be completed at
its destination.
"""

import asyncio
from collections.abc import Sequence

from roteiro.core.pdata import frame
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.adapter import Heard, Kind, make_entity
from roteiro.runtime.association.call import Call
from roteiro.runtime.association.command import (
    RESPONSE,
    Command,
    Priority,
    echo_request,
    encode,
    store_request,
)
from roteiro.runtime.association.contract import (
    Broken,
    Channel,
    NothingAccepted,
    Pace,
    SyntaxPair,
    Unreachable,
    Unwilling,
)
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.request import CONTEXT_LIMIT
from roteiro.runtime.dicom import IMPLICIT_LITTLE, VERIFICATION, is_uid, uid_name
from roteiro.runtime.machine import machine_words
from roteiro.runtime.spool.contract import Damaged, StoredObject
from roteiro.runtime.waiting import run_within, settle
from roteiro.runtime.world import World

PERMANENT = 1  # result of an A-ASSOCIATE-RJ (PS3.8 9.3.4)
LEAST_PDU = 64
PIECE = 256 * 1024
"""Bytes that are read from the spool at a time, rounded down to whole PDUs."""
LEAST_STEP = 2
"""Bytes of a piece at the least: fragments are of even length."""
OVERHEAD = 12
"""Bytes before a fragment: the heads of its PDU and its PDV (PS3.8 9.3.5)."""
ECHO = (VERIFICATION, IMPLICIT_LITTLE)

# source and reason of an A-ASSOCIATE-RJ -> text
REASONS = {
    (1, 2): "runtime.reject_application",
    (1, 3): "runtime.reject_unknown_calling",
    (1, 7): "runtime.reject_unknown_called",
    (2, 2): "runtime.reject_version",
    (3, 1): "runtime.reject_congestion",
    (3, 2): "runtime.reject_limit",
}


class LoopCarrier:
    """Opens associations on the running loop."""

    def __init__(self, world: World, limits: Limits | None = None) -> None:
        self._world = world
        self._limits = limits or Limits()
        self._entity = make_entity(self._limits.pdu)

    async def connect(
        self, node: NodeSettings, calling_ae: str, pairs: Sequence[SyntaxPair]
    ) -> Channel:
        """See `Carrier`; of more pairs than fit into one association the first are proposed.

        A SOP class that is no UID is left out: it is one object's trouble, not the association's.
        """
        possible = (pair for pair in pairs if is_uid(pair[0]))
        proposed = tuple(dict.fromkeys((ECHO, *possible)))[:CONTEXT_LIMIT]
        call = await self._open(node)
        try:
            heard = await call.ask(calling_ae, node.ae, proposed)
        except Broken as broken:
            raise Unreachable(str(broken)) from None
        finally:
            # whoever waits may have been cancelled: then nobody would close the connection
            if not call.settled:
                call.abort(Phrase("runtime.late_answer", seconds=self._limits.answer))
        if heard.kind is not Kind.ACCEPTED:
            raise rejection(heard)
        accepted = {
            context: pair
            for context, pair in call.conclude().items()
            if proposed[context // 2] == pair  # a syntax that was not proposed is no answer
        }
        if not accepted:
            call.abort(Phrase("runtime.no_contexts"))
            raise NothingAccepted(Phrase("runtime.no_contexts"))
        return LoopChannel(call, self._limits, proposed, accepted)

    async def _open(self, node: NodeSettings) -> Call:
        """Open the TCP connection."""
        call = Call(self._world, self._limits, self._entity)
        if node.port is None:
            raise Unwilling(Phrase("runtime.no_port", node=node.name))
        late = Unreachable(Phrase("runtime.late_connect", seconds=self._limits.connect))
        try:
            await run_within(
                self._world.clock,
                self._limits.connect,
                self._world.net.connect(lambda: call, node.host, node.port),
                lambda: late,
            )
        except (OSError, UnicodeError) as error:
            host = Phrase("runtime.bad_host")
            why = machine_words(error) if isinstance(error, OSError) else host
            raise Unreachable(
                Phrase("runtime.no_connection", host=node.host, port=node.port, why=why)
            ) from None
        return call


def rejection(heard: Heard) -> Unwilling | Unreachable:
    """Say whose turn it is after a rejection: a person's when it is permanent, else a later try."""
    key = REASONS.get((heard.source, heard.reason), "runtime.reject_no_reason")
    why = Phrase(
        "runtime.rejected",
        why=Phrase(key),
        result=heard.result,
        source=heard.source,
        reason=heard.reason,
    )
    return Unwilling(why) if heard.result == PERMANENT else Unreachable(why)


def is_failure(status: int) -> bool:
    """Say whether a status is neither success nor a warning of storage (PS3.4 B.2.3)."""
    return status != 0 and status >> 12 != 0xB


class LoopChannel:
    """An open association to a peer; one message at a time."""

    def __init__(
        self,
        call: Call,
        limits: Limits,
        proposed: Sequence[SyntaxPair],
        accepted: dict[int, SyntaxPair],
    ) -> None:
        self._call = call
        self._limits = limits
        self._proposed = frozenset(proposed)
        self._contexts = {pair: context for context, pair in reversed(accepted.items())}
        self._maximum = min(call.peer_maximum or limits.send_pdu, limits.send_pdu)
        self._turn = asyncio.Lock()
        self._message = 0
        self._expected: tuple[int, Command] | None = None
        self._complete = False
        self._status: asyncio.Future[int] | None = None
        call.begin(self._take)

    @property
    def open(self) -> bool:
        """See `Channel`."""
        return self._call.open

    def carries(self, sop_class: str, transfer_syntax: str) -> bool:
        """See `Channel`."""
        return (sop_class, transfer_syntax) in self._contexts

    def proposed(self, sop_class: str, transfer_syntax: str) -> bool:
        """See `Channel`."""
        return (sop_class, transfer_syntax) in self._proposed

    async def echo(self) -> int:
        """See `Channel`."""
        context = self._context(ECHO)
        async with self._turn:
            request = echo_request(self._next_message(), VERIFICATION)
            return await self._exchange(context, request, None)

    async def store(
        self, stored: StoredObject, *, urgent: bool = False, pace: Pace | None = None
    ) -> int:
        """See `Channel`."""
        envelope = stored.record.envelope
        sop_class = envelope.sop_class or ""
        context = self._context((sop_class, envelope.transfer_syntax or ""))
        priority = Priority.HIGH if urgent else Priority.MEDIUM
        async with self._turn:
            request = store_request(
                self._next_message(), sop_class, envelope.sop_instance or "", priority
            )
            return await self._exchange(context, request, stored, pace)

    def _context(self, pair: SyntaxPair) -> int:
        context = self._contexts.get(pair)
        if context is None or self._maximum < LEAST_PDU:
            raise Unwilling(
                Phrase(
                    "runtime.no_context",
                    sop_class=uid_name(pair[0]),
                    transfer_syntax=uid_name(pair[1]),
                )
            )
        return context

    def _next_message(self) -> int:
        self._message = self._message % 0xFFFF + 1
        return self._message

    async def _exchange(
        self,
        context: int,
        request: Command,
        stored: StoredObject | None,
        pace: Pace | None = None,
    ) -> int:
        """Send a request and wait for its response; what is left half done ends the association."""
        self._expected = (context, request)
        self._status = asyncio.get_running_loop().create_future()
        self._complete = done = False
        try:
            await self._call.drained()
            await self._write(frame(encode(request), context, self._maximum, command=True), pace)
            if stored is not None:
                await self._send(stored, context, pace)
            self._complete = True
            seconds = self._patience(stored.size if stored is not None else 0)
            status = await self._call.wait(self._status, seconds, "runtime.late_response")
            done = True
        finally:
            self._expected = self._status = None
            if not done:
                self._call.abort(Phrase("runtime.ended_by_us"))
        return status

    def _patience(self, size: int) -> float:
        """Give the seconds that the peer has to answer."""
        limits = self._limits
        on_the_way = min(size, limits.in_flight) / limits.link_rate
        return limits.response + on_the_way + size / limits.keep_rate

    async def _write(self, data: bytes, pace: Pace | None) -> None:
        """Write P-DATA when it may leave."""
        if pace is not None and (wait := pace.reserve(len(data))):
            await self._call.pause(wait)
        self._call.write(data)

    async def _send(self, stored: StoredObject, context: int, pace: Pace | None) -> None:
        """Frame a data set piece by piece; the last only when the whole was found intact."""
        payload = (self._maximum - 6) & ~1
        step = payload * max(1, PIECE // payload)
        if pace is not None:
            step = min(step, max(LEAST_STEP, (pace.largest - OVERHEAD) & ~1))
        offset = 0
        while True:
            count = min(step, stored.size - offset)
            piece = await stored.read(offset, count)
            offset += len(piece)
            last = offset >= stored.size
            if len(piece) != count or (last and not stored.intact()):
                raise Damaged(Phrase("runtime.damaged"))
            await self._call.drained()
            await self._write(frame(piece, context, self._maximum, last=last), pace)
            if last:
                return

    def _take(self, context: int, command: Command) -> bool:
        """Take a command set of the peer; say whether it answers what was asked."""
        if self._expected is None or self._status is None:
            return False
        expected, request = self._expected
        if (
            context != expected
            or command.CommandField != request.CommandField | RESPONSE
            or command.MessageIDBeingRespondedTo != request.MessageID
            or command.Status is None
            or command.has_data_set
            or not names_instance(command, request)
            # nobody can have stored what has not left, but a refusal may come early
            or not (self._complete or is_failure(command.Status))
        ):
            return False
        settle(self._status, command.Status)
        return True

    async def release(self) -> None:
        """See `Channel`."""
        async with self._turn:
            await self._call.release()

    def abort(self) -> None:
        """See `Channel`."""
        self._call.abort(Phrase("runtime.ended_by_us"))


def names_instance(response: Command, request: Command) -> bool:
    """Say whether a response is about the object that was sent (PS3.7 9.3.1.2), if it names one."""
    named = response.AffectedSOPInstanceUID
    return not named or named == request.AffectedSOPInstanceUID
