"""The room on a running spool's disk: looks at it, asks `Space` and sees to the ballast.

Looking is cheap and still not done at every write: once a second at most while anything asks, or
when as much came in as could bring the next level near. In between, what came in is taken off.
"""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from functools import partial

from roteiro.runtime.spool.ballast import Ballast
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.space import (
    FEW_NAMES,
    LEAST_PIECE,
    MIB,
    PIECES,
    Cause,
    Load,
    Report,
    Space,
)
from roteiro.runtime.world import Timer, World

LOOK = 1.0
"""Seconds between two looks while something is asked, or while not all is well."""
QUIET = 30.0
"""Seconds between two looks while all is well and nobody asks."""
STEP = 16 * MIB
"""Bytes that may come in between two looks, far from any level."""
LEAST_STEP = MIB // 4

ERRORS = {
    Cause.READ_ONLY: (errno.EROFS, "the file system is read-only"),
    Cause.RECORDS: (errno.EIO, "what becomes of an object cannot be recorded"),
    Cause.INDEX: (errno.EIO, "the index is not sound; a restart makes it again"),
    Cause.NAMES: (errno.ENOSPC, "the names that are left are kept for records"),
}
NO_BYTES = (errno.ENOSPC, "the free space that is left is kept for records")


class SpoolRoom:
    """See the module. `ballast` may be used from any thread, all else from the loop's."""

    def __init__(self, world: World, places: Places) -> None:
        self._world = world
        self._places = places
        self.ballast = Ballast(world.disk, places.ballast)
        self.space = Space(world.clock.now())
        self.changed: Callable[[Report], None] = lambda _report: None
        """Told when the level is another one."""
        self._record: Callable[[], Awaitable[None]] | None = None
        self._looked = float("-inf")
        self._grown = 0
        self._step = 0
        self._arriving = 0
        self._largest = MIB
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def report(self) -> Report:
        """Where the disk stands, as of now."""
        self._look_if_due()
        return self.space.report

    # --- a process's life -----------------------------------------------------------------------

    def prepare(self) -> None:
        """Look at what there is, and let go of ballast when a start would find no room; blocks."""
        self.ballast.find(PIECES)
        while self._short() and self.ballast.let_go():
            continue

    def start(self, record: Callable[[], Awaitable[None]]) -> None:
        """Watch the disk from now on; `record` keeps a record that says nothing."""
        self._record = record
        self._look()
        self._arm()

    async def stop(self) -> None:
        """Watch no more."""
        self._record = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            await asyncio.wait([self._task])

    def _short(self) -> bool:
        room = self._world.disk.measure(self._places.folder)
        return room.free < LEAST_PIECE * PIECES or (
            room.names is not None and room.names < FEW_NAMES
        )

    # --- what comes in --------------------------------------------------------------------------

    def demand(self) -> None:
        """Let an object begin; `OSError` when there is no room for one."""
        self._look_if_due()
        if not self.space.allowed.objects:
            raise self._no()

    def grow(self, count: int) -> None:
        """Let bytes of an object in; `OSError` when they would go into the reserve."""
        self._arriving += count
        self._grown += count
        self._look_if_due()
        report = self.space.report
        if report.room.read_only or report.room.free - self._grown < report.budget.reserve:
            raise self._no()

    def left(self, size: int) -> None:
        """Learn that an object of so many bytes arrives no more."""
        self._arriving -= size
        self._largest = max(self._largest, size)

    # --- what goes out --------------------------------------------------------------------------

    def demand_records(self) -> None:
        """Let a delivery begin; `OSError` while its end could not be recorded."""
        self._look_if_due()
        if not self.space.allowed.deliveries:
            raise self._no()

    def refused(self, *, unsound: bool = False) -> None:
        """Learn that a record could not be kept, whatever ballast was let go; see `Space`."""
        before = self.space.report.level
        self._measure()
        self.space.refused(self._world.clock.now(), unsound=unsound)
        self._tell(before)

    def recorded(self) -> None:
        """Learn that a record was kept."""
        if self.space.stuck:
            self.space.recorded()
            self._look()

    # --- looking --------------------------------------------------------------------------------

    def _look_if_due(self) -> None:
        passed = self._world.clock.monotonic() - self._looked
        if passed >= LOOK or self._grown >= self._step:
            self._look()

    def _look(self) -> None:
        before = self.space.report.level
        self._measure()
        self._tell(before)

    def _measure(self) -> None:
        self._looked = self._world.clock.monotonic()
        try:
            room = self._world.disk.measure(self._places.folder)
        except OSError:  # whoever writes hears more of it
            return
        load = Load(self._arriving, self._largest)
        self.space.measured(room, load, self.ballast.pieces, self._world.clock.now())
        self._grown = 0
        near = room.free - self.space.report.budget.reserve
        self._step = max(LEAST_STEP, min(STEP, near // 4))

    def _tell(self, before: int) -> None:
        if self.space.report.level == before:
            return
        self.changed(self.space.report)
        self._arm()

    def _no(self) -> OSError:
        return OSError(*ERRORS.get(self.space.report.cause, NO_BYTES))

    # --- at intervals ---------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._record is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        report = self.space.report
        missing = self.ballast.pieces * report.budget.piece < report.budget.ballast
        wait = LOOK if missing or report.level else QUIET
        self._timer = self._world.clock.call_later(wait, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._record is not None and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._see_to_it(self._record))

    async def _see_to_it(self, record: Callable[[], Awaitable[None]]) -> None:
        try:
            self._look()
            if self.space.stuck:
                await record()
            wanted = self.space.pieces_wanted(self.ballast.pieces)
            if wanted:
                piece = self.space.report.budget.piece
                await self._world.workers.run(partial(self.ballast.put_by, wanted, piece))
        except OSError:  # next time
            return
        finally:
            self._task = None
            self._arm()
