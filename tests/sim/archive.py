"""A simulated archive with a temper: what it does with an association and with an object."""

import hashlib
from dataclasses import dataclass, field

from tests.e2e import wire
from tests.sim.journal import Journal, Receipt
from tests.sim.kernel import Kernel
from tests.sim.net import Network
from tests.sim.peers import Outside, Wire

QUIET = 600.0
"""Seconds without a word after which an archive hangs up."""


@dataclass(slots=True)
class Temper:
    """Chances, of each object or association; all zero is a good archive."""

    slow: float = 0.0
    """Seconds that it takes to answer, about."""
    refuse: float = 0.0
    """Answer an object 0xA700."""
    other: float = 0.0
    """Answer for another object, and keep none."""
    silent: float = 0.0
    """Keep an object and never answer."""
    drop: float = 0.0
    """Keep an object and end the connection instead of an answer."""
    warn: float = 0.0
    fail: float = 0.0
    """Answer 0xC123: it will never take this one."""
    reject: float = 0.0
    """Reject an association, for now."""
    mute: float = 0.0
    """Take a connection and never say a word."""
    duplicates: bool = False
    """Answer 0x0111 for what it has."""
    poison: frozenset[str] = frozenset()
    """Digests that it answers 0xA700, always."""
    never: set[str] = field(default_factory=set)
    """Digests that it has failed: it will not change its mind."""


class Archive(Outside):
    """A destination."""

    def __init__(self, kernel: Kernel, net: Network, name: str, *, journal: Journal) -> None:
        super().__init__(kernel, net, f"{name}.example")
        self.node = name
        self.journal = journal
        self.temper = Temper()
        self.stored: set[tuple[str, str]] = set()
        self.probes = 0
        self.lines = 0
        self.most = 0
        self.up = False

    def listen(self, *ports: int) -> None:
        self.up = True
        for port in ports:
            self.net.ports[self.name, port] = (self, self._accept)

    def go_down(self) -> None:
        """End all connections and take no more."""
        self.up = False
        for place in [place for place, (who, _) in self.net.ports.items() if who is self]:
            del self.net.ports[place]
        for end in list(self.host.ends.values()):
            end.abort()

    def _accept(self) -> "Line":
        self.probes += 1
        self.lines += 1
        self.most = max(self.most, self.lines)
        return Line(self)


class Line(Wire):
    """One association with an archive."""

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self.archive = archive
        self.number = archive.net.next_number()
        self._mute = archive.dice.random() < archive.temper.mute
        self._command: dict[int, bytes] = {}
        self._context = 0
        self._parts: list[bytes] = []
        self._command_parts: list[bytes] = []
        self._last: Receipt | None = None
        self._released = False
        self._timer = archive.kernel.after(archive, QUIET, self._quiet)

    def _quiet(self) -> None:
        self.abort(politely=False)

    def pdu(self, kind: int, body: bytes) -> None:
        archive = self.archive
        self._timer.cancel()
        self._timer = archive.kernel.after(archive, QUIET, self._quiet)
        if self._mute:
            return
        if kind == wire.ASSOCIATE_RQ:
            self._asked(body)
        elif kind == wire.DATA:
            for context, control, data in wire.pdvs(body):
                self._fragment(context, control, data)
        elif kind == wire.RELEASE_RQ:
            self._released = True
            self.write(wire.pdu(wire.RELEASE_RP, bytes(4)))
            self.close()
        else:
            self.close()

    def _asked(self, body: bytes) -> None:
        archive = self.archive
        if archive.dice.random() < archive.temper.reject:
            self.write(wire.pdu(wire.ASSOCIATE_RJ, bytes((0, 2, 3, 1))))
            self.close()
            return
        asked = wire.read_associate(body)
        answers = b"".join(
            wire.result(number, 0, syntaxes[0])
            for number, (_, _, syntaxes) in asked.contexts.items()
        )
        self.write(wire.associate(wire.ASSOCIATE_AC, asked.called, asked.calling, answers, 65_536))

    def _fragment(self, context: int, control: int, data: bytes) -> None:
        if control & wire.COMMAND:
            self._command_parts.append(data)
            if control & wire.LAST:
                self._command = wire.read_command(b"".join(self._command_parts))
                self._command_parts = []
            return
        self._parts.append(data)
        if control & wire.LAST:
            whole, self._parts = b"".join(self._parts), []
            self._whole(context, self._command, whole)

    def _whole(self, context: int, command: dict[int, bytes], data: bytes) -> None:
        archive, temper, dice = self.archive, self.archive.temper, self.archive.dice
        uid = wire.name(command[0x1000])
        digest = hashlib.sha256(data).hexdigest()[:16]
        receipt = Receipt(archive.node, uid, digest, archive.kernel.now, self.number)
        self._last = receipt
        archive.journal.receipts.append(receipt)
        archive.kernel.trace("received", archive.node, uid, digest)
        if dice.random() < temper.silent:
            archive.stored.add((uid, digest))
            return
        if dice.random() < temper.drop:
            archive.stored.add((uid, digest))
            self.abort(politely=dice.random() < 0.5)
            return
        delay = dice.expovariate(1 / temper.slow) if temper.slow else 0.001
        status = self._status(uid, digest)
        archive.kernel.after(archive, delay, self._say, context, command, receipt, status)

    def _status(self, uid: str, digest: str) -> int:
        temper, dice = self.archive.temper, self.archive.dice
        if digest in temper.poison or dice.random() < temper.refuse:
            return 0xA700
        if digest in temper.never or dice.random() < temper.fail:
            temper.never.add(digest)
            return 0xC123
        if temper.duplicates and (uid, digest) in self.archive.stored:
            return 0x0111
        return 0xB000 if dice.random() < temper.warn else 0

    def _say(self, context: int, command: dict[int, bytes], receipt: Receipt, status: int) -> None:
        if self.over:
            return
        archive = self.archive
        if archive.dice.random() < archive.temper.other:
            receipt.odd, status = True, 0
            command = command | {0x1000: wire.padded("1.2.3.4.5.6.7.8.9")}
        receipt.status, receipt.answered = status, archive.kernel.now
        if receipt.taken:
            archive.stored.add((receipt.uid, receipt.digest))
        answer = wire.response(command, status)
        self.write(wire.pdu(wire.DATA, wire.pdv(context, wire.COMMAND | wire.LAST, answer)))

    def ended(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self.archive.lines -= 1
        if self._last is not None and not self._released:
            self._last.in_flight = True
