"""What persons do to deliveries and objects, as written into the index.

Functions of this file belong inside `Index.transaction`. Each act is a step of what it concerns,
with who did it and when; the files get it as a note before the person is answered (`store`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from roteiro.core.program import Send
from roteiro.runtime.spool import entries, repeats
from roteiro.runtime.spool.contract import Act, DeliveryState
from roteiro.runtime.spool.format import Ruling
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.rows import CODES, STATES, clean
from roteiro.runtime.spool.story import Fate, Standing, fate_of, holds_of

WAITING, HELD = CODES[DeliveryState.WAITING], CODES[DeliveryState.HELD]


def stop(index: Index, deliveries: Iterable[int], act: Act) -> list[int]:
    """Hold those that wait; give which."""
    return _change(index, deliveries, {WAITING}, DeliveryState.HELD, "hold", act)


def resume(index: Index, deliveries: Iterable[int], act: Act) -> list[int]:
    """Have those that are held tried again; their time for `retry` begins anew."""
    changed = _change(index, deliveries, {HELD}, DeliveryState.WAITING, "retry", act)
    for delivery in changed:
        index.change("UPDATE delivery SET queued = ? WHERE id = ?", (act.at, delivery))
    return changed


def discard(index: Index, deliveries: Iterable[int], act: Act) -> list[int]:
    """Owe those of which something is owed no more; give which."""
    both, discarded = {WAITING, HELD}, DeliveryState.DISCARDED
    changed = []
    for delivery in deliveries:
        found = index.ask(
            "SELECT d.destination, o.size, o.sequence FROM delivery d"
            " JOIN object o ON o.sequence = d.object WHERE d.id = ? AND d.state < 2",
            (delivery,),
        )
        for to, size, sequence in found:
            index.change("UPDATE object SET entry = 1 WHERE sequence = ?", (sequence,))
            changed += _change(index, [delivery], both, discarded, "discard", act)
            entries.tally_discard(index, to, act.reason, size)
    return changed


def _change(  # noqa: PLR0913, PLR0917  what is known of an act
    index: Index,
    deliveries: Iterable[int],
    before: set[int],
    after: DeliveryState,
    verb: str,
    act: Act,
) -> list[int]:
    changed = []
    for delivery in deliveries:
        for (state,) in index.ask("SELECT state FROM delivery WHERE id = ?", (delivery,)):
            if state not in before:
                continue
            sequence = entries.settle(index, delivery, after, act.reason, act.at, act.by)
            assert sequence is not None
            entries.add_step(index, sequence, delivery, act.at, verb, act.by, act.reason)
            changed.append(delivery)
    return changed


@dataclass(frozen=True, slots=True)
class _Object:
    id: str
    sequence: int
    size: int
    source: str
    fate: Fate


def rule_all(index: Index, rulings: Iterable[tuple[str, Ruling]], *, again: bool) -> list[str]:
    """Put decisions in the place of what holds objects; give those of which that is so."""
    return [name for name, ruling in rulings if rule(index, name, ruling, again=again)]


def rule(index: Index, object_id: str, ruling: Ruling, *, again: bool) -> bool:
    """Put a decision in the place of what holds an object, and owe what it sends; see `Spool`.

    An object whose file is lost can be let go, but it cannot be sent.
    """
    found = index.ask(
        "SELECT sequence, size, source, fate FROM object"
        " WHERE id = ? AND (state = 0 OR state = 2 AND ?)",
        (object_id, not ruling.decision.sends),
    )
    for sequence, size, source, fate in found:
        what = _Object(object_id, sequence, size, source, Fate(fate))
        _rule(index, what, ruling, again=again)
        verb = "discard" if ruling.decision.drop is not None else "release"
        entries.add_step(index, sequence, 0, ruling.at, verb, ruling.by, ruling.reason)
    return bool(found)


def _rule(index: Index, what: _Object, ruling: Ruling, *, again: bool) -> None:
    known = index.ask(
        "SELECT destination, chain, state FROM delivery WHERE object = ?", (what.sequence,)
    )
    decision = ruling.decision
    sends = tuple(send for send in decision.sends if not _has(send, known, again=again))
    ruling = replace(ruling, decision=replace(decision, sends=sends))
    entries.add_ruling(index, what.sequence, ruling, noted=False)
    spares = {} if again else repeats.spares_of(index, what.id, ruling.at)
    standings = [
        repeats.spared(Standing(ruling.first + place, send, ruling.at, at=ruling.at), spares)
        for place, send in enumerate(sends)
    ]
    for place, standing in enumerate(standings):
        noted = standing.state is DeliveryState.WAITING
        ordinal = len(known) + place
        entries.add_delivery(index, what.sequence, ordinal, standing, what.size, noted=noted)
    ((queues,),) = index.ask("SELECT count(*) FROM held WHERE object = ?", (what.sequence,))
    index.change("DELETE FROM held WHERE object = ?", (what.sequence,))
    holds = holds_of(decision)
    for hold in holds:
        entries.hold_in(index, what.sequence, hold.queue, hold.reason, ruling.at)
    fate, reason = fate_of(decision, holds, owes=bool(known or sends))
    entries.move_fate(index, what.source, what.fate, fate, what.size)
    index.change(
        "UPDATE object SET fate = ?, reason = ?, entry = entry OR ? WHERE sequence = ?",
        (fate, clean(reason), decision.drop is not None, what.sequence),
    )
    opened = sum(standing.state.open for standing in standings)
    entries.owe_less(index, what.sequence, queues - opened - len(holds), ruling.at)


def _has(send: Send, known: Iterable[tuple[str, str, int]], *, again: bool) -> bool:
    """Say whether an object is owed a delivery already, or was and has it."""
    way = clean(send.to), clean(",".join(send.via))
    states = {STATES[state] for *known_way, state in known if tuple(known_way) == way}
    return any(state.open for state in states) or (not again and DeliveryState.DONE in states)
