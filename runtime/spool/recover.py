"""Bring files and index in step at start.

Every step may be cut off and done again: files are only moved or removed when nothing depends on
it, and the index takes in what it lacks in whole transactions. The files are right: what they say
is owed and the index does not know is put into the index. What the index says is owed and has no
file any more is reported, and its deliveries are held for a person.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field

from roteiro.runtime.garbage import collecting_later
from roteiro.runtime.spool import entries, upkeep
from roteiro.runtime.spool.contract import Recovery
from roteiro.runtime.spool.entries import ObjectState
from roteiro.runtime.spool.found import ADOPTED_AT_ONCE, FoundFile, read_file, set_aside, take_in
from roteiro.runtime.spool.index import Index, IndexBroken, open_index
from roteiro.runtime.spool.places import FILES_BEFORE_NEXT_FOLDER, FOLDERS, Places, sub_folder
from roteiro.runtime.spool.withdrawn import Withdrawn, mark_of, marked, take_away
from roteiro.runtime.world import World

MISSING = "the file is missing"
LARGE = 20_000
"""Objects in the index from which on a start does not wait until all files were looked at."""


@dataclass(slots=True)
class _Found:
    withdrawn: Withdrawn
    adopted: int = 0
    removed: int = 0
    damaged: int = 0
    missing: int = 0
    late: list[FoundFile] = field(default_factory=list)
    """To be adopted under numbers of their own: theirs are taken."""


def recover(
    world: World,
    places: Places,
    withdrawn: Withdrawn,
    large: int = LARGE,
    *,
    anew: bool = False,
) -> tuple[Index, Recovery]:
    """Make the spool whole; blocks. `OSError`, or `SpoolForeign`: then all files stay.

    `anew` makes the index again from the files. Of a spool with `large` objects or more in its
    index, only the folders are looked at into which objects went last; `Recovery.later` says so,
    and `sweep` looks at all of them afterwards.
    """
    make_folders(world, places)
    index = _open_index(world, places, anew=anew)
    try:
        found = _Found(withdrawn, removed=_clear_arriving(world, places, index))
        withdrawn.find()
        _begin_era(world, places, index)
        index.hurry(on=True)
        index.instances = set() if index.fresh else None
        later = entries.reaches(index, large)
        look = _look_at_latest if later else _look_at_all
        with collecting_later():
            look(world, places, index, found)
        _adopt_late(index, found)
        _catch_up(world, places, index)
    except BaseException:
        index.close()
        raise
    rebuilt = index.fresh and bool(found.adopted or found.damaged)
    index.instances = None
    index.hurry(on=False)
    return index, Recovery(
        entries.count(index),
        found.adopted,
        found.removed,
        found.damaged,
        rebuilt,
        found.missing,
        later,
    )


def _look_at_all(world: World, places: Places, index: Index, found: _Found) -> None:
    there = set(world.disk.names(places.objects))
    for folder in FOLDERS:
        _folder(world, places, index, folder, found, exists=folder in there)
    for folder in world.disk.names(places.ledger):
        _ledger_folder(world, places, index, folder, found)


def _look_at_latest(world: World, places: Places, index: Index, found: _Found) -> None:
    """Look at the folder of the latest object and on, until one has nothing new.

    What was under way when a process ended is there; so is what came after a copy of the index was
    made that somebody put back.
    """
    objects, ledger = (set(world.disk.names(each)) for each in (places.objects, places.ledger))
    last = entries.next_sequence(index) - 1
    for step in range(len(FOLDERS)):
        folder = sub_folder(last + step * FILES_BEFORE_NEXT_FOLDER)
        before = (found.adopted, len(found.late), found.damaged)
        _folder(world, places, index, folder, found, exists=folder in objects)
        if folder in ledger:
            _ledger_folder(world, places, index, folder, found)
        if step and before == (found.adopted, len(found.late), found.damaged):
            return


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


def _clear_arriving(world: World, places: Places, index: Index) -> int:
    """Remove what never was acknowledged; marks stay of what the disk does not let go of."""
    disk = world.disk
    names = disk.names(places.arriving)
    paths = marked(places, names)
    going = [path for path in paths if not entries.has(index, path.name)]
    gone = take_away(disk, places, going)
    marks = {mark_of(places, path).name for path in going}
    rest = [name for name in names if name not in marks]
    for name in rest:
        disk.remove(places.arriving / name)
    return len(gone) + len(rest) - (len(paths) - len(going))


def _folder(  # noqa: PLR0913
    world: World, places: Places, index: Index, folder: str, found: _Found, *, exists: bool
) -> None:
    there = set(world.disk.names(places.objects / folder)) if exists else set()
    known = entries.known(index, folder)
    fresh = [name for name in sorted(there) if name not in known and name not in found.withdrawn]
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
    fresh = [name for name in there if name not in known and name not in found.withdrawn]
    for start in range(0, len(fresh), ADOPTED_AT_ONCE):
        names = fresh[start : start + ADOPTED_AT_ONCE]
        read = [read_file(world.disk, places.entry(name), data=False) for name in names]
        _adopt(index, [each for each in read if each is not None], found)


def _adopt(index: Index, files_read: Sequence[FoundFile], found: _Found) -> None:
    with index.transaction(firm=False):
        late = take_in(index, files_read)
    found.late += late
    found.adopted += sum(each.data for each in files_read) - sum(each.data for each in late)


def _adopt_late(index: Index, found: _Found) -> None:
    with index.transaction(firm=True):
        for each in sorted(found.late, key=lambda each: each.kept.record.received):
            entries.add(index, each.renumbered(entries.next_sequence(index)).entry())
            found.adopted += each.data


def _examine(world: World, places: Places, name: str, found: _Found) -> FoundFile | None:
    """Read a file that the index does not know; what is damaged goes into `corrupt/`."""
    read = read_file(world.disk, places.object(name), data=True)
    if read is None:
        set_aside(world, places, name)
        found.damaged += 1
    return read


def _catch_up(world: World, places: Places, index: Index) -> None:
    """Finish what an earlier process had begun: notes and removals."""
    what = upkeep.due(index, world.clock.now())
    caught = upkeep.catch_up(world.disk, places, what)
    with index.transaction(firm=True):
        upkeep.settle(index, caught)
