"""A disk whose writes succeed and whose syncs fail: no room where its blocks are to lie.

The device of the volume lies in a file system in memory that becomes full under load. The kernel
takes the writes, as its own account shows room, and finds out when it has to bring them to the
device: so the sync is what fails, with ENOSPC or EIO, and the pages of it are lost afterwards
though they read well until then. Nothing is planted in the router.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from tests.crash.cuts import GRACE, NO_ROOM
from tests.crash.forged import NotReady
from tests.crash.trial import Trial, Verdict
from tests.crash.volume import MIB, SIZES, Flag, Volume, run_system
from tests.e2e.routers import until

SPARE = 4 * MIB
"""Of room beside the device."""
REFUSALS = 3
"""Answers that were no success, after which it is clear that the disk says no."""
ONE_PAGE = {"ext4": ("-b", "4096"), "xfs": ("-s", "size=4096")}
"""Words for mkfs so that whatever is written is made of whole pages."""
LONGEST = 10.0
"""Seconds for that; a router that cannot answer at all is killed as well."""


@contextmanager
def shelf(folder: Path, kind: str) -> Iterator[Path]:
    """Give a file system in memory with room for the device of one volume."""
    place = folder / "shelf"
    place.mkdir()
    size = SIZES[kind] + SPARE
    run_system("mount", "-t", "tmpfs", "-o", f"size={size}", "none", place)
    try:
        yield place
    finally:
        run_system("umount", "-l", place)
        place.rmdir()


class Thin(Volume):
    """A volume whose device has blocks for what the file system keeps of itself, journal and all.

    What objects would lie in has none yet: those come from the room beside the device. So data
    cannot be synced when that is gone, and names still can. Requests to the device are as long as
    a page: the kernel takes a longer one that has room for its first page only for a success, and
    a disk that lies about its sync is not what this is about (P-8).
    """

    mounted_before = False

    def mount(self) -> None:
        if not self.mounted_before:
            handle = os.open(self.image, os.O_RDWR | os.O_CLOEXEC)
            os.posix_fallocate(handle, 0, self.size)
            os.close(handle)
        super().mount()
        if not self.mounted_before:
            run_system("fstrim", self.folder)
        self.mounted_before = True
        device = Path(run_system("losetup", "-n", "-O", "NAME", "-j", self.image).strip())
        (Path("/sys/block") / device.name / "queue/max_sectors_kb").write_text("4")

    def take_room(self) -> None:
        """Leave nothing for blocks that the device does not have yet."""
        handle = os.open(self.filler, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC)
        try:
            while free := room_of(self.image_folder):
                with suppress(OSError):  # the device may have taken some of it in the meantime
                    os.posix_fallocate(handle, os.fstat(handle).st_size, min(free, MIB))
        finally:
            os.close(handle)

    def give_room(self) -> None:
        """Let it have blocks again."""
        self.filler.unlink(missing_ok=True)

    @property
    def filler(self) -> Path:
        return self.image_folder / "filler"


def thin(kind: str, place: Path) -> Thin:
    return Thin(kind, image_folder=place, making=ONE_PAGE[kind])


def room_of(place: Path) -> int:
    """Give the bytes that are free in a file system."""
    state = os.statvfs(place)
    return state.f_bavail * state.f_frsize


class SyncTrial(Trial):
    """A trial on a thin volume."""

    volume: Thin

    def refusals(self) -> int:
        return sum(self.journal.refused.values())

    def lose_room(self, answers: int) -> None:
        """Take the room after so many acknowledgements, and wait until the router says no."""
        happened, heard = threading.Event(), count(1)
        lock = threading.Lock()

        def hear() -> None:
            with lock:
                if next(heard) == answers:
                    self.hit()
                    self.volume.take_room()
                    happened.set()

        self.journal.heard = hear
        assert happened.wait(30.0), "nothing was acknowledged"
        self.journal.heard = lambda: None
        before = self.refusals()
        with suppress(AssertionError):  # it may be unable to say anything
            until(lambda: self.refusals() >= before + REFUSALS, LONGEST, 0.02)
        self.hit()
        self.said_no += self.refusals() > before

    said_no = 0
    """Lives in which the router was heard to refuse."""

    def come_back(self, flag: Flag | None) -> None:
        """Kill it, perhaps with a power cut before, and let the device have room again."""
        if flag is not None:
            self.volume.cut(flag)
        self.router.make_end()
        self.volume.give_room()
        self.volume.power_on()


def sync_run(
    folder: Path, seed: int, lives: int, kind: str, *, plant: str = "", patience: float = 60.0
) -> tuple[Verdict, int]:
    """Have syncs fail in so many lives of a router; give the verdict and the lives that said no."""
    with shelf(folder, kind) as place, thin(kind, place) as volume:
        trial = SyncTrial(
            folder,
            volume.folder / "spool",
            seed,
            plant,
            NO_ROOM,
            grace=LONGEST + GRACE,
            patience=patience,
        )
        trial.volume = volume
        try:
            trial.load()
            for _ in range(lives):
                trial.router.start()
                trial.lose_room(trial.dice.randrange(1, 60))
                trial.come_back(trial.dice.choice((None, *Flag)))
            return trial.judge(), trial.said_no
        except NotReady as no:
            raise AssertionError(f"did not start with room again: {no}") from no
        finally:
            trial.close()
