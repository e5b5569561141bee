"""A port on which peers may call: its connections, limits, and what is told of them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import ListenerSettings
from roteiro.runtime.association import policy
from roteiro.runtime.association.acceptor import Connection
from roteiro.runtime.association.adapter import make_entity
from roteiro.runtime.association.contract import Admitted, Caller, Intake, Rejected
from roteiro.runtime.association.exchange import Exchange
from roteiro.runtime.association.faults import USER
from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.policy import Census, Directory
from roteiro.runtime.association.request import Titles
from roteiro.runtime.events import (
    AssociationClosed,
    AssociationOpened,
    AssociationRejected,
    ConnectionDropped,
    Fault,
    Notify,
)
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import World

STOPPING = Phrase("runtime.ended_stopping")

Refresh = Callable[[Caller], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A running association, for `status`."""

    listener: str
    node: str
    """Empty for an unknown caller that the listener accepts."""
    calling_ae: str
    called_ae: str
    address: str
    since: float
    """Seconds since 1970, UTC."""
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Guest:
    """Who came in on a connection, and when."""

    caller: Caller
    node: str
    since: float
    started: float


class Listener:
    """Accepts associations and hands what they store to an `Intake`.

    `directory` only explains rejections; `refresh` looks a caller's names up again at a miss;
    `census` is shared by the listeners of one router; `has_room` says whether objects of one
    association more would find room on the disk.
    """

    def __init__(  # noqa: PLR0913  the parts that a router shares between its listeners
        self,
        world: World,
        settings: ListenerSettings,
        intake: Intake,
        notify: Notify,
        *,
        limits: Limits | None = None,
        census: Census | None = None,
        directory: Directory | None = None,
        refresh: Refresh | None = None,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self.world = world
        self.settings = settings
        self.limits = limits or Limits()
        self.entity = make_entity(self.limits.pdu)
        self._intake = intake
        self._notify = notify
        self._census = census or Census(self.limits)
        self._directory = directory
        self._refresh = refresh
        self._has_room = has_room
        self._server: asyncio.Server | None = None
        self._waiting: dict[Connection, None] = {}  # without an association, oldest first
        self._guests: dict[Connection, Guest] = {}

    async def start(self) -> None:
        """Begin to accept; `OSError` when the address or the port cannot be had."""
        self._server = await self.world.net.listen(
            partial(Connection, self), self.settings.address, self.settings.port
        )

    @property
    def port(self) -> int:
        """The port that is bound."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self, why: Phrase = STOPPING) -> None:
        """Accept no more connections, and no association on those that have none."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._waiting):
            connection.drop(why)

    async def drain(self, seconds: float) -> None:
        """Wait for running associations, then abort them; return when all are gone."""
        clock = self.world.clock
        until = clock.monotonic() + seconds
        while self._guests and clock.monotonic() < until:
            await sleep(clock, min(0.05, seconds))
        for connection in list(self._guests):
            connection.abort(USER, 0, STOPPING)
        # what is being kept is kept: its sender may already count on it
        jobs = [job for connection in self._guests for job in connection.jobs]
        await asyncio.gather(*jobs, return_exceptions=True)
        for connection in [*self._waiting, *self._guests]:
            connection.drop(STOPPING)
        while self._waiting or self._guests:
            await asyncio.sleep(0)

    def associations(self) -> tuple[Visit, ...]:
        """Give the running associations, oldest first."""
        return tuple(
            Visit(
                listener=self.settings.name,
                node=guest.node,
                calling_ae=guest.caller.calling_ae,
                called_ae=guest.caller.called_ae,
                address=guest.caller.address,
                since=guest.since,
                objects=connection.counts[0],
                bytes=connection.counts[1],
            )
            for connection, guest in self._guests.items()
        )

    @property
    def open_connections(self) -> tuple[Connection, ...]:
        """Give all connections, with and without an association."""
        return (*self._waiting, *self._guests)

    # --- what a connection asks ---------------------------------------------------------------

    def begun(self, connection: Connection) -> None:
        """See `Host`; the connection that waits longest makes room for the next."""
        if len(self._waiting) >= self.limits.unassociated:
            next(iter(self._waiting)).drop(Phrase("runtime.ended_crowded"))
        self._waiting[connection] = None

    def caller(self, titles: Titles, address: str) -> Caller:
        """See `Host`."""
        return Caller(self.settings, titles.calling_ae, titles.called_ae, address)

    def admit(self, caller: Caller) -> Admitted | Rejected:
        """See `Host`; who may not come in learns nothing about our capacity."""
        verdict = self._intake.admit(caller)
        if isinstance(verdict, Rejected):
            return verdict
        if not self._census.has_room(caller.address, caller.calling_ae):
            return policy.LOCAL_LIMIT
        if "store" in verdict.roles and not self._has_room():
            return policy.CONGESTION
        return verdict

    def refresh(self, caller: Caller) -> Coroutine[Any, Any, None] | None:
        """See `Host`."""
        return self._refresh(caller) if self._refresh is not None else None

    def exchange(self, connection: Connection, accepted: dict[int, tuple[str, str]]) -> Exchange:
        """See `Host`."""
        return Exchange(
            accepted,
            connection.envelope(self.settings.name),
            self._intake,
            limit=self.limits.data_set,
            answer=connection.answer,
            finish=connection.finish,
        )

    def opened(self, connection: Connection, admitted: Admitted) -> None:
        """See `Host`."""
        caller = connection.caller
        assert caller is not None
        clock = self.world.clock
        self._waiting.pop(connection, None)
        self._guests[connection] = Guest(caller, admitted.node, clock.now(), clock.monotonic())
        self._census.enter(caller.address, caller.calling_ae)
        self._notify(
            AssociationOpened(
                listener=self.settings.name,
                node=admitted.node,
                calling_ae=caller.calling_ae,
                called_ae=caller.called_ae,
                address=caller.address,
            )
        )

    def turned_away(self, caller: Caller, rejected: Rejected) -> None:
        """See `Host`."""
        full = rejected == policy.LOCAL_LIMIT and self._census.full
        explanation = policy.explain(
            caller, rejected, self._directory, self.limits.files if full else None
        )
        self._notify(
            AssociationRejected(
                listener=self.settings.name,
                calling_ae=caller.calling_ae,
                called_ae=caller.called_ae,
                address=caller.address,
                result=rejected.result,
                source=rejected.source,
                reason=rejected.reason,
                why=explanation.why,
                add=explanation.add,
            )
        )

    def failed(self, error: BaseException) -> None:
        """See `Host`."""
        self._notify(Fault(where=f"listener {self.settings.name}", error=type(error).__name__))

    def ended(self, connection: Connection, how: str) -> None:
        """See `Host`; a connection that said nothing (a health check) is not worth a line."""
        guest = self._guests.pop(connection, None)
        self._waiting.pop(connection, None)
        if guest is not None:
            self._census.leave(guest.caller.address, guest.caller.calling_ae)
            self._notify(
                AssociationClosed(
                    listener=self.settings.name,
                    node=guest.node,
                    calling_ae=guest.caller.calling_ae,
                    address=guest.caller.address,
                    how=how,
                    stored=connection.counts[0],
                    seconds=self.world.clock.monotonic() - guest.started,
                )
            )
        elif connection.heard_of and not connection.rejected:
            self._notify(
                ConnectionDropped(listener=self.settings.name, address=connection.address, why=how)
            )
