"""What is remembered of objects of which nothing is owed any more, and for how long.

Rows stay in the index when the files go; after `AGE`, or when they are more than `OBJECTS`, the
oldest are let go, and with them their entries in the ledger. Counts stay.
"""

from collections.abc import Sequence

from roteiro.runtime.spool.entries import Indexed, ObjectState
from roteiro.runtime.spool.index import Index

AGE = 30 * 86400.0
"""Seconds for which history is kept."""
OBJECTS = 200_000
"""Objects of which history is kept at most: some 200 MB of index."""
AT_ONCE = 1000
"""Objects that are let go in one step."""

_OLDEST = "SELECT id, sequence, state FROM object WHERE state > 2"
_IN_ORDER = "ORDER BY settled, sequence LIMIT ?"


def beyond(index: Index, now: float) -> list[Indexed]:
    """Give the oldest objects that are beyond the bounds, some at a time."""
    many = sum(number for (number,) in index.ask("SELECT history FROM era")) - OBJECTS
    old = index.ask(f"{_OLDEST} AND settled < ? {_IN_ORDER}", (now - AGE, AT_ONCE))
    too_many = index.ask(f"{_OLDEST} {_IN_ORDER}", (min(max(many, 0), AT_ONCE),))
    found = {row[0]: row for row in (*too_many, *old)}
    return [
        Indexed(name, sequence, ObjectState(state), state == ObjectState.ENTRY)
        for name, sequence, state in found.values()
    ]


def purge(index: Index, objects: Sequence[Indexed]) -> None:
    """Let go of what is known of objects."""
    for item in objects:
        for table in ("delivery", "step", "ruling"):
            index.change(f"DELETE FROM {table} WHERE object = ?", (item.sequence,))  # noqa: S608
        index.change(
            "DELETE FROM series WHERE number = (SELECT series FROM object WHERE sequence = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM object WHERE object.series = series.number"
            " AND sequence <> ?1)",
            (item.sequence,),
        )
        index.change("DELETE FROM object WHERE sequence = ?", (item.sequence,))
    if objects:
        index.change("UPDATE era SET history = history - ?", (len(objects),))
