"""What is written into the index as objects come, are delivered and go.

Functions that write belong inside `Index.transaction`. Every count of `source` and `destination` is
changed in the transaction of the event that it counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from roteiro.core.program import Envelope
from roteiro.runtime.spool import late, repeats
from roteiro.runtime.spool.contract import DeliveryState, Meeting
from roteiro.runtime.spool.format import Kept, Ruling, decision_text, read_decision
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.rows import CODES, STATES, clean
from roteiro.runtime.spool.story import Fate, Standing, Story
from roteiro.runtime.spool.ways import started, way_of

NORMAL = "normal"
"""The urgency of what a file gives none."""
KEPT_ATTEMPTS = 50
"""Failed attempts of one delivery that are remembered: the first, and the latest."""


class ObjectState(IntEnum):
    """What the index knows of an object's file."""

    LIVE = 0
    FINISHED = 1
    """Nothing is owed: the file may be removed."""
    LOST = 2
    """Found missing or damaged, and reported: its deliveries are held."""
    GONE = 3
    """The file is removed; what is known is history."""
    ENTRY = 4
    """As gone, but an entry without the data set is in the ledger."""


@dataclass(slots=True)
class Entry:
    """An object as the index takes it in."""

    id: str
    kept: Kept
    story: Story
    data: bool = True
    """Whether its file has the data set; else it is an entry of the ledger."""
    meeting: Meeting = field(default_factory=Meeting)
    """Filled when it is taken in: what was there already."""


