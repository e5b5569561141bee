"""The syntax tree of a rule file: what was written, nothing decided.

Frozen nodes, each with the span of its text. Names are not resolved and literals not typed here;
`check` turns a tree into `roteiro.lang.typed`. Two trees that differ in spans only mean the same
(`roteiro.lang.same`).
"""

from dataclasses import dataclass
from decimal import Decimal

from roteiro.lang.source import Span

UNITS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}


def duration_seconds(written: str) -> Decimal:
    """Give the seconds of a duration such as `90s`."""
    digits = written.rstrip("dhms")
    return Decimal(digits) * UNITS[written[len(digits) :]]


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier where one was written."""

    text: str
    span: Span


# Literals ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """`"..."` after its escapes; `folded` for `i"..."`."""

    value: str
    folded: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or a decimal."""

    value: Decimal
    span: Span


@dataclass(frozen=True, slots=True)
class Date:
    """`2026-01-31`, as written; the checker says whether the day exists."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Time:
    """`22:00`, `22:00:30` or `22:00:30.5`."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Uid:
    """A dotted UID."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Instant:
    """`2026-01-31T10:00:00+01:00`, as written."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Age:
    """`18Y`, `6M`, `2W`, `10D`, as written."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Duration:
    """`90s`, `5m`, `72h`, `3650d`, `500ms`, as written."""

    value: str
    span: Span

    @property
    def seconds(self) -> Decimal:
        """How long it is."""
        return duration_seconds(self.value)


@dataclass(frozen=True, slots=True)
class Size:
    """`20MiB`, as written."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Regex:
    """`/.../` or `/.../i`; `pattern` as it stands between the slashes."""

    pattern: str
    folded: bool
    span: Span


Literal = Text | Number | Date | Time | Instant | Age | Duration | Size | Uid | Regex


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, closed."""

    low: Literal
    high: Literal
    span: Span


@dataclass(frozen=True, slots=True)
class SetLiteral:
    """`{ a, b, low..high, Name }`; a bare name is a UID name or a symbol, a path is a tag alone."""

    elements: "tuple[Literal | Range | Name | Path, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class SetRef:
    """`@name` on the right of an operator."""

    name: Name
    span: Span


# Conditions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    """`(gggg,eeee)` as an attribute; `digits` is `gggg,eeee` as written, `x` included."""

    digits: str
    span: Span


@dataclass(frozen=True, slots=True)
class PrivateTag:
    """`(gggg,"CREATOR",ee)` as an attribute."""

    group: int
    creator: str
    element: int
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a keyword, a name or a tag, perhaps with a position from 1."""

    what: Name | Tag | PrivateTag
    position: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Path:
    """`Modality`, `(0008,0060)`, `assoc.calling_ae`, `Sequence[1].Attribute`."""

    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """`[any|all|no] path [not] operator right`; `!=` is operator `==` with `negated`."""

    quantifier: str | None
    path: Path
    function: str | None
    """`count` of `count(path)`, `days since` of `days since path`; these have no quantifier."""
    operator: str
    """One of `==` `<` `<=` `>` `>=` `in` `contains` `starts with` `ends with` `like` `matches`
    `under`."""
    negated: bool
    right: Literal | Range | SetLiteral | SetRef | Name | Path
    span: Span
    operator_span: Span


@dataclass(frozen=True, slots=True)
class StateTest:
    """`path is absent|empty|blank|valued|invalid`."""

    path: Path
    state: str
    span: Span


@dataclass(frozen=True, slots=True)
class SequenceTest:
    """`any|all|no path has (condition)`."""

    quantifier: str
    path: Path
    condition: "Condition"
    span: Span


