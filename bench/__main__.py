"""Ask every question of this folder in turn: `python -m bench [--minutes N]`.

Each file is one question with its answer as a table; figures of one run belong together, those of
different machines or days do not. With five minutes or more the figures are kept in
`bench/results.json`, drawn into `docs/plots` and written into docs/performance.md; with less every
question is asked briefly and nothing is kept.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENOUGH = 5
"""Minutes from which on figures are kept."""
ROUND = 2.0
"""Seconds that a round of `core` takes, about."""


def questions(minutes: float) -> list[list[str]]:
    """Give the commands, with the time parted among them."""
    seconds = minutes * 60
    brief = ["--quick"] if minutes < ENOUGH else []
    how = brief or ["--keep"]
    rounds = str(min(40, max(3, int(seconds / 5 / ROUND))))
    return [
        ["core.py", *how, "--rounds", rounds],
        ["facade.py", *how],
        ["peers.py", *how],
        ["compiling.py", *how],
        ["instructions.py", *how],
        ["decide.py", f"{seconds / 20:.1f}"],
        ["spool_commit.py", *brief],
        ["tools.py", *brief],
        ["receiving.py", *how],
        *([["plots.py"], ["page.py"]] if minutes >= ENOUGH else []),
    ]


def main() -> int:
    """Run all; a question that fails is named at the end."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="about this long")
    failed = []
    for name, *words in questions(parser.parse_args().minutes):
        print(f"\n== {name}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{Path(name).stem}", *words], cwd=HERE.parent, check=False
        )
        failed += [name] if done.returncode else []
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