@dataclass(frozen=True, slots=True)
class Unnoted:
    """A change of a delivery that the object's file does not know yet."""

    id: int
    object: str
    ordinal: int
    to: str
    state: DeliveryState
    reason: str
    changed: float
    who: str = ""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An object that the index knows."""

    id: str
    sequence: int
    state: ObjectState
    entry: bool = False
    """Whether an entry of it is to stay in the ledger."""


# --- in -----------------------------------------------------------------------------------------


def add(index: Index, entry: Entry) -> None:
    """Take in an object and what is owed of it."""
    if entry.data:
        entry.meeting, deliveries, holds = repeats.meet(index, entry.id, entry.kept, entry.story)
    else:
        deliveries, holds = tuple(map(_without_data, entry.story.deliveries)), ()
    deliveries = _judged(index, entry, deliveries)
    owed = sum(standing.state.open for standing in deliveries) + len(holds)
    fate = Fate.NOTHING if entry.meeting.same and not deliveries else entry.story.fate
    _add_object(index, entry, owed, fate)
    record = entry.kept.record
    for hold in holds:
        hold_in(index, entry.kept.sequence, hold.queue, hold.reason, record.received)
    for ordinal, standing in enumerate(deliveries):
        noted = standing == entry.story.deliveries[ordinal]
        add_delivery(index, entry.kept.sequence, ordinal, standing, entry.kept.size, noted=noted)
        if standing.state is DeliveryState.DISCARDED:
            tally_discard(index, standing.send.to, standing.reason, entry.kept.size)
    for ruling in entry.story.rulings:
        add_ruling(index, entry.kept.sequence, ruling, noted=True)
    repeated = bool(entry.meeting.same)
    tally_source(index, record.envelope, fate, entry.kept.size, repeated=repeated)


def _judged(index: Index, entry: Entry, deliveries: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """Hold what is late, and say so."""
    record = entry.kept.record
    judged = tuple(late.judged(index, standing, record) for standing in deliveries)
    fresh = [new for new, old in zip(judged, deliveries, strict=True) if new is not old]
    if not fresh:
        return deliveries
    for standing in fresh:
        add_step(index, entry.kept.sequence, standing.number, standing.at, "held", "", late.HELD)
    entry.meeting = replace(
        entry.meeting, late=tuple((each.send.to, each.number) for each in fresh)
    )
    return judged


def _without_data(standing: Standing) -> Standing:
    """Give a delivery of what is in the ledger only: nothing can be owed of it."""
    return replace(standing, state=DeliveryState.DISCARDED) if standing.state.open else standing


def _add_object(index: Index, entry: Entry, owed: int, fate: Fate) -> None:
    kept, record, story = entry.kept, entry.kept.record, entry.story
    envelope = record.envelope
    live = ObjectState.LIVE if owed else ObjectState.FINISHED
    discarded = any(each.state is DeliveryState.DISCARDED for each in story.deliveries)
    index.change(
        "INSERT INTO object VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kept.sequence,
            entry.id,
            live if entry.data else ObjectState.ENTRY,
            owed,
            len(record.decision.sends),
            kept.size,
            clean(envelope.sop_class),
            clean(envelope.sop_instance),
            clean(envelope.transfer_syntax),
            _series(index, record.series, record.study),
            kept.digest,
            record.received,
            record.received,
            clean(envelope.calling_ae),
            clean(envelope.peer),
            _rule_set(index, record.rule_set),
            "\n".join(map(clean, record.decision.rules)),
            fate,
            clean(story.reason),
            int(discarded or not entry.data),
            entry.meeting.same,
            entry.meeting.differs,
        ),
    )
    if index.instances is not None:
        index.instances.add(hash(clean(envelope.sop_instance)))
    if not entry.data:
        index.change("UPDATE era SET history = history + 1")


def _series(index: Index, uid: str, study: str) -> int:
    """Give the number of a series, which is new or known."""
    return index.number(
        "SELECT number FROM series WHERE uid = ? AND study = ?",
        "INSERT INTO series (uid, study) VALUES (?, ?)",
        (uid, study),
    )


def _rule_set(index: Index, digest: str) -> int:
    return index.number(
        "SELECT number FROM rule_set WHERE digest = ?",
        "INSERT INTO rule_set (digest) VALUES (?)",
        (clean(digest),),
    )


def hold_in(index: Index, sequence: int, queue: str, reason: str, since: float) -> None:
    """Put an object into a queue."""
    index.change(
        "INSERT INTO held (object, queue, reason, since) VALUES (?, ?, ?, ?)",
        (sequence, clean(queue), clean(reason), since),
    )


def add_delivery(  # noqa: PLR0913  what is known of a delivery
    index: Index, sequence: int, ordinal: int, standing: Standing, size: int, *, noted: bool
) -> None:
    """Take in one delivery of an object; `noted` when its file says the same of it."""
    send = standing.send
    index.change(
        "INSERT INTO delivery (id, object, ordinal, destination, chain, rule, urgency, way,"
        " state, queued, reason, changed, who, noted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            standing.number,
            sequence,
            ordinal,
            clean(send.to),
            clean(standing.chain),
            clean(send.rule),
            clean(send.urgency) or NORMAL,
            clean(way_of(send.release)),
            CODES[standing.state],
            standing.queued,
            clean(standing.reason),
            standing.at,
            clean(standing.by),
            int(noted),
        ),
    )
    tally(index, clean(send.to), None, standing.state, size)


def add_ruling(index: Index, sequence: int, ruling: Ruling, *, noted: bool) -> None:
    """Take in a decision that a person had made."""
    index.change(
        "INSERT INTO ruling (object, first, at, who, reason, rule_set, decision, noted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sequence,
            ruling.first,
            ruling.at,
            clean(ruling.by),
            clean(ruling.reason),
            clean(ruling.rule_set),
            decision_text(ruling.decision),
            int(noted),
        ),
    )


# --- what becomes of deliveries -------------------------------------------------------------------


def done(index: Index, delivery: int, reason: str, at: float) -> None:
    """Settle a delivery; one that is settled or unknown stays as it is."""
    settle(index, delivery, DeliveryState.DONE, reason, at)


def failed(index: Index, delivery: int, reason: str, at: float) -> None:
    """Count an attempt of a delivery that is waiting."""
    found = index.ask(
        "SELECT object, attempts FROM delivery WHERE id = ? AND state < 2", (delivery,)
    )
    for sequence, attempts in found:
        index.change(
            "UPDATE delivery SET attempts = attempts + 1, reason = ?, changed = ? WHERE id = ?",
            (clean(reason), at, delivery),
        )
        add_step(index, sequence, delivery, at, "failed", "", reason)
        if attempts >= KEPT_ATTEMPTS:
            index.change(
                "DELETE FROM step WHERE id = (SELECT id FROM step WHERE object = ?"
                " AND delivery = ? AND what = 'failed' ORDER BY id LIMIT 1 OFFSET 1)",
                (sequence, delivery),
            )


def hold(index: Index, delivery: int, reason: str, at: float) -> None:
    """Stop a delivery that is waiting."""
    sequence = settle(index, delivery, DeliveryState.HELD, reason, at)
    if sequence is not None:
        add_step(index, sequence, delivery, at, "held", "", reason)


def start_batch(  # noqa: PLR0913, PLR0917  what a batch is
    index: Index, to: str, way: str, study: str, series: str | None, last: int, at: float
) -> None:
    """See `Spool`."""
    index.change(
        "UPDATE delivery SET way = ? WHERE destination = ? AND state = 0 AND way = ? AND id <= ?"
        " AND (SELECT s.study = ? AND (? IS NULL OR s.uid = ?) FROM object o"
        " JOIN series s ON s.number = o.series WHERE o.sequence = delivery.object)",
        (started(way), clean(to), way, last, clean(study), series, series),
    )
    if index.ask("SELECT changes()") != [(0,)]:
        late.released(index, clean(to), clean(study), series, at)


def settle(  # noqa: PLR0913, PLR0917  what is known of the change
    index: Index, delivery: int, state: DeliveryState, reason: str, at: float, who: str = ""
) -> int | None:
    """Bring a delivery of which something is owed to another state; give its object's number."""
    found = index.ask(
        "SELECT d.destination, d.state, o.size, o.sequence FROM delivery d"
        " JOIN object o ON o.sequence = d.object WHERE d.id = ? AND d.state < 2",
        (delivery,),
    )
    for destination, before, size, sequence in found:
        index.change(
            "UPDATE delivery SET state = ?, reason = ?, changed = ?, who = ?, noted = 0"
            " WHERE id = ?",
            (CODES[state], clean(reason), at, clean(who), delivery),
        )
        tally(index, destination, STATES[before], state, size)
        if not state.open:
            owe_less(index, sequence, 1, at)
        return int(sequence)
    return None


