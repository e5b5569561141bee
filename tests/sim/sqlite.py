"""SQLite on the simulated disk: the router's real index, with its log and its syncs.

Each process of the router gets a folder in memory that holds copies of the files that it has open,
so that SQLite's locks and its shared memory work as they do anywhere. What counts is the platter:
every write, cut, sync and removal goes there as well, and a new process starts from what it holds.
"""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw

from tests.sim.disk import Dead, SimDisk
from tests.sim.platter import Inode, parent_of

NAME = "roteiro-sim"


class SimFile(apsw.VFSFile):
    """An open file of SQLite's: what is written goes to the copy and to the platter."""

    def __init__(self, disk: SimDisk, path: str, inode: Inode, copy: str, flags: Any) -> None:
        self._disk = disk
        self._path = path
        self._inode = inode
        self._fresh = len(inode.data) == 0
        super().__init__("unix", copy, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self._ask("write")
        try:
            self._disk.room(self._inode, offset + len(data))
        except OSError as full:
            raise apsw.FullError(str(full)) from None
        super().xWrite(data, offset)
        self._inode.write(bytes(data), offset)

    def xTruncate(self, size: int) -> None:
        self._ask("truncate")
        super().xTruncate(size)
        self._inode.truncate(size)

    def xSync(self, flags: int) -> None:
        try:
            self._ask("sync")
        except apsw.Error:
            self._inode.sync_failed()
            raise
        self._inode.sync()
        if self._fresh:  # as the system's own: the name of a new file, at its first sync
            self._fresh = False
            self._disk.platter.sync_folder(parent_of(self._path))

    def xRead(self, amount: int, offset: int) -> bytes:
        self._ask("read")
        found: bytes = super().xRead(amount, offset)
        return found

    def _ask(self, operation: str) -> None:
        try:
            self._disk.ask(operation, self._path)
        except OSError as error:
            raise apsw.IOError(str(error)) from None

    def excepthook(self, *_error: object) -> None:
        """Say nothing of what SQLite cannot pass on: it is the end of a dead process."""


class SimFiles(apsw.VFS):
    """The default file system of SQLite while a simulation runs; `use` says whose calls come."""

    def __init__(self, folder: Path, place: str) -> None:
        super().__init__(NAME, "unix", makedefault=True)
        self._place = place
        self._folder = folder
        self._disk: SimDisk | None = None
        self._copies = folder
        self._open: set[Path] = set()
        self._number = 0
        self._random = b""

    def use(self, disk: SimDisk, seed: bytes) -> None:
        """Serve a new process."""
        self.clear()
        self._number += 1
        self._disk, self._random = disk, seed
        self._copies = self._folder / str(self._number)
        self._copies.mkdir(parents=True)

    def clear(self) -> None:
        """End what a dead process has open; its disk is dead, so nothing is written."""
        for connection in apsw.connections():
            if connection.filename.startswith(self._place):
                with suppress(Dead, apsw.Error):
                    connection.close(True)
        for name in apsw.vfs_names():
            if name.startswith(f"roteiro {self._place}"):  # what a dead process had registered
                apsw.unregister_vfs(name)
        self._open.clear()
        shutil.rmtree(self._copies, ignore_errors=True)

    def end(self) -> None:
        """Serve nobody any more; the default is again the system's, not whatever came next."""
        self.clear()
        self._disk = None
        apsw.set_default_vfs("unix")
        self.unregister()

    def xOpen(self, name: Any, flags: Any) -> SimFile:
        disk = self._living()
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._ask("open", path)
        copy = self._copies / path.rpartition("/")[2]
        inode = disk.platter.names.get(path)
        if inode is None:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError(path)
            try:
                inode = disk.platter.create(path)
            except OSError as error:
                raise apsw.CantOpenError(str(error)) from None
        if copy not in self._open:
            self._open.add(copy)
            copy.write_bytes(inode.data)
        return SimFile(disk, path, inode, str(copy), flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        disk = self._living()
        self._ask("remove", filename)
        if filename not in disk.platter.names:
            return
        disk.platter.remove(filename)
        if syncdir:
            disk.platter.sync_folder(parent_of(filename))
        copy = self._copies / filename.rpartition("/")[2]
        self._open.discard(copy)
        copy.unlink(missing_ok=True)

    def xAccess(self, pathname: str, flags: int) -> bool:
        names = self._living().platter.names
        found = names.get(pathname)
        return found is not None and (flags != apsw.SQLITE_ACCESS_EXISTS or len(found.data) > 0)

    def xFullPathname(self, name: str) -> str:
        return name

    def xRandomness(self, numbytes: int) -> bytes:
        return (self._random * (numbytes // max(1, len(self._random)) + 1))[:numbytes]

    def _ask(self, operation: str, path: str) -> None:
        try:
            self._living().ask(operation, path)
        except OSError as error:
            raise apsw.CantOpenError(str(error)) from None

    def excepthook(self, *_error: object) -> None:
        """See `SimFile`."""

    def _living(self) -> SimDisk:
        if self._disk is None or self._disk.dead:
            raise Dead
        return self._disk
