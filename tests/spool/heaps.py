"""A large spool in little time: files as the spool writes them, put down without a sync."""

from dataclasses import replace
from pathlib import Path

from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import Record
from roteiro.runtime.spool.places import Places, sub_folder
from tests import virtual
from tests.spool.samples import content, record, route

DIGEST = "0" * 64
"""Of no data set: nothing here is ever delivered."""


def heap(folder: Path, count: int, size: int = 64, first: int = 1) -> None:
    """Make `count` objects that wait for `pacs`, 50 to a series and 200 to a study."""
    places, data = Places(folder), content(0, size)
    for each in {sub_folder(number) for number in range(first, first + count)}:
        (places.objects / each).mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        kept = layout.Kept(_record(number), number, size, DIGEST)
        trailer = layout.pack_trailer(kept)
        name = f"{sub_folder(number)}{number:030x}"
        places.object(name).write_bytes(layout.pack_head(size, trailer) + data + trailer)


def _record(number: int) -> Record:
    made = record(
        route("pacs"),
        received=virtual.EPOCH + number,
        sop_instance=f"1.2.826.0.1.3680043.8.498.{number}",
    )
    return replace(made, study=f"1.2.3.{number // 200}", series=f"1.2.4.{number // 50}")
