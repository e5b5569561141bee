"""The index of a spool: the door to SQLite.

It can be made again from the files at any time; it is here so that questions are quick and so that
a group of objects and of all that is owed of them becomes visible at once. One connection writes
(and checkpoints), on one thread at a time; another one, read only, answers on the loop's thread
without waiting for a sync.

Transactions are firm (`synchronous=FULL`: when it returns, it and all before it are on stable
storage) or light (`NORMAL`: a `kill` cannot take it, a power cut may, until the next firm one).
Each transaction sets its own mode first; nothing relies on the mode being set back.

No error of SQLite leaves this file: they become `OSError`.
"""

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import apsw

from roteiro.core.program import Envelope
from roteiro.runtime.spool import schema
from roteiro.runtime.spool.contract import Backlog, Delivery, DeliveryState, HeldObject
from roteiro.runtime.spool.format import Kept

_FIRM, _LIGHT = "FULL", "NORMAL"
_SYNCHRONOUS = {_LIGHT: 1, _FIRM: 2}
_STATES = (DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE)
_CODES = {state: code for code, state in enumerate(_STATES)}

_DELIVERIES = """
SELECT d.id, o.id, d.destination, d.rule, d.urgency, d.state, d.queued, d.attempts, d.reason,
    o.sop_class, o.sop_instance, o.transfer_syntax, o.size
FROM delivery d JOIN object o ON o.sequence = d.object
"""
_HELD = """
SELECT o.id, h.queue, h.reason, h.since, o.sop_class, o.sop_instance, o.size
FROM held h JOIN object o ON o.sequence = h.object
"""

Standing = tuple[DeliveryState, str]
_Values = tuple[str | int | float, ...]


class ObjectState(IntEnum):
    """What the index knows of an object's file."""

    LIVE = 0
    FINISHED = 1
    """Nothing is owed: the file may be removed."""
    LOST = 2
    """Found missing or damaged, and reported: its deliveries are held."""


class IndexBroken(Exception):  # noqa: N818  it is a state of the index
    """The index cannot be used and has to be made again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as the index takes it in."""

    id: str
    kept: Kept
    standing: tuple[Standing, ...]
    """Of each of the decision's sends."""


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


@dataclass(frozen=True, slots=True)
class Indexed:
    """An object that the index knows."""

    id: str
    sequence: int
    state: ObjectState


@contextmanager
def _edge() -> Iterator[None]:
    """Turn an error of SQLite into an `OSError`."""
    try:
        yield
    except apsw.FullError as error:
        raise OSError(errno.ENOSPC, f"index: {error}") from error
    except apsw.Error as error:
        raise OSError(errno.EIO, f"index: {error}") from error


