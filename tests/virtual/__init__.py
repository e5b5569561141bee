"""A world whose time passes only when nothing is left to do: days in milliseconds, always the same.

`run(main)` runs a coroutine function on a loop that never sleeps: when every task waits for a
timer, time jumps to the next one. `main` gets a `World` whose clock is that loop's and whose dice
are seeded. Disk and network are absent (their use is an error) unless the caller puts some in.
"""

from tests.virtual.clock import EPOCH, VirtualClock
from tests.virtual.loop import Stuck, VirtualLoop
from tests.virtual.world import SeededDice, run, virtual_world

__all__ = ["EPOCH", "SeededDice", "Stuck", "VirtualClock", "VirtualLoop", "run", "virtual_world"]
