"""The interface of a spool: what an implementation promises and what callers may rely on.

The promise (`commit`): when it returns, the data set as received, its envelope and what is owed are
on stable storage together with all that is needed to find them after a power cut, and every sync
that this needs has returned success; only then may `0x0000` be answered. When it raises `OSError`
nothing is promised: the answer is `A700`, and the same descriptor is never synced again.

Deliveries then live in one of the states of `DeliveryState`. Bytes go away only when no delivery of
the object is waiting or held and nothing holds the object itself. Every implementation passes the
same contract test.

All methods are called from the loop's thread. Those that are `async` do their blocking work
elsewhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from roteiro.core.program import Decision, Envelope
from roteiro.runtime.world import Buffer


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept beside the data set: who sent it, when, what was decided by which rules."""

    envelope: Envelope
    decision: Decision
    rule_set: str
    received: float
    """Seconds since 1970, UTC."""
    study: str = ""
    """Study Instance UID of the data set as received; empty when absent or damaged."""
    series: str = ""
    """Series Instance UID, likewise."""


class DeliveryState(Enum):
    """Where a delivery stands; `sending` is not here, it does not outlive the process."""

    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    DISCARDED = "discarded"
    """A person decided that it is owed no more."""
    REPEATED = "repeated"
    """Never owed: another object with the same bytes has it, or was delivered just before."""

    @property
    def open(self) -> bool:
        """Whether something is still owed."""
        return self in {DeliveryState.WAITING, DeliveryState.HELD}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One object owed to one destination."""

    id: int
    """Grows in the order of arrival; unique in this spool."""
    object: str
    to: str
    rule: str
    urgency: str
    state: DeliveryState
    queued: float
    attempts: int
    reason: str
    """Of the last failed attempt, or why it is held; empty when there is none."""
    sop_class: str
    sop_instance: str
    transfer_syntax: str
    size: int
    study: str = ""
    series: str = ""
    way: str = ""
    """How it may start (`ways`); empty when at once."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Deliveries of one urgency to one destination that may start in the same ways."""

    urgency: str
    way: str = ""


@dataclass(frozen=True, slots=True)
class HeldObject:
    """An object that a guard, a table or `unrouted` holds in a queue."""

    object: str
    queue: str
    reason: str
    since: float
    sop_class: str
    sop_instance: str
    size: int
    study: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the spool had of an instance already when an object of it came in."""

    same: str = ""
    """An object with the same bytes that has all that this one would be owed."""
    differs: str = ""
    """The latest object of the same SOP Instance UID with other bytes."""
    late: tuple[tuple[str, int], ...] = ()
    """Destinations, and the numbers of its deliveries to them, that are held because its batch was
    released before it came."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person does: who, when, and why."""

    by: str
    """The user of the machine, such as `uid 1000`."""
    at: float
    """Seconds since 1970, UTC."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was tried or done: an attempt that failed, a hold, an act of a person."""

    at: float
    what: str
    """`failed`, `held`, or the verb of a person: `hold`, `retry`, `discard`, `release`."""
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class LifeOfDelivery:
    """All that is known of one delivery."""

    id: int
    to: str
    chain: str
    rule: str
    urgency: str
    state: DeliveryState
    queued: float
    changed: float
    attempts: int
    """Those that failed."""
    reason: str
    by: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """All that is known of one object that was acknowledged."""

    object: str
    bytes_here: bool
    """Whether its data set is in the spool."""
    lost: bool
    """Whether it should be there and its file is missing or damaged."""
    sop_class: str
    sop_instance: str
    transfer_syntax: str
    study: str
    series: str
    size: int
    digest: str
    received: float
    calling_ae: str
    peer: str
    rule_set: str
    rules: tuple[str, ...]
    fate: str
    """`routed`, `held`, `dropped`, `nothing`."""
    reason: str
    """Why it was dropped, or why nothing is intended."""
    repeats: str
    """An object with the same bytes that has all that this one would be owed, or empty."""
    differs: str
    """An object of the same instance with other bytes that was there before, or empty."""
    deliveries: tuple[LifeOfDelivery, ...]
    holds: tuple[HeldObject, ...]
    steps: tuple[Step, ...]
    """What was done to the object itself."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of objects or deliveries and their bytes."""

    number: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What one source sent: acknowledged = routed + held + dropped + nothing."""

    name: str
    """Its AE title."""
    acknowledged: Count
    routed: Count
    held: Count
    dropped: Count
    nothing: Count
    repeated: Count
    """Of all these: those that came with the same bytes again."""


@dataclass(frozen=True, slots=True)
class DestinationCounts:
    """What one destination is owed: owed = done + waiting + sending + held + discarded."""

    name: str
    owed: Count
    waiting: Count
    sending: Count
    """Those that are under way now."""
    held: Count
    done: Count
    discarded: Count
    reasons: tuple[tuple[str, Count], ...]
    """Of the discarded: by the reasons that were given."""
    repeated: Count
    """Never owed, because the same bytes were."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts at one instant, and what does not add up."""

    since: float
    """Counts and history go back to here."""
    rebuilt: bool
    """Whether there was an index before that was lost, with its counts and its history."""
    sources: tuple[SourceCounts, ...]
    destinations: tuple[DestinationCounts, ...]
    wrong: tuple["Imbalance", ...]


