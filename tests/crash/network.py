"""A router whose every wire breaks: to it from three senders, and from it to both archives."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.trial import Trial, Verdict
from tests.crash.wires import Trouble, Wire
from tests.e2e.routers import until

HURRY = 40
"""The router's limits in seconds are divided by this, so that stalls end."""
NO_ROOM = ("rejected (2,",)
"""What is said to a caller whose dead connections are still being counted."""
LONGEST = 300.0
"""Seconds for all troubles of a run to happen."""
VISIT = 6
"""The most objects that a sender sends over one association."""
CLEARED = 30.0
"""Seconds for what broke off to be gone from the spool."""


@dataclass
class NetworkTrial(Trial):
    """A trial with a wire before the router and one before each sink."""

    wires: list[Wire] = field(default_factory=list)

    def _wire(self, target: int, name: str) -> int:
        wire = Wire(target, f"{self.seed}/{name}", self.hit).start()
        self.wires.append(wire)
        return wire.port

    def ways(self, ports: dict[str, int]) -> dict[str, int]:
        return {name: self._wire(port, name) for name, port in ports.items()}

    def door(self) -> int:
        return self._wire(self.router.port, "router")

    def load(self) -> None:
        for loader in self.loaders:
            loader.visit = VISIT
        super().load()

    def calm(self) -> None:
        """Have new conversations stay unharmed and the senders end; what broke off is gone then."""
        for wire in self.wires:
            wire.calm = True
        for loader in self.loaders:
            loader.stop()
        until(lambda: not list(self.spool.glob("tmp/*")), CLEARED)

    def met(self) -> Counter[Trouble]:
        """Give what happened on all wires."""
        return sum((wire.met for wire in self.wires), Counter[Trouble]())

    def close(self) -> None:
        for wire in self.wires:
            wire.stop()
        super().close()


def network_run(
    folder: Path, seed: int, troubles: int, *, plant: str = "", patience: float = 60.0
) -> tuple[Verdict, Counter[Trouble]]:
    """Break so many conversations of a router under load and judge; give what happened as well."""
    words = ("--hurry", str(HURRY))
    trial = NetworkTrial(
        folder, folder / "spool", seed, plant, NO_ROOM, patience=patience, words=words
    )
    try:
        trial.router.start()
        trial.load()
        until(lambda: len(trial.hits) >= troubles, LONGEST)
        trial.calm()
        verdict = trial.finish()
        trial.router.look()
        return verdict, trial.met()
    finally:
        trial.close()
