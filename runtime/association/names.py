"""Keeps the addresses of host names in a directory fresh: at start, each minute, and at a miss."""

from collections.abc import Sequence

from roteiro.lang.settings import NodeSettings
from roteiro.runtime.association.contract import Caller
from roteiro.runtime.association.policy import Directory
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import World

EVERY = 60.0
MISS_PAUSE = 5.0
"""Between two look-ups for misses of the same AE title, so that a stranger cannot make us ask."""


class Names:
    """Resolves the names of a directory."""

    def __init__(self, world: World, directory: Directory) -> None:
        self._world = world
        self._directory = directory
        self._missed: dict[str, float] = {}

    async def keep(self) -> None:
        """Refresh for ever; to be run as a task and cancelled."""
        while True:
            await self.refresh()
            await sleep(self._world.clock, EVERY)

    async def refresh(self) -> tuple[str, ...]:
        """Look all names up; give those that have no address now."""
        return await self._look_up(self._directory.names())

    async def ahead(self, nodes: Sequence[NodeSettings]) -> tuple[str, ...]:
        """Look up the names of nodes that are to be declared; give those without an address."""
        return await self._look_up(Directory(nodes).names() - self._directory.names())

    async def miss(self, caller: Caller) -> None:
        """Look the names of a caller's AE title up again before it is turned away."""
        names = self._directory.names(caller.calling_ae)
        now = self._world.clock.monotonic()
        if not names or now - self._missed.get(caller.calling_ae, -MISS_PAUSE) < MISS_PAUSE:
            return
        self._missed[caller.calling_ae] = now
        await self._look_up(names)

    async def _look_up(self, names: frozenset[str]) -> tuple[str, ...]:
        lost = []
        for name in sorted(names):
            addresses = await self._world.net.resolve(name)
            self._directory.resolved(name, addresses)
            if not addresses:
                lost.append(name)
        return tuple(lost)
