"""How many a second, over the last minute, in fixed memory."""

from dataclasses import dataclass, field

SPAN = 60
"""Seconds that count."""


@dataclass(slots=True)
class Meter:
    """Counts by second, in a ring."""

    total: int = 0
    _counts: list[int] = field(default_factory=lambda: [0] * SPAN)
    _latest: int = 0
    """The second that the newest count belongs to."""

    def add(self, now: float) -> None:
        """Count one."""
        self._turn(int(now))
        self.total += 1
        self._counts[int(now) % SPAN] += 1

    def rate(self, now: float) -> float:
        """Give how many a second there were in the last minute."""
        self._turn(int(now))
        return sum(self._counts) / SPAN

    def _turn(self, second: int) -> None:
        for stale in range(max(self._latest, second - SPAN) + 1, second + 1):
            self._counts[stale % SPAN] = 0
        self._latest = max(self._latest, second)
