"""What a start leaves for later when the spool is large: all files are held against the index.

It runs beside receiving and delivering, one sub-folder at a time, and judges only what cannot be
under way: a name that the index does not know is none of an object that is just being taken in, and
a file is missing when the index knew it at the start and it is still not there when that is looked
up again. Files that are adopted get numbers of their own where others have theirs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from roteiro.runtime.spool import entries
from roteiro.runtime.spool.committer import Committer
from roteiro.runtime.spool.contract import SpoolForeign
from roteiro.runtime.spool.entries import Indexed, ObjectState
from roteiro.runtime.spool.found import ADOPTED_AT_ONCE, FoundFile, read_file, set_aside, take_in
from roteiro.runtime.spool.index import CHECK, Index
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.recover import MISSING
from roteiro.runtime.spool.writer import IndexWriter
from roteiro.runtime.world import World


@dataclass(slots=True)
class Swept:
    """What was found."""

    adopted: int = 0
    damaged: int = 0
    missing: int = 0
    foreign: int = 0
    """Of a version that this program does not know: they stay where they are."""
    sound: bool = True
    """Whether the index passed its check; else it is made again at the next start."""
    destinations: set[str] = field(default_factory=set)
    """To whom adopted objects are owed."""


class Parts(Protocol):
    """What a running spool has."""

    index: Index
    writer: IndexWriter
    committer: Committer
    next_sequence: int


class Sweep:
    """See the module; one run. `number` gives the first of so many numbers that nobody has."""

    def __init__(
        self, world: World, places: Places, parts: Parts, number: Callable[[int], int]
    ) -> None:
        self._world = world
        self._places = places
        self._parts = parts
        self._number = number
        self._first = parts.next_sequence
        """Objects with a smaller number were there at the start."""
        self._swept = Swept()

    async def run(self) -> Swept:
        """Look at everything; `OSError` when the disk says no."""
        for parent, data in ((self._places.objects, True), (self._places.ledger, False)):
            for folder in await self._names(parent):
                await self._folder(parent / folder, data=data)
        self._swept.sound = await self._world.workers.run(self._check)
        if not self._swept.sound:
            await self._parts.writer.distrust()
        return self._swept

    async def _names(self, folder: Path) -> list[str]:
        return await self._world.workers.run(partial(self._world.disk.names, folder))

    async def _folder(self, folder: Path, *, data: bool) -> None:
        there = await self._names(folder)
        fresh: list[str] = []
        compare = partial(self._compare, folder.name, frozenset(there), fresh, data=data)
        await self._parts.writer.change(compare, firm=False)
        for start in range(0, len(fresh), ADOPTED_AT_ONCE):
            names = fresh[start : start + ADOPTED_AT_ONCE]
            read = partial(self._read, [folder / name for name in names], data=data)
            await self._adopt(await self._world.workers.run(read))

    def _compare(self, folder: str, there: frozenset[str], fresh: list[str], *, data: bool) -> None:
        """Note what is missing and what is back; give what the index does not know."""
        index = self._parts.index
        known = (entries.known if data else entries.known_entries)(index, folder)
        under_way, withdrawn = self._parts.committer.under_way, self._parts.committer.withdrawn
        fresh[:] = sorted(
            name
            for name in there
            if name not in known and name not in under_way and name not in withdrawn
        )
        if not data:
            return
        for name, item in known.items():
            if item.state is ObjectState.LOST and name in there:
                entries.regain(index, name)
            elif name not in there and self._is_missing(name, item):
                now = self._world.clock.now()
                self._swept.missing += entries.lose(index, name, MISSING, now)

    def _is_missing(self, name: str, item: Indexed) -> bool:
        if item.state is not ObjectState.LIVE or item.sequence >= self._first:
            return False
        disk = self._world.disk
        try:
            disk.close(disk.open(self._places.object(name)))
        except FileNotFoundError:
            return True
        return False

    def _read(self, paths: Sequence[Path], *, data: bool) -> list[FoundFile]:
        found = [self._read_one(path, data=data) for path in paths]
        return [each for each in found if each is not None]

    def _read_one(self, path: Path, *, data: bool) -> FoundFile | None:
        try:
            found = read_file(self._world.disk, path, data=data)
            if found is None and data:
                set_aside(self._world, self._places, path.name)
                self._swept.damaged += 1
        except FileNotFoundError:  # it was being refused when its name was seen
            return None
        except SpoolForeign:
            self._swept.foreign += 1
            return None
        return found

    async def _adopt(self, found: Sequence[FoundFile]) -> None:
        first = self._number(sum(each.numbers for each in found))
        await self._parts.writer.change(partial(self._take_in, found, first), firm=True)
        self._swept.adopted += sum(each.data for each in found)
        sends = [send for each in found for send in each.kept.record.decision.sends]
        self._swept.destinations |= {send.to for send in sends}

    def _take_in(self, found: Sequence[FoundFile], first: int) -> None:
        for each in take_in(self._parts.index, found):
            entries.add(self._parts.index, each.renumbered(first).entry())
            first += each.numbers

    def _check(self) -> bool:
        index = self._parts.index
        if not index.unchecked:
            return True
        try:
            with index.snapshot() as ask:
                return bool(ask(CHECK) == [("ok",)])
        except OSError:
            return False
