"""One seed, from the first boot to the verdict; and many of them."""

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.sim import faults, judge
from tests.sim.kernel import Stuck
from tests.sim.objects import Rules, all_rules, image
from tests.sim.site import SPOOL, Site
from tests.sim.sqlite import SimFiles

HOUR = 3600.0
HORIZONS = (600.0,) * 3 + (HOUR,) * 3 + (2 * HOUR,) * 2 + (10 * HOUR, 24 * HOUR)
"""Most trouble needs minutes to show; some needs a day."""
CALM = 6 * HOUR
"""What the router gets to deliver all once everything is well: back-off is at most 15 minutes."""
QUIET = 0.5 * HOUR
MOST_CALLS_AN_HOUR = 6_000
"""What a router may do in an hour in which nothing is to be done."""
MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a seed means."""

    horizon: float
    """Seconds in which things befall the site."""
    kinds: tuple[str, ...]
    studies: tuple[tuple[float, int], ...]
    """When, and how many objects."""


@dataclass(slots=True)
class Verdict:
    """How a run ended."""

    seed: int
    kinds: tuple[str, ...]
    findings: list[str]
    digest: str
    hours: float
    calls: int
    starts: int
    acknowledged: int
    receipts: int
    tail: list[str] = field(default_factory=list)

    @property
    def again(self) -> str:
        return f"python -m tests.sim --seed {self.seed} --kinds {','.join(self.kinds) or 'none'}"


def plan_of(seed: int) -> Plan:
    """Give the plan of a seed."""
    import random  # noqa: PLC0415

    dice = random.Random(f"{seed}/plan")
    horizon = dice.choice(HORIZONS)
    kinds = tuple(sorted(dice.sample(sorted(faults.KINDS), dice.choice((1, 2, 3, 3, 4, 4, 5, 6)))))
    studies = tuple(
        sorted(
            (dice.random() * horizon * 0.9, dice.randint(1, 6)) for _ in range(dice.randint(2, 6))
        )
    )
    return Plan(horizon, kinds, studies)


@cache
def rules() -> tuple[Rules, ...]:
    """Give the compiled rules, once for all runs."""
    return all_rules()


@contextmanager
def files() -> Iterator[SimFiles]:
    """Put SQLite on the simulated disk inside."""
    place = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="roteiro-sim-", dir=place))
    made = SimFiles(folder, str(SPOOL))
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def run_seed(seed: int, kinds: Collection[str] | None = None) -> Verdict:
    """Run a seed, with its own kinds of faults or with those that are given."""
    with files() as vfs:
        plan = plan_of(seed)
        chosen = plan.kinds if kinds is None else tuple(sorted(kinds))
        site = Site(seed, vfs, rules())
        try:
            play(site, plan, chosen)
        except Stuck as stuck:
            site.wrong(str(stuck))
        finally:
            site.end_run()
        kernel = site.kernel
        return Verdict(
            seed,
            chosen,
            list(dict.fromkeys(site.findings)),
            kernel.digest,
            kernel.now / HOUR,
            kernel.calls,
            site.starts,
            sum(1 for _ in judge.acknowledged(site)),
            len(site.journal.receipts),
            list(kernel.tail) if site.findings else [],
        )


def play(site: Site, plan: Plan, kinds: Collection[str]) -> None:
    """Let everything happen, then let it be well, then judge."""
    kernel = site.kernel
    site.boot()
    site.busy = [at for at, _ in plan.studies]
    dice = kernel.dice("work")
    number = 0
    for at, count in plan.studies:
        images = [image(dice, number + each) for each in range(1, count + 1)]
        number += count
        kernel.later(at, dice.choice(site.scanners).give, images)
    for kind in kinds:
        faults.KINDS[kind](site, kernel.dice(f"fault {kind}"), plan.horizon)
    look = kernel.dice("look")
    for _ in range(4):
        kernel.run(kernel.now + (plan.horizon - kernel.now) * look.random())
        if site.running:
            judge.instant(site)
    kernel.run(plan.horizon)
    calm(site)
    if not site.findings:
        judge_end(site)


def calm(site: Site) -> None:
    """Heal everything; a router that gave its index up is started again, as a person would."""
    kernel = site.kernel
    faults.heal(site)
    kernel.run(kernel.now + 1000.0)  # what was planned for its end: machines come up again
    faults.heal(site)
    if site.gave_up:
        site.stop(1.0)
    kernel.run(kernel.now + 120.0)
    site.change(site.rules[0])
    until = kernel.now + CALM
    while kernel.now < until and not judge.drained(site):
        kernel.run(min(kernel.now + 60.0, until))


def judge_end(site: Site) -> None:
    """Look at everything, also after one more start without an index."""
    kernel = site.kernel
    if not judge.drained(site):
        site.wrong(f"not all is delivered {CALM / HOUR:.0f} hours after everything was well")
        judge.instant(site) if site.running else None
        return
    before, begun = kernel.calls, kernel.now
    kernel.run(kernel.now + QUIET)
    if (kernel.calls - before) / (kernel.now - begun) * HOUR > MOST_CALLS_AN_HOUR:
        site.wrong(f"{kernel.calls - before} calls in {QUIET / HOUR} quiet hours")
    judge.final(site)
    again(site)


def again(site: Site) -> None:
    """Lose the index at the very end: what is held must still be held, and nothing else."""
    kernel = site.kernel
    before = standing(site)
    receipts = len(site.journal.receipts)
    site.kill(60.0)
    kernel.later(30.0, faults.lose_index, site)
    kernel.run(kernel.now + 600.0)
    judge.check_arriving(site)
    if not site.running:
        site.wrong("the router does not start without its index")
    elif standing(site) != before:
        shows = [len(each) for each in (*standing(site), *before)]
        site.wrong(
            "without the index it shows {} deliveries and {} holds, not {} and {}".format(*shows)
        )
    elif len(site.journal.receipts) != receipts:
        site.wrong("what was delivered long ago is delivered again without the index")


def standing(site: Site) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Give what is owed and held, without what an index may lose."""
    seen = judge.shown(site)
    deliveries = [
        (each.object, each.to, each.state.value)
        for each in seen.deliveries
        if each.state is not judge.DeliveryState.DONE
    ]
    return sorted(deliveries), sorted((each.object, each.queue) for each in seen.held)


def shrink(verdict: Verdict) -> Verdict:
    """Turn kinds of faults off, one after the other, as long as it fails."""
    for kind in verdict.kinds:
        fewer = run_seed(verdict.seed, [one for one in verdict.kinds if one != kind])
        if fewer.findings:
            verdict = fewer
    return verdict


@dataclass(slots=True)
class Totals:
    """What many runs come to."""

    seeds: int = 0
    hours: float = 0.0
    calls: int = 0
    starts: int = 0
    acknowledged: int = 0
    findings: int = 0
    next_seed: int = 0
    failed: list[Verdict] = field(default_factory=list)


def run(first_seed: int, minutes: float, most: int | None = None) -> Totals:
    """Run seeds from the first one on for so long, or so many; a failure is shrunk and kept."""
    totals = Totals(next_seed=first_seed)
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end and (most is None or totals.seeds < most):
        verdict = run_seed(totals.next_seed)
        totals.next_seed += 1
        totals.seeds += 1
        totals.hours += verdict.hours
        totals.calls += verdict.calls
        totals.starts += verdict.starts
        totals.acknowledged += verdict.acknowledged
        if verdict.findings:
            totals.findings += 1
            totals.failed.append(shrink(verdict))
    return totals
