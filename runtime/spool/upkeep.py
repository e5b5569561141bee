"""What follows a delivery, at most a second later: notes into files, files out of the spool.

The order makes a crash at any point harmless. The index says first, and firmly, that an object is
finished; then its file goes; then the folder is synced; only then does the index forget it. So a
file that a power cut brings back is still known as finished, and a row without a file is no loss.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from roteiro.runtime.spool import entries, files, history
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.spool.entries import Indexed, Unnoted
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.writer import IndexWriter
from roteiro.runtime.world import Disk, World

_BECAME = {
    DeliveryState.DONE: layout.Became.DONE,
    DeliveryState.HELD: layout.Became.HELD,
    DeliveryState.WAITING: layout.Became.WAITING,
    DeliveryState.DISCARDED: layout.Became.DISCARDED,
    DeliveryState.REPEATED: layout.Became.REPEATED,
}


@dataclass(frozen=True, slots=True)
class Due:
    """What the files are behind with."""

    rulings: Sequence[tuple[int, str, layout.Ruling]]
    deliveries: Sequence[Unnoted]
    finished: Sequence[Indexed]
    old: Sequence[Indexed]
    """History beyond its bounds."""

    def __bool__(self) -> bool:
        """Say whether there is anything."""
        return bool(self.rulings or self.deliveries or self.finished or self.old)


@dataclass(frozen=True, slots=True)
class Caught:
    """What of it is on stable storage now."""

    rulings: Sequence[int]
    deliveries: Sequence[Unnoted]
    removed: Sequence[Indexed]
    old: Sequence[Indexed]


def due(index: Index, now: float) -> Due:
    """Say what the files are behind with."""
    return Due(
        entries.unnoted_rulings(index),
        entries.unnoted(index),
        entries.finished(index),
        history.beyond(index, now),
    )


def catch_up(disk: Disk, places: Places, what: Due) -> Caught:
    """Bring the files in step; blocks. What the disk refuses stays due."""
    finished = {item.id for item in what.finished}
    rulings, noted = note_all(disk, places, what.rulings, what.deliveries, finished)
    late = {name for number, name, _ in what.rulings if number not in rulings}
    late |= {item.object for item in what.deliveries} - {item.object for item in noted}
    ready = [item for item in what.finished if not item.entry or item.id not in late]
    removed = remove_all(disk, places, ready)
    return Caught(rulings, noted, removed, remove_entries(disk, places, what.old))


def settle(index: Index, caught: Caught) -> None:
    """Have the index know it."""
    entries.noted_rulings(index, caught.rulings)
    entries.noted(index, caught.deliveries)
    entries.forget(index, caught.removed)
    history.purge(index, caught.old)


def behind(what: Due, caught: Caught) -> Due:
    """Give what of it the disk refused."""
    rulings, deliveries = set(caught.rulings), set(caught.deliveries)
    removed, old = set(caught.removed), set(caught.old)
    return Due(
        [each for each in what.rulings if each[0] not in rulings],
        [each for each in what.deliveries if each not in deliveries],
        [each for each in what.finished if each not in removed],
        [each for each in what.old if each not in old],
    )


class Upkeep:
    """Brings the files in step with the index."""

    def __init__(self, world: World, places: Places, index: Index, writer: IndexWriter) -> None:
        self._world = world
        self._places = places
        self._index = index
        self._writer = writer
        self._one = asyncio.Lock()
        """Two at once would write notes to the same place of a file."""

    async def run(self) -> Due:
        """Do all that is due, and give what stays due; `OSError` when that is not known."""
        async with self._one:
            return await self._run()

    async def _run(self) -> Due:
        found: list[Due] = []
        now = self._world.clock.now()
        await self._writer.change(lambda: found.append(due(self._index, now)), firm=True)
        step = partial(catch_up, self._world.disk, self._places, found[-1])
        caught = await self._world.workers.run(step)
        if caught.rulings or caught.deliveries or caught.removed or caught.old:
            await self._writer.change(partial(settle, self._index, caught), firm=False)
        return behind(found[-1], caught)


def note_all(
    disk: Disk,
    places: Places,
    rulings: Iterable[tuple[int, str, layout.Ruling]],
    changes: Iterable[Unnoted],
    finished: Collection[str] = (),
) -> tuple[list[int], list[Unnoted]]:
    """Write rulings and changes into the objects' files; give those that are there to stay.

    A `finished` object whose file is gone has nothing to be written into.
    """
    notes: dict[str, list[layout.Note | layout.Ruling]] = {}
    made, numbers = list(changes), list(rulings)
    for _, name, ruling in numbers:  # first: changes may be of deliveries that they added
        notes.setdefault(name, []).append(ruling)
    for item in made:
        note = layout.Note(
            item.ordinal, item.to, _BECAME[item.state], item.changed, item.reason, item.who
        )
        notes.setdefault(item.object, []).append(note)
    written = {
        name
        for name, each in notes.items()
        if _note(disk, places.object(name), each, missing=name in finished)
    }
    return (
        [number for number, name, _ in numbers if name in written],
        [item for item in made if item.object in written],
    )


def _note(
    disk: Disk, path: Path, notes: Sequence[layout.Note | layout.Ruling], *, missing: bool
) -> bool:
    """Write notes into a file; `missing` says what a file that is not there comes to."""
    try:
        files.append_notes(disk, path, notes)
    except FileNotFoundError:
        return missing
    except (OSError, layout.Unsound):  # the index has it; the next reader of the file will complain
        return False
    return True


def remove_all(disk: Disk, places: Places, objects: Iterable[Indexed]) -> list[Indexed]:
    """Remove the files of finished objects; give those that are gone for good."""
    gone = [
        item for item in objects if _entered(disk, places, item) and _removed(disk, places, item)
    ]
    return _synced(disk, places.objects, gone)


def remove_entries(disk: Disk, places: Places, objects: Iterable[Indexed]) -> list[Indexed]:
    """Remove what the ledger has of old objects; give those of which nothing is left."""
    objects = list(objects)
    entered = [item for item in objects if item.entry]
    gone = [item for item in entered if _gone(disk, places.entry(item.id))]
    synced = _synced(disk, places.ledger, gone)
    return [item for item in objects if not item.entry or item in synced]


def _entered(disk: Disk, places: Places, item: Indexed) -> bool:
    """Put an entry into the ledger where one is to stay."""
    if not item.entry:
        return True
    try:
        files.keep_entry(disk, places, item.id)
    except FileNotFoundError:
        return True  # there is nothing to make an entry of
    except (OSError, layout.Unsound):
        return False
    return True


def _removed(disk: Disk, places: Places, item: Indexed) -> bool:
    return _gone(disk, places.object(item.id))


def _gone(disk: Disk, path: Path) -> bool:
    try:
        disk.remove(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _synced(disk: Disk, parent: Path, gone: Sequence[Indexed]) -> list[Indexed]:
    """Give those whose absence is on stable storage."""
    folders = sorted({item.id[:2] for item in gone})
    safe = {folder for folder in folders if _sync(disk, parent / folder)}
    return [item for item in gone if item.id[:2] in safe]


def _sync(disk: Disk, folder: Path) -> bool:
    try:
        disk.sync_folder(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
