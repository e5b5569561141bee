"""What a peer may cost us: one frozen value, handed to whoever enforces it."""

from dataclasses import dataclass, replace

OURS = 64
"""Open files that a router needs for itself: index, spool, logs, libraries, control socket."""
EACH = 2
"""Open files of an association: its connection and the object that it carries."""
LEAST_WAITING = 4
"""Connections without an association that a listener has room for at the least."""
LEAST_FILES = OURS + 16
"""Open files below which no router can be run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, seconds and numbers; every default is that of 6.2."""

    pdu: int = 131_072
    """Longest P-DATA-TF PDU that we announce and take, without its header: DCMTK's most."""
    request: int = 65_536
    """Longest A-ASSOCIATE-RQ or -AC."""
    command: int = 16_384
    data_set: int = 8 * 1024**3

    associate: float = 10.0
    """From an open connection to a complete A-ASSOCIATE-RQ."""
    farewell: float = 5.0
    """What a peer gets to close after the last PDU, and a written PDU to leave."""
    rate: int = 500
    """Bytes a second that have to come while a PDU or a message is incomplete ..."""
    window: float = 30.0
    """... measured over this long."""
    idle: float = 60.0
    """Between messages."""

    connections: int = 1024
    per_address: int = 32
    per_ae: int = 16
    unassociated: int = 128
    """Connections without an association; the oldest makes room for the next."""

    connect: float = 10.0
    answer: float = 30.0
    """For the A-ASSOCIATE-AC or -RJ."""
    release: float = 10.0
    """For the A-RELEASE-RP."""
    response: float = 60.0
    """For a C-STORE or C-ECHO response, and on top for an object ..."""
    keep_rate: int = 1_000_000
    """... its size at these bytes a second, which a peer may need to keep it, and ..."""
    link_rate: int = 8_000
    """... what may still be on the way, at the rate of a line of 64 kbit/s."""
    in_flight: int = 1024 * 1024
    """Bytes that the system may hold after the last of an object was written."""
    progress: float = 60.0
    """For some of what was written to leave."""
    send_pdu: int = 131_072
    """Longest PDU that we send, whatever the peer takes."""
    files: int | None = None
    """Open files that this process may have, when they are what bounds `connections`."""


def within_files(limits: Limits, files: int, listeners: int) -> Limits:
    """Give the limits that fit into so many open files, at least `LEAST_FILES`.

    A router that has none left can neither keep what arrives nor deliver what waits. So callers are
    told to come back before that: of what is left beside `OURS`, an eighth is for connections
    without an association, and the rest in halves for those that call and for those that we call.
    """
    left = files - OURS
    share = left // (8 * max(1, listeners))
    unassociated = min(limits.unassociated, max(LEAST_WAITING, share))
    connections = (left - unassociated * max(1, listeners)) // (2 * EACH)
    if connections >= limits.connections:
        return replace(limits, unassociated=unassociated)
    return replace(limits, unassociated=unassociated, connections=max(1, connections), files=files)
