"""A router that starts in milliseconds: all is loaded and compiled once, each life is a fork.

`python -m tests.crash.forge SITE.route SPOOL EVENTS [--plant NAME] [--hurry N]` reads one line of
JSON on stdin for each life, `{}` or the fault that the life is to meet, and prints `born PID`, the
router's own line `ready ...` and `ended CODE`. What the router tells goes to EVENTS, a line each.
What runs is the product; only its limits in seconds are divided by N where a test has to see them
pass.
"""

import argparse
import ctypes
import gc
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from roteiro.runtime.association.limits import Limits
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.delivery import destination
from roteiro.runtime.events import Event
from roteiro.runtime.intake import ruling_of
from roteiro.runtime.log import facts
from roteiro.runtime.loop import run
from roteiro.runtime.programs import Served, prepare
from roteiro.runtime.router import Parts, Router
from roteiro.runtime.serving import Service, ready_line
from roteiro.runtime.world import system_world
from tests.crash.planted import PLANTS
from tests.crash.subject import make_spool

SECONDS = ("associate", "farewell", "window", "idle", "connect", "answer", "release", "response",
           "progress")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes each event at once, so that a kill takes none."""

    handle: int

    def __call__(self, event: Event) -> None:
        told = json.dumps({"event": event.KEY, "at": time.monotonic(), **facts(event)}, default=str)
        os.write(self.handle, told.encode() + b"\n")


@dataclass(frozen=True, slots=True)
class Hurried(Service):
    """A service whose limits in seconds are shorter."""

    hurry: float = 1.0

    def router(self) -> Router:
        world, limits = self.world, hurried(self.hurry)
        spool, carrier = make_spool(self.spool, world), LoopCarrier(world, limits)
        parts = Parts(world, spool, carrier, self.notify, limits)
        return Router(parts, self.served.settings, ruling_of(self.served))


def hurried(times: float) -> Limits:
    limits = Limits()
    assert set(SECONDS) <= {each.name for each in fields(limits)}
    shorter = {name: getattr(limits, name) / times for name in SECONDS}
    return replace(limits, **shorter)


def arm(fault: Mapping[str, object]) -> None:
    """Have the calls of this process fail as told; see `faults.c`."""
    if fault:
        text = (str(fault[name]).encode() for name in ("folder", "call"))
        numbers = (fault[name] for name in ("turn", "error", "times"))
        ctypes.CDLL(None).laboratory_arm(*text, *numbers, str(fault["report"]).encode())


def live(served: Served, options: argparse.Namespace, fault: Mapping[str, object]) -> int:
    """Run one life and give its exit code."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    tell = Teller(os.open(options.events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
    service = Hurried(served, options.spool, system_world(), tell, hurry=options.hurry)

    def ready(router: Router) -> None:
        print(ready_line(router, served.rule_set), flush=True)

    arm(fault)
    try:
        run(service.run(ready))
    except OSError as no:
        print(f"{type(no).__name__}: {no}", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    """Serve the test that started this process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rules", type=Path)
    parser.add_argument("spool", type=Path)
    parser.add_argument("events", type=Path)
    parser.add_argument("--plant", default="")
    parser.add_argument("--hurry", type=float, default=1.0)
    options = parser.parse_args()
    found = prepare(options.rules, str(options.rules))
    assert found.served is not None, found
    destination.KEPT_OPEN /= options.hurry
    if options.plant:
        PLANTS[options.plant]()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(live(found.served, options, json.loads(line)))
        print("born", child, flush=True)
        _, state = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(state), flush=True)


if __name__ == "__main__":
    main()
