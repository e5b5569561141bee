"""How fast are objects received, until all are answered, beside other receivers (P1, P2, P3)?

Everybody writes to the same disk, in turns, and is started anew with an empty folder each time.
DCMTK's `dcmsend` sends, with `TCP_NODELAY=1` in every process. Roteiro owes every object to an
archive that is down, so all that it promises holds while it is measured; DCMTK and pynetdicom sync
nothing. Who did not answer all objects with success has no time.

Run: `python -m bench.receiving [--quick] [--keep]`
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench.results import arguments, keep
from bench.workloads import WORKLOADS, Workload, write
from tests.crash.contenders import Place, orthanc, pynetdicom, roteiro, storescp
from tests.e2e.peers import DCMSEND, NO_DELAY, ORTHANC, STORESCP, running, wait_for_echo
from tests.ports import free_port

ROUNDS = 5
RECEIVERS = {
    "Roteiro": (roteiro, sys.executable),
    "DCMTK storescp --fork": (storescp("--fork"), STORESCP),
    "DCMTK storescp --fork +B": (storescp("--fork", "+B"), STORESCP),
    "Orthanc": (orthanc(), ORTHANC),
    "pynetdicom storescp": (pynetdicom, sys.executable),
}
OURS = "Roteiro"


@dataclass(frozen=True, slots=True)
class Row:
    """One receiver with one workload."""

    workload: str
    associations: int
    receiver: str
    seconds: float | None
    """Median of the rounds; nothing when it is not there or did not take all."""
    least: float | None
    greatest: float | None
    ratio: float | None
    """Our rate as so many times its rate."""


@contextmanager
def receiver(name: str) -> Iterator[int]:
    """Run a receiver in an empty folder; give its port."""
    words, _ = RECEIVERS[name]
    top = Path(tempfile.mkdtemp(prefix="roteiro-bench-"))
    place = Place(top / "disk", top / "aside", free_port(), free_port())
    try:
        place.folder.mkdir()
        place.aside.mkdir()
        with running(words(place), top, top / "log") as process:
            wait_for_echo(place.port, process)
            yield place.port
    finally:
        shutil.rmtree(top)


def send(port: int, folders: Sequence[Path]) -> float | None:
    """Time sending, a process and an association a folder; nothing unless all was taken."""
    os.sync()
    begin = time.perf_counter()
    senders = [
        subprocess.Popen(
            [DCMSEND, "-aec", "ROTEIRO", "-aet", "SENDER", "127.0.0.1", str(port), "+sd", folder],
            env=NO_DELAY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for folder in folders
    ]
    codes = [sender.wait() for sender in senders]
    return None if any(codes) else time.perf_counter() - begin


def measure(workload: Workload, associations: int, rounds: int) -> list[Row]:
    """Let each receiver have its turn in each round."""
    there = [name for name, (_, program) in RECEIVERS.items() if Path(program).exists()]
    taken: dict[str, list[float]] = {name: [] for name in there}
    with tempfile.TemporaryDirectory(prefix="roteiro-bench-") as source:
        folders = write(workload, Path(source), associations)
        for _ in range(rounds):
            for name in there:
                with receiver(name) as port:
                    seconds = send(port, folders)
                taken[name] += [] if seconds is None else [seconds]
    ours = median(taken[OURS])
    return [row(workload, associations, name, taken.get(name, []), ours) for name in RECEIVERS]


def row(
    workload: Workload, associations: int, name: str, taken: Sequence[float], ours: float
) -> Row:
    """Sum one receiver up."""
    if not taken:
        return Row(workload.name, associations, name, None, None, None, None)
    found = median(taken)
    return Row(workload.name, associations, name, found, min(taken), max(taken), found / ours)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.receiving", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few objects, one round")
    parser.add_argument("--keep", action="store_true", help="put the figures into results.json")
    said = arguments(parser)
    rows: list[Row] = []
    print(f"{'workload':10}{'associations':>13}  {'receiver':26}{'seconds':>9}{'we are':>9}")
    for name in ("ct", "small"):
        workload = WORKLOADS[name]
        few = replace(workload, objects=20) if said.quick else workload
        for associations in (1, 8):
            for each in measure(few, associations, 1 if said.quick else ROUNDS):
                rows.append(each)
                print(said_of(each), flush=True)
    if said.keep:
        keep("receiving", rows)
    return 0


def said_of(each: Row) -> str:
    """Show a row."""
    head = f"{each.workload:10}{each.associations:13}  {each.receiver:26}"
    if each.seconds is None or each.ratio is None:
        return f"{head}  missing, or did not take all"
    return f"{head}{each.seconds:9.2f}{each.ratio:8.2f}x"


if __name__ == "__main__":
    sys.exit(main())
