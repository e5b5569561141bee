"""The file of one object: how it is laid out, and how it is read from bytes nobody vouches for.

Pure: bytes in, values out. Layout (all numbers little endian):

    0                64 bytes   head: magic, version, lengths, digest of the trailer, check
    64               D bytes    the data set exactly as received
    64 + D           T bytes    trailer: UTF-8 JSON, what is known and owed of the object
    64 + D + T       notes      appended later: what became of a delivery, each with its check

The head is written last: a file without one is unfinished, and was never acknowledged. The magic,
the version and the check of the 64 bytes keep their places in every version, so that a version from
the future can be told from damage. A note binds itself to its file by the digest of the trailer.
A new outcome of a note, or a new meaning of anything here, is a new version. Version 1, which is
read as well, had neither study and series, nor rulings, nor any outcome but done and held.
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any

from roteiro.core.program import (
    Batch,
    Decision,
    Drop,
    Envelope,
    Hold,
    Notify,
    Refuse,
    Release,
    Send,
)
from roteiro.runtime.spool.contract import Record

MAGIC = b"\x89ROTEIRO"
VERSION = 2
READABLE = frozenset((1, VERSION))
HEAD_LENGTH = 64
TRAILER_LIMIT = 16 * 1024 * 1024
NOTE_LIMIT = TRAILER_LIMIT
NUMBER_LIMIT = 2**62
DIGEST = "sha-256"

_HEAD = struct.Struct("<8sHHIQ32s")  # magic, version, zero, trailer length, data length, digest
_CHECK_LENGTH = HEAD_LENGTH - _HEAD.size
_NOTE = struct.Struct("<4sI")  # mark, length of the body
_NOTE_MARK = b"\x89RN\n"
_NOTE_CHECK_LENGTH = 32


class Unsound(Exception):  # noqa: N818  base of three answers, none of them an error of ours
    """These bytes are not a whole object; the text says why."""


class Unfinished(Unsound):
    """The head was never written: the object was never acknowledged."""


class Broken(Unsound):
    """A check does not hold."""


class Foreign(Unsound):
    """Whole as far as can be seen, but of a version that this program does not know."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first 64 bytes."""

    data_length: int
    trailer_length: int
    trailer_digest: bytes

    @property
    def trailer_at(self) -> int:
        """Where the trailer begins."""
        return HEAD_LENGTH + self.data_length

    @property
    def notes_at(self) -> int:
        """Where the notes begin: the length of a file without any."""
        return self.trailer_at + self.trailer_length


@dataclass(frozen=True, slots=True)
class Kept:
    """The trailer: all that is kept beside the data set."""

    record: Record
    sequence: int
    """Grows with every object of a spool; delivery `n` of the object is `sequence + n`."""
    size: int
    """Bytes of the data set as received, also when it was let go."""
    digest: str
    """SHA-256 of the data set as received, hexadecimal."""


class Became(Enum):
    """What a note says became of a delivery."""

    DONE = "done"
    HELD = "held"
    WAITING = "waiting"
    """Held before; a person had it tried again."""
    DISCARDED = "discarded"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one delivery."""

    ordinal: int
    """Place in the decision's `sends`, followed by those of all rulings."""
    to: str
    became: Became
    at: float
    """Seconds since 1970, UTC."""
    detail: str
    """The status that the destination gave, or why it is held or discarded."""
    by: str = ""
    """Who did it, when it was a person."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision that a person had made later.

    It takes the place of all that held the object; its deliveries are added to those before.
    """

    decision: Decision
    rule_set: str
    first: int
    """Number of its first delivery."""
    at: float
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes that can be trusted."""

    notes: tuple[Note | Ruling, ...]
    end: int
    """Bytes that they take: the next one goes here."""
    torn: bool
    """Whether bytes follow that are no note: one that a power cut tore."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that passes all its checks."""

    head: Head
    kept: Kept
    data: bytes
    notes: Notes


def pack_head(data_length: int, trailer: bytes) -> bytes:
    """Make the head of a file."""
    digest = hashlib.sha256(trailer).digest()
    plain = _HEAD.pack(MAGIC, VERSION, 0, len(trailer), data_length, digest)
    return plain + _head_check(plain)


