"""A router as a process: signals, the line `ready`, an orderly end."""

import asyncio
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from roteiro.runtime.aside import prepare_aside
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.events import Fault, FewFiles, Notify
from roteiro.runtime.intake import ruling_of
from roteiro.runtime.programs import Prepared, Served
from roteiro.runtime.router import DRAIN, Parts, Router, place
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World


@dataclass(frozen=True, slots=True)
class Service:
    """What a process serves, and where it keeps it."""

    served: Served
    spool: Path
    world: World
    notify: Notify
    rules: Path | None = None
    """The file that is read again when a reload is asked for."""
    limits: Limits = field(default_factory=Limits)

    def router(self) -> Router:
        """Put a router together on the real spool and real associations."""
        spool = FileSpool(self.spool, self.world)
        parts = Parts(
            self.world,
            spool,
            LoopCarrier(self.world, self.limits),
            self.notify,
            self.limits,
            prepare=self._prepare if self.rules is not None else None,
            room=spool.room,
            work=Places(self.spool).work,
            rules=str(self.rules.resolve()) if self.rules is not None else "",
        )
        router = Router(parts, self.served.settings, ruling_of(self.served))
        spool.swept = router.swept
        return router

    async def _prepare(self) -> Prepared:
        assert self.rules is not None
        return await prepare_aside(self.rules, str(self.rules), self.world.workers)

    async def run(self, ready: Callable[[Router], None]) -> None:
        """Serve until SIGTERM or SIGINT, then end in order.

        `SpoolBusy`, `CannotListen` and `OSError` as `Router.start`.
        """
        router = self.router()
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, what: self.notify(fault(what)))
        if self.limits.files is not None:
            bounds = (self.limits.files, self.limits.connections, Limits().connections)
            self.notify(FewFiles(*bounds))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: hang_up(router))
        await router.start(self.spool)
        ready(router)
        await asked.wait()
        await router.stop(DRAIN)


def hang_up(router: Router) -> None:
    """Reload, as SIGHUP asks for; how it ended is in the log."""
    if router.reloader is not None:
        router.reloader.ask()


def fault(what: Mapping[str, object]) -> Fault:
    """Say what the loop caught, without a traceback and without words that may quote data."""
    wrong = what.get("exception")
    where = "the loop"
    if isinstance(wrong, BaseException) and wrong.__traceback__ is not None:
        last = traceback.extract_tb(wrong.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
    return Fault(where, type(wrong).__name__ if wrong is not None else str(what.get("message")))


def ready_line(router: Router, rule_set: str) -> str:
    """Give the line that says where the router accepts and by which rules."""
    places = " ".join(
        f"{item.settings.name}={place(item.settings, item.port)}" for item in router.listeners
    )
    return f"ready {places} rules={rule_set}"
