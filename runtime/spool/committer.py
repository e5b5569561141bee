"""From received bytes to kept objects: the order of steps that the promise rests on.

For all objects of a group together:

1. trailer and head are written, `fdatasync` of each file returns success
2. each file is renamed from `tmp/` into `objects/xx/` (or `ledger/xx/`)
3. the folder is synced

Then they are kept, and `follower` has them entered into the index. What fails in 1 or in a rename
fails for that object only; what fails in 3 fails for the whole group. The files of what failed are
removed, their handles were closed and are not used again.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from roteiro.core.program import Decision
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.contract import Entered, Meeting
from roteiro.runtime.spool.entries import Entry
from roteiro.runtime.spool.follower import Follower, Follows
from roteiro.runtime.spool.grouping import Grouping, Outcomes
from roteiro.runtime.spool.places import Places, sub_folder
from roteiro.runtime.spool.story import story_of
from roteiro.runtime.spool.withdrawn import Withdrawn
from roteiro.runtime.world import World

SYNCS_AT_ONCE = 3
"""File syncs of a group that are under way together; they share commits of the file system."""


Found = dict[int, OSError | None]
"""By the identity of an arrival: nothing, or what went wrong with it."""


def keeps_data(decision: Decision) -> bool:
    """Say whether the data set is kept: something is sent or held; `ValueError` for a refusal."""
    if decision.refuse is not None:
        raise ValueError("a refused object is not kept")
    if decision.sends or decision.holds or decision.hold is not None:
        return True
    if decision.drop is None and not decision.nothing:
        raise ValueError("the decision gives no reason why nothing is owed")
    return False


@dataclass(slots=True)
class Arrival:
    """A complete object on its way into the spool."""

    handle: int
    path: Path
    """Where its file is now."""
    token: str
    size: int
    kept: layout.Kept
    keeps: bool
    entered: Entered
    """Told when the index knows it."""
    id: str = field(default="", init=False)


class Committer:
    """Takes complete objects in, in groups."""

    def __init__(
        self, world: World, places: Places, follower: Follower, withdrawn: Withdrawn
    ) -> None:
        self.withdrawn = withdrawn
        self.left: Callable[[], None] = lambda: None
        """Called when a file that was not kept could not be removed."""
        self._world = world
        self._disk = world.disk
        self._places = places
        self._follower = follower
        self._grouping = Grouping(self._group)
        self._folders: set[Path] = set()
        """Sub-folders that are there and whose names are synced."""
        self.under_way: set[str] = set()
        """Objects whose files have their names while the index does not know them yet."""

    async def commit(self, arrival: Arrival) -> str:
        """Keep an object and give its id; `OSError` when nothing is promised."""
        await self._grouping.put(arrival)
        return arrival.id

    def withdraw(self, path: Path) -> None:
        """Remove the file of an object that did not come to its end; on the loop's thread."""
        self.withdrawn.remove([path])
        if self.withdrawn:
            self.left()

    async def idle(self) -> None:
        """Wait until no group is under way."""
        await self._grouping.idle()

    async def _group(self, group: Sequence[Arrival]) -> Outcomes:
        run = self._world.workers.run
        try:
            await self._follower.demand()
        except OSError as error:
            await run(partial(self._refuse, group))
            outcomes: Found = dict.fromkeys(map(id, group), error)
        else:
            alone = len(group) == 1  # each change of thread costs as much as a sync
            outcomes = await (run(partial(self._keep, group)) if alone else self._together(group))
            self._follow([arrival for arrival in group if outcomes[id(arrival)] is None])
        if self.withdrawn:
            self.left()
        return [outcomes[id(arrival)] for arrival in group]

    def _keep(self, group: Sequence[Arrival]) -> Found:
        return self._publish(group, self._secure(group))

    async def _together(self, group: Sequence[Arrival]) -> Found:
        run, secured = self._world.workers.run, Found()
        parts = [group[start::SYNCS_AT_ONCE] for start in range(SYNCS_AT_ONCE)]
        calls = [partial(self._secure, part) for part in parts if part]
        for found in await asyncio.gather(*map(run, calls)):
            secured |= found
        return await run(partial(self._publish, group, secured))

    def _secure(self, arrivals: Sequence[Arrival]) -> Found:
        return {id(arrival): self._secure_one(arrival) for arrival in arrivals}

    def _secure_one(self, arrival: Arrival) -> OSError | None:
        try:
            self._finish_file(arrival)
        except OSError as error:
            self.withdrawn.remove([arrival.path])
            return error
        return None

    def _finish_file(self, arrival: Arrival) -> None:
        disk, handle = self._disk, arrival.handle
        trailer = layout.pack_trailer(arrival.kept)
        length = arrival.size if arrival.keeps else 0
        try:
            if length != arrival.size:
                disk.truncate(handle, layout.HEAD_LENGTH)
            disk.write_at(handle, [trailer], layout.HEAD_LENGTH + length)
            disk.write_at(handle, [layout.pack_head(length, trailer)], 0)
            disk.sync_data(handle)
        finally:
            disk.close(handle)

    def _publish(self, group: Sequence[Arrival], outcomes: Found) -> Found:
        secured = [arrival for arrival in group if outcomes[id(arrival)] is None]
        if not secured:
            return outcomes
        try:
            return outcomes | self._name(secured)
        except OSError as error:
            self._remove(secured)
            return outcomes | dict.fromkeys(map(id, secured), error)

    def _name(self, arrivals: Sequence[Arrival]) -> Found:
        folder = sub_folder(arrivals[0].kept.sequence)
        for parent in {self._parent(arrival) for arrival in arrivals}:
            self._demand_folder(parent, folder)
        outcomes = {id(arrival): self._move(arrival, folder) for arrival in arrivals}
        moved = [arrival for arrival in arrivals if outcomes[id(arrival)] is None]
        for parent in sorted({arrival.path.parent for arrival in moved}):
            self._disk.sync_folder(parent)
        return outcomes

    def _parent(self, arrival: Arrival) -> Path:
        return self._places.objects if arrival.keeps else self._places.ledger

    def _demand_folder(self, parent: Path, name: str) -> None:
        folder = parent / name
        if folder not in self._folders:
            self._disk.make_folder(folder)
            self._disk.sync_folder(parent)
            self._folders.add(folder)

    def _move(self, arrival: Arrival, folder: str) -> OSError | None:
        name = folder + arrival.token[2:]
        place = self._parent(arrival) / folder / name
        self.under_way.add(name)
        try:
            self._disk.rename(arrival.path, place)
        except OSError as error:
            self.withdrawn.remove([arrival.path])
            return error
        arrival.id, arrival.path = name, place
        return None

    def _follow(self, arrivals: Sequence[Arrival]) -> None:
        self._follower.add(
            [
                Follows(
                    Entry(arrival.id, arrival.kept, story_of(arrival.kept), arrival.keeps),
                    partial(self._entered, arrival),
                )
                for arrival in arrivals
            ]
        )

    def _entered(self, arrival: Arrival, name: str, meeting: Meeting) -> None:
        self.under_way.discard(name)
        arrival.entered(name, meeting)

    def _remove(self, arrivals: Sequence[Arrival]) -> None:
        self.withdrawn.remove([arrival.path for arrival in arrivals])
        self.under_way.difference_update(arrival.path.name for arrival in arrivals)

    def _refuse(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            with suppress(OSError):
                self._disk.close(arrival.handle)
        self._remove(arrivals)
