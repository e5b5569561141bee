"""Long tiers: the same checks as in the suite, for as long as one likes, with a count kept.

`python -m tests.long crash --minutes N` runs the crash laboratory (tests/crash), with
`--tiers power,network` these parts of it only, `fuzz` the
differential suite, both with seeds that were never used before, and where clang is for the other
half of the time each target of tests/fuzz; `targets` runs those alone; `control` plants reads past
an end, which the targets must see; `mutants` plants mistakes in the compiled half, which tests must
notice. What was done is added to docs/totals.json, so that figures grow over runs; a finding ends
the run with 1 and is counted as well. ROTEIRO_TOTALS names another file to count in.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.crash import long as laboratory
from tests.crash.page import write_pages

ROOT = Path(__file__).resolve().parent.parent
TOTALS = Path(os.environ.get("ROTEIRO_TOTALS") or ROOT / "docs" / "totals.json")
HOOK = "tests.differential.long"

Totals = dict[str, Any]
Hook = Callable[[float, int], Mapping[str, Any]]


def commit() -> str:
    """Give the commit that is tested, with a `+` when files were changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def load() -> Totals:
    """Read what earlier runs did."""
    if not TOTALS.exists():
        return {}
    found: Totals = json.loads(TOTALS.read_text(encoding="utf-8"))
    return found


