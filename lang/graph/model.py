"""What a picture of a program shows: cards of rules, places where objects end, ways there."""

from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.core.program import (
    Decision,
    Deliver,
    Drop,
    Effect,
    GuardVerdict,
    Hold,
    Nothing,
    Notify,
    Pass,
    Refuse,
)
from roteiro.lang.reference import in_key_order
from roteiro.lang.source import Span
from roteiro.lang.typed import Constant, Typed, TypedRule, TypedTable
from roteiro.lang.whens import when_text


@dataclass(frozen=True, slots=True)
class Way:
    """From a rule to a place: what happens on the way, and whether the object took it."""

    to: str
    """The key of a place."""
    words: str
    """`urgency stat`, `via a, b`, ...; empty when there is nothing to say."""
    taken: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its name, its condition as written, where it sends."""

    key: str
    """`TABLE.RULE`."""
    name: str
    when: str
    says: str
    """What it says besides its ways: a verdict, a notification."""
    ways: tuple[Way, ...]
    fired: bool
    docs: str = ""
    """Its documentation (`##`), else its description."""


@dataclass(frozen=True, slots=True)
class Card:
    """The guard or a table, rules in the order in which they are asked."""

    key: str
    title: str
    kind: str
    """`guard`, `first` or `all`."""
    rows: tuple[Row, ...]
    docs: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects end: a node, a pool or a queue."""

    key: str
    kind: str
    title: str
    detail: str
    members: tuple[str, ...]
    """Of a pool: the keys of its nodes."""
    taken: bool
    docs: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it."""

    cards: tuple[Card, ...]
    places: tuple[Place, ...]


def picture(typed: Typed, decision: Decision | None = None) -> Picture:
    """Make the picture of a program, with the way of one object."""
    drawing = _Drawing(typed, decision)
    cards = tuple(drawing.cards())
    return Picture(cards, tuple(drawing.places(cards)))


@dataclass(frozen=True, slots=True)
class _Drawing:
    typed: Typed
    decision: Decision | None

    def fired(self, rule: str) -> bool:
        return self.decision is not None and rule in self.decision.rules

    def cards(self) -> Iterator[Card]:
        guard = self.typed.guard
        if guard is not None:
            rows = [
                self.guard_row(rule.name, when_text(rule.condition), rule.verdict, rule.span)
                for rule in guard.rules
            ]
            rows.append(self.guard_row("otherwise", "", guard.otherwise, guard.otherwise_span))
            yield Card("guard", "guard", "guard", tuple(rows), self.docs("guard"))
        for table in self.typed.tables:
            yield self.table(table)

    def docs(self, item: str) -> str:
        return self.typed.docs(self.typed.places.get(item))

    def guard_row(self, name: str, when: str, verdict: GuardVerdict, span: Span) -> Row:
        key = f"guard.{name}"
        fired = self.fired(key)
        says = verdict_words(verdict)
        ways: tuple[Way, ...] = ()
        if isinstance(verdict, Hold):
            says, ways = "", (Way(f"queue:{verdict.queue}", "", fired),)
        return Row(key, name, when, says, ways, fired, self.typed.docs(span))

    def table(self, table: TypedTable) -> Card:
        rows = [self.rule(table.name, rule) for rule in in_key_order(table)]
        if table.otherwise is not None:
            key = f"{table.name}.otherwise"
            docs = self.typed.docs(table.otherwise_span)
            rows.append(self.row(key, "otherwise", "", table.otherwise, docs))
        kind = "first" if table.first else "all"
        title = f"table {table.name}"
        return Card(table.name, f"{title} {kind}", kind, tuple(rows), self.docs(title))

    def rule(self, table: str, rule: TypedRule) -> Row:
        when = "" if rule.condition == Constant(True) else when_text(rule.condition)  # noqa: FBT003
        docs = self.typed.docs(rule.span) or rule.description or ""
        return self.row(f"{table}.{rule.name}", rule.name, when, rule.effects, docs)

    def row(self, key: str, name: str, when: str, effects: tuple[Effect, ...], docs: str) -> Row:
        fired = self.fired(key)
        ways = tuple(
            Way(place_of(effect), words_of(effect), fired)
            for effect in effects
            if isinstance(effect, Deliver | Hold)
        )
        says = [said(effect) for effect in effects if isinstance(effect, Nothing | Notify)]
        return Row(key, name, when, "; ".join(says), ways, fired, docs)

    # Places -------------------------------------------------------------------------------------

    def places(self, cards: tuple[Card, ...]) -> Iterator[Place]:
        reached = [way for card in cards for row in card.rows for way in row.ways]
        taken = {way.to for way in reached if way.taken}
        keys = list(dict.fromkeys(way.to for way in reached))
        members = [
            f"node:{member}"
            for pool in self.typed.settings.pools
            if f"node:{pool.name}" in keys
            for member in pool.members
        ]
        for key in dict.fromkeys([*keys, *members]):
            yield self.place(key, taken)

    def place(self, key: str, taken: set[str]) -> Place:
        kind, _, name = key.partition(":")
        pool = next((each for each in self.typed.settings.pools if each.name == name), None)
        if kind == "queue":
            return Place(key, kind, name, "", (), key in taken)
        if pool is not None:
            keys = tuple(f"node:{member}" for member in pool.members)
            docs = self.docs(f"pool {name}")
            return Place(key, "pool", name, pool.kind, keys, key in taken, docs)
        node = next(each for each in self.typed.settings.nodes if each.name == name)
        detail = f"{node.ae} {node.host}:{node.port}"
        return Place(key, "node", name, detail, (), key in taken, self.docs(f"node {name}"))


def place_of(effect: Deliver | Hold) -> str:
    """Give the key of the place where an effect leads."""
    return f"node:{effect.to}" if isinstance(effect, Deliver) else f"queue:{effect.queue}"


def words_of(effect: Deliver | Hold) -> str:
    """Say what happens on the way, in the words of the language."""
    if isinstance(effect, Hold):
        return ""
    words = [f"via {', '.join(effect.via)}"] if effect.via else []
    batch = effect.release.batch
    if batch is not None:
        words.append(f"batch by {batch.by} after {duration(batch.after)}")
        words += [f"within {duration(batch.within)}"] if batch.within is not None else []
        words += [f"late {batch.late}"] if batch.late != "new" else []
    if effect.release.during is not None:
        words.append(f"during {effect.release.during}")
    if effect.urgency != "normal":
        words.append(f"urgency {effect.urgency}")
    return " ".join(words)


def duration(seconds: float) -> str:
    """Write a time span as the language does, in the largest unit that fits."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds * 1000:.0f}ms"


def verdict_words(verdict: GuardVerdict) -> str:
    """Say a verdict in the words of the language."""
    match verdict:
        case Pass():
            return "pass"
        case Refuse(status, reason):
            return f'refuse 0x{status:04X} "{reason}"' if reason else f"refuse 0x{status:04X}"
        case Drop(reason):
            return f'drop "{reason}"'
        case Hold(queue):
            return f"hold {queue}"


def said(effect: Nothing | Notify) -> str:
    """Say an effect that leads nowhere."""
    if isinstance(effect, Nothing):
        return f'nothing "{effect.reason}"'
    return f'notify {effect.channel} "{effect.message}"'
