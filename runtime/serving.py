"""A router as a process: signals, the line `ready`, an orderly end."""

import asyncio
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from roteiro.core import build
from roteiro.lang.lower import lower
from roteiro.lang.settings import ListenerSettings
from roteiro.lang.typed import Typed
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.events import Fault, Notify, ReloadRefused
from roteiro.runtime.intake import Ruling
from roteiro.runtime.router import DRAIN, Parts, Router
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World


def ruling_of(typed: Typed) -> Ruling:
    """Compile checked rules; `EngineMissingError` when the extensions were not built."""
    program = lower(typed)
    return Ruling(build(program), program.rule_set)


@dataclass(frozen=True, slots=True)
class Service:
    """What a process serves, and where it keeps it."""

    typed: Typed
    spool: Path
    world: World
    notify: Notify

    def router(self) -> Router:
        """Put a router together on the real spool and real associations."""
        parts = Parts(
            self.world,
            FileSpool(self.spool, self.world),
            LoopCarrier(self.world),
            self.notify,
        )
        return Router(parts, self.typed.settings, ruling_of(self.typed))

    async def run(self, ready: Callable[[Router], None]) -> None:
        """Serve until SIGTERM or SIGINT, then end in order.

        `SpoolBusy`, `CannotListen` and `OSError` as `Router.start`.
        """
        router = self.router()
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, what: self.notify(fault(what)))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self.notify(ReloadRefused()))
        await router.start(self.spool)
        ready(router)
        await asked.wait()
        await router.stop(DRAIN)


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


def place(settings: ListenerSettings, port: int) -> str:
    """Give ADDRESS:PORT, an IPv6 address in brackets."""
    address = f"[{settings.address}]" if ":" in settings.address else settings.address
    return f"{address}:{port}"
