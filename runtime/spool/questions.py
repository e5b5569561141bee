"""What is asked of the index on the loop's thread."""

from collections.abc import Sequence
from typing import Any

from roteiro.runtime.spool.contract import (
    Backlog,
    Delivery,
    DeliveryState,
    Gathering,
    HeldObject,
    Lane,
)
from roteiro.runtime.spool.index import Index, Values
from roteiro.runtime.spool.rows import CODES, STATES, clean

_DELIVERIES = """
SELECT d.id, o.id, d.destination, d.rule, d.urgency, d.state, d.queued, d.attempts, d.reason,
    o.sop_class, o.sop_instance, o.transfer_syntax, o.size, s.study, s.uid, d.way
FROM delivery d JOIN object o ON o.sequence = d.object JOIN series s ON s.number = o.series
"""
_HELD = """
SELECT o.id, h.queue, h.reason, h.since, o.sop_class, o.sop_instance, o.size, s.study, s.uid
FROM held h JOIN object o ON o.sequence = h.object JOIN series s ON s.number = o.series
"""
OPEN = tuple(state for state in STATES if state.open)


# of two looks, since SQLite reads through all of a way for `(way, urgency) > (?, ?)`
_URGENCY = """
SELECT way, urgency FROM delivery WHERE destination = ? AND state = 0 AND way = ? AND urgency > ?
ORDER BY urgency LIMIT 1
"""
_WAY = """
SELECT way, urgency FROM delivery WHERE destination = ? AND state = 0 AND way > ?
ORDER BY way, urgency LIMIT 1
"""


def lanes(index: Index, to: str) -> Sequence[Lane]:
    """See `Spool`; two looks into the index a lane at most, however many wait in it."""
    found: list[Lane] = []
    name, way, urgency = clean(to), "", ""
    while rows := index.look(_URGENCY, (name, way, urgency)) or index.look(_WAY, (name, way)):
        ((way, urgency),) = rows
        found.append(Lane(urgency, way))
    return found


def owed(
    index: Index, to: str, limit: int, after: int, lane: Lane | None = None
) -> Sequence[Delivery]:
    """See `Spool`."""
    where = "d.destination = ? AND d.state = 0"
    if lane is None:
        return _deliveries(index, f"{where} AND d.id > ?", (clean(to), after, limit))
    return _deliveries(
        index,
        f"{where} AND d.way = ? AND d.urgency = ? AND d.id > ?",
        (clean(to), lane.way, lane.urgency, after, limit),
    )


def deliveries(
    index: Index, to: str | None, state: DeliveryState | None, limit: int
) -> Sequence[Delivery]:
    """See `Spool`."""
    # one state after the other: their index gives each in order, so that nothing is sorted
    found = [
        delivery
        for each in (OPEN if state is None else (state,))
        for delivery in _in_state(index, to, each, limit)
    ]
    return sorted(found, key=lambda delivery: delivery.id)[:limit]


def _in_state(index: Index, to: str | None, state: DeliveryState, limit: int) -> Sequence[Delivery]:
    plain = f"d.state = {CODES[state]}"
    if to is not None:
        return _deliveries(index, f"d.destination = ? AND {plain}", (clean(to), limit))
    # in words that let the partial index serve
    settled = "" if state is DeliveryState.WAITING else " AND d.state <> 0"
    return _deliveries(index, plain + settled, (limit,))


def of_object(index: Index, object_id: str) -> Sequence[Delivery]:
    """Give all deliveries of an object, whatever their state."""
    return _deliveries(
        index, "d.object = (SELECT sequence FROM object WHERE id = ?)", (object_id, -1)
    )


def by_number(index: Index, number: int) -> Delivery | None:
    """Give one delivery."""
    return next(iter(_deliveries(index, "d.id = ?", (number, 1))), None)


def of_study(index: Index, study: str) -> Sequence[Delivery]:
    """Give all open deliveries of a study."""
    return [
        delivery
        for (number,) in index.look("SELECT number FROM series WHERE study = ?", (clean(study),))
        for (sequence,) in index.look(
            "SELECT sequence FROM object WHERE series = ? ORDER BY sequence", (number,)
        )
        for delivery in _deliveries(index, "d.object = ? AND d.state < 2", (sequence, -1))
    ]


