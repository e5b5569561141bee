"""`late hold`: what comes after its batch was released is held, and nothing else is."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from roteiro.core.program import Batch, Decision, Release, Send
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import ScheduleSettings, Settings
from roteiro.runtime.delivery.dispatch import Dispatcher
from roteiro.runtime.events import DeliveryHeld, Event
from roteiro.runtime.intake import announce
from roteiro.runtime.spool.contract import Act, Delivery, DeliveryState, Meeting
from roteiro.runtime.spool.history import AGE
from roteiro.runtime.spool.late import HELD, KEPT
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.spool.ways import way_of
from roteiro.runtime.world import World
from tests.delivery.parts import Peer, ScriptedCarrier, node
from tests.spool.samples import commit, content, record, run

PERSON = Act("uid 1000", 2e9)
BY_STUDY = (Release(Batch("study", 300.0, 900.0, "hold")),)
BY_SERIES = (Release(Batch("series", 45.0, None, "hold")),)
NEW = (Release(Batch("study", 300.0)),)


class Site:
    """A real spool, and a number for each image that comes."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world = folder, world
        self.spool = FileSpool(folder, world)
        self.came = 0

    async def restart(self, *, lose_index: bool = False) -> None:
        await self.spool.close()
        if lose_index:
            shutil.rmtree(self.folder / "index")
        self.spool = FileSpool(self.folder, self.world)
        await self.spool.recover()

    async def comes(
        self,
        release: Sequence[Release] = BY_STUDY,
        *,
        study: str = "1.1",
        series: str = "1.1.1",
        to: str = "pacs",
    ) -> tuple[Delivery, Meeting]:
        """Take in one image; give where its delivery stands, and what was told of it."""
        self.came += 1
        decision = Decision("route", (Send(to, (), "t.r", ("t.r",), "normal", tuple(release)),))
        kept = replace(record(decision), study=study, series=series)
        kept = replace(kept, received=self.world.clock.now())
        slot = self.spool.begin()
        slot.write(content(self.came))
        uid = f"1.2.{self.came}"
        kept = replace(kept, envelope=replace(kept.envelope, sop_instance=uid))
        _, meeting = await commit(self.spool, slot, kept)
        (delivery,) = (each for each in self.spool.deliveries(to=to) if each.sop_instance == uid)
        return delivery, meeting

    async def leaves(
        self,
        release: Sequence[Release] = BY_STUDY,
        *,
        study: str = "1.1",
        series: str | None = None,
        to: str = "pacs",
    ) -> None:
        await self.spool.start_batch(to, way_of(release), study=study, series=series, last=2**62)


def with_site(main, folder: Path) -> None:
    async def whole(world: World) -> None:
        site = Site(folder / "spool", world)
        await site.spool.recover()
        await main(site)
        await site.spool.close()

    run(whole)


def test_it_is_held_with_the_reason_and_told_and_counted(in_memory: Path) -> None:
    async def main(site: Site) -> None:
        first, _ = await site.comes()
        await site.leaves()
        late, meeting = await site.comes(series="1.1.2")
        assert (first.state, late.state) == (DeliveryState.WAITING, DeliveryState.HELD)
        assert late.reason == HELD == Phrase("runtime.held_late")
        assert meeting.late == (("pacs", late.id),)
        told: list[Event] = []
        kept = record(Decision("route"))
        announce(told.append, late.object, kept, meeting)
        assert [(each.to, each.delivery) for each in told if isinstance(each, DeliveryHeld)] == [
            ("pacs", late.id)
        ]
        (life,) = site.spool.lives(late.sop_instance)
        assert [(step.what, step.detail) for step in life.deliveries[0].steps] == [("held", HELD)]
        ledger = await site.spool.ledger()
        (pacs,) = ledger.destinations
        assert (pacs.waiting.number, pacs.held.number, pacs.owed.number) == (1, 1, 2)
        assert not ledger.wrong

    with_site(main, in_memory)


@pytest.mark.parametrize("lose_index", [False, True])
def test_it_stays_held_and_a_person_lets_it_go(in_memory: Path, lose_index: bool) -> None:
    async def main(site: Site) -> None:
        first, _ = await site.comes()
        await site.leaves()
        await site.spool.done(first.id, "0x0000")
        late, _ = await site.comes()
        await asyncio.sleep(3.0)  # its file says it, too
        await site.restart(lose_index=lose_index)
        (held,) = site.spool.deliveries(to="pacs", state=DeliveryState.HELD)
        assert (held.sop_instance, held.reason) == (late.sop_instance, HELD)
        assert await site.spool.resume([held.id], PERSON) == [held.id]
        await site.restart(lose_index=lose_index)
        (again,) = site.spool.owed("pacs", 9)
        assert again.way == way_of(BY_STUDY), "it is gathered once more, and not judged again"

    with_site(main, in_memory)


