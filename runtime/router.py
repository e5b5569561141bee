"""The router: rules, spool, listeners and deliveries put together.

Order of a start: the spool is locked and put in step, deliveries begin, the ports open. Order of a
stop: the ports close, associations and then deliveries under way get their time, the spool is let
go. What waits stays in the spool.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from roteiro.core.program import Envelope
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import ListenerSettings, Settings
from roteiro.runtime.acting import Acting, Rules
from roteiro.runtime.association.contract import Carrier
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.listener import Listener
from roteiro.runtime.association.names import EVERY, Names
from roteiro.runtime.association.policy import Census, Directory
from roteiro.runtime.control import SOCKET, Answerer, Document, Verb
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.delivery.marks import Marks
from roteiro.runtime.disk import told
from roteiro.runtime.events import (
    IndexUnsound,
    NameUnresolved,
    Notify,
    SpoolRecovered,
    SpoolSwept,
    Started,
    Stopped,
    Stopping,
)
from roteiro.runtime.intake import Desk, RouterIntake, Ruling
from roteiro.runtime.machine import machine_words
from roteiro.runtime.reload import CannotChange, Prepare, Reloader
from roteiro.runtime.report import Reporter
from roteiro.runtime.spool.contract import Spool
from roteiro.runtime.spool.room import SpoolRoom
from roteiro.runtime.spool.space import ALLOWED
from roteiro.runtime.spool.sweep import Swept
from roteiro.runtime.telling import Telling
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import World

DRAIN = 10.0
"""Seconds that associations, and then deliveries, get to finish when the router ends."""

NOT_OURS = Phrase("runtime.ended_not_listed")
"""Why a connection without an association ends when the rules do not have its listener."""

Place = tuple[str, int]
"""Address and port: what makes a listener the same one in other rules."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a router is made of; tests put their own in."""

    world: World
    spool: Spool
    carrier: Carrier
    notify: Notify
    limits: Limits = field(default_factory=Limits)
    prepare: Prepare | None = None
    """Reads the rules again, for `reload`."""
    room: SpoolRoom | None = None
    """Watches the spool's disk."""
    rules: str = ""
    """Where the rules are read, for who explains by them."""
    work: Path | None = None
    """The file for marks of what is in work (`delivery.marks`)."""


class CannotListen(Exception):  # noqa: N818  the machine's no, not an error of ours
    """A listener's address or port cannot be had."""

    def __init__(self, listener: ListenerSettings, reason: str) -> None:
        """Keep which and why."""
        super().__init__(reason)
        self.listener = listener
        self.reason = reason


