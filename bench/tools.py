"""How long the tools take with ten thousand rules: `check` and `fmt`, whole processes, cold."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from generators.large import file

RULES = 10_000
RUNS = 3
COMMANDS = {"check": ["check"], "fmt, nothing written": ["fmt", "--check"]}


def seconds(words: list[str], path: Path) -> float:
    """Time one run."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "roteiro", *words, str(path)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begin


def main() -> int:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.route"
        path.write_text(file(RULES), encoding="utf-8")
        size = path.stat().st_size
        print(f"{RULES} rules, {size / 1e6:.1f} MB; seconds, median of {RUNS} processes")
        for name, words in COMMANDS.items():
            taken = statistics.median(seconds(words, path) for _ in range(RUNS))
            print(f"{name:24} {taken:6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
