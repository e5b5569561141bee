"""A router as people run it: `roteiro serve` in a process of its own, asked through its commands.

Whatever a test does, its end looks at what the router printed: a traceback, or a line that says
"an error of our own", fails the test.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.e2e.raw import PATIENCE
from tests.ports import free_port

READY = 20.0
"""Seconds that a router may take to be ready on a busy machine."""
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": os.environ.get("HOME", "/"),
    "PYTHONWARNINGS": "always::RuntimeWarning,always::ResourceWarning",
}
OURS = (
    "Traceback",
    "Exception ignored",
    "never retrieved",
    "Warning:",
    "our own",
    "lark",
    "pydicom.",
    "pynetdicom.",
)
"""Words that nobody may see (issue 2: no traceback, no name of a parser)."""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def roteiro(*words: object, cwd: Path | None = None, seconds: float = 60.0) -> Ran:
    """Run a command to its end, as people do."""
    done = subprocess.run(
        [sys.executable, "-m", "roteiro", *map(str, words)],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    assert not [word for word in OURS if word in done.stderr], done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def until(ready: Callable[[], Any], seconds: float = PATIENCE, every: float = 0.05) -> Any:
    """Ask again until the answer is true, and give it; fail when it never is.

    Another process is asked: there is nothing here to wait on.
    """
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, f"never came true in {seconds} s: {ready}"
        time.sleep(every)
    return found


@dataclass
class RouterProcess:
    """A router on a rule file and a spool; it can be started again and again."""

    folder: Path
    rules: str
    """With `{port}` where the port of the listener belongs."""
    options: tuple[str, ...] = ()
    """More words for `serve`."""
    program: tuple[str, ...] = ("-m", "roteiro")
    """What Python runs: the product, or the product with a fault planted."""
    port: int = field(default_factory=free_port)
    ready_line: str = ""
    log: str = ""
    """Everything that all runs wrote to stderr."""
    process: "subprocess.Popen[str] | None" = None
    _reader: threading.Thread | None = None

    @property
    def file(self) -> Path:
        return self.folder / "site.route"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def write(self) -> Path:
        self.file.write_text(self.rules.replace("{port}", str(self.port)), encoding="utf-8")
        return self.file

    def start(self, *, wait: bool = True) -> "RouterProcess":
        """Start, and wait for the line `ready` unless told not to."""
        self.write()
        self.process = subprocess.Popen(
            [sys.executable, *self.program, *self._words()],
            cwd=self.folder,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._reader = threading.Thread(
            target=self._follow, args=(self.process.stderr,), daemon=True
        )
        self._reader.start()
        if wait:
            self._wait_ready(self.process.stdout)
        return self

    def _words(self) -> list[str]:
        return ["serve", self.file.name, "--spool", "spool", *self.options]

    def _wait_ready(self, stdout: IO[str]) -> None:
        assert self.process is not None
        watchdog = threading.Timer(READY, self.process.kill)
        watchdog.start()
        self.ready_line = stdout.readline()
        watchdog.cancel()
        if not self.ready_line.startswith("ready "):
            self.process.wait(READY)
            self._end()
            raise AssertionError(f"not ready: {self.ready_line!r} {self.log}")

    def _follow(self, stream: IO[str]) -> None:
        for line in stream:
            self.log += line

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would the process: SIGKILL."""
        assert self.process is not None
        self.process.kill()
        assert self._end() == -signal.SIGKILL

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def terminate(self, seconds: float = 30.0, number: signal.Signals = signal.SIGTERM) -> int:
        """End it in order and give the exit code."""
        self.tell(number)
        try:
            return self._end(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {seconds} s after SIGTERM: {self.log}") from None

    def wait_end(self, seconds: float = READY) -> int:
        """Wait until it has ended by itself and give the exit code."""
        return self._end(seconds)

    def _end(self, seconds: float = READY) -> int:
        assert self.process is not None
        assert self._reader is not None
        code = self.process.wait(seconds)
        self._reader.join(READY)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def close(self) -> None:
        """Stop it if it runs, and look at what it printed."""
        if self.running:
            assert self.terminate() == 0, self.log
        assert not [word for word in OURS if word in self.log], self.log

    # --- questions -------------------------------------------------------------------------------

    def status(self) -> Any:
        """Ask `roteiro status --format json`."""
        return self._ask("status")

    def queue(self, *options: object) -> Any:
        """Ask `roteiro queue list --format json`."""
        return self._ask("queue", "list", *options)

    def _ask(self, *words: object) -> Any:
        ran = roteiro(*words, "--spool", self.spool, "--format", "json")
        assert ran.code == 0, ran.err
        assert not ran.err
        return ran.json()

    def destination(self, name: str) -> Any:
        """Give what `status` says of one destination."""
        return next(item for item in self.status()["destinations"] if item["name"] == name)

    def held(self, queue: str) -> list[Any]:
        """Give the objects that a queue holds."""
        return [item for item in self.queue()["held"] if item["queue"] == queue]

    def wait_log(self, *words: str, after: int = 0, seconds: float = PATIENCE) -> str:
        """Wait for a line of the log, beyond so many characters, that has all these words."""

        def found() -> str | None:
            lines = self.log[after:].splitlines()
            return next((line for line in lines if all(word in line for word in words)), None)

        line = until(found, seconds)
        assert isinstance(line, str)
        return line


Routers = Callable[[str], RouterProcess]


def header(**nodes: int) -> str:
    """Give the head of a rule file: listener, one caller `SENDER`, destinations by name and port.

    Each tries again after a second or two at the latest.
    """
    lines = [
        "language 1",
        'router { ae = "ROTEIRO" }',
        'listener main { port = {port}  address = "127.0.0.1" }',
        'node sender { ae = "SENDER"  host = "127.0.0.1"  may = { store, echo } }',
    ]
    lines += [
        f'node {name} {{ ae = "{name.upper()}"  host = "127.0.0.1"  port = {port}'
        "  retry = backoff 1s..2s }"
        for name, port in nodes.items()
    ]
    return "\n".join(lines) + "\n"
