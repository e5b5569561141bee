"""The same instance again: same bytes are not delivered twice, other bytes are kept and flagged.

Asked in the transaction that takes an object in, so that of two that come at once one is the first.
What spares a delivery is another delivery of the same SOP Instance UID and digest, to the same
destination by the same chain, which

- is still owed (waiting or held) and came from the same source, or
- was done not longer than `WINDOW` ago, whatever the source: so an object that goes round between
  routers stops as soon as it comes by a second time.

An object whose file is missing or damaged spares nothing, and neither does what a person discarded.
After `WINDOW` a sender that sends again means it: the object may have been deleted at its
destination.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from roteiro.core.program import Hold
from roteiro.runtime.spool.contract import DeliveryState, Meeting
from roteiro.runtime.spool.format import Kept
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.rows import STATES, clean
from roteiro.runtime.spool.story import Standing, Story

WINDOW = 300.0
"""Seconds for which a delivery that is done spares another one: senders that lost an answer repeat
within seconds to minutes; a person who deletes and sends again takes longer, or looks and waits."""
KIN = 64
"""Objects of one instance that are looked at, the latest but for those that are spared whole: a
sender that repeats for hours must not push out of sight what spares it."""


@dataclass(frozen=True, slots=True)
class _Kin:
    """An object of the same instance."""

    sequence: int
    id: str
    same_bytes: bool
    same_source: bool
    lost: bool


def meet(
    index: Index, name: str, kept: Kept, story: Story
) -> tuple[Meeting, tuple[Standing, ...], tuple[Hold, ...]]:
    """Say what is there already, and what the object is owed and held for beyond that."""
    envelope = kept.record.envelope
    instance, source = clean(envelope.sop_instance), clean(envelope.calling_ae)
    kin = _kin(index, name, instance, kept.digest, source)
    differs = next((each.id for each in kin if not each.same_bytes), "")
    twins = [each for each in kin if each.same_bytes and not each.lost]
    if not twins:
        return Meeting(differs=differs), story.deliveries, story.holds
    own = len(kept.record.decision.sends)
    spares = _spares(index, twins, kept.record.received)
    deliveries = [
        spared(standing, spares) if place < own else standing
        for place, standing in enumerate(story.deliveries)
    ]
    queues = {} if story.rulings else _queues(index, twins)
    holds = tuple(hold for hold in story.holds if clean(hold.queue) not in queues)
    using = [spares[_way(each)] for each in deliveries if each.state is DeliveryState.REPEATED]
    using += [queues[clean(hold.queue)] for hold in story.holds if hold not in holds]
    whole = using and not holds and all(each.state is DeliveryState.REPEATED for each in deliveries)
    return Meeting(using[0] if whole else "", differs), tuple(deliveries), holds


def spares_of(index: Index, name: str, now: float) -> dict[tuple[str, str], str]:
    """Give what other objects spare a known one, by destination and chain: the object's id."""
    found = index.ask("SELECT sop_instance, digest, source FROM object WHERE id = ?", (name,))
    kin = [each for row in found for each in _kin(index, name, *row)]
    return _spares(index, [each for each in kin if each.same_bytes and not each.lost], now)


def _kin(index: Index, name: str, instance: str, digest: str, source: str) -> list[_Kin]:
    if not instance or not index.may_know(instance):
        return []
    rows = index.ask(
        "SELECT sequence, id, digest = ?, source = ?, state = 2 FROM object"
        " WHERE sop_instance = ? AND id <> ? AND repeats = '' ORDER BY sequence DESC LIMIT ?",
        (digest, source, instance, name, KIN),
    )
    return [_Kin(number, other, *map(bool, rest)) for number, other, *rest in rows]


def _spares(index: Index, twins: Sequence[_Kin], now: float) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for twin in twins:
        rows = index.ask(
            "SELECT destination, chain, state, changed FROM delivery WHERE object = ?",
            (twin.sequence,),
        )
        for to, chain, state, changed in rows:
            if _spares_now(STATES[state], twin, now - changed):
                found.setdefault((to, chain), twin.id)
    return found


def _spares_now(state: DeliveryState, twin: _Kin, age: float) -> bool:
    if state is DeliveryState.DONE:
        # it may have come just before the other was done; a clock that was set back by more than
        # this must not spare for ever
        return abs(age) <= WINDOW
    return state.open and twin.same_source


def _queues(index: Index, twins: Sequence[_Kin]) -> dict[str, str]:
    """Give the queues that hold an object with the same bytes of the same source, with its id."""
    return {
        queue: twin.id
        for twin in twins
        if twin.same_source
        for (queue,) in index.ask("SELECT queue FROM held WHERE object = ?", (twin.sequence,))
    }


def _way(standing: Standing) -> tuple[str, str]:
    return clean(standing.send.to), clean(standing.chain)


def spared(standing: Standing, spares: dict[tuple[str, str], str]) -> Standing:
    """Give a delivery that waits as repeated when another one spares it."""
    untouched = standing.state is DeliveryState.WAITING and not standing.by
    if not untouched or _way(standing) not in spares:
        return standing
    return replace(standing, state=DeliveryState.REPEATED, reason=spares[_way(standing)])