def owe_less(index: Index, sequence: int, number: int, at: float) -> None:
    """Note that so many of the things that an object was kept for are settled."""
    index.change(
        "UPDATE object SET owed = owed - ?1, settled = ?2, state = CASE"
        " WHEN owed = ?1 AND state IN (0, 2) THEN 1 ELSE state END WHERE sequence = ?3",
        (number, at, sequence),
    )


def add_step(  # noqa: PLR0913, PLR0917  what is known of a step
    index: Index, sequence: int, delivery: int, at: float, what: str, who: str, detail: str
) -> None:
    """Remember something that was tried or done."""
    index.change(
        "INSERT INTO step (object, delivery, at, what, who, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (sequence, delivery, at, what, clean(who), clean(detail)),
    )


# --- counts ---------------------------------------------------------------------------------------

_SOURCE = """
INSERT INTO source (name, acknowledged, acknowledged_bytes, routed, routed_bytes, held, held_bytes,
    dropped, dropped_bytes, no_delivery, no_delivery_bytes, repeated, repeated_bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
    acknowledged = acknowledged + excluded.acknowledged,
    acknowledged_bytes = acknowledged_bytes + excluded.acknowledged_bytes,
    routed = routed + excluded.routed, routed_bytes = routed_bytes + excluded.routed_bytes,
    held = held + excluded.held, held_bytes = held_bytes + excluded.held_bytes,
    dropped = dropped + excluded.dropped, dropped_bytes = dropped_bytes + excluded.dropped_bytes,
    no_delivery = no_delivery + excluded.no_delivery,
    no_delivery_bytes = no_delivery_bytes + excluded.no_delivery_bytes,
    repeated = repeated + excluded.repeated,
    repeated_bytes = repeated_bytes + excluded.repeated_bytes
"""
_DESTINATION = """
INSERT INTO destination (name, owed, owed_bytes, waiting, waiting_bytes, held, held_bytes,
    done, done_bytes, discarded, discarded_bytes, repeated, repeated_bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
    owed = owed + excluded.owed, owed_bytes = owed_bytes + excluded.owed_bytes,
    waiting = waiting + excluded.waiting, waiting_bytes = waiting_bytes + excluded.waiting_bytes,
    held = held + excluded.held, held_bytes = held_bytes + excluded.held_bytes,
    done = done + excluded.done, done_bytes = done_bytes + excluded.done_bytes,
    discarded = discarded + excluded.discarded,
    discarded_bytes = discarded_bytes + excluded.discarded_bytes,
    repeated = repeated + excluded.repeated,
    repeated_bytes = repeated_bytes + excluded.repeated_bytes
"""


