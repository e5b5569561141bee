"""Faults that the laboratory must find: each is put into a router of its own, which then runs.

A laboratory that finds nothing proves something only when it finds these.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from roteiro.runtime.delivery.post import Post
from roteiro.runtime.intake import ObjectReception
from roteiro.runtime.spool.reader import FileObject
from roteiro.runtime.world import SystemDisk


def answers_too_early() -> None:
    """`0x0000` before the spool has the object."""
    whole, kept = ObjectReception.finish, set()

    async def finish(self: ObjectReception) -> int:
        kept.add(asyncio.ensure_future(whole(self)))
        return 0

    ObjectReception.finish = finish  # type: ignore[method-assign]


def done_before_sent() -> None:
    """A delivery is on record as done before its bytes have left."""
    whole = Post._store

    async def store(self: Post, line: int, delivery: Any) -> None:
        await self.spool.done(delivery.id, "0x0000")
        await whole(self, line, delivery)

    Post._store = store  # type: ignore[method-assign]


def byte_altered() -> None:
    """One byte of what is read changes after it went through the digest."""
    whole = FileObject.read

    async def read(self: FileObject, offset: int, count: int) -> bytes:
        data = bytearray(await whole(self, offset, count))
        if data:
            data[-1] ^= 1
        return bytes(data)

    FileObject.read = read  # type: ignore[method-assign]


def folder_not_synced() -> None:
    """Names are left to the file system."""
    SystemDisk.sync_folder = lambda self, folder: None  # type: ignore[method-assign]


def data_not_synced() -> None:
    """Bytes are left to the file system."""
    SystemDisk.sync_data = lambda self, handle: None  # type: ignore[method-assign]


def failed_sync_ignored() -> None:
    """Data whose sync failed counts as kept."""
    whole = SystemDisk.sync_data

    def sync_data(self: SystemDisk, handle: int) -> None:
        with suppress(OSError):
            whole(self, handle)

    SystemDisk.sync_data = sync_data  # type: ignore[method-assign]


def digest_skipped() -> None:
    """What is read counts as intact, whatever its digest."""
    FileObject.intact = lambda self: True  # type: ignore[method-assign]


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        answers_too_early,
        done_before_sent,
        byte_altered,
        folder_not_synced,
        data_not_synced,
        failed_sync_ignored,
        digest_skipped,
    )
}