@dataclass(frozen=True, slots=True)
class Imbalance:
    """Two numbers that should be the same."""

    what: str
    """Which equation, as a key of `ledger_*` texts."""
    name: str
    """Of which source or destination, if of one."""
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Gathering:
    """What waits for one destination, in one way, of one series: for batches."""

    study: str
    series: str
    waiting: int
    first: float
    """When the first of them arrived, seconds since 1970."""
    last: float
    latest: int
    """The highest number of them."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is owed to one destination, or held in one queue."""

    waiting: int
    held: int
    done: int
    oldest: float | None
    """When the oldest waiting one was queued."""
    waiting_bytes: int
    discarded: int = 0
    oldest_held: float | None = None
    """When the oldest held one was queued."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found at start."""

    objects: int
    adopted: int
    """Whole, but not in the index: put into it (`adopted` includes all after an index was lost)."""
    removed: int
    """Never acknowledged: unfinished files."""
    damaged: int
    """Set aside: their check did not hold."""
    rebuilt: bool
    """The index was missing or broken and was made again from the files."""
    missing: int = 0
    """In the index, but the file is gone: reported, their deliveries held for a person."""
    later: bool = False
    """Whether the spool is so large that most of its files are looked at while it is in use."""


Entered = Callable[[str, Meeting], None]
"""Told the id of an object that questions know of now, and what there was of its instance."""


def ignore(_name: str, _meeting: Meeting) -> None:
    """Do nothing when an object is entered."""


class Slot(Protocol):
    """A place for one object that is arriving. Nothing is promised before `commit` returns."""

    @property
    def size(self) -> int:
        """Bytes of the data set so far."""

    def write(self, data: Buffer) -> None:
        """Append bytes of the data set; `OSError` when the disk says no."""

    def view(self) -> AbstractContextManager[memoryview]:
        """Give the data set so far to read, before `commit`; `OSError` when the disk says no."""

    async def commit(self, record: Record, entered: Entered = ignore) -> str:
        """Keep the object and what is owed; give its id. See the promise above.

        Questions know of it once `entered` was called, which may be later, and, when the index
        takes nothing more, after the next start.

        For a decision that keeps no pixels (`drop`, or only `nothing`) the data set is let go and a
        ledger entry with its digest stays.
        """

    @property
    def digest(self) -> str:
        """SHA-256 of the data set so far, hexadecimal."""

    def abort(self) -> None:
        """Leave no trace; safe to call after a failed write or commit, and twice."""


class StoredObject(Protocol):
    """A data set that is being read for delivery."""

    @property
    def record(self) -> Record:
        """What was kept beside it."""

    @property
    def size(self) -> int:
        """Bytes of the data set."""

    async def read(self, offset: int, count: int) -> bytes:
        """Read a piece; fewer bytes only at the end. Pieces in order feed the digest."""

    def intact(self) -> bool:
        """Say whether all bytes, read in order from the start, had the digest that was kept."""

    def close(self) -> None:
        """Let go of it."""


