"""Where things lie in a spool folder."""

from dataclasses import dataclass
from pathlib import Path

from roteiro.runtime.world import Disk

FOLDERS = tuple(f"{number:02x}" for number in range(256))
FILES_BEFORE_NEXT_FOLDER = 4096


def sub_folder(sequence: int) -> str:
    """Give the sub-folder for an object.

    Objects that arrive together lie together: one sync of a folder covers a group of them, and the
    removal of those that were delivered together.
    """
    return FOLDERS[sequence // FILES_BEFORE_NEXT_FOLDER % len(FOLDERS)]


@dataclass(frozen=True, slots=True)
class Places:
    """The paths under one spool folder."""

    folder: Path

    def has_spool(self, disk: Disk) -> bool:
        """Whether there is a spool; nothing is made by asking."""
        try:
            names = disk.names(self.folder)
        except OSError:
            return False
        return self.lock.name in names and self.objects.name in names

    @property
    def lock(self) -> Path:
        """Locked by the process that owns the spool."""
        return self.folder / "lock"

    @property
    def arriving(self) -> Path:
        """Files that are being received; nothing in it was ever acknowledged."""
        return self.folder / "tmp"

    @property
    def objects(self) -> Path:
        """Objects that are owed or held, in 256 sub-folders."""
        return self.folder / "objects"

    @property
    def ledger(self) -> Path:
        """Entries of objects that were acknowledged and not kept, in 256 sub-folders."""
        return self.folder / "ledger"

    @property
    def corrupt(self) -> Path:
        """Files that did not pass their check."""
        return self.folder / "corrupt"

    @property
    def ballast(self) -> Path:
        """Files of nothing, which are let go when a record finds no room."""
        return self.folder / "ballast"

    @property
    def work(self) -> Path:
        """Marks of the deliveries that are in work."""
        return self.folder / "work"

    @property
    def index(self) -> Path:
        """Folder of the index, so that all its files can be moved aside in one step."""
        return self.folder / "index"

    @property
    def index_file(self) -> Path:
        """The index."""
        return self.index / "index.sqlite3"

    @property
    def index_suspect(self) -> Path:
        """A mark: the index failed and is to be made again at the next start."""
        return self.index / "suspect"

    def object(self, object_id: str) -> Path:
        """Give the file of an object; its id begins with the sub-folder."""
        return self.objects / object_id[:2] / object_id

    def entry(self, object_id: str) -> Path:
        """Give the file of an entry in the ledger."""
        return self.ledger / object_id[:2] / object_id
