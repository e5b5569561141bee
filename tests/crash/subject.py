"""What the laboratory knows of the spool under test, all in one place.

Everything else drives it through `roteiro.runtime.spool.contract`; a spool of another kind needs
another version of this file and of nothing else.
"""

from pathlib import Path

from roteiro.runtime.spool import files
from roteiro.runtime.spool.contract import Spool
from roteiro.runtime.spool.format import Unsound
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import SystemDisk, World

INDEX = "index"
"""Files whose path has this part can be made again from the others."""


def make_spool(folder: Path, world: World) -> Spool:
    """Give the spool that `serve` uses."""
    return FileSpool(folder, world)


def ledger(folder: Path) -> set[str]:
    """Give the SOP instances that were acknowledged and, by a rule, not kept."""
    disk, found = SystemDisk(), set()
    for path in (folder / "ledger").glob("*/*"):
        handle = disk.open(path)
        try:
            _, kept = files.read_kept(disk, handle)
        except Unsound:
            continue  # it says nothing, so it is missed
        finally:
            disk.close(handle)
        found.add(kept.record.envelope.sop_instance or "")
    return found


def suspect(folder: Path) -> bool:
    """Say whether nothing is put on record any more until the index was made again at a start."""
    return Places(folder).index_suspect.exists()


def bodies(folder: Path) -> list[Path]:
    """Give the files that hold objects, or that the index is made of."""
    places = (folder / "objects", folder / "index")
    return sorted(
        path
        for place in places
        for path in place.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    )
