"""What a start costs when much waits: counted in calls and pages, not by the clock."""

from collections import Counter
from pathlib import Path

import apsw
import pytest

from roteiro.runtime.spool import checked
from roteiro.runtime.spool.contract import Backlog
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.places import FILES_BEFORE_NEXT_FOLDER, FOLDERS
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests import virtual
from tests.spool.disks import Watched
from tests.spool.heaps import heap
from tests.spool.samples import keep, route, run

MANY = 100_000
SOME = 3 * FILES_BEFORE_NEXT_FOLDER // 2


class Reads:
    """Pages of an index that are read while this is in force."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pages = 0
        read = checked._Database.xRead

        def counted(database: checked._Database, amount: int, offset: int) -> bytes:
            self.pages += 1
            return read(database, amount, offset)

        monkeypatch.setattr(checked._Database, "xRead", counted)


def grown(folder: Path, before: int, after: int) -> None:
    """Have the index know objects from one number to another, as it knows the first."""
    files = checked.CheckedFiles("grown", "")
    connection = apsw.Connection(str(folder / "index" / "index.sqlite3"), vfs=files.name)
    with connection:
        connection.execute(
            "CREATE TEMP TABLE fresh AS WITH RECURSIVE n(i) AS"
            " (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) SELECT i FROM n",
            (before, after),
        )
        for table, changed in (
            (
                "object",
                {
                    "sequence": "i",
                    "id": "printf('%02x%030x', i / 4096 % 256, i)",
                    "sop_instance": "'1.2.' || i",
                },
            ),
            ("delivery", {"id": "i", "object": "i"}),
        ):
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(changed.get(name, name) for name in names)
            connection.execute(
                f"INSERT INTO {table} SELECT {values} FROM fresh,"
                f" (SELECT * FROM {table} ORDER BY 1 LIMIT 1)"
            )
        connection.execute(
            "UPDATE destination SET owed = owed + ?1, waiting = waiting + ?1", (after - before,)
        )
    connection.close()
    files.unregister()


def test_a_start_with_100_000_waiting_reads_little_before_it_accepts(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heap(in_memory, 1)
    latest = MANY - MANY % FILES_BEFORE_NEXT_FOLDER
    heap(in_memory, MANY - latest + 1, first=latest)

    async def first(world: World) -> None:
        spool = FileSpool(in_memory, world)
        assert (await spool.recover()).adopted == MANY - latest + 2
        await spool.close()

    run(first)
    grown(in_memory, 2, latest)
    disk, calls, reads = Watched(), Counter[str](), Reads(monkeypatch)
    disk.before = lambda operation, _path: calls.update((operation,))

    async def second(world: World) -> None:
        spool = FileSpool(in_memory, world)
        recovery = await spool.recover()
        before = calls.copy()
        assert (recovery.objects, recovery.later) == (MANY, True)
        assert (recovery.adopted, recovery.missing) == (0, 0)
        assert before["open"] == before["read_at"] == 0
        assert before.total() < 40
        assert reads.pages < 100 + MANY // 200  # objects are counted, none is read
        pages = reads.pages
        assert len(spool.owed("pacs", 500)) == 500
        assert spool.destinations()["pacs"].waiting == MANY
        assert len(spool.lanes("pacs")) == 1
        assert reads.pages - pages < 100
        slot = await keep(spool, b"new", route("pacs"), sop_instance="1.3")
        assert slot
        await spool.close()

    run(second, disk)


def test_an_index_is_made_again_by_few_statements_an_object(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heap(in_memory, SOME)
    said = Counter[str]()
    for name in ("ask", "change"):
        right = getattr(Index, name)

        def counted(index: Index, *given: object, right=right, name=name) -> object:  # type: ignore[no-untyped-def]
            said[name] += 1
            return right(index, *given)

        monkeypatch.setattr(Index, name, counted)
    disk, calls = Watched(), Counter[str]()
    disk.before = lambda operation, _path: calls.update((operation,))

    async def main(world: World) -> None:
        spool = FileSpool(in_memory, world)
        recovery = await spool.recover()
        assert (recovery.adopted, recovery.rebuilt) == (SOME, True)
        assert calls["open"] == SOME
        assert calls["read_at"] == SOME  # head, trailer and notes of a small file at once
        series = SOME // 50 + 1
        assert said["change"] < 2 * SOME + 3 * series  # the object and what is owed of it
        assert said["ask"] < len(FOLDERS) * 3 + 5 * series
        assert spool.destinations() == {
            "pacs": Backlog(SOME, 0, 0, virtual.EPOCH + 1, SOME * 64, 0, None)
        }
        await spool.close()

    run(main, disk)
