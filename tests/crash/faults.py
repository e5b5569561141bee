"""Every call of the whole router to its disk fails once: the n-th open, write, sync, rename ...

A router meets one fault in one life: it starts on a spool that a kill left behind, receives one
object of each sort, delivers and ends. The next life has no fault and shows what was kept. The
fault is planted below Python and SQLite (`faults.c`), so whatever touches the spool is met.
"""

import errno
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.crash.forged import NotReady
from tests.crash.load import BOTH, DROPPED, ONE, UNROUTED, Entry
from tests.crash.subject import suspect
from tests.crash.trial import Trial, Verdict
from tests.e2e.raw import Arrival, RawSender, Rejected
from tests.e2e.routers import until
from tests.e2e.wire import CT, EXPLICIT, made_up

SOURCE = Path(__file__).with_name("faults.c")
COMPILER = shutil.which("cc") or ""
SHORT = -1
"""A write that takes half; the rest may be tried again."""
ERRORS = {
    "open": (errno.EMFILE, errno.EIO, errno.ENOSPC),
    "write": (errno.ENOSPC, errno.EIO, SHORT),
    "sync": (errno.EIO, errno.ENOSPC),
    "rename": (errno.EIO, errno.ENOSPC),
    "remove": (errno.EIO,),
    "mkdir": (errno.ENOSPC, errno.EIO),
    "truncate": (errno.EIO,),
}
"""Calls and what can be wrong with them."""
NEEDED = ("open", "write", "sync", "rename")
"""Calls without which no object is kept, so that `0x0000` without one of them is false."""
LIFE = 4.0
"""Seconds for a life with a fault to deliver what it can; what it does not is for the next."""
LIFE_IN_VAIN = 0.3
"""The same when calls fail from then on, or when nothing is put on record any more."""
GRACE = 6.0
"""A failed commit has the index made again from the files, which know all but the completions of
the last second before the fault (docs/spool.md); then come `LIFE` and its end."""
FOREVER = 1_000_000
NO_ROOM = ("status 0xA7", "rejected (2,")


@dataclass(frozen=True, slots=True)
class Point:
    """One fault: the n-th call of a kind, from 0, and whether all that follow fail too."""

    call: str
    turn: int
    error: int
    for_good: bool = False

    def __str__(self) -> str:
        what = "takes half" if self.error == SHORT else f"gives {errno.errorcode[self.error]}"
        return f"{self.call} number {self.turn} {what}{' from then on' if self.for_good else ''}"


@dataclass(frozen=True, slots=True)
class Met:
    """A call that failed."""

    at: float
    """By the monotonic clock."""
    where: str
    """The call and, below the spool, its file."""

    @property
    def arriving(self) -> bool:
        """Whether it was for an object that was still to be acknowledged."""
        return self.where.split()[-1].startswith("tmp/")


def compiled(folder: Path) -> Path:
    """Compile the library that makes calls fail."""
    library = folder / "faults.so"
    words = [COMPILER, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]
    subprocess.run(list(map(str, words)), check=True, capture_output=True, timeout=60)
    return library


@dataclass
class FaultTrial(Trial):
    """A trial of single lives, each on a copy of one spool."""

    begun: dict[str, float] = field(default_factory=dict)
    """When the sending of an object of this life began."""

    def begin_with(self, template: Path, arrived: Mapping[str, Sequence[Arrival]]) -> None:
        """Forget the life before and take a copy of what it is to begin with."""
        shutil.rmtree(self.spool, ignore_errors=True)
        shutil.copytree(template, self.spool)
        for name in ("sent", "acknowledged", "refused"):
            getattr(self.journal, name).clear()
        self.begun.clear()
        for name, sink in self.sinks.items():
            sink.arrivals[:] = arrived[name]
        os.truncate(self.router.events_file, 0)

    def offer(self, prefix: str) -> None:
        """Send one object of each sort over one association, answers awaited."""
        sender = RawSender(self.router.port)
        try:
            sender.open((CT, EXPLICIT))
            for number, modality in enumerate((BOTH, ONE, UNROUTED, DROPPED, BOTH)):
                filling = bytes([number]) * (9_000 if number == 4 else 500)
                parcel = made_up(f"{prefix}.{number + 1}", modality, filling)
                entry = Entry(modality, parcel.digest, len(parcel.data))
                self.journal.sent[parcel.sop_instance] = entry
                self.begun[parcel.sop_instance] = time.monotonic()
                status = sender.store(parcel)
                if status == 0:
                    self.journal.acknowledged[parcel.sop_instance] = entry
                else:
                    self.journal.refused[f"status 0x{status:04X}"] += 1
            sender.release()
        except Rejected as no:
            self.journal.refused[f"rejected {no.code}"] += 1
        except OSError as broken:
            self.journal.refused[f"broken off: {type(broken).__name__}"] += 1
        finally:
            sender.close()

    def settled(self) -> bool:
        """Whether all that was acknowledged arrived and is on record."""
        return not self._undelivered() and not self.router.waiting()


