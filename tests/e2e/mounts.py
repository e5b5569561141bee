"""Small file systems of their own for spools: real ones, on loop devices."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

MIB = 1024 * 1024


def _run(*words: object) -> None:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{words[0]}: {done.stderr.strip()}")


def _mount(image: Path, folder: Path) -> None:
    _run("mount", "-o", "loop,errors=remount-ro", image, folder)


@dataclass
class Mounted:
    """A mounted ext4."""

    folder: Path
    image: Path
    _fillers: list[Path] = field(default_factory=list)

    @property
    def free(self) -> int:
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def fill(self, leave: int) -> None:
        """Take all bytes but so many, as another program would."""
        filler = self.folder / f"filler{len(self._fillers)}"
        self._fillers.append(filler)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, self.free - leave))

    def fill_whole(self) -> None:
        """Take every byte, as far as a file can."""
        block = os.statvfs(self.folder).f_frsize
        while self.free:
            try:
                self._take(max(block, self.free // 2))
            except OSError:
                return

    def _take(self, size: int) -> None:
        filler = self.folder / f"filler{len(self._fillers)}"
        self._fillers.append(filler)
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def take_names(self, leave: int) -> None:
        """Make files until so few can still be made."""
        folder = self.folder / "names"
        folder.mkdir(exist_ok=True)
        for number in range(os.statvfs(self.folder).f_favail - leave):
            (folder / str(number)).touch()

    def let_go(self) -> None:
        """Give back what `fill` and `take_names` took."""
        for filler in (*self._fillers, *(self.folder / "names").glob("*")):
            filler.unlink()
        self._fillers.clear()

    def break_down(self) -> None:
        """Have the file system meet an error: it becomes read-only under all who use it."""
        found = subprocess.run(
            ["findmnt", "-n", "-o", "SOURCE", self.folder],
            capture_output=True,
            text=True,
            check=True,
        )
        device = Path(found.stdout.strip()).name
        trigger = Path("/sys/fs/ext4") / device / "trigger_fs_error"
        trigger.write_text("1", encoding="ascii")

    def mend(self) -> None:
        """Check the file system and mount it anew; nobody may use it."""
        _run("umount", self.folder)
        subprocess.run(["fsck.ext4", "-p", "-f", self.image], capture_output=True, check=False)
        _mount(self.image, self.folder)


@contextmanager
def small_disk(folder: Path, size: int, *options: object) -> Iterator[Mounted]:
    """Mount an ext4 of so many bytes on a new folder; skip the test where that cannot be."""
    image = folder.parent / f"{folder.name}.img"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(size)
    try:
        _run("mkfs.ext4", "-q", "-F", "-m", 0, *options, image)
        _mount(image, folder)
    except OSError as no:
        pytest.skip(f"no file system can be mounted here: {no}")
    try:
        yield Mounted(folder, image)
    finally:
        _run("umount", "-l", folder)
        image.unlink()