class Spool(Protocol):
    """Objects on stable storage and what is owed of them."""

    async def recover(self) -> Recovery:
        """Bring files and index in step; to be called once, before anything else."""

    def begin(self) -> Slot:
        """Make room for an object that arrives; `OSError` when the disk says no."""

    async def settled(self) -> None:
        """Wait until questions know of all that was kept, or the disk does not let them."""

    def lanes(self, to: str) -> Sequence[Lane]:
        """Give the lanes in which something waits for a destination."""

    def owed(
        self, to: str, limit: int, *, after: int = 0, lane: Lane | None = None
    ) -> Sequence[Delivery]:
        """Give waiting deliveries of a destination in the order of arrival, ids above `after`.

        Of one lane, or of all.
        """

    async def open(self, object_id: str) -> StoredObject:
        """Open an object for delivery; `OSError` or `Damaged` when it cannot be trusted."""

    async def done(self, delivery: int, note: str) -> None:
        """Record that the destination has it; `note` is the status it gave."""

    async def failed(self, delivery: int, reason: str) -> None:
        """Record an attempt that failed; the delivery goes on waiting."""

    async def hold(self, delivery: int, reason: str) -> None:
        """Stop a delivery until a person decides."""

    def destinations(self) -> dict[str, Backlog]:
        """Give the backlog of every destination that ever was owed something and still shows."""

    def queues(self) -> dict[str, int]:
        """Give the number of objects held in each queue."""

    def gatherings(self, to: str, way: str) -> Sequence[Gathering]:
        """Give what waits for a destination in one way, by series."""

    async def start_batch(
        self, to: str, way: str, *, study: str, series: str | None, last: int
    ) -> None:
        """Record that what waits of a study, or series, up to a number may start now.

        From then on its way is `ways.started(way)`. It does not outlive the index: what waits then
        is gathered again.
        """

    async def stop(self, deliveries: Sequence[int], act: Act) -> Sequence[int]:
        """Hold deliveries that wait, and give which it were.

        When it returns that is on stable storage, in the objects' files too, as with the other acts
        of persons; `OSError` when that cannot be had.
        """

    async def resume(self, deliveries: Sequence[int], act: Act) -> Sequence[int]:
        """Have held deliveries tried again."""

    async def discard(self, deliveries: Sequence[int], act: Act) -> Sequence[int]:
        """Owe deliveries no more; bytes go when nothing else is owed."""

    async def rule(
        self, decided: Mapping[str, Decision], rule_set: str, act: Act, *, again: bool = False
    ) -> Sequence[str]:
        """Put decisions in the place of all that holds objects, and add what they send.

        What an object is owed already is not added, nor what it was owed and is done, unless
        `again`. Gives the objects of which that is so: not those that have no bytes here any more.
        """

    def sent(self, sop_instance: str, digest: str, to: str) -> bool:
        """Say whether a node was sent, or is owed, these bytes of an instance as they came."""

    def stopped(self, delivery: int) -> str | None:
        """Say why a delivery must not be begun, although it was owed when it was read."""

    def delivery(self, number: int) -> Delivery | None:
        """Give one delivery, if it is known."""

    def of_study(self, study: str) -> Sequence[Delivery]:
        """Give all deliveries of a study that are waiting or held."""

    def of_object(self, object_id: str) -> Sequence[Delivery]:
        """Give all deliveries of an object."""

    def held_of_study(self, study: str) -> Sequence[HeldObject]:
        """Give what queues hold of a study."""

    def held_of_object(self, object_id: str) -> Sequence[HeldObject]:
        """Give the queues that hold an object."""

    def queue_ages(self) -> dict[str, float]:
        """Give when the oldest object of each queue was put there."""

    def lives(self, uid: str, limit: int = 1000) -> Sequence[Life]:
        """Give what is known of a study, series, instance or object, in the order of arrival."""

    async def ledger(self, sending: Iterable[int] = ()) -> Ledger:
        """Count, in one view of everything, and say what does not add up.

        `sending` are the deliveries that are under way now.
        """

    def since(self) -> tuple[float, bool]:
        """Say since when there are counts and history, and whether older ones are lost."""

    def deliveries(
        self, *, to: str | None = None, state: DeliveryState | None = None, limit: int = 1000
    ) -> Sequence[Delivery]:
        """List deliveries, oldest first; without a state those of which something is owed."""

    def held(self, *, queue: str | None = None, limit: int = 1000) -> Sequence[HeldObject]:
        """List held objects, oldest first."""

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""


class Damaged(Exception):  # noqa: N818  it is a state of the object
    """A stored object does not pass its own check; it was set aside."""


class SpoolBusy(Exception):  # noqa: N818  it is a state of the spool
    """Another process has this spool."""


class SpoolForeign(Exception):  # noqa: N818  it is a state of the spool
    """The spool has files of a format that this version does not know; the text names it.

    Starting would mean to leave acknowledged objects behind, so `recover` refuses.
    """
