"""Counts how often each predicate, state and literal kind was true and false.

A differential suite that is false on everything tests nothing: `report` prints the counts, `poor`
names what was true or false in less than a twentieth of its uses.
"""

from collections import Counter
from collections.abc import Iterator

from roteiro.core.program import Encoding, Envelope, Source, State
from roteiro.lang.elements import read
from roteiro.lang.reference import Reference, Subject, conditions, holds, leaves
from roteiro.lang.typed import Compare, IsState
from roteiro.lang.values import Elements

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
        reading = read(data, encoding, reference.tested)
        if reading.damage is not None:
            return
        subject = Subject(Elements(reading.elements), envelope)
        for condition in conditions(reference.typed):
            for leaf in leaves(condition):
                result = holds(leaf, subject)
                self.counts.update((name, result) for name in names(leaf))

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


def names(leaf: Compare | IsState) -> Iterator[str]:
    """Name what a test uses."""
    place = "envelope" if leaf.field.source is Source.ENVELOPE else leaf.field.vr
    yield f"detail field {place}"
    if isinstance(leaf, IsState):
        yield f"state {STATES[leaf.states]}"
        return
    quantifier = "plain" if leaf.quantifier is None else leaf.quantifier
    predicate = f"{'not ' if leaf.negated else ''}{leaf.operator}"
    yield f"predicate {predicate}"
    yield f"quantifier {quantifier}{' not' if leaf.negated else ''}"
    yield f"detail {quantifier} {predicate}"
    yield f"literal {leaf.field.type.value}"
    if leaf.intervals:
        yield f"literal {leaf.field.type.value} range"
