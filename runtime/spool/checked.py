"""Checksums on the pages of an index: the second door to SQLite.

SQLite checks the frames of its write-ahead log and not the pages of the database itself: a bit that
turns over there may take a delivery out of the queue without a word. Each page ends in a checksum
of the rest, written when the page is and compared when it is read. A page that does not pass is an
error of reading, so the index counts as broken and is made again from the files.
"""

import zlib
from typing import Any

import apsw

PAGE = 4096
ROOM = 8
"""Bytes that SQLite leaves alone at the end of each page."""
_REST = PAGE - ROOM
_NOTHING = bytes(PAGE)
"""A page that was never written: SQLite does that with pages that it does not use."""


def sealed(page: bytes) -> bytes:
    """Give a page with its checksum at the end."""
    return page[:_REST] + zlib.crc32(memoryview(page)[:_REST]).to_bytes(ROOM, "little")


def sound(page: bytes) -> bool:
    """Say whether a page is as it was written."""
    kept = int.from_bytes(page[_REST:], "little")
    return kept == zlib.crc32(memoryview(page)[:_REST]) or page == _NOTHING


class _Database(apsw.VFSFile):
    """The file of a database; SQLite reads and writes it in whole pages but for its head."""

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802  SQLite's name
        """Read; `apsw.IOError` when a page is not what was written."""
        data: bytes = super().xRead(amount, offset)
        if len(data) == PAGE and not sound(data):
            raise apsw.IOError(f"the page at {offset} does not pass its check")
        return data

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  SQLite's name
        """Write, a whole page with its checksum."""
        super().xWrite(sealed(data) if len(data) == PAGE else data, offset)


class CheckedFiles(apsw.VFS):
    """Files of SQLite by way of another set of files (`""`: the system's), pages checked."""

    def __init__(self, name: str, base: str) -> None:
        """Register under this name until `unregister`."""
        self.name = name
        self._base = base
        super().__init__(name, base)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  SQLite's name
        """Open a file; only the database itself has pages."""
        database = flags[0] & apsw.SQLITE_OPEN_MAIN_DB
        return (_Database if database else apsw.VFSFile)(self._base, name, flags)
