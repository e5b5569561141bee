"""A world on virtual time and how to run something in it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from roteiro.runtime.world import Disk, Net, World
from tests.virtual.clock import VirtualClock
from tests.virtual.loop import VirtualLoop

Result = TypeVar("Result")


class SeededDice:
    """The same randomness for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def fraction(self) -> float:
        return self._random.random()

    def token(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


class InlineWorkers:
    """Does blocking calls on the spot: no time passes in a virtual world while a call runs."""

    async def run(self, call: Callable[[], Result]) -> Result:
        return call()

    def close(self) -> None:
        pass


class Absent:
    """Stands where nothing is; any use says so."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"this virtual world has no {name}")


def virtual_world(loop: VirtualLoop, seed: int = 0) -> World:
    """Give a world with that loop's clock, seeded dice, and neither disk nor network."""
    return World(
        VirtualClock(loop),
        SeededDice(seed),
        cast("Disk", Absent()),
        cast("Net", Absent()),
        InlineWorkers(),
    )


def run(main: Callable[[World], Awaitable[Result]], seed: int = 0) -> Result:
    """Run a coroutine function on virtual time and give its result; cancel what is left."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_bounded(main, virtual_world(loop, seed)))
    finally:
        _cancel_all(loop)
        loop.close()


async def _bounded(main: Callable[[World], Awaitable[Result]], world: World) -> Result:
    return await main(world)


def _cancel_all(loop: VirtualLoop) -> None:
    while tasks := asyncio.all_tasks(loop):  # the end of one may begin another
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