def tally(
    index: Index, to: str, before: DeliveryState | None, after: DeliveryState, size: int
) -> None:
    """Count that a delivery went from one state to another; from none when it is new."""
    changes = [(after is state) - (before is state) for state in STATES]
    owed = int(before is None and after is not DeliveryState.REPEATED)
    values = [part for change in (owed, *changes) for part in (change, change * size)]
    index.tally(_DESTINATION, to, values)


def tally_source(
    index: Index, envelope: Envelope, fate: Fate, size: int, *, repeated: bool = False
) -> None:
    """Count an object that was acknowledged."""
    changes = [1, *(int(fate is each) for each in Fate), int(repeated)]
    values = [part for change in changes for part in (change, change * size)]
    index.tally(_SOURCE, clean(envelope.calling_ae), values)


def move_fate(index: Index, source: str, before: Fate, after: Fate, size: int) -> None:
    """Count that an object is in another class than before."""
    changes = [0, *((after is each) - (before is each) for each in Fate), 0]
    values = [part for change in changes for part in (change, change * size)]
    index.tally(_SOURCE, source, values)


def tally_discard(index: Index, to: str, reason: str, size: int) -> None:
    """Count a delivery that a person discarded, by its reason."""
    index.change(
        "INSERT INTO discarded VALUES (?, ?, 1, ?) ON CONFLICT (destination, reason) DO UPDATE SET"
        " number = number + 1, bytes = bytes + excluded.bytes",
        (clean(to), clean(reason), size),
    )


# --- files ----------------------------------------------------------------------------------------


def lose(index: Index, object_id: str, reason: str, at: float) -> bool:
    """Note that an object's file is missing or damaged: hold its deliveries for a person."""
    found = index.ask("SELECT sequence FROM object WHERE id = ? AND state = 0", (object_id,))
    for (sequence,) in found:
        index.change("UPDATE object SET state = ? WHERE sequence = ?", (ObjectState.LOST, sequence))
        for (delivery,) in index.ask("SELECT id FROM delivery WHERE object = ?", (sequence,)):
            hold(index, delivery, reason, at)
    return bool(found)


def regain(index: Index, object_id: str) -> None:
    """Note that a lost object's file is there again."""
    index.change(
        "UPDATE object SET state = CASE WHEN owed = 0 THEN 1 ELSE 0 END WHERE id = ? AND state = 2",
        (object_id,),
    )


def noted(index: Index, deliveries: Iterable[Unnoted]) -> None:
    """Remember that files say of deliveries what was read by `unnoted`."""
    for change in deliveries:
        index.change(
            "UPDATE delivery SET noted = 1 WHERE id = ? AND state = ?",
            (change.id, CODES[change.state]),
        )


def forget(index: Index, objects: Sequence[Indexed]) -> None:
    """Note that objects' files are removed for good: what is known of them is history."""
    for item in objects:
        state = ObjectState.ENTRY if item.entry else ObjectState.GONE
        index.change("UPDATE object SET state = ? WHERE sequence = ?", (state, item.sequence))
        index.change(
            "UPDATE delivery SET noted = 1 WHERE object = ? AND noted = 0", (item.sequence,)
        )
        index.change("UPDATE ruling SET noted = 1 WHERE object = ? AND noted = 0", (item.sequence,))
    if objects:
        index.change("UPDATE era SET history = history + ?", (len(objects),))


