"""Kill a router under load, again and again, and judge by what its peers saw (P-1, P-3, P-4, P-5).

Three raw senders keep a journal of what they sent and what was acknowledged; raw sinks keep what
arrived. Neither trusts the router. A run is made by its seed: objects, instants and order.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.e2e.raw import Arrival, RawSender, RawSink, Rejected
from tests.e2e.routers import READY, RouterProcess, header, until
from tests.e2e.wire import Parcel, made_up

SENDERS = 3
SOONEST, LATEST = 0.02, 0.4
"""Seconds after `ready` at which the router may be killed."""
DRAINED = 90.0
"""Seconds for all that is owed to arrive after the last start."""
LARGEST = 24_000
"""Bytes of the largest object."""
BOTH, ONE, UNROUTED = "CT", "MR", "OT"
"""Modality of objects for both sinks, for the first only, for no rule."""
RULES = """
table routing all {
  rule both { when Modality == "CT" send to first, second }
  rule one { when Modality == "MR" send to first }
}
"""
OWED = {BOTH: ("first", "second"), ONE: ("first",), UNROUTED: ()}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sender knows of one object."""

    modality: str
    digest: str
    size: int


@dataclass
class Journal:
    """What was sent and what was acknowledged, by SOP instance; all senders write into it."""

    sent: dict[str, Entry] = field(default_factory=dict)
    acknowledged: dict[str, Entry] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    """Answers that were no success, and rejections."""


