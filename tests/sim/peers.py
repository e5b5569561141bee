"""What simulated scanners and archives have in common: PDUs out of bytes, by the standard alone."""

import struct
from abc import ABC, abstractmethod
from typing import Any

from tests.e2e import wire
from tests.sim.kernel import Kernel, Owner
from tests.sim.net import End, Network


class Outside(Owner):
    """A machine of somebody else's; its name is its host's."""

    def __init__(self, kernel: Kernel, net: Network, name: str) -> None:
        self.kernel = kernel
        self.net = net
        self.name = name
        self.host = net.host(name)
        self.dice = kernel.dice(name)


class Wire(ABC):
    """A connection that is read by PDUs."""

    def __init__(self) -> None:
        self.end: End | None = None
        self._buffer = bytearray()
        self.over = False

    def connection_made(self, transport: Any) -> None:
        self.end = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 6 and not self.over:
            kind, _, length = struct.unpack_from(">BBI", self._buffer)
            if len(self._buffer) < 6 + length:
                return
            body = bytes(self._buffer[6 : 6 + length])
            del self._buffer[: 6 + length]
            self.pdu(kind, body)

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self.ended(exc)

    def write(self, data: bytes) -> None:
        if self.end is not None:
            self.end.write(data)

    def close(self) -> None:
        if self.end is not None:
            self.end.close()

    def abort(self, *, politely: bool) -> None:
        """End it: with an A-ABORT, or with nothing but a reset."""
        if self.end is None or self.over:
            return
        if politely:
            self.end.write(wire.pdu(wire.ABORT, bytes(4)))
            self.end.close()
        else:
            self.end.abort()

    def pause_writing(self) -> None: ...  # noqa: B027  what is simulated has room

    def resume_writing(self) -> None: ...  # noqa: B027  as above

    @abstractmethod
    def pdu(self, kind: int, body: bytes) -> None:
        """Take one whole PDU: its type and what follows the header."""

    def ended(self, exc: Exception | None) -> None:  # noqa: B027  who cares may override it
        """Hear that the connection is over."""
