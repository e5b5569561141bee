"""The real spool, real associations and DCMTK: down, up, gone in the middle, up again."""

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roteiro.core.program import Decision, Envelope, Send
from roteiro.lang.settings import Backoff, RouterSettings, Settings
from roteiro.runtime.association.requestor import LoopCarrier
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.dicom import bundled_file, read_part10
from roteiro.runtime.events import (
    DeliveryDone,
    DeliveryFailed,
    DeliveryHeld,
    DestinationRecovered,
    DestinationWaiting,
    Event,
)
from roteiro.runtime.spool.contract import Delivery, Record, Spool
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.world import World, system_world
from tests.delivery.parts import node
from tests.ports import free_port

FILES = ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "SC_rgb_rle.dcm", "test-SR.dcm")
QUICK = Backoff(first=0.5, longest=1.0)
SECONDS = 20.0

pytestmark = pytest.mark.peer("dcmtk")


@contextmanager
def storescp(port: int, folder: Path, *options: str):
    """DCMTK's archive, keeping bytes as they come; it is killed at the end."""
    folder.mkdir(exist_ok=True)
    words = ["/usr/bin/storescp", "+xa", "-pm", "+B", "-od", str(folder), *options, str(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as peer:
        try:
            yield peer
        finally:
            peer.kill()


@dataclass
class Heard:
    """Events, and waiting for them."""

    events: list[Event] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    def count(self, kind: type[Event], to: str = "pacs") -> int:
        return sum(isinstance(event, kind) and event.to == to for event in self.events)

    def failed(self, reason: str) -> int:
        failures = (event for event in self.events if isinstance(event, DeliveryFailed))
        return sum(event.reason.startswith(reason) for event in failures)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():
                self._news.clear()
                await self._news.wait()


@dataclass
class Site:
    """A spool and a dispatcher on real parts."""

    world: World
    spool: Spool
    heard: Heard
    dispatcher: Dispatcher

    async def keep(self, name: str, *to: str) -> None:
        content = bundled_file(name).read_bytes()
        meta = read_part10(content)
        data = content[meta.offset :]
        envelope = Envelope(
            calling_ae="CT1",
            called_ae="ROTEIRO",
            peer="127.0.0.1",
            listener="plain",
            transfer_syntax=meta.transfer_syntax,
            sop_class=meta.sop_class,
            sop_instance=meta.sop_instance,
            size=len(data),
        )
        sends = tuple(Send(name, (), f"all.{name}", (f"all.{name}",)) for name in to)
        slot = self.spool.begin()
        slot.write(data)
        record = Record(envelope, Decision("route", sends), "sha256:0", self.world.clock.now())
        await slot.commit(record)
        await self.spool.settled()
        for each in to:
            self.dispatcher.arrived(each)

    def deliveries(self, to: str) -> list[Delivery]:
        return list(self.spool.deliveries(to=to))


async def open_site(folder: Path, *ports: tuple[str, int]) -> Site:
    world, heard = system_world(), Heard()
    spool = FileSpool(folder, world)
    await spool.recover()
    nodes = tuple(node(name, port=port, retry=QUICK) for name, port in ports)
    settings = Settings(RouterSettings("ROTEIRO"), (), nodes)
    dispatcher = Dispatcher(world, spool, LoopCarrier(world), settings, heard)
    dispatcher.start()
    return Site(world, spool, heard, dispatcher)


async def close_site(site: Site) -> None:
    await site.dispatcher.stop(2.0)
    await site.spool.close()
    site.world.workers.close()


def data_sets(folder: Path) -> set[bytes]:
    files = [path.read_bytes() for path in folder.iterdir()]
    return {content[read_part10(content).offset :] for content in files}


def originals(*names: str) -> set[bytes]:
    files = [bundled_file(name).read_bytes() for name in names]
    return {content[read_part10(content).offset :] for content in files}


def test_down_then_up_delivered_by_itself(tmp_path: Path):
    async def main() -> None:
        down, up = free_port(), free_port()
        with storescp(up, tmp_path / "up"):
            site = await open_site(tmp_path / "spool", ("pacs", down), ("other", up))
            for name in FILES:
                await site.keep(name, "pacs", "other")
            await site.heard.until(lambda: site.heard.count(DeliveryDone, "other") == len(FILES))
            await site.heard.until(lambda: site.heard.count(DestinationWaiting) >= 2)
            status = {each.to: each for each in site.dispatcher.status()}
            assert (status["pacs"].waiting, status["other"].waiting) == (len(FILES), 0)
            assert status["pacs"].cause != ""
            with storescp(down, tmp_path / "down"):
                await site.heard.until(lambda: site.heard.count(DeliveryDone) == len(FILES))
            assert site.heard.count(DestinationRecovered) == 1
            await close_site(site)
        assert data_sets(tmp_path / "down") == data_sets(tmp_path / "up") == originals(*FILES)

    asyncio.run(main())


def test_a_restart_of_the_router_forgets_nothing(tmp_path: Path):
    async def main() -> None:
        port = free_port()
        site = await open_site(tmp_path / "spool", ("pacs", port))
        for name in FILES:
            await site.keep(name, "pacs")
        await site.heard.until(lambda: site.heard.count(DestinationWaiting) >= 1)
        await close_site(site)
        with storescp(port, tmp_path / "pacs"):
            site = await open_site(tmp_path / "spool", ("pacs", port))
            await site.heard.until(lambda: site.heard.count(DeliveryDone) == len(FILES))
            await close_site(site)
        assert data_sets(tmp_path / "pacs") == originals(*FILES)

    asyncio.run(main())


@pytest.mark.parametrize("when", ["--abort-during", "--abort-after"])
def test_an_archive_that_aborts_gets_it_again(tmp_path: Path, when: str):
    async def main() -> None:
        port = free_port()
        site = await open_site(tmp_path / "spool", ("pacs", port))
        with storescp(port, tmp_path / "bad", when):
            await site.keep(FILES[0], "pacs")
            await site.heard.until(lambda: site.heard.failed("in doubt: ") > 1)
            assert site.heard.count(DeliveryDone) == 0
            assert site.deliveries("pacs")[0].reason.startswith("in doubt: ")
        with storescp(port, tmp_path / "good"):
            await site.heard.until(lambda: site.heard.count(DeliveryDone) == 1)
            await close_site(site)
        assert data_sets(tmp_path / "good") == originals(FILES[0])

    asyncio.run(main())


def test_a_syntax_that_is_not_accepted_holds_only_its_objects(tmp_path: Path):
    async def main() -> None:
        port = free_port()
        with storescp(port, tmp_path / "pacs", "+xi"):  # implicit little endian only
            site = await open_site(tmp_path / "spool", ("pacs", port))
            for name in ("JPEG2000.dcm", "MR_small_implicit.dcm"):
                await site.keep(name, "pacs")
            await site.heard.until(
                lambda: site.heard.count(DeliveryDone) + site.heard.count(DeliveryHeld) == 2
            )
            await close_site(site)
        assert site.heard.count(DeliveryHeld) == 1
        assert data_sets(tmp_path / "pacs") == originals("MR_small_implicit.dcm")

    asyncio.run(main())
