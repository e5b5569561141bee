"""Bring files and index in step at start.

Every step may be cut off and done again: files are only moved or removed when nothing depends on
it, and the index takes in what it lacks in whole transactions. The files are right: what they say
is owed and the index does not know is put into the index. What the index says is owed and has no
file any more is reported, and its deliveries are held for a person.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from roteiro.runtime.spool import entries, files, upkeep
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import Recovery, SpoolForeign
from roteiro.runtime.spool.entries import Entry, ObjectState
from roteiro.runtime.spool.index import Index, IndexBroken, open_index
from roteiro.runtime.spool.places import FOLDERS, Places
from roteiro.runtime.spool.story import story_of
from roteiro.runtime.world import Disk, World

MISSING = "the file is missing"
ADOPTED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class _File:
    """What a file says that the index does not know."""

    name: str
    kept: layout.Kept
    notes: tuple[layout.Note | layout.Ruling, ...]
    data: bool = True
    """Whether it has the data set; else it is an entry of the ledger."""

    def entry(self) -> Entry:
        """Give it as the index takes it in."""
        return Entry(self.name, self.kept, story_of(self.kept, self.notes), self.data)

    def renumbered(self, first: int) -> "_File":
        """Give it with other numbers."""
        kept = replace(self.kept, sequence=first)
        number = first + max(1, len(kept.record.decision.sends))
        notes = []
        for note in self.notes:
            if isinstance(note, layout.Ruling):
                note, number = replace(note, first=number), number + len(note.decision.sends)  # noqa: PLW2901
            notes.append(note)
        return replace(self, kept=kept, notes=tuple(notes))


@dataclass(slots=True)
class _Found:
    adopted: int = 0
    removed: int = 0
    damaged: int = 0
    missing: int = 0
    late: list[_File] = field(default_factory=list)
    """To be adopted under numbers of their own: theirs are taken."""


def recover(world: World, places: Places, *, anew: bool = False) -> tuple[Index, Recovery]:
    """Make the spool whole; blocks. `OSError`, or `SpoolForeign`: then all files stay.

    `anew` makes the index again from the files.
    """
    make_folders(world, places)
    index = _open_index(world, places, anew=anew)
    try:
        found = _Found(removed=_clear_arriving(world, places))
        _begin_era(world, places, index)
        there = set(world.disk.names(places.objects))
        for folder in FOLDERS:
            _folder(world, places, index, folder, found, exists=folder in there)
        for folder in world.disk.names(places.ledger):
            _ledger_folder(world, places, index, folder, found)
        _adopt_late(index, found)
        _catch_up(world, places, index)
    except BaseException:
        index.close()
        raise
    rebuilt = index.fresh and bool(found.adopted or found.damaged)
    return index, Recovery(
        entries.count(index), found.adopted, found.removed, found.damaged, rebuilt, found.missing
    )


def make_folders(world: World, places: Places) -> None:
    """Make the fixed folders of a spool, and their names safe."""
    disk = world.disk
    for folder in (places.arriving, places.corrupt, places.index, places.objects, places.ledger):
        disk.make_folder(folder)
    for folder in (places.objects, places.ledger, places.folder, places.folder.parent):
        disk.sync_folder(folder)


def _open_index(world: World, places: Places, *, anew: bool) -> Index:
    """Open the index, or set a broken one aside and begin a new one."""
    if not anew and places.index_suspect.name not in world.disk.names(places.index):
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


def _begin_era(world: World, places: Places, index: Index) -> None:
    """Note since when there is history: since now, when the index was made now."""
    if index.fresh:
        aside = f"{places.index.name}.aside."
        again = any(name.startswith(aside) for name in world.disk.names(places.folder))
        again = again or any(
            world.disk.names(parent / folder)
            for parent in (places.objects, places.ledger)
            for folder in world.disk.names(parent)
        )
        with index.transaction(firm=True):
            entries.begin_era(index, world.clock.now(), again=again)


def _clear_arriving(world: World, places: Places) -> int:
    names = world.disk.names(places.arriving)
    for name in names:
        world.disk.remove(places.arriving / name)
    return len(names)


def _folder(  # noqa: PLR0913
    world: World, places: Places, index: Index, folder: str, found: _Found, *, exists: bool
) -> None:
    there = set(world.disk.names(places.objects / folder)) if exists else set()
    known = entries.known(index, folder)
    fresh = [name for name in sorted(there) if name not in known]
    for start in range(0, len(fresh), ADOPTED_AT_ONCE):
        names = fresh[start : start + ADOPTED_AT_ONCE]
        _adopt(
            index, [read for name in names if (read := _examine(world, places, name, found))], found
        )
    back = [name for name, item in known.items() if item.state is ObjectState.LOST]
    gone = [name for name, item in known.items() if name not in there]
    live = [name for name in gone if known[name].state is ObjectState.LIVE]
    regained = [name for name in back if name in there]
    if live or regained:
        with index.transaction(firm=True):
            for name in live:
                found.missing += entries.lose(index, name, MISSING, world.clock.now())
            for name in regained:
                entries.regain(index, name)


def _ledger_folder(world: World, places: Places, index: Index, folder: str, found: _Found) -> None:
    """Take in what the ledger has and the index does not know."""
    there = world.disk.names(places.ledger / folder)
    known = entries.known_entries(index, folder) if there else {}
    fresh = [name for name in there if name not in known]
    for start in range(0, len(fresh), ADOPTED_AT_ONCE):
        names = fresh[start : start + ADOPTED_AT_ONCE]
        read = [_read_file(world.disk, places.entry(name), data=False) for name in names]
        _adopt(index, [each for each in read if each is not None], found)


def _adopt(index: Index, files_read: Sequence[_File], found: _Found) -> None:
    with index.transaction(firm=False):
        for each in sorted(files_read, key=lambda each: each.kept.sequence):
            numbers = (each.kept.sequence, len(each.kept.record.decision.sends))
            rulings = [note for note in each.notes if isinstance(note, layout.Ruling)]
            runs = [numbers, *((note.first, len(note.decision.sends)) for note in rulings)]
            if any(entries.taken(index, *run) for run in runs if run == numbers or run[1]):
                found.late.append(each)
            else:
                entries.add(index, each.entry())
                found.adopted += each.data


def _adopt_late(index: Index, found: _Found) -> None:
    with index.transaction(firm=True):
        for each in sorted(found.late, key=lambda each: each.kept.record.received):
            entries.add(index, each.renumbered(entries.next_sequence(index)).entry())
            found.adopted += each.data


def _examine(world: World, places: Places, name: str, found: _Found) -> _File | None:
    """Read a file that the index does not know; what is damaged goes into `corrupt/`."""
    read = _read_file(world.disk, places.object(name), data=True)
    if read is None:
        set_aside(world, places, name)
        found.damaged += 1
    return read


def _read_file(disk: Disk, path: Path, *, data: bool) -> _File | None:
    """Read a file; none when it is damaged. `SpoolForeign` for one of an unknown version."""
    handle = disk.open(path)
    try:
        head, kept = files.read_kept(disk, handle)
        notes = files.read_notes(disk, handle, head)
    except layout.Foreign as error:
        raise SpoolForeign(f"{path.name}: {error}") from error
    except layout.Unsound:
        return None
    finally:
        disk.close(handle)
    return _File(path.name, kept, notes.notes, data)


def set_aside(world: World, places: Places, name: str) -> None:
    """Move a damaged file into `corrupt/`."""
    world.disk.rename(places.object(name), places.corrupt / name)
    world.disk.sync_folder(places.corrupt)


def _catch_up(world: World, places: Places, index: Index) -> None:
    """Finish what an earlier process had begun: notes and removals."""
    what = upkeep.due(index, world.clock.now())
    caught = upkeep.catch_up(world.disk, places, what)
    with index.transaction(firm=True):
        upkeep.settle(index, caught)
