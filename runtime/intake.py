"""One C-STORE on its way in: to the spool, past the rules, and what to answer.

The order is the promise: bytes to a slot as they arrive, a decision, the commit with envelope,
decision and digest, and only then `0x0000`. Whatever goes wrong before that is answered with a
failure, and nothing stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from roteiro.core import matcher_of
from roteiro.core.identity import identify
from roteiro.core.program import (
    UNREADABLE,
    Decision,
    Encoding,
    Envelope,
    Outcome,
    encoding_of,
)
from roteiro.lang.messages import Phrase
from roteiro.runtime.artefacts import taken
from roteiro.runtime.association.contract import Admitted, Caller, Rejected
from roteiro.runtime.events import (
    DeliveryHeld,
    DiskTrouble,
    Notify,
    ObjectDiffers,
    ObjectDropped,
    ObjectHeld,
    ObjectRefused,
    ObjectRepeated,
    ObjectStored,
)
from roteiro.runtime.loops import without_loops
from roteiro.runtime.machine import machine_words
from roteiro.runtime.programs import Served
from roteiro.runtime.spool.contract import Meeting, Record, Slot, Spool
from roteiro.runtime.spool.story import holds_of
from roteiro.runtime.world import Buffer, Clock

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700  # PS3.4 B.2.3
CANNOT_UNDERSTAND = 0xC000  # PS3.4 B.2.3

MICROSECONDS = 1_000_000
"""In a second."""
FIRST_LOOK = 4096
"""Bytes of a data set before the rules are asked for the first time."""
HEAD_LIMIT = 1024 * 1024
"""Bytes of a data set that are kept in memory for the rules (`reliability.md`, 6.2)."""


class Engine(Protocol):
    """The compiled rules."""

    def decide(
        self, data: Buffer, encoding: Encoding, envelope: Envelope, *, complete: bool = True
    ) -> Outcome | None:
        """See `roteiro.core.build`."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rules in force; one value, so that an object meets one set of rules only."""

    engine: Engine
    rule_set: str
    served: Served | None = None
    """What the engine was made of, for deciding again."""


