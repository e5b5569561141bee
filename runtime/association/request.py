"""The fixed and variable items of an A-ASSOCIATE PDU, judged before anything else reads them.

PS3.8 9.3.2 and 9.3.3, annex D of PS3.7. Sans-I/O. The walk allows nothing that costs: every length
is compared with what is there, every number has a limit. What it gives back is the same PDU without
the items that nobody knows (PS3.8 9.3.1: they are ignored) and with AE titles of printable ASCII,
so that pynetdicom, which insists on both, only sees what it can read. The titles as the peer sent
them are in `Titles`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CONTEXT_LIMIT = 128
SYNTAX_LIMIT = 64
FIXED = 74
"""Bytes up to the variable items, the PDU's header included."""

APPLICATION, CONTEXT_RQ, CONTEXT_AC, ABSTRACT, TRANSFER, USER = 0x10, 0x20, 0x21, 0x30, 0x40, 0x50
IMPLEMENTATION, ROLES, VERSION, EXTENDED, COMMON_EXTENDED = 0x52, 0x54, 0x55, 0x56, 0x57
IDENTITY, IDENTITY_ANSWER = 0x58, 0x59
TOP_ITEMS = frozenset((APPLICATION, CONTEXT_RQ, CONTEXT_AC, USER))
USER_ITEMS = frozenset(range(0x51, 0x5A))
UID = re.compile(rb"[0-9.]{1,64}\0?")
STRICT_UID = re.compile(rb"(?=.{1,64}\0?$)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*\0?", re.DOTALL)
VERSION_NAME = re.compile(rb"(?=.*[^ ])[ -\[\]-~]{1,16}")
STAND_IN = b"2.25."
UNPRINTABLE = re.compile(rb"[^ -\[\]-~]")
TEXTS = {IMPLEMENTATION: STRICT_UID, VERSION: VERSION_NAME}
"""What a user item that is a text may be (PS3.7 D.3.3.2)."""
SIZES = {0x51: 4, 0x53: 4}
"""Bytes of what is a number, or two: the maximum length, and operations at once."""
ROLE_FLAGS = frozenset(bytes((scu, scp)) for scu in (0, 1) for scp in (0, 1))
"""What a role may be (PS3.7 D.3.3.4)."""


class BadRequestError(ValueError):
    """The PDU breaks PS3.8; the text says where."""


@dataclass(frozen=True, slots=True)
class Titles:
    """What the fixed part says of both ends; Latin-1, so that every byte shows."""

    version: int
    calling_ae: str
    called_ae: str


def read_titles(pdu: bytes) -> Titles:
    """Read the fixed part of an A-ASSOCIATE-RQ; padding is not significant."""
    return Titles(
        version=int.from_bytes(pdu[6:8], "big"),
        calling_ae=pdu[26:42].decode("latin-1").strip("\0 "),
        called_ae=pdu[10:26].decode("latin-1").strip("\0 "),
    )


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A PDU that pynetdicom can read, and what it could not read of it."""

    pdu: bytes
    odd: Mapping[int, str]
    """Abstract syntaxes by context id that break PS3.5 9.1 (`1.2.03`), as the peer sent them; the
    PDU has a UID of ours in their place."""


def clean(pdu: bytes) -> Cleaned:
    """Check an A-ASSOCIATE-RQ or -AC and give it as pynetdicom can read it.

    `BadRequestError` when an item does not fit, there are too many, or a context is odd.
    """
    kept = []
    contexts: set[int] = set()
    odd: dict[int, str] = {}
    for kind, body in _items(pdu[FIXED:]):
        if kind in (CONTEXT_RQ, CONTEXT_AC):
            kept.append(_item(kind, _context(kind, body, contexts, odd)))
        elif kind == USER:
            inner = [_item(sub, value) for sub, value in _items(body) if _is_user_item(sub, value)]
            kept.append(_item(kind, b"".join(inner)))
        elif kind == APPLICATION and STRICT_UID.fullmatch(body):
            kept.append(_item(kind, body))
    if not contexts:
        raise BadRequestError("no presentation context")
    rest = b"".join(kept)
    # version: only bit 0 counts (PS3.8 9.3.2); the receiver may not test the others
    version = (int.from_bytes(pdu[6:8], "big") & 1).to_bytes(2, "big")
    head = version + b"\0\0" + _title(pdu[10:26]) + _title(pdu[26:42]) + bytes(32)
    return Cleaned(pdu[:2] + (len(head) + len(rest)).to_bytes(4, "big") + head + rest, odd)


def _title(raw: bytes) -> bytes:
    """Give an AE title of printable ASCII; admission was decided on the title as it came."""
    return (UNPRINTABLE.sub(b"?", raw.strip(b"\0 ")) or b"?").ljust(16)


def _item(kind: int, body: bytes) -> bytes:
    """Put an item together."""
    return bytes((kind, 0)) + len(body).to_bytes(2, "big") + body


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk over items: type, reserved, length of two bytes, body."""
    offset = 0
    while offset < len(data):
        body = offset + 4
        count = int.from_bytes(data[offset + 2 : body], "big")
        if body > len(data) or count > len(data) - body:
            raise BadRequestError("an item ends past the end")
        yield data[offset], data[body : body + count]
        offset = body + count


