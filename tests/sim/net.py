"""A simulated network: hosts, links between them, connections with both their ends.

TCP as a program sees it: bytes arrive in order or not at all, in pieces of any size; a link that is
cut keeps them until it heals or one end gives up; a host that lost its power says nothing, and
answers what still comes with a reset once it is up again.
"""

import errno
import os
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.sim.kernel import Call, Kernel, Owner

WINDOW = 65_536
"""Bytes that leave a program without being taken by the other."""
GIVE_UP = 900.0
"""Seconds after which the system gives up on bytes that nobody acknowledges."""


class Talker(Protocol):
    """A program's side of a connection."""

    def connection_made(self, transport: Any) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...


@dataclass(slots=True)
class Link:
    """How bytes travel between two hosts now."""

    latency: float = 0.002
    rate: float = 50_000_000.0
    """Bytes a second."""
    cut: bool = False
    """Nothing passes, and nobody is told."""
    pieces: float = 0.05
    """Chance that bytes arrive in several pieces."""


class Host:
    """A machine on the network."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.up = True
        self.ends: dict[int, End] = {}


class End:
    """One end of a connection; what asyncio calls a transport."""

    def __init__(self, net: "Network", host: Host, owner: Owner, place: tuple[str, int]) -> None:
        self._net = net
        self._kernel = net.kernel
        self.host = host
        self.owner = owner
        self._place = place
        self.number = net.next_number()
        host.ends[self.number] = self
        self.other: End
        self.protocol: Any = None
        self._out: deque[bytes] = deque()
        self._waiting = 0
        self._high, self._low = 65_536, 16_384
        self._choked = False
        self._paused = False
        self._closing = False
        self._halved = False
        self._finished = False
        self.over = False
        self._carry: Call | None = None
        self._free_at = 0.0
        self._giving_up: Call | None = None

    # --- what a program calls --------------------------------------------------------------------

    def get_extra_info(self, name: str, default: object = None) -> object:
        if name == "peername":
            return self.other.host.name, self.other._place[1]
        return default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 65_536 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return max(0, self._waiting - WINDOW)

    def is_closing(self) -> bool:
        return self._closing or self.over

    def write(self, data: Any) -> None:
        if self.is_closing() or not data:
            return
        piece = bytes(data)
        self._out.append(piece)
        self._waiting += len(piece)
        if not self._choked and self.get_write_buffer_size() > self._high:
            self._choked = True
            self.protocol.pause_writing()
        self._schedule()

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        if not self.other.over:
            self.other._schedule()

    def close(self) -> None:
        if not self.is_closing():
            self._closing = True
            if self._finished:
                self._end(None)
            else:
                self._schedule()

    def half_close(self) -> None:
        """Send no more, and go on reading."""
        self._halved = True
        self._schedule()

    def abort(self) -> None:
        """Reset the connection."""
        if not self.over:
            self._net.kernel.trace("reset", self.host.name, self.number)
            other = self.other
            self._end(None)
            if self.host.up:
                self._net.tell(self, other, other.reset)

    # --- how it goes on --------------------------------------------------------------------------

    def _schedule(self) -> None:
        if self._carry is not None or self.over or self._finished:
            return
        link = self._net.link(self.host, self.other.host)
        if not (self._out or self._closing or self._halved):
            return
        size = len(self._out[0]) if self._out else 1
        start = max(self._kernel.now, self._free_at)
        self._free_at = start + size / link.rate
        delay = self._free_at - self._kernel.now + link.latency * self._net.dice.uniform(0.5, 1.5)
        self._carry = self._kernel.later(delay, self._arrive)

    def _arrive(self) -> None:
        self._carry = None
        other, link = self.other, self._net.link(self.host, self.other.host)
        if self.over or not self.host.up:
            return
        if link.cut or not other.host.up:
            self._wait_for_link()
            return
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
        if other.over:  # nobody is there any more
            if self._out:
                self._net.tell(other, self, self.reset)
            else:
                self._finish()
            return
        if other._paused and self._out:
            return  # goes on when the other reads again
        self._carry = self._kernel.soon(other.owner, other._take, self)
        if other.owner.dead:
            self._carry = None

    def _wait_for_link(self) -> None:
        if self._giving_up is None:
            self._giving_up = self._kernel.later(GIVE_UP, self._timed_out)
        self._carry = self._kernel.later(1.0, self._again)

    def _again(self) -> None:
        self._carry = None
        self._schedule()

    def _timed_out(self) -> None:
        self.reset(TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)))

    def _take(self, sender: "End") -> None:
        """Hand the next bytes of the other end to our program."""
        sender._carry = None
        if self.over or (self._paused and sender._out):
            return
        if not sender._out:
            sender._finish()
            self._told_end()
            return
        piece = sender._out.popleft()
        link = self._net.link(self.host, sender.host)
        if len(piece) > 1 and self._net.dice.random() < link.pieces:
            at = self._net.dice.randrange(1, len(piece))
            sender._out.appendleft(piece[at:])
            piece = piece[:at]
        rest = self._hand(piece)
        if rest:
            sender._out.appendleft(rest)
        sender._taken(len(piece) - len(rest))
        sender._schedule()

    def _hand(self, piece: bytes) -> bytes:
        """Give bytes to the program; give back what it did not take because it paused."""
        protocol = self.protocol
        self._kernel.trace("bytes", self.host.name, self.number, len(piece))
        if hasattr(protocol, "data_received"):
            protocol.data_received(piece)
            return b""
        while piece and not self._paused and not self.over:
            room = protocol.get_buffer(-1)
            count = min(len(room), len(piece))
            room[:count] = piece[:count]
            piece = piece[count:]
            protocol.buffer_updated(count)
        return b"" if self.over else piece

    def _taken(self, count: int) -> None:
        self._waiting -= count
        if self._choked and self.get_write_buffer_size() <= self._low:
            self._choked = False
            if not self.over:
                self._kernel.soon(self.owner, self._resume)

    def _resume(self) -> None:
        if not self.over and not self._choked:
            self.protocol.resume_writing()

    def _finish(self) -> None:
        """All is out, and the end of it was told."""
        self._finished = True
        if self._closing:
            self._end(None)

    def _told_end(self) -> None:
        """Hear that the other end sends no more."""
        keep = getattr(self.protocol, "eof_received", lambda: None)()
        if not keep:
            self.close()

    def reset(self, error: Exception | None = None) -> None:
        """Hear that the connection is gone."""
        self._end(error or ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)))

    def _end(self, error: Exception | None) -> None:
        if self.over:
            return
        self.over = True
        self._out.clear()
        self.host.ends.pop(self.number, None)
        if self._giving_up is not None:
            self._giving_up.cancel()
        self._kernel.soon(self.owner, self._lost, error)

    def _lost(self, error: Exception | None) -> None:
        if self.protocol is not None:
            self.protocol.connection_lost(error)

    def vanish(self, *, silent: bool) -> None:
        """End with the process: the system closes, or, without power, nobody does anything."""
        self.over = True
        self._out.clear()
        self.host.ends.pop(self.number, None)
        if not silent:
            self._net.tell(self, self.other, self.other.reset)


class Network:
    """All hosts, links and open ports."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.dice: random.Random = kernel.dice("net")
        self.hosts: dict[str, Host] = {}
        self.ports: dict[tuple[str, int], tuple[Owner, Callable[[], Any]]] = {}
        self.attempts: dict[tuple[str, int], int] = {}
        """How often somebody tried to reach a port."""
        self._links: dict[tuple[str, str], Link] = {}
        self._numbers = 0

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def host(self, name: str) -> Host:
        return self.hosts.setdefault(name, Host(name))

    def link(self, one: Host, other: Host) -> Link:
        key = (one.name, other.name) if one.name < other.name else (other.name, one.name)
        return self._links.setdefault(key, Link())

    def tell(self, sender: End, other: End, what: Callable[[], None]) -> None:
        """Have the other end hear of something, unless nothing gets through."""
        link = self.link(sender.host, other.host)
        if link.cut or not other.host.up:
            return
        self.kernel.later(link.latency, what)

    def connect(
        self,
        owner: Owner,
        source: str,
        make: Callable[[], Any],
        place: tuple[str, int],
        done: Callable[[End | OSError], None],
    ) -> None:
        """Try to reach a port; `done` is called in the owner's name, or never."""
        here, there = self.host(source), self.host(place[0])
        link = self.link(here, there)
        delay = link.latency * self.dice.uniform(1.0, 3.0)
        self.kernel.later(delay, self._arrived, owner, here, there, make, place, done)

    def _arrived(  # noqa: PLR0917  as `connect` has them
        self,
        owner: Owner,
        here: Host,
        there: Host,
        make: Callable[[], Any],
        place: tuple[str, int],
        done: Callable[[End | OSError], None],
    ) -> None:
        if owner.dead or not here.up or not there.up or self.link(here, there).cut:
            return  # nobody answers
        found = self.ports.get(place)
        self.attempts[place] = self.attempts.get(place, 0) + 1
        self.kernel.trace("connect", here.name, *place, found is not None)
        if found is None or found[0].dead:
            refused = ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            self.kernel.soon(owner, done, refused)
            return
        listener, accept = found
        near = End(self, here, owner, (here.name, 40_000 + self._numbers % 20_000))
        far = End(self, there, listener, place)
        near.other, far.other = far, near
        self.kernel.soon(listener, self._accepted, far, accept)
        self.kernel.soon(owner, self._connected, near, make, done)

    def _accepted(self, far: End, accept: Callable[[], Any]) -> None:
        if not far.over:
            far.protocol = accept()
            far.protocol.connection_made(far)

    def _connected(
        self, near: End, make: Callable[[], Any], done: Callable[[End | OSError], None]
    ) -> None:
        if not near.over:
            near.protocol = make()
            near.protocol.connection_made(near)
            done(near)

    def end_all(self, host: Host, owner: Owner, *, silent: bool) -> None:
        """Close what a process had open."""
        for place in [place for place, (who, _) in self.ports.items() if who is owner]:
            del self.ports[place]
        for end in [end for end in host.ends.values() if end.owner is owner]:
            end.vanish(silent=silent)
