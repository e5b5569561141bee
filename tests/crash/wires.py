"""A wire whose conversations break by a seed: at each class of byte, in both directions."""

import math
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from random import Random
from typing import Self

from tests.crash.marker import Marker, Part
from tests.e2e.raw import LOOPBACK

LATER, TIMES = 0.4, 20
"""Part of the conversations in which it happens only after so many times more bytes."""
LONGEST = 240
"""Bytes of PDU headers in one direction after which it happens in any case."""


class Then(Enum):
    """What happens to a conversation."""

    CUT = "both ends see it closed"
    HALF_CLOSE = "the direction ends, the other one goes on"
    DRIBBLE = "the rest of the direction passes byte by byte"
    STALL = "nothing more of the direction passes until an end gives up"


OFTEN = (3, 3, 3, 2)
"""Of each; who stalls takes the seconds of a limit."""
# class of byte -> the most bytes of it that pass before something happens
LATEST = {
    Part.HEADER: 60,
    Part.ASSOCIATION: 250,
    Part.FRAGMENT: 60,
    Part.COMMAND: 400,
    Part.DATA: 20_000,
    Part.END: 4,
}
PARTS = {True: tuple(Part), False: tuple(part for part in Part if part is not Part.DATA)}
"""What there is to and from the port that is called."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is to happen to one conversation: after so many bytes of a class in one direction."""

    then: Then
    upward: bool
    """From the caller to the port."""
    part: Part
    after: int

    def __str__(self) -> str:
        way = "to" if self.upward else "from"
        return f"{self.then.name.lower()} {way} the port within {self.part.value}"


def draw(dice: Random) -> Trouble:
    """Draw what happens to a conversation; much of it lies near the beginning of its class."""
    then, upward = dice.choices(list(Then), OFTEN)[0], dice.random() < 0.5
    part = dice.choice(PARTS[upward])
    after = int(2 ** dice.uniform(0, math.log2(LATEST[part]))) - 1
    return Trouble(then, upward, part, after * TIMES if dice.random() < LATER else after)


class Conversation:
    """Two connections and what happens between them."""

    def __init__(
        self, caller: socket.socket, called: socket.socket, trouble: Trouble | None
    ) -> None:
        self._ends = (caller, called)
        self._trouble = trouble
        self._marker = Marker()
        self._passed: Counter[Part] = Counter()

    def start(self, met: Callable[[Trouble], None]) -> None:
        """Forward both directions; `met` is called when the trouble happens."""
        self._met = met
        caller, called = self._ends
        for end in self._ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for upward, source, sink in ((True, caller, called), (False, called, caller)):
            words = (upward, source, sink)
            threading.Thread(target=self._forward, args=words, daemon=True).start()

    def _forward(self, upward: bool, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                if self._trouble is None or self._trouble.upward is not upward:
                    sink.sendall(data)
                elif not self._pass(data, self._trouble, source, sink):
                    return
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()

    def _pass(
        self, data: bytes, trouble: Trouble, source: socket.socket, sink: socket.socket
    ) -> bool:
        """Let bytes pass up to the moment, then do as told; false when that is the end."""
        room, part = self._room(data, trouble)
        sink.sendall(data[:room])
        if part is None:
            return True
        self._met(replace(trouble, part=part, after=0))
        self._trouble = None
        match trouble.then:
            case Then.CUT:
                self.close()
            case Then.HALF_CLOSE:
                sink.shutdown(socket.SHUT_WR)
            case Then.DRIBBLE:
                self._dribble(data[room:], source, sink)
            case Then.STALL:
                while source.recv(65_536):
                    pass
                self.close()
        return False

    def _room(self, data: bytes, trouble: Trouble) -> tuple[int, Part | None]:
        """Give how many of these bytes come before the moment, and the class where that is."""
        at = 0
        for part, count in self._marker.runs(data):
            left = count
            if part is trouble.part:
                left = trouble.after - self._passed[part]
            elif part is Part.HEADER:
                left = LONGEST - self._passed[part]
            if left < count:
                return at + left, part
            self._passed[part] += count
            at += count
        return at, None

    def _dribble(self, data: bytes, source: socket.socket, sink: socket.socket) -> None:
        while data:
            for at in range(len(data)):
                sink.sendall(data[at : at + 1])
            data = source.recv(65_536)
        sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for one in self._ends:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@dataclass
class Wire:
    """Stands before a port; what happens to its conversations comes from its seed."""

    target: int
    seed: str
    heard: Callable[[], None] = lambda: None
    """Called when something happens."""
    met: Counter[Trouble] = field(default_factory=Counter)
    """What happened; `after` is 0."""
    calm: bool = False
    """Whether conversations that begin now stay unharmed."""

    def start(self) -> Self:
        self._dice = Random(self.seed)
        self._lock = threading.Lock()
        self._open: list[Conversation] = []
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for conversation in self._open:
            conversation.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                self._begin(caller)
            except OSError:  # one of the ends is not there any more
                caller.close()

    def _begin(self, caller: socket.socket) -> None:
        called = socket.create_connection((LOOPBACK, self.target))
        trouble = None if self.calm else draw(self._dice)
        conversation = Conversation(caller, called, trouble)
        self._open.append(conversation)
        conversation.start(self._note)

    def _note(self, trouble: Trouble) -> None:
        with self._lock:
            self.met[trouble] += 1
        self.heard()