def read_head(data: bytes) -> Head:
    """Read the head from a file's first bytes; `Unfinished`, `Broken` or `Foreign`."""
    data = data[:HEAD_LENGTH]
    if len(data) < HEAD_LENGTH or not any(data):
        raise Unfinished("the head was not written")
    plain = data[: _HEAD.size]
    magic, version, zero, trailer_length, data_length, digest = _HEAD.unpack(plain)
    if magic != MAGIC:
        raise Broken("the magic is missing")
    if data[_HEAD.size :] != _head_check(plain):
        raise Broken("the head's check does not hold")
    if version not in READABLE:
        raise Foreign(f"format version {version}")
    if zero or trailer_length > TRAILER_LIMIT or data_length > NUMBER_LIMIT:
        raise Broken("the head makes no sense")
    return Head(data_length, trailer_length, digest)


def pack_trailer(kept: Kept) -> bytes:
    """Make the trailer."""
    content = {
        "digest": {"name": DIGEST, "value": kept.digest},
        "size": kept.size,
        "sequence": kept.sequence,
        "received": kept.record.received,
        "rule_set": kept.record.rule_set,
        "study": kept.record.study,
        "series": kept.record.series,
        "envelope": asdict(kept.record.envelope),
        "decision": asdict(kept.record.decision),
    }
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def read_trailer(head: Head, trailer: bytes) -> Kept:
    """Read the trailer that belongs to a head; `Broken` when it does not."""
    if len(trailer) != head.trailer_length:
        raise Broken("the file is cut short")
    if hashlib.sha256(trailer).digest() != head.trailer_digest:
        raise Broken("the trailer's digest does not hold")
    try:
        kept = _kept(_load(trailer))
    except _SENSELESS as error:
        raise Broken("the trailer makes no sense") from error
    if head.data_length not in {0, kept.size}:
        raise Broken("the lengths disagree")
    return kept


def decision_text(decision: Decision) -> str:
    """Write a decision as in a file."""
    return json.dumps(asdict(decision), allow_nan=False, separators=(",", ":"))


def read_decision(text: str) -> Decision:
    """Read what `decision_text` wrote."""
    return _decision(_load(text.encode()))


def pack_note(note: Note | Ruling, head: Head) -> bytes:
    """Make a note for the file with this head."""
    content = asdict(note)
    if isinstance(note, Note):
        content["became"] = note.became.value
    body = json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    if len(body) > NOTE_LIMIT:
        raise ValueError("a note is too long")
    plain = _NOTE.pack(_NOTE_MARK, len(body)) + body
    return plain + _note_check(plain, head)


def read_notes(data: bytes, head: Head) -> Notes:
    """Read what follows the trailer, up to the first byte that is not a note of this file."""
    notes: list[Note | Ruling] = []
    at = 0
    while at < len(data):
        found = _note(data, at, head)
        if found is None:
            break
        note, at = found
        notes.append(note)
    return Notes(tuple(notes), at, torn=at < len(data))


def parse(data: bytes) -> Whole:
    """Read a whole file, its data set's digest included; `Unfinished`, `Broken` or `Foreign`."""
    head = read_head(data)
    kept = read_trailer(head, data[head.trailer_at : head.notes_at])
    data_set = data[HEAD_LENGTH : head.trailer_at]
    if head.data_length and hashlib.sha256(data_set).hexdigest() != kept.digest:
        raise Broken("the data set's digest does not hold")
    return Whole(head, kept, data_set, read_notes(data[head.notes_at :], head))


def _head_check(plain: bytes) -> bytes:
    return hashlib.sha256(plain).digest()[:_CHECK_LENGTH]


def _note_check(plain: bytes, head: Head) -> bytes:
    return hashlib.sha256(head.trailer_digest + plain).digest()