def open_index(path: Path, vfs: str | None = None) -> "Index":
    """Open an index, made if there is none.

    `IndexBroken` when what is there is no index of this version or does not pass its check;
    `OSError` when the disk says no or when SQLite does not keep the modes it was asked for.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    with _edge():
        writer = apsw.Connection(str(path), flags=flags, vfs=vfs)
        try:
            fresh = _prepare(writer)
            reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError, apsw.SQLError) as error:
            writer.close()
            raise IndexBroken(str(error)) from error
        except BaseException:
            writer.close()
            raise
        reader.set_busy_timeout(1000)
    return Index(writer, reader, fresh=fresh)


def _prepare(writer: apsw.Connection) -> bool:
    """Check the database, make its tables if it is empty and say whether it was."""
    if _value(writer, "PRAGMA quick_check(1)") != "ok":
        raise IndexBroken("quick_check failed")
    _demand_modes(writer)
    fresh = not _tables(writer) and _value(writer, "PRAGMA user_version") == 0
    if fresh:
        with writer:
            writer.execute(schema.SCHEMA)
    version = _value(writer, "PRAGMA user_version")
    if version != schema.VERSION or _value(writer, "PRAGMA application_id") != schema.APPLICATION:
        raise IndexBroken(f"schema version {version}")
    if _tables(writer) != schema.TABLES:
        raise IndexBroken("tables are missing")
    return fresh


def _demand_modes(writer: apsw.Connection) -> None:
    mode = _value(writer, "PRAGMA journal_mode = WAL")
    if mode != "wal":
        raise OSError(errno.ENOTSUP, f"index: journal mode is {mode}, not wal")
    for name in (_LIGHT, _FIRM):
        _set_mode(writer, name)
        found = _value(writer, "PRAGMA synchronous")
        if found != _SYNCHRONOUS[name]:
            raise OSError(errno.ENOTSUP, f"index: synchronous is {found}, not {name}")


def _tables(connection: apsw.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in rows}


def _value(connection: apsw.Connection, question: str) -> object:
    return connection.execute(question).get


def _rows(connection: apsw.Connection, question: str, values: _Values = ()) -> list[Any]:
    with _edge():
        return connection.execute(question, values).fetchall()


def _set_mode(connection: apsw.Connection, mode: str) -> None:
    connection.execute(f"PRAGMA synchronous = {mode}")


def _clean(text: str | None) -> str:
    """Give text that SQLite can store: undecodable bytes of a peer are written as escapes."""
    return (text or "").encode("utf-8", "backslashreplace").decode()


class Index:
    """See the head of this file. Writing methods belong inside `transaction`."""

    def __init__(self, writer: apsw.Connection, reader: apsw.Connection, *, fresh: bool) -> None:
        self._writer = writer
        self._reader = reader
        self.fresh = fresh
        """Whether it was made now."""
        self.suspect = False
        """Whether a commit failed, so that nothing may be built on the index any more."""

    def close(self) -> None:
        """Close it; the writer goes last and checkpoints."""
        with _edge():
            self._reader.close()
            self._writer.close()

    @contextmanager
    def transaction(self, *, firm: bool) -> Iterator[None]:
        """Do the writing inside as one; `OSError` means that nothing of it counts.

        A firm one that changes nothing still makes the light ones before it firm.

        After a failed commit it is unknown what the disk has (and the descriptor must not be synced
        again): the index is suspect from then on and takes no more.
        """
        if self.suspect:
            raise OSError(errno.EIO, "index: an earlier commit failed")
        with _edge():
            _set_mode(self._writer, _FIRM if firm else _LIGHT)
            before = self._writer.total_changes()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield
                if firm and self._writer.total_changes() == before:
                    self._touch()
                self._commit()
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def _touch(self) -> None:
        """Write something that says nothing: SQLite syncs nothing when nothing was written."""
        self._writer.execute("INSERT INTO destination VALUES ('', 0, 0, 0, 0)")
        self._writer.execute("DELETE FROM destination WHERE name = ''")

    def _commit(self) -> None:
        try:
            self._writer.execute("COMMIT")
        except apsw.FullError:
            raise  # refused before anything was synced
        except apsw.Error:
            self.suspect = True
            raise

    # -- writing

    def add(self, entry: Entry) -> None:
        """Take in an object and what is owed of it."""
        record = entry.kept.record
        decision, envelope = record.decision, record.envelope
        holds = decision.holds if decision.hold is None else (decision.hold, *decision.holds)
        sequence = entry.kept.sequence
        open_sends = sum(state is not DeliveryState.DONE for state, _ in entry.standing)
        owed = open_sends + len(holds)
        self._writer.execute(
            "INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                sequence,
                entry.id,
                ObjectState.LIVE if owed else ObjectState.FINISHED,
                owed,
                len(decision.sends),
                entry.kept.size,
                *_uids(envelope),
            ),
        )
        for hold in holds:
            self._writer.execute(
                "INSERT INTO held (object, queue, reason, since) VALUES (?, ?, ?, ?)",
                (sequence, _clean(hold.queue), _clean(hold.reason), record.received),
            )
        for ordinal, (send, (state, reason)) in enumerate(
            zip(decision.sends, entry.standing, strict=True)
        ):
            self._writer.execute(
                "INSERT INTO delivery (id, object, destination, rule, urgency, state, queued,"
                " reason, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    sequence + ordinal,
                    sequence,
                    _clean(send.to),
                    _clean(send.rule),
                    _clean(send.urgency),
                    _CODES[state],
                    record.received,
                    _clean(reason),
                    record.received,
                ),
            )
            self._tally(_clean(send.to), None, state, entry.kept.size)

    def done(self, delivery: int, reason: str, at: float) -> None:
        """Settle a delivery; one that is done or unknown stays as it is."""
        if self._settle(delivery, DeliveryState.DONE, reason, at):
            self._writer.execute(
                "UPDATE object SET owed = owed - 1, state = CASE"
                " WHEN owed = 1 AND state = 0 THEN 1 ELSE state END"
                " WHERE sequence = (SELECT object FROM delivery WHERE id = ?)",
                (delivery,),
            )

    def failed(self, delivery: int, reason: str, at: float) -> None:
        """Count an attempt of a delivery that is waiting."""
        self._writer.execute(
            "UPDATE delivery SET attempts = attempts + 1, reason = ?, changed = ?"
            " WHERE id = ? AND state <> 2",
            (_clean(reason), at, delivery),
        )

    def hold(self, delivery: int, reason: str, at: float) -> None:
        """Stop a delivery that is waiting."""
        self._settle(delivery, DeliveryState.HELD, reason, at)

    def lose(self, object_id: str, reason: str, at: float) -> bool:
        """Note that an object's file is missing or damaged: hold its deliveries for a person."""
        found = self._writer.execute(
            "SELECT sequence, sends FROM object WHERE id = ? AND state = 0", (object_id,)
        ).fetchone()
        if found is None:
            return False
        sequence, sends = found
        self._writer.execute(
            "UPDATE object SET state = ? WHERE sequence = ?", (ObjectState.LOST, sequence)
        )
        for delivery in range(sequence, sequence + sends):
            self._settle(delivery, DeliveryState.HELD, reason, at)
        return True

    def regain(self, object_id: str) -> None:
        """Note that a lost object's file is there again."""
        self._writer.execute(
            "UPDATE object SET state = CASE WHEN owed = 0 THEN 1 ELSE 0 END"
            " WHERE id = ? AND state = 2",
            (object_id,),
        )

    def noted(self, deliveries: Iterable[Unnoted]) -> None:
        """Remember that files say of deliveries what was read by `unnoted`."""
        self._writer.executemany(
            "UPDATE delivery SET noted = 1 WHERE id = ? AND state = ?",
            ((change.id, _CODES[change.state]) for change in deliveries),
        )

    def forget(self, objects: Iterable[Indexed]) -> None:
        """Let go of objects whose files are removed for good."""
        for item in objects:
            self._writer.execute(
                "DELETE FROM delivery WHERE id BETWEEN"
                " (SELECT sequence FROM object WHERE id = ?1) AND"
                " (SELECT sequence + sends - 1 FROM object WHERE id = ?1)",
                (item.id,),
            )
            self._writer.execute("DELETE FROM object WHERE id = ?", (item.id,))

    def _settle(self, delivery: int, state: DeliveryState, reason: str, at: float) -> bool:
        found = self._writer.execute(
            "SELECT d.destination, d.state, o.size FROM delivery d"
            " JOIN object o ON o.sequence = d.object WHERE d.id = ? AND d.state <> 2",
            (delivery,),
        ).fetchone()
        if found is None:
            return False
        destination, before, size = found
        self._writer.execute(
            "UPDATE delivery SET state = ?, reason = ?, changed = ?, noted = 0 WHERE id = ?",
            (_CODES[state], _clean(reason), at, delivery),
        )
        self._tally(destination, _STATES[before], state, size)
        return True

    def _tally(
        self, destination: str, before: DeliveryState | None, after: DeliveryState, size: int
    ) -> None:
        waiting, held, done = ((after is state) - (before is state) for state in _STATES)
        self._writer.execute(
            "INSERT INTO destination VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " waiting = waiting + excluded.waiting, held = held + excluded.held,"
            " done = done + excluded.done, bytes = bytes + excluded.bytes",
            (destination, waiting, held, done, waiting * size),
        )

    # -- questions of the writer's thread

    def unnoted(self) -> list[Unnoted]:
        """Give the changes that are to be written into files that stay."""
        rows = _rows(
            self._writer,
            "SELECT d.id, o.id, d.id - d.object, d.destination, d.state, d.reason, d.changed"
            " FROM delivery d JOIN object o ON o.sequence = d.object"
            " WHERE d.noted = 0 AND o.state = 0 ORDER BY d.id",
        )
        return [
            Unnoted(number, name, ordinal, to, _STATES[state], reason, changed)
            for number, name, ordinal, to, state, reason, changed in rows
        ]

    def finished(self) -> list[Indexed]:
        """Give the objects of which nothing is owed."""
        rows = _rows(
            self._writer,
            "SELECT id, sequence, state FROM object WHERE state = 1 AND state <> 0",
        )
        return [Indexed(name, sequence, ObjectState(state)) for name, sequence, state in rows]

    def known(self, folder: str) -> dict[str, Indexed]:
        """Give the objects of one sub-folder."""
        rows = _rows(
            self._writer,
            "SELECT id, sequence, state FROM object WHERE id >= ? AND id < ?",
            (folder, folder + "g"),
        )
        return {name: Indexed(name, sequence, ObjectState(state)) for name, sequence, state in rows}

    def next_sequence(self) -> int:
        """Give the first number that no object and no delivery has."""
        rows = _rows(
            self._writer,
            "SELECT sequence + max(sends, 1) FROM object ORDER BY sequence DESC LIMIT 1",
        )
        return max((int(number) for (number,) in rows), default=1)

    def taken(self, sequence: int, sends: int) -> bool:
        """Say whether a stretch of numbers is used by another object."""
        rows = _rows(
            self._writer,
            "SELECT sequence + max(sends, 1) > ? FROM object WHERE sequence < ?"
            " ORDER BY sequence DESC LIMIT 1",
            (sequence, sequence + max(sends, 1)),
        )
        return any(reaches for (reaches,) in rows)

    def count(self) -> int:
        """Give the number of objects of which something is owed or held."""
        ((number,),) = _rows(self._writer, "SELECT count(*) FROM object WHERE owed > 0")
        return int(number)

    # -- questions of the loop's thread

    def owed(self, to: str, limit: int, after: int) -> Sequence[Delivery]:
        """See `Spool`."""
        return self._deliveries(
            "d.destination = ? AND d.state = 0 AND d.id > ?", (_clean(to), after, limit)
        )

    def deliveries(
        self, to: str | None, state: DeliveryState | None, limit: int
    ) -> Sequence[Delivery]:
        """See `Spool`."""
        if to is None:
            where = "1" if state is None else _in_state(state)
            return self._deliveries(where, (limit,))
        # one state after the other: their index gives each in order, so that nothing is sorted
        states = _STATES if state is None else (state,)
        found = [
            delivery
            for each in states
            for delivery in self._deliveries(
                f"d.destination = ? AND d.state = {_CODES[each]}", (_clean(to), limit)
            )
        ]
        return sorted(found, key=lambda delivery: delivery.id)[:limit]

    def _deliveries(self, where: str, values: _Values) -> Sequence[Delivery]:
        question = f"{_DELIVERIES} WHERE {where} ORDER BY d.id LIMIT ?"
        rows = _rows(self._reader, question, values)
        return [_delivery(*row) for row in rows]

    def held(self, queue: str | None, limit: int) -> Sequence[HeldObject]:
        """See `Spool`."""
        where, values = ("1", ()) if queue is None else ("h.queue = ?", (_clean(queue),))
        question = f"{_HELD} WHERE {where} ORDER BY h.id LIMIT ?"
        return [HeldObject(*row) for row in _rows(self._reader, question, (*values, limit))]

    def queues(self) -> dict[str, int]:
        """See `Spool`."""
        rows = _rows(self._reader, "SELECT queue, count(*) FROM held GROUP BY queue")
        return dict(rows)

    def destinations(self) -> dict[str, Backlog]:
        """See `Spool`."""
        rows = _rows(
            self._reader,
            "SELECT name, waiting, held, done, (SELECT queued FROM delivery"
            " WHERE destination = name AND state = 0 ORDER BY id LIMIT 1), bytes"
            " FROM destination ORDER BY name",
        )
        return {name: Backlog(*row) for name, *row in rows}


def _in_state(state: DeliveryState) -> str:
    """Give the condition, in words that let the partial index serve."""
    plain = f"d.state = {_CODES[state]}"
    return plain if state is DeliveryState.WAITING else f"{plain} AND d.state <> 0"


def _delivery(*row: Any) -> Delivery:
    number, name, to, rule, urgency, state, *rest = row
    return Delivery(number, name, to, rule, urgency, _STATES[state], *rest)


def _uids(envelope: Envelope) -> tuple[str, str, str]:
    return (
        _clean(envelope.sop_class),
        _clean(envelope.sop_instance),
        _clean(envelope.transfer_syntax),
    )
