"""No more than a node may be sent: token buckets, for objects and for bytes on the wire.

In any time of `t` seconds no more than `burst + rate * t` leave. A bucket is arithmetic on a clock
that others read. Who takes first goes first, whatever the association, so the associations of a
node share what it may be sent.
"""

from dataclasses import dataclass

from roteiro.lang.settings import Rate
from roteiro.runtime.world import Clock

HAIR = 1e-9
"""Seconds by which sums of floats may be off."""
SLICE = 0.25
"""Seconds for which bytes are asked for at once: what waits can be broken off, and is smooth."""


@dataclass(slots=True)
class Bucket:
    """What may leave by now; full at first."""

    rate: float
    """A second."""
    burst: float
    _full: float = -float("inf")
    """When it would be full if nothing more were taken."""

    def wait(self, amount: float, now: float) -> float:
        """Give the seconds until so much may leave; never more than `burst` at a time."""
        empty = max(self._full, now) - self.burst / self.rate
        return max(0.0, empty + min(amount, self.burst) / self.rate - now - HAIR)

    def take(self, amount: float, now: float) -> None:
        """Take it, be it there already or not: who comes later waits for it too."""
        self._full = max(self._full, now) + amount / self.rate


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes on the wire, of all associations of a node."""

    clock: Clock
    bucket: Bucket

    @property
    def largest(self) -> int:
        """Bytes that may be asked for at once."""
        return max(1, int(min(self.bucket.burst, self.bucket.rate * SLICE)))

    def reserve(self, count: int) -> float:
        """Give the seconds until so many bytes may leave; they count as gone from now on."""
        now = self.clock.monotonic()
        wait = self.bucket.wait(count, now)
        self.bucket.take(count, now)
        return wait


def bucket_of(rate: Rate) -> Bucket:
    """Give a full bucket for a rate."""
    return Bucket(rate.amount, rate.burst)
