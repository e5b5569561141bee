"""What the harness calls with bytes: each target reads them safely, and lets no exception out.

The first byte of an input, and some more of the targets that need it, say how the others are given.
"""

import zlib
from collections.abc import Callable

from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ

from fuzz.files import EDIT, changed, parts_of
from fuzz.fixed import ENVELOPE, EVERYTHING, PROGRAMS, SMALL, STRUCTURE
from fuzz.laid import LARGE, edited, held
from fuzz.near import Machine, Receiver, matcher_of, taken
from roteiro.core.errors import ArtefactError
from roteiro.core.inflate import Inflater
from roteiro.core.pdata import Fault
from roteiro.core.program import Encoding, Outcome
from roteiro.runtime.association.command import BadCommandError, decode, encode
from roteiro.runtime.association.request import BadRequestError, clean, read_titles

MATCHERS = tuple(map(matcher_of, PROGRAMS))
ENCODINGS = tuple(Encoding)
TEXTS = (b"", b"abba", b"dabcab1.2.\xc3\xa9\xf0\x9f\x98\x80", b"\xff\xc3\xe2\x82")


# --- objects --------------------------------------------------------------------------------------


def places(count: int, first: int = 0) -> tuple[int, ...]:
    """Give the numbers of so many programs."""
    return tuple(range(first, first + count))


def chosen(head: int, among: tuple[int, ...]) -> tuple[int, Encoding]:
    """Give the program and the encoding that a first byte says."""
    return among[(head >> 2) % len(among)], ENCODINGS[head & 3]


def _decided(data: bytes, among: tuple[int, ...]) -> None:
    """Decide an object; a prefix of it is not enough, or is decided as the whole is."""
    head, cut, body = (*data[:2], *bytes(2))[0], data[1:2], data[2:]
    place, encoding = chosen(head, among)
    whole = MATCHERS[place].decide(body, encoding, ENVELOPE)
    size = len(body) * (cut[0] if cut else 0) // 256
    some = MATCHERS[place].decide(body[:size], encoding, ENVELOPE, complete=False)
    assert some is None or some.decision == whole.decision


EXTRACT, DECIDE = places(len(STRUCTURE)), places(len(PROGRAMS) - len(STRUCTURE), len(STRUCTURE))


def extract(data: bytes) -> None:
    """Walk an object for programs that look at much of it."""
    _decided(data, EXTRACT)


def values(data: bytes) -> None:
    """Decide an object by its values: texts in character sets, names, numbers, dates, patterns."""
    _decided(data, DECIDE)


def _fed(place: int, body: bytes, encoding: Encoding, sizes: bytes) -> Outcome:
    """Give an object in pieces of these sizes, over and over; all at once when there are none."""
    given = MATCHERS[place].feed(encoding, ENVELOPE)
    at = turn = 0
    while at < len(body):
        size = (sizes[turn % len(sizes)] if sizes else len(body)) or 1
        given.add(body[at : at + size])
        at += size
        turn += 1
    return given.end()


def feed(data: bytes) -> None:
    """Decide an object as it comes; the second byte is how many sizes of pieces follow."""
    head, count, rest = (*data[:2], *bytes(2))[0], data[1:2], data[2:]
    count = (count[0] if count else 0) % 8
    sizes, body = rest[:count], rest[count:]
    place, encoding = chosen(head, places(len(PROGRAMS)))
    whole = MATCHERS[place].decide(body, encoding, ENVELOPE)
    assert _fed(place, body, encoding, sizes) == whole