def _note(data: bytes, at: int, head: Head) -> tuple[Note | Ruling, int] | None:
    start = at + _NOTE.size
    if start > len(data):
        return None
    mark, length = _NOTE.unpack_from(data, at)
    body_end = start + length
    end = body_end + _NOTE_CHECK_LENGTH
    if mark != _NOTE_MARK or length > NOTE_LIMIT or end > len(data):
        return None
    if data[body_end:end] != _note_check(data[at:body_end], head):
        return None
    try:
        content = _load(data[start:body_end])
        note = _ruling(content) if "decision" in content else _plain_note(content)
    except _SENSELESS:
        return None
    return note, end


def _plain_note(content: "Json") -> Note:
    return Note(
        _integer(content["ordinal"]),
        _text(content["to"]),
        Became(content["became"]),
        float(content["at"]),
        _text(content["detail"]),
        _text(content.get("by", "")),
    )


def _ruling(content: "Json") -> Ruling:
    return Ruling(
        _decision(content["decision"]),
        _text(content["rule_set"]),
        _integer(content["first"]),
        float(content["at"]),
        _text(content["by"]),
        _text(content["reason"]),
    )


Json = Mapping[str, Any]
_SENSELESS = (KeyError, TypeError, ValueError, OverflowError, RecursionError)


def _load(data: bytes) -> Any:
    return json.loads(data, parse_constant=_no_number)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _kept(content: Json) -> Kept:
    if content["digest"]["name"] != DIGEST:
        raise ValueError("unknown digest")
    digest = _text(content["digest"]["value"])
    if len(bytes.fromhex(digest)) != hashlib.sha256().digest_size:
        raise ValueError("digest of a wrong length")
    record = Record(
        _envelope(content["envelope"]),
        _decision(content["decision"]),
        _text(content["rule_set"]),
        float(content["received"]),
        _text(content.get("study", "")),
        _text(content.get("series", "")),
    )
    return Kept(record, _integer(content["sequence"]), _integer(content["size"]), digest)


_ENVELOPE_TEXTS = tuple(
    field.name for field in fields(Envelope) if field.name not in {"at", "size"}
)


def _envelope(content: Json) -> Envelope:
    texts = {
        name: None if content[name] is None else _text(content[name]) for name in _ENVELOPE_TEXTS
    }
    size, at = content["size"], content.get("at")  # no `at` before edition 1 was whole
    return Envelope(
        **texts,
        size=None if size is None else _integer(size),
        at=None if at is None else _integer(at),
    )


def _decision(content: Json) -> Decision:
    hold, refuse, drop = content["hold"], content["refuse"], content["drop"]
    return Decision(
        verdict=_text(content["verdict"]),
        sends=tuple(_send(part) for part in content["sends"]),
        holds=tuple(_hold(part) for part in content["holds"]),
        hold=None if hold is None else _hold(hold),
        refuse=None
        if refuse is None
        else Refuse(_integer(refuse["status"]), _text(refuse["reason"])),
        drop=None if drop is None else Drop(_text(drop["reason"])),
        nothing=_texts(content["nothing"]),
        rules=_texts(content["rules"]),
        notify=tuple(
            Notify(_text(part["channel"]), _text(part["message"]))
            for part in content.get("notify", ())
        ),
    )


def _send(content: Json) -> Send:
    return Send(
        _text(content["to"]),
        _texts(content["via"]),
        _text(content["rule"]),
        _texts(content["rules"]),
        _text(content["urgency"]),
        tuple(_release(part) for part in content.get("release", [{}])),
    )


def _release(content: Json) -> Release:
    batch, during = content.get("batch"), content.get("during")
    return Release(
        None if batch is None else _batch(batch), None if during is None else _text(during)
    )


def _batch(content: Json) -> Batch:
    within = content["within"]
    return Batch(
        _text(content["by"]),
        float(content["after"]),
        None if within is None else float(within),
        _text(content["late"]),
    )


def _hold(content: Json) -> Hold:
    return Hold(_text(content["queue"]), _text(content["reason"]))


def _texts(content: Sequence[object]) -> tuple[str, ...]:
    return tuple(_text(part) for part in content)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < NUMBER_LIMIT:
        raise TypeError("whole number expected")
    return value
