"""All that one node is to be sent: its own queue, and those of the pools that it is a member of.

Which delivery is next: of those that may start now, and that this node may take, the one of the
urgency whose turn it is that arrived first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from roteiro.runtime.delivery.batches import AskGathered, Whole
from roteiro.runtime.delivery.hours import ALWAYS, Hours
from roteiro.runtime.delivery.pool import Pool
from roteiro.runtime.delivery.status import Shut
from roteiro.runtime.delivery.turns import Turns, rank
from roteiro.runtime.delivery.window import Ask, Shelf, Trials, Window
from roteiro.runtime.spool.contract import Delivery, Gathering, Lane
from roteiro.runtime.spool.ways import AT_ONCE, is_started, releases_of, started
from roteiro.runtime.world import Clock

SWEEP = 60.0
"""Seconds between two readings of a whole queue when there seems to be nothing."""

Asked = Callable[[Delivery], bool]


@dataclass(frozen=True, slots=True)
class Queue:
    """What is owed under one name."""

    window: Window
    pool: Pool | None = None
    """None for the node's own."""


@dataclass(slots=True)
class Backlog:
    """See the module."""

    node: str
    clock: Clock
    queues: Sequence[Queue]
    """The node's own first."""
    hours: Hours = ALWAYS
    _turns: Turns = field(default_factory=Turns)
    _from: dict[int, Window] = field(default_factory=dict)
    """The windows from which deliveries were taken."""
    _offered: frozenset[str] = frozenset()
    """The urgencies that could be sent when it was last asked what is next."""
    _open: dict[str, bool] = field(default_factory=dict)

    # --- what comes in ---------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the clocks: what is resting, what may start, whether to sweep."""
        now = self.clock.monotonic()
        self._open.clear()
        for window in self._windows():
            window.wake(now)
            if window.dry(self.is_open) and now >= window.next_sweep:
                window.next_sweep = now + SWEEP
                window.sweep()

    def is_open(self, way: str) -> bool:
        """Say whether what has this way may start, as of the last `look`."""
        if way == AT_ONCE or is_started(way):
            return True
        if way not in self._open:
            self._open[way] = self.hours.allow(releases_of(way), self.clock.now())
        return self._open[way]

    @property
    def shared(self) -> bool:
        """Whether others take of the same queues."""
        return len(self.queues) > 1

    def hint(self) -> None:
        """Note that there may be more in any queue."""
        for window in self._windows():
            window.hint()

    def wants(self) -> Ask | AskGathered | None:
        """Say what to bring next, if anything."""
        now = self.clock.monotonic()
        for window in self._windows():
            ask = window.wants(now, self.is_open) or window.batches.wants(
                now, self.clock.now(), self.hours
            )
            if ask is not None:
                return ask
        return None

    def gathered(self, found: Iterable[Gathering], ask: AskGathered) -> list[Whole]:
        """Learn what was gathered of a queue, and give the batches that may start."""
        batches, now = self._window(ask.to).batches, self.clock.monotonic()
        batches.learn(ask, found, now, self.clock.now())
        return batches.whole(now, self.clock.now(), self.hours)

    def started(self, whole: Whole) -> None:
        """Note that it is on record that a batch may start."""
        for window in self._windows():
            if window.name == whole.to:
                window.batches.started(whole)
                window.read_again(started(whole.way))

    def unstarted(self, whole: Whole) -> None:
        """Note that this could not be written."""
        for window in self._windows():
            if window.name == whole.to:
                window.batches.failed(whole)

    def named(self, lanes: Iterable[Lane], ask: Ask) -> None:
        """Learn which lanes a queue has."""
        self._window(ask.to).named(lanes, self.clock.monotonic())

    def fill(self, page: Sequence[Delivery], ask: Ask) -> None:
        """Take in a page."""
        window = self._window(ask.to)
        window.fill(page, ask)
        if page:
            window.next_sweep = self.clock.monotonic() + SWEEP

    # --- what goes out ---------------------------------------------------------------------------

    def next(self, calm: Asked | None = None) -> Delivery | None:
        """Give the delivery that is next, of those that `calm` takes."""
        heads = self._heads(calm)
        self._offered = frozenset(heads)
        order = self._turns.order(heads)
        return heads[order[0]] if order else None

    def waiting(self) -> Iterator[Delivery]:
        """Give what could be sent now, roughly in the order in which it would be."""
        for queue in self.queues:
            shelves = queue.window.open_shelves(self.is_open)
            for _, shelf in sorted(shelves, key=lambda each: rank(each[0].urgency)):
                yield from self._takeable(queue, shelf)

    def ready(self, most: int) -> int:
        """Count what could be sent now, up to a number."""
        return sum(1 for _ in islice(self.waiting(), most))

    def take(self, delivery: Delivery) -> None:
        """Take one out: it is under way, or its outcome is being recorded."""
        queue = self._queue(delivery.to)
        queue.window.take(delivery)
        self._from[delivery.id] = queue.window

    def begin(self, delivery: Delivery) -> None:
        """Take out to send it what `next` gave."""
        self._turns.took(delivery.urgency, self._offered)
        self.take(delivery)
        pool = self._queue(delivery.to).pool
        if pool is not None:
            pool.took(self.node, delivery)

    def settle(self, number: int) -> None:
        """Forget a taken one: the spool knows that it waits no more."""
        self._from.pop(number).settle(number)

    def delivered(self, number: int) -> None:
        """Count a taken one as delivered."""
        window = self._from[number]
        window.meter.add(self.clock.monotonic())
        window.last_success = self.clock.now()

    def put_back(self, delivery: Delivery, due: float | None = None) -> None:
        """Return a taken one, to be sent when it is its turn, or after a time."""
        self._from.pop(delivery.id).put_back(delivery, due)

    def trial(self, number: int) -> Trials:
        """Give what is remembered of a taken delivery at this node, from now on."""
        window = self._from[number]
        if window.trial(number).by != self.node:
            window.trials[number] = Trials(by=self.node)
        return window.trial(number)

    def tried(self, delivery: Delivery) -> Trials | None:
        """Give what is remembered of a delivery at this node, if anything."""
        trials = self._queue(delivery.to).window.trials.get(delivery.id)
        return trials if trials is not None and trials.by == self.node else None

    def only_here(self, delivery: Delivery) -> bool:
        """Say whether a taken delivery can go by no other node now."""
        window = self._from[delivery.id]
        pools = (queue.pool for queue in self.queues if queue.window is window)
        return not any(pool is not None and pool.spare(self.node) for pool in pools)

    def own(self) -> Iterator[Delivery]:
        """Give what is ready and cannot go by another node."""
        for queue in self.queues:
            if queue.pool is None or queue.pool.hopeless:
                for _, shelf in queue.window.open_shelves(self.is_open):
                    yield from shelf.ready

    # --- time ------------------------------------------------------------------------------------

    def wake_all(self) -> None:
        """Have everything tried, and read again, whatever its time."""
        for window in self._windows():
            window.wake_all()
            window.sweep()

    def times(self) -> Iterator[float]:
        """Give when something becomes due, by the monotonic clock."""
        now = self.clock.monotonic()
        for window in self._windows():
            if (due := window.next_due()) is not None:
                yield due
            if window.dry(self.is_open):
                yield window.next_sweep
            elif window.unseen:
                yield max(window.next_look, now)
            yield from window.batches.times(now, self.clock.now(), self.hours)
            for way in window.shut(self.is_open):
                if any(each.batch is None for each in releases_of(way)):
                    yield now + self.hours.look_again(releases_of(way), self.clock.now())

    def shut(self, name: str) -> tuple[Shut, ...]:
        """Give the schedules without which something of a queue may not start."""
        now = self.clock.now()
        self._open.clear()
        ways = self._window(name).shut(self.is_open)
        names = {way.during for text in ways for way in releases_of(text) if way.during}
        waits = {each: self.hours.opens(each, now) for each in sorted(names)}
        return tuple(Shut(each, None if w is None else now + w) for each, w in waits.items())

    def _heads(self, calm: Asked | None) -> dict[str, Delivery]:
        """Give the first of each urgency that could be sent now."""
        heads: dict[str, Delivery] = {}
        for queue in self.queues:
            for lane, shelf in queue.window.open_shelves(self.is_open):
                found = self._first(queue, shelf, calm)
                known = heads.get(lane.urgency)
                if found is not None and (known is None or found.id < known.id):
                    heads[lane.urgency] = found
        return heads

    def _first(self, queue: Queue, shelf: Shelf, calm: Asked | None) -> Delivery | None:
        takeable = self._takeable(queue, shelf)
        return next((each for each in takeable if calm is None or calm(each)), None)

    def _takeable(self, queue: Queue, shelf: Shelf) -> Iterator[Delivery]:
        pool = queue.pool
        if pool is None:
            return iter(shelf.ready)
        return (each for each in shelf.ready if pool.may(self.node, each))

    def _windows(self) -> Iterator[Window]:
        return (queue.window for queue in self.queues)

    def _queue(self, name: str) -> Queue:
        return next(queue for queue in self.queues if queue.window.name == name)

    def _window(self, name: str) -> Window:
        return self._queue(name).window
