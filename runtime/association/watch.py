"""One timer an association that sees silent and slow peers, on the router's clock.

Theory of operation. There is always at most one timer, and it is moved only when it would fire too
late; so the many short messages of a normal association cost a comparison each. When it fires it
looks whether the deadline has really come, and else waits for the rest.
"""

from collections.abc import Callable
from enum import Enum

from roteiro.runtime.association.limits import Limits
from roteiro.runtime.world import Clock, Timer


class Phase(Enum):
    """What is expected of the peer."""

    IDLE = "idle"  # a message, within `Limits.idle`
    MIDWAY = "midway"  # the rest of one, at `Limits.rate`
    OURS = "ours"  # nothing: it is our turn


class Watch:
    """Calls `late` once, with the phase in which the peer was too slow."""

    def __init__(self, clock: Clock, limits: Limits, late: Callable[[Phase], None]) -> None:
        self._clock = clock
        self._limits = limits
        self._late = late
        self._timer: Timer | None = None
        self._due = float("inf")
        self._phase = Phase.IDLE
        self._since = 0.0
        self._received = 0
        self._mark = 0

    def received(self, count: int) -> None:
        """Count bytes that came."""
        self._received += count

    def enter(self, phase: Phase) -> None:
        """Begin a phase, anew for `IDLE`; being midway goes on."""
        if phase is self._phase and phase is not Phase.IDLE and self._timer is not None:
            return
        self._phase = phase
        self._since = self._clock.monotonic()
        self._mark = self._received
        self._arm(self._deadline())

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._due = float("inf")

    def _deadline(self) -> float:
        return self._since + (
            self._limits.idle if self._phase is Phase.IDLE else self._limits.window
        )

    def _arm(self, due: float) -> None:
        if due >= self._due:
            return
        self.stop()
        self._due = due
        delay = max(0.0, due - self._clock.monotonic())
        self._timer = self._clock.call_later(delay, self._fire)

    def _fire(self) -> None:
        self._timer = None
        self._due = float("inf")
        if self._clock.monotonic() >= self._deadline():
            fast = self._received - self._mark >= self._limits.rate * self._limits.window
            if self._phase is Phase.IDLE or (self._phase is Phase.MIDWAY and not fast):
                self._late(self._phase)
                return
            self._since = self._clock.monotonic()
            self._mark = self._received
        self._arm(self._deadline())