def deflated(head: int, at: int, body: bytes) -> bytes:
    """Give a deflated stream: one as it is, or one of ours, cut or broken at a place."""
    if head & 1:
        return body
    deflate = zlib.compressobj(head >> 1 & 3, zlib.DEFLATED, -zlib.MAX_WBITS)
    stream = deflate.compress(body * (1 + (head >> 3 & 1) * 40)) + deflate.flush()
    if head & 16:
        stream = stream[: len(stream) * at // 256]
    elif head & 32 and stream:
        place = len(stream) * at // 256
        stream = stream[:place] + bytes((stream[place] ^ 1 + at % 255,)) + stream[place + 1 :]
    return stream + b"behind" if head & 64 else stream


def inflate(data: bytes) -> None:
    """Inflate a stream whole and in pieces, and decide what it gives both ways."""
    head, at = (*data[:2], *bytes(2))[:2]
    stream = deflated(head, at, data[2:])
    whole = Inflater(stream)
    whole.more(1 << 20)
    pieces = Inflater(b"")
    step = max(1 + at * 3, len(stream) // 64)
    given = b"".join(
        part
        for place in range(0, len(stream), step)
        for part in pieces.pieces(stream[place : place + step])
    )
    if whole.ended:
        pieces.ended or pieces.finish()
        assert (given, pieces.damage) == (bytes(whole.data), whole.damage)
    place = DECIDE[0] if head & 128 else EXTRACT[0]
    decided = MATCHERS[place].decide(stream, Encoding.DEFLATED, ENVELOPE)
    assert _fed(place, stream, Encoding.DEFLATED, bytes((step & 255,))) == decided


# --- associations ---------------------------------------------------------------------------------


class _Log:
    """A handler that reads commands, and may hold or close as the first byte says."""

    def __init__(self, head: int) -> None:
        self.head, self.events, self.receiver = head, list[object](), None

    def pdu(self, data: bytes) -> None:
        self.events.append(("pdu", data))

    def command(self, context: int, data: bytes) -> bool:
        self.events.append(("command", context, data))
        if self.head & 1:
            self.receiver.hold()
        try:
            return decode(data).has_data_set
        except BadCommandError:
            return bool(self.head & 2)

    def fragment(self, data: memoryview, last: bool) -> None:
        self.events.append(("data", bytes(data), last))
        if self.head & 4 and last:
            self.receiver.close()

    def fault(self, fault: Fault) -> None:
        self.events.append(("fault", fault))


LIMITS = (
    {"pdu_limit": 400, "request_limit": 300, "command_limit": 128},
    {"pdu_limit": 9000, "request_limit": 9000, "command_limit": 2000},
)


def _events(head: int, body: bytes, step: int) -> list[object]:
    log = _Log(head)
    log.receiver = receiver = Receiver(log, **LIMITS[head >> 3 & 1])
    if not head & 16:
        receiver.open((1, 3, 255))
    for at in range(0, len(body), step):
        try:
            receiver.push(body[at : at + step])
        except BufferError:
            assert receiver.held
            break
        while receiver.held:
            receiver.resume()
    return log.events


def pdata(data: bytes) -> None:
    """Receive a stream: the same events for the whole and for its pieces."""
    head, step = (*data[:2], *bytes(2))[:2]
    body = data[2:]
    if not head & 8:
        body = body[:700]  # what a held receiver takes at once
    assert _events(head, body, 8000) == _events(head, body, 1 + step)


def command(data: bytes) -> None:
    """Read a command set; one that can be read is read again as it is written."""
    try:
        read = decode(data)
    except BadCommandError:
        return
    assert decode(encode(read)) == read


def associate(data: bytes) -> None:
    """Judge an A-ASSOCIATE PDU; what passes, pynetdicom can read."""
    kind, body = (*data[:1], 0)[0] & 1, data[1:]
    pdu = bytes((1 + kind, 0)) + len(body).to_bytes(4, "big") + body.ljust(68, b"\0")
    read_titles(pdu)
    try:
        cleaned = clean(pdu)
    except BadRequestError:
        return
    (A_ASSOCIATE_AC if kind else A_ASSOCIATE_RQ)().decode(cleaned.pdu)
    assert clean(cleaned.pdu).pdu == cleaned.pdu


# --- machines of patterns -------------------------------------------------------------------------


def machines(data: bytes) -> None:
    """Take a laid machine and run it over values, one of them from the input."""
    size = data[0] if data else 0
    laid, text = data[1 + size :], data[1 : 1 + size]
    try:
        machine = Machine(laid)
    except ValueError:
        return
    for value in (*TEXTS, text):
        machine.tests_of(value)


MADE = tuple(Machine(each.laid) for each in LARGE)


def large(data: bytes) -> None:
    """Take a large laid machine with some words changed; as it is, it matches as predicates do."""
    head, count, rest = (*data[:2], *bytes(2))[0], data[1:2], data[2:]
    edits = 6 * ((count[0] if count else 0) % 8)
    place, text = head % len(LARGE), rest[edits:]
    if not edits:
        asked = LARGE[place]
        found = MADE[place].tests_of(text)
        try:
            value = text.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return
        assert found == held(asked, value)
        return
    try:
        machine = Machine(edited(LARGE[place].laid, rest[:edits]))
    except ValueError:
        return
    for value in (*TEXTS, text):
        machine.tests_of(value)


# --- compiled programs ----------------------------------------------------------------------------

FILES = tuple(map(parts_of, (*SMALL, *SMALL, *SMALL, EVERYTHING)))
"""The large one seldom: to look at all of it takes ten times as long."""


def artefact(data: bytes) -> None:
    """Take a file with some numbers changed; what is taken decides any object."""
    head, count, rest = (*data[:2], *bytes(2))[0], data[1:2], data[2:]
    edits = EDIT * ((count[0] if count else 0) % 8)
    parts = FILES[head % len(FILES)]
    try:
        matcher = taken(*changed(parts, rest[:edits]))
    except ArtefactError:
        return
    body = rest[edits:]
    for encoding in ENCODINGS:
        assert matcher.decide(body, encoding, ENVELOPE) is not None


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        extract,
        values,
        feed,
        artefact,
        machines,
        large,
        pdata,
        command,
        associate,
        inflate,
    )
}
