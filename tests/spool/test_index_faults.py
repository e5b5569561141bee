"""SQLite's own calls to the disk fail at the n-th turn: nothing acknowledged is lost."""

import itertools
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest

from roteiro.runtime.spool import recover
from roteiro.runtime.spool.index import open_index
from roteiro.runtime.spool.space import Cause
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World
from tests.spool.samples import content, fetch, keep, route, run


class FaultyFile(apsw.VFSFile):
    """A file of SQLite's that asks its file system before each write and each sync."""

    def __init__(self, owner: "FaultyFiles", name: Any, flags: Any) -> None:
        self._owner = owner
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self._owner.ask("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._owner.ask("sync")
        super().xSync(flags)


class FaultyFiles(apsw.VFS):
    """The system's files, with one call that fails."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.label = name
        self.call = ""
        self.turn = -1
        self.error: type[apsw.Error] = apsw.IOError
        self.happened = False

    def xOpen(self, name: Any, flags: Any) -> FaultyFile:
        return FaultyFile(self, name, flags)

    def ask(self, call: str) -> None:
        if call != self.call:
            return
        self.turn -= 1
        if self.turn == -1:
            self.happened = True
            raise self.error("planted")


@pytest.mark.parametrize(
    ("call", "error"),
    [("write", apsw.FullError), ("write", apsw.IOError), ("sync", apsw.IOError)],
)
def test_a_fault_of_the_index(call: str, error: type[apsw.Error], in_memory: Path) -> None:
    for turn in itertools.count():
        files = FaultyFiles(f"faulty-{call}-{error.__name__}-{turn}")
        try:
            happened = _run_with(in_memory / str(turn), files, call, error, turn)
        finally:
            files.unregister()
        if not happened:
            break
    assert turn >= 3


def _run_with(
    folder: Path, files: FaultyFiles, call: str, error: type[apsw.Error], turn: int
) -> bool:
    acknowledged: dict[str, int] = {}

    async def offer(spool: FileSpool, number: int) -> None:
        try:
            acknowledged[await keep(spool, content(number), route("pacs", "archive"))] = number
        except OSError:
            refused.append(number)

    refused: list[int] = []

    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recover, "open_index", partial(open_index, vfs=files.label))
            await spool.recover()
        files.call, files.error, files.turn = call, error, turn
        settled = set()
        for number in range(3):
            await offer(spool, number)
            for delivery in spool.owed("pacs", 1):
                settled.add(delivery.object)
                try:
                    await spool.done(delivery.id, "0000")
                except OSError:
                    assert files.happened
        unsound = spool._parts.index.suspect
        assert (spool.room.report.cause is Cause.INDEX) == unsound
        try:
            await spool.close()
        except OSError:
            assert files.happened
        spool = FileSpool(folder, world)
        found = await spool.recover()
        assert (found.damaged, found.missing) == (0, 0)
        for name, number in acknowledged.items():
            assert await fetch(spool, name) == content(number)
        owed = {item.object for item in spool.owed("archive", 9)}
        assert set(acknowledged) <= owed
        assert set(acknowledged) - settled <= {item.object for item in spool.owed("pacs", 9)}
        assert list((folder / "tmp").iterdir()) == []
        await spool.close()

    run(main)
    if call == "sync" and refused:
        assert refused == list(range(refused[0], 3)), "a failed sync is not tried again"
    return files.happened
