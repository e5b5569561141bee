"""Deciding again on an object that is kept: what `queue release` does."""

from dataclasses import replace
from functools import partial
from typing import Protocol

from roteiro.core import build
from roteiro.core.program import (
    Decision,
    Encoding,
    Envelope,
    Guard,
    Hold,
    Outcome,
    Pass,
    Program,
    encoding_of,
)
from roteiro.runtime.garbage import in_background
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


def lifted(program: Program) -> Program:
    """Give the program with a guard that holds nothing: who would be held is let in."""
    guard = program.guard
    if guard is None:
        return program
    rules = tuple(
        replace(rule, verdict=Pass()) if isinstance(rule.verdict, Hold) else rule
        for rule in guard.rules
    )
    otherwise = Pass() if isinstance(guard.otherwise, Hold) else guard.otherwise
    return replace(program, guard=Guard(rules, otherwise))


class Redecider:
    """Decides on stored objects by the rules in force, the guard's hold lifted."""

    def __init__(self, world: World) -> None:
        """Begin without a compiled program: it is made when first asked for."""
        self._world = world
        self._rule_set = ""
        self._engine: Feeder | None = None

    async def decide(self, program: Program, stored: StoredObject) -> Decision:
        """Decide on an object as of now; `OSError` when it cannot be read."""
        engine = await self._compiled(program)
        now = int(self._world.clock.now() * MICROSECONDS)
        envelope = replace(stored.record.envelope, at=now, size=stored.size)
        encoding = encoding_of(envelope.transfer_syntax or "")
        feed = engine.feed(encoding, envelope)
        for at in range(0, stored.size, PIECE):
            if feed.add(await stored.read(at, PIECE)) is not None:
                break
        return feed.end(envelope).decision

    async def _compiled(self, program: Program) -> Feeder:
        if self._engine is None or self._rule_set != program.rule_set:
            self._engine = await self._world.workers.run(partial(_compile, program))
            self._rule_set = program.rule_set
        return self._engine


def _compile(program: Program) -> Feeder:
    with in_background():
        engine: Feeder = build(lifted(program))  # type: ignore[assignment]
    return engine


def not_refused(decision: Decision, queue: str) -> Decision:
    """Give a decision for what was acknowledged long ago: it cannot be refused any more."""
    if decision.refuse is None:
        return decision
    reason = f"the rules refuse it: 0x{decision.refuse.status:04X} {decision.refuse.reason}"
    return Decision("hold", hold=Hold(queue, reason), rules=decision.rules)
