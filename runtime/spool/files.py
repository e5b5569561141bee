"""Small steps on spool files that several parts share; all block, all fail with `OSError`."""

from collections.abc import Sequence
from pathlib import Path

from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.places import Places
from roteiro.runtime.world import Disk

AT_ONCE = 16 * 1024
"""Bytes of a file that are read without knowing how long it is."""


def read_kept(disk: Disk, handle: int) -> tuple[layout.Head, layout.Kept]:
    """Read and check head, trailer and length of a file; `Unsound` when they do not hold."""
    head = layout.read_head(disk.read_at(handle, layout.HEAD_LENGTH, 0))
    trailer = disk.read_at(handle, head.trailer_length, head.trailer_at)
    return head, layout.read_trailer(head, trailer)


def read_known(disk: Disk, handle: int) -> tuple[layout.Kept, layout.Notes]:
    """Read all that is kept beside the data set; of a small file in one go."""
    piece = disk.read_at(handle, AT_ONCE, 0)
    head = layout.read_head(piece)
    if len(piece) == AT_ONCE or head.notes_at > len(piece):
        _, kept = read_kept(disk, handle)
        return kept, read_notes(disk, handle, head)
    kept = layout.read_trailer(head, piece[head.trailer_at : head.notes_at])
    return kept, layout.read_notes(piece[head.notes_at :], head)


def read_notes(disk: Disk, handle: int, head: layout.Head) -> layout.Notes:
    """Read the notes of a file."""
    count = max(0, disk.size(handle) - head.notes_at)
    return layout.read_notes(disk.read_at(handle, count, head.notes_at), head)


def append_notes(disk: Disk, path: Path, notes: Sequence[layout.Note | layout.Ruling]) -> None:
    """Add notes to a file and sync it; what a power cut tore is cut off first."""
    handle = disk.open(path, write=True)
    try:
        head, _ = read_kept(disk, handle)
        before = read_notes(disk, handle, head)
        end = head.notes_at + before.end
        if before.torn:
            disk.truncate(handle, end)
        fresh = [note for note in notes if note not in before.notes]
        disk.write_at(handle, [layout.pack_note(note, head) for note in fresh], end)
        disk.sync_data(handle)
    finally:
        disk.close(handle)


def keep_entry(disk: Disk, places: Places, name: str) -> None:
    """Put what is known of an object into the ledger, without its data set."""
    handle = disk.open(places.object(name))
    try:
        head, _ = read_kept(disk, handle)
        trailer = disk.read_at(handle, head.trailer_length, head.trailer_at)
        end = read_notes(disk, handle, head).end
        notes = disk.read_at(handle, end, head.notes_at)
    finally:
        disk.close(handle)
    remove_quietly(disk, places.arriving / name)
    entry = disk.create(places.arriving / name)
    try:
        disk.write_at(entry, [layout.pack_head(0, trailer), trailer, notes], 0)
        disk.sync_data(entry)
    finally:
        disk.close(entry)
    disk.make_folder(places.entry(name).parent)
    disk.sync_folder(places.ledger)
    disk.rename(places.arriving / name, places.entry(name))
    disk.sync_folder(places.entry(name).parent)


def remove_quietly(disk: Disk, path: Path) -> None:
    """Remove a file that was never acknowledged; if it cannot go now, `recover` sees to it."""
    try:
        disk.remove(path)
    except OSError:
        return