def _deliveries(index: Index, where: str, values: Values) -> Sequence[Delivery]:
    rows = index.look(f"{_DELIVERIES} WHERE {where} ORDER BY d.id LIMIT ?", values)
    return [_delivery(*row) for row in rows]


def _delivery(*row: Any) -> Delivery:
    number, name, to, rule, urgency, state, *rest = row
    return Delivery(number, name, to, rule, urgency, STATES[state], *rest)


def held(index: Index, queue: str | None, limit: int) -> Sequence[HeldObject]:
    """See `Spool`."""
    where, values = ("1", ()) if queue is None else ("h.queue = ?", (clean(queue),))
    return _held(index, where, (*values, limit))


def held_of_object(index: Index, object_id: str) -> Sequence[HeldObject]:
    """Give the queues that hold an object."""
    return _held(index, "h.object = (SELECT sequence FROM object WHERE id = ?)", (object_id, -1))


def held_of_study(index: Index, study: str) -> Sequence[HeldObject]:
    """Give what queues hold of a study."""
    return [
        item
        for (number,) in index.look("SELECT number FROM series WHERE study = ?", (clean(study),))
        for (sequence,) in index.look(
            "SELECT sequence FROM object WHERE series = ? ORDER BY sequence", (number,)
        )
        for item in _held(index, "h.object = ?", (sequence, -1))
    ]


def _held(index: Index, where: str, values: Values) -> Sequence[HeldObject]:
    rows = index.look(f"{_HELD} WHERE {where} ORDER BY h.id LIMIT ?", values)
    return [HeldObject(*row) for row in rows]


def queues(index: Index) -> dict[str, int]:
    """See `Spool`."""
    return dict(index.look("SELECT queue, count(*) FROM held GROUP BY queue"))


def queue_ages(index: Index) -> dict[str, float]:
    """Give when the oldest object of each queue came into it."""
    return {
        queue: since
        for (queue,) in index.look("SELECT queue FROM held GROUP BY queue")
        for (since,) in index.look(
            "SELECT since FROM held WHERE queue = ? ORDER BY id LIMIT 1", (queue,)
        )
    }


def destinations(index: Index) -> dict[str, Backlog]:
    """See `Spool`."""
    rows = index.look(
        "SELECT name, waiting, held, done, (SELECT queued FROM delivery"
        " WHERE destination = name AND state = 0 ORDER BY id LIMIT 1), waiting_bytes, discarded,"
        " (SELECT queued FROM delivery WHERE destination = name AND state = 1 ORDER BY id LIMIT 1)"
        " FROM destination ORDER BY name"
    )
    return {name: Backlog(*row) for name, *row in rows}


def gatherings(index: Index, to: str, way: str) -> Sequence[Gathering]:
    """See `Spool`."""
    rows = index.look(
        "SELECT s.study, s.uid, d.queued, d.id FROM delivery d"
        " JOIN object o ON o.sequence = d.object JOIN series s ON s.number = o.series"
        " WHERE d.destination = ? AND d.state = 0 AND d.way = ?",
        (clean(to), way),
    )
    found: dict[tuple[str, str], Gathering] = {}
    for study, series, queued, number in rows:
        new = Gathering(study, series, 0, queued, queued, number)
        known = found.get((study, series), new)
        found[study, series] = Gathering(
            study,
            series,
            known.waiting + 1,
            min(known.first, queued),
            max(known.last, queued),
            max(known.latest, number),
        )
    return list(found.values())


def sent(index: Index, sop_instance: str, digest: str, to: str) -> bool:
    """See `Spool`."""
    rows = index.look(
        "SELECT 1 FROM object o JOIN delivery d ON d.object = o.sequence WHERE o.sop_instance = ?"
        " AND o.digest = ? AND d.destination = ? AND d.chain = '' AND d.state < 3 LIMIT 1",
        (clean(sop_instance), digest, clean(to)),
    )
    return bool(rows)


def since(index: Index) -> tuple[float, bool]:
    """See `Spool`."""
    for begun, again in index.look("SELECT begun, again FROM era"):
        return float(begun), bool(again)
    return 0.0, False
