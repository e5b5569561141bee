"""Silent and slow peers meet their deadlines, to the second, on a virtual clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from roteiro.lang.settings import ListenerSettings, NodeSettings
from roteiro.runtime.association.acceptor import Connection
from roteiro.runtime.association.contract import Broken, Channel, Rejected, Unreachable
from roteiro.runtime.association.listener import Listener
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.events import AssociationClosed, ConnectionDropped, Event
from roteiro.runtime.world import Net, World
from tests.association.parts import (
    CT,
    EXPLICIT,
    RELEASE_RP,
    RELEASE_RQ,
    Keeper,
    Stored,
    abort,
    echo_rq,
    item,
    pdata,
    pdu,
    pdv,
    reject,
    store_rq,
    usual_rq,
)
from tests.virtual import run

STORE = pdata(pdv(3, 3, store_rq()))


class Wire(asyncio.Transport):
    """A transport in memory; `stuck` is a peer that takes nothing."""

    def __init__(self, protocol: asyncio.BufferedProtocol, *, stuck: bool = False) -> None:
        super().__init__()
        self.protocol = protocol
        self.stuck = stuck
        self.sent = b""
        self.ended: float | None = None
        self._closing = False
        self.full = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True
        if not self.stuck:
            self.abort()

    def abort(self) -> None:
        self._closing = True
        if self.ended is None:
            loop = asyncio.get_running_loop()
            self.ended = loop.time()
            loop.call_soon(self.protocol.connection_lost, None)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("10.0.0.1", 50000) if name == "peername" else default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return self.full

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def arrive(self, data: bytes) -> None:
        """Let the protocol receive."""
        while data and self.ended is None:
            room = self.protocol.get_buffer(-1)
            count = min(len(room), len(data))
            cast("memoryview", room)[:count] = data[:count]
            self.protocol.buffer_updated(count)
            data = data[count:]


@dataclass
class Cable:
    """A network of wires."""

    refuse: bool = False
    stuck: bool = False
    greeting: bytes = b""
    wires: list[Wire] = field(default_factory=list)

    def answer_at_once(self, transport: asyncio.BaseTransport) -> None:
        pass

    async def connect(
        self, make: Callable[[], asyncio.BaseProtocol], host: str, port: int
    ) -> asyncio.Transport:
        if self.refuse:
            await asyncio.get_running_loop().create_future()
        protocol = cast("asyncio.BufferedProtocol", make())
        self.wires.append(Wire(protocol, stuck=self.stuck))
        protocol.connection_made(self.wires[-1])
        self.wires[-1].arrive(self.greeting)
        return self.wires[-1]


@dataclass
class Scene:
    """A connection to a listener."""

    wire: Wire
    keeper: Keeper
    events: list[Event]

    @property
    def how(self) -> str:
        (event,) = [e for e in self.events if isinstance(e, AssociationClosed | ConnectionDropped)]
        return event.how if isinstance(event, AssociationClosed) else event.why

    async def closed(self) -> float:
        """When the connection ended."""
        while self.wire.ended is None:
            await asyncio.sleep(0.25)
        await asyncio.sleep(0)
        return self.wire.ended


def called(
    main: Callable[[Scene], Awaitable[None]],
    *,
    keeper: Keeper | None = None,
    stuck: bool = False,
) -> None:
    """Run a scene in which somebody has connected to us."""

    async def scene(world: World) -> None:
        events: list[Event] = []
        mine = keeper or Keeper()
        world = replace(world, net=cast("Net", Cable()))
        listener = Listener(world, ListenerSettings("main", 0), mine, events.append)
        connection = Connection(listener)
        wire = Wire(connection, stuck=stuck)
        connection.connection_made(wire)
        await main(Scene(wire, mine, events))

    run(scene)


async def dribble(wire: Wire, data: bytes, count: int, every: float) -> None:
    for start in range(0, len(data), count):
        wire.arrive(data[start : start + count])
        await asyncio.sleep(every)


# --- a caller -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", b"\1\0\0", usual_rq()[:-1]])
def test_a_request_has_to_be_complete_in_10_seconds(sent: bytes) -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(sent)
        assert await scene.closed() == 10.0
        assert scene.wire.sent == b""
        assert not scene.events or "no complete association request" in scene.how

    called(main)


def test_a_request_that_drips_does_not_get_longer() -> None:
    async def main(scene: Scene) -> None:
        asyncio.ensure_future(dribble(scene.wire, usual_rq(), 1, 0.5))  # noqa: RUF006
        assert await scene.closed() == 10.0

    called(main)


def test_a_rejected_peer_that_stays_is_cut_off() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq())
        assert scene.wire.sent == reject(1, 1, 3)
        assert await scene.closed() == 5.0

    called(main, keeper=Keeper(lambda _: Rejected(1, 1, 3)))


def test_a_released_peer_that_stays_is_cut_off() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq() + RELEASE_RQ + pdata(pdv(1, 3, echo_rq())) * 10)
        assert scene.wire.sent.endswith(RELEASE_RP)
        assert await scene.closed() == 5.0
        assert scene.how == "released"

    called(main)


def test_an_idle_association_ends_after_60_seconds() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq())
        await asyncio.sleep(59.0)
        assert not scene.wire.sent.endswith(abort(0, 0))
        await asyncio.sleep(1.5)
        assert scene.wire.sent.endswith(abort(0, 0))
        assert await scene.closed() == 65.0
        assert "nothing came" in scene.how

    called(main)


def test_an_association_that_is_used_goes_on_for_hours() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq())
        for _ in range(200):
            await asyncio.sleep(59.0)
            scene.wire.arrive(pdata(pdv(1, 3, echo_rq())))
        assert scene.wire.ended is None
        assert await scene.closed() == 200 * 59.0 + 65.0

    called(main)


@pytest.mark.parametrize("begun", [b"\4", STORE[:20], STORE, STORE + pdata(pdv(3, 0, b"x"))])
def test_a_message_that_stops_ends_after_30_seconds(begun: bytes) -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq())
        await asyncio.sleep(50.0)
        scene.wire.arrive(begun)
        await asyncio.sleep(29.5)
        assert not scene.wire.sent.endswith(abort(0, 0))
        assert await scene.closed() == 50.0 + 30.0 + 5.0
        assert "too slowly" in scene.how
        assert all(kept.end == "aborted" for kept in scene.keeper.kept)

    called(main)


def test_a_message_that_drips_ends_too() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq() + STORE)
        asyncio.ensure_future(dribble(scene.wire, pdata(pdv(3, 0, bytes(99_000))), 100, 1.0))  # noqa: RUF006
        assert await scene.closed() == 35.0

    called(main)


def test_a_slow_line_is_waited_for() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq() + STORE)
        data = bytes(100_000)
        await dribble(scene.wire, pdata(pdv(3, 2, data)), 600, 1.0)
        await asyncio.sleep(0)
        assert scene.keeper.kept[0].end == "finished"
        assert scene.keeper.kept[0].size == len(data)
        assert scene.wire.ended is None

    called(main)


def test_our_own_slowness_is_not_the_peers() -> None:
    keeper = Keeper()

    async def main(scene: Scene) -> None:
        keeper.gate = asyncio.Event()
        scene.wire.arrive(usual_rq() + STORE + pdata(pdv(3, 2, b"data")))
        await asyncio.sleep(3600.0)
        assert scene.wire.ended is None
        before = len(scene.wire.sent)
        keeper.gate.set()
        await asyncio.sleep(50.0)
        assert len(scene.wire.sent) > before
        assert await scene.closed() == pytest.approx(3600.0 + 65.0)

    called(main, keeper=keeper)


def test_bytes_that_do_not_leave_do_not_keep_a_connection() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq() + b"\xff")
        assert await scene.closed() == 5.0 + 5.0

    called(main, stuck=True)


def test_no_timer_is_left_behind() -> None:
    async def main(scene: Scene) -> None:
        scene.wire.arrive(usual_rq() + STORE)
        scene.wire.abort()
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        due = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        assert due == []

    called(main)


# --- a peer that we call ------------------------------------------------------------------------

PEER = NodeSettings("pacs", "PACS", "10.0.0.5", 104)


def accepted(maximum: int = 16384) -> bytes:
    """An A-ASSOCIATE-AC for Verification and CT."""
    fixed = b"\0\1\0\0" + b"PACS".ljust(16) + b"ROTEIRO".ljust(16) + bytes(32)
    contexts = b"".join(
        item(0x21, bytes((number, 0, 0, 0)) + item(0x40, syntax.encode()))
        for number, syntax in ((1, "1.2.840.10008.1.2"), (3, EXPLICIT))
    )
    user = item(0x50, item(0x51, maximum.to_bytes(4, "big")) + item(0x52, b"1.2"))
    return pdu(2, fixed + item(0x10, b"1.2.840.10008.3.1.1.1") + contexts + user)


async def connected(world: World, cable: Cable) -> Channel:
    carrier = LoopCarrier(replace(world, net=cast("Net", cable)))
    opening = asyncio.ensure_future(carrier.connect(PEER, "ROTEIRO", [(CT, EXPLICIT)]))
    while not (cable.wires and cable.wires[0].sent):
        await asyncio.sleep(0)
    cable.wires[0].arrive(accepted())
    return await opening


def test_a_connection_has_10_seconds() -> None:
    async def main(world: World) -> None:
        carrier = LoopCarrier(replace(world, net=cast("Net", Cable(refuse=True))))
        with pytest.raises(Unreachable, match="no connection in 10 s"):
            await carrier.connect(PEER, "ROTEIRO", [])
        assert world.clock.monotonic() == 10.0

    run(main)


def test_an_answer_has_30_seconds() -> None:
    async def main(world: World) -> None:
        cable = Cable()
        carrier = LoopCarrier(replace(world, net=cast("Net", cable)))
        with pytest.raises(Unreachable, match="no answer to our association request in 30 s"):
            await carrier.connect(PEER, "ROTEIRO", [])
        assert world.clock.monotonic() == 30.0
        assert cable.wires[0].sent.endswith(abort(0, 0))
        assert cable.wires[0].ended == 30.0

    run(main)


def test_an_opening_that_is_cancelled_leaves_no_connection() -> None:
    async def main(world: World) -> None:
        cable = Cable()
        carrier = LoopCarrier(replace(world, net=cast("Net", cable)))
        opening = asyncio.ensure_future(carrier.connect(PEER, "ROTEIRO", []))
        await asyncio.sleep(1.0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert cable.wires[0].ended == 1.0

    run(main)


@pytest.mark.parametrize("said", [accepted(), RELEASE_RQ, b"SSH-2.0", pdata(pdv(1, 3, b""))])
def test_a_peer_that_speaks_first_is_no_peer(said: bytes) -> None:
    async def main(world: World) -> None:
        cable = Cable(greeting=said)
        carrier = LoopCarrier(replace(world, net=cast("Net", cable)))
        with pytest.raises(Unreachable, match="aborted"):
            await carrier.connect(PEER, "ROTEIRO", [])
        assert world.clock.monotonic() == 0.0
        await asyncio.sleep(10.0)
        assert cable.wires[0].ended is not None

    run(main)


def test_a_response_has_60_seconds_and_what_its_size_needs() -> None:
    async def main(world: World) -> None:
        cable = Cable()
        channel = await connected(world, cable)
        with pytest.raises(Broken, match="no response in 186 s"):
            await channel.store(Stored(bytes(1_000_000), CT, "1.2.3", EXPLICIT))
        assert 180 < world.clock.monotonic() < 190
        assert cable.wires[0].sent.endswith(abort(0, 0))
        assert not channel.open

    run(main)


def test_an_echo_has_60_seconds() -> None:
    async def main(world: World) -> None:
        channel = await connected(world, Cable())
        with pytest.raises(Broken, match="no response in 60 s"):
            await channel.echo()
        assert world.clock.monotonic() == 60.0

    run(main)


def test_a_peer_that_takes_nothing_is_given_up() -> None:
    async def main(world: World) -> None:
        cable = Cable()
        channel = await connected(world, cable)
        wire = cable.wires[0]
        wire.full = 300_000
        wire.protocol.pause_writing()
        with pytest.raises(Broken, match="took nothing for 60 s"):
            await channel.store(Stored(bytes(1_000_000), CT, "1.2.3", EXPLICIT))
        assert world.clock.monotonic() == 60.0

    run(main)


def test_a_peer_that_takes_little_is_waited_for() -> None:
    async def main(world: World) -> None:
        cable = Cable()
        channel = await connected(world, cable)
        wire = cable.wires[0]
        wire.full = 300_000
        wire.protocol.pause_writing()
        storing = asyncio.ensure_future(channel.store(Stored(bytes(10), CT, "1.2.3", EXPLICIT)))
        for _ in range(100):
            await asyncio.sleep(50.0)
            wire.full -= 1000
        assert not storing.done()
        wire.protocol.resume_writing()
        await asyncio.sleep(1.0)
        assert wire.sent.endswith(bytes(10))
        channel.abort()
        with pytest.raises(Broken):
            await storing

    run(main)


def test_a_release_has_10_seconds() -> None:
    async def main(world: World) -> None:
        cable = Cable()
        channel = await connected(world, cable)
        await channel.release()
        assert world.clock.monotonic() == 10.0
        assert RELEASE_RQ in cable.wires[0].sent
        assert cable.wires[0].sent.endswith(abort(0, 0))
        assert not channel.open

    run(main)
