"""Files of objects that were not kept: they go, and do not come back.

Their senders were told that nothing was taken (`A700`), so no start may find such a file and
deliver it. What the disk does not let go of now is tried again while the router runs, and a mark
in `tmp/` has the next start see to it, where the disk takes one. A file that can neither be removed
nor marked before the process ends is adopted then: nobody can tell it from one that a crash left.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from roteiro.runtime.spool.places import Places
from roteiro.runtime.world import Disk

MARK = ".withdrawn"
"""What a mark's name ends in; before it come the folder and the name of the file."""


class Withdrawn:
    """See the module; may be used on any thread, and what returns nothing blocks."""

    def __init__(self, disk: Disk, places: Places) -> None:
        self._disk = disk
        self._places = places
        self._left: dict[str, Path] = {}

    def __bool__(self) -> bool:
        """Say whether files are left."""
        return bool(self._left)

    def __contains__(self, name: str) -> bool:
        """Say whether a file of this name is left, or just being removed."""
        return name in self._left

    def find(self) -> None:
        """Remember what an earlier process marked and the start could not remove."""
        names = self._disk.names(self._places.arriving)
        self._left = {path.name: path for path in marked(self._places, names)}

    def remove(self, paths: Sequence[Path]) -> None:
        """Remove files, now or later; they have the names that they came by."""
        self._left |= {path.name: path for path in paths}  # first: a sweep must not adopt them
        for path in self._away(paths):
            if path.parent != self._places.arriving:  # a start empties that folder
                self._mark(path)

    def again(self) -> None:
        """Try once more to remove what is left."""
        self._away(list(self._left.values()))

    def _away(self, paths: Sequence[Path]) -> list[Path]:
        gone = take_away(self._disk, self._places, paths)
        for path in gone:
            self._left.pop(path.name, None)
        return [path for path in paths if path not in gone]

    def _mark(self, path: Path) -> None:
        mark = mark_of(self._places, path)
        try:
            self._disk.close(self._disk.create(mark))
            self._disk.sync_folder(mark.parent)
        except OSError:  # what is left is known as long as this process lives
            return


def mark_of(places: Places, path: Path) -> Path:
    """Give the mark that says of a file that it is to go."""
    return places.arriving / f"{path.parent.parent.name}.{path.name}{MARK}"


def marked(places: Places, names: Iterable[str]) -> list[Path]:
    """Give the files that are marked, from the names in `tmp/`."""
    found = []
    folders = {each.name: each for each in (places.objects, places.ledger)}
    for name in sorted(names):
        parent, _, rest = name.partition(".")
        own = rest.removesuffix(MARK)
        if rest != own and own.isalnum() and parent in folders:
            found.append(folders[parent] / own[:2] / own)
    return found


def take_away(disk: Disk, places: Places, paths: Iterable[Path]) -> set[Path]:
    """Remove files and the marks of those that are gone for good; give these."""
    gone = {path for path in paths if _removed(disk, path)}
    lasting = {path.parent for path in gone} - {places.arriving}
    for folder in sorted(folder for folder in lasting if not _synced(disk, folder)):
        gone = {path for path in gone if path.parent != folder}
    return {
        path
        for path in gone
        if path.parent == places.arriving or _removed(disk, mark_of(places, path))
    }


def _removed(disk: Disk, path: Path) -> bool:
    try:
        disk.remove(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _synced(disk: Disk, folder: Path) -> bool:
    try:
        disk.sync_folder(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
