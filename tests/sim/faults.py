"""What befalls a site: each kind plans its own blows, with dice of its own.

A run has some of the kinds (swarm testing), so that each meets the others, and now and then nobody.
Without one of them the blows of the others stay as they were: that is how a failure is shrunk.
"""

import random
from collections.abc import Callable, Iterator

from tests.sim.archive import Temper
from tests.sim.disk import PLENTY
from tests.sim.net import Link
from tests.sim.objects import digest_of
from tests.sim.scanner import Manners
from tests.sim.site import ROUTER, SPOOL, Site

MIB = 1024 * 1024
YEAR = 365.25 * 86_400
OPERATIONS = (
    *("write", "sync", "sync_folder", "rename", "create", "open"),
    *("read", "remove", "truncate", "names"),
)

Plan = Callable[[Site, random.Random, float], None]


def moments(site: Site, dice: random.Random, horizon: float, most: int) -> Iterator[float]:
    """Give a few moments: close to one another, or where work is being done, or anywhere."""
    at = 0.0
    for _ in range(dice.randint(1, most)):
        way = dice.random()
        if way < 0.3 and at:
            at += dice.uniform(0.1, 90.0)
        elif way < 0.7 and site.busy:
            at = dice.choice(site.busy) + 10.0 ** dice.uniform(-2.0, 1.5)
        else:
            at = dice.random() * horizon
        yield min(at, horizon)


def stretch(dice: random.Random, horizon: float) -> float:
    """Give how long something lasts: seconds to days."""
    return min(10.0 ** dice.uniform(0.0, 5.5), horizon)


def kills(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 5):
        again, count = dice.uniform(0.5, 90.0), dice.randint(1, 250)
        if dice.random() < 0.4:
            site.kernel.later(at, site.kill, again)
        else:
            site.kernel.later(at, site.at_operation, count, lambda again=again: site.kill(again))


def cuts(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 5):
        kept = dice.choice((0.0, 0.1, 0.5, 0.9, 1.0, None, None))
        again, count = dice.uniform(20.0, 900.0), dice.randint(1, 250)
        if dice.random() < 0.4:
            site.kernel.later(at, site.cut_power, dice, kept, again)
        else:

            def fatal(kept: float | None = kept, again: float = again) -> None:
                site.cut_power(dice, kept, again)

            site.kernel.later(at, site.at_operation, count, fatal)


def stops(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 3):
        site.kernel.later(at, site.stop, dice.uniform(0.5, 600.0))


def full_disk(site: Site, dice: random.Random, horizon: float) -> None:
    trouble, platter = site.machine.trouble, site.machine.platter

    def fill(free: int) -> None:
        trouble.free = platter.reserved + free

    for at in moments(site, dice, horizon, 2):
        site.kernel.later(at, fill, dice.choice((0, 4096, 100_000, 16 * MIB, 257 * MIB, 300 * MIB)))
        lasts = min(stretch(dice, horizon), 7200.0)
        site.kernel.later(at + lasts, setattr, trouble, "free", PLENTY)


def disk_errors(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 2):
        kinds = tuple(dice.sample(OPERATIONS, dice.randint(1, 4)))
        site.kernel.later(at, setattr, site, "error_kinds", kinds)
        site.kernel.later(at, setattr, site, "error_rate", dice.choice((0.01, 0.1, 0.5, 1.0)))
        lasts = min(stretch(dice, horizon), 3600.0)
        site.kernel.later(at + lasts, setattr, site, "error_rate", 0.0)


def slow_disk(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 2):
        slowness = dice.choice((0.2, 2.0, 10.0))
        site.slowest = max(site.slowest, slowness)
        site.kernel.later(at, setattr, site.machine, "slowness", slowness)
        site.kernel.later(at + stretch(dice, 7200.0), setattr, site.machine, "slowness", 0.004)


def links(site: Site) -> list[Link]:
    here = site.net.host(ROUTER)
    others = [*site.scanners, *site.archives.values()]
    return [site.net.link(here, other.host) for other in others]


def partitions(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 4):
        for link in dice.sample(links(site), dice.randint(1, 3)):
            site.kernel.later(at, setattr, link, "cut", True)
            site.kernel.later(at + stretch(dice, horizon / 4), setattr, link, "cut", False)


def slow_links(site: Site, dice: random.Random, horizon: float) -> None:
    for link in dice.sample(links(site), 2):
        for at in moments(site, dice, horizon, 1):
            site.kernel.later(at, setattr, link, "latency", dice.choice((0.3, 2.0)))
            site.kernel.later(at, setattr, link, "rate", dice.choice((8_000.0, 100_000.0)))
            site.kernel.later(at, setattr, link, "pieces", 0.8)


def resets(site: Site, dice: random.Random, horizon: float) -> None:
    def reset() -> None:
        for end in list(site.net.host(ROUTER).ends.values()):
            if dice.random() < 0.7:
                end.reset()
                site.net.tell(end, end.other, end.other.reset)

    for at in moments(site, dice, horizon, 8):
        site.kernel.later(at, reset)


def outages(site: Site, dice: random.Random, horizon: float) -> None:
    for archive in dice.sample(list(site.archives.values()), dice.randint(1, 2)):
        for at in moments(site, dice, horizon, 2):
            site.kernel.later(at, archive.go_down)
            site.kernel.later(at + stretch(dice, horizon), archive.listen, 104, 11104)


