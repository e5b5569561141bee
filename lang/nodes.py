"""The syntax tree of a rule file: what was written, nothing decided.

Frozen nodes, each with the span of its text. Names are not resolved and literals not typed here;
`check` turns a tree into `roteiro.lang.typed`. Constructs that this version parses but does not
carry are `Unbuilt` nodes, so that one finding can name each.
"""

from dataclasses import dataclass
from decimal import Decimal

from roteiro.lang.source import Span


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
class Unbuilt:
    """A construct or literal of the language that this version does not carry.

    `name` is what an item would have defined, so that its uses are not reported as well.
    """

    what: str
    span: Span
    name: Name | None = None


Literal = Text | Number | Date | Time | Uid | Unbuilt


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, closed."""

    low: Literal
    high: Literal
    span: Span


@dataclass(frozen=True, slots=True)
class SetLiteral:
    """`{ a, b, low..high, Name }`; a bare name is a UID name or a symbol."""

    elements: tuple[Literal | Range | Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SetRef:
    """`@name` on the right of an operator."""

    name: Name
    span: Span


# Conditions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    """`(gggg,eeee)` as an attribute."""

    group: int
    element: int
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a keyword, a name or a tag, perhaps with a position from 1."""

    what: Name | Tag | Unbuilt
    position: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Path:
    """`Modality`, `(0008,0060)`, `assoc.calling_ae`, later `Sequence[1].Attribute`."""

    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """`[any|all|no] path [not] operator right`; `!=` is operator `==` with `negated`."""

    quantifier: str | None
    path: Path
    operator: str
    """One of `==` `<` `<=` `>` `>=` `in` `contains` `starts with` `ends with` `like`."""
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


Condition = Comparison | StateTest | ConditionRef | Constant | Not | And | Or | Unbuilt


# Actions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendTo:
    """`send to a, b`; `options` holds what this version does not carry (`via`, `batch`, ...)."""

    destinations: tuple[Name, ...]
    urgency: Name | None
    options: tuple[Unbuilt, ...]
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


Action = SendTo | HoldIn | NothingTo | Unbuilt
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
class SetItem:
    """`set NAME [: VR] = { ... }`."""

    name: Name
    vr: Name | None
    value: SetLiteral | Unbuilt
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


# Tests ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """`path = value` of a test; `value` `None` is `absent`, an empty tuple is `empty`."""

    path: Path
    value: tuple[Literal | Name, ...] | Unbuilt | None
    span: Span


@dataclass(frozen=True, slots=True)
class Expect:
    """One expectation.

    `kind` is `exactly`, `send`, `no send`, `rule`, `hold`, `refuse`, `drop`, `nothing` or `pass`;
    `names` are its destinations, its table and rule, or its queue.
    """

    kind: str
    names: tuple[Name, ...]
    verdict: Verdict | None
    span: Span


@dataclass(frozen=True, slots=True)
class TestItem:
    """`test "name" { given ... [at INSTANT] expect ... }`."""

    __test__ = False  # not a test of pytest's

    name: Text
    file: Text | None
    given: tuple[Given, ...]
    at: str | None
    expectations: tuple[Expect | Unbuilt, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Broken:
    """An item that could not be read: its findings are made, its name must not make more."""

    keyword: str
    name: Name | None
    span: Span


Item = (
    Router | Listener | Node | SetItem | ConditionItem | Guard | Table | TestItem | Unbuilt | Broken
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
