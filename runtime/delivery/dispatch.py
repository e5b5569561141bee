"""All deliveries: one post a destination, and how they stand.

The caller says `arrived(to)` after a commit; that is a hint and may be lost or repeated. What is
owed is what the spool says, so nothing that is in memory here is needed to find it again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import NodeSettings, Settings
from roteiro.runtime.association.contract import Carrier
from roteiro.runtime.delivery.destination import Destination
from roteiro.runtime.delivery.post import Post
from roteiro.runtime.delivery.state import State
from roteiro.runtime.delivery.status import UNKNOWN, DestinationStatus
from roteiro.runtime.events import DestinationUnknown, Notify
from roteiro.runtime.spool.contract import Backlog, Spool
from roteiro.runtime.world import World

GRACE = 5.0
"""Seconds for aborts and records once the time to finish is over."""
NOTHING = Backlog(waiting=0, held=0, done=0, oldest=None, waiting_bytes=0)


class Dispatcher:
    """Delivers what the spool owes to the nodes that can be sent to."""

    def __init__(
        self, world: World, spool: Spool, carrier: Carrier, settings: Settings, notify: Notify
    ) -> None:
        """Prepare; nothing is sent before `start`. `spool` has recovered."""
        self._world = world
        self._spool = spool
        self._carrier = carrier
        self._notify = notify
        self._posts = {
            name: self._post(node, settings.router.ae) for name, node in callable_of(settings)
        }
        self._leaving: dict[str, Post] = {}
        """Of nodes that the rules have no more, as long as something of theirs is under way."""

    def _post(self, node: NodeSettings, calling_ae: str) -> Post:
        destination = Destination(node, self._world.clock, self._world.dice)
        return Post(destination, calling_ae, self._world, self._spool, self._carrier, self._notify)

    @property
    def in_flight(self) -> int:
        """Objects that are being sent now."""
        return sum(post.destination.in_flight for post in self._all())

    def sending(self) -> frozenset[int]:
        """Give the ids of the deliveries that are under way now."""
        return frozenset(number for post in self._all() for number in post.destination.sending())

    def _all(self) -> tuple[Post, ...]:
        return (*self._posts.values(), *self._leaving.values())

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
        gone = {name: post for name, post in self._posts.items() if name not in nodes}
        for post in gone.values():
            post.stop()
        before = self._posts | self._leaving
        new, ours = nodes.keys() - before.keys(), settings.router.ae
        self._posts = {
            name: self._post(node, ours) if name in new else before.pop(name)
            for name, node in nodes.items()
        }
        self._leaving = {name: post for name, post in before.items() if post.tasks}
        for name, post in self._posts.items():
            post.look() if name in new else post.change(nodes[name], ours)
        with suppress(OSError):  # `status` shows them as well, when the disk is in order again
            self._tell_unknown(gone)

    def _tell_unknown(self, names: Iterable[str]) -> None:
        """Tell of names that are owed something and that the rules do not have."""
        backlogs = self._spool.destinations()
        for name in sorted(names):
            backlog = backlogs.get(name, NOTHING)
            if name not in self._posts and backlog.waiting:
                self._notify(DestinationUnknown(name, backlog.waiting))

    def arrived(self, to: str) -> None:
        """Hear that something may be owed to a destination; one that is unknown is passed over."""
        post = self._posts.get(to)
        if post is not None:
            post.pull()

    def kick(self, to: str) -> bool:
        """Try a destination now instead of at its next attempt; false when there is no such."""
        post = self._posts.get(to)
        if post is not None:
            post.kick()
        return post is not None

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
        known = (self._known(name, backlogs.get(name, NOTHING)) for name in self._posts)
        unknown = (
            self._unknown(name, backlog)
            for name, backlog in backlogs.items()
            if name not in self._posts and (backlog.waiting or backlog.held)
        )
        return tuple(sorted((*known, *unknown), key=lambda status: status.to))

    def _known(self, name: str, backlog: Backlog) -> DestinationStatus:
        clock, destination = self._world.clock, self._posts[name].destination
        wait = destination.breaker.due - clock.monotonic()
        waits = destination.state is State.WAITING
        return DestinationStatus(
            to=name,
            state=destination.state.value,
            cause=destination.breaker.cause,
            waiting=backlog.waiting,
            waiting_bytes=backlog.waiting_bytes,
            held=backlog.held,
            oldest=backlog.oldest,
            oldest_age=self._age(backlog),
            in_flight=destination.in_flight,
            associations=destination.associations,
            resting=destination.window.resting,
            failures=destination.breaker.failures,
            next_attempt=clock.now() + wait if waits else None,
            last_success=destination.last_success,
            delivered=destination.meter.total,
            rate=destination.meter.rate(clock.monotonic()),
        )

    def _unknown(self, name: str, backlog: Backlog) -> DestinationStatus:
        leaving = self._leaving.get(name)
        return DestinationStatus(
            to=name,
            state=UNKNOWN,
            cause=Phrase("runtime.unknown_node"),
            waiting=backlog.waiting,
            waiting_bytes=backlog.waiting_bytes,
            held=backlog.held,
            oldest=backlog.oldest,
            oldest_age=self._age(backlog),
            in_flight=leaving.destination.in_flight if leaving else 0,
            associations=leaving.destination.associations if leaving else 0,
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
