"""A file system of its own whose power can be cut: ext4 or XFS on a loop device.

The cut is the ioctl that file systems have for this test: from that instant nothing reaches the
device any more, and what the system still holds in memory is thrown away. The device lies in memory
and keeps what was written to it, so a disk that lies about its sync is not part of this.
"""

import fcntl
import os
import shutil
import struct
import subprocess
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self

SHUTDOWN = 0x8004587D
"""FS_IOC_SHUTDOWN."""
MIB = 1024 * 1024
SIZES = {"ext4": 256 * MIB, "xfs": 320 * MIB}
"""The least that each takes to be itself; XFS wants 300 MiB."""
PACKAGES = {"ext4": "e2fsprogs", "xfs": "xfsprogs"}
MEMORY = Path("/dev/shm")


class Flag(IntEnum):
    """What becomes of the journal that is still in memory."""

    LOG_FLUSHED = 1
    LOG_LOST = 2


def obstacle(kind: str) -> str:
    """Say why there can be no volume of this kind here, and what to do; empty when there can."""
    if os.geteuid() != 0:
        return "power cuts need root: they mount a file system of their own"
    if not MEMORY.is_dir():
        return f"power cuts need {MEMORY} for their devices"
    if shutil.which(f"mkfs.{kind}", path="/usr/sbin:/sbin") is None:
        return f"mkfs.{kind} is not here (on Debian: apt-get install {PACKAGES[kind]})"
    return _tried(kind)


def _tried(kind: str) -> str:
    try:
        with Volume(kind, MIB * 320):
            return ""
    except (OSError, subprocess.CalledProcessError) as no:
        detail = getattr(no, "stderr", None) or str(no)
        return f"{kind} cannot be mounted from a file here: {str(detail).strip()}"


@dataclass
class Volume:
    """A fresh file system, mounted; it goes away with the block."""

    kind: str
    size: int = 0
    options: str = ""
    """More words for mount."""
    image_folder: Path = MEMORY
    making: tuple[str, ...] = ()
    """More words for mkfs."""

    def __enter__(self) -> Self:
        self.size = self.size or SIZES[self.kind]
        name = f"roteiro-{os.getpid()}-{id(self):x}"
        self.image = self.image_folder / f"{name}.image"
        self.folder = Path(os.environ.get("TMPDIR", "/tmp")) / name
        self.folder.mkdir()
        self._handle = -1
        try:
            with self.image.open("wb") as image:
                image.truncate(self.size)
            run_system(f"mkfs.{self.kind}", "-q", *self.making, self.image)
            self.mount()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.unmount(quietly=True)
        self.image.unlink(missing_ok=True)
        self.folder.rmdir()

    def mount(self) -> None:
        """Let the file system put itself in order, as after a power cut."""
        options = ",".join(filter(None, ("loop", self.options)))
        run_system("mount", "-o", options, self.image, self.folder)
        self._handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def cut(self, flag: Flag) -> None:
        """Cut the power; everything that touches the volume fails from now on."""
        fcntl.ioctl(self._handle, SHUTDOWN, struct.pack("I", flag))

    def unmount(self, *, quietly: bool = False) -> None:
        """Take the dead or living file system away; whoever used it must have ended."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
            run_system("umount", *(["-l"] if quietly else []), self.folder)

    def power_on(self) -> None:
        """Unmount what was cut and mount it again."""
        self.unmount()
        self.mount()


def run_system(*words: object) -> str:
    """Run a program of the system to its end and give what it printed."""
    ran = subprocess.run(
        [*map(str, words)],
        env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"},
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return ran.stdout
