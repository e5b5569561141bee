"""An asyncio loop on virtual time.

The loop asks its selector to wait until the next timer is due. This selector does not wait: it adds
the time to the clock and says that nothing happened. When there is no timer either, nothing can
ever happen again, and that is an error with a name instead of a test that hangs. So is a loop that
is never done with one instant.
"""

import asyncio
import selectors
from collections.abc import Mapping

MOST_TURNS = 100_000
"""Turns of the loop in one instant; more is a loop without end."""


class Stuck(Exception):  # noqa: N818  it is a state of the test
    """Nothing will ever happen again, or time will not go on."""


class JumpingSelector(selectors.BaseSelector):
    """Takes registrations (the loop's own wake-up pipe) and never reports any."""

    def __init__(self) -> None:
        self.now = 0.0
        self._turns = 0
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj, events, data=None):  # type: ignore[no-untyped-def]
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        self._keys[number] = selectors.SelectorKey(fileobj, number, events, data)
        return self._keys[number]

    def unregister(self, fileobj):  # type: ignore[no-untyped-def]
        return self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())

    def select(self, timeout: float | None = None):  # type: ignore[no-untyped-def]
        if timeout is None:
            raise Stuck("every task waits and no timer is set")
        self._turns = 0 if timeout > 0 else self._turns + 1
        if self._turns > MOST_TURNS:
            raise Stuck("tasks go round and round while no time passes")
        self.now += max(timeout, 0.0)
        return []

    def get_map(self) -> Mapping[int, selectors.SelectorKey]:
        return self._keys

    def close(self) -> None:
        self._keys.clear()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time is its selector's. No real sockets and no threads."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now
