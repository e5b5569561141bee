"""One router under load, again and again hit by something, and judged by what its peers saw.

The judge holds the journal of the senders against the arrivals at the sinks and, after an orderly
end, against what the spool says through its interface (P-1, P-3, P-4, P-5 of docs/promise.md).
"""

import asyncio
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from roteiro.runtime.spool.contract import DeliveryState
from roteiro.runtime.world import system_world
from tests.crash.forged import Forged
from tests.crash.load import DROPPED, OWED, RULES, UNROUTED, Entry, Journal, Loader
from tests.crash.subject import ledger, make_spool
from tests.e2e.raw import Arrival, RawSink
from tests.e2e.routers import header

SENDERS = 3
DRAINED = 60.0
"""Seconds for all that is owed to arrive after the last start."""
MOST = 1_000_000
LISTS = ("missing", "changed", "strayed", "phantom", "returned", "refused")
"""Parts of a verdict that must be empty."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What journal, sinks and spool say of a run; all of `LISTS` must be empty."""

    seed: int
    hits: int
    """Kills or power cuts."""
    sent: int
    acknowledged: int
    arrived: int
    missing: tuple[str, ...]
    """`destination uid`, `unrouted uid`, `ledger uid`: acknowledged, owed there, and not there."""
    changed: tuple[str, ...]
    """`destination uid`: other bytes than were sent, or never sent at all."""
    strayed: tuple[str, ...]
    """`destination uid`: delivered to whom it was not owed."""
    phantom: tuple[str, ...]
    """Held for a person though nothing is wrong, or waiting for ever."""
    returned: tuple[str, ...]
    """`destination uid`: on record as done for long enough, and sent again (P-4)."""
    refused: dict[str, int]
    """Answers that this kind of trouble does not explain."""
    duplicates: int
    most_at_once: int
    """The most that one hit made to be sent again."""
    seconds: float

    @property
    def fine(self) -> bool:
        return not any(getattr(self, name) for name in LISTS)

    def __str__(self) -> str:
        wrong = ", ".join(f"{len(getattr(self, name))} {name}" for name in LISTS)
        return (
            f"seed {self.seed}: {self.hits} hits, {self.sent} sent, {self.acknowledged} "
            f"acknowledged, {self.arrived} arrived, {wrong}, {self.duplicates} duplicates "
            f"({self.most_at_once} at once at most), {self.seconds:.1f} s"
        )

    def findings(self) -> str:
        """Say all that is wrong."""
        return "\n".join(
            f"{name}: {one}" for name in LISTS for one in list(getattr(self, name))[:20]
        )