@dataclass(frozen=True, slots=True)
class ConditionRef:
    """`@name` as a condition."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Constant:
    """`true` or `false`."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """`not part`."""

    part: "Condition"
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    """`a and b and c`."""

    parts: "tuple[Condition, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    """`a or b or c`."""

    parts: "tuple[Condition, ...]"
    span: Span


Condition = Comparison | StateTest | SequenceTest | ConditionRef | Constant | Not | And | Or


# Actions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Via:
    """`via a, b`: transforms and profiles, applied from left to right."""

    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BatchBy:
    """`batch by study after T [within W] [late new|all|hold]`."""

    by: Name
    after: Duration
    within: Duration | None
    late: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class During:
    """`during SCHEDULE`."""

    schedule: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Urgency:
    """`urgency stat`."""

    level: Name
    span: Span


SendOption = Via | BatchBy | During | Urgency


@dataclass(frozen=True, slots=True)
class SendTo:
    """`send to a, b` and its options as written; the checker reports a second of one kind."""

    destinations: tuple[Name, ...]
    options: tuple[SendOption, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class NotifyTo:
    """`notify CHANNEL "message"`."""

    channel: Name
    message: Text
    span: Span


@dataclass(frozen=True, slots=True)
class HoldIn:
    """`hold QUEUE ["reason"]`, in the guard and in tables."""

    queue: Name
    reason: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class NothingTo:
    """`nothing "reason"`."""

    reason: Text
    span: Span


@dataclass(frozen=True, slots=True)
class PassOn:
    """`pass`."""

    span: Span


@dataclass(frozen=True, slots=True)
class DropIt:
    """`drop "reason"`."""

    reason: Text
    span: Span


@dataclass(frozen=True, slots=True)
class RefuseIt:
    """`refuse 0xNNNN ["reason"]`."""

    status: int
    reason: Text | None
    span: Span


Action = SendTo | HoldIn | NothingTo | NotifyTo
Verdict = PassOn | DropIt | HoldIn | RefuseIt


# Items ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Retry:
    """`backoff 5s..15m [for 72h]`, seconds."""

    first: Decimal
    longest: Decimal
    limit: Decimal | None
    span: Span


@dataclass(frozen=True, slots=True)
class Rate:
    """`400 per second [burst 800]`, `20MiB per second`; `per` as written."""

    amount: Decimal
    is_bytes: bool
    per: Name
    burst: Decimal | None
    span: Span


@dataclass(frozen=True, slots=True)
class Secret:
    """`secret("env:NAME")` or `secret("file:NAME")`."""

    place: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Property:
    """`name = value` in a router, listener or node."""

    name: Name
    value: Literal | SetLiteral | Name | Retry | Rate | Secret
    span: Span


@dataclass(frozen=True, slots=True)
class Router:
    """`router { ... }`."""

    properties: tuple[Property, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Listener:
    """`listener NAME { ... }`; `accept_unknown` is the span of `accept unknown`."""

    name: Name
    properties: tuple[Property, ...]
    accept_unknown: Span | None
    span: Span


@dataclass(frozen=True, slots=True)
class Node:
    """`node NAME { ... }`."""

    name: Name
    properties: tuple[Property, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Use:
    """`use "file.route"`."""

    path: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Timezone:
    """`timezone "Europe/Berlin"`."""

    zone: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Pool:
    """`pool NAME = failover (a, b)`, `balance PATH over (a, b)` or `copy (a, b)`."""

    name: Name
    kind: str
    key: Path | None
    """What `balance` hashes."""
    members: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SetFile:
    """`file "peers.txt"` of a set."""

    path: Text
    span: Span


@dataclass(frozen=True, slots=True)
class SetItem:
    """`set NAME [: VR] = { ... }` or `= file "..."`."""

    name: Name
    vr: Name | None
    value: SetLiteral | SetFile
    span: Span


@dataclass(frozen=True, slots=True)
class Lookup:
    """`lookup NAME = file "..." key COLUMN value COLUMN`."""

    name: Name
    path: Text
    key: Name
    value: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Days:
    """`mon..fri` or `sat`; `last` is `first` for one day."""

    first: Name
    last: Name


@dataclass(frozen=True, slots=True)
class Window:
    """`[DAYS] 19:00..06:00`; without days every day. `always` is a schedule without windows."""

    days: tuple[Days, ...]
    opens: Time
    closes: Time
    span: Span


@dataclass(frozen=True, slots=True)
class Schedule:
    """`schedule NAME = window or window`, or `= always`."""

    name: Name
    windows: tuple[Window, ...]
    """Empty for `always`."""
    span: Span


@dataclass(frozen=True, slots=True)
class ConditionItem:
    """`condition NAME = ...`."""

    name: Name
    condition: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class GuardRule:
    """`rule NAME ["text"] { when ... verdict }` of the guard."""

    name: Name
    description: Text | None
    condition: Condition
    verdict: Verdict
    span: Span


@dataclass(frozen=True, slots=True)
class Guard:
    """`guard { rules otherwise { verdict } }`; `broken` names the rules that could not be read."""

    rules: tuple[GuardRule, ...]
    otherwise: Verdict
    span: Span
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`rule NAME [priority N] ["text"] { [when ...] actions }` of a table."""

    name: Name
    priority: int
    description: Text | None
    condition: Condition | None
    actions: tuple[Action, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Otherwise:
    """`otherwise { actions }` of a table."""

    actions: tuple[Action, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """`table NAME first|all { rules [otherwise] }`; `broken` names what could not be read."""

    name: Name
    mode: str
    rules: tuple[Rule, ...]
    otherwise: Otherwise | None
    span: Span
    broken: tuple[str, ...] = ()


# Transforms and profiles ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Join:
    """`a + b + c`."""

    parts: "tuple[Value, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`upper(x)`, `lookup(@subjects, PatientID, "none")`, `hash(x, secret("env:KEY"))`."""

    function: Name
    arguments: "tuple[Value | SetRef | Secret, ...]"
    span: Span


Value = Literal | Path | Call | Join
"""The right side of `set`; a bare name is a path of one step."""


@dataclass(frozen=True, slots=True)
class SetEdit:
    """`set path = value`."""

    path: Path
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class RemoveEdit:
    """`remove path`."""

    path: Path
    span: Span


@dataclass(frozen=True, slots=True)
class BlankEdit:
    """`blank path`: there, without a value."""

    path: Path
    span: Span


@dataclass(frozen=True, slots=True)
class CopyEdit:
    """`copy path to path`."""

    origin: Path
    target: Path
    span: Span


@dataclass(frozen=True, slots=True)
class IfEdit:
    """`if condition { edits }`."""

    condition: Condition
    edits: "tuple[Edit, ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class EachEdit:
    """`each path { edits }`: in every item of a sequence."""

    path: Path
    edits: "tuple[Edit, ...]"
    span: Span


Edit = SetEdit | RemoveEdit | BlankEdit | CopyEdit | IfEdit | EachEdit


@dataclass(frozen=True, slots=True)
class Transform:
    """`transform NAME { edits }`."""

    name: Name
    edits: tuple[Edit, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class OptionStatement:
    """`option a, b`: options of PS3.15 E by name."""

    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PathsStatement:
    """`keep|remove|blank path, path`."""

    verb: str
    paths: tuple[Path, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ReplaceStatement:
    """`replace path with value`."""

    path: Path
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class UidsStatement:
    """`uids hash secret("...")`."""

    secret: Secret
    span: Span


@dataclass(frozen=True, slots=True)
class DatesStatement:
    """`dates shift within T per PATH secret("...")`."""

    within: Duration
    per: Path
    secret: Secret
    span: Span


@dataclass(frozen=True, slots=True)
class PrivateStatement:
    """`private remove [except path, path]`."""

    keep: tuple[Path, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Box:
    """`512x80+0+0`: width, height, left, top in pixels."""

    width: int
    height: int
    left: int
    top: int
    span: Span


@dataclass(frozen=True, slots=True)
class PixelsStatement:
    """`pixels block BOX, BOX when condition`."""

    boxes: tuple[Box, ...]
    condition: Condition
    span: Span


ProfileStatement = (
    OptionStatement
    | PathsStatement
    | ReplaceStatement
    | UidsStatement
    | DatesStatement
    | PrivateStatement
    | PixelsStatement
)


@dataclass(frozen=True, slots=True)
class Profile:
    """`profile NAME [extends a.b] { statements }`."""

    name: Name
    extends: tuple[Name, ...]
    """The dotted name, part by part; empty when it extends nothing."""
    statements: tuple[ProfileStatement, ...]
    span: Span


# Tests and invariants ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Items:
    """`items({ ... }, { ... })`: the items of a sequence."""

    items: "tuple[tuple[Given, ...], ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class Given:
    """`path = value` of a test; `value` `None` is `absent`, an empty tuple is `empty`.

    A tag is given as a path of one step.
    """

    path: Path
    value: tuple[Literal | Name | Path, ...] | Items | None
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectedResult:
    """`result path == literal` or `result path is STATE`: a test of the transformed object."""

    test: Comparison | StateTest
    span: Span


@dataclass(frozen=True, slots=True)
class Expect:
    """One expectation about the decision.

    `kind` is `exactly`, `send`, `no send`, `rule`, `hold`, `refuse`, `drop`, `nothing` or `pass`;
    `names` are its destinations, its table and rule, or its queue; `via` is for `send`.
    """

    kind: str
    names: tuple[Name, ...]
    via: tuple[Name, ...]
    verdict: Verdict | None
    span: Span


@dataclass(frozen=True, slots=True)
class TestItem:
    """`test "name" { given ... [at INSTANT] expect ... }`."""

    __test__ = False  # not a test of pytest's

    name: Text
    file: Text | None
    given: tuple[Given, ...]
    at: Instant | None
    expectations: tuple[Expect | ExpectedResult, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Never:
    """`never send to a, b [unless via x | unless when condition]`."""

    destinations: tuple[Name, ...]
    unless_via: tuple[Name, ...]
    unless_when: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class Always:
    """`always send to a | route | pass [when condition]`."""

    outcome: str
    """`send`, `route` or `pass`."""
    destinations: tuple[Name, ...]
    condition: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class Equivalent:
    """`equivalent "old.route"`."""

    path: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Invariant:
    """`invariant "name" { claims }`."""

    name: Text
    claims: tuple[Never | Always | Equivalent, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Broken:
    """An item that could not be read: its findings are made, its name must not make more."""

    keyword: str
    name: Name | None
    span: Span


Item = (
    Use
    | Timezone
    | Router
    | Listener
    | Node
    | Pool
    | SetItem
    | ConditionItem
    | Lookup
    | Schedule
    | Transform
    | Profile
    | Guard
    | Table
    | TestItem
    | Invariant
    | Broken
)


@dataclass(frozen=True, slots=True)
class File:
    """A rule file: its edition and its items in order.

    `whole` is false when a part of the text could not be read: such a tree can be checked, but no
    program is made of it.
    """

    edition: int
    items: tuple[Item, ...]
    span: Span
    whole: bool = True