def test_a_release_is_remembered_over_a_restart(in_memory: Path) -> None:
    async def main(site: Site) -> None:
        first, _ = await site.comes()
        await site.leaves()
        await site.spool.done(first.id, "0x0000")
        await site.restart()
        assert (await site.comes())[0].state is DeliveryState.HELD

    with_site(main, in_memory)


def test_a_release_is_forgotten_with_history(in_memory: Path) -> None:
    async def main(site: Site) -> None:
        for study in ("1.1", "1.2"):
            await site.comes(study=study)
        await site.leaves(study="1.1")
        assert KEPT == AGE
        site.world.clock.shift = KEPT + 1
        assert (await site.comes(study="1.1"))[0].state is DeliveryState.HELD, "nothing looked yet"
        await site.leaves(study="1.2")
        assert (await site.comes(study="1.1"))[0].state is DeliveryState.WAITING
        assert (await site.comes(study="1.2"))[0].state is DeliveryState.HELD

    with_site(main, in_memory)


@pytest.mark.parametrize(
    ("gathered", "left", "comes", "of", "held"),
    [
        (BY_STUDY, {}, BY_STUDY, {"study": "1.2"}, False),
        (BY_STUDY, {}, BY_STUDY, {"to": "vna"}, False),
        (BY_STUDY, {}, NEW, {}, False),
        (NEW, {}, BY_STUDY, {}, True),  # the rules are others now
        (BY_STUDY, {}, (*BY_STUDY, Release(None, "night")), {}, False),  # it may start by night
        (BY_STUDY, {}, (Release(BY_STUDY[0].batch, "night"),), {}, True),
        (BY_SERIES, {"series": "1.1.1"}, BY_SERIES, {"series": "1.1.2"}, False),
        (BY_SERIES, {"series": "1.1.1"}, BY_SERIES, {}, True),
        (BY_SERIES, {"series": "1.1.1"}, BY_STUDY, {}, False),
        (BY_SERIES, {"series": "1.1.1"}, (*BY_SERIES, *BY_STUDY), {}, False),  # the study may go
        (BY_STUDY, {"study": "1.9"}, BY_STUDY, {}, False),  # of it nothing waited
    ],
)
def test_what_is_late(  # noqa: PLR0917  the columns of the table
    in_memory: Path, gathered, left, comes, of, held
) -> None:
    async def main(site: Site) -> None:
        await site.comes(gathered)
        await site.leaves(gathered, **left)
        state = (await site.comes(comes, **of))[0].state
        assert state is (DeliveryState.HELD if held else DeliveryState.WAITING)

    with_site(main, in_memory)


def test_images_without_the_uid_are_never_late(in_memory: Path) -> None:
    async def main(site: Site) -> None:
        for release, series in ((BY_STUDY, None), (BY_SERIES, "")):
            await site.comes(release, study="", series="")
            await site.leaves(release, study="", series=series)
            assert (await site.comes(release, study="", series=""))[0].state.value == "waiting"

    with_site(main, in_memory)


def test_with_deliveries_nothing_falls_between_the_batch_and_late(in_memory: Path) -> None:
    """While images come at every instant of a release: each left with the batch, or is held."""

    async def main(site: Site) -> None:
        peer = Peer(site.world)
        night = ScheduleSettings("night", ())
        rules = Settings(nodes=(node(),), schedules=(night,))
        carrier = ScriptedCarrier({"pacs": peer})
        router = Dispatcher(site.world, site.spool, carrier, rules, lambda _: None)
        router.start()
        for _ in range(40):  # within 900 s is over meanwhile
            await site.comes()
            router.arrived("pacs")
            await asyncio.sleep(25.0)
        await asyncio.sleep(1000.0)
        held = site.spool.deliveries(to="pacs", state=DeliveryState.HELD)
        assert len(peer.taken) + len(held) == 40
        assert 36 <= len(peer.taken) <= 38, "what came in the first 900 s, and not one more"
        assert {each.sop_instance for each in held}.isdisjoint(peer.taken)
        again = held[0]
        await site.spool.resume([again.id], PERSON)
        router.kick("pacs")
        await asyncio.sleep(400.0)
        assert peer.taken[-1] == again.sop_instance
        await router.stop(1.0)

    with_site(main, in_memory)