def temper(dice: random.Random) -> Temper:
    """Make an archive's bad day."""
    found = Temper()
    for name in dice.sample(
        ("slow", "refuse", "other", "silent", "drop", "warn", "fail", "reject", "mute"), 2
    ):
        setattr(found, name, dice.choice((0.05, 0.3, 1.0)))
    if dice.random() < 0.3:
        found.slow = dice.choice((0.5, 5.0, 40.0))
    found.fail = min(found.fail, 0.3)
    found.duplicates = dice.random() < 0.2
    return found


def tempers(site: Site, dice: random.Random, horizon: float) -> None:
    for archive in dice.sample(list(site.archives.values()), 2):
        for at in moments(site, dice, horizon, 3):
            site.kernel.later(at, setattr, archive, "temper", temper(dice))
        archive.temper = temper(dice)


def manners(site: Site, dice: random.Random, horizon: float) -> None:
    for scanner in site.scanners:
        scanner.manners = Manners(
            abort=dice.choice((0.0, 0.02)),
            reset=dice.choice((0.0, 0.02)),
            stall=dice.choice((0.0, 0.05)),
            half_close=dice.choice((0.0, 0.05)),
            again=dice.choice((0.0, 0.1)),
        )


def clock_jumps(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 4):
        years = dice.choice((-50.0, 50.0, dice.uniform(-50.0, 50.0), 0.0))
        shift = years * YEAR if years else dice.uniform(-7200.0, 7200.0)
        site.kernel.later(at, setattr, site.machine, "shift", shift)


def reloads(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 6):
        site.kernel.later(at, lambda: site.change(dice.choice(site.rules)))


def lost_index(site: Site, dice: random.Random, horizon: float) -> None:
    def lose() -> None:
        if site.process is None:
            return
        power = dice.random() < 0.5
        if power:
            site.cut_power(dice, dice.choice((0.0, 0.5, 1.0, None)), 60.0)
        else:
            site.kill(60.0)
        site.kernel.later(30.0, lose_index, site)

    for at in moments(site, dice, horizon, 3):
        site.kernel.later(at, lose)


def lose_index(site: Site) -> None:
    """Delete the index while the router does not run."""
    if site.process is not None or not site.deaths:
        return
    site.index_losses.append(max(at for at, _ in site.deaths))
    names = site.machine.platter.names
    for path in [path for path in names if path.startswith(f"{SPOOL}/index/")]:
        site.machine.platter.remove(path)
    if f"{SPOOL}/index" in site.machine.platter.folders:
        site.machine.platter.sync_folder(f"{SPOOL}/index")


def bit_flips(site: Site, dice: random.Random, horizon: float) -> None:
    def flip() -> None:
        names = site.machine.platter.names
        lying = [path for path in names if path.startswith(f"{SPOOL}/objects/")]
        if not lying:
            return
        data = names[dice.choice(lying)].data
        at = dice.randrange(64, len(data)) if len(data) > 64 else 0
        length = int.from_bytes(data[16:24], "little")
        if 64 <= at < 64 + length:  # what is beside it has checks of its own
            site.kernel.trace("flip", at)
            site.flipped.add(digest_of(bytes(data[64 : 64 + length])))
            data[at] ^= 1 << dice.randrange(8)

    for at in moments(site, dice, horizon, 3):  # what waits for an archive lies there longest
        archive = dice.choice(list(site.archives.values()))
        lasts = stretch(dice, 7200.0)
        site.kernel.later(max(0.0, at - 1.0), archive.go_down)
        site.kernel.later(at + lasts, archive.listen, 104, 11104)
        for _ in range(dice.randint(1, 4)):
            site.kernel.later(at + dice.random() * lasts, flip)


def lost_names(site: Site, dice: random.Random, horizon: float) -> None:
    for at in moments(site, dice, horizon, 2):
        site.kernel.later(at, setattr, site.machine, "lost_names", True)
        site.kernel.later(at + stretch(dice, 7200.0), setattr, site.machine, "lost_names", False)


KINDS: dict[str, Plan] = {
    "kills": kills,
    "cuts": cuts,
    "stops": stops,
    "full_disk": full_disk,
    "disk_errors": disk_errors,
    "slow_disk": slow_disk,
    "partitions": partitions,
    "slow_links": slow_links,
    "resets": resets,
    "outages": outages,
    "tempers": tempers,
    "manners": manners,
    "clock_jumps": clock_jumps,
    "reloads": reloads,
    "lost_index": lost_index,
    "bit_flips": bit_flips,
    "lost_names": lost_names,
}


def heal(site: Site) -> None:
    """Let everything be well from now on."""
    site.error_rate, site.fatal_at = 0.0, None
    site.machine.trouble.free = PLENTY
    site.machine.slowness, site.machine.lost_names = 0.004, False
    for link in links(site):
        link.cut, link.latency, link.rate, link.pieces = False, 0.002, 50_000_000.0, 0.05
    for scanner in site.scanners:
        scanner.manners = Manners()
    for archive in site.archives.values():
        never = archive.temper.never
        archive.temper = Temper(never=never)
        archive.listen(104, 11104)
