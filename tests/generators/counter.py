"""Counts how often each predicate, state and literal kind was true and false.

A differential suite that is false on everything tests nothing: `report` prints the counts, `poor`
names what was true or false in less than a twentieth of its uses.
"""

from collections import Counter
from collections.abc import Iterator

from roteiro.core.program import Encoding, Envelope, Field, Source, State, View
from roteiro.lang.reference import Reference, Subject, conditions, holds, leaves
from roteiro.lang.typed import Compare, Condition, Has, IsState

SHARE = 0.05
STATES = {
    State.ABSENT: "absent",
    State.EMPTY: "empty",
    State.ABSENT | State.EMPTY: "blank",
    State.VALUED: "valued",
    State.INVALID: "invalid",
}


class Tally:
    """Uses of each predicate, state and literal kind, true and false."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, bool]] = Counter()

    def record(
        self, reference: Reference, data: bytes, encoding: Encoding, envelope: Envelope
    ) -> None:
        """Count every test of a program on one object; an unreadable one counts nothing."""
        reading, subject = reference.read(data, encoding, envelope)
        if reading.damage is not None:
            return
        for condition in conditions(reference.typed):
            self.ask(condition, subject)

    def ask(self, condition: Condition, subject: Subject) -> None:
        """Count the tests of a condition, those of items in each item."""
        for leaf in leaves(condition):
            result = holds(leaf, subject)
            self.counts.update((name, result) for name in names(leaf))
            if isinstance(leaf, Has):
                for item in subject.items(leaf.field):
                    self.ask(leaf.condition, item)

    def rows(self) -> list[tuple[str, int, int]]:
        """Give (name, true, false), sorted."""
        keys = sorted({name for name, _ in self.counts})
        return [(key, self.counts[key, True], self.counts[key, False]) for key in keys]

    def report(self) -> str:
        """Give the table to print."""
        lines = [f"{name:40} {true:7} true {false:7} false" for name, true, false in self.rows()]
        return "\n".join(lines)

    def poor(self, enough: int = 0) -> list[str]:
        """Name what was nearly always true or nearly always false.

        Details are not judged, nor what was used less than `enough` times.
        """
        return [
            f"{name}: {true} true, {false} false"
            for name, true, false in self.rows()
            if not name.startswith("detail")
            and true + false >= enough
            and min(true, false) < SHARE * (true + false)
        ]


def names(leaf: Compare | IsState | Has) -> Iterator[str]:
    """Name what a test uses."""
    field = leaf.field
    yield f"detail field {'envelope' if field.source is Source.ENVELOPE else field.vr}"
    yield from (f"place {each}" for each in places(field))
    if isinstance(leaf, Has):
        yield f"quantifier {leaf.quantifier} has"
        return
    if isinstance(leaf, IsState):
        yield f"state {STATES[leaf.states]}"
        return
    quantifier = "plain" if leaf.quantifier is None else leaf.quantifier
    predicate = f"{'not ' if leaf.negated else ''}{leaf.operator}"
    yield f"predicate {predicate}"
    yield f"quantifier {quantifier}{' not' if leaf.negated else ''}"
    yield f"detail {quantifier} {predicate}"
    yield from literals(leaf)


def literals(leaf: Compare) -> Iterator[str]:
    """Name the literals of a test."""
    kind = leaf.field.type.value
    views = {View.COUNT: "count", View.DAYS_SINCE: "days since"}
    if leaf.field.view in views or leaf.field.source is Source.CLOCK:
        yield f"literal of {views.get(leaf.field.view, 'the clock')}"
        return
    yield f"literal {kind}"
    if leaf.intervals:
        yield f"literal {kind} range"
    if leaf.folded and leaf.values:
        yield f"literal {kind} folded and not"
    elif leaf.folded:
        yield f"literal {kind} folded"


def places(field: Field) -> Iterator[str]:
    """Name where a field is that is not just an element of its data set."""
    kinds = {
        "by steps": field.steps,
        "by position": field.position,
        "component": field.component,
        "private": field.creator,
        "repeating": field.repeating,
        "clock": field.source is Source.CLOCK,
        "envelope": field.source is Source.ENVELOPE,
    }
    yield from (name for name, there in kinds.items() if there)
