"""The long tiers of the laboratory: what one turn of each does, and what it counts."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from tests.crash.cuts import power_run
from tests.crash.faults import COMPILER, ERRORS, faults, turns
from tests.crash.flips import flipper
from tests.crash.kills import kill_run
from tests.crash.network import network_run
from tests.crash.syncs import sync_run
from tests.crash.trial import LISTS, Verdict
from tests.crash.volume import MEMORY, SIZES, obstacle
from tests.crash.wires import Then
from tests.sim import run

KILLS, CUTS, SYNCS, WIRES, FLIPS, SIMULATED = 100, 25, 20, 100, 500, 50
"""A turn; then all that is owed must arrive, and the next seed begins with an empty spool."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did."""

    counts: dict[str, float]
    findings: str
    """All that was wrong, with what repeats it; empty when nothing was."""
    last: int
    """The last seed that was used."""
    said: str


def of_verdict(verdict: Verdict, hits: str, again: str) -> Turn:
    """Give what a verdict adds to the totals."""
    wrong = {name: len(getattr(verdict, name)) for name in LISTS if name != "refused"}
    counts: dict[str, float] = {
        hits: verdict.hits,
        "acknowledged": verdict.acknowledged,
        "arrived": verdict.arrived,
        "duplicates": verdict.duplicates,
        "refused": sum(verdict.refused.values()),
        **wrong,
    }
    findings = "" if verdict.fine else f"{verdict.findings()}\nagain: ROTEIRO_SEED={again}"
    return Turn(counts, findings, verdict.seed, str(verdict))


def kills(seed: int) -> Turn:
    with tempfile.TemporaryDirectory(prefix="roteiro-crash-") as folder:
        verdict = kill_run(Path(folder), seed, KILLS)
    return of_verdict(verdict, "kills", f"{seed} pytest tests/crash/test_kills.py")


def cuts(seed: int) -> Turn:
    """Cut the power of one file system after the other, by the seed."""
    kinds = [kind for kind in sorted(SIZES) if not obstacle(kind)]
    if not kinds:
        return Turn({}, "", seed, obstacle("ext4"))
    kind = kinds[seed % len(kinds)]
    with tempfile.TemporaryDirectory(prefix="roteiro-crash-") as folder:
        verdict = power_run(Path(folder), seed, CUTS, kind)
    turn = of_verdict(verdict, "cuts", f"{seed} pytest tests/crash/test_cuts.py -k {kind}")
    return Turn(
        turn.counts | {f"cuts on {kind}": verdict.hits}, turn.findings, seed, f"{kind}, {turn.said}"
    )


def syncs(seed: int) -> Turn:
    """Have syncs fail on one file system after the other, by the seed."""
    kinds = [kind for kind in sorted(SIZES) if not obstacle(kind)]
    if not kinds:
        return Turn({}, "", seed, obstacle("ext4"))
    kind = kinds[seed % len(kinds)]
    with tempfile.TemporaryDirectory(prefix="roteiro-crash-") as folder:
        verdict, said_no = sync_run(Path(folder), seed, SYNCS, kind)
    turn = of_verdict(verdict, "hits", f"{seed} pytest tests/crash/test_syncs.py -k {kind}")
    counts = turn.counts | {"lives": SYNCS, "lives that said no": said_no}
    del counts["hits"]
    return Turn(counts, turn.findings, seed, f"failing syncs on {kind}, {turn.said}")


def network(seed: int) -> Turn:
    """Break the wires to and from a router."""
    with tempfile.TemporaryDirectory(prefix="roteiro-crash-") as folder:
        verdict, met = network_run(Path(folder), seed, WIRES)
    turn = of_verdict(verdict, "broken", f"{seed} pytest tests/crash/test_wires.py")
    sorts = Counter(HAPPENED[trouble.then] for trouble in met.elements())
    said = f"wires that broke in {len(met)} ways, {turn.said}"
    return Turn(turn.counts | {"broken": met.total(), **sorts}, turn.findings, seed, said)


HAPPENED = {
    Then.CUT: "cut",
    Then.HALF_CLOSE: "half closed",
    Then.DRIBBLE: "dribbled",
    Then.STALL: "stalled",
}


def flips(seed: int) -> Turn:
    place = MEMORY if MEMORY.is_dir() else None
    last = seed + FLIPS - 1
    with (
        tempfile.TemporaryDirectory(prefix="roteiro-crash-", dir=place) as folder,
        flipper(Path(folder)) as bits,
    ):
        for each in range(seed, last + 1):
            bits.flip(each)
    counts: dict[str, float] = {"flips": FLIPS, "violated": len(bits.findings)}
    for name, count in bits.outcomes.items():
        found = name.rpartition(" ")[2]
        counts[found] = counts.get(found, 0) + count
    said = f"flips of seeds {seed} to {last}: {dict(sorted(bits.outcomes.items()))}"
    return Turn(counts, "\n".join(bits.findings), last, said)


def points(seed: int) -> Turn:
    """Meet every call of a life, once and from then on; errors take turns by the seed."""
    if not COMPILER:
        return Turn({}, "", seed, "needs a C compiler")
    place = MEMORY if MEMORY.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="roteiro-crash-", dir=place) as folder,
        faults(Path(folder)) as trouble,
    ):
        for call, for_good in product(ERRORS, (False, True)):
            for point in turns(call, seed, for_good=for_good):
                if not trouble.run(point):
                    break
    counts: dict[str, float] = {"points": trouble.points, "violated": len(trouble.findings)}
    said = f"{trouble.points} calls that fail: {dict(sorted(trouble.outcomes.items()))}"
    return Turn(counts, "\n".join(trouble.findings), seed, said)


def simulated(seed: int) -> Turn:
    """Play seeds of the simulator; a finding comes with the command that plays it again."""
    totals = run(seed, minutes=10.0, most=SIMULATED)
    counts: dict[str, float] = {
        "seeds": totals.seeds,
        "hours": totals.hours,
        "calls": totals.calls,
        "starts": totals.starts,
        "acknowledged": totals.acknowledged,
        "findings": totals.findings,
    }
    findings = [line for each in totals.failed for line in (*each.findings, f"again: {each.again}")]
    last = totals.next_seed - 1
    said = f"seeds {seed} to {last}, {totals.hours:.0f} hours of a router"
    return Turn(counts, "\n".join(findings), last, said)


# key of docs/totals.json -> one turn
TIERS: dict[str, Callable[[int], Turn]] = {
    "crash": kills,
    "power": cuts,
    "syncs": syncs,
    "network": network,
    "flips": flips,
    "faults": points,
    "simulated": simulated,
}


def timed(tier: str, seed: int) -> Turn:
    """Take one turn and count its minutes."""
    began = time.monotonic()
    turn = TIERS[tier](seed)
    minutes = (time.monotonic() - began) / 60
    return Turn(turn.counts | {"minutes": minutes}, turn.findings, turn.last, turn.said)
