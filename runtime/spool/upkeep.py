"""What follows a delivery, at most a second later: notes into files, files out of the spool.

The order makes a crash at any point harmless. The index says first, and firmly, that an object is
finished; then its file goes; then the folder is synced; only then does the index forget it. So a
file that a power cut brings back is still known as finished, and a row without a file is no loss.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from pathlib import Path

from roteiro.runtime.spool import files
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.spool.index import Index, Indexed, Unnoted
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.writer import IndexWriter
from roteiro.runtime.world import Disk, World

_BECAME = {DeliveryState.DONE: layout.Became.DONE, DeliveryState.HELD: layout.Became.HELD}


class Upkeep:
    """Brings the files in step with the index."""

    def __init__(self, world: World, places: Places, index: Index, writer: IndexWriter) -> None:
        self._world = world
        self._places = places
        self._index = index
        self._writer = writer

    async def run(self) -> None:
        """Do all that is due; `OSError` when some of it has to be tried again."""
        due: list[tuple[list[Unnoted], list[Indexed]]] = []
        await self._writer.change(lambda: due.append(self._due()), firm=True)
        unnoted, finished = due[-1]
        run = self._world.workers.run
        noted = await run(partial(note_all, self._world.disk, self._places, unnoted))
        removed = await run(partial(remove_all, self._world.disk, self._places, finished))
        if noted or removed:
            await self._writer.change(partial(self._settle, noted, removed), firm=False)

    def _due(self) -> tuple[list[Unnoted], list[Indexed]]:
        return self._index.unnoted(), self._index.finished()

    def _settle(self, noted: Iterable[Unnoted], removed: Iterable[Indexed]) -> None:
        self._index.noted(noted)
        self._index.forget(removed)


def note_all(disk: Disk, places: Places, changes: Iterable[Unnoted]) -> list[Unnoted]:
    """Write changes into the objects' files; give those that are there to stay."""
    noted: list[Unnoted] = []
    by_object: Callable[[Unnoted], str] = lambda change: change.object  # noqa: E731
    for name, group in groupby(sorted(changes, key=by_object), by_object):
        together = list(group)
        notes = [
            layout.Note(item.ordinal, item.to, _BECAME[item.state], item.changed, item.reason)
            for item in together
        ]
        if _note(disk, places.object(name), notes):
            noted += together
    return noted


def _note(disk: Disk, path: Path, notes: list[layout.Note]) -> bool:
    try:
        files.append_notes(disk, path, notes)
    except (OSError, layout.Unsound):  # the index has it; the next reader of the file will complain
        return False
    return True


def remove_all(disk: Disk, places: Places, objects: Iterable[Indexed]) -> list[Indexed]:
    """Remove the files of finished objects; give those that are gone for good."""
    gone: list[Indexed] = []
    for item in objects:
        try:
            disk.remove(places.object(item.id))
        except FileNotFoundError:
            pass
        except OSError:
            continue
        gone.append(item)
    synced = {folder for folder in {item.id[:2] for item in gone} if _synced(disk, places, folder)}
    return [item for item in gone if item.id[:2] in synced]


def _synced(disk: Disk, places: Places, folder: str) -> bool:
    try:
        disk.sync_folder(places.objects / folder)
    except OSError:
        return False
    return True
