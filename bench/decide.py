"""What does each kind of test cost? `bench.core` asks for whole sets of rules.

One test of its kind stands beside the equality of Modality, on 1,000 different CT headers of 250
elements in explicit little endian, whose sequence has three items and that have a private block.
Nanoseconds of `Matcher.decide`, called from Python, reading included.

Run: `python -m bench.decide [SECONDS]`
"""

import random
import struct
import sys
import time
from decimal import Decimal
from functools import partial

from bench import headers
from roteiro.core import Matcher, build
from roteiro.core.program import (
    Among,
    Chars,
    Conjunction,
    Deliver,
    Encoding,
    Envelope,
    Field,
    Holds,
    Inside,
    Interval,
    Matches,
    Pattern,
    PatternKind,
    Program,
    Repeat,
    Rule,
    Sequence,
    Some,
    SomeItem,
    Source,
    Step,
    Table,
    Test,
    ValueType,
    View,
)

HEADERS = 1000
ELEMENT = Source.ELEMENT
MODALITY = Field(ELEMENT, ValueType.TEXT, 0x00080060, "CS", "Modality")
MODALITIES = ("CT", "MR", "DX", "US", "PT", "XA", "NM", "SR")
PARTS = ("CHEST", "HEAD", "ABDOMEN", "PELVIS", "KNEE", "SPINE", "LUNG", "NECK")


element = partial(headers.element, explicit=True)


def item(rng: random.Random) -> bytes:
    """Give one item that refers to an image."""
    body: headers.Found = {
        0x00081150: ("UI", b"1.2.840.10008.5.1.4.1.1.%d" % rng.randint(1, 9)),
        0x00081155: ("UI", b"1.2.3.%d" % rng.randint(10**9, 10**10)),
    }
    return headers.items(body, explicit=True)


def header(rng: random.Random) -> bytes:
    """Give one CT header: the tested tags among others, a sequence, pixel data."""
    found = {
        0x00080005: ("CS", b"ISO_IR 100"),
        0x00080016: ("UI", b"1.2.840.10008.5.1.4.1.1.2"),
        0x00080020: ("DA", b"2026%02d%02d" % (rng.randint(1, 12), rng.randint(1, 28))),
        0x00080030: ("TM", b"%02d%02d%02d" % (rng.randint(0, 23), 30, rng.randint(0, 59))),
        0x00080060: ("CS", rng.choice(MODALITIES).encode()),
        0x00080070: ("LO", b"SCANNERS LTD"),
        0x00081010: ("SH", b"STATION%d" % rng.randint(0, 2000)),
        0x00081030: ("LO", b"THORAX ROUTINE %d" % rng.randint(0, 50)),
        0x00080201: ("SH", b"+0100"),
        0x0008002A: ("DT", b"202603021400%02d" % rng.randint(0, 59)),
        0x00081140: ("SQ", b"".join(item(rng) for _ in range(3))),
        0x00100010: ("PN", b"Muster^Max %d" % rng.randint(0, 1000)),
        0x00101010: ("AS", b"%03dY" % rng.randint(1, 90)),
        0x00190010: ("LO", b"ACME"),
        0x0019100C: ("IS", b"%d" % rng.randint(900, 1100)),
        0x00200009: ("AT", struct.pack("<HH", 0x0010, 0x0010)),
        0x00180015: ("CS", rng.choice(PARTS).encode()),
        0x00180050: ("DS", b"%.2f" % rng.uniform(0.5, 5)),
        0x00180060: ("DS", b"%d" % rng.choice((80, 100, 120, 140))),
        0x00200013: ("IS", b"%d" % rng.randint(1, 400)),
        0x00280010: ("US", struct.pack("<H", 512)),
    }
    for place in range(250 - len(found) - 1):
        group, number = divmod(place, 60)
        found.setdefault((0x0009 + 8 * group) << 16 | 0x1001 + number, ("LO", b"value %d" % place))
    elements = [element(tag, *found[tag]) for tag in sorted(found)]
    return b"".join(elements) + element(0x7FE00010, "OW", bytes(1024))


def word(text: str) -> Sequence:
    return Sequence(tuple(Chars(((ord(sign), ord(sign)),)) for sign in text))


def inside(*asked: tuple[Field, Test]) -> Inside:
    fields, tests = zip(*asked, strict=True)
    return Inside(fields, tests, Conjunction(tuple(map(Holds, range(len(tests))))))