def save(totals: Totals) -> None:
    """Write all totals in one step, so that a run that is broken off breaks nothing."""
    fresh = TOTALS.with_suffix(".new")
    fresh.write_text(json.dumps(totals, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(TOTALS)


def add(tier: str, counts: dict[str, float], first: int, last: int) -> None:
    """Add one run to the totals of a tier; runs of one commit on neighbouring seeds are one."""
    totals = load()
    kept = totals.setdefault(tier, {"runs": []})
    for name, count in counts.items():
        kept[name] = round(kept.get(name, 0) + count, 2)
    runs, at = kept["runs"], commit()
    if runs and runs[-1]["commit"] == at and runs[-1]["seeds"][1] + 1 == first:
        runs[-1]["seeds"][1] = last
    else:
        runs.append({"commit": at, "seeds": [first, last]})
    save(totals)


def next_seed(tier: str) -> int:
    """Give the first seed that no run has had."""
    runs = load().get(tier, {}).get("runs", [])
    return max((run["seeds"][1] for run in runs), default=0) + 1


# --- crash ---------------------------------------------------------------------------------------


def crash(minutes: float, tiers: Sequence[str] = ()) -> int:
    """Let each of these tiers take a turn, until the time is over; 0 without a finding.

    Without any named all of the laboratory do. Each goes on at the seed where the totals stopped.
    """
    tiers, timed = tiers or tuple(laboratory.TIERS), laboratory.timed
    end = time.monotonic() + minutes * 60
    for tier in cycle(tiers):
        if time.monotonic() >= end:
            break
        seed = next_seed(tier)
        turn = timed(tier, seed)
        say(f"{tier}: {turn.said}")
        add(tier, turn.counts, seed, turn.last)
        if turn.findings:
            say(turn.findings)
            return 1
    for tier in tiers:
        summary(tier)
    write_pages()
    return 0


# --- fuzz ----------------------------------------------------------------------------------------


def fuzz(minutes: float) -> int:
    """Fuzz programs, then bytes; 0 when there was no finding."""
    if not imported("fuzz.run").clang():
        say(f"the compiled half is not fuzzed here: that needs {imported('fuzz.run').NEEDED}")
        return programs(minutes)
    return programs(minutes / 2) | targets(minutes / 2)


def programs(minutes: float) -> int:
    """Run the differential suite for so many minutes; 0 when all engines agreed.

    Its hook is `tests.differential.long.run(minutes, first_seed)`: it gives counts by name and
    `next_seed`, and raises `AssertionError` at a difference.
    """
    try:
        run: Hook = imported(HOOK).run
    except ModuleNotFoundError as missing:
        if not HOOK.startswith(missing.name or "-"):
            raise
        say(f"there is no {HOOK} yet, so there is nothing to run for long")
        return 1
    seed = next_seed("fuzz")
    began = time.monotonic()
    try:
        done = dict(run(minutes, seed))
    except AssertionError as difference:
        say(str(difference))
        done = {"differences": 1}
    done["minutes"] = (time.monotonic() - began) / 60
    last = max(seed, int(done.pop("next_seed", seed + 1)) - 1)
    add("fuzz", done, seed, last)
    summary("fuzz")
    return 1 if done["differences"] else 0


def targets(minutes: float) -> int:
    """Fuzz the targets of the compiled half in turn, all together for so many minutes."""
    run = imported("fuzz.run")
    at, found = commit(), 0
    if not run.clang():
        say(f"nothing is fuzzed: it needs {run.NEEDED}")
        return 1
    with run.copy() as folder:
        for target in run.TARGETS:
            done = run.fuzz(folder, target, minutes * 60 / len(run.TARGETS))
            say(f"{target}: {done.executions} inputs in {done.seconds} s, {done.findings} findings")
            if done.findings:
                say(f"{done.told}\nthe input is in {run.FOUND / target}")
            count_target(done, at)
            found += done.findings
    return 1 if found else 0


def count_target(done: Any, at: str) -> None:
    """Add one run of a target to the totals; runs of one commit are one."""
    totals = load()
    kept = totals.setdefault("targets", {}).setdefault(done.target, {"runs": []})
    counts = {each: getattr(done, each) for each in ("executions", "findings", "seconds")}
    if not kept["runs"] or kept["runs"][-1]["commit"] != at:
        kept["runs"].append({"commit": at})
    for place in (kept, kept["runs"][-1]):
        for name, count in counts.items():
            place[name] = place.get(name, 0) + count
    save(totals)


def control(_minutes: float) -> int:
    """Plant reads past an end, a minute each at most; 0 when the sanitizer told of each."""
    if not imported("fuzz.run").clang():
        say(f"nothing is planted: it needs {imported('fuzz.run').NEEDED}")
        return 1
    done: int = imported("fuzz.control").main()
    return done


# --- mutants -------------------------------------------------------------------------------------


def mutants(minutes: float) -> int:
    """Plant one mistake after the other, those of earlier runs last; 0 when tests noticed each.

    The totals have how often each was tried, so that a run that is cut short goes on the next time.
    """
    run, listed = (imported(f"mutants.{name}") for name in ("run", "listed"))
    before = load().get("mutants", {}).get("tried", {})
    waiting = sorted(listed.MUTANTS, key=lambda mutant: before.get(mutant.name, 0))
    end = time.monotonic() + minutes * 60
    missed = []
    with tempfile.TemporaryDirectory(prefix="roteiro-mutants-") as folder:
        run.copy_to(Path(folder))
        run.prepare(Path(folder), waiting)
        for mutant in waiting:
            if time.monotonic() > end:
                break
            tried = run.attempt(Path(folder), mutant)
            say(
                f"{'noticed' if tried.killed else 'MISSED'} in {tried.seconds:.0f} s: {mutant.name}"
            )
            missed += [] if tried.killed else [mutant.name]
            count_mutant(mutant.name, killed=tried.killed)
    say(f"missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def count_mutant(name: str, *, killed: bool) -> None:
    """Add one try to the totals."""
    totals = load()
    kept = totals.setdefault("mutants", {"tried": {}, "noticed": 0, "missed": 0})
    kept["tried"][name] = kept["tried"].get(name, 0) + 1
    kept["noticed" if killed else "missed"] += 1
    save(totals)


# --- all -----------------------------------------------------------------------------------------


def imported(name: str) -> Any:
    """Import a module of the tests, as pytest does."""
    if str(ROOT / "tests") not in sys.path:
        sys.path.insert(0, str(ROOT / "tests"))
    return importlib.import_module(name)


def say(words: str) -> None:
    print(words, flush=True)


def summary(tier: str) -> int:
    """Say what all runs of a tier come to."""
    kept = load().get(tier, {})
    figures = ", ".join(f"{kept[name]} {name}" for name in sorted(kept) if name != "runs")
    say(f"all runs of {tier}: {figures}")
    return 0


TIERS: dict[str, Callable[[float], int]] = {
    "control": control,
    "crash": crash,
    "fuzz": fuzz,
    "mutants": mutants,
    "targets": targets,
}


def named(words: str) -> tuple[str, ...]:
    """Read tiers of the laboratory, separated by commas."""
    names = tuple(filter(None, words.split(",")))
    if unknown := [name for name in names if name not in laboratory.TIERS]:
        raise argparse.ArgumentTypeError(
            f"no tier {', '.join(unknown)}; there are {', '.join(laboratory.TIERS)}"
        )
    return names


def main() -> int:
    """Run one tier."""
    parser = argparse.ArgumentParser(prog="python -m tests.long", description=__doc__)
    parser.add_argument("tier", choices=sorted(TIERS))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--tiers", type=named, default=(), help=", ".join(laboratory.TIERS))
    chosen = parser.parse_args()
    os.chdir(ROOT)
    if chosen.tier == "crash":
        return crash(chosen.minutes, chosen.tiers)
    return TIERS[chosen.tier](chosen.minutes)


if __name__ == "__main__":
    sys.exit(main())
