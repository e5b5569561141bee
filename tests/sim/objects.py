"""The objects that simulated scanners send, and what a reader of the rules would say of each."""

import hashlib
import random
import struct
from dataclasses import dataclass

from roteiro.lang.check import check
from roteiro.lang.parser import parse
from roteiro.lang.settings import Settings
from roteiro.lang.source import Source
from roteiro.runtime.intake import Ruling, ruling_of
from roteiro.runtime.programs import served_of
from tests.e2e.wire import CT, EXPLICIT

ARCHIVE, READING, RESEARCH = "archive", "reading", "research"
NODES = (ARCHIVE, READING, RESEARCH)

RULES = """language 1
router {{ ae = "ROTEIRO" }}
listener scanners {{ port = 11112 }}
node ct1 {{ ae = "CT1" host = "ct1.example" may = {{ store, echo }} }}
node mr1 {{ ae = "MR1" host = "mr1.example" may = {{ store, echo }} }}
{nodes}
guard {{
  rule lost {{ when StationName == "LOST" hold quarantine "nobody knows whose" }}
  rule phantom {{ when StationName == "PHANTOM" drop "a phantom" }}
  rule never {{ when StationName == "NEVER" refuse 0x0124 "not from there" }}
  otherwise {{ pass }}
}}
table routing first {{
  rule ct {{ when Modality == "CT" {ct} }}
  rule mr {{ when Modality == "MR" {mr} }}
  rule us {{ when Modality == "US" {us} }}
  otherwise {{ hold leftover "no rule fires" }}
}}
"""
NODE = 'node {name} {{ ae = "{ae}" host = "{name}.example" port = {port} associations = {count} }}'


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in force, compiled."""

    name: str
    settings: Settings
    ruling: Ruling
    owed: dict[str, tuple[str, ...]]
    """Modality to the nodes that an object of it is owed to."""


@dataclass(frozen=True, slots=True)
class Image:
    """One object as it is sent."""

    uid: str
    data: bytes
    modality: str
    station: str

    @property
    def digest(self) -> str:
        return digest_of(self.data)

    @property
    def fate(self) -> str:
        """What the guard does with it: `hold`, `drop`, `refuse`, or nothing."""
        return {"LOST": "hold", "PHANTOM": "drop", "NEVER": "refuse"}.get(self.station, "")


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def rules(name: str, nodes: tuple[str, ...], owed: dict[str, tuple[str, ...]], port: int) -> Rules:
    """Compile one set of rules."""
    lines = "\n".join(
        NODE.format(name=node, ae=node.upper(), port=port, count=2 if node == ARCHIVE else 1)
        for node in nodes
    )
    sends = {key.lower(): f"send to {', '.join(to)}" for key, to in owed.items()}
    sends["us"] += " urgency stat"
    source = Source(f"{name}.route", RULES.format(nodes=lines, **sends))
    file, found = parse(source)
    assert file is not None, found
    typed, more = check(file, source)
    assert typed is not None, more
    assert not typed.settings.uncarried, typed.settings.uncarried
    return Rules(name, typed.settings, ruling_of(served_of(typed)), owed)


ALL = {"CT": (ARCHIVE, READING), "MR": (ARCHIVE,), "US": (READING, RESEARCH)}
OTHER = {"CT": (ARCHIVE,), "MR": (ARCHIVE, READING), "US": (READING,)}


def all_rules() -> tuple[Rules, ...]:
    """Give the rules of every day first, then others that a reload may bring."""
    return (
        rules("everyday", NODES, ALL, 104),
        rules("without_research", (ARCHIVE, READING), OTHER, 104),
        rules("elsewhere", NODES, ALL, 11104),
    )


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    value += (b"\0" if vr in {b"UI", b"OB"} else b" ") * (len(value) % 2)
    if vr == b"OB":
        return struct.pack("<HH2sHI", group, number, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def image(dice: random.Random, number: int, *, large: float = 0.02) -> Image:
    """Make an object; most are small, few are several PDUs long."""
    uid = f"1.2.826.0.1.3680043.8.498.{number}"
    modality = dice.choice(("CT", "CT", "MR", "MR", "US", "XA"))
    station = dice.choice(("A", "B", "C", "D", "E", "F", "LOST", "PHANTOM", "NEVER"))
    size = dice.randrange(100_000, 400_000) if dice.random() < large else dice.randrange(20, 1500)
    data = b"".join(
        (
            element(8, 0x16, b"UI", CT.encode()),
            element(8, 0x18, b"UI", uid.encode()),
            element(8, 0x60, b"CS", modality.encode()),
            element(8, 0x1010, b"SH", station.encode()),
            element(0x10, 0x20, b"LO", f"P{number}".encode()),
            element(0x7FE0, 0x10, b"OB", dice.randbytes(size)),
        )
    )
    return Image(uid, data, modality, station)


SYNTAX = EXPLICIT
SOP_CLASS = CT
