"""All deliveries: one post a destination, and how they stand.

The caller says `arrived(to)` after a commit; that is a hint and may be lost or repeated. What is
owed is what the spool says, so nothing that is in memory here is needed to find it again.
"""

import asyncio
from collections.abc import Callable, Iterable

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
        self._notify = notify

        def post(node: NodeSettings) -> Post:
            destination = Destination(node, world.clock, world.dice)
            return Post(destination, settings.router.ae, world, spool, carrier, notify)

        self._posts = {node.name: post(node) for node in settings.nodes if node.port is not None}

    @property
    def in_flight(self) -> int:
        """Objects that are being sent now."""
        return sum(post.destination.in_flight for post in self._posts.values())

    def sending(self) -> frozenset[int]:
        """Give the ids of the deliveries that are under way now."""
        return frozenset(
            number for post in self._posts.values() for number in post.destination.sending()
        )

    def start(self) -> None:
        """Begin to deliver; the loop is running."""
        for name, backlog in sorted(self._spool.destinations().items()):
            if name not in self._posts and backlog.waiting:
                self._notify(DestinationUnknown(name, backlog.waiting))
        for post in self._posts.values():
            post.pull()

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
        posts = tuple(self._posts.values())
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


def _each(calls: Iterable[Callable[[], None]]) -> None:
    for call in calls:
        call()
