"""The ledger: what was acknowledged and owed, counted as it happened, against what is there.

The counts of `source` and `destination` are changed in the transaction of each event; the rows of
`object`, `delivery` and `held` are what the router works by. Both are read in one view, so that
what happens meanwhile does not matter. Rows of history are let go in the end and counts stay, so a
count of what is settled may be more than its rows, never less; of what is open both are the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roteiro.runtime.spool.contract import (
    Count,
    DestinationCounts,
    Imbalance,
    Ledger,
    SourceCounts,
)
from roteiro.runtime.spool.index import Ask

_CLASSES = ("routed", "held", "dropped", "no_delivery")
_STATES = ("waiting", "held", "done", "discarded", "repeated")
_OPEN = 2
"""States of `_STATES` in which something is owed."""

Counts = Mapping[str, Count]


def ledger_of(ask: Ask, sending: Iterable[int] = ()) -> Ledger:
    """Count everything in one view; `sending` are deliveries that are under way."""
    under_way = _under_way(ask, sending)
    sources = _counts(ask, "source", ("acknowledged", *_CLASSES, "repeated"))
    destinations = _counts(ask, "destination", ("owed", *_STATES))
    ((since, again),) = ask("SELECT begun, again FROM era") or [(0.0, 0)]
    wrong = [
        *_sums(sources, destinations),
        *_rows_of_sources(ask, sources),
        *_rows_of_destinations(ask, destinations),
        *_single(ask),
    ]
    return Ledger(
        since,
        bool(again),
        tuple(_source(name, counts) for name, counts in sources.items()),
        tuple(
            _destination(ask, name, counts, under_way.get(name, Count()))
            for name, counts in destinations.items()
        ),
        tuple(wrong),
    )


def _counts(ask: Ask, table: str, names: tuple[str, ...]) -> dict[str, Counts]:
    columns = ", ".join(f"{name}, {name}_bytes" for name in names)
    rows = ask(f"SELECT name, {columns} FROM {table} ORDER BY name")  # noqa: S608
    return {
        row[0]: {name: Count(*row[1 + 2 * at : 3 + 2 * at]) for at, name in enumerate(names)}
        for row in rows
    }


def _source(name: str, counts: Counts) -> SourceCounts:
    routed, held, dropped, nothing = (counts[each] for each in _CLASSES)
    return SourceCounts(
        name, counts["acknowledged"], routed, held, dropped, nothing, counts["repeated"]
    )


def _under_way(ask: Ask, sending: Iterable[int]) -> dict[str, Count]:
    """Count by destination those that still wait in this view."""
    found: dict[str, Count] = {}
    for number in sending:
        rows = ask(
            "SELECT d.destination, o.size FROM delivery d JOIN object o ON o.sequence = d.object"
            " WHERE d.id = ? AND d.state = 0",
            (number,),
        )
        for to, size in rows:
            known = found.get(to, Count())
            found[to] = Count(known.number + 1, known.bytes + size)
    return found


def _destination(ask: Ask, name: str, counts: Counts, sending: Count) -> DestinationCounts:
    waiting = counts["waiting"]
    reasons = ask(
        "SELECT reason, number, bytes FROM discarded WHERE destination = ? ORDER BY reason", (name,)
    )
    return DestinationCounts(
        name,
        counts["owed"],
        Count(waiting.number - sending.number, waiting.bytes - sending.bytes),
        sending,
        counts["held"],
        counts["done"],
        counts["discarded"],
        tuple((reason, Count(*count)) for reason, *count in reasons),
        counts["repeated"],
    )


# --- what does not add up ------------------------------------------------------------------------


def _sums(sources: Mapping[str, Counts], to: Mapping[str, Counts]) -> Iterator[Imbalance]:
    """Check the two equations."""
    for name, counts in sources.items():
        yield from _unequal("source", name, counts["acknowledged"], _sum(counts, _CLASSES))
    for name, counts in to.items():
        yield from _unequal("destination", name, counts["owed"], _sum(counts, _STATES[:4]))


def _sum(counts: Counts, names: tuple[str, ...]) -> Count:
    parts = [counts[name] for name in names]
    return Count(sum(part.number for part in parts), sum(part.bytes for part in parts))


def _rows_of_sources(ask: Ask, sources: Mapping[str, Counts]) -> Iterator[Imbalance]:
    """Check the classes of objects: of held ones all rows are there, of others at most all."""
    rows = _grouped(
        ask, "SELECT source, fate, count(*), sum(size) FROM object GROUP BY source, fate", _CLASSES
    )
    yield from _against_rows(sources, rows, _CLASSES, ("held",))


def _rows_of_destinations(ask: Ask, to: Mapping[str, Counts]) -> Iterator[Imbalance]:
    rows = _grouped(
        ask,
        "SELECT d.destination, d.state, count(*), sum(o.size) FROM delivery d"
        " JOIN object o ON o.sequence = d.object GROUP BY d.destination, d.state",
        _STATES,
    )
    yield from _against_rows(to, rows, _STATES, _STATES[:_OPEN])


def _grouped(ask: Ask, question: str, names: tuple[str, ...]) -> dict[tuple[str, str], Count]:
    return {(name, names[code]): Count(*count) for name, code, *count in ask(question)}


def _against_rows(
    counted: Mapping[str, Counts],
    rows: Mapping[tuple[str, str], Count],
    names: tuple[str, ...],
    whole: tuple[str, ...],
) -> Iterator[Imbalance]:
    for name in sorted({*counted, *(name for name, _ in rows)}):
        for each in names:
            count = counted.get(name, {}).get(each, Count())
            there = rows.get((name, each), Count())
            if each in whole:
                yield from _unequal(f"rows_{each}", name, count, there)
            elif there.number > count.number or there.bytes > count.bytes:
                yield Imbalance(f"rows_{each}", name, count.number, there.number)


def _unequal(what: str, name: str, expected: Count, found: Count) -> Iterator[Imbalance]:
    if expected.number != found.number:
        yield Imbalance(what, name, expected.number, found.number)
    if expected.bytes != found.bytes:
        yield Imbalance(f"{what}_bytes", name, expected.bytes, found.bytes)


_SINGLE = {
    "unowed": "SELECT count(*) FROM object o WHERE fate = 0 AND NOT EXISTS"
    " (SELECT 1 FROM delivery d WHERE d.object = o.sequence)",
    "object_owed": "SELECT count(*) FROM object o WHERE o.owed <>"
    " (SELECT count(*) FROM delivery d WHERE d.object = o.sequence AND d.state < 2)"
    " + (SELECT count(*) FROM held h WHERE h.object = o.sequence)",
    "settled_kept": "SELECT count(*) FROM object WHERE state = 0 AND owed = 0",
    "owed_gone": "SELECT count(*) FROM object WHERE owed > 0 AND state NOT IN (0, 2)",
    "orphans": "SELECT count(*) FROM delivery d WHERE NOT EXISTS"
    " (SELECT 1 FROM object o WHERE o.sequence = d.object)",
    "held_nowhere": "SELECT count(*) FROM object o WHERE fate = 1 AND NOT EXISTS"
    " (SELECT 1 FROM held h WHERE h.object = o.sequence) AND o.state IN (0, 2)",
}
"""Objects that must not be there, by what is wrong with them."""


def _single(ask: Ask) -> Iterator[Imbalance]:
    for what, question in _SINGLE.items():
        found: Any = ask(question)[0][0]
        if found:
            yield Imbalance(what, "", 0, found)
