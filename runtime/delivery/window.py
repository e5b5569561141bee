"""The part of one queue that is in memory, and where each delivery of it stands.

The queue stays on disk, in lanes: deliveries of one urgency that may start in the same ways. Of
each lane that may start now at most `SIZE` deliveries are ready here; at most `RESTING` of the
queue wait for a time of their own; so memory does not depend on the backlog, and a long lane hides
no other. A delivery is in one place at a time:

    spool -> ready -> taken -> (settled: forgotten | put back: ready or resting)
                        resting -> ready when its time has come

A lane is read forwards from its `cursor`. What a reader forwards cannot see (released by a person,
or committed out of order) is found by a sweep from the start, see `sweep`. Which lanes there are is
asked when something arrives: at once when nothing is ready, else at most every `LOOK` seconds.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush

from roteiro.runtime.delivery.batches import Batches
from roteiro.runtime.delivery.meter import Meter
from roteiro.runtime.spool.contract import Delivery, Lane

SIZE = 200
"""Deliveries of a lane in memory that are ready, with those of the queue that are under way."""
SHARED = 2_000
"""The same of a pool whose members take what is theirs: one that is slow hides nobody's."""
RESTING = 5_000
"""Deliveries in memory that wait for a time of their own."""
LOOK = 0.25
"""Seconds between two questions for lanes while there is something to send."""

Open = Callable[[str], bool]
"""Says whether what has this way may start now."""


@dataclass(slots=True)
class Trials:
    """What is remembered of a delivery that has failed; nothing is kept of the others."""

    by: str = ""
    """The node that was tried: what one member of a pool does says nothing of another."""
    refused: int = 0
    """Answers that asked us to come back later, in a row."""
    refused_since: float = 0.0
    """When the first of these came."""
    refused_after: int = 0
    """How many objects the peer had taken then."""
    unread: int = 0
    """How often the disk did not give it."""
    broken: int = 0
    """Associations that ended under it, in a row."""
    broken_after: int = 0
    """How many objects the peer had taken when the first of these associations ended."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A page of a lane that is wanted; without a lane, which lanes there are."""

    to: str
    lane: Lane | None = None
    limit: int = 0
    after: int = 0


@dataclass(slots=True)
class Shelf:
    """One lane."""

    cursor: int = 0
    more: bool = True
    ready: list[Delivery] = field(default_factory=list)
    """In the order of arrival."""


def _number(delivery: Delivery) -> int:
    return delivery.id


