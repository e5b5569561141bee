"""Where everything of an object stands, by its file alone: pure, values in and values out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from roteiro.core.program import Decision, Hold, Send
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.spool.format import Became, Kept, Note, Ruling


class Fate(IntEnum):
    """What an acknowledged object came to: each is in one of these classes of the ledger."""

    ROUTED = 0
    """A delivery was owed."""
    HELD = 1
    DROPPED = 2
    """By a rule, or by a person who discarded it from a queue."""
    NOTHING = 3
    """A rule intends no delivery."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One delivery of an object."""

    number: int
    send: Send
    queued: float
    state: DeliveryState = DeliveryState.WAITING
    reason: str = ""
    at: float = 0.0
    """When it came to its state, seconds since 1970."""
    by: str = ""

    @property
    def chain(self) -> str:
        """The profiles that it goes through, as one text."""
        return ",".join(self.send.via)


@dataclass(frozen=True, slots=True)
class Story:
    """An object, with all that became of it."""

    deliveries: tuple[Standing, ...]
    holds: tuple[Hold, ...]
    fate: Fate
    reason: str
    """Why it is dropped, or why nothing is intended."""
    rulings: tuple[Ruling, ...] = ()


@dataclass(slots=True)
class _Telling:
    deliveries: list[Standing] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)

    def owe(self, decision: Decision, first: int, at: float) -> None:
        self.deliveries += [
            Standing(first + place, send, at, at=at) for place, send in enumerate(decision.sends)
        ]

    def note(self, note: Note) -> None:
        if note.ordinal >= len(self.deliveries):
            return
        known = self.deliveries[note.ordinal]
        if known.send.to == note.to and known.state.open:  # what is settled stays settled
            waits = note.became is Became.WAITING  # its time begins anew
            self.deliveries[note.ordinal] = replace(
                known,
                state=_STATES[note.became],
                reason=note.detail,
                queued=note.at if waits else known.queued,
                at=note.at,
                by=note.by,
            )


_STATES = {
    Became.DONE: DeliveryState.DONE,
    Became.HELD: DeliveryState.HELD,
    Became.WAITING: DeliveryState.WAITING,
    Became.DISCARDED: DeliveryState.DISCARDED,
    Became.REPEATED: DeliveryState.REPEATED,
}


def story_of(kept: Kept, notes: Sequence[Note | Ruling] = ()) -> Story:
    """Tell where each delivery of an object stands, what holds it, and what it came to."""
    telling, record = _Telling(), kept.record
    telling.owe(record.decision, kept.sequence, record.received)
    last = record.decision
    for note in notes:
        if isinstance(note, Ruling):
            telling.owe(note.decision, note.first, note.at)
            telling.rulings.append(note)
            last = note.decision
        else:
            telling.note(note)
    holds = holds_of(last)
    fate, reason = fate_of(last, holds, owes=bool(telling.deliveries))
    return Story(tuple(telling.deliveries), holds, fate, reason, tuple(telling.rulings))


def holds_of(decision: Decision) -> tuple[Hold, ...]:
    """Give all queues that hold the object: the guard's or the router's own, and the tables'."""
    return ((decision.hold,) if decision.hold else ()) + decision.holds


def fate_of(decision: Decision, holds: Sequence[Hold], *, owes: bool) -> tuple[Fate, str]:
    """Say to which class an object belongs, and why when nothing is owed."""
    if owes:
        return Fate.ROUTED, ", ".join(decision.nothing)
    if holds:
        return Fate.HELD, ""
    if decision.drop is not None:
        return Fate.DROPPED, decision.drop.reason
    return Fate.NOTHING, ", ".join(decision.nothing)
