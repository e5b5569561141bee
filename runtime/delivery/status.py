"""How deliveries stand, as facts for `status` and its like."""

from dataclasses import dataclass

UNKNOWN = "unknown"
"""State of a destination that is owed something and that the rules do not have."""


@dataclass(frozen=True, slots=True)
class Shut:
    """A schedule that something waits for."""

    schedule: str
    opens: float | None
    """`None` when it never does: the rules have it no more, or it has no hours."""


@dataclass(frozen=True, slots=True)
class DestinationStatus:
    """One destination. Times are seconds since 1970, UTC; `None` where there is none.

    Of a pool, `state`, `cause`, `failures` and `next_attempt` are those of the member that is tried
    first now.
    """

    to: str
    state: str
    """A value of `State`, or `UNKNOWN`."""
    cause: str
    """Of the last failure in a row; empty when the last attempt succeeded."""
    waiting: int
    """Deliveries owed, with those in flight."""
    waiting_bytes: int
    held: int
    oldest: float | None
    """When the oldest waiting one was queued."""
    oldest_age: float | None
    """Seconds that it has waited."""
    in_flight: int
    """Objects being sent now."""
    associations: int
    """Open now."""
    resting: int
    """Of the waiting ones: they have failed by themselves and have a next attempt of their own."""
    failures: int
    """Attempts at the destination that failed in a row."""
    next_attempt: float | None
    """While it is waiting."""
    last_success: float | None
    """Since this start."""
    delivered: int
    """Since this start."""
    rate: float
    """Objects a second, over the last minute."""
    members: tuple[str, ...] = ()
    """Of a pool."""
    gathering: int = 0
    """Batches that are not whole yet."""
    shut: tuple[Shut, ...] = ()
    """Schedules without which something that waits may not start."""
