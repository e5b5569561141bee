"""The test's end of a forge: start a life, kill it, end it in order, read what it told."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any, Self

from roteiro.runtime.control import ask
from roteiro.runtime.world import system_world
from tests.e2e.routers import ENVIRONMENT, OURS
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START = 120.0
"""Seconds that a life may take to begin or to be over, on a machine that does other things too."""
LONGEST_END = 60.0
"""Seconds that an orderly end may take."""


class NotReady(AssertionError):  # noqa: N818  what became of a life
    """A life ended before it was ready."""


class Forged:
    """A router by the rules given, `{port}` where its port belongs; lives one after the other."""

    def __init__(
        self,
        folder: Path,
        rules: str,
        spool: Path,
        *,
        words: Sequence[str] = (),
        environment: Mapping[str, str] = {},
    ) -> None:
        self.port = free_port()
        self.spool = spool
        self.events_file = folder / "events"
        self.events_file.touch()
        self._errors = folder / "errors"
        self._pid = 0
        site = folder / "site.route"
        site.write_text(rules.replace("{port}", str(self.port)), encoding="utf-8")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.forge", site, spool, self.events_file, *words],
                cwd=ROOT,
                env=ENVIRONMENT | dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
            )
        self._said: Queue[str] = Queue()
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=self._listen, args=(self._process.stdout,), daemon=True
        )
        self._reader.start()

    def _listen(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._said.put(line.strip())
        self._said.put("over")

    def _hear(self, seconds: float) -> str:
        try:
            return self._said.get(timeout=seconds)
        except Empty:
            raise AssertionError(f"nothing was said in {seconds} s; {self.errors}") from None

    def start(self, *, wait: bool = True, fault: Mapping[str, object] | None = None) -> Self:
        """Begin a life; `NotReady` when it ends before it accepts."""
        assert not self._pid
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(fault or {}) + "\n")
        self._process.stdin.flush()
        word, _, pid = self._hear(START).partition(" ")
        assert word == "born", (word, self.errors)
        self._pid = int(pid)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        line = self._hear(START)
        if not line.startswith("ready "):
            self._pid = 0
            raise NotReady(f"{line}: {self.errors}")

    def kill(self) -> None:
        """End it as a power cut would the process: SIGKILL."""
        code = self.make_end()
        assert code == -signal.SIGKILL, (code, self.errors)

    def make_end(self) -> int:
        """Kill it, if it has not ended by itself, and give the exit code."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        return self._ended(START)

    def terminate(self, seconds: float = LONGEST_END) -> int:
        """End it in order and give the exit code."""
        os.kill(self._pid, signal.SIGTERM)
        return self._ended(seconds)

    def wait_end(self, seconds: float = LONGEST_END) -> int:
        """Wait for the end that it comes to by itself."""
        return self._ended(seconds)

    def _ended(self, seconds: float) -> int:
        while True:
            word, _, code = self._hear(seconds).partition(" ")
            assert word in {"ready", "ended"}, (word, self.errors)
            if word == "ended":
                self._pid = 0
                return int(code)

    @property
    def running(self) -> bool:
        return bool(self._pid)

    @property
    def errors(self) -> str:
        """What it wrote to stderr."""
        return self._errors.read_text(encoding="utf-8")

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Give all that was told, or that of these names; oldest first."""
        lines = self.events_file.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines]
        return [each for each in found if not names or each["event"] in names]

    def waiting(self) -> int:
        """Ask how many deliveries wait (`roteiro status`)."""
        status = asyncio.run(ask(system_world().net, self.spool, "status"))
        destinations: Any = status["destinations"]
        return sum(each["waiting"] for each in destinations)

    def close(self) -> None:
        """Let go of everything."""
        if self._pid:
            self.make_end()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(START)
        self._reader.join(START)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def look(self) -> None:
        """Fail when it showed a traceback or a fault of its own."""
        assert not [word for word in OURS if word in self.errors], self.errors
        assert not self.events("fault"), self.events("fault")
