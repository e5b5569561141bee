"""The part of a destination's backlog that is in memory, and where each delivery of it stands.

The backlog stays on disk; at most `SIZE` deliveries are ready, under way or being recorded here,
and at most `RESTING` wait for a time of their own, so memory does not depend on the backlog. A
delivery is in one place at a time:

    spool -> ready -> taken -> (settled: forgotten | put back: ready or resting)
                        resting -> ready when its time has come

The window reads the spool forwards from `cursor`. What a reader forwards cannot see (released by a
person, or committed out of order) is found by a sweep from the start, see `sweep`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from roteiro.runtime.spool.contract import Delivery

SIZE = 200
"""Deliveries in memory that are ready, under way or being recorded."""
REFILL = SIZE // 2
"""The spool is asked again when there are no more than these."""
RESTING = 5_000
"""Deliveries in memory that wait for a time of their own."""
RANKS = {"stat": 0, "normal": 1, "low": 2}
"""Urgencies in the order in which they are sent."""

Place = tuple[int, int]
"""Order among the ready: urgency, then arrival."""


@dataclass(slots=True)
class Trials:
    """What is remembered of a delivery that has failed; nothing is kept of the others."""

    refused: int = 0
    """Answers that asked us to come back later, in a row."""
    broken: int = 0
    """Associations that ended under it, in a row."""
    taken_before: int = 0
    """How many objects the peer had taken when the first of these associations ended."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A page of the backlog that is wanted."""

    limit: int
    after: int


@dataclass(slots=True)
class Window:
    """See the module."""

    cursor: int = 0
    trials: dict[int, Trials] = field(default_factory=dict)
    _ready: list[tuple[Place, Delivery]] = field(default_factory=list)
    _taken: dict[int, Delivery] = field(default_factory=dict)
    _resting: dict[int, Delivery] = field(default_factory=dict)
    _due: list[tuple[float, int]] = field(default_factory=list)
    _known: set[int] = field(default_factory=set)
    _more: bool = True

    @property
    def ready(self) -> int:
        """How many could be sent now."""
        return len(self._ready)

    @property
    def resting(self) -> int:
        """How many wait for a time of their own."""
        return len(self._resting)

    @property
    def taken(self) -> int:
        """How many are under way or being recorded."""
        return len(self._taken)

    @property
    def dry(self) -> bool:
        """Whether nothing is here and the spool had no more when it was asked."""
        return not self._ready and not self._taken and not self._more

    def hint(self) -> None:
        """Note that the spool may have more."""
        self._more = True

    def sweep(self) -> None:
        """Read the backlog from its start again; what is known is passed over."""
        self.cursor = 0
        self._more = True

    def wants(self) -> Ask | None:
        """Say which page of the backlog to bring next, if any."""
        here = len(self._ready) + len(self._taken)
        if not self._more or here > REFILL or len(self._resting) >= RESTING:
            return None
        return Ask(SIZE - here, self.cursor)

    def fill(self, page: Sequence[Delivery], ask: Ask) -> None:
        """Take in a page that was wanted."""
        self._more = len(page) >= ask.limit
        for delivery in page:
            self.cursor = max(self.cursor, delivery.id)
            if delivery.id not in self._known:
                self._known.add(delivery.id)
                self._make_ready(delivery)

    def head(self) -> Delivery | None:
        """Give the one to send next."""
        return self._ready[0][1] if self._ready else None

    def waiting(self) -> Iterable[Delivery]:
        """Give the ready ones in the order in which they would be sent."""
        return (delivery for _, delivery in self._ready)

    def take(self, delivery: Delivery) -> None:
        """Take a ready one out: it is under way, or its outcome is being recorded."""
        place = bisect_left(self._ready, self._place(delivery), key=lambda entry: entry[0])
        del self._ready[place]
        self._taken[delivery.id] = delivery

    def settle(self, number: int) -> None:
        """Forget a taken one: the spool knows that it waits no more."""
        del self._taken[number]
        self._known.discard(number)
        self.trials.pop(number, None)

    def put_back(self, delivery: Delivery, due: float | None = None) -> None:
        """Return a taken one, to the ready, or to rest until a time."""
        del self._taken[delivery.id]
        if due is None:
            self._make_ready(delivery)
        else:
            self._resting[delivery.id] = delivery
            heappush(self._due, (due, delivery.id))

    def wake(self, now: float) -> None:
        """Make ready whose time has come."""
        while self._due and self._due[0][0] <= now:
            self._make_ready(self._resting.pop(heappop(self._due)[1]))

    def wake_all(self) -> None:
        """Make all ready, whatever their time."""
        self.wake(float("inf"))

    def next_due(self) -> float | None:
        """Say when the next resting one is due."""
        return self._due[0][0] if self._due else None

    def trial(self, number: int) -> Trials:
        """Give what is remembered of a delivery, from now on; only for a taken one."""
        return self.trials.setdefault(number, Trials())

    def _place(self, delivery: Delivery) -> Place:
        return RANKS.get(delivery.urgency, RANKS["normal"]), delivery.id

    def _make_ready(self, delivery: Delivery) -> None:
        insort(self._ready, (self._place(delivery), delivery), key=lambda entry: entry[0])