@dataclass
class Faults:
    """Runs points and names what became of each."""

    trial: FaultTrial
    place: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    points: int = 0

    def __post_init__(self) -> None:
        self.template = self.place / "template"
        self._met = self.place / "met"
        self._make_template()

    def _make_template(self) -> None:
        """Have a kill leave objects that wait, that are half delivered, and unfinished ones."""
        trial = self.trial
        trial.sinks["second"].stop()
        trial.router.start()
        trial.offer("1.2.3")
        until(lambda: len(trial.sinks["first"].first) == 3)
        until(lambda: len(trial.router.events("delivery_done")) == 3)
        half = RawSender(trial.router.port).open((CT, EXPLICIT))
        half.send(made_up("1.2.3.99"), bytes(5_000), last=False)
        until(lambda: len(list(self.trial.spool.glob("tmp/*"))) == 1)
        trial.router.kill()
        half.close()
        shutil.copytree(
            trial.spool, self.template, ignore=shutil.ignore_patterns("*-shm", "control")
        )
        self._before = dict(trial.journal.acknowledged)
        self._arrived = {name: tuple(sink.arrivals) for name, sink in trial.sinks.items()}
        trial.sinks["second"].start()

    def run(self, point: Point) -> bool:
        """Live with a fault, then without, and judge; false when there is no such call any more."""
        trial = self.trial
        trial.begin_with(self.template, self._arrived)
        self._met.unlink(missing_ok=True)
        outcome = self._live(point)
        met = self._first_met()
        if met is None:
            return False
        self.points += 1
        said = self._false(point, met) or self._judge().findings()
        if said:
            outcome = "violated"
            self.findings.append(f"{point} ({met.where}): {said}")
        self.outcomes[f"{point.call}: {outcome}"] += 1
        return True

    def _first_met(self) -> Met | None:
        text = self._met.read_text() if self._met.exists() else ""
        at, _, where = text.partition("\n")[0].partition(" ")
        return Met(float(at), where) if where else None

    def _false(self, point: Point, met: Met) -> str:
        """Name what was acknowledged although what it needs had failed; empty when nothing was.

        A sync that fails takes nothing from those who only look at the files afterwards.
        """
        if point.call not in NEEDED or point.error == SHORT:
            return ""
        if not point.for_good:
            refused = self.trial.journal.refused
            return "nobody was told of it" if met.arriving and not refused else ""
        begun = self.trial.begun
        after = [uid for uid in self.trial.journal.acknowledged if begun.get(uid, 0) > met.at]
        return "".join(f"acknowledged afterwards: {uid}\n" for uid in after)

    def _live(self, point: Point) -> str:
        trial, journal = self.trial, self.trial.journal
        times = FOREVER if point.for_good else 1
        fault = {
            "folder": str(trial.spool),
            "call": point.call,
            "turn": point.turn,
            "error": point.error,
            "times": times,
            "report": str(self._met),
        }
        try:
            trial.router.start(fault=fault)
        except NotReady:
            return "did not start"
        trial.offer("1.2.4")
        journal.sent |= self._before
        journal.acknowledged |= self._before
        with suppress(AssertionError):  # what is not settled is for the next life
            if not point.for_good:
                until(lambda: self._settled() or suspect(trial.spool), LIFE, 0.01)
            until(self._settled, LIFE_IN_VAIN, 0.01)
        if self._settled():
            code = trial.router.terminate()
            ended = "" if code == 0 else f", ended with {code}"
        else:
            trial.router.kill()
            ended = ", left to the next life"
        refused = sum(journal.refused.values())
        return (f"{refused} answered no" if refused else "all answered yes") + ended

    def _settled(self) -> bool:
        try:
            return self.trial.settled()
        except (OSError, LookupError, ValueError):
            return False

    def _judge(self) -> Verdict:
        trial = self.trial
        trial.journal.sent |= self._before
        trial.journal.acknowledged |= self._before
        trial.hits = []
        trial.router.start()
        return trial.finish()


@contextmanager
def faults(folder: Path, plant: str = "") -> Iterator[Faults]:
    """Give a router whose calls can fail, in a folder."""
    environment = {"LD_PRELOAD": str(compiled(folder))}
    trial = FaultTrial(
        folder, folder / "spool", 1, plant, NO_ROOM, grace=GRACE, environment=environment
    )
    try:
        yield Faults(trial, folder)
    finally:
        trial.close()


def turns(call: str, shift: int = 0, *, for_good: bool = False) -> Iterator[Point]:
    """Give the points of a call without end, errors in turn; `shift` begins with another one."""
    errors = ERRORS[call]
    return (Point(call, turn, errors[(turn + shift) % len(errors)], for_good) for turn in count())
