"""Ask every question of this folder in turn: `python -m bench [--minutes N]`.

Each file is one question with its answer as a table; figures of one run belong together, those of
different machines or days do not.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (10, 100, 1_000, 10_000)


def questions(minutes: float) -> list[list[str]]:
    """Give the commands, with the time parted among them."""
    seconds = minutes * 60 / 2
    return [
        ["core.py", "--keep"],
        ["decide.py", f"{seconds / (len(SIZES) + 1):.1f}"],
        ["spool_commit.py"],
        ["tools.py"],
    ]


def main() -> int:
    """Run all; a question that fails is named at the end."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="about this long")
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
