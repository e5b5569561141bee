"""Bring files and index in step at start.

Every step may be cut off and done again: files are only moved or removed when nothing depends on
it, and the index takes in what it lacks in whole transactions. The files are right: what they say
is owed and the index does not know is put into the index. What the index says is owed and has no
file any more is reported, and its deliveries are held for a person.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field

from roteiro.runtime.spool import files
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import Recovery, SpoolForeign
from roteiro.runtime.spool.index import (
    Entry,
    Index,
    IndexBroken,
    Indexed,
    ObjectState,
    open_index,
)
from roteiro.runtime.spool.places import FOLDERS, Places
from roteiro.runtime.spool.upkeep import note_all, remove_all
from roteiro.runtime.world import World

MISSING = "the file is missing"
ADOPTED_AT_ONCE = 1000


@dataclass(slots=True)
class _Found:
    adopted: int = 0
    removed: int = 0
    damaged: int = 0
    missing: int = 0
    late: list[Entry] = field(default_factory=list)
    """To be adopted under numbers of their own: theirs are taken."""


def recover(world: World, places: Places) -> tuple[Index, Recovery]:
    """Make the spool whole; blocks. `OSError`, or `SpoolForeign`: then all files stay."""
    make_folders(world, places)
    index = _open_index(world, places)
    try:
        found = _Found(removed=_clear_arriving(world, places))
        there = set(world.disk.names(places.objects))
        for folder in FOLDERS:
            _folder(world, places, index, folder, found, exists=folder in there)
        _adopt_late(index, found)
        _catch_up(world, places, index)
    except BaseException:
        index.close()
        raise
    rebuilt = index.fresh and bool(found.adopted or found.damaged)
    return index, Recovery(
        index.count(), found.adopted, found.removed, found.damaged, rebuilt, found.missing
    )


def make_folders(world: World, places: Places) -> None:
    """Make the fixed folders of a spool, and their names safe."""
    disk = world.disk
    for folder in (places.arriving, places.corrupt, places.index, places.objects, places.ledger):
        disk.make_folder(folder)
    for folder in (places.objects, places.ledger, places.folder, places.folder.parent):
        disk.sync_folder(folder)


def _open_index(world: World, places: Places) -> Index:
    """Open the index, or set a broken one aside and begin a new one."""
    if places.index_suspect.name not in world.disk.names(places.index):
        try:
            return open_index(places.index_file)
        except IndexBroken:
            pass
    # the folder as a whole: an old write-ahead log beside a new database would be taken for its own
    aside = places.folder / f"{places.index.name}.aside.{world.dice.token()}"
    world.disk.rename(places.index, aside)
    world.disk.make_folder(places.index)
    world.disk.sync_folder(places.folder)
    try:
        return open_index(places.index_file)
    except IndexBroken as error:
        raise OSError(errno.EIO, f"a new index cannot be made: {error}") from error


def _clear_arriving(world: World, places: Places) -> int:
    names = world.disk.names(places.arriving)
    for name in names:
        world.disk.remove(places.arriving / name)
    return len(names)


def _folder(  # noqa: PLR0913
    world: World, places: Places, index: Index, folder: str, found: _Found, *, exists: bool
) -> None:
    there = set(world.disk.names(places.objects / folder)) if exists else set()
    known = index.known(folder)
    fresh = [name for name in sorted(there) if name not in known]
    for start in range(0, len(fresh), ADOPTED_AT_ONCE):
        batch = fresh[start : start + ADOPTED_AT_ONCE]
        _adopt(world, places, index, batch, found)
    back = [name for name, item in known.items() if item.state is ObjectState.LOST]
    gone = [name for name, item in known.items() if name not in there]
    live = [name for name in gone if known[name].state is ObjectState.LIVE]
    regained = [name for name in back if name in there]
    if live or regained:
        with index.transaction(firm=True):
            for name in live:
                found.missing += index.lose(name, MISSING, world.clock.now())
            for name in regained:
                index.regain(name)


def _adopt(world: World, places: Places, index: Index, names: Sequence[str], found: _Found) -> None:
    entries = [entry for name in names if (entry := _examine(world, places, name, found))]
    entries.sort(key=lambda entry: entry.kept.sequence)
    with index.transaction(firm=False):
        for entry in entries:
            if index.taken(entry.kept.sequence, len(entry.standing)):
                found.late.append(entry)
            else:
                index.add(entry)
                found.adopted += 1


def _adopt_late(index: Index, found: _Found) -> None:
    with index.transaction(firm=True):
        for entry in sorted(found.late, key=lambda entry: entry.kept.record.received):
            kept = entry.kept
            number = index.next_sequence()
            renumbered = layout.Kept(kept.record, number, kept.size, kept.digest)
            index.add(Entry(entry.id, renumbered, entry.standing))
            found.adopted += 1


def _examine(world: World, places: Places, name: str, found: _Found) -> Entry | None:
    """Read a file that the index does not know; what is damaged goes into `corrupt/`."""
    path = places.object(name)
    handle = world.disk.open(path)
    try:
        head, kept = files.read_kept(world.disk, handle)
        notes = files.read_notes(world.disk, handle, head)
    except layout.Foreign as error:
        raise SpoolForeign(f"{name}: {error}") from error
    except layout.Unsound:
        set_aside(world, places, name)
        found.damaged += 1
        return None
    finally:
        world.disk.close(handle)
    return Entry(name, kept, layout.standing(kept.record.decision, notes.notes))


def set_aside(world: World, places: Places, name: str) -> None:
    """Move a damaged file into `corrupt/`."""
    world.disk.rename(places.object(name), places.corrupt / name)
    world.disk.sync_folder(places.corrupt)


def _catch_up(world: World, places: Places, index: Index) -> None:
    """Finish what an earlier process had begun: notes and removals."""
    noted = note_all(world.disk, places, index.unnoted())
    removed: list[Indexed] = remove_all(world.disk, places, index.finished())
    with index.transaction(firm=True):
        index.noted(noted)
        index.forget(removed)
