"""The reference interpreter: what the language means.

A plain transcription of `language.md` 2c, 2e and 2f.0 over a checked program; `docs/reading.md` has
the reading of bytes. Nothing here is fast and nothing is shared with `core`; where an engine
answers differently, the engine is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from roteiro.core.program import (
    NO_RULE,
    UNREADABLE,
    UNROUTED,
    Decision,
    Deliver,
    Drop,
    Effect,
    Encoding,
    Envelope,
    Field,
    GuardVerdict,
    Hold,
    Interval,
    Nothing,
    Pass,
    Refuse,
    Scalar,
    Send,
    Source,
    State,
)
from roteiro.lang.elements import Reading, read
from roteiro.lang.trace import STATES, RuleTrace, TestTrace, Trace, shown
from roteiro.lang.typed import (
    And,
    Compare,
    Condition,
    Constant,
    IsState,
    Not,
    Or,
    Typed,
    TypedGuard,
    TypedRule,
    TypedTable,
)
from roteiro.lang.values import Elements, Value, member, needs

URGENCIES = ("stat", "normal", "low")
"""From the most urgent to the least (2c)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided: the elements D and the envelope E of the paper's I = (D, E, t)."""

    elements: Elements
    envelope: Envelope
    known: dict[Field, Value] = field(default_factory=dict, compare=False)
    """What was decoded already: many rules ask for the same few fields."""

    def value(self, asked: Field) -> Value:
        """Give the state and the values of a field."""
        if asked not in self.known:
            self.known[asked] = (
                member(asked, self.envelope)
                if asked.source is Source.ENVELOPE
                else self.element(asked).value(asked)
            )
        return self.known[asked]

    def element(self, asked: Field) -> Elements:  # noqa: ARG002  others choose by field
        """Say where an element is read."""
        return self.elements


class Reference:
    """Decides objects by one checked program."""

    def __init__(self, typed: Typed) -> None:
        """Find the tags that the program mentions, also where they cannot matter."""
        self.typed = typed
        self.tested = needs(
            {
                leaf.field.tag: leaf.field.vr
                for condition in conditions(typed)
                for leaf in leaves(condition)
                if leaf.field.source is Source.ELEMENT
            }
        )

    def decide(self, data: bytes, encoding: Encoding, envelope: Envelope) -> Decision:
        """Say what becomes of an object; `data` is its data set without file meta."""
        reading = read(data, encoding, self.tested)
        if reading.damage is not None:
            return unreadable(reading)
        return decide(self.typed, Subject(Elements(reading.elements), envelope))

    def trace(self, data: bytes, encoding: Encoding, envelope: Envelope) -> Trace:
        """Say what becomes of an object, and why."""
        reading = read(data, encoding, self.tested)
        return self.trace_of(reading, Subject(Elements(reading.elements), envelope))

    def trace_of(self, reading: Reading, subject: Subject) -> Trace:
        """Say what becomes of an object that was read already, and why."""
        if reading.damage is not None:
            return Trace(unreadable(reading), ())
        return Trace(decide(self.typed, subject), tuple(_rule_traces(self.typed, subject)))


def conditions(typed: Typed) -> Iterator[Condition]:
    """Give every condition of the guard and the tables."""
    if typed.guard is not None:
        yield from (rule.condition for rule in typed.guard.rules)
    for table in typed.tables:
        yield from (rule.condition for rule in table.rules)


def leaves(condition: Condition) -> Iterator[Compare | IsState]:
    """Give the tests of a condition in the order of the text."""
    match condition:
        case Compare() | IsState():
            yield condition
        case Not(part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)


# Conditions (2c, predicates) ----------------------------------------------------------------------


def holds(condition: Condition, subject: Subject) -> bool:
    """Say whether a condition holds: classical, two-valued."""
    match condition:
        case Compare():
            return compare(condition, subject.value(condition.field))
        case IsState():
            return subject.value(condition.field).state in condition.states
        case Constant(value):
            return value
        case Not(part):
            return not holds(part, subject)
        case And(parts):
            return all(holds(part, subject) for part in parts)
        case Or(parts):
            return any(holds(part, subject) for part in parts)


