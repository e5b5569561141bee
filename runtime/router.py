"""The router: rules, spool, listeners and deliveries put together.

Order of a start: the spool is locked and put in step, deliveries begin, the ports open. Order of a
stop: the ports close, associations and then deliveries under way get their time, the spool is let
go. What waits stays in the spool.
"""

import asyncio
from dataclasses import asdict, dataclass, field
from pathlib import Path

from roteiro.lang.settings import ListenerSettings, Settings
from roteiro.runtime.association.contract import Carrier
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.listener import Listener
from roteiro.runtime.association.names import EVERY, Names
from roteiro.runtime.association.policy import Census, Directory
from roteiro.runtime.association.waiting import sleep
from roteiro.runtime.control import SOCKET, Answerer, Verb
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.events import (
    NameUnresolved,
    Notify,
    SpoolRecovered,
    Started,
    Stopped,
    Stopping,
)
from roteiro.runtime.intake import Desk, RouterIntake, Ruling
from roteiro.runtime.machine import machine_words
from roteiro.runtime.report import Reporter
from roteiro.runtime.spool.contract import Spool
from roteiro.runtime.world import World

DRAIN = 10.0
"""Seconds that associations, and then deliveries, get to finish when the router ends."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a router is made of; tests put their own in."""

    world: World
    spool: Spool
    carrier: Carrier
    notify: Notify
    limits: Limits = field(default_factory=Limits)


class CannotListen(Exception):  # noqa: N818  the machine's no, not an error of ours
    """A listener's address or port cannot be had."""

    def __init__(self, listener: ListenerSettings, reason: str) -> None:
        """Keep which and why."""
        super().__init__(reason)
        self.listener = listener
        self.reason = reason


class Router:
    """A router with one set of rules on one spool."""

    def __init__(self, parts: Parts, settings: Settings, ruling: Ruling) -> None:
        """Put the parts together; nothing runs before `start`."""
        self._parts = parts
        self._settings = settings
        self._ruling = ruling
        self._directory = Directory(settings.nodes)
        self._names = Names(parts.world, self._directory)
        self._census = Census(parts.limits)
        self._dispatcher = Dispatcher(
            parts.world, parts.spool, parts.carrier, settings, parts.notify
        )
        self.listeners = [self._listener(item) for item in settings.listeners]
        self._control: asyncio.Server | None = None
        self._refreshing: asyncio.Task[None] | None = None

    def _listener(self, settings: ListenerSettings) -> Listener:
        parts = self._parts
        desk = Desk(parts.spool, parts.world.clock, parts.notify, self._dispatcher.arrived)
        intake = RouterIntake(
            desk,
            lambda: self._ruling,
            self._directory.admit,
            refuse_unreadable=settings.refuse_unreadable,
        )
        return Listener(
            parts.world,
            settings,
            intake,
            parts.notify,
            limits=parts.limits,
            census=self._census,
            directory=self._directory,
            refresh=self._names.miss,
        )

    async def start(self, control: Path | None = None) -> None:
        """Run; `control` is the spool's folder when a control socket is wanted.

        `SpoolBusy` when another router has the spool, `CannotListen` when a port cannot be had,
        `OSError` when the disk says no.
        """
        parts = self._parts
        recovery = await parts.spool.recover()
        parts.notify(SpoolRecovered(**asdict(recovery)))
        try:
            await self._resolve()
            self._refreshing = asyncio.ensure_future(self._refresh())
            self._dispatcher.start()
            for listener in self.listeners:
                await begin(listener)
            if control is not None:
                self._control = await parts.world.net.listen_local(
                    lambda: Answerer(self.verbs(), parts.world.clock), control / SOCKET
                )
        except BaseException:
            await self.stop(0.0)
            raise
        places = ", ".join(
            f"{item.settings.name} {item.settings.address}:{item.port}" for item in self.listeners
        )
        parts.notify(Started(places, self._ruling.rule_set, len(self._settings.nodes)))

    async def stop(self, seconds: float = DRAIN) -> None:
        """End in order; see the module."""
        running = sum(len(listener.associations()) for listener in self.listeners)
        self._parts.notify(Stopping(running, self._dispatcher.in_flight, seconds))
        for listener in self.listeners:
            listener.stop()
        await asyncio.gather(
            *(listener.drain(seconds) for listener in self.listeners),
            self._dispatcher.stop(seconds),
        )
        if self._refreshing is not None:
            self._refreshing.cancel()
        if self._control is not None:
            self._control.close()
        waiting = sum(backlog.waiting for backlog in self._parts.spool.destinations().values())
        await self._parts.spool.close()
        self._parts.world.workers.close()
        self._parts.notify(Stopped(waiting))

    def verbs(self) -> dict[str, Verb]:
        """Give what the control socket answers."""
        reporter = Reporter(
            self._parts.world.clock,
            self._parts.spool,
            self._settings,
            self._ruling.rule_set,
            self._dispatcher,
            self.listeners,
        )
        return {"status": reporter.status, "queue": reporter.queue}

    async def _resolve(self) -> None:
        for name in await self._names.refresh():
            self._parts.notify(NameUnresolved(name))

    async def _refresh(self) -> None:
        while True:
            await sleep(self._parts.world.clock, EVERY)
            await self._resolve()


async def begin(listener: Listener) -> None:
    """Open a port; `CannotListen` says which one cannot be had and why."""
    try:
        await listener.start()
    except OSError as wrong:
        raise CannotListen(listener.settings, machine_words(wrong)) from None
