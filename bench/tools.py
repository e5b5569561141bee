"""How long the tools take with ten thousand rules: `check` and `fmt`, whole processes.

`check` with nothing remembered, with one rule changed since the last time, and with none changed;
of tables where all rules that match count, and of one where the first does.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from generators.large import file

RULES = 10_000
RUNS = 3
CHECK, FMT = ("check",), ("fmt", "--check")


def seconds(words: tuple[str, ...], path: Path, *, remember: bool = False) -> float:
    """Time one run."""
    command = [sys.executable, "-m", "roteiro", *words, str(path)]
    kept = {"XDG_CACHE_HOME": str(path.parent / "caches")}
    surroundings = os.environ | (kept if remember else {"ROTEIRO_CACHE": "off"})
    begin = time.perf_counter()
    subprocess.run(command, env=surroundings, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begin


def changed(path: Path) -> None:
    """Change one rule in the middle, and back the next time."""
    text = path.read_text(encoding="utf-8")
    one, other = '"ROOM5000A"', '"ROOM5000X"'
    path.write_text(text.replace(one, other) if one in text else text.replace(other, one))


def first_wins(text: str) -> str:
    """Make one table of all, of which the first rule that matches counts."""
    head, *bodies = text.split("\ntable wards_")
    rules = "".join(body[body.index("\n") : body.rindex("}")] for body in bodies)
    return f"{head}\ntable wards first {{{rules}  otherwise {{ send to vna }}\n}}\n"


def rows(path: Path) -> Iterator[tuple[str, float]]:
    """Give what was asked of one file, and the median."""
    yield "check", statistics.median(seconds(CHECK, path) for _ in range(RUNS))
    seconds(CHECK, path, remember=True)
    taken = []
    for _ in range(RUNS):
        changed(path)
        taken.append(seconds(CHECK, path, remember=True))
    yield "check, one rule changed", statistics.median(taken)
    again = [seconds(CHECK, path, remember=True) for _ in range(RUNS)]
    yield "check, nothing changed", statistics.median(again)


def main() -> int:
    """Print the medians."""
    text = file(RULES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.route"
        path.write_text(text, encoding="utf-8")
        size = path.stat().st_size
        print(f"{RULES} rules, {size / 1e6:.1f} MB; seconds, median of {RUNS} processes")
        for name, taken in rows(path):
            print(f"{name:36} {taken:6.2f}")
        fmt = statistics.median(seconds(FMT, path) for _ in range(RUNS))
        print(f"{'fmt, nothing written':36} {fmt:6.2f}")
        path.write_text(first_wins(text), encoding="utf-8")
        for name, taken in rows(path):
            print(f"{name + ', first wins':36} {taken:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
