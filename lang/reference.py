"""The reference interpreter: what the language means.

A plain transcription of `language.md` 2c, 2e and 2f.0 over a checked program; `docs/reading.md` has
the reading of bytes. Nothing here is fast and nothing is shared with `core`; where an engine
answers differently, the engine is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

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
    Nothing,
    Notify,
    Pass,
    Refuse,
    Release,
    Send,
    Source,
    State,
)
from roteiro.lang.clock import Clock
from roteiro.lang.elements import Reading, read
from roteiro.lang.envelope import member, of_clock
from roteiro.lang.operators import Right, matches
from roteiro.lang.tested import leaves, mentioned
from roteiro.lang.trace import ITEMS, STATES, RuleTrace, TestTrace, Trace, shown
from roteiro.lang.typed import (
    And,
    Compare,
    Condition,
    Constant,
    Has,
    IsState,
    Not,
    Or,
    Typed,
    TypedGuard,
    TypedRule,
    TypedTable,
)
from roteiro.lang.values import Elements
from roteiro.lang.views import Value

URGENCIES = ("stat", "normal", "low")
"""From the most urgent to the least (2c)."""
LATE = ("all", "new", "hold")
"""Clauses for late images, from the one that sends most to the one that sends least (2c)."""


Rights = dict[int, tuple[Compare, Right]]
"""Right sides, prepared once: by the identity of the test, which is kept so that it stays one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided: the elements D, the envelope E and the instant t of the paper's I.

    Inside `has (...)` it is an item with the same envelope and instant.
    """

    elements: Elements
    envelope: Envelope
    rights: "Rights" = field(default_factory=dict, compare=False)
    known: dict[Field, Value] = field(default_factory=dict, compare=False)
    """What was decoded already: many rules ask for the same few fields."""
    inner: "dict[Field, tuple[Subject, ...]]" = field(default_factory=dict, compare=False)

    def value(self, asked: Field) -> Value:
        """Give the state and the values of a field."""
        if asked not in self.known:
            self.known[asked] = self.looked_up(asked)
        return self.known[asked]

    def looked_up(self, asked: Field) -> Value:
        """Look a field up."""
        match asked.source:
            case Source.ENVELOPE:
                return member(asked, self.envelope)
            case Source.CLOCK:
                return of_clock(self.elements.clock)
            case Source.ELEMENT:
                return self.element(asked).value(asked)

    def items(self, asked: Field) -> "tuple[Subject, ...]":
        """Give the items of a sequence, each as what is decided."""
        if asked not in self.inner:
            items = self.element(asked).items(asked)
            self.inner[asked] = tuple(Subject(each, self.envelope, self.rights) for each in items)
        return self.inner[asked]

    def element(self, asked: Field) -> Elements:  # noqa: ARG002  others choose by field
        """Say where an element is read."""
        return self.elements

    def right(self, test: Compare) -> Right:
        """Give the right side of a comparison."""
        if id(test) not in self.rights:
            self.rights[id(test)] = test, Right.of(test)
        return self.rights[id(test)][1]


class Reference:
    """Decides objects by one checked program."""

    def __init__(self, typed: Typed) -> None:
        """Find what the program mentions, also where it cannot matter."""
        self.typed = typed
        self.tested = mentioned(conditions(typed))
        self.rights: Rights = {}

    def decide(self, data: bytes, encoding: Encoding, envelope: Envelope) -> Decision:
        """Say what becomes of an object; `data` is its data set without file meta."""
        reading = read(data, encoding, self.tested)
        if reading.damage is not None:
            return unreadable(reading)
        return decide(self.typed, self.subject(reading, envelope))

    def trace(self, data: bytes, encoding: Encoding, envelope: Envelope) -> Trace:
        """Say what becomes of an object, and why."""
        return self.trace_of(*self.read(data, encoding, envelope))

    def read(self, data: bytes, encoding: Encoding, envelope: Envelope) -> tuple[Reading, Subject]:
        """Read what the program asks of an object."""
        reading = read(data, encoding, self.tested)
        return reading, self.subject(reading, envelope)

    def subject(self, reading: Reading, envelope: Envelope) -> Subject:
        """Put together what is decided."""
        elements = Elements(reading.elements, self.clock(envelope))
        return Subject(elements, envelope, self.rights)

    def clock(self, envelope: Envelope) -> Clock:
        """Give the instant of the decision in the program's zone."""
        return Clock(self.typed.settings.zone, envelope.at)

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