def compare(test: Compare, value: Value) -> bool:
    """Transcribe the rows of the table of predicates; V is empty unless the state is valued."""
    valued = value.state is State.VALUED
    hits = [matches(test, scalar) for scalar in value.values]
    rows = {
        (None, False): any(hits),  # A op x
        ("any", False): any(hits),  # any A op x
        (None, True): valued and not any(hits),  # A != x, A not in S: strong
        ("any", True): not all(hits),  # any A != x: some value differs
        ("all", False): valued and all(hits),  # all A op x
        ("all", True): valued and not any(hits),  # all A != x
        ("no", False): not any(hits),  # no A op x: weak
        ("no", True): all(hits),  # no A != x: no value differs
    }
    return rows[test.quantifier, test.negated]


def matches(test: Compare, value: Scalar) -> bool:
    """Say whether one value stands in the operator's relation to the right side."""
    match test.operator:
        case "==" | "in":
            return value in test.values or any(_within(value, part) for part in test.intervals)
        case "<" | "<=" | ">" | ">=":
            return all(_ordered(value, test.operator, right) for right in test.values)
        case operator:
            return any(_text(str(value), operator, str(right)) for right in test.values)


def _ordered(left: Scalar, operator: str, right: Scalar) -> bool:
    """Compare two values of one ordered type: decimals, dates, times."""
    match operator:
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case _:
            return left >= right  # type: ignore[operator]


def _within(value: Scalar, part: Interval) -> bool:
    """Say whether a value lies in an interval."""
    if part.low is not None and not _ordered(value, ">=" if part.low_closed else ">", part.low):
        return False
    high = "<=" if part.high_closed else "<"
    return part.high is None or _ordered(value, high, part.high)


def _text(value: str, operator: str, right: str) -> bool:
    """Compare texts by code point."""
    match operator:
        case "contains":
            return right in value
        case "starts with":
            return value.startswith(right)
        case "ends with":
            return value.endswith(right)
        case "like":
            return like(value, right)
        case _:
            raise AssertionError(operator)


def like(value: str, pattern: str) -> bool:
    """Match the whole value: `*` is any characters, `?` is one (2e)."""
    places = {0}  # how much of the value the pattern so far may have taken
    for char in pattern:
        if char == "*":
            places = set(range(min(places), len(value) + 1)) if places else places
        else:
            places = {at + 1 for at in places if at < len(value) and (char in ("?", value[at]))}
    return len(value) in places


# Decisions (2c, order and choice) -----------------------------------------------------------------


def decide(typed: Typed, subject: Subject) -> Decision:
    """Decide an object that could be read."""
    rules: list[str] = []
    if typed.guard is not None:
        winner, verdict = guard_winner(typed.guard, subject)
        rules.append(winner)
        if not isinstance(verdict, Pass):
            return _guarded(verdict, winner)
    fired = [pair for table in typed.tables for pair in fires(table, subject)]
    return _routed(fired, (*rules, *(name for name, _ in fired)))


def unreadable(reading: Reading) -> Decision:
    """Decide an object of which a tested tag could still have come (2c, reading)."""
    return Decision("hold", hold=Hold(UNREADABLE, reading.reason))


def guard_winner(guard: TypedGuard, subject: Subject) -> tuple[str, GuardVerdict]:
    """Find the first rule of the guard whose condition holds (2f.1)."""
    for rule in guard.rules:
        if holds(rule.condition, subject):
            return f"guard.{rule.name}", rule.verdict
    return "guard.otherwise", guard.otherwise


def in_key_order(table: TypedTable) -> list[TypedRule]:
    """Sort rules by (-priority, position)."""
    return sorted(table.rules, key=lambda rule: -rule.priority)  # sorted() keeps positions


def fires(table: TypedTable, subject: Subject) -> list[tuple[str, tuple[Effect, ...]]]:
    """Give what fires in a table, by key, with its effects."""
    fired = [
        (f"{table.name}.{rule.name}", rule.effects)
        for rule in in_key_order(table)
        if holds(rule.condition, subject)
    ]
    if fired:
        return fired[:1] if table.first else fired
    return [] if table.otherwise is None else [(f"{table.name}.otherwise", table.otherwise)]


