"""The one door to disk, clock, randomness, threads and sockets.

No other module of `runtime` names `os`, `time`, `random`, `threading` or `socket` (a layer test
says so), so a test can put a virtual clock, a faulty disk or a simulated network in the place of
any of these parts while the code that runs stays the code that ships.
"""

import errno
import fcntl
import mmap
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

NICE = 5
"""How far a helper steps back: it gets a third of what a process beside it gets, not nothing."""

Result = TypeVar("Result")
Buffer = bytes | bytearray | memoryview


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Take the call back; nothing happens when it already ran."""


class Clock(Protocol):
    """Time, and calls when it has passed."""

    def now(self) -> float:
        """Give the time of day: seconds since 1970, UTC. May jump."""

    def monotonic(self) -> float:
        """Give seconds that never jump; only differences mean something."""

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        """Call once when `delay` seconds have passed."""


class Dice(Protocol):
    """Randomness."""

    def fraction(self) -> float:
        """Give a number from 0 up to but not including 1."""

    def token(self) -> str:
        """Give 128 random bits as 32 hexadecimal digits: a name nobody can foresee."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is left on a file system."""

    free: int
    """Bytes that this process may still take."""
    size: int
    """Bytes of all of it."""
    names: int | None = None
    """Files that can still be made; none when the file system does not count them."""
    most_names: int | None = None
    read_only: bool = False


class Disk(Protocol):
    """Blocking calls on files. Every failure is an `OSError`."""

    def create(self, path: Path) -> int:
        """Open a file that must not exist, mode 0600, for reading and writing."""

    def open(self, path: Path, *, write: bool = False) -> int:
        """Open a file that exists; a symbolic link is refused."""

    def write_at(self, handle: int, buffers: Sequence[Buffer], offset: int) -> int:
        """Write all of the buffers at the offset; give the bytes written."""

    def read_at(self, handle: int, count: int, offset: int) -> bytes:
        """Read up to `count` bytes; fewer only at the end of the file."""

    def map(self, handle: int, length: int) -> mmap.mmap:
        """Give the first bytes of a file as memory that the system can take back; read only."""

    def size(self, handle: int) -> int:
        """Give the length of an open file."""

    def truncate(self, handle: int, length: int) -> None:
        """Cut an open file."""

    def sync_data(self, handle: int) -> None:
        """Wait until the bytes of a file are on stable storage (fdatasync)."""

    def sync_folder(self, folder: Path) -> None:
        """Wait until the names in a folder are on stable storage."""

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, at once for all to see."""

    def remove(self, path: Path) -> None:
        """Take a file's name away."""

    def close(self, handle: int) -> None:
        """Close a handle."""

    def make_folder(self, path: Path) -> None:
        """Make a folder, mode 0700, with its parents; it may exist."""

    def names(self, folder: Path) -> list[str]:
        """Give the names in a folder, sorted."""

    def allocate(self, handle: int, length: int) -> None:
        """Have an open file take so many bytes of the disk, whatever they hold."""

    def measure(self, folder: Path) -> Room:
        """Say what is left on the folder's file system."""

    def lock(self, path: Path) -> int:
        """Lock a file for this process, made if needed; `BlockingIOError` when another has it."""


Protocols = Callable[[], "asyncio.BaseProtocol"]


class Net(Protocol):
    """Sockets, as transports of the running loop."""

    async def listen(self, make: Protocols, address: str, port: int) -> "asyncio.Server":
        """Accept TCP connections; port 0 takes a free one."""

    async def connect(self, make: Protocols, host: str, port: int) -> "asyncio.Transport":
        """Open a TCP connection."""

    async def listen_local(self, make: Protocols, path: Path) -> "asyncio.Server":
        """Accept connections on a Unix socket; a dead socket in its place is replaced."""

    async def connect_local(self, make: Protocols, path: Path) -> "asyncio.Transport":
        """Open a connection to a Unix socket."""

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Give the addresses of a host name; empty when it has none now."""

    def answer_at_once(self, transport: "asyncio.BaseTransport") -> None:
        """Acknowledge what was received without the usual delay (TCP_QUICKACK does not stick)."""


class Workers(Protocol):
    """Threads for calls that block."""

    async def run(self, call: Callable[[], Result]) -> Result:
        """Run a call on a thread and give its result; `OSError` when no thread can be had."""

    def close(self) -> None:
        """Let the threads end; running calls are waited for."""


@dataclass(frozen=True, slots=True)
class World:
    """All parts of the outside that the router touches."""

    clock: Clock
    dice: Dice
    disk: Disk
    net: Net
    workers: Workers


def open_files() -> int:
    """Let this process open as many files as the system allows it, and give how many."""
    import resource  # noqa: PLC0415  where nothing is served it is not needed

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return sys.maxsize
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def running_loop() -> "asyncio.AbstractEventLoop":
    """Give the running loop; commands that have none do not wait for asyncio."""
    from asyncio import get_running_loop  # noqa: PLC0415

    return get_running_loop()


class SystemClock:
    """The machine's clocks and the running loop's timers."""

    def now(self) -> float:
        """See `Clock`."""
        return time.time()

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        """See `Clock`."""
        return running_loop().call_later(delay, call)


class SystemDice:
    """The system's randomness."""

    def fraction(self) -> float:
        """See `Dice`."""
        import random  # noqa: PLC0415  see `running_loop`

        return random.random()  # noqa: S311  jitter, not a secret

    def token(self) -> str:
        """See `Dice`."""
        return os.urandom(16).hex()


