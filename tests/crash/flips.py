"""One bit of the spool turns over while the router is off: what does the spool say afterwards?

A template is made once through the spool's interface and copied as it lies when its process is
killed. Each flip is one bit of one file of a copy; the copy is started, everything owed is read,
and the whole is held against what was true before.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from roteiro.core.program import Decision
from roteiro.runtime.spool.contract import Damaged, Delivery, DeliveryState, Spool
from roteiro.runtime.world import World, system_world
from tests.crash.subject import INDEX, bodies, make_spool
from tests.spool.samples import HOLD, content, fetch, keep, route

WAITING, HELD, DONE = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE
OFFERED: tuple[tuple[int, Decision], ...] = (
    *((number, route("pacs", "archive")) for number in range(8)),
    *((number, route("pacs")) for number in range(8, 12)),
    (12, HOLD),
    (13, HOLD),
)
SETTLED_LONG_AGO, SETTLED_JUST_NOW = 3, 2
"""Objects of which one delivery was settled before and after the last upkeep."""
Key = tuple[str, str]
"""Object and destination."""


@dataclass(frozen=True, slots=True)
class Template:
    """A spool as a kill leaves it, and what is true of it."""

    folder: Path
    names: dict[str, int]
    """Object to the number of its content."""
    states: dict[Key, DeliveryState]
    parked: frozenset[str]
    """Objects in a queue."""


async def make_template(folder: Path, work: Path) -> Template:
    """Keep some objects, settle some deliveries; `work` is where the living spool lies."""
    world = system_world()
    spool = make_spool(work, world)
    await spool.recover()
    names = {await keep(spool, content(number, 1_500), how): number for number, how in OFFERED}
    for delivery in spool.owed("pacs", SETTLED_LONG_AGO):
        await spool.done(delivery.id, "0x0000")
    await spool.hold(spool.owed("archive", 1)[0].id, "0xA900")
    await spool.close()
    spool = make_spool(work, world)
    await spool.recover()
    for delivery in spool.owed("pacs", SETTLED_JUST_NOW):
        await spool.done(delivery.id, "0x0000")
    states = {(each.object, each.to): each.state for each in all_of(spool)}
    parked = frozenset(each.object for each in spool.held(queue="unrouted"))
    shutil.copytree(work, folder, ignore=shutil.ignore_patterns("*-shm", "control"))
    await spool.close()
    world.workers.close()
    return Template(folder, names, states, parked)


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit."""

    path: Path
    """Below the spool's folder."""
    bit: int

    @property
    def victim(self) -> str:
        """The object whose file it is in; "" for the index."""
        return "" if INDEX in self.path.parts else self.path.name

    @property
    def kind(self) -> str:
        return self.path.name.rpartition(".")[2] if not self.victim else "object"

    def plant(self, folder: Path) -> None:
        path = folder / self.path
        data = bytearray(path.read_bytes())
        data[self.bit // 8] ^= 1 << self.bit % 8
        path.write_bytes(data)

    def __str__(self) -> str:
        return f"bit {self.bit % 8} of byte {self.bit // 8} of {self.path}"


def random_flip(template: Template, dice: Random) -> Flip:
    """Draw a kind of file, then a bit of all files of this kind."""
    kinds: dict[str, list[Path]] = {}
    for path in bodies(template.folder):
        inner = path.relative_to(template.folder)
        kinds.setdefault(Flip(inner, 0).kind, []).append(inner)
    kind = dice.choice(sorted(kinds))
    sizes = [(template.folder / path).stat().st_size for path in kinds[kind]]
    (path,) = dice.choices(kinds[kind], sizes)
    return Flip(path, dice.randrange(8 * (template.folder / path).stat().st_size))


@dataclass
class Seen:
    """What a started copy says."""

    states: dict[Key, DeliveryState] = field(default_factory=dict)
    parked: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    """Given as intact, and not the bytes that came in."""
    detected: set[str] = field(default_factory=set)
    """Not given, with a reason that people see."""
    recovered: str = ""
    refused: str = ""
    """Why it does not start at all."""


def all_of(spool: Spool) -> list[Delivery]:
    """Give all deliveries that the spool shows."""
    return [each for state in DeliveryState for each in spool.deliveries(state=state)]


async def look(folder: Path, template: Template, world: World) -> Seen:
    """Start a copy and read all that is owed."""
    seen, spool = Seen(), make_spool(folder, world)
    try:
        recovery = await spool.recover()
    except Exception as no:  # noqa: BLE001  whatever it is, it is the outcome
        seen.refused = f"{type(no).__name__}: {no}"
        return seen
    for name, number in template.names.items():
        await _read(spool, name, number, seen)
    seen.states = {(each.object, each.to): each.state for each in all_of(spool)}
    owed = {(each.object, to): WAITING for to in ("pacs", "archive") for each in spool.owed(to, 99)}
    asked = {key for key, state in seen.states.items() if state is WAITING}
    seen.states |= dict.fromkeys(owed.keys() ^ asked, DONE)  # in one view only: nobody sends it
    seen.parked = {each.object for each in spool.held()}
    seen.recovered = str(recovery)
    await spool.close()
    return seen


async def _read(spool: Spool, name: str, number: int, seen: Seen) -> None:
    try:
        data = await fetch(spool, name)
    except (Damaged, OSError, AssertionError):  # the last: the digest does not hold
        seen.detected.add(name)
    else:
        if data != content(number, 1_500):
            seen.altered.add(name)


def violations(template: Template, flip: Flip, seen: Seen) -> list[str]:
    """Say what is not as promised: only the flipped object may suffer, and visibly."""
    if seen.refused:
        return [f"does not start: {seen.refused}"]
    wrong = [f"altered {name}" for name in seen.altered]
    wrong += [f"damaged {name}" for name in seen.detected - {flip.victim}]
    wrong += [f"no longer parked: {name}" for name in template.parked - seen.parked - {flip.victim}]
    for key, state in template.states.items():
        if key[0] != flip.victim:
            wrong += _moved(key, state, seen.states.get(key), at_index=not flip.victim)
    strangers = [key for key in seen.states if key not in template.states]
    return wrong + [f"never decided: {key}" for key in strangers]


def _moved(
    key: Key, before: DeliveryState, now: DeliveryState | None, *, at_index: bool
) -> list[str]:
    """Losing the index repeats what was settled within the last second; it takes nothing."""
    repeated = at_index and before is DONE and now is WAITING
    gone_with_its_count = before is DONE and now is None
    fine = now is before or repeated or gone_with_its_count
    return [] if fine else [f"{key}: {before.value}, now {now.value if now else 'nowhere'}"]


def outcome(template: Template, flip: Flip, seen: Seen) -> str:
    """Name what became of a flip."""
    if violations(template, flip, seen):
        return "violated"
    if seen.detected:
        return "detected"
    return "repaired" if "rebuilt=True" in seen.recovered else "harmless"


@dataclass
class Flipper:
    """Flips bits in copies of one template."""

    place: Path
    template: Template
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def flip(self, seed: int) -> None:
        """Flip the bit that belongs to a seed."""
        flip = random_flip(self.template, Random(seed))
        copy = self.place / "copy"
        shutil.copytree(self.template.folder, copy)
        flip.plant(copy)
        seen = asyncio.run(self._look(copy))
        shutil.rmtree(copy)
        self.outcomes[f"{flip.kind} {outcome(self.template, flip, seen)}"] += 1
        self.findings += [
            f"seed {seed}: {flip}: {wrong}" for wrong in violations(self.template, flip, seen)
        ]

    async def _look(self, copy: Path) -> Seen:
        world = system_world()
        try:
            return await look(copy, self.template, world)
        finally:
            world.workers.close()


@contextmanager
def flipper(place: Path) -> Iterator[Flipper]:
    """Make a template in a folder and flip bits of copies of it there."""
    template = asyncio.run(make_template(place / "template", place / "work"))
    yield Flipper(place, template)
