"""The clock of a virtual loop, as the router's `Clock`."""

from collections.abc import Callable
from dataclasses import dataclass

from roteiro.runtime.world import Timer
from tests.virtual.loop import VirtualLoop

EPOCH = 1_800_000_000.0
"""Time of day at which virtual time begins: 2027-01-15, 08:00 UTC."""


@dataclass(slots=True)
class VirtualClock:
    """Reads a virtual loop; `shift` makes the time of day jump, as a broken clock does."""

    loop: VirtualLoop
    shift: float = 0.0

    def now(self) -> float:
        return EPOCH + self.shift + self.loop.time()

    def monotonic(self) -> float:
        return self.loop.time()

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        return self.loop.call_later(delay, call)