def _context(kind: int, body: bytes, seen: set[int], odd: dict[int, str]) -> bytes:
    """Check one presentation context and give it without unknown sub-items."""
    if len(body) < 4 or not body[0] % 2 or body[0] in seen:
        raise BadRequestError("a presentation context id that is even or not unique")
    seen.add(body[0])
    if len(seen) > CONTEXT_LIMIT:
        raise BadRequestError("more than 128 presentation contexts")
    names = [(sub, uid) for sub, uid in _items(body[4:]) if sub in (ABSTRACT, TRANSFER)]
    if kind == CONTEXT_RQ:
        _check_proposal(names)
        names = _readable(names, body[0], odd)
    else:
        names = _answered(names, accepted=body[2] == 0)
    return body[:4] + b"".join(_item(sub, uid) for sub, uid in names)


def _readable(
    names: list[tuple[int, bytes]], number: int, odd: dict[int, str]
) -> list[tuple[int, bytes]]:
    """Put UIDs of ours in the place of those that pynetdicom would complain of."""
    abstract = next(uid for sub, uid in names if sub == ABSTRACT)
    if not STRICT_UID.fullmatch(abstract):
        odd[number] = abstract.decode("ascii").rstrip("\0")
        abstract = STAND_IN + str(number).encode()
    syntaxes = [uid for sub, uid in names if sub == TRANSFER and STRICT_UID.fullmatch(uid)]
    # no odd syntax is one that we know: it is enough that there is one to reject
    return [(ABSTRACT, abstract), *((TRANSFER, uid) for uid in syntaxes or [STAND_IN + b"0"])]


def _is_user_item(kind: int, body: bytes) -> bool:
    """Say whether a sub-item of the user information is one that can be read (PS3.7 D.3.3)."""
    if kind in TEXTS:
        return TEXTS[kind].fullmatch(body) is not None
    if kind in (ROLES, EXTENDED):
        end = 2 + int.from_bytes(body[:2], "big")
        return _counted_uids(body[:end]) and (kind == EXTENDED or body[end:] in ROLE_FLAGS)
    if kind == COMMON_EXTENDED:
        first = 2 + int.from_bytes(body[:2], "big")
        second = first + 2 + int.from_bytes(body[first : first + 2], "big")
        related = body[second + 2 :]
        whole = len(body) >= second and _counted_uids(body[:second])
        return whole and (not related or _counted_uids(related))
    if kind == IDENTITY:  # type, whether an answer is wanted, and two fields (PS3.7 D.3.3.7.1)
        return len(body) > 2 and _counted(body[2:], 2)
    if kind == IDENTITY_ANSWER:
        return _counted(body, 1)
    return kind in USER_ITEMS and len(body) == SIZES.get(kind, len(body))


def _counted(body: bytes, fields: int) -> bool:
    """Say whether these are so many fields, each with its length before it, and nothing else."""
    offset = 0
    for _ in range(fields):
        start = offset + 2
        if start > len(body):
            return False
        offset = start + int.from_bytes(body[offset:start], "big")
    return offset == len(body)


def _counted_uids(body: bytes) -> bool:
    """Say whether these are UIDs, each with its length before it, and at least one."""
    offset = 0
    while offset < len(body):
        start = offset + 2
        offset = start + int.from_bytes(body[offset:start], "big")
        if offset > len(body) or not STRICT_UID.fullmatch(body[start:offset]):
            return False
    return bool(body)


def _answered(names: list[tuple[int, bytes]], *, accepted: bool) -> list[tuple[int, bytes]]:
    """Give the one transfer syntax of an answer; that of a rejection is not to be looked at."""
    taken = [(sub, uid) for sub, uid in names if sub == TRANSFER and STRICT_UID.fullmatch(uid)]
    if accepted and len(taken) != 1:
        raise BadRequestError("an accepted presentation context without its transfer syntax")
    return taken[:1]


def _check_proposal(names: list[tuple[int, bytes]]) -> None:
    """See that a proposal has one abstract syntax and 1 to 64 transfer syntaxes, all UIDs."""
    abstract = sum(sub == ABSTRACT for sub, _ in names)
    if abstract != 1 or not 1 <= len(names) - abstract <= SYNTAX_LIMIT:
        raise BadRequestError("a presentation context without its syntaxes, or with too many")
    if not all(UID.fullmatch(uid) for _, uid in names):
        raise BadRequestError("a syntax that is no UID")