def ruling_of(served: Served) -> Ruling:
    """Take compiled rules; `EngineMissingError` when the extensions were not built."""
    return Ruling(matcher_of(taken(served.compiled)), served.rule_set, served)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every reception needs."""

    spool: Spool
    clock: Clock
    notify: Notify
    arrived: Callable[[str], None]
    """Called with each destination that is owed something new."""
    origins: Callable[[Envelope], frozenset[str]] = lambda _: frozenset()
    """Gives the destinations that an object may come from."""


class Judging:
    """The rules and the first bytes of one data set, until all is known that is read of it.

    Rules mostly read what stands at the front; study and series stand there as well. What was not
    found within `HEAD_LIMIT` is looked for at the end, in the file: memory does not grow with the
    object.
    """

    __slots__ = ("_encoding", "_envelope", "_head", "_identity", "_look", "_outcome", "_ruling")

    def __init__(self, ruling: Ruling, envelope: Envelope) -> None:
        self._ruling = ruling
        self._envelope = envelope
        self._encoding = encoding_of(envelope.transfer_syntax or "")
        self._head = bytearray()
        self._look = FIRST_LOOK
        self._outcome: Outcome | None = None
        self._identity: tuple[str, str] | None = None

    @property
    def study(self) -> str:
        """The Study Instance UID, empty when there is none; known after `verdict`."""
        return self._identity[0] if self._identity else ""

    @property
    def series(self) -> str:
        """The Series Instance UID, likewise."""
        return self._identity[1] if self._identity else ""

    @property
    def _settled(self) -> bool:
        return self._outcome is not None and self._identity is not None

    def take(self, data: Buffer) -> None:
        """Look at the next bytes; each look comes after twice as many, so all cost one pass."""
        if self._settled or self._look > HEAD_LIMIT:
            return
        self._head += data
        if len(self._head) >= self._look:
            self._look = 2 * len(self._head)
            self._ask(self._head, self._envelope, complete=False)
            if self._settled or self._look > HEAD_LIMIT:
                self._head = bytearray()

    def verdict(self, slot: Slot) -> Decision:
        """Decide, now that the data set is complete; `OSError` when it cannot be read again."""
        if not self._settled:
            envelope = replace(self._envelope, size=slot.size)
            if self._look > HEAD_LIMIT:
                with slot.view() as data:
                    self._ask(data, envelope, complete=True)
            else:
                self._ask(self._head, envelope, complete=True)
        assert self._outcome is not None  # nothing more can come
        return self._outcome.decision

    def _ask(self, data: Buffer, envelope: Envelope, *, complete: bool) -> None:
        if self._identity is None:
            self._identity = identify(data, self._encoding, complete=complete)
        if self._outcome is None:
            engine = self._ruling.engine
            self._outcome = engine.decide(data, self._encoding, envelope, complete=complete)


class ObjectReception:
    """One object that is arriving (`Reception` of the association contract)."""

    __slots__ = (
        "_desk",
        "_envelope",
        "_judging",
        "_refuse_unreadable",
        "_ruling",
        "_slot",
        "_wrong",
    )

    def __init__(
        self, desk: Desk, ruling: Ruling, envelope: Envelope, *, refuse_unreadable: bool
    ) -> None:
        self._desk = desk
        self._ruling = ruling
        self._envelope = replace(envelope, at=int(desk.clock.now() * MICROSECONDS))
        self._refuse_unreadable = refuse_unreadable
        self._judging = Judging(ruling, self._envelope)
        self._wrong: OSError | None = None
        self._slot: Slot | None = None
        try:
            self._slot = desk.spool.begin()
        except OSError as wrong:
            self._wrong = wrong

    def write(self, data: Buffer) -> None:
        """See `Reception`; after the disk said no, the rest is read and let go."""
        if self._slot is None or self._wrong is not None:
            return
        try:
            self._slot.write(data)
        except OSError as wrong:
            self._wrong = wrong
            self._slot.abort()
        else:
            self._judging.take(data)

    async def finish(self) -> int:
        """See `Reception`."""
        if self._slot is None or self._wrong is not None:
            return self._no_room()
        try:
            decision = self._judging.verdict(self._slot)
            refusal = self._refusal(decision)
            if refusal is not None:
                return self._refused(*refusal)
            return await self._keep(self._slot, self._seen(self._slot, decision))
        except OSError as wrong:
            self._wrong = wrong
            return self._no_room()
        finally:
            self._slot.abort()  # whatever happened; nothing, once the spool has it

    def abort(self) -> None:
        """See `Reception`."""
        if self._slot is not None:
            self._slot.abort()

    def _refusal(self, decision: Decision) -> tuple[int, str] | None:
        """Give the status and reason when the answer is a no."""
        if decision.refuse is not None:
            return decision.refuse.status, decision.refuse.reason
        if self._refuse_unreadable and is_unreadable(decision):
            assert decision.hold is not None
            return CANNOT_UNDERSTAND, decision.hold.reason
        return None

    async def _keep(self, slot: Slot, decision: Decision) -> int:
        envelope = replace(self._envelope, size=slot.size)
        now, judging = self._desk.clock.now(), self._judging
        record = Record(
            envelope, decision, self._ruling.rule_set, now, judging.study, judging.series
        )
        await slot.commit(record, partial(self._entered, record))
        return SUCCESS

    def _entered(self, record: Record, name: str, meeting: Meeting) -> None:
        """Tell of an object once it can be asked for, and have it delivered."""
        announce(self._desk.notify, name, record, meeting)
        if not meeting.same:
            for to in dict.fromkeys(send.to for send in record.decision.sends):
                self._desk.arrived(to)

    def _seen(self, slot: Slot, decision: Decision) -> Decision:
        """Give the decision without what would go round; nothing is asked of most objects."""
        origins = self._desk.origins(self._envelope)
        if origins.isdisjoint(send.to for send in decision.sends):
            return decision
        instance = self._envelope.sop_instance or ""
        return without_loops(
            decision, origins, lambda to: self._desk.spool.sent(instance, slot.digest, to)
        )

    def _no_room(self) -> int:
        reason = machine_words(self._wrong or OSError())
        self._desk.notify(DiskTrouble(Phrase("runtime.doing_store"), reason))
        return self._refused(OUT_OF_RESOURCES, reason)

    def _refused(self, status: int, reason: str) -> int:
        envelope = self._envelope
        self._desk.notify(
            ObjectRefused(
                envelope.sop_instance or "",
                envelope.calling_ae or "",
                envelope.peer or "",
                status,
                reason,
            )
        )
        return status


def is_unreadable(decision: Decision) -> bool:
    """Say whether the object could not be read up to the last tested tag."""
    return decision.hold is not None and decision.hold.queue == UNREADABLE and not decision.rules


def announce(notify: Notify, name: str, record: Record, meeting: Meeting) -> None:
    """Tell what became of an object that was kept."""
    envelope, decision = record.envelope, record.decision
    instance, calling = envelope.sop_instance or "", envelope.calling_ae or ""
    if meeting.differs:
        notify(ObjectDiffers(name, instance, calling, meeting.differs))
    if meeting.same:
        notify(ObjectRepeated(name, instance, calling, meeting.same))
        return
    if decision.drop is not None:
        rule = decision.rules[0] if decision.rules else ""
        notify(ObjectDropped(instance, calling, rule, decision.drop.reason))
        return
    notify(
        ObjectStored(
            name,
            envelope.sop_class or "",
            instance,
            envelope.size or 0,
            calling,
            envelope.peer or "",
            ", ".join(send.to for send in decision.sends) or Phrase("runtime.no_destination"),
            ", ".join(decision.rules),
        )
    )
    for to, number in meeting.late:
        notify(DeliveryHeld(to, number, instance, Phrase("runtime.held_late")))
    for hold in holds_of(decision):
        notify(ObjectHeld(name, instance, calling, hold.queue, hold.reason))


class RouterIntake:
    """What one listener asks (`Intake` of the association contract)."""

    def __init__(
        self,
        desk: Desk,
        ruling: Callable[[], Ruling],
        admit: Callable[[Caller], Admitted | Rejected],
        refuse_unreadable: Callable[[], bool],
    ) -> None:
        """Take the functions that give what is in force, and that decide on a caller."""
        self._desk = desk
        self._ruling = ruling
        self._admit = admit
        self._refuse_unreadable = refuse_unreadable

    def admit(self, caller: Caller) -> Admitted | Rejected:
        """See `Intake`."""
        return self._admit(caller)

    def begin(self, envelope: Envelope) -> ObjectReception:
        """See `Intake`."""
        return ObjectReception(
            self._desk, self._ruling(), envelope, refuse_unreadable=self._refuse_unreadable()
        )
