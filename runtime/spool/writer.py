"""The one way to write into the index: changes that wait share a transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from roteiro.runtime.spool.grouping import Grouping, Outcomes
from roteiro.runtime.spool.index import Entry, Index
from roteiro.runtime.world import Workers


@dataclass(frozen=True, slots=True)
class Change:
    """Something to do inside a transaction."""

    call: Callable[[], object]
    firm: bool


class IndexWriter:
    """Runs changes on a worker, one transaction at a time; firm when one of them has to be."""

    def __init__(self, workers: Workers, index: Index) -> None:
        self._workers = workers
        self._index = index
        self._grouping = Grouping(self._group)

    async def add(self, entries: Sequence[Entry]) -> None:
        """Take objects in; when it returns that is on stable storage."""
        await self.change(partial(self._add, entries), firm=True)

    async def change(self, call: Callable[[], object], *, firm: bool) -> None:
        """Call inside a transaction; `OSError` when nothing of it counts."""
        await self._grouping.put(Change(call, firm))

    async def idle(self) -> None:
        """Wait until no transaction is under way."""
        await self._grouping.idle()

    async def _group(self, changes: Sequence[Change]) -> Outcomes:
        await self._workers.run(partial(self._apply, changes))
        return [None] * len(changes)

    def _apply(self, changes: Sequence[Change]) -> None:
        with self._index.transaction(firm=any(change.firm for change in changes)):
            for change in changes:
                change.call()

    def _add(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._index.add(entry)
