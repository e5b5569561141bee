"""Group work: all that waits is done together, one group at a time."""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcomes = Sequence[OSError | None]
"""For each item of a group: nothing, or what went wrong with it."""


class Grouping(Generic[Item]):
    """Gives all items that wait to `work`; what arrives meanwhile forms the next group.

    There is no waiting for company: an idle disk serves the first item at once, a busy one gathers.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Outcomes]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> None:
        """Have an item worked on; `OSError` when that failed, for it or for its group.

        Work goes on when the caller is cancelled.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = loop.create_task(self._run())
        await future

    async def idle(self) -> None:
        """Wait until nothing is waiting or under way."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._one(group)
        finally:
            self._task = None

    async def _one(self, group: Sequence[tuple[Item, asyncio.Future[None]]]) -> None:
        outcomes: Outcomes = [OSError(errno.ECANCELED, "the group was not finished")] * len(group)
        try:
            outcomes = await self._work([item for item, _ in group])
        except OSError as error:
            outcomes = [error] * len(group)
        finally:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                _settle(future, outcome)


def _settle(future: asyncio.Future[None], outcome: OSError | None) -> None:
    if future.done():  # its caller was cancelled
        return
    if outcome is None:
        future.set_result(None)
    else:
        future.set_exception(OSError(*outcome.args))
