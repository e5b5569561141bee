"""Batches: what is sent together once nothing more comes, or after a longest wait.

A batch is what waits in one queue, may start in the same ways, and is of one study (or series). It
is whole when no image has come for `after` seconds, at the latest `within` after its first, and
then starts as soon as its schedule is open. That it may start is written into the index: what is
in it goes its way from then on, and what comes later begins another batch, or is held (`late`,
which the spool judges as images come in).

Times are measured by the clock that does not jump. Of what was there before us the age is taken
from the time of day, between nothing and what there is to wait for: so a clock that was wrong makes
nobody wait longer than the rules say, counted from our start.

Objects without the UID that they should be gathered by wait for one another no longer than `after`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from roteiro.core.program import Batch, Release
from roteiro.runtime.delivery.hours import Hours
from roteiro.runtime.spool.contract import Gathering
from roteiro.runtime.spool.ways import holding, is_started, releases_of

NEVER = float("-inf")
LOOK = 1.0
"""Seconds between two looks at what was gathered, while more comes in, ..."""
AT_ONCE = 2000
"""... for each so many deliveries that wait: a look reads them all."""

EVERYTHING = 2**62
"""A number that no delivery reaches."""

Key = tuple[str, Release, str]
"""A way, which of its ways to start, and the UID that is gathered by."""


@dataclass(frozen=True, slots=True)
class AskGathered:
    """What was gathered of a way is wanted; answer with `gathered`."""

    to: str
    way: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A batch that may start."""

    to: str
    key: Key
    study: str
    series: str | None
    """Of a batch by series."""
    last: int
    """The latest delivery that belongs to it.

    Where late images are held it is all that waits when its start is put on record: what came just
    before that would else be neither of the batch nor late.
    """

    @property
    def way(self) -> str:
        """How it may start."""
        return self.key[0]


@dataclass(slots=True)
class Group:
    """One batch that is being gathered."""

    last: int
    begun: float
    quiet_since: float
    study: str
    series: str | None


@dataclass(slots=True)
class Batches:
    """The batches of one queue. Times are of the monotonic clock."""

    to: str
    _looked: dict[str, float] = field(default_factory=dict)
    """When each way with a batch was looked at last."""
    _pause: dict[str, float] = field(default_factory=dict)
    """Seconds to the next look of each way."""
    _stale: set[str] = field(default_factory=set)
    """Ways of which more may have come since."""
    _groups: dict[Key, Group] = field(default_factory=dict)
    _starting: set[Key] = field(default_factory=set)

    @property
    def gathering(self) -> int:
        """How many are being gathered."""
        return len(self._groups)

    def hint(self) -> None:
        """Note that more may have come."""
        self._stale.update(self._looked)

    def ways(self, ways: Iterable[str]) -> None:
        """Learn which ways there are now."""
        batched = {way for way in ways if not is_started(way) and _has_batch(way)}
        self._stale |= batched - self._looked.keys()
        self._stale &= batched
        self._looked = {way: self._looked.get(way, NEVER) for way in sorted(batched)}
        self._groups = {key: each for key, each in self._groups.items() if key[0] in batched}

    def wants(self, now: float, today: float, hours: Hours) -> AskGathered | None:
        """Say what to look at: what may have grown, and what seems to be whole."""
        for way, looked in self._looked.items():
            rested = now >= looked + self._pause.get(way, LOOK)
            if way in self._stale and rested:
                return AskGathered(self.to, way)
            due = min(self._ready(way, now, today, hours), default=None)
            if due is not None and (rested or looked < due):
                return AskGathered(self.to, way)
        return None

    def _ready(self, way: str, now: float, today: float, hours: Hours) -> Iterator[float]:
        """Say since when batches seem to be whole that may start now."""
        for key in self._groups.keys() - self._starting:
            if key[0] == way and (due := self._due(key)) <= now and _allowed(key, today, hours):
                yield due

    def learn(self, ask: AskGathered, found: Iterable[Gathering], now: float, today: float) -> None:
        """Take in what was gathered of a way."""
        way, looked = ask.way, self._looked.get(ask.way, NEVER)
        self._looked[way] = now
        self._stale.discard(way)
        before = {key: group for key, group in self._groups.items() if key[0] == way}
        self._groups = {key: group for key, group in self._groups.items() if key[0] != way}
        found = list(found)
        self._pause[way] = LOOK * max(1.0, sum(each.waiting for each in found) / AT_ONCE)
        for each in found:
            for release in releases_of(way):
                if release.batch is not None:
                    self._add((way, release, _uid(each, release.batch)), each, now, today)
        for key, old in before.items():
            self._go_on(key, old, looked)

    def whole(self, now: float, today: float, hours: Hours) -> list[Whole]:
        """Give the batches that may start, of those that were looked at just now; each once."""
        found = []
        for key, group in self._groups.items():
            ripe = self._looked.get(key[0]) == now and self._due(key) <= now
            if ripe and key not in self._starting and _allowed(key, today, hours):
                self._starting.add(key)
                last = EVERYTHING if holding(releases_of(key[0])) else group.last
                found.append(Whole(self.to, key, group.study, group.series, last))
        return found

    def started(self, whole: Whole) -> None:
        """Note that it is on record that a batch may start; what comes later is another one."""
        self._starting.discard(whole.key)
        self._groups.pop(whole.key, None)
        self._stale.update(self._looked)

    def failed(self, whole: Whole) -> None:
        """Note that it could not be written that a batch may start: it is tried again."""
        self._starting.discard(whole.key)

    def times(self, now: float, today: float, hours: Hours) -> Iterator[float]:
        """Say when to look again."""
        for way in self._stale:
            yield max(now, self._looked[way] + self._pause.get(way, LOOK))
        for key in self._groups.keys() - self._starting:
            due, release = self._due(key), key[1]
            later = LOOK if release.during is None else hours.look_again((release,), today)
            yield due if due > now else now + later

    def _due(self, key: Key) -> float:
        """Say when a batch is whole, as far as can be seen."""
        group, batch = self._groups[key], key[1].batch
        assert batch is not None  # there is a group for it
        within = batch.within if key[2] else batch.after
        quiet = group.quiet_since + batch.after
        return quiet if within is None else min(quiet, group.begun + within)

    def _add(self, key: Key, each: Gathering, now: float, today: float) -> None:
        batch = key[1].batch
        assert batch is not None  # see `learn`
        longest = batch.after if batch.within is None else batch.within
        begun = now - min(max(0.0, today - each.first), longest)
        quiet = now - min(max(0.0, today - each.last), batch.after)
        known = self._groups.get(key)
        if known is None:
            series = each.series if batch.by == "series" else None
            self._groups[key] = Group(each.latest, begun, quiet, each.study, series)
            return
        known.last = max(known.last, each.latest)
        known.begun, known.quiet_since = min(known.begun, begun), max(known.quiet_since, quiet)

    def _go_on(self, key: Key, old: Group, looked: float) -> None:
        """Go on with what was measured of a batch that was there at the look before."""
        new = self._groups.get(key)
        if new is not None and new.last >= old.last:
            new.begun = old.begun
            # what is new came since that look, whatever the time of day says
            grown = max(new.quiet_since, looked)
            new.quiet_since = old.quiet_since if new.last == old.last else grown


def _allowed(key: Key, today: float, hours: Hours) -> bool:
    during = key[1].during
    return during is None or hours.open(during, today)


def _has_batch(way: str) -> bool:
    return any(each.batch is not None for each in releases_of(way))


def _uid(each: Gathering, batch: Batch) -> str:
    return each.series if batch.by == "series" else each.study
