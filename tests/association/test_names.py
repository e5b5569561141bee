"""Names of hosts: looked up at start, each minute, and at a miss, but not as often as one likes."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import cast

from roteiro.lang.settings import ListenerSettings, NodeSettings
from roteiro.runtime.association.contract import Admitted, Caller
from roteiro.runtime.association.names import Names
from roteiro.runtime.association.policy import UNKNOWN_CALLING, Directory
from roteiro.runtime.world import Net, World
from tests.association.parts import BOTH
from tests.virtual import run

CALLER = Caller(ListenerSettings("main", 1), "CT1", "ROTEIRO", "10.0.1.7")


@dataclass
class Resolver:
    table: dict[str, tuple[str, ...]]
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def resolve(self, host: str) -> tuple[str, ...]:
        self.asked.append((asyncio.get_running_loop().time(), host))
        await asyncio.sleep(0.5)
        return self.table.get(host, ())


def house(world: World, **table: tuple[str, ...]) -> tuple[Names, Directory, Resolver]:
    directory = Directory(
        [
            NodeSettings("ct", "CT1", "scanner", may=BOTH),
            NodeSettings("mr", "MR1", "10.0.0.9", may=BOTH),
            NodeSettings("us", "US1", "nowhere", may=BOTH),
        ]
    )
    resolver = Resolver(dict(table))
    world = replace(world, net=cast("Net", resolver))
    return Names(world, directory), directory, resolver


def test_at_start_and_each_minute() -> None:
    async def main(world: World) -> None:
        names, directory, resolver = house(world, scanner=("10.0.1.9",))
        assert await names.refresh() == ("nowhere",)
        assert directory.admit(CALLER) == UNKNOWN_CALLING
        keeping = asyncio.ensure_future(names.keep())
        await asyncio.sleep(10.0)
        resolver.table["scanner"] = ("10.0.1.7",)
        await asyncio.sleep(60.0)
        assert directory.admit(CALLER) == Admitted("ct", BOTH)
        assert [host for _, host in resolver.asked] == ["nowhere", "scanner"] * 3
        keeping.cancel()

    run(main)


def test_at_a_miss_but_not_as_often_as_a_stranger_likes() -> None:
    async def main(world: World) -> None:
        names, directory, resolver = house(world, scanner=("10.0.1.7",))
        await names.miss(CALLER)
        assert directory.admit(CALLER) == Admitted("ct", BOTH)
        for _ in range(20):
            await names.miss(replace(CALLER, address="192.0.2.9"))
            await asyncio.sleep(0.5)
        assert len(resolver.asked) == 3
        for stranger in ("X", "MR1", ""):
            await names.miss(replace(CALLER, calling_ae=stranger))
        assert len(resolver.asked) == 3

    run(main)
