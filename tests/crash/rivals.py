"""The same kills, power cuts and full disks for other receivers, and what they had acknowledged.

`python -m tests.crash.rivals [--kills N] [--cuts N] [--full N] [NAME ...]` runs them and writes
what was seen into docs/rivals.json and the tables of docs/promise.md. It says what was observed
with a configuration and a version that it names, and nothing else.

It goes in rounds, a tenth of each number a round for everyone, and writes down each bout when it is
over. So a run that is broken off goes on the next time, and the numbers are equal after any round.
Figures of different versions are not added up: a receiver that has another one begins again.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from tests.crash.contenders import CONTENDERS, Contender, Kept, Place, answers
from tests.crash.load import Entry, Journal, Loader
from tests.crash.page import HITS, RIVALS, Results, rivals, write_pages
from tests.crash.volume import Flag, Volume
from tests.e2e.peers import NO_DELAY
from tests.e2e.raw import PATIENCE
from tests.e2e.routers import until
from tests.e2e.wire import Parcel, made_up
from tests.ports import free_port

SENDERS = 3
ROUNDS = 10
LATEST = 0.4
"""Seconds under load until a hit, at most."""
FILLING = 200_000
"""Bytes of the largest object on a disk that is to become full."""
LEFT = 64 * 1024 * 1024
"""Bytes that are free on that disk at first."""
REFUSALS = 60
"""Answers that are no success, or broken connections, that say that it is full."""


@dataclass
class Recorder(Journal):
    """A journal that keeps the bytes too."""

    data: dict[str, bytes] = field(default_factory=dict)


class Sender(Loader):
    """A loader whose bytes are kept, and that counts how often it did not get through."""

    def _next(self) -> tuple[Parcel, Entry]:
        self._count += 1
        filling = self._dice.randbytes(int(self._largest * self._dice.random() ** 2))
        uid = f"{self._prefix}.{self._count}"
        parcel = made_up(uid, "CT", filling, x0020000D="1.2.3.1", x0020000E="1.2.3.2")
        assert isinstance(self._journal, Recorder)
        self._journal.data[parcel.sop_instance] = parcel.data
        return parcel, Entry("CT", parcel.digest, len(parcel.data))


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one contender under one kind of trouble."""

    hits: int
    acknowledged: int
    lost: int
    """Acknowledged, and not there afterwards."""
    altered: int
    """Acknowledged, and there with other pixels."""
    refused: int
    """Answers that were no success."""
    unable: int = 0
    """Times that it did not start any more."""


