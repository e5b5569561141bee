"""What is said of the room on the spool's disk: events, and the member `disk` of `status`."""

from roteiro.lang.messages import Phrase
from roteiro.runtime.control import Document
from roteiro.runtime.events import DiskFull, DiskOpen, DiskStuck, DiskTight, Event
from roteiro.runtime.instant import rfc3339
from roteiro.runtime.spool.space import MIB, Cause, Level, Report

CAUSES = {
    Cause.BYTES: Phrase("runtime.disk_bytes"),
    Cause.NAMES: Phrase("runtime.disk_names"),
    Cause.READ_ONLY: Phrase("runtime.disk_read_only"),
    Cause.RECORDS: Phrase("runtime.disk_records"),
    Cause.INDEX: Phrase("runtime.disk_index"),
}
EVENTS = {Level.TIGHT: DiskTight, Level.FULL: DiskFull, Level.STUCK: DiskStuck}


def told(report: Report) -> Event:
    """Give the event of a level that was entered."""
    free = report.room.free // MIB
    kind = EVENTS.get(report.level)
    return DiskOpen(free) if kind is None else kind(free, CAUSES[report.cause])


def disk_entry(report: Report) -> Document:
    """Give the member `disk` of `status`."""
    return {
        "level": report.level.name.lower(),
        "cause": None if report.cause is Cause.NOTHING else report.cause.name.lower(),
        "since": rfc3339(report.since),
        "free_bytes": report.room.free,
        "size_bytes": report.room.size,
        "free_names": report.room.names,
        "reserve_bytes": report.budget.reserve,
        "reserve_names": report.budget.names,
        "ballast_bytes": report.ballast,
    }
