"""Power cuts under the router: at random, right after an answer, and again during recovery."""

import threading
from itertools import count
from pathlib import Path

from tests.crash.forged import NotReady
from tests.crash.trial import Trial, Verdict
from tests.crash.volume import Flag, Volume

LATEST = 0.3
"""Seconds after `ready` at which the power may go, in a short life."""
LONG_LIFE = 3.0
"""Seconds of a life in which files were removed and completions synced."""
GRACE = 2.5
"""Seconds for which completions may be lost: one a second is promised, the machine may be busy."""
LONGEST_START = 0.06
AGAIN = 0.3
"""Part of the cuts that are followed by another one while the router recovers."""
NO_ROOM = ("status 0xA7", "rejected (2,")
"""What a router on a dead disk may answer: out of resources, or a rejection that will pass."""


class PowerTrial(Trial):
    """A trial on a volume."""

    volume: Volume

    def cut(self, flag: Flag) -> None:
        self.volume.cut(flag)
        self.hit()

    def cut_after_answer(self, flag: Flag, answers: int) -> threading.Event:
        """Cut at once after so many acknowledgements, in the thread that heard the last one."""
        happened, heard, lock = threading.Event(), count(1), threading.Lock()

        def hear() -> None:
            with lock:
                if next(heard) == answers:
                    self.cut(flag)
                    happened.set()

        self.journal.heard = hear
        return happened

    def come_back(self) -> None:
        """Kill what lives on a dead disk, and let the disk come back."""
        self.journal.heard = lambda: None
        if self.router.running:
            self.router.make_end()  # it may have found that it cannot start
        self.volume.power_on()


def cut_once(trial: PowerTrial, long_ones: float) -> None:
    """One life and its power cut; perhaps another cut while the next life recovers."""
    flag = trial.dice.choice(list(Flag))
    after_answer, long = trial.dice.random() < 0.5, trial.dice.random() < long_ones
    trial.router.start()
    if long:
        threading.Event().wait(LONG_LIFE)
    if after_answer:
        happened = trial.cut_after_answer(flag, trial.dice.randrange(1, 60))
        assert happened.wait(30.0), "nothing was acknowledged"
    else:
        threading.Event().wait(trial.dice.uniform(0.0, LATEST))
        trial.cut(flag)
    trial.come_back()
    if trial.dice.random() < AGAIN:
        cut_recovery(trial)


def cut_recovery(trial: PowerTrial) -> None:
    """Cut the power while the router starts."""
    try:
        trial.router.start(wait=False)
        threading.Event().wait(trial.dice.uniform(0.0, LONGEST_START))
    finally:
        trial.cut(trial.dice.choice(list(Flag)))
        trial.come_back()


def power_run(
    folder: Path,
    seed: int,
    cuts: int,
    kind: str,
    *,
    plant: str = "",
    patience: float = 60.0,
    long_ones: float = 0.1,
) -> Verdict:
    """Cut the power of a router's disk at least this often under load, and judge.

    `long_ones` is the part of the lives that are long enough for everything that follows a
    delivery.
    """
    with Volume(kind) as volume:
        trial = PowerTrial(
            folder, volume.folder / "spool", seed, plant, NO_ROOM, GRACE, patience=patience
        )
        trial.volume = volume
        try:
            trial.load()
            while len(trial.hits) < cuts:
                cut_once(trial, long_ones)
            return trial.judge()
        except NotReady as no:
            raise AssertionError(f"did not start after a power cut: {no}") from no
        finally:
            trial.close()
