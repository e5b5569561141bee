"""One connection that we opened: from the TCP connection to the end of its association.

The mirror of `acceptor`: the upper layer gets what is not P-DATA, the receiver cuts the rest into
command sets. Nothing waits here but `heard` (for the answer to a request) and `drained` (for room
in the transport's buffer); whoever waits learns from an exception that the connection is gone.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from roteiro.core.pdata import Fault, Receiver
from roteiro.lang.messages import Phrase
from roteiro.runtime.association.adapter import Heard, Kind, LoopEntity, Requestor
from roteiro.runtime.association.command import BadCommandError, Command, decode
from roteiro.runtime.association.contract import Broken
from roteiro.runtime.association.faults import ABORTS, USER, fault_words
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.waiting import fail, settle, within
from roteiro.runtime.world import Timer, World

Result = TypeVar("Result")

WRITE_BUFFER = 256 * 1024
ANSWERS = frozenset((Kind.ACCEPTED, Kind.REJECTED, Kind.RELEASED))


class Call(asyncio.BufferedProtocol):
    """Our connection to a peer."""

    def __init__(self, world: World, limits: Limits, entity: LoopEntity) -> None:
        self._world = world
        self._limits = limits
        self._entity = entity
        self._receiver = Receiver(
            self,
            pdu_limit=limits.pdu,
            request_limit=limits.request,
            command_limit=limits.command,
        )
        self._transport: asyncio.Transport
        self._upper: Requestor
        self._waiting: set[asyncio.Future[object]] = set()
        self._answer: asyncio.Future[Heard] | None = None
        self._room: asyncio.Future[None] | None = None
        self._hanging: Timer | None = None
        self.how = ""
        self.settled = False
        """Whether the request was answered, so that the state table knows how to go on."""
        self._take: Callable[[int, Command], bool] = lambda _context, _command: False

    # --- the transport ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Get ready to ask for an association."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop has classes of its own
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self._upper = Requestor(
            self._entity,
            self._transport,
            self._world.clock,
            seconds=self._limits.farewell,
            close=self._hang_up,
        )

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Give the transport room to write to."""
        return self._receiver.get_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Use what arrived."""
        self._receiver.feed(nbytes)
        if not self._transport.is_closing():
            # a peer with Nagle's algorithm on keeps its next answer back until we acknowledge
            self._world.net.answer_at_once(self._transport)

    def pause_writing(self) -> None:
        """Make writers wait."""
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let writers go on."""
        room, self._room = self._room, None
        if room is not None:
            settle(room, None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Tell those who wait."""
        if self._hanging is not None:
            self._hanging.cancel()
        self._receiver.close()
        self._upper.lost()
        self._end(Phrase("runtime.ended_lost"))

    def _end(self, how: str) -> None:
        """Break off what is waited for."""
        self.how = self.how or how
        for future in list(self._waiting):
            fail(future, Broken(self.how))

    def _hang_up(self) -> None:
        """Close when what was written is out, or when it does not leave in time."""
        self._receiver.close()
        self._transport.close()
        if self._hanging is None:
            self._hanging = self._world.clock.call_later(
                self._limits.farewell, self._transport.abort
            )

    # --- what the receiver tells --------------------------------------------------------------

    def pdu(self, data: bytes) -> None:
        """Take a whole PDU that is not P-DATA."""
        heard = self._upper.pdu(data)
        if heard.kind in ANSWERS and self._answer is not None:
            if heard.kind is Kind.ACCEPTED:
                # what follows is for the channel, which is made when the waiter runs
                self._receiver.hold()
                self._transport.pause_reading()
            settle(self._answer, heard)
        elif heard.kind is Kind.RELEASE:
            # the peer wants to end it too, or first (PS3.8 7.2.2.7)
            self._upper.answer_release()
            if self._upper.over:
                self._end(Phrase("runtime.ended_released"))
        elif self._upper.over:
            ours = heard.kind is Kind.ABORTED and not self._transport.is_closing()
            self._receiver.close()
            self._end(Phrase("runtime.ended_bad_pdu" if ours else "runtime.ended_aborted"))

    def command(self, context: int, data: bytes) -> bool:
        """Take a command set; one that nobody asked for ends the association."""
        if not self._upper.established:
            return False  # PS3.8 AR-6: data after our A-RELEASE-RQ are of no interest
        try:
            wanted = self._take(context, decode(data))
        except BadCommandError as error:
            self.abort(Phrase("runtime.ended_bad_message", reason=str(error)))
            return False
        if not wanted:
            self.abort(Phrase("runtime.ended_not_asked"))
        return False

    def fragment(self, data: memoryview, last: bool) -> None:  # noqa: FBT001  the receiver's order
        """Take a data set: no answer to us has one, so the receiver never comes here."""

    def fault(self, fault: Fault) -> None:
        """Learn what the peer got wrong."""
        how = fault_words(fault)
        self._upper.abort(*ABORTS[fault])
        self._end(how)

    # --- what a channel does ------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether messages can be exchanged."""
        return self._upper.established and not self._transport.is_closing()

    @property
    def peer_maximum(self) -> int:
        """See `Upper`."""
        return self._upper.peer_maximum

    async def ask(self, calling_ae: str, called_ae: str, pairs: Sequence[tuple[str, str]]) -> Heard:
        """Send the A-ASSOCIATE-RQ and give the answer; `Broken` when there is none."""
        if self.how:
            raise Broken(self.how)
        self._upper.request(calling_ae, called_ae, pairs)
        heard = await self._heard(self._limits.answer, "runtime.late_answer")
        self.settled = True
        return heard

    def conclude(self) -> dict[int, tuple[str, str]]:
        """Finish the negotiation after an acceptance; give the accepted contexts."""
        accepted = self._upper.conclude()
        if not self._upper.established:
            self._receiver.close()
        self._receiver.open(accepted)
        return accepted

    def begin(self, take: Callable[[int, Command], bool]) -> None:
        """Go on reading: `take` gets each command set and says whether it was asked for."""
        self._take = take
        self._receiver.resume()
        if not self._transport.is_closing():
            self._transport.resume_reading()

    async def _heard(self, seconds: float, key: str) -> Heard:
        """Wait for the next PDU that answers us."""
        future: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._answer = future
        try:
            return await self.wait(future, seconds, key)
        finally:
            self._answer = None

    async def wait(self, future: asyncio.Future[Result], seconds: float, key: str) -> Result:
        """Wait for a future that the end of the connection breaks off; `Broken` when it does."""
        if self.how:
            raise Broken(self.how)
        waiting = cast("asyncio.Future[object]", future)
        self._waiting.add(waiting)
        try:
            return await within(
                self._world.clock, seconds, future, lambda: Broken(Phrase(key, seconds=seconds))
            )
        finally:
            self._waiting.discard(waiting)

    async def pause(self, seconds: float) -> None:
        """Wait for a time; `Broken` when the connection ends first."""
        if self.how:
            raise Broken(self.how)
        over: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        timer = self._world.clock.call_later(seconds, lambda: settle(over, None))
        self._waiting.add(over)
        try:
            await over
        finally:
            timer.cancel()
            self._waiting.discard(over)

    def write(self, data: bytes) -> None:
        """Write P-DATA."""
        self._transport.write(data)

    async def drained(self) -> None:
        """Wait until there is room to write; `Broken` when nothing leaves for too long."""
        while self._room is not None:
            before = self._transport.get_write_buffer_size()
            try:
                await self.wait(self._room, self._limits.progress, "runtime.late_progress")
            except Broken:
                if not self.open or self._transport.get_write_buffer_size() >= before:
                    raise
                self.pause_writing()  # some of it left: the peer is slow, not gone
        if not self.open:
            raise Broken(self.how or Phrase("runtime.ended_lost"))

    async def release(self) -> None:
        """End the association in order; abort when the peer does not answer in time."""
        if not self.open:
            return
        self._upper.release()
        try:
            await self._heard(self._limits.release, "runtime.late_release")
        except Broken as broken:
            self.abort(str(broken))

    def abort(self, how: str) -> None:
        """End it at once."""
        self._receiver.close()
        self._upper.abort(USER, 0)
        self._end(how)
        self._hang_up()
