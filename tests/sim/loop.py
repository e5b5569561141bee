"""An asyncio loop over the kernel's queue, one for each process of the router.

Tasks and futures are numbered, and their number is their hash: a set of them is gone through in the
same order in each run, which the addresses of objects would not give.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.sim.kernel import Call, Kernel, Owner


class NumberedTask(asyncio.Task):  # type: ignore[type-arg]
    """A task whose hash is its number."""

    def __init__(self, coro: Any, *, loop: "SimLoop", name: str, context: Any) -> None:
        self.number = loop.number()
        super().__init__(coro, loop=loop, name=name, context=context)
        self._log_destroy_pending = False

    def __hash__(self) -> int:
        return self.number


class NumberedFuture(asyncio.Future):  # type: ignore[type-arg]
    """A future whose hash is its number."""

    def __init__(self, *, loop: "SimLoop") -> None:
        self.number = loop.number()
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self.number


class SimLoop(asyncio.AbstractEventLoop):
    """What asyncio's own parts and the router ask of a loop; anything else is an error."""

    def __init__(self, kernel: Kernel, owner: Owner) -> None:
        self._kernel = kernel
        self._owner = owner
        self._numbers = 0
        self._tasks: list[NumberedTask] = []
        self._prune_at = 256

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def time(self) -> float:
        return self._kernel.now

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> Call:  # type: ignore[override]
        return self._kernel.soon(self._owner, callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Call:
        return self._kernel.after(self._owner, delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Call:
        return self.call_later(when - self._kernel.now, callback, *args, context=context)

    def create_future(self) -> NumberedFuture:
        return NumberedFuture(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Any = None
    ) -> NumberedTask:
        task = NumberedTask(coro, loop=self, name=name or "task", context=context)
        self._tasks.append(task)
        if len(self._tasks) > self._prune_at:
            self._tasks = self.tasks()
            self._prune_at = 256 + 2 * len(self._tasks)
        return task

    def tasks(self) -> list[NumberedTask]:
        """Give the tasks that are not done, in the order in which they were made."""
        return [task for task in self._tasks if not task.done()]

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self._owner.dead

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._owner.dead:
            self._owner.fault(str(context.get("message")), context.get("exception") or Lost())

    def bury(self) -> None:
        """Close what was under way; the owner is dead, so nothing of it reaches the world."""
        for task in self.tasks():
            coroutine = task.get_coro()
            try:
                coroutine.close()  # type: ignore[union-attr]
            except BaseException:  # noqa: BLE001  a dead process has no say
                continue
        self._tasks = []


class Lost(Exception):  # noqa: N818  a state
    """Something went wrong and there is no exception to say what."""