def _guarded(verdict: GuardVerdict, winner: str) -> Decision:
    match verdict:
        case Refuse():
            return Decision("refuse", refuse=verdict, rules=(winner,))
        case Drop():
            return Decision("drop", drop=verdict, rules=(winner,))
        case Hold():
            return Decision("hold", hold=verdict, rules=(winner,))
        case _:
            raise AssertionError(verdict)


def _routed(fired: Iterable[tuple[str, tuple[Effect, ...]]], rules: tuple[str, ...]) -> Decision:
    """Join the effects of all tables: sets, so duplicates vanish."""
    effects = [(name, effect) for name, parts in fired for effect in parts]
    sends = _merged([(name, effect) for name, effect in effects if isinstance(effect, Deliver)])
    held = tuple(dict.fromkeys(effect for _, effect in effects if isinstance(effect, Hold)))
    nothing = tuple(
        dict.fromkeys(effect.reason for _, effect in effects if isinstance(effect, Nothing))
    )
    if sends:
        return Decision("route", sends, held, nothing=nothing, rules=rules)
    if held:  # tables that only hold (2f.0)
        return Decision("hold", (), held, nothing=nothing, rules=rules)
    if nothing:
        return Decision("route", nothing=nothing, rules=rules)
    return Decision("hold", hold=Hold(UNROUTED, NO_RULE), rules=rules)


def _merged(sends: list[tuple[str, Deliver]]) -> tuple[Send, ...]:
    """Make one delivery of all sends with one destination and one chain (2c)."""
    merged = []
    for to, via in dict.fromkeys((send.to, send.via) for _, send in sends):
        same = [(name, send) for name, send in sends if (send.to, send.via) == (to, via)]
        rules = tuple(dict.fromkeys(name for name, _ in same))
        urgency = min((send.urgency for _, send in same), key=URGENCIES.index)
        merged.append(Send(to, via, rules[0], rules, urgency))
    return tuple(merged)


# Traces -------------------------------------------------------------------------------------------


def _rule_traces(typed: Typed, subject: Subject) -> Iterator[RuleTrace]:
    passed = True
    if typed.guard is not None:
        winner, verdict = guard_winner(typed.guard, subject)
        passed = isinstance(verdict, Pass)
        yield from _guard_traces(typed.guard, winner, subject)
    for table in typed.tables:
        names = [name for name, _ in fires(table, subject)] if passed else []
        for rule in in_key_order(table):
            name = f"{table.name}.{rule.name}"
            fired = name in names
            yield _rule_trace(name, rule.condition, subject, fired=fired, shown=fired)
        if table.otherwise is not None:
            name = f"{table.name}.otherwise"
            yield RuleTrace(name, name in names, (), fired=name in names, shown=name in names)


def _guard_traces(guard: TypedGuard, winner: str, subject: Subject) -> Iterator[RuleTrace]:
    up_to_winner = True
    for rule in guard.rules:
        name = f"guard.{rule.name}"
        fired = name == winner
        yield _rule_trace(name, rule.condition, subject, fired=fired, shown=up_to_winner)
        up_to_winner = up_to_winner and not fired
    yield RuleTrace("guard.otherwise", up_to_winner, (), fired=up_to_winner, shown=up_to_winner)


def _rule_trace(
    name: str, condition: Condition, subject: Subject, *, fired: bool, shown: bool
) -> RuleTrace:
    tests = tuple(_test_trace(leaf, subject) for leaf in leaves(condition))
    return RuleTrace(name, holds(condition, subject), tests, fired, shown)


def _test_trace(leaf: Compare | IsState, subject: Subject) -> TestTrace:
    value = subject.value(leaf.field)
    return TestTrace(
        leaf.source.text[leaf.span.start : leaf.span.end],
        STATES[value.state],
        shown(value, leaf.field.type),
        holds(leaf, subject),
    )
