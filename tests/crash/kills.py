"""`kill -9` of the router under load, again and again."""

import threading
import time
from pathlib import Path

from tests.crash.trial import Trial, Verdict
from tests.e2e.routers import until

SOONEST, LATEST = 0.0, 0.25
"""Seconds after `ready` at which the router may be killed: the moment is the fault itself."""
UNREADY = 0.15
"""Part of the lives that are killed while they start, perhaps within recovery."""
LONGEST_START = 0.06


def kill_once(trial: Trial) -> None:
    """Start, let it work for a moment, kill; now and then before it is ready."""
    if trial.dice.random() < UNREADY:
        trial.router.start(wait=False)
        moment = trial.dice.uniform(0.0, LONGEST_START)
    else:
        trial.router.start()
        moment = trial.dice.uniform(SOONEST, LATEST)
    threading.Event().wait(moment)
    trial.router.kill()
    trial.hit()


def kill_run(
    folder: Path, seed: int, kills: int, *, plant: str = "", patience: float = 60.0
) -> Verdict:
    """Kill a router this often under load and judge."""
    trial = Trial(folder, folder / "spool", seed, plant, patience=patience)
    try:
        trial.load()
        for _ in range(kills):
            kill_once(trial)
        return trial.judge()
    finally:
        trial.close()


def terminate_run(folder: Path, seed: int) -> tuple[Verdict, int, float]:
    """End a router with SIGTERM under load; the verdict, the exit code, the seconds it took."""
    trial = Trial(folder, folder / "spool", seed)
    try:
        trial.router.start()
        trial.load()
        until(lambda: len(trial.journal.acknowledged) >= 50)
        began = time.monotonic()
        code = trial.router.terminate(60.0)
        seconds = time.monotonic() - began
        trial.hit()
        return trial.judge(), code, seconds
    finally:
        trial.close()
