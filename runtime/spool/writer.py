"""The one way to write into the index: changes that wait share a transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from roteiro.runtime.spool import entries
from roteiro.runtime.spool.entries import Entry
from roteiro.runtime.spool.grouping import Grouping, Outcomes
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.room import SpoolRoom
from roteiro.runtime.world import World


@dataclass(frozen=True, slots=True)
class Change:
    """Something to do inside a transaction."""

    call: Callable[[], object]
    firm: bool


class IndexWriter:
    """Runs changes on a worker, one transaction at a time; firm when one of them has to be."""

    def __init__(self, world: World, places: Places, index: Index, room: SpoolRoom) -> None:
        self._world = world
        self._places = places
        self._index = index
        self._room = room
        self._grouping = Grouping(self._group)

    async def add(self, arrived: Sequence[Entry]) -> None:
        """Take objects in; firm, which makes what was done before firm as well.

        What only has an entry in the ledger is counted: a start finds it in the ledger again.
        """
        await self.change(partial(self._add, arrived), firm=any(each.data for each in arrived))

    async def change(self, call: Callable[[], object], *, firm: bool) -> None:
        """Call inside a transaction; `OSError` when nothing of it counts."""
        await self._grouping.put(Change(call, firm))

    @property
    def distrusted(self) -> bool:
        """Whether the index takes nothing more until it was made again."""
        return self._index.suspect

    async def touch(self) -> None:
        """Keep a record that says nothing, to see whether records can be kept."""
        await self.change(lambda: None, firm=True)

    async def idle(self) -> None:
        """Wait until no transaction is under way."""
        await self._grouping.idle()

    async def _group(self, changes: Sequence[Change]) -> Outcomes:
        step = partial(self._room.ballast.for_record, partial(self._apply, changes))
        try:
            await self._world.workers.run(step)
        except OSError:
            self._room.refused(unsound=self._index.suspect)
            raise
        self._room.recorded()
        return [None] * len(changes)

    def _apply(self, changes: Sequence[Change]) -> None:
        sound = not self._index.suspect
        try:
            with self._index.transaction(firm=any(change.firm for change in changes)):
                for change in changes:
                    change.call()
        finally:
            if sound and self._index.suspect:
                self._mark_suspect()

    async def distrust(self) -> None:
        """Take nothing more into the index: it does not pass its check."""
        self._index.suspect = True
        self._room.refused(unsound=True)
        await self._world.workers.run(self._mark_suspect)

    def _mark_suspect(self) -> None:
        """Have the index made again at the next start, if the disk still takes a mark."""
        disk = self._world.disk
        try:
            disk.close(disk.create(self._places.index_suspect))
            disk.sync_folder(self._places.index)
        except OSError:
            return

    def _add(self, arrived: Sequence[Entry]) -> None:
        for entry in arrived:
            entries.add(self._index, entry)
