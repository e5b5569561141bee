"""A wire that can be cut: forwards two directions and, after so many bytes of one, does as told."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from tests.e2e.raw import LOOPBACK


class Then(Enum):
    """What happens to the conversation after the bytes that still pass."""

    CUT = "both ends see a reset"
    HALF_CLOSE = "the direction ends, the other one goes on"
    DRIBBLE = "the rest passes byte by byte"


@dataclass
class Proxy:
    """Stands before a port. `upward` is the direction of the caller to the port.

    What it is told to do it does once; `arm` has it done again, to the next conversation.
    """

    target: int
    after: int
    then: Then
    upward: bool = True
    passed: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    armed: bool = True

    def arm(self, after: int) -> None:
        """Have it happen to the next conversation."""
        self.passed = {True: 0, False: 0}
        self.after, self.armed = after, True

    def __enter__(self) -> Self:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                called = socket.create_connection((LOOPBACK, self.target))
                self._sockets += [caller, called]
                for upward, source, sink in ((True, caller, called), (False, called, caller)):
                    sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    words = (upward, source, sink)
                    threading.Thread(target=self._forward, args=words, daemon=True).start()

    def _forward(self, upward: bool, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if upward is not self.upward or not self.armed:
                    sink.sendall(data)
                    self.passed[upward] += len(data)
                elif not self._pass(upward, data, source, sink):
                    return
            sink.shutdown(socket.SHUT_WR)

    def _pass(self, upward: bool, data: bytes, source: socket.socket, sink: socket.socket) -> bool:
        """Let bytes pass up to the moment, then do as told; false when that is the end."""
        room = max(0, self.after - self.passed[upward])
        sink.sendall(data[:room])
        self.passed[upward] += min(room, len(data))
        rest = data[room:]
        if not rest:
            return True
        self.armed = False
        if self.then is Then.DRIBBLE:
            for at in range(len(rest)):
                sink.sendall(rest[at : at + 1])
            return True
        sink.shutdown(socket.SHUT_WR)
        if self.then is Then.CUT:
            for one in (source, sink):
                one.shutdown(socket.SHUT_RDWR)
        return False
