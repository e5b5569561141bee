"""What happens in the router, as values. Logs, status and tests read these and nothing else.

Rules of this file:
- An event carries facts, never a finished text: `KEY` names its text in the catalogue
  (`en.runtime.toml`), whose placeholders are the event's fields.
- No patient data: UIDs, AE titles, addresses, sizes and names from rule files, no element values.
- What a peer chose (AE titles, UIDs) is kept as it came; whoever shows it escapes it.
- `TOPIC` names the fields that make two events "the same again" for whoever limits repetition.

Whoever makes events is given one function that takes them: `Notify`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Level(Enum):
    """How much an event weighs in a log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; the base of all."""

    KEY: ClassVar[str]
    LEVEL: ClassVar[Level] = Level.INFO
    TOPIC: ClassVar[tuple[str, ...]] = ()


Notify = Callable[[Event], None]


# --- the router ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The router accepts associations."""

    KEY = "started"

    listeners: str
    """`name address:port`, separated by commas."""
    rule_set: str
    nodes: int


@dataclass(frozen=True, slots=True)
class FewFiles(Event):
    """The system lets this process open so few files that fewer associations are accepted."""

    KEY = "few_files"
    LEVEL = Level.WARNING

    files: int
    connections: int
    usual: int


@dataclass(frozen=True, slots=True)
class Stopping(Event):
    """The router was asked to end."""

    KEY = "stopping"

    associations: int
    in_flight: int
    seconds: float
    """What they get to finish."""


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The router has ended; what waits is in the spool."""

    KEY = "stopped"

    waiting: int


@dataclass(frozen=True, slots=True)
class Reloaded(Event):
    """Other rules are in force."""

    KEY = "reloaded"
    TOPIC = ("rule_set",)

    rule_set: str
    before: str
    """The rule set that was in force; the same when the text is the same."""
    seconds: float


@dataclass(frozen=True, slots=True)
class ReloadRefused(Event):
    """The rules were read again and cannot be used: those of before stay."""

    KEY = "reload_refused"
    LEVEL = Level.ERROR
    TOPIC = ("reason",)

    reason: str
    rule_set: str
    """The one that stays."""


@dataclass(frozen=True, slots=True)
class RuleError(Event):
    """An error in the rules that were to be put in force."""

    KEY = "rule_error"
    LEVEL = Level.ERROR
    TOPIC = ("code", "file", "line", "column")

    code: str
    file: str
    line: int
    column: int
    what: str


@dataclass(frozen=True, slots=True)
class NameUnresolved(Event):
    """A node's host name has no address now; those that were known before still count."""

    KEY = "name_unresolved"
    LEVEL = Level.WARNING
    TOPIC = ("host",)

    host: str


@dataclass(frozen=True, slots=True)
class Fault(Event):
    """Something raised that must not: our own fault, and what it was about."""

    KEY = "fault"
    LEVEL = Level.ERROR
    TOPIC = ("where", "error")

    where: str
    error: str
    """The kind of error; never its text, which may quote data."""


# --- the spool ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpoolRecovered(Event):
    """Files and index are in step again; see `Recovery`."""

    KEY = "spool_recovered"

    objects: int
    adopted: int
    removed: int
    damaged: int
    missing: int
    rebuilt: bool
    later: bool
    """Whether most of its files are looked at from now on; `SpoolSwept` comes at the end."""


@dataclass(frozen=True, slots=True)
class SpoolSwept(Event):
    """All files of a large spool were held against its index, after the start."""

    KEY = "spool_swept"

    adopted: int
    damaged: int
    missing: int
    foreign: int
    """Of a version that this program does not know: they stay where they are."""


@dataclass(frozen=True, slots=True)
class IndexUnsound(Event):
    """The index of a large spool does not pass its check: it is made again at the next start."""

    KEY = "index_unsound"
    LEVEL = Level.ERROR


@dataclass(frozen=True, slots=True)
class DiskTrouble(Event):
    """The disk said no."""

    KEY = "disk_trouble"
    LEVEL = Level.ERROR
    TOPIC = ("doing",)

    doing: str
    reason: str


@dataclass(frozen=True, slots=True)
class DiskOpen(Event):
    """There is room again on the disk of the spool: everything goes on."""

    KEY = "disk_open"

    free: int
    """MiB, as in all events of the disk."""


@dataclass(frozen=True, slots=True)
class DiskTight(Event):
    """There is little room: no new associations."""

    KEY = "disk_tight"
    LEVEL = Level.WARNING
    TOPIC = ("cause",)

    free: int
    cause: str


@dataclass(frozen=True, slots=True)
class DiskFull(Event):
    """The reserve is reached: no new objects."""

    KEY = "disk_full"
    LEVEL = Level.ERROR
    TOPIC = ("cause",)

    free: int
    cause: str


@dataclass(frozen=True, slots=True)
class DiskStuck(Event):
    """Nothing can be recorded: no new objects, and nothing is sent."""

    KEY = "disk_stuck"
    LEVEL = Level.ERROR
    TOPIC = ("cause",)

    free: int
    cause: str


@dataclass(frozen=True, slots=True)
class ObjectDamaged(Event):
    """A stored object does not pass its own check and will not be sent."""

    KEY = "object_damaged"
    LEVEL = Level.ERROR

    object: str
    to: str
    sop_instance: str


