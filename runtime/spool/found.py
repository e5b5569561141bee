"""Files that the index does not know: how they are read, and what of them goes into the index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roteiro.runtime.spool import entries, files
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import SpoolForeign
from roteiro.runtime.spool.entries import Entry
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.story import story_of
from roteiro.runtime.world import Disk, World

ADOPTED_AT_ONCE = 4096
"""Files that are taken in in one transaction."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """What a file says that the index does not know."""

    name: str
    kept: layout.Kept
    notes: tuple[layout.Note | layout.Ruling, ...]
    data: bool = True
    """Whether it has the data set; else it is an entry of the ledger."""

    def entry(self) -> Entry:
        """Give it as the index takes it in."""
        return Entry(self.name, self.kept, story_of(self.kept, self.notes), self.data)

    @property
    def runs(self) -> Sequence[tuple[int, int]]:
        """The stretches of numbers that it has: the first, and how many sends."""
        rulings = [note for note in self.notes if isinstance(note, layout.Ruling)]
        own = (self.kept.sequence, len(self.kept.record.decision.sends))
        return [own, *((note.first, len(note.decision.sends)) for note in rulings)]

    @property
    def numbers(self) -> int:
        """How many numbers it needs."""
        own, *rulings = (sends for _, sends in self.runs)
        return max(1, own) + sum(rulings)

    def renumbered(self, first: int) -> "FoundFile":
        """Give it with other numbers."""
        kept = replace(self.kept, sequence=first)
        number = first + max(1, len(kept.record.decision.sends))
        notes = []
        for note in self.notes:
            if isinstance(note, layout.Ruling):
                note, number = replace(note, first=number), number + len(note.decision.sends)  # noqa: PLW2901
            notes.append(note)
        return replace(self, kept=kept, notes=tuple(notes))


def read_file(disk: Disk, path: Path, *, data: bool) -> FoundFile | None:
    """Read a file; none when it is damaged. `SpoolForeign` for one of an unknown version."""
    handle = disk.open(path)
    try:
        kept, notes = files.read_known(disk, handle)
    except layout.Foreign as error:
        raise SpoolForeign(f"{path.name}: {error}") from error
    except layout.Unsound:
        return None
    finally:
        disk.close(handle)
    return FoundFile(path.name, kept, notes.notes, data)


def set_aside(world: World, places: Places, name: str) -> None:
    """Move a damaged file into `corrupt/`."""
    world.disk.rename(places.object(name), places.corrupt / name)
    world.disk.sync_folder(places.corrupt)


def take_in(index: Index, found: Iterable[FoundFile]) -> list[FoundFile]:
    """Take files in, inside a transaction; give those whose numbers others have."""
    late = []
    free = entries.next_sequence(index)
    for each in sorted(found, key=lambda each: each.kept.sequence):
        own, *rulings = each.runs
        runs = [own, *(run for run in rulings if run[1])]
        if any(first < free and entries.taken(index, first, sends) for first, sends in runs):
            late.append(each)
        else:
            entries.add(index, each.entry())
            free = max(free, *(first + max(1, sends) for first, sends in runs))
    return late
