"""All deliveries: one post a node, their queues, and how they stand.

The caller says `arrived(to)` after a commit; that is a hint and may be lost or repeated. What is
owed is what the spool says, so nothing that is in memory here is needed to find it again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings, PoolSettings, Settings
from roteiro.runtime.association.contract import Carrier
from roteiro.runtime.delivery.backlog import Queue
from roteiro.runtime.delivery.destination import Destination
from roteiro.runtime.delivery.doubt import doubtful, still_doubtful
from roteiro.runtime.delivery.hours import hours_of
from roteiro.runtime.delivery.marks import TIMES, Marks
from roteiro.runtime.delivery.pool import Pool
from roteiro.runtime.delivery.post import Post
from roteiro.runtime.delivery.state import LEFT_ALONE
from roteiro.runtime.delivery.status import UNKNOWN, DestinationStatus
from roteiro.runtime.delivery.window import SHARED, SIZE, Window
from roteiro.runtime.events import (
    DeliveryFailed,
    DeliveryHeld,
    DestinationUnknown,
    DiskTrouble,
    Notify,
)
from roteiro.runtime.machine import machine_words
from roteiro.runtime.spool.contract import Backlog, Delivery, DeliveryState, Spool
from roteiro.runtime.world import World

GRACE = 5.0
"""Seconds for aborts and records once the time to finish is over."""
NOTHING = Backlog(waiting=0, held=0, done=0, oldest=None, waiting_bytes=0)


class Dispatcher:
    """Delivers what the spool owes to the nodes that can be sent to, and to pools of them."""

    def __init__(  # noqa: PLR0913  what it is made of
        self,
        world: World,
        spool: Spool,
        carrier: Carrier,
        settings: Settings,
        notify: Notify,
        *,
        marks: Marks | None = None,
    ) -> None:
        """Prepare; nothing is sent before `start`. `spool` has recovered, and `marks` are open."""
        self._marks = marks or Marks()
        self._world = world
        self._spool = spool
        self._carrier = carrier
        self._notify = notify
        self._windows: dict[str, Window] = {}
        """By the name under which something is owed, as long as that is used or on its way."""
        self._pools: dict[str, Pool] = {}
        self._posts = {
            name: self._post(node, settings.router.ae) for name, node in callable_of(settings)
        }
        self._leaving: dict[str, Post] = {}
        """Of nodes that the rules have no more, as long as something of theirs is under way."""
        self._nudged: set[str] = set()
        self._lay_out(settings)

    def _post(self, node: NodeSettings, calling_ae: str) -> Post:
        world = self._world
        queues = (Queue(self._window(node.name, SIZE)),)
        destination = Destination(node, world.clock, world.dice, queues=queues)
        return Post(
            destination,
            calling_ae,
            world,
            self._spool,
            self._carrier,
            self._notify,
            self._marks,
            partial(self._nudge, node.name),
        )

    def _window(self, name: str, size: int) -> Window:
        """Give what is in memory of what is owed under a name: one for all who ask."""
        window = self._windows.setdefault(name, Window(name))
        window.size = size
        return window

    def _lay_out(self, settings: Settings) -> None:
        """Give every post its queues, by these rules."""
        hours = hours_of(settings)
        self._pools = {pool.name: self._pool(pool) for pool in settings.pools}
        for name, post in self._posts.items():
            shared = (
                Queue(self._window(each, SHARED), pool)
                for each, pool in self._pools.items()
                if name in pool.members
            )
            post.destination.queue((Queue(self._window(name, SIZE)), *shared), hours)
        used = self._posts.keys() | self._pools.keys()
        for name in [name for name in self._windows if name not in used]:
            if not self._windows[name].taken:
                del self._windows[name]

    def _pool(self, settings: PoolSettings) -> Pool:
        members = {
            name: self._posts[name].destination for name in settings.members if name in self._posts
        }
        return Pool(settings, members)

    def _nudge(self, name: str) -> None:
        """Have the other members of a node's pools look at their queues, once for all reasons."""
        others = {
            member
            for pool in self._pools.values()
            if name in pool.members
            for member in pool.members
        } - {name}
        if others and not self._nudged:
            asyncio.get_running_loop().call_soon(self._look_round)
        self._nudged |= others

    def _look_round(self) -> None:
        names, self._nudged = self._nudged, set()
        for name in sorted(names):
            if name in self._posts:
                self._posts[name].tick()

    @property
    def in_flight(self) -> int:
        """Objects that are being sent now."""
        return sum(post.destination.in_flight for post in self._all())

    def sending(self) -> frozenset[int]:
        """Give the ids of the deliveries that are under way now."""
        return frozenset(each.id for post in self._all() for each in post.destination.sending())

    def _all(self) -> tuple[Post, ...]:
        return (*self._posts.values(), *self._leaving.values())

    async def look_back(self) -> None:
        """Record of what was in work when the process before ended what it means; before `start`.

        It is in doubt; what was there too often is held.
        """
        for number in self._marks.interrupted:
            delivery = self._spool.delivery(number)
            if delivery is not None and delivery.state is DeliveryState.WAITING:
                await self._doubt(delivery)
        for number, times in self._marks.suspects():
            delivery = self._spool.delivery(number)
            if delivery is None or delivery.state is not DeliveryState.WAITING:
                self._marks.clear(number)
            elif times >= TIMES:
                await self._hold_deadly(delivery, times)

    async def _doubt(self, delivery: Delivery) -> None:
        reason = still_doubtful(delivery.reason, doubtful(Phrase("runtime.ended_while_sending")))
        try:
            await self._spool.failed(delivery.id, reason)
        except OSError as error:
            self._notify(DiskTrouble(Phrase("runtime.doing_record"), machine_words(error)))
        else:
            facts = (delivery.to, delivery.id, delivery.sop_instance)
            self._notify(DeliveryFailed(*facts, reason, delivery.attempts + 1))

    async def _hold_deadly(self, delivery: Delivery, times: int) -> None:
        """Hold a delivery; one whose hold the disk does not take is not sent either (`Marks`)."""
        reason = Phrase("runtime.held_deadly", times=times)
        try:
            await self._spool.hold(delivery.id, reason)
        except OSError as error:
            self._notify(DiskTrouble(Phrase("runtime.doing_record"), machine_words(error)))
        else:
            self._marks.clear(delivery.id)
            self._notify(DeliveryHeld(delivery.to, delivery.id, delivery.sop_instance, reason))

    def start(self) -> None:
        """Begin to deliver; the loop is running."""
        self._tell_unknown(self._spool.destinations())
        for post in self._posts.values():
            post.pull()

    def change(self, settings: Settings) -> None:
        """Go on by other rules.

        A node that is as before is left alone. One that is declared otherwise is tried at once, on
        associations that are new. One that is gone gets what is on its way to it; what else it is
        owed stays in the spool for the day on which the rules have it again.
        """
        nodes = dict(callable_of(settings))
        before = self._posts | self._leaving
        gone = {name: post for name, post in self._posts.items() if name not in nodes}
        ended = self._names() - nodes.keys() - {pool.name for pool in settings.pools}
        for post in gone.values():
            post.stop()
        new, ours = nodes.keys() - before.keys(), settings.router.ae
        self._posts = {
            name: self._post(node, ours) if name in new else before.pop(name)
            for name, node in nodes.items()
        }
        self._leaving = {name: post for name, post in before.items() if post.tasks}
        self._lay_out(settings)
        for name, post in self._posts.items():
            post.pull() if name in new else post.change(nodes[name], ours)
        with suppress(OSError):  # `status` shows them as well, when the disk is in order again
            self._tell_unknown(ended)

    def _names(self) -> set[str]:
        return {*self._posts, *self._pools}

    def _tell_unknown(self, names: Iterable[str]) -> None:
        """Tell of names that are owed something and that the rules do not have."""
        backlogs = self._spool.destinations()
        for name in sorted(names):
            backlog = backlogs.get(name, NOTHING)
            if name not in self._names() and backlog.waiting:
                self._notify(DestinationUnknown(name, backlog.waiting))

    def arrived(self, to: str) -> None:
        """Hear that something may be owed to a destination; one that is unknown is passed over."""
        posts = self._serving(to)
        if posts:
            self._windows[to].hint()
        for post in posts:
            post.tick()

    def _serving(self, to: str) -> tuple[Post, ...]:
        """Give who delivers what is owed under a name."""
        if to in self._pools:
            return tuple(self._posts[name] for name in self._pools[to].members)
        return (self._posts[to],) if to in self._posts else ()

    def kick(self, to: str) -> bool:
        """Try a destination now instead of at its next attempt; false when there is no such."""
        posts = self._serving(to)
        for post in posts:
            post.kick()
        return bool(posts)

    def withdraw(self, numbers: Iterable[int]) -> None:
        """Begin none of these deliveries: a person decided on them, and that is on record."""
        gone = tuple(numbers)
        for window in self._windows.values():
            window.withdraw(gone)

    async def stop(self, seconds: float) -> None:
        """Begin nothing new, let what is in flight finish for so long, then abort it.

        What waits stays in the spool, and what was aborted as well.
        """
        posts = self._all()
        for post in posts:
            post.stop()
        clock = self._world.clock
        timers = (
            clock.call_later(seconds, lambda: _each(post.abort for post in posts)),
            clock.call_later(seconds + GRACE, lambda: _each(post.give_up for post in posts)),
        )
        while tasks := [task for post in posts for task in post.tasks]:
            await asyncio.wait(tasks)
        for timer in timers:
            timer.cancel()

    def status(self) -> tuple[DestinationStatus, ...]:
        """Say how every destination stands, also one that is owed something and is no node."""
        backlogs = self._spool.destinations()
        known = (self._node(name, backlogs.get(name, NOTHING)) for name in self._posts)
        pools = (self._shared(name, backlogs.get(name, NOTHING)) for name in self._pools)
        unknown = (
            self._unknown(name, backlog)
            for name, backlog in backlogs.items()
            if name not in self._names() and (backlog.waiting or backlog.held)
        )
        return tuple(sorted((*known, *pools, *unknown), key=lambda status: status.to))

    def _node(self, name: str, backlog: Backlog) -> DestinationStatus:
        destination = self._posts[name].destination
        return replace(
            self._known(name, backlog, destination),
            in_flight=destination.in_flight,
            associations=destination.associations,
            last_success=destination.last_success,
            delivered=destination.meter.total,
            rate=destination.meter.rate(self._world.clock.monotonic()),
        )

    def _shared(self, name: str, backlog: Backlog) -> DestinationStatus:
        """Say how a pool stands: as the member that is tried first now."""
        window, posts = self._windows[name], self._serving(name)
        first = next((post for post in posts if post.destination.fit), posts[0]).destination
        sending = [each for post in posts for each in post.destination.sending()]
        return replace(
            self._known(name, backlog, first),
            in_flight=sum(each.to == name for each in sending),
            last_success=window.last_success,
            delivered=window.meter.total,
            rate=window.meter.rate(self._world.clock.monotonic()),
            members=tuple(self._pools[name].members),
        )

    def _known(self, name: str, backlog: Backlog, destination: Destination) -> DestinationStatus:
        clock = self._world.clock
        wait = destination.breaker.due - clock.monotonic()
        return replace(
            self._owed(name, backlog),
            state=destination.shown.value,
            cause=destination.breaker.cause,
            resting=self._windows[name].resting,
            gathering=self._windows[name].batches.gathering,
            failures=destination.breaker.failures,
            next_attempt=clock.now() + wait if destination.state in LEFT_ALONE else None,
            shut=destination.backlog.shut(name),
        )

    def _unknown(self, name: str, backlog: Backlog) -> DestinationStatus:
        leaving = self._leaving.get(name)
        return replace(
            self._owed(name, backlog),
            in_flight=leaving.destination.in_flight if leaving else 0,
            associations=leaving.destination.associations if leaving else 0,
        )

    def _owed(self, name: str, backlog: Backlog) -> DestinationStatus:
        """Say what is owed to a name, whoever it is."""
        return DestinationStatus(
            to=name,
            state=UNKNOWN,
            cause=Phrase("runtime.unknown_node"),
            waiting=backlog.waiting,
            waiting_bytes=backlog.waiting_bytes,
            held=backlog.held,
            oldest=backlog.oldest,
            oldest_age=self._age(backlog),
            in_flight=0,
            associations=0,
            resting=0,
            failures=0,
            next_attempt=None,
            last_success=None,
            delivered=0,
            rate=0.0,
        )

    def _age(self, backlog: Backlog) -> float | None:
        """Give the age of the oldest; a clock that was set back makes it 0, not negative."""
        if backlog.oldest is None:
            return None
        return max(0.0, self._world.clock.now() - backlog.oldest)


def callable_of(settings: Settings) -> Iterator[tuple[str, NodeSettings]]:
    """Give the nodes that can be sent to, by name."""
    return ((node.name, node) for node in settings.nodes if node.port is not None)


def _each(calls: Iterable[Callable[[], None]]) -> None:
    for call in calls:
        call()