# Conditions (2c, predicates) ----------------------------------------------------------------------


def holds(condition: Condition, subject: Subject) -> bool:
    """Say whether a condition holds: classical, two-valued."""
    match condition:
        case Compare() | IsState() | Has():
            return passes(condition, subject)
        case Constant(value):
            return value
        case Not(part):
            return not holds(part, subject)
        case And(parts):
            return all(holds(part, subject) for part in parts)
        case Or(parts):
            return any(holds(part, subject) for part in parts)


def passes(test: Compare | IsState | Has, subject: Subject) -> bool:
    """Say whether a test holds."""
    match test:
        case Compare():
            return compare(test, subject.value(test.field), subject.right(test))
        case IsState():
            return subject.value(test.field).state in test.states
        case Has():
            return has(test, subject.items(test.field))


def compare(test: Compare, value: Value, right: Right) -> bool:
    """Transcribe the rows of the table of predicates; V is empty unless the state is valued."""
    valued = value.state is State.VALUED
    hits = [matches(right, scalar) for scalar in value.values]
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


def has(test: Has, items: tuple[Subject, ...]) -> bool:
    """Transcribe `any`, `all` and `no S has (c)`: c with each item as the data set."""
    results = [holds(test.condition, item) for item in items]
    match test.quantifier:
        case "all":
            return bool(results) and all(results)
        case "no":
            return not any(results)
        case _:
            return any(results)


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
    each = dict.fromkeys(effect for _, effect in effects)
    sends = _merged([(name, effect) for name, effect in effects if isinstance(effect, Deliver)])
    holds = tuple(effect for effect in each if isinstance(effect, Hold))
    nothing = tuple(effect.reason for effect in each if isinstance(effect, Nothing))
    unrouted = None if sends or holds or nothing else Hold(UNROUTED, NO_RULE)
    return Decision(
        "route" if sends or (nothing and not holds) else "hold",  # tables that only hold (2f.0)
        sends,
        holds,
        hold=unrouted,
        nothing=nothing,
        rules=rules,
        notify=tuple(effect for effect in each if isinstance(effect, Notify)),
    )


def _merged(sends: list[tuple[str, Deliver]]) -> tuple[Send, ...]:
    """Make one delivery of all sends with one destination and one chain (2c)."""
    merged = []
    for to, via in dict.fromkeys((send.to, send.via) for _, send in sends):
        same = [(name, send) for name, send in sends if (send.to, send.via) == (to, via)]
        rules = tuple(dict.fromkeys(name for name, _ in same))
        urgency = min((send.urgency for _, send in same), key=URGENCIES.index)
        ways = released([send.release for _, send in same])
        merged.append(Send(to, via, rules[0], rules, urgency, ways))
    return tuple(merged)


def released(ways: list[Release]) -> tuple[Release, ...]:
    """Give each way a delivery may start; of `late` clauses the one that sends most counts (2c)."""
    lates = [way.batch.late for way in ways if way.batch is not None]
    late = min(lates, key=LATE.index, default="new")
    agreed = (
        way if way.batch is None else replace(way, batch=replace(way.batch, late=late))
        for way in ways
    )
    return tuple(dict.fromkeys(agreed))


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


def _test_trace(leaf: Compare | IsState | Has, subject: Subject) -> TestTrace:
    value = subject.value(leaf.field)
    return TestTrace(
        leaf.source.text[leaf.span.start : leaf.span.end],
        STATES[value.state],
        shown(value, leaf.field),
        holds(leaf, subject),
        leaf.field,
        tuple(_item_traces(leaf, subject)) if isinstance(leaf, Has) else (),
    )


def _item_traces(test: Has, subject: Subject) -> Iterator[tuple[TestTrace, ...]]:
    for item in subject.items(test.field)[:ITEMS]:
        yield tuple(_test_trace(leaf, item) for leaf in leaves(test.condition))
