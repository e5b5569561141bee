"""A router on parts of ours: what a change of rules opens, closes and says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from roteiro.lang.settings import ListenerSettings, RouterSettings, Settings
from roteiro.runtime.association.contract import Carrier
from roteiro.runtime.events import Event
from roteiro.runtime.intake import Engine, Ruling
from roteiro.runtime.reload import CannotChange
from roteiro.runtime.router import Parts, Router
from roteiro.runtime.spool.contract import Spool
from roteiro.runtime.world import Net, World
from tests.virtual import run

RULING = Ruling(cast("Engine", None), "sha256:1")


@dataclass
class Server:
    """A port that is open until it is closed."""

    open: bool = True

    def close(self) -> None:
        self.open = False


@dataclass
class Ports:
    """A network whose ports are asked for in order; `wrong` meets who asks for the last."""

    wrong: BaseException
    last: int
    servers: dict[int, Server] = field(default_factory=dict)

    async def listen(self, make: Callable[[], object], address: str, port: int) -> Server:
        await asyncio.sleep(0)
        if port == self.last:
            raise self.wrong
        server = self.servers[port] = Server()
        return server


def listening(*ports: int) -> Settings:
    listeners = tuple(ListenerSettings(f"at{port}", port) for port in ports)
    return Settings(RouterSettings("ROTEIRO"), listeners, ())


def router_of(world: World, ports: Ports, events: list[Event]) -> Router:
    net = cast("Net", ports)
    parts = Parts(
        replace(world, net=net), cast("Spool", None), cast("Carrier", None), events.append
    )
    return Router(parts, listening(), RULING)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (OSError(98, "Address already in use"), CannotChange),
        (asyncio.CancelledError(), asyncio.CancelledError),
        (RuntimeError("ours"), RuntimeError),
    ],
)
def test_what_a_change_opened_is_closed_when_it_does_not_come(
    wrong: BaseException, told: type[BaseException]
) -> None:
    async def main(world: World) -> None:
        ports = Ports(wrong, last=3)
        router = router_of(world, ports, [])
        with pytest.raises(told):
            await router.change(listening(1, 2, 3), RULING)
        assert {port: server.open for port, server in ports.servers.items()} == {1: False, 2: False}
        assert router.listeners == []

    run(main)