class Router:
    """A router on one spool; its rules can be changed while it runs."""

    def __init__(self, parts: Parts, settings: Settings, ruling: Ruling) -> None:
        """Put the parts together; nothing runs before `start`."""
        self._parts = parts
        self._settings = settings
        self._ruling = ruling
        self._directory = Directory(settings.nodes)
        self._names = Names(parts.world, self._directory)
        self._census = Census(parts.limits)
        self._marks = Marks(parts.world.disk)
        self._dispatcher = Dispatcher(
            parts.world, parts.spool, parts.carrier, settings, parts.notify, marks=self._marks
        )
        self.listeners = [self._listener(item) for item in settings.listeners]
        self._leaving: list[Listener] = []
        self.reloader = parts.prepare and Reloader(
            parts.prepare, self.change, lambda: self._ruling.rule_set, parts.world, parts.notify
        )
        self._acting = Acting(
            parts.world, parts.spool, parts.notify, self._dispatcher, self._rules_in_force
        )
        self._control: asyncio.Server | None = None
        self._refreshing: asyncio.Task[None] | None = None

    def _listener(self, settings: ListenerSettings) -> Listener:
        parts = self._parts
        desk = Desk(
            parts.spool, parts.world.clock, parts.notify, self._dispatcher.arrived, self._origins
        )
        intake = RouterIntake(
            desk,
            lambda: self._ruling,
            self._directory.admit,
            lambda: listener.settings.refuse_unreadable,
        )
        listener = Listener(
            parts.world,
            settings,
            intake,
            parts.notify,
            limits=parts.limits,
            census=self._census,
            directory=self._directory,
            refresh=self._names.miss,
            has_room=self._has_room,
        )
        return listener

    def _has_room(self) -> bool:
        room = self._parts.room
        return room is None or ALLOWED[room.report.level].associations

    def _origins(self, envelope: Envelope) -> frozenset[str]:
        """Name the nodes that an object may come from by its AE title, and their pools."""
        calling = (envelope.calling_ae or "").strip()
        nodes = {node.name for node in self._settings.nodes if node.ae == calling}
        pools = (pool for pool in self._settings.pools if not nodes.isdisjoint(pool.members))
        return frozenset((*nodes, *(pool.name for pool in pools)))

    def _rules_in_force(self) -> Rules:
        served = self._ruling.served
        assert served is not None  # `ruling_of` keeps it
        nodes = (node.name for node in self._settings.nodes if node.port is not None)
        pools = (pool.name for pool in self._settings.pools)
        return Rules(served, frozenset((*nodes, *pools)))

    def swept(self, found: Swept) -> None:
        """Hear what was found in a large spool after the start."""
        self._parts.notify(
            SpoolSwept(found.adopted, found.damaged, found.missing, found.foreign)
            if found.sound
            else IndexUnsound()
        )
        for to in found.destinations:
            self._dispatcher.arrived(to)

    async def start(self, control: Path | None = None) -> None:
        """Run; `control` is the spool's folder when a control socket is wanted.

        `SpoolBusy` when another router has the spool, `CannotListen` when a port cannot be had,
        `OSError` when the disk says no.
        """
        parts = self._parts
        if parts.room is not None:
            parts.room.changed = lambda report: parts.notify(told(report))
        recovery = await parts.spool.recover()
        parts.notify(SpoolRecovered(**asdict(recovery)))
        try:
            if parts.work is not None:
                self._marks.open(parts.work)
            await self._dispatcher.look_back()
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
        if self.reloader is not None:
            self.reloader.begin()

    async def stop(self, seconds: float = DRAIN) -> None:
        """End in order; see the module."""
        listeners = [*self.listeners, *self._leaving]
        running = sum(len(listener.associations()) for listener in listeners)
        self._parts.notify(Stopping(running, self._dispatcher.in_flight, seconds))
        if self.reloader is not None:
            await self.reloader.stop()
        for listener in listeners:
            listener.stop()
        await asyncio.gather(
            *(listener.drain(seconds) for listener in listeners),
            self._dispatcher.stop(seconds),
        )
        if self._refreshing is not None:
            self._refreshing.cancel()
        if self._control is not None:
            self._control.close()
        waiting = sum(backlog.waiting for backlog in self._parts.spool.destinations().values())
        self._marks.close()
        await self._parts.spool.close()
        self._parts.world.workers.close()
        self._parts.notify(Stopped(waiting))

    async def change(self, settings: Settings, ruling: Ruling) -> None:
        """Go on by other rules, all of them from one moment on; `CannotChange` when that cannot be.

        An object that is arriving is decided by the rules under which it began, an association
        that is running keeps what it was admitted for.
        """
        for name in await self._names.ahead(settings.nodes):
            self._parts.notify(NameUnresolved(name))
        opened = await self._open(settings)
        self._swap(settings, ruling, opened)

    async def _open(self, settings: Settings) -> dict[Place, Listener]:
        """Open the ports that are new, or none of them."""
        bound = {place_of(listener.settings) for listener in self.listeners}
        opened: dict[Place, Listener] = {}
        try:
            for item in settings.listeners:
                if place_of(item) not in bound:
                    listener = opened[place_of(item)] = self._listener(item)
                    await begin(listener)
        except BaseException as wrong:
            self._leave(opened.values())
            if isinstance(wrong, CannotListen):
                raise CannotChange(unheard(wrong)) from None
            raise
        return opened

    def _swap(self, settings: Settings, ruling: Ruling, opened: dict[Place, Listener]) -> None:
        """Put everything in force; nothing is awaited here, and nothing can fail."""
        at = {place_of(listener.settings): listener for listener in self.listeners} | opened
        before = self.listeners
        self.listeners = [at[place_of(item)] for item in settings.listeners]
        for listener, item in zip(self.listeners, settings.listeners, strict=True):
            listener.settings = item
        self._leave(listener for listener in before if listener not in self.listeners)
        self._settings, self._ruling = settings, ruling
        self._directory.declare(settings.nodes)
        self._dispatcher.change(settings)

    def _leave(self, listeners: Iterable[Listener]) -> None:
        """Accept no more on these; their associations go on to their end."""
        gone = list(listeners)
        for listener in gone:
            listener.stop(NOT_OURS)
        self._leaving = [item for item in (*self._leaving, *gone) if item.associations()]

    def verbs(self) -> dict[str, Verb]:
        """Give what the control socket answers."""
        reporter = Reporter(
            self._parts.world.clock,
            self._parts.spool,
            self._settings,
            self._ruling.rule_set,
            self._dispatcher,
            self.listeners,
            self._leaving,
            room=self._parts.room,
        )
        verbs: dict[str, Verb] = {"status": reporter.status, "queue": reporter.queue}
        parts, router = self._parts, self._dispatcher
        verbs |= Telling(parts.world.clock, parts.spool, router, parts.rules).verbs()
        verbs |= self._acting.verbs()
        verbs |= {"reload": self.reloader.verb} if self.reloader is not None else {}
        return {name: settled(parts.spool, verb) for name, verb in verbs.items()}

    async def _resolve(self) -> None:
        for name in await self._names.refresh():
            self._parts.notify(NameUnresolved(name))

    async def _refresh(self) -> None:
        while True:
            await sleep(self._parts.world.clock, EVERY)
            await self._resolve()


def settled(spool: Spool, verb: Verb) -> Verb:
    """Have a verb answer of all that was acknowledged before it was asked."""

    async def answer(question: Document) -> Document:
        await spool.settled()
        found = verb(question)
        return found if isinstance(found, Mapping) else await found

    return answer


def place_of(settings: ListenerSettings) -> Place:
    """Give where a listener accepts."""
    return settings.address, settings.port


def place(settings: ListenerSettings, port: int) -> str:
    """Give ADDRESS:PORT, an IPv6 address in brackets."""
    address = f"[{settings.address}]" if ":" in settings.address else settings.address
    return f"{address}:{port}"


def unheard(no: CannotListen) -> Phrase:
    """Say which listener cannot be had and why."""
    item = no.listener
    where = place(item, item.port)
    return Phrase("command.cannot_listen", name=item.name, place=where, why=no.reason)


async def begin(listener: Listener) -> None:
    """Open a port; `CannotListen` says which one cannot be had and why."""
    try:
        await listener.start()
    except OSError as wrong:
        raise CannotListen(listener.settings, machine_words(wrong)) from None
