"""A file goes only when the index says firmly that nothing is owed of it (P-4, P-6)."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest

from roteiro.runtime.spool import recover
from roteiro.runtime.spool.index import open_index
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import World
from tests.spool.disks import Watched
from tests.spool.samples import content, keep, route, run

VFS = "told"


class ToldFile(apsw.VFSFile):
    """A file of SQLite's that tells of writes and syncs."""

    def __init__(self, story: list[str], name: Any, flags: Any) -> None:
        self._story = story
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self._story.append("index written")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._story.append("index synced")


class ToldFiles(apsw.VFS):
    """The system's files, that tell."""

    def __init__(self, story: list[str]) -> None:
        self._story = story
        super().__init__(VFS, "")

    def xOpen(self, name: Any, flags: Any) -> ToldFile:
        return ToldFile(self._story, name, flags)


class Told(Watched):
    """A real disk that tells of removals."""

    def __init__(self, story: list[str]) -> None:
        super().__init__()
        self.before = lambda call, _path: story.append(call) if call == "remove" else None


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    told: list[str] = []
    files = ToldFiles(told)
    monkeypatch.setattr(recover, "open_index", partial(open_index, vfs=VFS))
    yield told
    files.unregister()


async def deliver(spool: FileSpool, story: list[str]) -> None:
    """Keep an object and deliver it; the story begins with the record of that."""
    await keep(spool, content(1), route("pacs"))
    (delivery,) = spool.owed("pacs", 9)
    story.clear()
    await spool.done(delivery.id, "0x0000")


def live(
    folder: Path, story: list[str], part: Callable[[FileSpool, World], Awaitable[None]]
) -> None:
    async def main(world: World) -> None:
        spool = FileSpool(folder, world)
        await spool.recover()
        await part(spool, world)

    run(main, Told(story))


def test_the_record_is_synced_before_the_file_goes(story: list[str], in_memory: Path) -> None:
    async def part(spool: FileSpool, world: World) -> None:
        await deliver(spool, story)
        await sleep(world.clock, 2.0)
        at = story.index("remove")
        assert "index written" in story[:at]
        assert "index synced" in story[:at]
        await spool.close()

    live(in_memory, story, part)


def test_a_record_without_a_file_to_remove_is_synced_as_well(
    story: list[str], in_memory: Path
) -> None:
    async def part(spool: FileSpool, world: World) -> None:
        await keep(spool, content(1), route("pacs", "archive"))
        (delivery,) = spool.owed("pacs", 9)
        story.clear()
        await spool.failed(delivery.id, "no answer")
        await sleep(world.clock, 2.0)
        assert story[-1] == "index synced"
        await spool.close()

    live(in_memory, story, part)


def test_after_a_kill_the_record_is_synced_before_the_file_goes(
    story: list[str], in_memory: Path
) -> None:
    copy = in_memory / "killed"

    async def part(spool: FileSpool, world: World) -> None:
        await deliver(spool, story)
        _copy(in_memory / "spool", copy)  # what a kill leaves now
        await spool.close()

    async def nothing(spool: FileSpool, world: World) -> None:
        at = story.index("remove")
        assert "index synced" in story[:at]
        await spool.close()

    live(in_memory / "spool", story, part)
    story.clear()
    live(copy, story, nothing)


def _copy(old: Path, new: Path) -> None:
    for path in sorted(old.rglob("*")):
        place = new / path.relative_to(old)
        if path.is_dir():
            place.mkdir(parents=True)
        else:
            place.write_bytes(path.read_bytes())
