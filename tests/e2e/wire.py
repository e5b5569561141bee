"""DICOM on the wire, written and read byte by byte with `struct` (PS3.8 9.3, PS3.7 annex E).

Shares nothing with the router: what both ends of a test agree on here is the standard's.
"""

import struct
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

VERIFICATION = "1.2.840.10008.1.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
OUR_CLASS = "1.2.826.0.1.3680043.8.498.1"

# PDU types (PS3.8 9.3)
ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ = 1, 2, 3
DATA, RELEASE_RQ, RELEASE_RP, ABORT = 4, 5, 6, 7
# bits of a message control header (PS3.8 E.2)
COMMAND, LAST = 1, 2
# command fields (PS3.7 E.1)
C_STORE_RQ, C_STORE_RSP, C_ECHO_RQ, C_ECHO_RSP = 0x0001, 0x8001, 0x0030, 0x8030
NO_DATA_SET = 0x0101


@dataclass(frozen=True, slots=True)
class Parcel:
    """A data set as it lies in a file: encoded bytes and what its file meta says of them."""

    name: str
    sop_class: str
    sop_instance: str
    transfer_syntax: str
    data: bytes

    @property
    def digest(self) -> str:
        return sha256(self.data).hexdigest()


def parcel_of(path: Path) -> Parcel:
    """Read a Part 10 file by hand (PS3.10 7.1): the data set is not decoded."""
    raw = path.read_bytes()
    assert raw[128:132] == b"DICM", path
    at, meta = 132, {}
    while raw[at : at + 2] == b"\x02\x00":
        tag = struct.unpack_from("<H", raw, at + 2)[0]
        if raw[at + 4 : at + 6] in {b"OB", b"OW", b"UN", b"UT", b"SQ"}:
            length, at = struct.unpack_from("<I", raw, at + 8)[0], at + 12
        else:
            length, at = struct.unpack_from("<H", raw, at + 6)[0], at + 8
        meta[tag] = raw[at : at + length]
        at += length
    sop_class, sop_instance, syntax = (name(meta[tag]) for tag in (0x02, 0x03, 0x10))
    return Parcel(path.name, sop_class, sop_instance, syntax, raw[at:])


def file_of(parcel: Parcel) -> bytes:
    """Give a Part 10 file of a parcel."""
    body = b"".join(
        struct.pack("<HH2s", 2, tag, vr) + value
        for tag, vr, value in (
            (0x01, b"OB", struct.pack("<HI", 0, 2) + b"\0\1"),
            (0x02, b"UI", short(parcel.sop_class)),
            (0x03, b"UI", short(parcel.sop_instance)),
            (0x10, b"UI", short(parcel.transfer_syntax)),
            (0x12, b"UI", short(OUR_CLASS)),
        )
    )
    length = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(body))
    return bytes(128) + b"DICM" + length + body + parcel.data


def short(uid: str) -> bytes:
    value = padded(uid)
    return struct.pack("<H", len(value)) + value


def padded(uid: str) -> bytes:
    value = uid.encode()
    return value + b"\0" * (len(value) % 2)


# --- PDUs ---------------------------------------------------------------------------------------