@dataclass(slots=True)
class Window:
    """See the module. Times are of the monotonic clock."""

    name: str
    size: int = SIZE
    trials: dict[int, Trials] = field(default_factory=dict)
    shelves: dict[Lane, Shelf] = field(default_factory=dict)
    next_sweep: float = 0.0
    next_look: float = 0.0
    batches: Batches = field(init=False)
    meter: Meter = field(default_factory=Meter)
    """What was delivered of it."""
    last_success: float | None = None
    """Seconds since 1970."""
    _taken: dict[int, Delivery] = field(default_factory=dict)
    _resting: dict[int, Delivery] = field(default_factory=dict)
    _due: list[tuple[float, int]] = field(default_factory=list)
    _known: dict[int, str] = field(default_factory=dict)
    """Ways, as the spool told them last, of all that are here."""
    _unseen: bool = True
    """Whether there may be lanes that are not here."""

    def __post_init__(self) -> None:
        """Begin with no batch."""
        self.batches = Batches(self.name)

    @property
    def ready(self) -> int:
        """How many are here and neither under way nor resting."""
        return sum(len(shelf.ready) for shelf in self.shelves.values())

    @property
    def resting(self) -> int:
        """How many wait for a time of their own."""
        return len(self._resting)

    @property
    def taken(self) -> int:
        """How many are under way or being recorded."""
        return len(self._taken)

    @property
    def unseen(self) -> bool:
        """Whether lanes are to be asked for."""
        return self._unseen

    def dry(self, is_open: Open) -> bool:
        """Whether nothing is here and the spool had no more that may start when it was asked."""
        if self._unseen or self._taken:
            return False
        shelves = (shelf for lane, shelf in self.shelves.items() if is_open(lane.way))
        return not any(shelf.ready or shelf.more for shelf in shelves)

    def hint(self) -> None:
        """Note that the spool may have more."""
        self._unseen = True
        self.batches.hint()
        for shelf in self.shelves.values():
            shelf.more = True

    def read_again(self, way: str) -> None:
        """Read the lanes of a way from their start: a batch came into them, behind the reader."""
        self.hint()
        self.next_look = 0.0
        for lane, shelf in self.shelves.items():
            if lane.way == way:
                shelf.cursor = 0

    def sweep(self) -> None:
        """Read all lanes from their start again; what is known is passed over."""
        self.hint()
        self.next_look = 0.0
        for shelf in self.shelves.values():
            shelf.cursor = 0

    def wants(self, now: float, is_open: Open) -> Ask | None:
        """Say what to bring next, if anything."""
        if self._unseen and (now >= self.next_look or not self.ready):
            return Ask(self.name)
        if len(self._resting) >= RESTING:
            return None
        for lane, shelf in self.shelves.items():
            here = len(shelf.ready) + len(self._taken)
            if shelf.more and here <= self.size // 2 and is_open(lane.way):
                return Ask(self.name, lane, self.size - here, shelf.cursor)
        return None

    def named(self, lanes: Iterable[Lane], now: float) -> None:
        """Learn which lanes there are."""
        self._unseen = False
        self.next_look = now + LOOK
        there = set(lanes)
        self.batches.ways(lane.way for lane in there)
        for lane in [lane for lane, shelf in self.shelves.items() if not shelf.ready]:
            if lane not in there:
                del self.shelves[lane]
        for lane in sorted(there - self.shelves.keys(), key=lambda each: (each.urgency, each.way)):
            self.shelves[lane] = Shelf()

    def fill(self, page: Sequence[Delivery], ask: Ask) -> None:
        """Take in a page that was wanted."""
        assert ask.lane is not None
        shelf = self.shelves.setdefault(ask.lane, Shelf())
        shelf.more = len(page) >= ask.limit
        for delivery in page:
            shelf.cursor = max(shelf.cursor, delivery.id)
            before = self._known.get(delivery.id)
            self._known[delivery.id] = delivery.way
            if before is None:
                self._make_ready(delivery)
            elif before != delivery.way:
                self._move(delivery, before)

    def open_shelves(self, is_open: Open) -> Iterator[tuple[Lane, Shelf]]:
        """Give the lanes that have something ready that may start now."""
        for lane, shelf in self.shelves.items():
            if shelf.ready and is_open(lane.way):
                yield lane, shelf

    def shut(self, is_open: Open) -> list[str]:
        """Give the ways that may not start now, of lanes that are on disk or here."""
        return list({lane.way: None for lane in self.shelves if not is_open(lane.way)})

    def take(self, delivery: Delivery) -> None:
        """Take a ready one out: it is under way, or its outcome is being recorded."""
        ready = self.shelves[lane_of(delivery)].ready
        del ready[bisect_left(ready, delivery.id, key=_number)]
        self._taken[delivery.id] = delivery

    def settle(self, number: int) -> None:
        """Forget a taken one: the spool knows that it waits no more."""
        del self._taken[number]
        self._forget(number)

    def put_back(self, delivery: Delivery, due: float | None = None) -> None:
        """Return a taken one, to the ready, or to rest until a time."""
        del self._taken[delivery.id]
        if due is None:
            self._make_ready(delivery)
        else:
            self._resting[delivery.id] = delivery
            heappush(self._due, (due, delivery.id))

    def withdraw(self, numbers: Iterable[int]) -> None:
        """Forget those that are neither under way nor being recorded: a person decided on them."""
        gone = set(numbers) & self._known.keys() - self._taken.keys()
        for shelf in self.shelves.values():
            shelf.ready = [each for each in shelf.ready if each.id not in gone]
        self._due = [entry for entry in self._due if entry[1] not in gone]
        heapify(self._due)
        for number in gone:
            self._resting.pop(number, None)
            self._forget(number)

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

    def _move(self, delivery: Delivery, before: str) -> None:
        """Put a ready one where it belongs now: its batch has started."""
        shelf = self.shelves.get(Lane(delivery.urgency, before))
        ready = shelf.ready if shelf is not None else []
        place = bisect_left(ready, delivery.id, key=_number)
        if ready[place : place + 1] and ready[place].id == delivery.id:
            del ready[place]
            self._make_ready(delivery)

    def _make_ready(self, delivery: Delivery) -> None:
        way = self._known[delivery.id]
        if way != delivery.way:
            delivery = replace(delivery, way=way)
        shelf = self.shelves.setdefault(lane_of(delivery), Shelf())
        insort(shelf.ready, delivery, key=_number)

    def _forget(self, number: int) -> None:
        self._known.pop(number, None)
        self.trials.pop(number, None)


def lane_of(delivery: Delivery) -> Lane:
    """Give the lane that a delivery belongs to."""
    return Lane(delivery.urgency, delivery.way)
