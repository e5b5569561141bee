"""Any order of events, restarts and kills against a model that fits on a page."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from roteiro.core.program import Decision, Drop, Hold
from roteiro.runtime.spool.contract import Act, Delivery, DeliveryState, Slot
from roteiro.runtime.spool.store import FileSpool
from tests.spool.conftest import MEMORY
from tests.spool.disks import Watched
from tests.spool.samples import (
    DROP,
    HOLD,
    NOTHING,
    commit,
    content,
    fetch,
    record,
    route,
)
from tests.virtual import VirtualLoop, virtual_world

Result = TypeVar("Result")
DECISIONS = (
    route("pacs"),
    route("pacs", "archive"),
    route("archive", holds=(Hold("quality", "no patient id"),)),
    HOLD,
    DROP,
    NOTHING,
)
WAITING, HELD, DONE = DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.DONE
DISCARDED, REPEATED = DeliveryState.DISCARDED, DeliveryState.REPEATED
GONE = Decision("drop", drop=Drop("not wanted"))


@dataclass(slots=True)
class Model:
    """What should be there of one object."""

    data: bytes
    decision: Decision
    instance: str
    states: dict[str, DeliveryState] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    holds: list[str] = field(default_factory=list)
    forgotten: bool = False
    """Whether it is gone and the index that knew it was lost."""

    @property
    def stays(self) -> bool:
        return bool(self.holds) or any(state.open for state in self.states.values())


def queues_of(decision: Decision) -> list[str]:
    one = [] if decision.hold is None else [decision.hold.queue]
    return one + [hold.queue for hold in decision.holds]


class SpoolMachine(RuleBasedStateMachine):
    slots = Bundle("slots")

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.loop = VirtualLoop()
        self.world = replace(virtual_world(self.loop), disk=Watched())
        self.lives = 0
        self.objects: dict[str, Model] = {}
        self.number = 0
        self.spool = self.start(self.root / "0")

    def run(self, what: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(what)

    def start(self, folder: Path) -> FileSpool:
        spool = FileSpool(folder, self.world)
        found = self.run(spool.recover())
        assert (found.damaged, found.missing) == (0, 0)
        self.folder = folder
        self.lives += 1
        return spool

    # -- arriving

    @rule(target=slots, pieces=st.lists(st.integers(0, 3000), max_size=3))
    def begin(self, pieces: list[int]) -> tuple[int, Slot, bytes]:
        slot, data = self.spool.begin(), b""
        for size in pieces:
            self.number += 1
            data += content(self.number, size)
            slot.write(content(self.number, size))
            assert slot.size == len(data)
        return self.lives, slot, data

    @rule(arrived=consumes(slots), decision=st.sampled_from(DECISIONS))
    def commit(self, arrived: tuple[int, Slot, bytes], decision: Decision) -> None:
        life, slot, data = arrived
        if life != self.lives:
            return
        self.number += 1
        what = record(decision, sop_instance=f"1.2.{self.number}")
        name, _ = self.run(commit(self.spool, slot, what))
        assert name not in self.objects
        self.objects[name] = self.arrived(data, decision, what.envelope.sop_instance or "")

    def arrived(self, data: bytes, decision: Decision, instance: str) -> Model:
        """Say what should be owed of an object, given those that are there."""
        twins = self.twins(data, instance)
        states = {
            send.to: REPEATED if self.spared(twins, send.to) else WAITING for send in decision.sends
        }
        holds = [
            queue
            for queue in queues_of(decision)
            if not any(queue in model.holds for model in twins)
        ]
        return Model(data, decision, instance, states, dict.fromkeys(states, 0), holds)

    def twins(self, data: bytes, instance: str) -> list[Model]:
        return [
            model
            for model in self.objects.values()
            if (model.data, model.instance) == (data, instance) and not model.forgotten
        ]

    def spared(self, twins: list[Model], to: str) -> bool:
        states = [model.states[to] for model in twins if to in model.states]
        return any(state.open or state is DONE for state in states)

    @rule(dice=st.integers(0, 50))
    def send_again(self, dice: int) -> None:
        """The same bytes of the same instance, as after a lost answer."""
        kept = [m for m in self.objects.values() if m.decision not in (DROP, NOTHING)]
        if not kept:
            return
        first = kept[dice % len(kept)]
        slot = self.spool.begin()
        slot.write(first.data)
        expected = self.arrived(first.data, first.decision, first.instance)
        again = record(first.decision, sop_instance=first.instance)
        name, met = self.run(commit(self.spool, slot, again))
        assert bool(met.same) is (not expected.stays)
        self.objects[name] = expected

    @rule(first=consumes(slots), second=consumes(slots), third=consumes(slots))
    def commit_together(self, first: Any, second: Any, third: Any) -> None:
        alive = [arrived for arrived in (first, second, third) if arrived[0] == self.lives]

        self.number += 1

        async def together() -> list[str]:
            commits = (
                slot.commit(record(route("pacs"), sop_instance=f"1.3.{self.number}.{place}"))
                for place, (_, slot, _) in enumerate(alive)
            )
            return await asyncio.gather(*commits)

        names = self.run(together())
        for place, ((_, _, data), name) in enumerate(zip(alive, names, strict=True)):
            instance = f"1.3.{self.number}.{place}"
            self.objects[name] = self.arrived(data, route("pacs"), instance)

    @rule(arrived=consumes(slots))
    def abort(self, arrived: tuple[int, Slot, bytes]) -> None:
        if arrived[0] == self.lives:
            arrived[1].abort()

    # -- leaving

    def pick(self, dice: int) -> tuple[Delivery, Model] | None:
        there = [item for item in self.spool.deliveries() if item.state is not DONE]
        if not there:
            return None
        delivery = there[dice % len(there)]
        return delivery, self.objects[delivery.object]

    @rule(dice=st.integers(0, 50))
    def done(self, dice: int) -> None:
        if picked := self.pick(dice):
            delivery, model = picked
            self.run(self.spool.done(delivery.id, "0000"))
            model.states[delivery.to] = DONE

    @rule(dice=st.integers(0, 50))
    def failed(self, dice: int) -> None:
        if picked := self.pick(dice):
            delivery, model = picked
            self.run(self.spool.failed(delivery.id, "no answer"))
            model.attempts[delivery.to] += 1

    @rule(dice=st.integers(0, 50))
    def hold(self, dice: int) -> None:
        if picked := self.pick(dice):
            delivery, model = picked
            self.run(self.spool.hold(delivery.id, "status 0122"))
            model.states[delivery.to] = HELD

    # -- persons

    def act(self) -> Act:
        return Act("uid 7", self.world.clock.now(), "asked to")

    @rule(dice=st.integers(0, 50), verb=st.sampled_from(["stop", "resume", "discard"]))
    def person(self, dice: int, verb: str) -> None:
        if picked := self.pick(dice):
            delivery, model = picked
            before = {"stop": {WAITING}, "resume": {HELD}, "discard": {WAITING, HELD}}[verb]
            after = {"stop": HELD, "resume": WAITING, "discard": DISCARDED}[verb]
            changed = self.run(getattr(self.spool, verb)([delivery.id], self.act()))
            assert bool(changed) is (model.states[delivery.to] in before)
            if changed:
                model.states[delivery.to] = after

    @rule(dice=st.integers(0, 50), decision=st.sampled_from([route("pacs"), GONE]))
    def rule_again(self, dice: int, decision: Decision) -> None:
        names = [name for name, model in self.objects.items() if model.holds]
        if not names:
            return
        name = names[dice % len(names)]
        model = self.objects[name]
        others = [m for m in self.twins(model.data, model.instance) if m is not model]
        ruled = self.run(self.spool.rule({name: decision}, "sha256:x", self.act()))
        assert list(ruled) == [name]
        model.holds = []
        own = model.states.get("pacs")
        if decision is not GONE and (own is None or not (own.open or own is DONE)):
            model.states["pacs"] = REPEATED if self.spared(others, "pacs") else WAITING
            model.attempts["pacs"] = 0

    @rule()
    def the_ledger_adds_up(self) -> None:
        assert self.run(self.spool.ledger()).wrong == ()

    @rule()
    def a_while_passes(self) -> None:
        self.run(asyncio.sleep(2.0))
        kept = {path.name for path in (self.folder / "objects").glob("*/*")}
        assert kept == {name for name, model in self.objects.items() if model.stays}

    # -- ending

    @rule(lose_index=st.booleans())
    def restart(self, lose_index: bool) -> None:
        self.run(self.spool.close())
        if lose_index:
            shutil.rmtree(self.folder / "index")
            for model in self.objects.values():  # attempts are in the index only
                model.attempts = dict.fromkeys(model.attempts, 0)
                model.forgotten = not model.stays and DISCARDED not in model.states.values()
        self.spool = self.start(self.folder)

    @rule()
    def kill(self) -> None:
        """Go on with a copy of what a process leaves that ends here."""
        image = self.root / str(self.lives)
        shutil.copytree(self.folder, image)
        self.run(self.spool.close())
        shutil.rmtree(self.folder)
        self.spool = self.start(image)

    @invariant()
    def all_is_where_it_belongs(self) -> None:
        for to in ("pacs", "archive"):
            owed = {(item.object, item.attempts) for item in self.spool.owed(to, 999)}
            assert owed == {
                (name, model.attempts[to])
                for name, model in self.objects.items()
                if model.states.get(to) is WAITING
            }
        held = {(item.object, item.to) for item in self.spool.deliveries(state=HELD)}
        assert held == {
            (name, to)
            for name, model in self.objects.items()
            for to, state in model.states.items()
            if state is HELD
        }
        queued = sorted((item.object, item.queue) for item in self.spool.held())
        assert queued == sorted(
            (name, queue) for name, model in self.objects.items() for queue in model.holds
        )

    @invariant()
    def all_bytes_are_there(self) -> None:
        for name, model in self.objects.items():
            if model.stays:
                assert self.run(fetch(self.spool, name)) == model.data

    @invariant()
    def backlog_adds_up(self) -> None:
        for to, backlog in self.spool.destinations().items():
            models = [model for model in self.objects.values() if to in model.states]
            waiting = [model for model in models if model.states[to] is WAITING]
            assert backlog.waiting == len(waiting)
            assert backlog.waiting_bytes == sum(len(model.data) for model in waiting)
            assert backlog.held == sum(model.states[to] is HELD for model in models)

    def teardown(self) -> None:
        assert self.run(self.spool.ledger()).wrong == ()
        self.run(self.spool.close())
        self.loop.close()
        shutil.rmtree(self.root)


TestSpool = SpoolMachine.TestCase
TestSpool.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