class Loader(threading.Thread):
    """A sender that never gives up; each object is sent once."""

    def __init__(self, port: int, journal: Journal, seed: str) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._journal = journal
        self._dice = Random(seed)
        self._prefix = f"2.25.{int.from_bytes(seed.encode()) % 10**24}"
        self._count = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            sender = RawSender(self._port)
            try:
                self._keep_sending(sender)
            except Rejected as no:
                self._journal.refused[f"rejected {no.code}"] += 1
            except OSError:
                self._over.wait(0.005)  # the router is down; it will be back
            finally:
                sender.close()

    def _keep_sending(self, sender: RawSender) -> None:
        probe = made_up("1.2.3")
        sender.open((probe.sop_class, probe.transfer_syntax))
        while not self._over.is_set():
            parcel, entry = self._next()
            self._journal.sent[parcel.sop_instance] = entry
            status = sender.store(parcel)
            if status == 0:
                self._journal.acknowledged[parcel.sop_instance] = entry
            else:
                self._journal.refused[f"status 0x{status:04X}"] += 1
        sender.release()

    def _next(self) -> tuple[Parcel, Entry]:
        self._count += 1
        modality = self._dice.choices((BOTH, ONE, UNROUTED), (6, 3, 1))[0]
        filling = self._dice.randbytes(int(LARGEST * self._dice.random() ** 3))
        parcel = made_up(f"{self._prefix}.{self._count}", modality, filling)
        return parcel, Entry(modality, parcel.digest, len(parcel.data))

    def stop(self) -> None:
        self._over.set()
        self.join(READY)
        assert not self.is_alive()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What journal and sinks say of a run; all lists must be empty."""

    seed: int
    kills: int
    sent: int
    acknowledged: int
    arrived: int
    missing: tuple[str, ...]
    """`destination uid`: acknowledged, and owed to it, and not there."""
    changed: tuple[str, ...]
    """`destination uid`: other bytes than were sent, or never sent at all."""
    strayed: tuple[str, ...]
    """`destination uid`: delivered to whom it was not owed."""
    refused: dict[str, int]
    duplicates: int
    seconds: float
    log: str

    @property
    def fine(self) -> bool:
        return not (self.missing or self.changed or self.strayed or self.refused)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.kills} kills, {self.sent} sent, "
            f"{self.acknowledged} acknowledged, {self.arrived} arrived, "
            f"{len(self.missing)} missing, {len(self.changed)} changed, "
            f"{len(self.strayed)} strayed, {self.duplicates} duplicates, refused {self.refused}, "
            f"{self.seconds:.1f} s"
        )


class Run:
    """One router, its senders and its sinks."""

    def __init__(
        self, folder: Path, seed: int, *, program: tuple[str, ...] = (), drained: float = DRAINED
    ) -> None:
        """`program` replaces the product in its process; `drained` is `DRAINED` for this run."""
        self.seed = seed
        self._patience = drained
        self.dice = Random(seed)
        self.journal = Journal()
        self.sinks = {"first": RawSink(), "second": RawSink(max_pdu=4_096)}
        ports = {name: sink.start().port for name, sink in self.sinks.items()}
        self.router = RouterProcess(folder, header(**ports) + RULES)
        self.router.program = program or self.router.program
        self.loaders = [
            Loader(self.router.port, self.journal, f"{seed}/{number}") for number in range(SENDERS)
        ]
        self._began = time.monotonic()

    def load(self) -> None:
        """Let the senders begin."""
        for loader in self.loaders:
            loader.start()

    def kill_once(self) -> None:
        """Start, let it work for a moment, kill; now and then before it is ready."""
        moment = self.dice.uniform(SOONEST, LATEST)
        if self.dice.random() < 0.15:
            self.router.start(wait=False)
        else:
            self.router.start()
        threading.Event().wait(moment)
        self.router.kill()

    def judge(self, kills: int) -> Verdict:
        """Start for the last time, wait for what is owed, hold arrivals against the journal."""
        self.router.start()
        for loader in self.loaders:
            loader.stop()
        self._drained()
        assert self.router.terminate() == 0, self.router.log
        verdict = self.verdict(kills)
        self._stays_done()
        return verdict

    def _drained(self) -> None:
        end = time.monotonic() + self._patience
        while self._missing() and time.monotonic() < end:
            threading.Event().wait(0.05)
        until(lambda: not any(item["waiting"] for item in self.router.status()["destinations"]))

    def _stays_done(self) -> None:
        """An orderly end leaves nothing to repeat."""
        count = [len(sink.arrivals) for sink in self.sinks.values()]
        self.router.start()
        assert not self.router.queue("--state", "waiting")["deliveries"]
        assert self.router.terminate() == 0
        assert count == [len(sink.arrivals) for sink in self.sinks.values()]

    def verdict(self, kills: int) -> Verdict:
        """Hold what arrived until now against the journal."""
        journal = self.journal
        arrivals = [(name, one) for name, sink in self.sinks.items() for one in sink.arrivals]
        distinct = {(name, one.sop_instance) for name, one in arrivals}
        return Verdict(
            seed=self.seed,
            kills=kills,
            sent=len(journal.sent),
            acknowledged=len(journal.acknowledged),
            arrived=len(distinct),
            missing=tuple(self._missing()),
            changed=tuple(self._all(arrivals, self._is_changed)),
            strayed=tuple(self._all(arrivals, self._is_stray)),
            refused=dict(journal.refused),
            duplicates=len(arrivals) - len(distinct),
            seconds=time.monotonic() - self._began,
            log=self.router.log,
        )

    def _missing(self) -> list[str]:
        came = {name: sink.first for name, sink in self.sinks.items()}
        acknowledged = dict(self.journal.acknowledged)
        missing = [
            f"{name} {uid}"
            for uid, entry in acknowledged.items()
            for name in OWED[entry.modality]
            if uid not in came[name]
        ]
        unrouted = {uid: entry for uid, entry in acknowledged.items() if entry.modality == UNROUTED}
        return missing or self._not_held(unrouted)

    def _not_held(self, unrouted: dict[str, Entry]) -> list[str]:
        if not self.router.running:
            return []  # looked at while it ran
        held = {
            (item["sop_instance"], item["size"])
            for item in self.router.queue("--limit", 100_000)["held"]
            if item["queue"] == "unrouted"
        }
        return [
            f"unrouted {uid}" for uid, entry in unrouted.items() if (uid, entry.size) not in held
        ]

    @staticmethod
    def _all(
        arrivals: list[tuple[str, Arrival]], wrong: Callable[[str, Arrival], bool]
    ) -> list[str]:
        return [f"{name} {one.sop_instance}" for name, one in arrivals if wrong(name, one)]

    def _is_changed(self, _: str, arrival: Arrival) -> bool:
        entry = self.journal.sent.get(arrival.sop_instance)
        return entry is None or entry.digest != arrival.digest

    def _is_stray(self, name: str, arrival: Arrival) -> bool:
        entry = self.journal.sent.get(arrival.sop_instance)
        return entry is not None and name not in OWED[entry.modality]

    def close(self) -> None:
        """Let go of everything, whatever happened."""
        for loader in self.loaders:
            if loader.is_alive():
                loader.stop()
        if self.router.running:
            self.router.kill()
        for sink in self.sinks.values():
            sink.stop()


def kill_run(
    folder: Path,
    seed: int,
    kills: int,
    *,
    program: tuple[str, ...] = (),
    drained: float = DRAINED,
) -> Verdict:
    """Kill a router this often under load and judge."""
    run = Run(folder, seed, program=program, drained=drained)
    try:
        run.load()
        for _ in range(kills):
            run.kill_once()
        return run.judge(kills)
    finally:
        run.close()
        run.router.close()


def terminate_run(folder: Path, seed: int) -> tuple[Verdict, int, float]:
    """End a router with SIGTERM under load; the verdict, the exit code, the seconds it took."""
    run = Run(folder, seed)
    try:
        run.router.start()
        run.load()
        until(lambda: len(run.journal.acknowledged) >= 50)
        began = time.monotonic()
        code = run.router.terminate(60.0)
        seconds = time.monotonic() - began
        return run.judge(0), code, seconds
    finally:
        run.close()
        run.router.close()
