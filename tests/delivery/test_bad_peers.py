"""Peers that do what the standard does not allow, as one table: what each comes to.

Real spool and sockets. The peer treats the first of two objects as the row says, each time that it
comes, and takes the next one. Of each row three things are expected: where the first stands, with
which reason on record; that the next one is delivered, or why not; and what was said of the
destination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from roteiro.lang.settings import Backoff
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.delivery.doubt import in_doubt
from roteiro.runtime.events import (
    DeliveryDone,
    DeliveryFailed,
    DeliveryHeld,
    DeliveryWarned,
    DestinationWaiting,
    Fault,
)
from roteiro.runtime.spool.contract import DeliveryState
from tests.delivery.test_real_parts import Heard
from tests.delivery.test_scripted_peer import Site, drive
from tests.e2e import wire
from tests.e2e.raw import Arrival, RawSink, Reply, Says, Then, answer

FIRST, NEXT = "1.2.1", "1.2.2"
WAITING, HELD, DONE = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE
SHORT = Limits(answer=0.3, response=0.2, farewell=0.1, release=0.3)
AGAIN = Backoff(first=0.05, longest=0.05)
LARGE = 24 * 1024 * 1024
"""More than the buffers between two ends hold."""


TAKES = Reply()


@dataclass(frozen=True)
class Row:
    """What a peer does, and what it comes to."""

    reply: Reply = TAKES
    early: int | None = None
    greeting: bytes | None = None
    first: tuple[DeliveryState, str] = (DONE, "")
    """Where the first object stands, and a word of its reason."""
    doubt: bool = False
    """Whether it may have arrived, as far as we know."""
    next: DeliveryState = DONE
    waits: str | None = None
    """Words of the cause for which the destination waits, and of the reason on record; nothing when
    it is no trouble of the destination's, ..."""
    associations: int = 2
    """... and how many then carry both objects at most: a second one beside the first."""


def rejected(result: int, source: int, reason: int) -> bytes:
    return wire.pdu(wire.ASSOCIATE_RJ, bytes((0, result, source, reason)))


def says(*, status: int = 0, **other: bytes) -> Says:
    """Answer about something else than what was asked."""

    def say(context: int, fields: dict[int, bytes]) -> Sequence[bytes]:
        changed = {int(key[1:], 16): value for key, value in other.items()}
        return [answer(context, fields | changed, status)]

    return say


def cut(context: int, fields: dict[int, bytes]) -> Sequence[bytes]:
    return [answer(context, fields)[:20]]


def twice(context: int, fields: dict[int, bytes]) -> Sequence[bytes]:
    return [answer(context, fields) * 2]


def elsewhere(context: int, fields: dict[int, bytes]) -> Sequence[bytes]:
    return [answer(context + 2, fields)]


def garbage(_context: int, _fields: dict[int, bytes]) -> Sequence[bytes]:
    return [b"HTTP/1.1 200 OK\r\n\r\n"]


