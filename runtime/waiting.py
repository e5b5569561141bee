"""Waiting with deadlines on the router's clock, which in tests is not the loop's."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from roteiro.runtime.world import Clock

Result = TypeVar("Result")


async def sleep(clock: Clock, seconds: float) -> None:
    """Wait."""
    done = asyncio.get_running_loop().create_future()
    timer = clock.call_later(seconds, lambda: settle(done, None))
    try:
        await done
    finally:
        timer.cancel()


def settle(future: asyncio.Future[Result], result: Result) -> None:
    """Set a result unless there is one, or nobody waits any more."""
    if not future.done():
        future.set_result(result)


def fail(future: asyncio.Future[Any], error: Exception) -> None:
    """Set an exception unless there is a result, or nobody waits any more."""
    if not future.done():
        future.set_exception(error)


async def within(
    clock: Clock,
    seconds: float,
    future: asyncio.Future[Result],
    late: Callable[[], Exception],
) -> Result:
    """Wait for a future; raise what `late` gives when the time is over first."""
    timer = clock.call_later(seconds, lambda: fail(future, late()))
    try:
        return await future
    finally:
        timer.cancel()


async def run_within(
    clock: Clock,
    seconds: float,
    work: Coroutine[Any, Any, Result],
    late: Callable[[], Exception],
) -> Result:
    """Run a coroutine; cancel it and raise what `late` gives when the time is over first."""
    task = asyncio.ensure_future(work)
    over = False

    def expire() -> None:
        nonlocal over
        over = True
        task.cancel()

    timer = clock.call_later(seconds, expire)
    try:
        return await task
    except asyncio.CancelledError:
        if not over:
            task.cancel()
            raise
        raise late() from None
    finally:
        timer.cancel()