def unnoted(index: Index) -> list[Unnoted]:
    """Give the changes that are to be written into files that stay."""
    rows = index.ask(
        "SELECT d.id, o.id, d.ordinal, d.destination, d.state, d.reason, d.changed, d.who"
        " FROM delivery d JOIN object o ON o.sequence = d.object"
        " WHERE d.noted = 0 AND (o.state = 0 OR o.state = 1 AND o.entry = 1) ORDER BY d.id",
    )
    return [
        Unnoted(number, name, ordinal, to, STATES[state], reason, changed, who)
        for number, name, ordinal, to, state, reason, changed, who in rows
    ]


def unnoted_rulings(index: Index) -> list[tuple[int, str, Ruling]]:
    """Give the rulings that are to be written into files, with their numbers and objects."""
    rows = index.ask(
        "SELECT r.id, o.id, r.decision, r.rule_set, r.first, r.at, r.who, r.reason"
        " FROM ruling r JOIN object o ON o.sequence = r.object"
        " WHERE r.noted = 0 AND (o.state = 0 OR o.state = 1 AND o.entry = 1) ORDER BY r.id",
    )
    return [
        (number, name, Ruling(read_decision(text), *rest)) for number, name, text, *rest in rows
    ]


def noted_rulings(index: Index, numbers: Iterable[int]) -> None:
    """Remember that files have these rulings."""
    for number in numbers:
        index.change("UPDATE ruling SET noted = 1 WHERE id = ?", (number,))


def finished(index: Index) -> list[Indexed]:
    """Give the objects of which nothing is owed."""
    rows = index.ask("SELECT id, sequence, state, entry FROM object WHERE state = 1")
    return [
        Indexed(name, sequence, ObjectState(state), bool(entry))
        for name, sequence, state, entry in rows
    ]


def has(index: Index, name: str) -> bool:
    """Say whether the index knows an object."""
    return bool(index.ask("SELECT 1 FROM object WHERE id = ?", (name,)))


def known(index: Index, folder: str) -> dict[str, Indexed]:
    """Give the objects of one sub-folder whose data sets are there."""
    return _known(index, folder, "state < 3")


def known_entries(index: Index, folder: str) -> dict[str, Indexed]:
    """Give the objects of one sub-folder of which the ledger has an entry, or is to have one."""
    return _known(index, folder, "state <> 3")


def _known(index: Index, folder: str, which: str) -> dict[str, Indexed]:
    rows = index.ask(
        f"SELECT id, sequence, state FROM object WHERE id >= ? AND id < ? AND {which}",  # noqa: S608
        (folder, folder + "g"),
    )
    return {name: Indexed(name, sequence, ObjectState(state)) for name, sequence, state in rows}


def next_sequence(index: Index) -> int:
    """Give the first number that no object and no delivery has."""
    objects = index.ask(
        "SELECT sequence + max(sends, 1) FROM object ORDER BY sequence DESC LIMIT 1"
    )
    deliveries = index.ask("SELECT id + 1 FROM delivery ORDER BY id DESC LIMIT 1")
    return max((int(number) for (number,) in (*objects, *deliveries)), default=1)


def taken(index: Index, sequence: int, sends: int) -> bool:
    """Say whether a stretch of numbers is used by another object."""
    end = sequence + max(sends, 1)
    objects = index.ask(
        "SELECT sequence + max(sends, 1) > ? FROM object WHERE sequence < ?"
        " ORDER BY sequence DESC LIMIT 1",
        (sequence, end),
    )
    deliveries = index.ask(
        "SELECT 1 FROM delivery WHERE id >= ? AND id < ? LIMIT 1", (sequence, end)
    )
    return any(reaches for (reaches,) in (*objects, *deliveries))


def count(index: Index) -> int:
    """Give the number of objects of which something is owed or held."""
    ((number,),) = index.ask("SELECT count(*) FROM object WHERE owed > 0")
    return int(number)


def reaches(index: Index, number: int) -> bool:
    """Say whether the index knows so many objects, those of which only history is left too."""
    return bool(index.ask("SELECT 1 FROM object LIMIT 1 OFFSET ?", (max(0, number - 1),)))


def begin_era(index: Index, at: float, *, again: bool) -> None:
    """Note since when there are counts and history, when that is not known yet."""
    if not index.ask("SELECT 1 FROM era LIMIT 1"):
        index.change("INSERT INTO era VALUES (?, ?, 0)", (at, int(again)))
