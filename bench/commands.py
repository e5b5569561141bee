"""Commands as people run them: whole processes, timed only when they end as they should."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RUNS = 3


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what is done to its file before each run, and the exit code that is right."""

    name: str
    words: tuple[str, ...]
    before: Callable[[Path, Path], None]
    code: int = 0
    program: tuple[str, ...] = ()
    """What Python runs; `roteiro` when not given."""


def forget(path: Path, kept: Path) -> None:
    """Take away what was kept."""
    for each in kept.rglob("*"):
        if each.is_file():
            each.unlink()
    path.touch()


def leave(_path: Path, _kept: Path) -> None:
    """Change nothing."""


def three(
    word: str, edit: Callable[[Path, Path], None], *more: str, name: str = ""
) -> tuple[Command, ...]:
    """Give a command with nothing kept, a second time, and after one rule was changed."""
    ways = {"cold": forget, "unchanged": leave, "one edit": edit}
    return tuple(
        Command(f"{name or word}, {way}", (word, *more), before) for way, before in ways.items()
    )


def there(word: str) -> bool:
    """Say whether this version has a command."""
    words = [sys.executable, "-m", "roteiro", word, "--help"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def installed(kept: Path) -> dict[str, str]:
    """Give an environment in which modules are compiled once, as those of an installed package."""
    strange = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    ours = {name: value for name, value in os.environ.items() if name not in strange}
    return ours | {"PYTHONPYCACHEPREFIX": str(kept.with_name("bytecode"))}


def run(command: Command, path: Path, kept: Path) -> float:
    """Time one run; one that ends otherwise than it should has not done its work."""
    words = [sys.executable, *(command.program or ("-m", "roteiro")), *command.words, str(path)]
    environment = installed(kept) | {"XDG_CACHE_HOME": str(kept), "ROTEIRO_CACHE": ""}
    begin = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    taken = time.perf_counter() - begin
    if done.returncode != command.code:
        found = f"exit code {done.returncode}, not {command.code}: {done.stderr[-500:]}"
        sys.exit(f"{command.name}: {found}")
    return taken


def seconds(command: Command, path: Path, kept: Path, runs: int = RUNS) -> float | None:
    """Give the median of some runs; nothing for a command that is not there."""
    if not command.program and not there(command.words[0]):
        return None
    taken = []
    for _ in range(runs):
        command.before(path, kept)
        taken.append(run(command, path, kept))
    return median(taken)