IMAGES = Field(ELEMENT, ValueType.SEQUENCE, 0x00081140, "SQ")
CLASS = Field(ELEMENT, ValueType.UID, 0x00081150, "UI")
INSTANCE = Field(ELEMENT, ValueType.UID, 0x00081155, "UI")
STUDY = Field(ELEMENT, ValueType.TEXT, 0x00081030, "LO")
DIGITS = Repeat(Chars(((48, 57),)), 1, None)
KINDS: dict[str, tuple[Field, Test]] = {
    "== (for comparison)": (STUDY, Some(1, Among(("THORAX ROUTINE 7",)))),
    'contains i"..."': (STUDY, Some(1, Pattern(PatternKind.CONTAINS, (), ("routine",)))),
    'in { i"...", i"..." }': (STUDY, Some(1, Among((), (), ("thorax routine 7", "head")))),
    "matches": (STUDY, Some(1, Matches((Sequence((word("THORAX ROUTINE "), DIGITS)),)))),
    "private, number": (
        Field(ELEMENT, ValueType.DECIMAL, 0x0019000C, "DS", creator="ACME"),
        Some(1, Among((), (Interval(Decimal(1000), None),))),
    ),
    "has (UID == ...)": (
        IMAGES,
        SomeItem(1, inside((CLASS, Some(0, Among(("1.2.840.10008.5.1.4.1.1.2",)))))),
    ),
    "has (two tests)": (
        IMAGES,
        SomeItem(
            1,
            inside(
                (CLASS, Some(0, Among(("1.2.840.10008.5.1.4.1.1.2",)))),
                (INSTANCE, Some(1, Pattern(PatternKind.UNDER, ("1.2.3",)))),
            ),
        ),
    ),
    "S[2].A": (
        Field(ELEMENT, ValueType.UID, 0x00081150, "UI", steps=(Step(0x00081140, 2),)),
        Some(1, Among(("1.2.840.10008.5.1.4.1.1.2",))),
    ),
    "count(S)": (
        Field(ELEMENT, ValueType.DECIMAL, 0x00081140, "SQ", view=View.COUNT),
        Some(1, Among((), (Interval(Decimal(3), None),))),
    ),
    "A[2]": (
        Field(ELEMENT, ValueType.TEXT, 0x00081030, "LO", position=2),
        Some(1, Among(("THORAX",))),
    ),
    "person name": (
        Field(ELEMENT, ValueType.NAME, 0x00100010, "PN"),
        Some(1, Among((), (), ("muster^max 7",))),
    ),
    "family name": (
        Field(ELEMENT, ValueType.TEXT, 0x00100010, "PN", component="alphabetic.family"),
        Some(1, Among((), (), ("muster",))),
    ),
    "age": (
        Field(ELEMENT, ValueType.AGE, 0x00101010, "AS"),
        Some(1, Among((), (Interval(None, 18 * 5844),))),
    ),
    "instant": (
        Field(ELEMENT, ValueType.INSTANT, 0x0008002A, "DT"),
        Some(1, Among((), (Interval(1_772_000_000_000_000, None),))),
    ),
    "days since": (
        Field(ELEMENT, ValueType.DECIMAL, 0x00080020, "DA", view=View.DAYS_SINCE),
        Some(1, Among((), (Interval(None, Decimal(30)),))),
    ),
    "clock": (
        Field(Source.CLOCK, ValueType.DECIMAL, name="local"),
        Some(1, Among((), (Interval(Decimal(0), Decimal(432_000_000_000)),))),
    ),
}


def of_kind(field: Field, test: Test) -> Program:
    """Give a program of two tests, the second of some kind."""
    tests = (Some(0, Among(("CT",))), test)
    rules = tuple(
        Rule(f"t.{number}", Holds(number), (Deliver(f"d{number}"),)) for number in range(2)
    )
    table = Table("t", first=False, rules=rules, otherwise=(Deliver("rest"),))
    return Program((MODALITY, field), tests, None, (table,), "sha256:bench")


def nanoseconds(matcher: Matcher, made: list[bytes], seconds: float) -> float:
    """Give the mean time of one decision, of the round that was disturbed least."""
    envelope = Envelope(calling_ae="CT7", at=1_772_467_200_000_000)
    rounds = []
    end = time.perf_counter() + seconds
    while not rounds or time.perf_counter() < end:
        begin = time.perf_counter_ns()
        for data in made:
            matcher.decide(data, Encoding.EXPLICIT_LITTLE, envelope)
        rounds.append((time.perf_counter_ns() - begin) / len(made))
    return min(rounds)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    rng = random.Random(1)
    made = [header(rng) for _ in range(HEADERS)]
    print(f"{'kind of test':<24} {'ns/decision':>12}")
    for name, (field, test) in KINDS.items():
        taken = nanoseconds(build(of_kind(field, test)), made, seconds / len(KINDS))
        print(f"{name:<24} {taken:>12.0f}")


if __name__ == "__main__":
    main()
