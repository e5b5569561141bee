"""Other rules while objects arrive: each is decided by one set of rules, that under which it began.

Receptions of one listener in any interleaving with reloads; every decision is held against the
reference interpreter on the rules that were in force when the reception began.
"""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from roteiro.core.program import Encoding, Envelope
from roteiro.lang.reference import Reference
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed
from roteiro.runtime.intake import Desk, ObjectReception, RouterIntake, Ruling, ruling_of
from roteiro.runtime.programs import served_of
from roteiro.runtime.sources import examine
from roteiro.runtime.spool.contract import Entered, Meeting, Record, Spool
from roteiro.runtime.world import Clock

HEAD = """language 1
listener main { port = 11112 }
node east { ae = "EAST" host = "127.0.0.1" port = 104 }
node west { ae = "WEST" host = "127.0.0.1" port = 105 }
"""
VERSIONS = (
    'table t all { rule ct { when Modality == "CT" send to east } }\n',
    'table t all { rule ct { when Modality == "CT" send to west } rule id { when PatientID == "P2"'
    " send to east } }\n",
    'guard { rule ct { when Modality == "CT" drop "no more" } otherwise { pass } }\n'
    "table t first { otherwise { send to west } }\n",
    "table t all { rule large { when instance.size > 5000 send to east, west } }\n",
)
ENVELOPE = Envelope(
    calling_ae="CT1",
    called_ae="ROTEIRO",
    peer="127.0.0.1",
    listener="main",
    transfer_syntax="1.2.840.10008.1.2.1",
    sop_class="1.2.840.10008.5.1.4.1.1.2",
    sop_instance="1.2.3",
)


@dataclass(frozen=True)
class Version:
    """Rules as text means them, and as the router has them."""

    typed: Typed
    ruling: Ruling


@cache
def version(number: int) -> Version:
    found = examine(Source("site.route", HEAD + VERSIONS[number]))
    assert found.typed is not None, found.findings
    return Version(found.typed, ruling_of(served_of(found.typed)))


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    value += b" " * (len(value) % 2)
    head = group.to_bytes(2, "little") + number.to_bytes(2, "little") + vr
    return head + len(value).to_bytes(2, "little") + value


@dataclass
class MemorySlot:
    """Keeps the data set, and the record that comes with it."""

    data: bytearray = field(default_factory=bytearray)
    record: Record | None = None

    @property
    def size(self) -> int:
        return len(self.data)

    def write(self, data: bytes) -> None:
        self.data += data

    @contextmanager
    def view(self) -> Any:
        yield memoryview(bytes(self.data))

    async def commit(self, record: Record, entered: Entered) -> str:
        self.record = record
        entered("object", Meeting())
        return "object"

    def abort(self) -> None:
        pass


class MemorySpool:
    def __init__(self) -> None:
        self.last = MemorySlot()

    def begin(self) -> MemorySlot:
        self.last = MemorySlot()
        return self.last


class StandingClock:
    def now(self) -> float:
        return 1.8e9


@dataclass
class Arriving:
    """An object on its way in."""

    reception: ObjectReception
    slot: MemorySlot
    began_under: int
    left: bytes


class Reloading(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.spool = MemorySpool()
        self.now = 0
        self.arriving: list[Arriving] = []
        desk = Desk(
            cast("Spool", self.spool),
            cast("Clock", StandingClock()),
            lambda _: None,
            lambda _: None,
        )
        self.intake = RouterIntake(
            desk,
            lambda: version(self.now).ruling,
            lambda _: None,
            lambda: False,  # type: ignore[arg-type, return-value]
        )

    @rule(
        modality=st.sampled_from([b"CT", b"MR"]),
        patient=st.sampled_from([b"P1", b"P2"]),
        filling=st.sampled_from([0, 3_000, 6_000]),
    )
    def begin(self, modality: bytes, patient: bytes, filling: int) -> None:
        data = element(0x0008, 0x0060, b"CS", modality) + element(0x0010, 0x0020, b"LO", patient)
        data += element(0x0028, 0x3006, b"OW", b"")[:6] + b"\0\0" + filling.to_bytes(4, "little")
        reception = self.intake.begin(ENVELOPE)
        self.arriving.append(Arriving(reception, self.spool.last, self.now, data + bytes(filling)))

    @rule(which=st.integers(min_value=0), count=st.sampled_from([1, 20, 5_000]))
    def write(self, which: int, count: int) -> None:
        if self.arriving:
            each = self.arriving[which % len(self.arriving)]
            each.reception.write(each.left[:count])
            each.left = each.left[count:]

    @rule(which=st.integers(min_value=0))
    def finish(self, which: int) -> None:
        if not self.arriving:
            return
        each = self.arriving.pop(which % len(self.arriving))
        each.reception.write(each.left)
        assert asyncio.run(each.reception.finish()) == 0
        self.judge(each)

    def judge(self, each: Arriving) -> None:
        began = version(each.began_under)
        record = each.slot.record
        assert record is not None
        assert record.rule_set == began.typed.rule_set
        envelope = replace(record.envelope, size=each.slot.size)
        data = bytes(each.slot.data)
        wanted = Reference(began.typed).decide(data, Encoding.EXPLICIT_LITTLE, envelope)
        assert record.decision == wanted

    @rule(number=st.integers(min_value=0, max_value=len(VERSIONS) - 1))
    def reload(self, number: int) -> None:
        self.now = number

    @invariant()
    def what_arrives_keeps_its_rules(self) -> None:
        assert all(each.slot.record is None for each in self.arriving)


TestReloading = Reloading.TestCase
TestReloading.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
