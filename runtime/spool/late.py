"""Images that come late: after the batch of their study or series was released.

Asked in the transaction that takes an object in, and written in the one that releases a batch; so
an image either leaves with its batch or is late, whatever comes at once.

A release is known by destination and study or series, not by the rule that gathered: a study stays
released when its rule is written otherwise. It is forgotten after as long as history, and with the
index.
"""

from dataclasses import replace

from roteiro.core.program import Batch
from roteiro.runtime.spool.contract import DeliveryState, Record
from roteiro.runtime.spool.index import Index
from roteiro.runtime.spool.rows import clean
from roteiro.runtime.spool.story import Standing
from roteiro.runtime.spool.ways import holding

HELD = "late: its batch was released before it came"
KEPT = 30 * 86400.0
"""Seconds for which a release is remembered: as long as history."""


def released(index: Index, to: str, study: str, series: str | None, at: float) -> None:
    """Remember that a batch was released; `series` is nothing for one by study.

    Images without the UID are no batch that another one could be late for.
    """
    if study and series != "":
        index.change("DELETE FROM released WHERE at < ?", (at - KEPT,))
        index.change(
            "INSERT OR REPLACE INTO released VALUES (?, ?, ?, ?)", (to, study, series or "", at)
        )


def judged(index: Index, standing: Standing, record: Record) -> Standing:
    """Give a delivery that waits as held when its rules hold what is late, and it is.

    What a person let go is not held once more.
    """
    batches = holding(standing.send.release)
    untouched = standing.state is DeliveryState.WAITING and not standing.by
    if not untouched or not batches:
        return standing
    to = clean(standing.send.to)
    if not all(_is_released(index, to, record, each) for each in batches):
        return standing
    return replace(standing, state=DeliveryState.HELD, reason=HELD, at=record.received)


def _is_released(index: Index, to: str, record: Record, batch: Batch) -> bool:
    by_series = batch.by == "series"
    if not record.study or (by_series and not record.series):
        return False
    unit = (to, clean(record.study), clean(record.series) if by_series else "")
    found = index.ask(
        "SELECT 1 FROM released WHERE destination = ? AND study = ? AND series = ?", unit
    )
    return bool(found)
