"""Long outages and broken clocks, one at a time (reliability.md: F15, F25, G10, G24)."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.sim import faults, judge
from tests.sim.objects import ARCHIVE, READING, RESEARCH, Image, image
from tests.sim.runs import files, rules
from tests.sim.site import Site

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
SOON = 60.0
"""Seconds within which what can be delivered has to be (G24)."""


@contextmanager
def site_of(seed: int) -> Iterator[Site]:
    """Give a site whose router runs."""
    with files() as vfs:
        site = Site(seed, vfs, rules())
        site.boot()
        site.kernel.run(5.0)
        assert site.running
        try:
            yield site
        finally:
            site.end_run()


def images_of(modality: str, count: int, first: int) -> list[Image]:
    """Make objects that go the same way, none of which the guard stops."""
    dice, found, number = random.Random(first), [], first
    while len(found) < count:
        number += 1
        made = image(dice, number, large=0.0)
        if made.modality == modality and not made.fate:
            found.append(made)
    return found


def came_to(site: Site, to: str) -> list[str]:
    return [receipt.uid for receipt in site.journal.receipts if receipt.to == to]


@pytest.mark.parametrize(
    ("lasts", "most_probes"), [(MINUTE, 8), (3 * HOUR, 8 + 3 * 9), (30 * DAY, 8 + 30 * 24 * 9)]
)
def test_an_archive_that_is_down_for_long_is_asked_seldom_and_gets_all(
    lasts: float, most_probes: int
) -> None:
    with site_of(1) as site:
        archive = site.archives[ARCHIVE]
        archive.go_down()
        sent = images_of("MR", 5, 100)
        site.scanners[0].give(sent)
        site.kernel.run(site.kernel.now + lasts)
        assert 1 <= site.net.attempts[archive.name, 104] <= most_probes
        judge.instant(site)
        archive.listen(104)
        site.kernel.run(site.kernel.now + 16 * MINUTE)
        assert came_to(site, ARCHIVE) == [each.uid for each in sent]
        judge.final(site)
        assert site.findings == []


def test_a_dead_and_a_dribbling_archive_for_days_slow_no_other() -> None:
    with site_of(2) as site:
        site.archives[RESEARCH].go_down()
        dribble = site.net.link(site.net.host("router.example"), site.archives[READING].host)
        dribble.rate, dribble.latency, dribble.pieces = 40.0, 3.0, 0.9
        for day in range(5):
            site.kernel.run(day * DAY + 10.0)
            sent = images_of("CT", 2, 1_000 + 100 * day) + images_of("US", 1, 1_000 + 100 * day)
            site.scanners[0].give(sent)
            site.kernel.run(site.kernel.now + 30.0)
            wanted = {each.uid for each in sent if each.modality == "CT"}
            assert wanted <= set(came_to(site, ARCHIVE)), f"day {day}"
        faults.heal(site)
        site.kernel.run(site.kernel.now + HOUR)
        judge.final(site)
        assert site.findings == []
        assert len(came_to(site, RESEARCH)) == 5


@pytest.mark.parametrize("seed", range(3))
def test_a_clock_that_jumps_by_decades_stops_and_removes_nothing(seed: int) -> None:
    with site_of(seed) as site:
        dice = random.Random(seed)
        sent: list[str] = []
        for turn in range(15):
            waiting = images_of("MR", 2, 10_000 + 100 * turn)
            if turn % 5 == 0:  # what waits when the clock jumps is neither forgotten nor late
                site.archives[ARCHIVE].go_down()
            site.scanners[0].give(waiting)
            site.kernel.run(site.kernel.now + 20.0)
            site.machine.shift = dice.choice((-50.0, 50.0, dice.uniform(-50, 50))) * faults.YEAR
            judge.instant(site)
            site.archives[ARCHIVE].listen(104, 11104)
            site.kernel.run(site.kernel.now + SOON)
            sent += [each.uid for each in waiting]
            assert came_to(site, ARCHIVE) == sent, f"turn {turn}"
        judge.final(site)
        assert site.findings == []