@dataclass
class Bout:
    """One contender in one place, with senders that do not give up."""

    contender: Contender
    place: Place
    seed: int
    largest: int = 24_000

    def __post_init__(self) -> None:
        self.journal = Recorder()
        self.dice = Random(self.seed)
        self.senders = [
            Sender(self.place.port, self.journal, f"{self.seed}/{n}", largest=self.largest)
            for n in range(SENDERS)
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start it and wait until it accepts connections; false when it ends instead."""
        words = [*map(str, self.contender.command(self.place))]
        environment = NO_DELAY | {"HOME": str(self.place.aside), "LANG": "C.UTF-8"}
        with (self.place.aside / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self.place.aside, env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        until(lambda: answers(self.place.port) or self._ended(), 60.0, 0.02)
        return not self._ended()

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL to it and to what it started."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        group = self._process.pid
        until(lambda: not group_lives(group), every=0.01)  # or the disk stays busy

    def load(self) -> None:
        for sender in self.senders:
            sender.start()

    def observed(self, hits: int, unable: int = 0) -> Observed:
        """Hold what it kept against what it acknowledged."""
        for sender in self.senders:
            sender.stop()
        kept = self._kept()
        acknowledged = self.journal.acknowledged
        lost = [uid for uid in acknowledged if uid not in kept]
        altered = [uid for uid in acknowledged if uid in kept and not self._same(uid, kept)]
        refused = sum(self.journal.refused.values())
        return Observed(hits, len(acknowledged), len(lost), len(altered), refused, unable)

    def _kept(self) -> Kept:
        if not self.contender.running:
            return self.contender.kept(self.place)
        if self._ended() and not self.start():
            return {}
        try:
            return self.contender.kept(self.place)
        finally:
            self.kill()

    def _same(self, uid: str, kept: Kept) -> bool:
        """Compare pixels; some write the elements before them in their own way."""
        sent = self.journal.data[uid]
        pixels = sent.index(b"\xe0\x7f\x10\x00OB\0\0") + 12
        return kept[uid] == sent or kept[uid].endswith(sent[pixels:])

    def close(self) -> None:
        if not self._ended():
            self.kill()
        for sender in self.senders:
            sender.stop()


def group_lives(number: int) -> bool:
    """Say whether a process of a group is left."""
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def bout(contender: Contender, folder: Path, seed: int, largest: int = 24_000) -> Iterator[Bout]:
    """Give a bout whose contender works in a folder."""
    with tempfile.TemporaryDirectory(prefix="roteiro-rivals-") as aside:
        place = Place(folder, Path(aside), free_port(), free_port())
        found = Bout(contender, place, seed, largest)
        try:
            yield found
        finally:
            found.close()


def kills(contender: Contender, seed: int, number: int) -> Observed:
    """SIGKILL under load, again and again."""
    with (
        tempfile.TemporaryDirectory(prefix="roteiro-rivals-") as folder,
        bout(contender, Path(folder), seed) as fight,
    ):
        fight.load()
        unable = 0
        for _ in range(number):
            unable += not fight.start()
            threading.Event().wait(fight.dice.uniform(0.0, LATEST))
            fight.kill()
        return fight.observed(number, unable)


def cuts(contender: Contender, seed: int, number: int) -> Observed:
    """Power cuts of its disk under load, half of them right after an answer."""
    with Volume("ext4", options=contender.mount) as volume:
        (volume.folder / "kept").mkdir()
        os.sync()  # its folder is there before it begins, and is no part of what it must keep
        with bout(contender, volume.folder / "kept", seed) as fight:
            fight.load()
            unable = 0
            for _ in range(number):
                unable += not fight.start()
                cut_power(fight, volume)
            return fight.observed(number, unable)


def cut_power(fight: Bout, volume: Volume) -> None:
    """Cut at random or after some answers, and let the disk come back."""
    flag, happened = fight.dice.choice(list(Flag)), threading.Event()
    if fight.dice.random() < 0.5:
        number, heard, lock = fight.dice.randrange(1, 40), count(1), threading.Lock()

        def hear() -> None:
            with lock:
                if next(heard) == number:
                    volume.cut(flag)
                    happened.set()

        fight.journal.heard = hear
        happened.wait(10.0)
        fight.journal.heard = lambda: None
    else:
        threading.Event().wait(fight.dice.uniform(0.0, LATEST))
    if not happened.is_set():
        volume.cut(flag)
    fight.kill()
    volume.power_on()


def full(contender: Contender, seed: int, number: int) -> Observed:
    """A disk that becomes full under load, on a fresh one each time."""
    found = [fill(contender, seed + turn) for turn in range(number)]
    sums = {name: sum(getattr(one, name) for one in found) for name in asdict(found[0])}
    return Observed(**sums)


def fill(contender: Contender, seed: int) -> Observed:
    """Let it run until it has refused for a while, then look."""
    with Volume("ext4") as volume:
        (volume.folder / "kept").mkdir()
        take_room(volume.folder)
        with bout(contender, volume.folder / "kept", seed, FILLING) as fight:
            unable = not fight.start()
            fight.load()
            with suppress(AssertionError):  # it never says no: then there is nothing to wait for
                until(lambda: sum(fight.journal.refused.values()) > REFUSALS, 40.0)
            fight.kill()
            give_room(volume.folder)
            return fight.observed(1, int(unable))


def take_room(folder: Path) -> None:
    """Leave `LEFT` bytes of a file system free; the last MiB can be given back."""
    state = os.statvfs(folder)
    for name, size in (("taken", state.f_bavail * state.f_frsize - LEFT), ("reserve", 1 << 20)):
        handle = os.open(folder / name, os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(handle, 0, size)
        os.close(handle)


def give_room(folder: Path) -> None:
    """Let it work again before it is asked: what matters is what it acknowledged."""
    (folder / "reserve").unlink()


def add(results: Results, name: str, hit: str, found: Observed) -> None:
    """Add one bout to what was kept of a receiver, and keep it."""
    kept = results[name].setdefault(hit, dict.fromkeys(asdict(found), 0))
    for each, number in asdict(found).items():
        kept[each] += number
    fresh = RIVALS.with_suffix(".new")
    fresh.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    fresh.replace(RIVALS)


def catch_up(results: Results, contender: Contender, numbers: Mapping[str, int]) -> None:
    """Bring one receiver to these numbers of hits; the seeds go on where it stopped."""
    for hit, run in RUNS.items():
        done = results[contender.name].get(hit, {}).get("hits", 0)
        missing = numbers[hit] - done
        if missing > 0 and not (contender.mount and hit != "cuts"):
            began = time.monotonic()
            found = run(contender, 1 + done, missing)
            add(results, contender.name, hit, found)
            seconds = time.monotonic() - began
            print(f"{contender.name}, {hit}: {asdict(found)} in {seconds:.0f} s", flush=True)


def present(names: Sequence[str], results: Results) -> list[Contender]:
    """Give those that are here; who was observed in another version begins again."""
    found = []
    for contender in (CONTENDERS[name] for name in names or CONTENDERS):
        if contender.program and not Path(contender.program).exists():
            print(f"{contender.name}: {contender.program} is not here", flush=True)
            continue
        version = contender.version()
        if results.get(contender.name, {}).get("version") != version:
            results[contender.name] = {"version": version}
        found.append(contender)
    return found


RUNS: Mapping[str, Callable[[Contender, int, int], Observed]] = {
    "kills": kills,
    "cuts": cuts,
    "full": full,
}


def main() -> int:
    """Run what is missing of what was asked for and write it down."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.rivals", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CONTENDERS))
    for hit, number in zip(HITS, (100, 20, 10), strict=True):
        parser.add_argument(f"--{hit}", type=int, default=number)
    chosen = parser.parse_args()
    results = rivals()
    contenders = present(chosen.names, results)
    for turn in range(1, ROUNDS + 1):
        numbers = {hit: getattr(chosen, hit) * turn // ROUNDS for hit in HITS}
        for contender in contenders:
            catch_up(results, contender, numbers)
        write_pages()
        print(f"round {turn} of {ROUNDS}: {numbers}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
