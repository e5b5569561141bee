"""A hospital in a box: a router on a machine, its scanners, its archives, what befalls them."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.events import DeliveryDone, DeliveryWarned, Event, Fault, SpoolRecovered
from roteiro.runtime.router import CannotListen, Parts, Router
from roteiro.runtime.spool.store import FileSpool
from tests.sim.archive import Archive
from tests.sim.disk import PLENTY, Dead, Trouble
from tests.sim.journal import Journal
from tests.sim.kernel import Kernel
from tests.sim.net import Network
from tests.sim.objects import NODES, Rules
from tests.sim.platter import Platter
from tests.sim.process import Machine, Process
from tests.sim.scanner import Scanner
from tests.sim.sqlite import SimFiles

ROUTER = "router.example"
PORT = 11112
SPOOL = Path("/data/spool")
AGAIN = 60.0
"""Seconds until who watches the router starts it again after a start that failed."""


class Site:
    """See the module."""

    def __init__(self, seed: int, files: SimFiles, rules: tuple[Rules, ...]) -> None:
        self.kernel = Kernel(seed)
        self.files = files
        self.rules = rules
        self.net = Network(self.kernel)
        self.journal = Journal(rules[0])
        self.machine = Machine(self.kernel, self.net, Platter(), Trouble(), set())
        self.machine.trouble.before = self._before
        self.findings: list[str] = []
        self.deaths: list[tuple[float, bool]] = []
        """When the process died, and whether the power went with it."""
        self.deliveries: list[tuple[float, Event]] = []
        """What the router said that it has delivered, and when."""
        self.said: list[tuple[float, Event]] = []
        self.process: Process | None = None
        self.router: Router | None = None
        self.spool: FileSpool | None = None
        self.running = False
        """Whether `start` has returned, and nobody has stopped it since."""
        self.changing = False
        self.busy: list[float] = []
        """When scanners get something to send."""
        self.observing = False
        """Whether it is the judge who reads the disk."""
        self.starts = 0
        self.operations = 0
        self.fatal_at: int | None = None
        self.fatal: Callable[[], None] = lambda: None
        self.error_rate = 0.0
        self.error_kinds: tuple[str, ...] = ()
        self.error_dice = self.kernel.dice("errors")
        self.slowest = self.machine.slowness
        self._troubled: set[int] = set()
        """Minutes in which the disk said no, or was nearly full."""
        self.index_losses: list[float] = []
        """When the processes died whose index was deleted afterwards."""
        self.flipped: set[str] = set()
        """Digests of what a bit was turned in."""
        parts = (self.kernel, self.net)
        self.scanners = [
            Scanner(*parts, f"{name}.example", journal=self.journal, router=(ROUTER, PORT))
            for name in ("ct1", "mr1")
        ]
        self.archives = {name: Archive(*parts, name, journal=self.journal) for name in NODES}
        for archive in self.archives.values():
            archive.listen(104, 11104)

    # --- the router's life -----------------------------------------------------------------------

    def boot(self) -> None:
        """Start the router in a new process."""
        if self.process is not None:
            return
        self.starts += 1
        self.kernel.trace("boot", self.starts)
        process = self.process = Process(self.machine, ROUTER, self.starts, self.wrong)
        self.files.use(process.disk, process.dice.randbytes(32))
        self.kernel.soon(process, self._begin, process)

    def _begin(self, process: Process) -> None:
        world = process.world
        self.spool = FileSpool(SPOOL, world)
        carrier, work = LoopCarrier(world), SPOOL / "work"
        parts = Parts(world, self.spool, carrier, self._notify(process), work=work)
        rules = self.journal.rules
        self.router = Router(parts, rules.settings, rules.ruling)
        process.loop.create_task(self._start(process, self.router))

    async def _start(self, process: Process, router: Router) -> None:
        try:
            await router.start()
        except (OSError, CannotListen) as no:
            self.kernel.trace("no start", type(no).__name__)
            self.kernel.soon(self.kernel.outside, self.end, process, AGAIN)
        else:
            self.running = True

    def _notify(self, process: Process) -> Callable[[Event], None]:
        def notify(event: Event) -> None:
            if process.dead:
                return
            now = self.kernel.now
            self.kernel.trace("says", event.KEY)
            self.said.append((now, event))
            if isinstance(event, DeliveryDone | DeliveryWarned):
                self.deliveries.append((now, event))
            elif isinstance(event, SpoolRecovered) and event.rebuilt and self.deaths:
                self.index_losses.append(self.deaths[-1][0])
            elif isinstance(event, Fault):
                self.wrong(f"the router says: fault in {event.where}: {event.error}")

        return notify

    def wrong(self, what: str) -> None:
        self.kernel.trace("wrong", what)
        self.findings.append(what)

    def do(self, work: Callable[[Router], Coroutine[Any, Any, None]]) -> None:
        """Have the running router do something."""
        process, router = self.process, self.router
        if process is None or router is None or not self.running:
            return
        self.kernel.soon(process, lambda: process.loop.create_task(work(router)) and None)

    @property
    def gave_up(self) -> bool:
        """Whether the router takes nothing before it is started again, and says so."""
        parts = self.spool and self.spool._open_parts
        return bool(parts and parts.index.suspect)

    def end(self, process: Process, again: float) -> None:
        """Take a process away that has ended by itself."""
        if self.process is process:
            self.deaths.append((self.kernel.now, False))
            process.die()
            self._bury(process, silent=False)
            self.kernel.later(again, self.boot)

    def kill(self, again: float) -> None:
        """`kill -9`, and start it after a while."""
        process = self.process
        if process is None:
            return
        self.kernel.trace("kill")
        self.deaths.append((self.kernel.now, False))
        process.die()
        self.kernel.soon(self.kernel.outside, self._bury, process, False)
        self.kernel.later(again, self.boot)

    def cut_power(self, dice: random.Random, kept: float | None, again: float) -> None:
        """Have the power fail, and start after a while."""
        process = self.process
        host = self.net.host(ROUTER)
        if process is None or not host.up:
            return
        self.kernel.trace("power", kept)
        self.deaths.append((self.kernel.now, True))
        process.die()
        host.up = False
        self.kernel.soon(self.kernel.outside, self._dark, process, dice, kept)
        self.kernel.later(again, self._light)

    def _dark(self, process: Process, dice: random.Random, kept: float | None) -> None:
        self._bury(process, True)
        self.machine.platter.cut(dice, kept)

    def _light(self) -> None:
        self.net.host(ROUTER).up = True
        self.boot()

    def _bury(self, process: Process, silent: bool) -> None:
        if self.process is not process:
            return
        self.process, self.router, self.spool, self.running = None, None, None, False
        process.bury(silent=silent)
        self.files.clear()

    def end_run(self) -> None:
        """Take the router away at the end of all."""
        process = self.process
        if process is not None:
            process.die()
            self._bury(process, silent=True)

    def stop(self, again: float) -> None:
        """SIGTERM, and start it after a while."""
        process, router = self.process, self.router
        if process is None or router is None or not self.running:
            return
        self.running = False
        self.kernel.trace("stop")

        async def ending() -> None:
            try:
                await router.stop()
            except OSError:
                self.kernel.trace("ended badly")
            self.kernel.soon(self.kernel.outside, self.end, process, again)

        self.kernel.soon(process, lambda: process.loop.create_task(ending()) and None)

    def change(self, rules: Rules) -> None:
        """Have other rules take the place of those in force."""
        if not self.running or self.changing:
            return
        self.changing = True
        self.journal.change(rules)

        async def changing(router: Router) -> None:
            await router.change(rules.settings, rules.ruling)
            self.kernel.trace("rules", rules.name)
            self.journal.change(rules)
            self.changing = False

        self.do(changing)

    # --- the disk's turn -------------------------------------------------------------------------

    def _before(self, operation: str, path: str) -> None:
        if self.observing:
            return
        self.operations += 1
        self.kernel.trace("disk", operation, path)
        if self.machine.trouble.free < PLENTY:
            self._troubled.add(int(self.kernel.now // 60))
        if self.fatal_at is not None and self.operations >= self.fatal_at:
            self.fatal_at = None
            self.fatal()
            raise Dead
        if (
            self.error_rate
            and operation in self.error_kinds
            and self.error_dice.random() < self.error_rate
        ):
            self._troubled.add(int(self.kernel.now // 60))
            raise OSError(5, "Input/output error")

    def troubled(self, at: float) -> bool:
        """Say whether the disk made trouble around that time."""
        minute = int(at // 60)
        return not self._troubled.isdisjoint(range(minute - 2, minute + 3))

    def at_operation(self, count: int, fatal: Callable[[], None]) -> None:
        """End the process by `fatal` inside the call to the disk that is so many ahead."""
        self.fatal_at, self.fatal = self.operations + count, fatal


def in_process(site: Site, call: Callable[[], Any]) -> Any:
    """Ask the running router something from outside of its loop."""
    process = site.process
    assert process is not None
    asyncio._set_running_loop(process.loop)
    site.observing = True
    try:
        return call()
    finally:
        site.observing = False
        asyncio._set_running_loop(None)
