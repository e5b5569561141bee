"""The one door to Python's collector of garbage, and to how long the loop waits for a thread."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_later() -> Iterator[None]:
    """Keep Python from looking for garbage: a tree is many objects, and none of them is."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def leave_all() -> None:
    """Let this process end without a last look for garbage: all that it holds goes with it."""
    gc.freeze()


TURN = 0.0002
"""Seconds after which a thread that computes lets another one have the interpreter, if it waits."""


@contextmanager
def in_background() -> Iterator[None]:
    """Compute on a thread beside the loop: the loop gets its turn at once, and no long pause.

    Python would let it wait 5 ms each time, and all of it while the collector looks through what
    is being made.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        with collecting_later():
            yield
    finally:
        sys.setswitchinterval(before)
