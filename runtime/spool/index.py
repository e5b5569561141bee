"""The index of a spool: the door to SQLite.

It can be made again from the files at any time; it is here so that questions are quick and so that
a group of objects and of all that is owed of them becomes visible at once. One connection writes
(and checkpoints), on one thread at a time; another one, read only, answers on the loop's thread
without waiting for a sync.

Transactions are firm (`synchronous=FULL`: when it returns, it and all before it are on stable
storage) or light (`NORMAL`: a `kill` cannot take it, a power cut may, until the next firm one).
Each transaction sets its own mode first; nothing relies on the mode being set back.

No error of SQLite leaves this file: they become `OSError`. What is written is in `entries`, `acts`
and `history`, what is asked in `questions`, `lives` and `ledger`; `schema` has the tables.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import add
from pathlib import Path
from typing import Any

import apsw

from roteiro.runtime.spool import schema
from roteiro.runtime.spool.checked import ROOM, CheckedFiles

CHECK = "PRAGMA quick_check(1)"
CHECKED_AT_START = 4096
"""Pages of an index that are checked before it is used; those of a larger one afterwards."""
HURRY = (128 * 1024, 16_384)
"""KiB of memory and pages of log, while files are taken in by the thousand ..."""
NO_HURRY = (4 * 1024, 1000)
"""... and at all other times."""
_FIRM, _LIGHT = "FULL", "NORMAL"
_SYNCHRONOUS = {_LIGHT: 1, _FIRM: 2}

Values = tuple[str | int | float | None, ...]
Ask = Callable[..., list[Any]]
"""A question with its values; the rows that answer it."""


class IndexBroken(Exception):  # noqa: N818  it is a state of the index
    """The index cannot be used and has to be made again."""


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
    path = path.resolve()  # a link on the way would be an error to files of ours
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    with _edge():
        checked = CheckedFiles(f"roteiro {path}", vfs or "")
        writer = apsw.Connection(str(path), flags=flags, vfs=checked.name)
        writer.reserve_bytes(reserve=ROOM)  # of a new one; any other has them, or is made again
        try:
            fresh = _prepare(writer)
            reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=checked.name)
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError, apsw.SQLError) as error:
            writer.close()
            raise IndexBroken(str(error)) from error
        except BaseException:
            writer.close()
            raise
        reader.set_busy_timeout(1000)
    return Index(writer, reader, path, checked, fresh=fresh)


def _prepare(writer: apsw.Connection) -> bool:
    """Check the database, make its tables if it is empty and say whether it was."""
    if not is_large(writer) and _value(writer, CHECK) != "ok":
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


def is_large(connection: apsw.Connection) -> bool:
    """Say whether checking all of an index takes longer than a start may take.

    What is read of it meanwhile is checked page by page all the same.
    """
    return int(connection.execute("PRAGMA page_count").get) > CHECKED_AT_START


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


def _rows(connection: apsw.Connection, question: str, values: Values = ()) -> list[Any]:
    with _edge():
        return connection.execute(question, values).fetchall()


def _set_mode(connection: apsw.Connection, mode: str) -> None:
    connection.execute(f"PRAGMA synchronous = {mode}")


class Index:
    """See the head of this file. Writing methods belong inside `transaction`."""

    def __init__(
        self,
        writer: apsw.Connection,
        reader: apsw.Connection,
        path: Path,
        files: CheckedFiles,
        *,
        fresh: bool,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._path = path
        self._files = files
        self.fresh = fresh
        """Whether it was made now."""
        self.suspect = False
        """Whether a commit failed, so that nothing may be built on the index any more."""
        self.instances: set[int] | None = None
        """While files are taken into a fresh index: hashes of all SOP instances that it knows."""
        self._tallies: dict[tuple[str, str], tuple[int, ...]] = {}
        self._numbers: dict[tuple[str, Values], int] = {}

    def close(self) -> None:
        """Close it; the writer goes last and checkpoints."""
        with _edge():
            self._reader.close()
            self._writer.close()

    @property
    def unchecked(self) -> bool:
        """Whether it was too large to be checked as a whole when it was opened."""
        return not self.fresh and is_large(self._writer)

    def hurry(self, *, on: bool) -> None:
        """Use more memory and come to rest less often, while much is taken in."""
        cache, pages = HURRY if on else NO_HURRY
        with _edge():
            self._writer.execute(f"PRAGMA cache_size = {-cache}")
            self._writer.wal_autocheckpoint(pages)

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
                self._count()
                if firm and self._writer.total_changes() == before:
                    self._touch()
                self._commit()
            finally:
                self._tallies.clear()
                self._numbers.clear()
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def _count(self) -> None:
        for (statement, name), values in self._tallies.items():
            self._writer.execute(statement, (name, *values))

    def _touch(self) -> None:
        """Write something that says nothing: SQLite syncs nothing when nothing was written."""
        self._writer.execute("INSERT INTO destination (name) VALUES ('')")
        self._writer.execute("DELETE FROM destination WHERE name = ''")

    def _commit(self) -> None:
        try:
            self._writer.execute("COMMIT")
        except apsw.FullError:
            raise  # refused before anything was synced
        except apsw.Error:
            self.suspect = True
            raise

    # -- what the other files of the index use

    def change(self, statement: str, values: Values = ()) -> None:
        """Write; inside `transaction` only."""
        self._writer.execute(statement, values)

    def tally(self, statement: str, name: str, values: Sequence[int]) -> None:
        """Add to the counters of a name; written at the end of the transaction, once for all."""
        before = self._tallies.get((statement, name))
        added = tuple(values) if before is None else tuple(map(add, before, values))
        self._tallies[statement, name] = added

    def number(self, question: str, statement: str, values: Values) -> int:
        """Give the number of a row that is asked for, or written; asked once a transaction."""
        if (question, values) not in self._numbers:
            if not self.ask(question, values):
                self.change(statement, values)
            ((number,),) = self.ask(question, values)
            self._numbers[question, values] = int(number)
        return self._numbers[question, values]

    def may_know(self, instance: str) -> bool:
        """Say whether there may be objects of a SOP instance."""
        return self.instances is None or hash(instance) in self.instances

    def ask(self, question: str, values: Values = ()) -> list[Any]:
        """Ask on the writer's thread: what the open transaction wrote is seen."""
        return _rows(self._writer, question, values)

    def look(self, question: str, values: Values = ()) -> list[Any]:
        """Ask on the loop's thread, without waiting for who writes."""
        return _rows(self._reader, question, values)

    @contextmanager
    def snapshot(self) -> Iterator[Ask]:
        """Give one unchanging view of everything, for a thread of its own."""
        flags = apsw.SQLITE_OPEN_READONLY
        with _edge():
            connection = apsw.Connection(str(self._path), flags=flags, vfs=self._files.name)
        try:
            connection.set_busy_timeout(1000)
            with _edge():
                connection.execute("BEGIN")

            def ask(question: str, values: Values = ()) -> list[Any]:
                return _rows(connection, question, values)

            yield ask
        finally:
            connection.close()