OTHER = wire.padded("9.9.9.9")
ROWS = {
    # an answer: the object's matter, and the association is used on
    "success": Row(first=(DONE, "0x0000")),
    "a warning": Row(Reply(0xB000), first=(DONE, "0xB000")),
    "out of resources": Row(Reply(0xA700), first=(WAITING, "0xA700")),
    "a refusal": Row(Reply(0xC123), first=(HELD, "0xC123")),
    "it has the object": Row(Reply(0x0111), first=(HELD, "0x0111")),
    "an unknown status": Row(Reply(0x1234), first=(HELD, "0x1234")),
    "a warning that is none": Row(Reply(0xB123), first=(HELD, "0xB123")),
    "pending": Row(Reply(0xFF00), first=(HELD, "0xFF00")),
    "a refusal before the last fragment": Row(
        Reply(then=Then.SILENCE), early=0xC000, first=(HELD, "0xC000")
    ),
    "two answers": Row(Reply(says=twice), first=(DONE, "0x0000"), associations=3),
    # no answer that counts: in doubt, and the destination's trouble until others are taken
    "success before the last fragment": Row(
        Reply(then=Then.SILENCE),
        early=0,
        first=(WAITING, ""),
        doubt=True,
        waits="answered what nobody asked",
    ),
    "another instance": Row(
        Reply(says=says(x1000=OTHER)),
        first=(WAITING, ""),
        doubt=True,
        waits="answered what nobody asked",
    ),
    "another message": Row(
        Reply(says=says(x0110=wire.us(77))),
        first=(WAITING, ""),
        doubt=True,
        waits="answered what nobody asked",
    ),
    "another context": Row(
        Reply(says=elsewhere), first=(WAITING, ""), doubt=True, waits="no DICOM (context unknown)"
    ),
    "another command": Row(
        Reply(says=says(x0100=wire.us(0x0030))),
        first=(WAITING, ""),
        doubt=True,
        waits="answered what nobody asked",
    ),
    "no PDU": Row(
        Reply(says=garbage), first=(WAITING, ""), doubt=True, waits="no DICOM (pdu type)"
    ),
    "half an answer, then the end": Row(
        Reply(says=cut, then=Then.CLOSE), first=(WAITING, ""), doubt=True, waits="closed"
    ),
    "half an answer, then nothing": Row(
        Reply(says=cut, then=Then.SILENCE), first=(WAITING, ""), doubt=True, waits="no response"
    ),
    "no answer": Row(
        Reply(then=Then.SILENCE), first=(WAITING, ""), doubt=True, waits="no response"
    ),
    "an abort": Row(Reply(then=Then.ABORT), first=(WAITING, ""), doubt=True, waits="aborted"),
    "the end": Row(Reply(then=Then.CLOSE), first=(WAITING, ""), doubt=True, waits="closed"),
    # no association: nothing was sent, so nothing is in doubt, and nothing can be
    "rejected for now": Row(
        greeting=rejected(2, 3, 2),
        first=(WAITING, "the peer rejected"),
        next=WAITING,
        waits="too many",
    ),
    "rejected for good": Row(
        greeting=rejected(1, 1, 3),
        first=(WAITING, "the peer rejected"),
        next=WAITING,
        waits="AE title",
    ),
    "no answer to the request": Row(
        greeting=b"", first=(WAITING, "no answer"), next=WAITING, waits="association request"
    ),
    "no PDU to the request": Row(
        greeting=b"HTTP/1.1 400\r\n", first=(WAITING, "aborted"), next=WAITING, waits="no DICOM"
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_bad_peer(in_memory: Path, row: Row) -> None:
    def script(arrival: Arrival) -> Reply:
        return row.reply if arrival.sop_instance == FIRST else Reply()

    def early(uid: str) -> int | None:
        return row.early if uid == FIRST else None

    with RawSink(script=script, early=early, greeting=row.greeting) as pacs:
        site = Site(in_memory / "spool", pacs=pacs, retry=AGAIN, limits=SHORT)

        async def main() -> None:
            await site.keep(FIRST, size=LARGE if row.early is not None else 200)
            await site.keep(NEXT)
            await tried_at_once(site, row)
            stands = site.stands()
            assert stands[FIRST][0] is row.first[0]
            for word in (row.first[1], row.waits or ""):
                assert word in stands[FIRST][1]
            assert in_doubt(stands[FIRST][1]) == row.doubt
            assert stands[NEXT][0] is row.next

        drive(site, main)
        waiting = [each for each in site.heard.events if isinstance(each, DestinationWaiting)]
        if row.waits is None:
            assert waiting == []
            assert pacs.associations <= row.associations
        else:
            assert waiting
            assert all(row.waits in each.reason for each in waiting)
        assert [each for each in site.heard.events if isinstance(each, Fault)] == []


async def tried_at_once(site: Site, row: Row) -> None:
    """Wait until it came to what the row says; each wait of the destination is cut short."""
    kicked = 0

    def news() -> bool:
        return came_to(site.heard, row) or site.heard.count(DestinationWaiting) > kicked

    while not came_to(site.heard, row):
        await site.heard.until(news)
        kicked = site.heard.count(DestinationWaiting)
        site.dispatcher.kick("pacs")


def came_to(heard: Heard, row: Row) -> bool:
    """Say whether all was told that a row comes to."""
    taken = heard.count(DeliveryDone) + heard.count(DeliveryWarned)
    return (
        taken == (row.next is DONE) + (row.first[0] is DONE)
        and heard.count(DeliveryHeld) == (row.first[0] is HELD)
        and (row.first[0] is not WAITING or heard.count(DeliveryFailed) > 0)
        and (row.waits is None or heard.count(DestinationWaiting) > 0)
    )
