"""Deciding again on an object that is kept: what `queue release` does."""

from dataclasses import replace
from functools import partial
from typing import Protocol

from roteiro.core import load
from roteiro.core.artefact_lift import lifted
from roteiro.core.program import (
    Decision,
    Encoding,
    Envelope,
    Hold,
    Outcome,
    encoding_of,
)
from roteiro.runtime.artefacts import taken
from roteiro.runtime.garbage import in_background
from roteiro.runtime.programs import Served
from roteiro.runtime.spool.contract import StoredObject
from roteiro.runtime.world import World

PIECE = 1024 * 1024
"""Bytes of a data set that are read at once."""
MICROSECONDS = 1_000_000
"""In a second."""


class Feed(Protocol):
    """Decides one object from its bytes as they come; see `core.feed`."""

    def add(self, piece: bytes) -> Outcome | None:
        """Take the next bytes."""

    def end(self, envelope: Envelope | None = None) -> Outcome:
        """Decide, now that no more come."""


class Feeder(Protocol):
    """A compiled program that decides piece by piece."""

    def feed(self, encoding: Encoding, envelope: Envelope) -> Feed:
        """Begin with an object."""


class Redecider:
    """Decides on stored objects by the rules in force, the guard's hold lifted."""

    def __init__(self, world: World) -> None:
        """Begin without a compiled program: it is made when first asked for."""
        self._world = world
        self._rule_set = ""
        self._engine: Feeder | None = None

    async def decide(self, served: Served, stored: StoredObject) -> Decision:
        """Decide on an object as of now; `OSError` when it cannot be read."""
        engine = await self._compiled(served)
        now = int(self._world.clock.now() * MICROSECONDS)
        envelope = replace(stored.record.envelope, at=now, size=stored.size)
        encoding = encoding_of(envelope.transfer_syntax or "")
        feed = engine.feed(encoding, envelope)
        for at in range(0, stored.size, PIECE):
            if feed.add(await stored.read(at, PIECE)) is not None:
                break
        return feed.end(envelope).decision

    async def _compiled(self, served: Served) -> Feeder:
        if self._engine is None or self._rule_set != served.rule_set:
            self._engine = await self._world.workers.run(partial(_lift, served))
            self._rule_set = served.rule_set
        return self._engine


def _lift(served: Served) -> Feeder:
    with in_background():
        engine: Feeder = load(lifted(taken(served.compiled)))  # type: ignore[assignment]
    return engine


def not_refused(decision: Decision, queue: str) -> Decision:
    """Give a decision for what was acknowledged long ago: it cannot be refused any more."""
    if decision.refuse is None:
        return decision
    reason = f"the rules refuse it: 0x{decision.refuse.status:04X} {decision.refuse.reason}"
    return Decision("hold", hold=Hold(queue, reason), rules=decision.rules)
