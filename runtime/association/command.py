"""DIMSE command sets: group 0000 in implicit VR little endian (PS3.7 6.3 and annex E).

Only what a router says and answers: C-STORE and C-ECHO are built here, every other command is read
well enough to be answered. Fields are named by the keywords of their elements. A declared length is
compared with what is there before it is used; the group length is not trusted at all.
"""

import struct
from dataclasses import dataclass, fields
from enum import IntEnum

from roteiro.lang.messages import Phrase

NO_DATA_SET = 0x0101
"""Command Data Set Type: none follows (PS3.7 E.1)."""
ELEMENT_LIMIT = 64
RESPONSE = 0x8000
"""The bit of Command Field that tells a response from its request."""


class CommandField(IntEnum):
    """The commands that the router knows by name (PS3.7 E.1)."""

    C_STORE = 0x0001
    C_STORE_RSP = 0x8001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    C_ECHO_RSP = 0x8030
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    N_DELETE = 0x0150
    C_CANCEL = 0x0FFF


REQUESTS = frozenset(field for field in CommandField if not field & RESPONSE)


class Priority(IntEnum):
    """Priority (0000,0700)."""

    MEDIUM = 0
    HIGH = 1
    LOW = 2


class BadCommandError(ValueError):
    """The bytes are no command set; the text says why."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command set; `None` is an element that is not there."""

    CommandField: int
    CommandDataSetType: int = NO_DATA_SET
    AffectedSOPClassUID: str | None = None
    RequestedSOPClassUID: str | None = None
    MessageID: int | None = None
    MessageIDBeingRespondedTo: int | None = None
    Priority: int | None = None
    Status: int | None = None
    ErrorComment: str | None = None
    AffectedSOPInstanceUID: str | None = None
    RequestedSOPInstanceUID: str | None = None

    @property
    def has_data_set(self) -> bool:
        """Whether a data set follows: any value but 0101 says so."""
        return self.CommandDataSetType != NO_DATA_SET


# element of group 0000 -> keyword and VR, in the order of encoding (PS3.7 E.1)
ELEMENTS = {
    0x0002: ("AffectedSOPClassUID", "UI"),
    0x0003: ("RequestedSOPClassUID", "UI"),
    0x0100: ("CommandField", "US"),
    0x0110: ("MessageID", "US"),
    0x0120: ("MessageIDBeingRespondedTo", "US"),
    0x0700: ("Priority", "US"),
    0x0800: ("CommandDataSetType", "US"),
    0x0900: ("Status", "US"),
    0x0902: ("ErrorComment", "LO"),
    0x1000: ("AffectedSOPInstanceUID", "UI"),
    0x1001: ("RequestedSOPInstanceUID", "UI"),
}
REQUIRED = ("CommandField", "CommandDataSetType")
assert {name for name, _ in ELEMENTS.values()} == {field.name for field in fields(Command)}

ELEMENT = struct.Struct("<HHI")
SHORT = struct.Struct("<H")


def decode(data: bytes) -> Command:
    """Read a command set; `BadCommandError` says what is wrong with it.

    Text keeps every byte that a peer sent (it is read as Latin-1), so that it can be sent on.
    """
    values: dict[str, str | int] = {}
    seen: set[int] = set()
    offset = 0
    while offset < len(data):
        number, start, count = _element(data, offset)
        if number in seen or len(seen) >= ELEMENT_LIMIT:
            raise BadCommandError(Phrase("runtime.message_twice"))
        seen.add(number)
        offset = start + count
        if number in ELEMENTS:
            keyword, vr = ELEMENTS[number]
            values[keyword] = _value(keyword, vr, data[start:offset])
    for keyword in REQUIRED:
        if keyword not in values:
            raise BadCommandError(Phrase("runtime.message_lacks", keyword=keyword))
    return Command(**values)  # type: ignore[arg-type]  # ELEMENTS gives the types


def _element(data: bytes, offset: int) -> tuple[int, int, int]:
    """Give element number, start and length of the value at an offset."""
    if len(data) - offset < ELEMENT.size:
        raise BadCommandError(Phrase("runtime.message_cut"))
    group, number, count = ELEMENT.unpack_from(data, offset)
    start = offset + ELEMENT.size
    if group != 0:
        raise BadCommandError(Phrase("runtime.message_group"))
    if count > len(data) - start:
        raise BadCommandError(Phrase("runtime.message_long"))
    return number, start, count


def _value(keyword: str, vr: str, value: bytes) -> str | int:
    """Read one value."""
    if vr == "US":
        if len(value) != SHORT.size:
            raise BadCommandError(Phrase("runtime.message_short", keyword=keyword))
        return int(SHORT.unpack(value)[0])
    return value.decode("latin-1").rstrip("\0 ")


def encode(command: Command) -> bytes:
    """Write a command set with its group length, elements in ascending order."""
    pieces = []
    for number, (keyword, vr) in ELEMENTS.items():
        value = getattr(command, keyword)
        if value is not None:
            raw = SHORT.pack(value) if vr == "US" else _padded(value, vr)
            pieces.append(ELEMENT.pack(0, number, len(raw)) + raw)
    body = b"".join(pieces)
    return ELEMENT.pack(0, 0, 4) + struct.pack("<I", len(body)) + body


def _padded(value: str, vr: str) -> bytes:
    """Give text with an even length: UI is padded with a null, others with a space (PS3.5 6.2)."""
    raw = value.encode("latin-1")
    return raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)


def store_request(message: int, sop_class: str, sop_instance: str, priority: Priority) -> Command:
    """Build a C-STORE-RQ (PS3.7 9.3.1.1)."""
    return Command(
        CommandField=CommandField.C_STORE,
        CommandDataSetType=0x0001,
        AffectedSOPClassUID=sop_class,
        MessageID=message,
        Priority=priority,
        AffectedSOPInstanceUID=sop_instance,
    )


def echo_request(message: int, sop_class: str) -> Command:
    """Build a C-ECHO-RQ (PS3.7 9.3.5.1)."""
    return Command(
        CommandField=CommandField.C_ECHO, AffectedSOPClassUID=sop_class, MessageID=message
    )


def response(request: Command, status: int, comment: str | None = None) -> Command:
    """Build the answer to any request (PS3.7 9.3 and 10.3)."""
    return Command(
        CommandField=request.CommandField | RESPONSE,
        MessageIDBeingRespondedTo=request.MessageID or 0,
        AffectedSOPClassUID=request.AffectedSOPClassUID or request.RequestedSOPClassUID,
        AffectedSOPInstanceUID=request.AffectedSOPInstanceUID or request.RequestedSOPInstanceUID,
        Status=status,
        ErrorComment=comment,
    )
