"""A simulated scanner: follows the standard, waits, tries again, writes down what it was told."""

from collections import deque
from dataclasses import dataclass

from tests.e2e import wire
from tests.sim.journal import Journal, Sending
from tests.sim.net import End
from tests.sim.objects import SOP_CLASS, SYNTAX, Image
from tests.sim.peers import Outside, Wire

PATIENCE = 120.0
"""Seconds that the router gets for an answer."""
PDU = 16_384
CONTEXT = 1
REFUSED = 0x0124


@dataclass(slots=True)
class Manners:
    """Chances of what a scanner does to an object instead of sending it plainly."""

    abort: float = 0.0
    reset: float = 0.0
    stall: float = 0.0
    half_close: float = 0.0
    again: float = 0.0
    """Send once more what was acknowledged."""


class Scanner(Outside):
    """Sends what is in its queue, an association at a time, until all of it is answered."""

    def __init__(self, *parts: object, journal: Journal, router: tuple[str, int]) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.journal = journal
        self.router = router
        self.manners = Manners()
        self.queue: deque[Image] = deque()
        self.line: Line | None = None
        self._waiting = False

    @property
    def idle(self) -> bool:
        return not self.queue and self.line is None

    def give(self, images: list[Image]) -> None:
        self.queue.extend(images)
        self._go(0.0)

    def _go(self, delay: float) -> None:
        if self.queue and self.line is None and not self._waiting:
            self._waiting = True
            self.kernel.after(self, delay, self._call)

    def _call(self) -> None:
        self._waiting = False
        if not self.queue or self.line is not None:
            return
        line = self.line = Line(self)
        self.net.connect(self, self.name, lambda: line, self.router, line.connected)
        line.patience = self.kernel.after(self, PATIENCE, line.give_up)

    def over(self, line: "Line") -> None:
        """Hear that an association is over; try what is left in a while."""
        if self.line is line:
            self.line = None
            self._go(self.dice.uniform(5.0, 60.0))

    def answered(self, sending: Sending) -> None:
        """Go on with the next image when this one needs no more."""
        status = sending.status
        if status in (0, REFUSED) and self.queue and self.queue[0] is sending.image:
            self.queue.popleft()
            if status == 0 and self.dice.random() < self.manners.again:
                self.queue.append(sending.image)


class Line(Wire):
    """One association of a scanner."""

    def __init__(self, scanner: Scanner) -> None:
        super().__init__()
        self.scanner = scanner
        self.patience: object = None
        self.sending: Sending | None = None
        self._message = 0
        self._pieces: deque[bytes] = deque()
        self._released = False

    def connected(self, found: End | OSError) -> None:
        if isinstance(found, OSError):
            self._done()

    def connection_made(self, transport: object) -> None:
        super().connection_made(transport)
        context = wire.proposal(CONTEXT, SOP_CLASS, SYNTAX)
        called = wire.associate(
            wire.ASSOCIATE_RQ, "ROTEIRO", self.scanner.name[:3].upper(), context, PDU
        )
        self.write(called)

    def pdu(self, kind: int, body: bytes) -> None:
        if kind == wire.ASSOCIATE_AC:
            self._next()
        elif kind == wire.DATA:
            for _, control, data in wire.pdvs(body):
                if control & wire.COMMAND:
                    self._answer(wire.read_command(data))
        else:  # rejected, released, aborted
            self.close()
            self._done()

    def _answer(self, command: dict[int, bytes]) -> None:
        sending, self.sending = self.sending, None
        if sending is None:
            return
        sending.status = wire.number(command[0x0900])
        sending.answered = self.scanner.kernel.now
        self.scanner.kernel.trace("answer", sending.image.uid, hex(sending.status))
        self.scanner.answered(sending)
        if sending.status not in (0, REFUSED):
            self._release()
        else:
            self._next()

    def _next(self) -> None:
        scanner = self.scanner
        self._wait()
        if not scanner.queue:
            self._release()
            return
        image = scanner.queue[0]
        self._message += 1
        self.sending = scanner.journal.begin(image, scanner.kernel.now)
        request = wire.store_request(self._message, SOP_CLASS, image.uid)
        head = wire.pdu(wire.DATA, wire.pdv(CONTEXT, wire.COMMAND | wire.LAST, request))
        self._pieces = deque((head, *fragments(image.data)))
        self._send()

    def _send(self) -> None:
        """Write what is left of an object, unless something else comes to our mind."""
        scanner, manners, dice = self.scanner, self.scanner.manners, self.scanner.dice
        while self._pieces and not self.over:
            if dice.random() < manners.abort:
                self.abort(politely=True)
                return
            if dice.random() < manners.reset:
                self.abort(politely=False)
                return
            if dice.random() < manners.stall:
                scanner.kernel.after(scanner, dice.expovariate(1 / 30.0), self._send)
                self.write(self._pieces.popleft()) if len(self._pieces) > 1 else None
                return
            piece = self._pieces.popleft()
            if not self._pieces and self.sending is not None:
                self.sending.complete = True
            self.write(piece)
        if dice.random() < manners.half_close and self.end is not None:
            self.end.half_close()

    def _release(self) -> None:
        self._released = True
        self.write(wire.pdu(wire.RELEASE_RQ, bytes(4)))
        self._wait()

    def _wait(self) -> None:
        scanner = self.scanner
        if self.patience is not None:
            self.patience.cancel()  # type: ignore[attr-defined]
        self.patience = scanner.kernel.after(scanner, PATIENCE, self.give_up)

    def give_up(self) -> None:
        self.abort(politely=True)
        self._done()

    def ended(self, exc: Exception | None) -> None:
        self._done()

    def _done(self) -> None:
        if self.patience is not None:
            self.patience.cancel()  # type: ignore[attr-defined]
            self.patience = None
        self.over = True
        self.scanner.over(self)


def fragments(data: bytes) -> list[bytes]:
    """Cut a data set into P-DATA PDUs."""
    step = PDU - 6
    starts = range(0, len(data), step)
    return [
        wire.pdu(
            wire.DATA,
            wire.pdv(CONTEXT, wire.LAST if at + step >= len(data) else 0, data[at : at + step]),
        )
        for at in starts
    ]