class SystemDisk:
    """The file system."""

    def create(self, path: Path) -> int:
        """See `Disk`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(path, flags, 0o600)

    def open(self, path: Path, *, write: bool = False) -> int:
        """See `Disk`."""
        flags = (os.O_RDWR if write else os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(path, flags)

    def write_at(self, handle: int, buffers: Sequence[Buffer], offset: int) -> int:
        """See `Disk`; a short write is continued, so only an error leaves something unwritten."""
        total = 0
        for buffer in buffers:
            view = memoryview(buffer)
            while view:
                written = os.pwrite(handle, view, offset + total)
                if written == 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                total += written
                view = view[written:]
        return total

    def read_at(self, handle: int, count: int, offset: int) -> bytes:
        """See `Disk`."""
        pieces = []
        while count > 0:
            piece = os.pread(handle, count, offset)
            if not piece:
                break
            pieces.append(piece)
            count -= len(piece)
            offset += len(piece)
        return b"".join(pieces)

    def map(self, handle: int, length: int) -> mmap.mmap:
        """See `Disk`."""
        return mmap.mmap(handle, length, prot=mmap.PROT_READ)

    def size(self, handle: int) -> int:
        """See `Disk`."""
        return os.fstat(handle).st_size

    def truncate(self, handle: int, length: int) -> None:
        """See `Disk`."""
        os.ftruncate(handle, length)

    def sync_data(self, handle: int) -> None:
        """See `Disk`."""
        os.fdatasync(handle)

    def sync_folder(self, folder: Path) -> None:
        """See `Disk`."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """See `Disk`."""
        os.rename(old, new)  # noqa: PTH104  the plain call is what is meant here

    def remove(self, path: Path) -> None:
        """See `Disk`."""
        path.unlink()

    def close(self, handle: int) -> None:
        """See `Disk`."""
        os.close(handle)

    def make_folder(self, path: Path) -> None:
        """See `Disk`."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def names(self, folder: Path) -> list[str]:
        """See `Disk`."""
        return sorted(entry.name for entry in folder.iterdir())

    def allocate(self, handle: int, length: int) -> None:
        """See `Disk`."""
        os.posix_fallocate(handle, 0, length)

    def measure(self, folder: Path) -> Room:
        """See `Disk`."""
        state = os.statvfs(folder)
        unit, counted = state.f_frsize, state.f_files > 0
        return Room(
            state.f_bavail * unit,
            state.f_blocks * unit,
            state.f_favail if counted else None,
            state.f_files if counted else None,
            bool(state.f_flag & os.ST_RDONLY),
        )

    def lock(self, path: Path) -> int:
        """See `Disk`."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
        return handle


class SystemNet:
    """TCP and Unix sockets of the running loop."""

    async def listen(self, make: Protocols, address: str, port: int) -> "asyncio.Server":
        """See `Net`."""
        loop = running_loop()
        return await loop.create_server(make, address, port, backlog=1024)

    async def connect(self, make: Protocols, host: str, port: int) -> "asyncio.Transport":
        """See `Net`.

        The name is looked up before: what `create_connection` of uvloop looks up goes on when it is
        cancelled, and a name that is not found then would be told as our own fault.
        """
        import socket  # noqa: PLC0415  see `running_loop`

        loop, failed = running_loop(), list[OSError]()
        for place in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                transport, _ = await loop.create_connection(make, str(place[4][0]), port)
            except OSError as error:
                failed.append(error)
            else:
                return transport
        raise failed[0]

    async def listen_local(self, make: Protocols, path: Path) -> "asyncio.Server":
        """See `Net`; a Unix socket path holds 107 bytes: the folder's descriptor stands for it."""
        path.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            short = f"/proc/self/fd/{folder}/{path.name}"
            return await running_loop().create_unix_server(make, short)
        finally:
            os.close(folder)

    async def connect_local(self, make: Protocols, path: Path) -> "asyncio.Transport":
        """See `Net`."""
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            short = f"/proc/self/fd/{folder}/{path.name}"
            transport, _ = await running_loop().create_unix_connection(make, short)
        finally:
            os.close(folder)
        return transport

    async def resolve(self, host: str) -> tuple[str, ...]:
        """See `Net`."""
        import socket  # noqa: PLC0415  see `running_loop`

        try:
            found = await running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except socket.gaierror:
            return ()
        return tuple(sorted({str(place[4][0]) for place in found}))

    def answer_at_once(self, transport: "asyncio.BaseTransport") -> None:
        """See `Net`."""
        import socket  # noqa: PLC0415  see `running_loop`

        plug = transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