@dataclass
class Trial:
    """See the module. `excused` are answers that the trouble explains, by their beginning."""

    folder: Path
    spool: Path
    seed: int
    plant: str = ""
    excused: tuple[str, ...] = ()
    grace: float = 0.0
    """Seconds for which a record of completion may be lost (P-4); 0 for a kill."""
    patience: float = DRAINED
    environment: Mapping[str, str] = field(default_factory=dict)
    """More of it for the router."""
    words: tuple[str, ...] = ()
    """More of them for the forge."""
    hits: list[float] = field(default_factory=list)
    """When, by the monotonic clock."""

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.journal = Journal()
        self.sinks = {"first": RawSink(), "second": RawSink(max_pdu=4_096)}
        ports = self.ways({name: sink.start().port for name, sink in self.sinks.items()})
        words = (*(("--plant", self.plant) if self.plant else ()), *self.words)
        self.router = Forged(
            self.folder,
            header(**ports) + RULES,
            self.spool,
            words=words,
            environment=self.environment,
        )
        door = self.door()
        self.loaders = [
            Loader(door, self.journal, f"{self.seed}/{number}") for number in range(SENDERS)
        ]
        self._began = time.monotonic()

    def ways(self, ports: dict[str, int]) -> dict[str, int]:
        """Give the ports at which the router reaches the sinks."""
        return ports

    def door(self) -> int:
        """Give the port at which the senders reach the router."""
        return self.router.port

    def load(self) -> None:
        """Let the senders begin."""
        for loader in self.loaders:
            loader.start()

    def hit(self) -> None:
        """Note that the router was hit now."""
        self.hits.append(time.monotonic())

    def judge(self) -> Verdict:
        """Start for the last time, wait for what is owed, end in order, look at everything."""
        self.router.start()
        for loader in self.loaders:
            loader.stop()
        return self.finish()

    def finish(self) -> Verdict:
        """Do what `judge` does with a router that runs and senders that do not."""
        self._drain()
        code = self.router.terminate()
        assert code == 0, (code, self.router.errors)
        return self.verdict(asyncio.run(self._look()))

    def _drain(self) -> None:
        end = time.monotonic() + self.patience
        while (self._undelivered() or self.router.waiting()) and time.monotonic() < end:
            threading.Event().wait(0.02)

    async def _look(self) -> "Found":
        """Ask the spool itself, after the router has let go of it."""
        world = system_world()
        spool = make_spool(self.spool, world)
        await spool.recover()
        found = Found(
            tuple(f"{each.to} {each.sop_instance} {each.state.value}: {each.reason}"
                  for state in (DeliveryState.WAITING, DeliveryState.HELD)
                  for each in spool.deliveries(state=state, limit=MOST)),
            {(each.sop_instance, each.size) for each in spool.held(queue="unrouted", limit=MOST)},
            ledger(self.spool),
        )  # fmt: skip
        await spool.close()
        world.workers.close()
        return found

    def _undelivered(self) -> list[str]:
        came = {name: sink.first for name, sink in self.sinks.items()}
        return [
            f"{name} {uid}"
            for uid, entry in list(self.journal.acknowledged.items())
            for name in OWED[entry.modality]
            if uid not in came[name]
        ]

    def verdict(self, found: "Found") -> Verdict:
        """Hold everything against everything."""
        journal = self.journal
        arrivals = [(name, one) for name, sink in self.sinks.items() for one in sink.arrivals]
        distinct = {(name, one.sop_instance) for name, one in arrivals}
        at_once = Counter(self._after_which_hit(one.at) for _, one in repeated(arrivals))
        return Verdict(
            seed=self.seed,
            hits=len(self.hits),
            sent=len(journal.sent),
            acknowledged=len(journal.acknowledged),
            arrived=len(distinct),
            missing=(*self._undelivered(), *self._not_kept(found)),
            changed=names(arrivals, self._is_changed),
            strayed=names(arrivals, self._is_stray),
            phantom=found.unsettled,
            returned=self._returned(arrivals),
            refused={
                answer: count
                for answer, count in journal.refused.items()
                if not answer.startswith(self.excused or ("-",))
            },
            duplicates=len(arrivals) - len(distinct),
            most_at_once=max(at_once.values(), default=0),
            seconds=time.monotonic() - self._began,
        )

    def _not_kept(self, found: "Found") -> list[str]:
        kept = self.journal.acknowledged
        unrouted = [uid for uid, each in kept.items() if each.modality == UNROUTED]
        dropped = [uid for uid, each in kept.items() if each.modality == DROPPED]
        missing = [f"unrouted {uid}" for uid in unrouted if (uid, kept[uid].size) not in found.held]
        return missing + [f"ledger {uid}" for uid in dropped if uid not in found.ledger]

    def _after_which_hit(self, at: float) -> int:
        return sum(hit <= at for hit in self.hits)

    def _is_changed(self, _: str, arrival: Arrival) -> bool:
        entry: Entry | None = self.journal.sent.get(arrival.sop_instance)
        return entry is None or entry.digest != arrival.digest

    def _is_stray(self, name: str, arrival: Arrival) -> bool:
        entry = self.journal.sent.get(arrival.sop_instance)
        return entry is not None and name not in OWED[entry.modality]

    def _returned(self, arrivals: Sequence[tuple[str, Arrival]]) -> tuple[str, ...]:
        """Find what came again although its completion was on record when the router was hit.

        An event `delivery_done` is told after the record; `grace` says how long before a power cut
        it must have been. So what one hit repeats is at most what was sent and not yet recorded.
        """
        done = {
            (each["to"], each["sop_instance"]): each["at"]
            for each in reversed(self.router.events("delivery_done"))
        }
        again = [
            (name, one)
            for name, one in repeated(arrivals)
            if (at := done.get((name, one.sop_instance))) is not None
            and at < one.at
            and next((hit for hit in self.hits if hit >= at), one.at) - at > self.grace
        ]
        return names(again, lambda *_: True)

    def close(self) -> None:
        """Let go of everything, whatever happened."""
        for loader in self.loaders:
            loader.stop()
        self.router.close()
        for sink in self.sinks.values():
            sink.stop()


@dataclass(frozen=True, slots=True)
class Found:
    """What the spool says after an orderly end."""

    unsettled: tuple[str, ...]
    held: set[tuple[str, int]]
    ledger: set[str]


def repeated(arrivals: Sequence[tuple[str, Arrival]]) -> list[tuple[str, Arrival]]:
    """Give all but the first arrival of each object at each sink."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    again = []
    for name, one in arrivals:
        seen[name, one.sop_instance] += 1
        if seen[name, one.sop_instance] > 1:
            again.append((name, one))
    return again


def names(
    arrivals: Sequence[tuple[str, Arrival]], wrong: Callable[[str, Arrival], bool]
) -> tuple[str, ...]:
    return tuple(f"{name} {one.sop_instance}" for name, one in arrivals if wrong(name, one))
