"""Says of each byte of one direction of a conversation what it is (PS3.8 9.3). Sans-I/O."""

from collections.abc import Iterator
from enum import Enum

from tests.e2e import wire

PDU_HEADER = PDV_HEADER = 6
"""Type, reserved, length; length, context, control."""


class Part(Enum):
    """A class of bytes."""

    HEADER = "PDU header"
    ASSOCIATION = "association request or answer"
    FRAGMENT = "PDV header"
    COMMAND = "command"
    DATA = "data set"
    END = "release or abort"


BODIES = {
    wire.ASSOCIATE_RQ: Part.ASSOCIATION,
    wire.ASSOCIATE_AC: Part.ASSOCIATION,
    wire.ASSOCIATE_RJ: Part.ASSOCIATION,
}


class Marker:
    """Follows one direction from its first byte."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._body = 0
        """Bytes of the PDU that are still to come."""
        self._fragment = 0
        """The same of the PDV."""
        self._part = Part.HEADER

    def runs(self, data: bytes) -> Iterator[tuple[Part, int]]:
        """Give what the next bytes are, as classes and how many follow each other."""
        at = 0
        while at < len(data):
            part, count = self._next(data, at)
            yield part, count
            at += count

    def _next(self, data: bytes, at: int) -> tuple[Part, int]:
        left = len(data) - at
        if not self._body:
            return Part.HEADER, self._open_pdu(data[at : at + PDU_HEADER - len(self._header)])
        if self._part is not Part.FRAGMENT:
            count = min(left, self._fragment or self._body)
            self._pass(count)
            return self._named, count
        return Part.FRAGMENT, self._open_pdv(data[at : at + PDV_HEADER - len(self._header)])

    def _open_pdu(self, piece: bytes) -> int:
        self._header += piece
        if len(self._header) == PDU_HEADER:
            kind, self._body = self._header[0], int.from_bytes(self._header[2:6])
            self._part = Part.FRAGMENT if kind == wire.DATA else BODIES.get(kind, Part.END)
            self._named = self._part
            self._header.clear()
        return len(piece)

    def _open_pdv(self, piece: bytes) -> int:
        self._header += piece
        self._body -= len(piece)
        if len(self._header) == PDV_HEADER:
            self._fragment = int.from_bytes(self._header[:4]) - 2
            self._named = Part.COMMAND if self._header[5] & wire.COMMAND else Part.DATA
            self._part = self._named if self._fragment else Part.FRAGMENT
            self._header.clear()
        return len(piece)

    def _pass(self, count: int) -> None:
        self._body -= count
        if self._fragment:
            self._fragment -= count
            self._part = self._part if self._fragment else Part.FRAGMENT
