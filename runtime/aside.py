"""Reads a rule file in a Python of its own, so that the one that receives does not stand still.

Checking ten thousand rules keeps an interpreter busy for seconds, and what it needs for that goes
away with its process. What comes back is what `programs` makes, pickled: both ends are this
version of this program.
"""

import pickle
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from roteiro.runtime.garbage import in_background
from roteiro.runtime.machine import unread
from roteiro.runtime.programs import Prepared, prepare
from roteiro.runtime.world import Workers, ask_python, environment, follow_who_waits, give_way

MODULE = "roteiro.runtime.aside"
OURS = 3
"""Exit code of a fault of our own, as of the command line."""


async def prepare_aside(path: Path, name: str, workers: Workers) -> Prepared:
    """Prepare a rule file elsewhere; one that cannot be read is an obstacle.

    `HelperFailed` when the other process did not come to an end, `OSError` when there was none.
    """
    packed = await ask_python(MODULE, str(path), name)
    return await workers.run(partial(unpacked, packed))


def packed_of(path: Path, name: str) -> bytes:
    """Prepare a rule file, whatever becomes of it."""
    try:
        found = prepare(path, name)
    except OSError as wrong:
        found = Prepared(name, (), (unread(name, wrong),), None)
    if found.served is not None:  # what is mapped here is not there
        served = replace(found.served, compiled=bytes(found.served.compiled))
        found = replace(found, served=served)
    return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)


def unpacked(packed: bytes) -> Prepared:
    """Take what `packed_of` made."""
    with in_background():
        found = pickle.loads(packed)  # noqa: S301  from our own process, through our own pipe
    assert isinstance(found, Prepared)
    return found


def main() -> None:
    """Answer on stdout for the path and the name in the words of the call."""
    follow_who_waits()
    give_way()
    path, name = sys.argv[1:]
    try:
        packed = packed_of(Path(path), name)
    except Exception:  # the edge: our fault is a code for who waits, not a traceback in its log
        if environment().get("ROTEIRO_TRACE") == "1":
            raise
        sys.exit(OURS)
    sys.stdout.buffer.write(packed)


if __name__ == "__main__":
    main()
