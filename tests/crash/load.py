"""Senders that never give up, and a journal of what they sent and what was acknowledged.

Nothing here trusts the router. Objects, their order and their bytes are made by a seed.
"""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.e2e.raw import RawSender, Rejected
from tests.e2e.routers import READY
from tests.e2e.wire import Parcel, made_up

LARGEST = 24_000
"""Bytes of the largest object."""
FOREVER = 10**9
BOTH, ONE, UNROUTED, DROPPED = "CT", "MR", "OT", "SC"
"""Modality of objects for both sinks, for the first only, for no rule, for nobody by a rule."""
RULES = """
guard {
  rule scratch { when Modality == "SC" drop "a test image" }
  otherwise { pass }
}
table routing all {
  rule both { when Modality == "CT" send to first, second }
  rule one { when Modality == "MR" send to first }
}
"""
OWED = {BOTH: ("first", "second"), ONE: ("first",), UNROUTED: (), DROPPED: ()}
PAUSE = 0.005
"""Seconds between two calls to a router that is down."""


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
    heard: Callable[[], None] = lambda: None
    """Called by a sender at once after it wrote down an acknowledgement."""


class Loader(threading.Thread):
    """A sender; each object is sent once."""

    def __init__(
        self,
        port: int,
        journal: Journal,
        seed: str,
        called: str = "ROTEIRO",
        largest: int = LARGEST,
    ) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._called = called
        self._journal = journal
        self._dice = Random(seed)
        self._largest = largest
        self.visit = FOREVER
        """The most objects of an association."""
        self._prefix = f"2.25.{int.from_bytes(seed.encode()) % 10**24}"
        self._count = 0
        self._over = threading.Event()
        self._may = threading.Event()
        self._may.set()

    def run(self) -> None:
        while not self._over.is_set():
            self._may.wait()
            sender = RawSender(self._port, called=self._called)
            try:
                self._keep_sending(sender)
            except Rejected as no:
                self._journal.refused[f"rejected {no.code}"] += 1
                self._over.wait(PAUSE)
            except OSError:
                self._over.wait(PAUSE)  # the router is down; it will be back
            finally:
                sender.close()

    def _keep_sending(self, sender: RawSender) -> None:
        probe = made_up("1.2.3")
        sender.open((probe.sop_class, probe.transfer_syntax))
        for _ in range(self._dice.randint(1, self.visit)):
            if self._over.is_set() or not self._may.is_set():
                break
            parcel, entry = self._next()
            self._journal.sent[parcel.sop_instance] = entry
            status = sender.store(parcel)
            if status == 0:
                self._journal.acknowledged[parcel.sop_instance] = entry
                self._journal.heard()
            else:
                self._journal.refused[f"status 0x{status:04X}"] += 1
        sender.release()

    def _next(self) -> tuple[Parcel, Entry]:
        self._count += 1
        modality = self._dice.choices((BOTH, ONE, UNROUTED, DROPPED), (6, 3, 1, 1))[0]
        filling = self._dice.randbytes(int(self._largest * self._dice.random() ** 3))
        parcel = made_up(f"{self._prefix}.{self._count}", modality, filling)
        return parcel, Entry(modality, parcel.digest, len(parcel.data))

    def pause(self, *, over: bool = False) -> None:
        """Send nothing new until told to go on."""
        self._may.set() if over else self._may.clear()

    def stop(self) -> None:
        """End after the object under way."""
        self._over.set()
        self._may.set()
        with suppress(RuntimeError):  # it was never started
            self.join(READY)
        assert not self.is_alive()
