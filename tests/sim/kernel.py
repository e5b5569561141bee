"""Time and order of a simulated world: one queue of calls, and nothing that waits for real.

Every call belongs to an owner (a process of the router, or nobody: the world outside). A call of
an owner that is dead is passed over, so a process ends between two calls, whatever it had planned.

`trace` goes into a digest: two runs of a seed are the same when their digests are.
"""

import asyncio
import hashlib
import random
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any

MOST_CALLS_IN_AN_INSTANT = 200_000
"""More is a loop without end."""


class Stuck(Exception):  # noqa: N818  it is a state of the run
    """Time will not go on."""


class Owner:
    """Whoever has calls in the queue."""

    dead = False
    loop: asyncio.AbstractEventLoop | None = None
    """Made the running loop while one of the owner's calls runs."""

    def fault(self, where: str, error: BaseException) -> None:
        """Hear that a call raised."""
        raise error


class Call:
    """A call that is due; a handle of asyncio to those who asked for it."""

    __slots__ = ("args", "call", "cancelled_", "context", "owner", "when_")

    def __init__(
        self,
        owner: Owner,
        call: Callable[..., object],
        args: tuple[object, ...],
        context: Context | None,
        when: float,
    ) -> None:
        self.owner = owner
        self.call = call
        self.args = args
        self.context = context
        self.when_ = when
        self.cancelled_ = False

    def cancel(self) -> None:
        self.cancelled_ = True
        self.call, self.args = _nothing, ()

    def cancelled(self) -> bool:
        return self.cancelled_


def _nothing() -> None:
    pass


class Kernel:
    """The queue, the clock and the dice of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now = 0.0
        self.calls = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._ready: deque[Call] = deque()
        self._later: list[tuple[float, int, Call]] = []
        self._order = 0
        self._plain = copy_context()
        self.outside = Owner()
        self.tail: deque[str] = deque(maxlen=60)
        """The last lines of the trace, for people."""

    # --- randomness and trace ------------------------------------------------------------------

    def dice(self, name: str) -> random.Random:
        """Give a stream of randomness of its own: what others draw does not change it."""
        return random.Random(f"{self.seed}/{name}")

    def trace(self, *facts: object) -> None:
        line = f"{self.now:.6f} {' '.join(map(str, facts))}"
        self._digest.update(line.encode("utf-8", "backslashreplace"))
        self.tail.append(line)

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    # --- the queue -----------------------------------------------------------------------------

    def soon(
        self, owner: Owner, call: Callable[..., object], *args: object, context: Any = None
    ) -> Call:
        made = Call(owner, call, args, context, self.now)
        self._ready.append(made)
        return made

    def after(
        self,
        owner: Owner,
        delay: float,
        call: Callable[..., object],
        *args: object,
        context: Any = None,
    ) -> Call:
        when = self.now + max(delay, 0.0)
        made = Call(owner, call, args, context, when)
        self._order += 1
        heappush(self._later, (when, self._order, made))
        return made

    def later(self, delay: float, call: Callable[..., object], *args: object) -> Call:
        """Have the world outside do something."""
        return self.after(self.outside, delay, call, *args)

    def run(self, until: float, done: Callable[[], bool] = lambda: False) -> None:
        """Go on until the time is over or it is done; what is due later stays in the queue."""
        in_instant = 0
        while not done():
            if self._ready:
                in_instant += 1
                if in_instant > MOST_CALLS_IN_AN_INSTANT:
                    raise Stuck("calls go round and round while no time passes")
                self._do(self._ready.popleft())
                continue
            in_instant = 0
            while self._later and self._later[0][2].cancelled_:
                heappop(self._later)
            if not self._later or self._later[0][0] > until:
                self.now = max(self.now, until)
                return
            when, _, made = heappop(self._later)
            self.now = max(self.now, when)
            self._ready.append(made)

    def _do(self, made: Call) -> None:
        owner = made.owner
        if made.cancelled_ or owner.dead:
            return
        self.calls += 1
        asyncio._set_running_loop(owner.loop)
        try:
            (made.context or self._plain).run(made.call, *made.args)
        except BaseException as error:  # noqa: BLE001  the owner knows what it means
            owner.fault(getattr(made.call, "__qualname__", "call"), error)
        finally:
            asyncio._set_running_loop(None)

    def pending(self, owner: Owner) -> int:
        """Count what an owner has planned."""
        return sum(made.owner is owner and not made.cancelled_ for _, _, made in self._later) + sum(
            made.owner is owner and not made.cancelled_ for made in self._ready
        )