def pdu(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBI", kind, 0, len(body)) + body


def item(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, len(body)) + body


def items(body: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(body):
        kind, _, length = struct.unpack_from(">BBH", body, at)
        found.append((kind, body[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def user_information(max_pdu: int) -> bytes:
    return item(0x50, item(0x51, struct.pack(">I", max_pdu)) + item(0x52, OUR_CLASS.encode()))


def associate(kind: int, called: str, calling: str, contexts: bytes, max_pdu: int) -> bytes:
    """Make an A-ASSOCIATE-RQ or -AC (PS3.8 9.3.2, 9.3.3)."""
    titles = called.encode().ljust(16) + calling.encode().ljust(16)
    application = item(0x10, b"1.2.840.10008.3.1.1.1")
    head = struct.pack(">HH", 1, 0) + titles + bytes(32)
    return pdu(kind, head + application + contexts + user_information(max_pdu))


def proposal(number: int, abstract: str, *syntaxes: str) -> bytes:
    names = item(0x30, abstract.encode()) + b"".join(item(0x40, name.encode()) for name in syntaxes)
    return item(0x20, bytes((number, 0, 0, 0)) + names)


def result(number: int, outcome: int, syntax: str) -> bytes:
    return item(0x21, bytes((number, 0, outcome, 0)) + item(0x40, syntax.encode()))


@dataclass(frozen=True, slots=True)
class Associate:
    """An A-ASSOCIATE-RQ or -AC as it was read."""

    called: str
    calling: str
    max_pdu: int
    contexts: dict[int, tuple[int, str, tuple[str, ...]]]
    """Number to result (0 in a request), abstract syntax ("" in an answer), transfer syntaxes."""


def read_associate(body: bytes) -> Associate:
    called, calling = body[4:20].decode().strip(), body[20:36].decode().strip()
    max_pdu, contexts = 0, {}
    for kind, inner in items(body[68:]):
        if kind in {0x20, 0x21}:
            named = items(inner[4:])
            abstract = next((value.decode() for sub, value in named if sub == 0x30), "")
            syntaxes = tuple(value.decode() for sub, value in named if sub == 0x40)
            contexts[inner[0]] = (inner[2], abstract, syntaxes)
        elif kind == 0x50:
            max_pdu = struct.unpack(">I", dict(items(inner))[0x51])[0]
    return Associate(called, calling, max_pdu, contexts)


def pdv(context: int, control: int, data: bytes) -> bytes:
    return struct.pack(">IBB", len(data) + 2, context, control) + data


def pdvs(body: bytes) -> list[tuple[int, int, bytes]]:
    found, at = [], 0
    while at < len(body):
        length, context, control = struct.unpack_from(">IBB", body, at)
        found.append((context, control, body[at + 6 : at + 4 + length]))
        at += 4 + length
    return found


# --- command sets: implicit little endian (PS3.7 6.3.1) ------------------------------------------


def command(*elements: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("<HHI", 0, number, len(value)) + value for number, value in elements
    )
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def read_command(body: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(body):
        _, number, length = struct.unpack_from("<HHI", body, at)
        found[number] = body[at + 8 : at + 8 + length]
        at += 8 + length
    return found


def us(value: int) -> bytes:
    return struct.pack("<H", value)


def store_request(message: int, sop_class: str, sop_instance: str) -> bytes:
    return command(
        (0x0002, padded(sop_class)),
        (0x0100, us(C_STORE_RQ)),
        (0x0110, us(message)),
        (0x0700, us(0)),
        (0x0800, us(0)),
        (0x1000, padded(sop_instance)),
    )


def echo_request(message: int) -> bytes:
    return command(
        (0x0002, padded(VERIFICATION)),
        (0x0100, us(C_ECHO_RQ)),
        (0x0110, us(message)),
        (0x0800, us(NO_DATA_SET)),
    )


def response(request: dict[int, bytes], status: int) -> bytes:
    """Answer a C-STORE or C-ECHO request."""
    (field,) = struct.unpack("<H", request[0x0100])
    named = [(0x1000, request[0x1000])] if 0x1000 in request else []
    return command(
        (0x0002, request[0x0002]),
        (0x0100, us(field | 0x8000)),
        (0x0120, request[0x0110]),
        (0x0800, us(NO_DATA_SET)),
        (0x0900, us(status)),
        *named,
    )


def number(value: bytes) -> int:
    return int.from_bytes(value, "little")


def name(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode()


# --- data sets that tests make up ----------------------------------------------------------------


def made_up(sop_instance: str, modality: str = "CT", filling: bytes = b"", **more: str) -> Parcel:
    """Make a small explicit little endian data set; `more` are (gggg,eeee) as `x00100020="1"`."""
    elements = {
        (0x0008, 0x0016): (b"UI", padded(CT)),
        (0x0008, 0x0018): (b"UI", padded(sop_instance)),
        (0x0008, 0x0060): (b"CS", spaced(modality)),
        (0x0010, 0x0020): (b"LO", spaced("1")),
    }
    for key, value in more.items():
        elements[int(key[1:5], 16), int(key[5:], 16)] = (b"LO", spaced(value))
    data = b"".join(
        struct.pack("<HH2sH", *tag, vr, len(value)) + value
        for tag, (vr, value) in sorted(elements.items())
    )
    filling += b"\0" * (len(filling) % 2)
    data += struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, len(filling)) + filling
    return Parcel(modality, CT, sop_instance, EXPLICIT, data)


def spaced(value: str) -> bytes:
    raw = value.encode()
    return raw + b" " * (len(raw) % 2)
