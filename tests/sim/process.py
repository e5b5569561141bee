"""One life of the router: its loop, clock and handles. It dies between two calls, or inside one.

Everything that the router touches comes from here (`World`); what is here is the simulator's.
"""

import asyncio
import errno
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from roteiro.runtime.world import Clock, Dice, Disk, Net, Timer, Workers, World
from tests.sim.disk import Dead, SimDisk, Trouble
from tests.sim.kernel import Kernel, Owner
from tests.sim.loop import SimLoop
from tests.sim.net import End, Network
from tests.sim.platter import Platter

Result = TypeVar("Result")
EPOCH = 1_800_000_000.0
"""Time of day at which a simulation begins: 2027-01-15, 08:00 UTC."""


@dataclass(slots=True)
class Machine:
    """What outlives a process: the disk, the time of day, how slow things are."""

    kernel: Kernel
    net: Network
    platter: Platter
    trouble: Trouble
    locks: set[str]
    shift: float = 0.0
    """Seconds by which the time of day is wrong."""
    slowness: float = 0.004
    """Seconds that a blocking call takes at the most, about."""
    lost_names: bool = False
    """The resolver fails."""


class Process(Owner):
    """See the module. `wrong` hears of what must not happen."""

    def __init__(
        self, machine: Machine, host: str, number: int, wrong: Callable[[str], None]
    ) -> None:
        self.machine = machine
        self.host = host
        self.number = number
        self.kernel = machine.kernel
        self.loop = SimLoop(self.kernel, self)
        self.disk = SimDisk(machine.platter, machine.trouble, machine.locks)
        self.dice = self.kernel.dice(f"process {number}")
        self.workers = SimWorkers(self)
        self._wrong = wrong
        self.world = World(
            cast("Clock", SimClock(self)),
            cast("Dice", SimDice(self.dice)),
            cast("Disk", self.disk),
            cast("Net", SimNet(self)),
            cast("Workers", self.workers),
        )

    def fault(self, where: str, error: BaseException) -> None:
        if not isinstance(error, Dead):
            self._wrong(f"a call raised: {where}: {type(error).__name__}: {error}")

    def die(self) -> None:
        """End at once; `bury` has to follow, from outside."""
        self.dead = True
        self.disk.dead = True

    def bury(self, *, silent: bool) -> None:
        """Take what is left of it away; `silent` when the power went with it."""
        self.machine.net.end_all(self.machine.net.host(self.host), self, silent=silent)
        self.loop.bury()
        self.machine.locks.clear()


class SimClock:
    """See `Clock`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> float:
        return EPOCH + self._process.machine.shift + self._process.kernel.now

    def monotonic(self) -> float:
        return self._process.kernel.now

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        return cast("Timer", self._process.kernel.after(self._process, delay, call))


class SimDice:
    """See `Dice`."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def fraction(self) -> float:
        return self._dice.random()

    def token(self) -> str:
        return f"{self._dice.getrandbits(128):032x}"


class SimWorkers:
    """See `Workers`: a call happens somewhere between its begin and its end."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.slowest = 0.0

    async def run(self, call: Callable[[], Result]) -> Result:
        process = self._process
        future = process.loop.create_future()
        begin = self._time()
        process.kernel.after(process, begin, self._do, call, future)
        return cast("Result", await future)

    def _time(self) -> float:
        taken = self._process.machine.slowness * self._process.dice.random()
        self.slowest = max(self.slowest, taken)
        return taken

    def _do(self, call: Callable[[], Any], future: "asyncio.Future[Any]") -> None:
        process = self._process
        try:
            settle, found = future.set_result, call()
        except Dead:
            return
        except Exception as error:  # noqa: BLE001  whoever waits gets it
            settle, found = future.set_exception, error
        process.kernel.after(process, self._time(), self._tell, future, settle, found)

    def _tell(
        self, future: "asyncio.Future[Any]", settle: Callable[[Any], None], found: Any
    ) -> None:
        if not future.done():
            settle(found)

    def close(self) -> None:
        pass


class Server:
    """An open port."""

    def __init__(self, net: Network, place: tuple[str, int]) -> None:
        self._net = net
        self._place = place
        self.sockets = (self,)

    def getsockname(self) -> tuple[str, int]:
        return self._place

    def close(self) -> None:
        self._net.ports.pop(self._place, None)


class SimNet:
    """See `Net`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._net = process.machine.net

    async def listen(self, make: Callable[[], Any], address: str, port: int) -> Server:
        place = (self._process.host, port)
        if place in self._net.ports:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self._net.ports[place] = (self._process, make)
        return Server(self._net, place)

    async def connect(self, make: Callable[[], Any], host: str, port: int) -> End:
        process = self._process
        future = process.loop.create_future()

        def done(found: End | OSError) -> None:
            if future.done():
                if isinstance(found, End):
                    found.abort()
            elif isinstance(found, End):
                future.set_result(found)
            else:
                future.set_exception(found)

        self._net.connect(process, process.host, make, (host, port), done)
        return cast("End", await future)

    async def listen_local(self, make: Callable[[], Any], path: Path) -> Server:
        return Server(self._net, (str(path), 0))

    async def connect_local(self, make: Callable[[], Any], path: Path) -> End:
        raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))

    async def resolve(self, host: str) -> tuple[str, ...]:
        return () if self._process.machine.lost_names else (host,)

    def answer_at_once(self, transport: Any) -> None:
        pass
