"""The demonstration: a scanner, a router and its archives on loopback, with real DICOM files.

The scanner sends files' bytes undecoded and the archives keep the digests of the bytes that come,
so what is compared at the end is what was on the wire, on both sides of the router.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from roteiro.core.program import Envelope, encoding_of
from roteiro.lang.reference import Reference
from roteiro.lang.settings import ListenerSettings, NodeSettings, Settings
from roteiro.runtime.association.contract import Admitted, Caller
from roteiro.runtime.association.listener import Listener
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.dicom import bundled_file, uid_name
from roteiro.runtime.router import Router
from roteiro.runtime.sending import FileObject, Sender, Sent
from roteiro.runtime.serving import Service
from roteiro.runtime.spool.story import holds_of
from roteiro.runtime.waiting import sleep
from roteiro.runtime.world import Buffer, World

FILES = (
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "JPEG2000.dcm",
    "SC_rgb_rle_2frame.dcm",
    "reportsi.dcm",
    "rtplan.dcm",
    "waveform_ecg.dcm",
)
"""All from pydicom's own package: uncompressed, RLE, JPEG 2000, two frames, no pixels at all."""
LOOPBACK = "127.0.0.1"
PATIENCE = 30.0
"""Seconds for all copies to arrive."""
ROLES = frozenset(("store", "echo"))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A copy that an archive took."""

    archive: str
    sop_instance: str
    digest: str


@dataclass(slots=True)
class Archive:
    """A sink that keeps the digest of every data set (`Intake` of the association contract)."""

    name: str
    arrivals: list[Arrival] = field(default_factory=list)

    def admit(self, caller: Caller) -> Admitted:  # noqa: ARG002  all may come in
        """See `Intake`."""
        return Admitted("", ROLES)

    def begin(self, envelope: Envelope) -> "Copy":
        """See `Intake`."""
        return Copy(self, envelope.sop_instance or "")


class Copy:
    """One object on its way into an archive (`Reception` of the association contract)."""

    def __init__(self, archive: Archive, sop_instance: str) -> None:
        self._archive = archive
        self._sop_instance = sop_instance
        self._digest = sha256()

    def write(self, data: Buffer) -> None:
        """See `Reception`."""
        self._digest.update(data)

    async def finish(self) -> int:
        """See `Reception`."""
        arrival = Arrival(self._archive.name, self._sop_instance, self._digest.hexdigest())
        self._archive.arrivals.append(arrival)
        return 0

    def abort(self) -> None:
        """See `Reception`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One file of the demonstration: what was sent, and to which archives it came unchanged."""

    file: str
    size: int
    transfer_syntax: str
    status: int | None
    owed: tuple[str, ...]
    """Destinations by the rules."""
    held: tuple[str, ...]
    """Queues by the rules."""
    arrived: tuple[str, ...]
    altered: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether all that was owed arrived, nothing else did, and no byte changed."""
        return self.status == 0 and not self.altered and self.arrived == self.owed


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs: the archives first, then the router that knows their ports."""

    world: World
    archives: dict[str, Archive]
    sinks: list[Listener]
    router: Router
    settings: Settings

    @property
    def arrivals(self) -> list[Arrival]:
        """All copies that came so far."""
        return [arrival for archive in self.archives.values() for arrival in archive.arrivals]

    def scanner(self) -> NodeSettings:
        """Give the first node of the rules that may store from here."""
        return next(node for node in self.settings.nodes if "store" in node.may)

    def sender(self) -> Sender:
        """Give what stands for the scanner."""
        listener = self.router.listeners[0]
        here = NodeSettings("router", self.settings.router.ae, LOOPBACK, listener.port)
        return Sender(LoopCarrier(self.world), here, self.scanner().ae)

    async def close(self) -> None:
        """Stop all."""
        for sink in self.sinks:
            sink.stop()
            await sink.drain(1.0)


async def set_stage(service: Service) -> Stage:
    """Open the archives on free ports, and the router with these ports in the place of its own."""
    world = service.world
    destinations = [node for node in service.served.settings.nodes if node.port is not None]
    archives = {node.name: Archive(node.name) for node in destinations}
    sinks = [
        Listener(
            world,
            ListenerSettings(name, port=0, address=LOOPBACK, accept_unknown=True),
            archive,
            service.notify,
        )
        for name, archive in archives.items()
    ]
    for sink in sinks:
        await sink.start()
    settings = on_free_ports(
        service.served.settings, {sink.settings.name: sink.port for sink in sinks}
    )
    moved = replace(service, served=replace(service.served, settings=settings))
    router = moved.router()
    await router.start(service.spool)
    return Stage(world, archives, sinks, router, settings)


def on_free_ports(settings: Settings, ports: dict[str, int]) -> Settings:
    """Give the settings with these ports for the nodes, and any free port for each listener."""
    nodes = tuple(replace(node, port=ports.get(node.name)) for node in settings.nodes)
    listeners = tuple(
        replace(listener, port=0, address=LOOPBACK) for listener in settings.listeners
    )
    return replace(settings, nodes=nodes, listeners=listeners)


async def show(
    service: Service, reference: Reference, started: Callable[[Stage], None]
) -> list[Shown]:
    """Run the demonstration; say what became of each file, and what the reference wants of it."""
    world = service.world
    stage = await set_stage(service)
    started(stage)
    objects = [FileObject(world, bundled_file(name)) for name in FILES]
    answers: dict[Path, Sent] = {}
    try:
        await stage.sender().send(objects, lambda sent: answers.update({sent.path: sent}))
        expected = [await expect(reference, stage, item) for item in objects]
        await all_arrived(stage, sum(len(sends) for _, sends, _ in expected))
    finally:
        for item in objects:  # read once more for what the rules want
            item.close()
        await stage.router.stop()
        await stage.close()
    return [
        compare(item, answers[item.path], wanted, stage.arrivals)
        for item, wanted in zip(objects, expected, strict=True)
    ]


Expected = tuple[str, tuple[str, ...], tuple[str, ...]]
"""The digest of a file's data set, the destinations and the queues that the rules name."""


