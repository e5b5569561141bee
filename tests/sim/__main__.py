"""`python -m tests.sim --seed N [--kinds a,b]` plays a seed again; `--bug NAME` plants a mistake.

Without a seed new ones are run for `--minutes`, from `--first` on.
"""

import argparse
import sys
from contextlib import ExitStack

from tests.sim import bugs
from tests.sim.runs import run, run_seed


def main() -> int:
    """Run, and give 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--kinds")
    parser.add_argument("--bug", choices=[bug.name for bug in bugs.BUGS])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--first", type=int, default=1)
    given = parser.parse_args()
    with ExitStack() as planted:
        for bug in bugs.BUGS:
            if bug.name == given.bug:
                planted.enter_context(bug.planted())
        return one(given.seed, given.kinds) if given.seed else many(given.first, given.minutes)


def one(seed: int, kinds: str | None) -> int:
    """Play one seed and show how it ended."""
    chosen = None if kinds is None else tuple(kind for kind in kinds.split(",") if kind != "none")
    verdict = run_seed(seed, chosen)
    print("\n".join((*verdict.tail, *verdict.findings)))
    print(f"{verdict.hours:.1f} hours, {verdict.calls} calls, digest {verdict.digest}")
    return 1 if verdict.findings else 0


def many(first: int, minutes: float) -> int:
    """Play new seeds and show what was found, with the command that shows it again."""
    totals = run(first, minutes)
    for verdict in totals.failed:
        print("\n".join((verdict.again, *verdict.findings)))
    print(f"{totals.seeds} seeds, {totals.hours:.0f} hours, {totals.findings} findings")
    return 1 if totals.findings else 0


if __name__ == "__main__":
    sys.exit(main())
