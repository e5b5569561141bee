"""The contract between the language and the engine: programs, envelopes, decisions.

Everything here is plain frozen data. A `Program` is complete: an engine needs nothing else to
decide an object, and nothing here knows where a rule stood in a file. `lang` makes programs and
compares decisions; `core` runs programs; no other module of `core` is visible from `lang`.

Meaning (the paper's terms): every element has one `State`; V is the sequence of its non-empty
values when it is valued, else nothing. `Some(f, m)` holds when some v in V matches m, `Every(f, m)`
when the element is valued and all of V match, `InState(f, s)` when the state is one of s,
`SomeItem` and `EveryItem` ask the items of a sequence. Every other predicate of the language is one
of these or a negation of one.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag

FORMAT = 2
"""Version of this contract; an engine refuses a program of another version."""

VALUE_LIMIT = 64 * 1024
"""Bytes of a tested value; above it the reading ends (not for a sequence's own length)."""
DEPTH_LIMIT = 32
"""Nesting of sequences that a reader follows."""
ELEMENT_LIMIT = 20_000
"""Elements that a reader passes, items and nested elements included."""
INFLATE_LIMIT = 16 * 1024 * 1024
"""Bytes that a deflated data set may inflate to."""


class Encoding(IntEnum):
    """How a data set is encoded (PS3.5 10 and annex A)."""

    IMPLICIT_LITTLE = 0
    EXPLICIT_LITTLE = 1
    EXPLICIT_BIG = 2
    DEFLATED = 3  # raw deflate over explicit little endian (PS3.5 A.5)


SPECIAL_ENCODINGS = {
    "1.2.840.10008.1.2": Encoding.IMPLICIT_LITTLE,
    "1.2.840.10008.1.2.2": Encoding.EXPLICIT_BIG,
    "1.2.840.10008.1.2.1.99": Encoding.DEFLATED,
    "1.2.840.10008.1.2.4.95": Encoding.DEFLATED,  # JPIP Referenced Deflate
    "1.2.840.10008.1.2.4.205": Encoding.DEFLATED,  # JPIP HTJ2K Referenced Deflate
}


def encoding_of(transfer_syntax: str) -> Encoding:
    """Give the encoding of a transfer syntax that the dictionary knows (PS3.5 A.4: explicit)."""
    return SPECIAL_ENCODINGS.get(transfer_syntax, Encoding.EXPLICIT_LITTLE)


class State(IntFlag):
    """The state of an element; a looked-up element has exactly one."""

    ABSENT = 1
    EMPTY = 2
    INVALID = 4
    VALUED = 8


BLANK = State.ABSENT | State.EMPTY


class ValueType(Enum):
    """What the values of a field are, and so what may be asked of them."""

    TEXT = "text"  # str, normalised to NFC
    UID = "uid"  # str of digits and dots
    DECIMAL = "decimal"  # Decimal, exact
    DATE = "date"  # int yyyymmdd
    TIME = "time"  # int microseconds since midnight
    ADDRESS = "address"  # int, IPv6; IPv4 as ::ffff:a.b.c.d
    INSTANT = "instant"  # int microseconds since 1970-01-01T00:00Z
    AGE = "age"  # int sixteenths of a day, exact: a month is 365.25 / 12 days (2c)
    NAME = "name"  # str, a person name: groups by "=", components by "^", trailing empty ones cut
    TAG = "tag"  # int (group << 16) | element
    SEQUENCE = "sequence"  # items; only `SomeItem`, `EveryItem` and states are asked
    STATE_ONLY = "state"  # nothing is asked but the state


Scalar = str | int | Decimal


class Source(Enum):
    """Where a field is read."""

    ELEMENT = "element"
    ENVELOPE = "envelope"
    CLOCK = "clock"
    """`clock.local`: DECIMAL, microseconds since Monday 00:00 in the program's zone, always valued
    when the instant is known."""


class View(Enum):
    """What is made of an element's values before they are compared."""

    VALUES = "values"
    COUNT = "count"
    """`count(A)`: one DECIMAL, always valued: values (of an invalid element those after splitting,
    of bulk 1), items of a sequence, 0 when absent or empty (2c, 2e)."""
    DAYS_SINCE = "days since"
    """`days since A`, A a DA: DECIMAL whole days from each day to the local day of the instant;
    the state is A's; absent when the instant is not known."""


@dataclass(frozen=True, slots=True)
class Step:
    """`S[k].` before an attribute: the k-th item, from 1, of a sequence; absent when fewer."""

    tag: int
    item: int
    creator: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that tests read: an element, a member of the envelope, or the clock.

    An element is one of the data set in scope: the whole object's, or inside `has (...)` the
    item's. Members of the envelope and the clock are the same in every scope.
    """

    source: Source
    type: ValueType
    tag: int = 0
    """(group << 16) | element, for `Source.ELEMENT`."""
    vr: str = ""
    """The dictionary's VR, `US or SS` and its like included, for `Source.ELEMENT`."""
    name: str = ""
    """The attribute's name of `Envelope`, for `Source.ENVELOPE`; else the keyword, for traces."""
    creator: str = ""
    """The private creator. `tag` is then (group << 16) | low byte: the block is found by the
    creator, the lowest that holds the element; `vr` is what UN and implicit VR decode as (2f.0)."""
    repeating: bool = False
    """`tag` is of group 0x5000 or 0x6000 and stands for all 16 of that kind (PS3.5 7.6): the values
    of all in the order of groups, absent when none is there, invalid when one is."""
    steps: tuple[Step, ...] = ()
    """The way through sequences by position; absent when an item is missing."""
    position: int = 0
    """`A[k]`, from 1: the k-th value alone (absent when there are fewer, empty when it is); 0 is
    all values."""
    component: str = ""
    """Of a PN: `alphabetic`, `ideographic` or `phonetic` (that group's text), or a group and a
    component such as `alphabetic.family`; type TEXT. Absent and invalid as the element is, valued
    when some value has it, else empty (2e)."""
    view: View = View.VALUES


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between two ends; `None` is an open side."""

    low: Scalar | None = None
    high: Scalar | None = None
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Among:
    """Matches a value that equals one of `values` or lies in one of `intervals`.

    A text matches one of `folded` when it equals it after NFC and case folding; `folded` is in that
    form already. Values of a NAME are in `folded` only: a name matches when every group that is not
    empty in the literal is equal (2e).
    """

    values: tuple[Scalar, ...] = ()
    intervals: tuple[Interval, ...] = ()
    folded: tuple[str, ...] = ()


class PatternKind(Enum):
    """How a text is looked for in a text value."""

    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"
    LIKE = "like"  # * and ? over the whole value; ? is one code point
    UNDER = "under"  # of UIDs: the text is the value's first arcs, or all of them


@dataclass(frozen=True, slots=True)
class Pattern:
    """Matches a text value that stands in this relation to one of `texts`, or of `folded`.

    `folded` is compared with the value after NFC and case folding and is in that form already; `?`
    of `like` is then one code point of the folded text.
    """

    kind: PatternKind
    texts: tuple[str, ...]
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chars:
    """One code point out of ranges: sorted, apart, both ends included."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """All parts, one after the other; the empty text without parts."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the parts."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The part `least` to `most` times; `most` `None` is without end."""

    part: "Expression"
    least: int
    most: int | None


Expression = Chars | Sequence | Choice | Repeat
"""A regular expression (2f.10): case was folded into `Chars`, groups are gone."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Matches a text value that one of these expressions describes from end to end."""

    expressions: tuple[Expression, ...]


Match = Among | Pattern | Matches


@dataclass(frozen=True, slots=True)
class Some:
    """Some value of the field matches."""

    field: int
    match: Match


@dataclass(frozen=True, slots=True)
class Every:
    """The field is valued and all its non-empty values match."""

    field: int
    match: Match


@dataclass(frozen=True, slots=True)
class InState:
    """The field's state is one of these."""

    field: int
    states: State


@dataclass(frozen=True, slots=True)
class Inside:
    """What stands in `has (...)`: a condition over one item, with fields and tests of its own.

    Specific Character Set, Timezone Offset From UTC and Pixel Representation are inherited as
    docs/reading.md says.
    """

    fields: tuple[Field, ...]
    tests: "tuple[Test, ...]"
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class SomeItem:
    """Some item of the sequence satisfies the condition."""

    field: int
    inside: Inside


@dataclass(frozen=True, slots=True)
class EveryItem:
    """The sequence has items and all satisfy the condition."""

    field: int
    inside: Inside


Test = Some | Every | InState | SomeItem | EveryItem


@dataclass(frozen=True, slots=True)
class Holds:
    """The test of this number holds."""

    test: int


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All parts hold; true without parts."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Some part holds; false without parts."""

    parts: "tuple[Condition, ...]"


Condition = Holds | Negation | Conjunction | Disjunction
TRUE = Conjunction(())
FALSE = Disjunction(())


@dataclass(frozen=True, slots=True)
class Pass:
    """The guard lets the object in."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The guard refuses the object with a DIMSE status."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """The guard drops the object: acknowledged, in the ledger, not kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Kept in a queue until a person decides."""

    queue: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """`batch by study|series after T [within W] [late L]`; times in seconds.

    Released `after` a quiet time without a new image, at the latest `within` after the first.
    `late` is `new` (only the late image), `all` (the whole batch again) or `hold`.
    """

    by: str
    after: float
    within: float | None = None
    late: str = "new"


@dataclass(frozen=True, slots=True)
class Release:
    """One way a delivery may start; at once when it has no batch and no schedule."""

    batch: Batch | None = None
    during: str | None = None
    """The schedule's name."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """A send of a rule: one destination and the chain of edits before it."""

    to: str
    via: tuple[str, ...] = ()
    urgency: str = "normal"
    release: Release = Release()


@dataclass(frozen=True, slots=True)
class Nothing:
    """The rule intends no delivery."""

    reason: str


@dataclass(frozen=True, slots=True)
class Notify:
    """A message to people; no delivery, so it does not make an object routed."""

    channel: str
    message: str


Effect = Deliver | Hold | Nothing | Notify
GuardVerdict = Pass | Refuse | Drop | Hold


@dataclass(frozen=True, slots=True)
class GuardRule:
    """One rule of the guard; `name` as people see it, `guard.RULE`."""

    name: str
    condition: Condition
    verdict: GuardVerdict


@dataclass(frozen=True, slots=True)
class Guard:
    """First match wins; `otherwise` when none does (`guard.otherwise`)."""

    rules: tuple[GuardRule, ...]
    otherwise: GuardVerdict


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a table; `name` as people see it, `TABLE.RULE`."""

    name: str
    condition: Condition
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its rules in key order: (-priority, position)."""

    name: str
    first: bool
    rules: tuple[Rule, ...]
    otherwise: tuple[Effect, ...] = ()
    """Effects when no rule fired; empty when the table has no `otherwise`."""


@dataclass(frozen=True, slots=True)
class Program:
    """All that an engine needs to decide an object."""

    fields: tuple[Field, ...]
    tests: tuple[Test, ...]
    guard: Guard | None
    tables: tuple[Table, ...]
    rule_set: str
    """`sha256:...` of the sources, for the records of what was decided."""
    zone: str = "UTC"
    """The IANA zone of `timezone`: for the clock, `days since`, and instants without an offset."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of an object besides its data set; `None` is absent."""

    calling_ae: str | None = None
    called_ae: str | None = None
    peer: str | None = None
    """The peer's address as text."""
    tls_subject: str | None = None
    listener: str | None = None
    transfer_syntax: str | None = None
    sop_class: str | None = None
    """From the command set; the data set's may differ."""
    sop_instance: str | None = None
    size: int | None = None
    """Bytes of the data set; known only when it is complete."""
    at: int | None = None
    """The instant t of the decision: microseconds since 1970-01-01T00:00Z."""


@dataclass(frozen=True, slots=True)
class Send:
    """One delivery that is owed: all sends with the same destination and chain are one."""

    to: str
    via: tuple[str, ...]
    rule: str
    """The first rule by order of tables, then key."""
    rules: tuple[str, ...]
    urgency: str = "normal"
    """The most urgent of its rules'."""
    release: tuple[Release, ...] = (Release(),)
    """Each way it may start, without repeats, in the order of the rules; the `late` of all batches
    is the one that sends most (`all`, `new`, `hold`)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an object.

    `verdict` is `route`, `hold`, `refuse` or `drop`. `hold` is the guard's, `unrouted` or
    `unreadable`; `holds` are the tables'. `rules` has the guard's winner first, also when it
    passes.
    """

    verdict: str
    sends: tuple[Send, ...] = ()
    holds: tuple[Hold, ...] = ()
    hold: Hold | None = None
    refuse: Refuse | None = None
    drop: Drop | None = None
    nothing: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    notify: tuple[Notify, ...] = ()


UNROUTED = "unrouted"
UNREADABLE = "unreadable"
TRANSFORM_FAILED = "transform_failed"
"""The queue of one delivery whose chain cannot be carried out; the others are not concerned."""
QUEUES = frozenset((UNROUTED, UNREADABLE, TRANSFORM_FAILED))
"""Queues that are there without a rule that names them."""
NO_RULE = "no rule matched"
"""The reason of a hold in `unrouted`."""


class Damage(Enum):
    """Why the reading of a data set ended before it could stop; the reason of `unreadable`."""

    CUT = "the data set ends inside an element"
    VR = "the value representation is not two capital letters"
    UNDEFINED = "an undefined length where none is allowed"
    DELIMITER = "a missing or misplaced item or delimiter"
    PAST = "an element that reaches past the end of its item or sequence"
    VALUE = "a tested value of more than 64 KiB"
    DEPTH = "sequences nested more than 32 deep"
    COUNT = "more than 20000 elements before the last tested one"
    INFLATE = "more than 16 MiB when inflated"
    DEFLATE = "the deflated data are broken"

    def reason(self, tag: int | None) -> str:
        """Give the reason as text; `tag` is the top-level element's, when it could be read."""
        place = "" if tag is None else f" in ({tag >> 16:04X},{tag & 0xFFFF:04X})"
        return f"{self.value}{place}"


@dataclass(frozen=True, slots=True)
class Read:
    """What a decision had to read."""

    tags: int = 0
    """Tested tags that were found."""
    last_tag: int | None = None
    """The last tested tag that was found."""
    bytes: int = 0
    """How far into the data set the reader went."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and what it took."""

    decision: Decision
    read: Read
