"""The fixed and variable items of an A-ASSOCIATE PDU, judged before anything else reads them.

PS3.8 9.3.2 and 9.3.3, annex D of PS3.7. Sans-I/O. The walk allows nothing that costs: every length
is compared with what is there, every number has a limit. What it gives back is the same PDU without
the items that nobody knows (PS3.8 9.3.1: they are ignored) and with AE titles of printable ASCII,
so that pynetdicom, which insists on both, only sees what it can read. The titles as the peer sent
them are in `Titles`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CONTEXT_LIMIT = 128
SYNTAX_LIMIT = 64
FIXED = 74
"""Bytes up to the variable items, the PDU's header included."""

APPLICATION, CONTEXT_RQ, CONTEXT_AC, ABSTRACT, TRANSFER, USER = 0x10, 0x20, 0x21, 0x30, 0x40, 0x50
TOP_ITEMS = frozenset((APPLICATION, CONTEXT_RQ, CONTEXT_AC, USER))
USER_ITEMS = frozenset(range(0x51, 0x5A))
UID = re.compile(rb"[0-9.]{1,64}\0?")
UNPRINTABLE = re.compile(rb"[^ -\[\]-~]")


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


def clean(pdu: bytes) -> bytes:
    """Check an A-ASSOCIATE-RQ or -AC and give it as pynetdicom can read it.

    `BadRequestError` when an item does not fit, there are too many, or a context is odd.
    """
    kept = []
    contexts: set[int] = set()
    for kind, body in _items(pdu[FIXED:]):
        if kind in (CONTEXT_RQ, CONTEXT_AC):
            kept.append(_item(kind, _context(kind, body, contexts)))
        elif kind == USER:
            inner = [_item(sub, value) for sub, value in _items(body) if sub in USER_ITEMS]
            kept.append(_item(kind, b"".join(inner)))
        elif kind == APPLICATION:
            kept.append(_item(kind, body))
    if not contexts:
        raise BadRequestError("no presentation context")
    rest = b"".join(kept)
    # version: only bit 0 counts (PS3.8 9.3.2); the receiver may not test the others
    version = (int.from_bytes(pdu[6:8], "big") & 1).to_bytes(2, "big")
    head = version + b"\0\0" + _title(pdu[10:26]) + _title(pdu[26:42]) + bytes(32)
    return pdu[:2] + (len(head) + len(rest)).to_bytes(4, "big") + head + rest


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


def _context(kind: int, body: bytes, seen: set[int]) -> bytes:
    """Check one presentation context and give it without unknown sub-items."""
    if len(body) < 4 or not body[0] % 2 or body[0] in seen:
        raise BadRequestError("a presentation context id that is even or not unique")
    seen.add(body[0])
    if len(seen) > CONTEXT_LIMIT:
        raise BadRequestError("more than 128 presentation contexts")
    names = [(sub, uid) for sub, uid in _items(body[4:]) if sub in (ABSTRACT, TRANSFER)]
    if kind == CONTEXT_RQ:
        _check_proposal(names)
    return body[:4] + b"".join(_item(sub, uid) for sub, uid in names)


def _check_proposal(names: list[tuple[int, bytes]]) -> None:
    """See that a proposal has one abstract syntax and 1 to 64 transfer syntaxes, all UIDs."""
    abstract = sum(sub == ABSTRACT for sub, _ in names)
    if abstract != 1 or not 1 <= len(names) - abstract <= SYNTAX_LIMIT:
        raise BadRequestError("a presentation context without its syntaxes, or with too many")
    if not all(UID.fullmatch(uid) for _, uid in names):
        raise BadRequestError("a syntax that is no UID")