# --- associations of callers --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AssociationOpened(Event):
    """A caller was let in."""

    KEY = "association_opened"
    LEVEL = Level.DEBUG
    TOPIC = ("node", "calling_ae", "address")

    listener: str
    node: str
    """Empty for an unknown caller that the listener accepts."""
    calling_ae: str
    called_ae: str
    address: str


@dataclass(frozen=True, slots=True)
class AssociationClosed(Event):
    """A caller's association has ended."""

    KEY = "association_closed"
    TOPIC = ("node", "calling_ae", "address")

    listener: str
    node: str
    calling_ae: str
    address: str
    how: str
    """`released`, `aborted by the peer`, `timed out while ...`: in the log's words."""
    stored: int
    seconds: float


@dataclass(frozen=True, slots=True)
class AssociationRejected(Event):
    """A caller was turned away with an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""

    KEY = "association_rejected"
    LEVEL = Level.WARNING
    TOPIC = ("listener", "calling_ae", "called_ae", "address", "reason")

    listener: str
    calling_ae: str
    called_ae: str
    address: str
    result: int
    source: int
    reason: int
    why: str
    add: str
    """What to write into the rule file so that it is let in; empty when nothing helps."""


@dataclass(frozen=True, slots=True)
class ConnectionDropped(Event):
    """A connection ended before it was an association: no DICOM, too slow, too many."""

    KEY = "connection_dropped"
    LEVEL = Level.WARNING
    TOPIC = ("listener", "address", "why")

    listener: str
    address: str
    why: str


# --- objects that arrive ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObjectStored(Event):
    """An object and what is owed of it are on stable storage."""

    KEY = "object_stored"
    TOPIC = ("calling_ae", "address")

    object: str
    sop_class: str
    sop_instance: str
    size: int
    calling_ae: str
    address: str
    sends: str
    """Names of the destinations, separated by commas; `nothing` when none."""
    rules: str


@dataclass(frozen=True, slots=True)
class ObjectHeld(Event):
    """An object was kept in a queue until a person decides."""

    KEY = "object_held"
    LEVEL = Level.WARNING
    TOPIC = ("queue", "calling_ae", "reason")

    object: str
    sop_instance: str
    calling_ae: str
    queue: str
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectRepeated(Event):
    """The same bytes of an instance came again: nothing new is owed."""

    KEY = "object_repeated"
    TOPIC = ("calling_ae",)

    object: str
    sop_instance: str
    calling_ae: str
    same: str
    """The object that has all that this one would be owed."""


@dataclass(frozen=True, slots=True)
class ObjectDiffers(Event):
    """Other bytes of a known instance came: both are kept, and this one is treated as any other."""

    KEY = "object_differs"
    LEVEL = Level.WARNING
    TOPIC = ("calling_ae",)

    object: str
    sop_instance: str
    calling_ae: str
    differs: str
    """The latest object of this instance with other bytes."""


@dataclass(frozen=True, slots=True)
class Acted(Event):
    """A person changed what is owed."""

    KEY = "acted"

    verb: str
    deliveries: int
    objects: int
    by: str


@dataclass(frozen=True, slots=True)
class ObjectDropped(Event):
    """A guard dropped an object: acknowledged, in the ledger, not kept."""

    KEY = "object_dropped"
    TOPIC = ("calling_ae", "rule")

    sop_instance: str
    calling_ae: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectRefused(Event):
    """A C-STORE was answered with a failure."""

    KEY = "object_refused"
    LEVEL = Level.WARNING
    TOPIC = ("calling_ae", "address", "status", "reason")

    sop_instance: str
    calling_ae: str
    address: str
    status: int
    reason: str


# --- deliveries ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeliveryDone(Event):
    """A destination has an object, and that is on record."""

    KEY = "delivery_done"
    TOPIC = ("to",)

    to: str
    delivery: int
    sop_instance: str
    status: int
    attempts: int
    """With this one."""


@dataclass(frozen=True, slots=True)
class DeliveryWarned(Event):
    """As `DeliveryDone`, but the destination answered with a warning."""

    KEY = "delivery_warned"
    LEVEL = Level.WARNING
    TOPIC = ("to", "status")

    to: str
    delivery: int
    sop_instance: str
    status: int
    meaning: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Event):
    """An attempt to send one object failed; it goes on waiting."""

    KEY = "delivery_failed"
    LEVEL = Level.WARNING
    TOPIC = ("to", "reason")

    to: str
    delivery: int
    sop_instance: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeliveryHeld(Event):
    """A delivery waits for a person."""

    KEY = "delivery_held"
    LEVEL = Level.WARNING
    TOPIC = ("to", "reason")

    to: str
    delivery: int
    sop_instance: str
    reason: str


@dataclass(frozen=True, slots=True)
class DestinationWaiting(Event):
    """A destination is left alone until the next attempt."""

    KEY = "destination_waiting"
    LEVEL = Level.WARNING
    TOPIC = ("to",)

    to: str
    reason: str
    failures: int
    """Attempts that failed in a row."""
    retry_in: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class DestinationRecovered(Event):
    """A destination answers again."""

    KEY = "destination_recovered"
    TOPIC = ("to",)

    to: str
    failures: int
    seconds: float
    """Since the first failure."""


@dataclass(frozen=True, slots=True)
class DestinationUnknown(Event):
    """Deliveries wait for a name that the rules do not have as a node with a port."""

    KEY = "destination_unknown"
    LEVEL = Level.WARNING
    TOPIC = ("to",)

    to: str
    waiting: int
