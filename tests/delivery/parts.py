"""An in-memory spool and a scripted carrier that keep the contracts, for a virtual clock."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from roteiro.core.program import Decision, Envelope, Release
from roteiro.lang.settings import Backoff, NodeSettings, RouterSettings, Settings
from roteiro.runtime.association.contract import Broken, SyntaxPair
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.delivery.marks import Marks
from roteiro.runtime.delivery.window import lane_of
from roteiro.runtime.events import Event
from roteiro.runtime.spool.contract import (
    Backlog,
    Damaged,
    Delivery,
    DeliveryState,
    Gathering,
    Lane,
    Record,
)
from roteiro.runtime.spool.ways import started, way_of
from roteiro.runtime.world import World

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"


def node(name: str = "pacs", *, associations: int = 1, retry: Backoff | None = None, **more):
    settings = NodeSettings(
        name, name.upper(), "127.0.0.1", 104, associations=associations, retry=retry or Backoff()
    )
    return replace(settings, **more)


@dataclass(slots=True)
class MemoryObject:
    record: Record
    size: int
    closed: bool = False

    async def read(self, offset: int, count: int) -> bytes:
        return bytes(max(0, min(count, self.size - offset)))

    def intact(self) -> bool:
        return True

    def close(self) -> None:
        assert not self.closed
        self.closed = True


@dataclass(slots=True)
class MemorySpool:
    """Keeps deliveries and every call that changed one; `slow` seconds pass in each such call."""

    world: World
    slow: float = 0.0
    all: dict[int, Delivery] = field(default_factory=dict)
    calls: list[tuple[str, int, str]] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    lost_failures: list[int] = field(default_factory=list)
    """Failed attempts that the disk did not take."""
    opened: list[MemoryObject] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)
    trouble: Iterator[OSError | None] = field(default_factory=lambda: iter(()))
    """What the disk says to the next calls that change something."""
    unreadable: Iterator[OSError | None] = field(default_factory=lambda: iter(()))

    def put(
        self,
        to: str = "pacs",
        *,
        sop_class: str = CT,
        urgency: str = "normal",
        release: Sequence[Release] = (),
        **more,
    ) -> int:
        number = len(self.all) + 1
        self.all[number] = Delivery(
            id=number,
            object=f"object{number}",
            to=to,
            rule="clinical.all",
            urgency=urgency,
            state=DeliveryState.WAITING,
            queued=self.world.clock.now(),
            attempts=0,
            reason="",
            sop_class=sop_class,
            sop_instance=f"1.2.3.{number}",
            transfer_syntax=EXPLICIT,
            size=100,
            way=way_of(release),
            **more,
        )
        return number

    def lanes(self, to: str) -> Sequence[Lane]:
        return list({lane_of(each): None for each in self.waiting(to)})

    def owed(
        self, to: str, limit: int, *, after: int = 0, lane: Lane | None = None
    ) -> Sequence[Delivery]:
        self.asked.append((to, limit))
        mine = (each for each in self.waiting(to) if each.id > after)
        wanted = [each for each in mine if lane in (None, lane_of(each))]
        return sorted(wanted, key=lambda each: each.id)[:limit]

    def gatherings(self, to: str, way: str) -> Sequence[Gathering]:
        found: dict[tuple[str, str], list[Delivery]] = {}
        for each in self.waiting(to):
            if each.way == way:
                found.setdefault((each.study, each.series), []).append(each)
        return [
            Gathering(
                *key,
                len(these),
                min(each.queued for each in these),
                max(each.queued for each in these),
                max(each.id for each in these),
            )
            for key, these in found.items()
        ]

    async def start_batch(
        self, to: str, way: str, *, study: str, series: str | None, last: int
    ) -> None:
        await asyncio.sleep(self.slow)
        if (error := next(self.trouble, None)) is not None:
            raise error
        for each in self.waiting(to):
            mine = each.study == study and series in (None, each.series)
            if each.way == way and each.id <= last and mine:
                self.all[each.id] = replace(each, way=started(way))

    def waiting(self, to: str) -> list[Delivery]:
        mine = (each for each in self.all.values() if each.to == to)
        return [each for each in mine if each.state is DeliveryState.WAITING]

    def stopped(self, delivery: int) -> str | None:
        return None

    async def open(self, object_id: str) -> MemoryObject:
        await asyncio.sleep(0)
        if (error := next(self.unreadable, None)) is not None:
            raise error
        if object_id in self.damaged:
            raise Damaged
        envelope = Envelope(sop_instance=f"1.2.3.{object_id.removeprefix('object')}")
        record = Record(envelope, Decision("route"), "sha256:0", 0.0)
        self.opened.append(MemoryObject(record, 100))
        return self.opened[-1]

    async def done(self, delivery: int, note: str) -> None:
        await self._change("done", delivery, note, state=DeliveryState.DONE)

    async def failed(self, delivery: int, reason: str) -> None:
        attempts = self.all[delivery].attempts + 1
        await self._change("failed", delivery, reason, attempts=attempts, reason=reason)

    async def hold(self, delivery: int, reason: str) -> None:
        await self._change("hold", delivery, reason, state=DeliveryState.HELD, reason=reason)

    async def _change(self, call: str, delivery: int, words: str, **fields) -> None:
        assert self.all[delivery].state is DeliveryState.WAITING, "an outcome twice"
        await asyncio.sleep(self.slow)
        if (error := next(self.trouble, None)) is not None:
            self.lost_failures += [delivery] if call == "failed" else []
            raise error
        self.calls.append((call, delivery, words))
        self.all[delivery] = replace(self.all[delivery], **fields)

    def destinations(self) -> dict[str, Backlog]:
        return {name: self._backlog(name) for name in {each.to for each in self.all.values()}}

    def _backlog(self, name: str) -> Backlog:
        mine = [each for each in self.all.values() if each.to == name]
        count = {state: sum(each.state is state for each in mine) for state in DeliveryState}
        waiting = [each for each in mine if each.state is DeliveryState.WAITING]
        return Backlog(
            waiting=count[DeliveryState.WAITING],
            held=count[DeliveryState.HELD],
            done=count[DeliveryState.DONE],
            oldest=min((each.queued for each in waiting), default=None),
            waiting_bytes=sum(each.size for each in waiting),
        )

    def count(self, state: DeliveryState) -> int:
        return sum(each.state is state for each in self.all.values())


Answer = int | Exception
"""A status, or what is raised."""


@dataclass(slots=True)
class Peer:
    """How one destination behaves, and what it saw."""

    world: World
    connect: Callable[[], Exception | None] = lambda: None
    answer: Callable[[str], Answer] = lambda _: 0x0000
    begun: Callable[[str], None] = lambda _: None
    """Told of each object that is begun."""
    accept: Callable[[SyntaxPair], bool] = lambda _: True
    connect_takes: float = 0.01
    store_takes: float = 0.01
    attempts: list[float] = field(default_factory=list)
    """When an association was asked for."""
    proposals: list[tuple[SyntaxPair, ...]] = field(default_factory=list)
    stored: list[tuple[float, int, str]] = field(default_factory=list)
    """When, on which association, which object was begun."""
    taken: list[str] = field(default_factory=list)
    """Objects answered with success or a warning."""
    open: int = 0
    most_open: int = 0
    released: int = 0
    aborted: int = 0
    channels: "list[ScriptedChannel]" = field(default_factory=list)


class ScriptedChannel:
    def __init__(self, peer: Peer, pairs: Sequence[SyntaxPair]) -> None:
        self.peer = peer
        self.pairs = frozenset(pairs)
        self.open = True
        self.number = len(peer.channels) + 1
        self._ended = asyncio.Event()
        self._busy = False
        peer.channels.append(self)
        peer.open += 1
        peer.most_open = max(peer.most_open, peer.open)

    def carries(self, sop_class: str, transfer_syntax: str) -> bool:
        pair = sop_class, transfer_syntax
        return pair in self.pairs and self.peer.accept(pair)

    def proposed(self, sop_class: str, transfer_syntax: str) -> bool:
        return (sop_class, transfer_syntax) in self.pairs

    async def store(self, stored: MemoryObject, *, urgent: bool = False, pace=None) -> int:
        assert self.open
        assert not self._busy
        self._busy = True
        uid = stored.record.envelope.sop_instance
        self.peer.begun(uid)
        self.peer.stored.append((self.peer.world.clock.monotonic(), self.number, uid))
        try:
            async with asyncio.timeout(self.peer.store_takes):
                await self._ended.wait()
        except TimeoutError:
            return self._answer(uid)
        finally:
            self._busy = False
        raise Broken("aborted")

    def _answer(self, uid: str) -> int:
        answer = self.peer.answer(uid)
        if isinstance(answer, Exception):
            if isinstance(answer, (Broken, Damaged)):
                self._end()
            raise answer
        if answer in (0x0000, 0xB000, 0xB006, 0xB007):
            self.peer.taken.append(uid)
        return answer

    async def echo(self) -> int:
        return 0

    async def release(self) -> None:
        await asyncio.sleep(0.001)
        self.peer.released += 1
        self._end()

    def abort(self) -> None:
        if self.open:
            self.peer.aborted += 1
        self._end()

    def end(self) -> None:
        """The peer goes away while nothing is under way."""
        self._end()

    def _end(self) -> None:
        if self.open:
            self.open = False
            self.peer.open -= 1
        self._ended.set()


@dataclass(slots=True)
class ScriptedCarrier:
    """Opens associations to scripted peers, by the name of the node."""

    peers: dict[str, Peer]

    async def connect(
        self, to: NodeSettings, calling_ae: str, pairs: Sequence[SyntaxPair]
    ) -> ScriptedChannel:
        peer = self.peers[to.name]
        assert 0 < len(pairs) <= 127
        assert len(set(pairs)) == len(pairs)
        peer.attempts.append(peer.world.clock.monotonic())
        peer.proposals.append(tuple(pairs))
        await asyncio.sleep(peer.connect_takes)
        if (trouble := peer.connect()) is not None:
            raise trouble
        return ScriptedChannel(peer, pairs)


class Router:
    """A dispatcher on parts of ours, and what it told."""

    def __init__(
        self,
        world: World,
        *nodes: NodeSettings,
        spool: MemorySpool | None = None,
        marks: Marks | None = None,
        **rules,
    ):
        nodes = nodes or (node(),)
        self.world = world
        self.events: list[Event] = []
        self.peers = {each.name: Peer(world) for each in nodes}
        self.spool = spool or MemorySpool(world)
        settings = Settings(RouterSettings("ROTEIRO"), (), tuple(nodes), **rules)
        carrier = ScriptedCarrier(self.peers)
        told = self.events.append
        self.dispatcher = Dispatcher(world, self.spool, carrier, settings, told, marks=marks)

    @property
    def peer(self) -> Peer:
        return next(iter(self.peers.values()))

    def rules(self, *nodes: NodeSettings, ae: str = "ROTEIRO", **rules) -> Settings:
        return Settings(RouterSettings(ae), (), nodes, **rules)

    def arrive(self, count: int = 1, to: str = "pacs", **more) -> list[int]:
        numbers = [self.spool.put(to, **more) for _ in range(count)]
        self.dispatcher.arrived(to)
        return numbers

    def status(self, to: str = "pacs"):
        return next(each for each in self.dispatcher.status() if each.to == to)

    def told(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]