@dataclass(slots=True)
class SystemWorkers:
    """A small pool of threads, whatever the number of associations."""

    count: int = 4
    _pool: "ThreadPoolExecutor | None" = field(default=None, init=False)

    async def run(self, call: Callable[[], Result]) -> Result:
        """See `Workers`."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  see `running_loop`

        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.count, thread_name_prefix="roteiro")
        try:
            running = running_loop().run_in_executor(self._pool, call)
        except RuntimeError as error:  # the machine has no thread left
            raise OSError(errno.EAGAIN, str(error)) from error
        return await running

    def close(self) -> None:
        """See `Workers`."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)


def open_standard_streams() -> None:
    """Give the process the three streams that it expects: what was closed becomes `/dev/null`.

    A handle that is opened later would otherwise be taken for stdin, stdout or stderr.
    """
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def abandon_stdout() -> None:
    """Let go of an output that takes nothing: Python would try again at its end, and say so."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def environment() -> Mapping[str, str]:
    """Give the environment of the process."""
    return os.environ


def user() -> str:
    """Name the user of this process, as the records of what people do have it."""
    return f"uid {os.getuid()}"


def user_of(transport: "asyncio.BaseTransport") -> str:
    """Name the user at the other end of a Unix socket, empty when the system does not tell."""
    import socket  # noqa: PLC0415  few processes have one
    import struct  # noqa: PLC0415

    end = transport.get_extra_info("socket")
    try:
        told = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    except (AttributeError, OSError):
        return ""
    return f"uid {struct.unpack('3i', told)[1]}"


def read_file(path: Path, most: int = -1) -> bytes:
    """Read a file that a person named, `most` bytes of it at most; links are followed.

    Every failure is an `OSError`.
    """
    with path.open("rb") as file:
        return file.read(most)


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file that a person named. Every failure is an `OSError`."""
    path.write_bytes(data)


def replace_file(path: Path, data: bytes) -> None:
    """Put new content in the place of a file that a person named, at once for all to see.

    The mode stays; of a link, what it leads to is replaced. Every failure is an `OSError`, and
    leaves the old content.
    """
    from tempfile import mkstemp  # noqa: PLC0415  see `running_loop`

    target = path.resolve(strict=True)
    mode = target.stat().st_mode & 0o7777
    handle, name = mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)  # only there when it did not take the place


def keep_file(path: Path, data: bytes, most: int) -> None:
    """Put a file of our own into a folder for such, mode 0700, at once for all to see.

    It may be lost when the power goes. Of more than `most` files there the oldest are taken away.
    Every failure is an `OSError`.
    """
    from tempfile import mkstemp  # noqa: PLC0415  see `running_loop`

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = mkstemp(prefix=".new-", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)  # only there when it did not take the place
    there = sorted((one for one in path.parent.iterdir()), key=lambda one: one.stat().st_mtime)
    for one in there[: max(0, len(there) - most)]:
        one.unlink(missing_ok=True)