async def expect(reference: Reference, stage: Stage, item: FileObject) -> Expected:
    """Say what the rules want of a file, by the reference interpreter."""
    data = await item.read(0, item.size)
    envelope = replace(
        item.record.envelope,
        calling_ae=stage.scanner().ae,
        called_ae=stage.settings.router.ae,
        peer=LOOPBACK,
        listener=stage.settings.listeners[0].name,
    )
    encoding = encoding_of(item.meta.transfer_syntax)
    decision = reference.decide(data, encoding, envelope)
    sends = tuple(sorted(send.to for send in decision.sends))
    return sha256(data).hexdigest(), sends, tuple(hold.queue for hold in holds_of(decision))


async def all_arrived(stage: Stage, count: int) -> None:
    """Wait until so many copies came, or patience ends."""
    clock = stage.world.clock
    until = clock.monotonic() + PATIENCE
    while len(stage.arrivals) < count and clock.monotonic() < until:
        await sleep(clock, 0.02)


def compare(item: FileObject, answer: Sent, wanted: Expected, arrivals: Sequence[Arrival]) -> Shown:
    """Hold what came against what was sent and what the rules want."""
    digest, sends, holds = wanted
    copies = [copy for copy in arrivals if copy.sop_instance == item.meta.sop_instance]
    return Shown(
        file=item.path.name,
        size=item.size,
        transfer_syntax=uid_name(item.meta.transfer_syntax),
        status=answer.status,
        owed=sends,
        held=holds,
        arrived=tuple(sorted(copy.archive for copy in copies)),
        altered=tuple(copy.archive for copy in copies if copy.digest != digest),
    )