def map_file(path: Path) -> memoryview:
    """Map a file of our own that nobody changes: its pages are shared by all who do.

    Every failure is an `OSError`.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ))


def is_ours_alone(folder: Path) -> bool:
    """Whether nobody but us and root can change what lies in a folder, or put another in its place.

    `OSError` when that cannot be seen.
    """
    whole = folder.resolve(strict=True)
    for each in (whole, *whole.parents):
        found = each.stat()
        others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        sticky = found.st_mode & stat.S_ISVTX and each != whole
        if found.st_uid not in {0, os.geteuid()} or (others and not sticky):
            return False
    return True


def put_file(path: Path, data: bytes) -> None:
    """Write a whole file that a person named, at once for all to see, and so that it lasts.

    What stood there stays when it fails; what is no plain file, as a pipe, is written into. Every
    failure is an `OSError`.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        write_file(path, data)
        return
    beside = target.parent / f".{target.name}.{SystemDice().token()[:16]}"
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        beside.replace(target)
        SystemDisk().sync_folder(target.parent)
    finally:
        beside.unlink(missing_ok=True)  # only there when it did not take the place


def stamps(folders: Iterable[Path]) -> Iterator[tuple[str, int, int, int]]:
    """Give name, size and times of change of some files, and of those in folders and below.

    The second time is that of the last change to the file by anybody, which nobody can set.
    """
    for folder in folders:
        if folder.is_file():
            found = folder.stat()
            yield folder.name, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        for place, inner, names in os.walk(folder):
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            for name in sorted(names):
                found = os.stat(os.path.join(place, name))  # noqa: PTH116, PTH118  many of them
                yield name, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def files_at(path: Path) -> list[Path]:
    """Give the file itself, or those of a folder; `FileNotFoundError` when nothing is there."""
    if path.is_dir():
        return files_under(path)
    path.stat()
    return [path]


def files_under(folder: Path) -> list[Path]:
    """Give the plain files of a folder and its subfolders in name order, linked folders left out.

    A subfolder stands where its name does. What cannot be listed is an `OSError`.
    """
    found: list[Path] = []
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.is_dir() and not entry.is_symlink():
            found += files_under(entry)
        elif entry.is_file():
            found.append(entry)
    return found


class HelperFailed(Exception):  # noqa: N818  a state of another process
    """Another Python ended before it had answered, with this exit code."""

    def __init__(self, code: int) -> None:
        """Keep the code; negative is the signal that ended it."""
        super().__init__(f"exit code {code}")
        self.code = code


def processors() -> int:
    """Give how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def shared_out(works: Sequence[Callable[[], bytes]]) -> list[bytes]:
    """Do each work in a copy of this process, all at once, and give what they return, in order.

    For a process that has no threads and no loop. `HelperFailed` when one did not come to its end,
    `OSError` when there can be no process.
    """
    begun: list[tuple[int, int]] = []
    answers, codes = [], []
    try:
        for work in works:
            begun.append(_begin_copy(work))
    finally:
        for pid, reader in begun:
            with os.fdopen(reader, "rb") as stream:
                answers.append(stream.read())
            codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    if any(codes):
        raise HelperFailed(next(filter(None, codes)))
    return answers


def _begin_copy(work: Callable[[], bytes]) -> tuple[int, int]:
    """Begin a work; give the process and the descriptor of what it will return."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    code = 1
    try:  # whatever happens, this copy goes no further than here
        with os.fdopen(writer, "wb") as stream:
            stream.write(work())
        code = 0
    finally:
        os._exit(code)


async def ask_python(module: str, *words: str) -> bytes:
    """Run a module in a Python of its own and give what it prints; it ends with who waits for it.

    `HelperFailed` when it ends in trouble, `OSError` when there can be no process. It gets no part
    of this process but the environment, the folder and stderr; signals to the group of this one,
    as a terminal sends them, do not reach it.
    """
    from asyncio import create_subprocess_exec, subprocess  # noqa: PLC0415

    helper = await create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        answer, _ = await helper.communicate()
    finally:
        if helper.returncode is None:
            helper.kill()
            await helper.wait()
    if helper.returncode != 0:
        raise HelperFailed(helper.returncode or 0)
    return answer


def give_way() -> None:
    """Let other processes have the processor first."""
    os.nice(NICE)


def follow_who_waits() -> None:
    """Leave SIGHUP and SIGINT to who waits for this process, and who ends it by SIGKILL."""
    import signal  # noqa: PLC0415  see `running_loop`

    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder of this process's own, and take it away with all that is in it at the end."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415  see `running_loop`

    with TemporaryDirectory(prefix="roteiro-") as name:
        yield Path(name)


def system_world() -> World:
    """Give the real world."""
    return World(SystemClock(), SystemDice(), SystemDisk(), SystemNet(), SystemWorkers())
