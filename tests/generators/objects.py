"""Objects for a program: data sets and envelopes drawn from its literals and their boundaries.

Mixed with wild ones, with sequences between, repeated and misplaced elements, other VRs, blocks of
private elements that are not there or there twice, and character sets; `harmed` cuts and falsifies
encoded data sets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from roteiro.core.program import Encoding, Envelope, ValueType

from generators.charsets import CHARSETS, Encoder  # isort: skip
from generators.dice import SEEDS, Dice  # isort: skip
from generators.encode import Item, Raw, Series, encode  # isort: skip
from generators.fields import Attribute  # isort: skip
from generators.predicates import Use  # isort: skip
from generators.programs import Case  # isort: skip
from generators.spelled import FORMATS, neighbour, padded, values  # isort: skip

CHARSET, ZONE, PIXELS = 0x00080005, 0x00080201, 0x00280103
OFFSETS = (b"+0100 ", b"-0530 ", b"+0000\\-0100", b"x ", b"+1500", b"", b"+1400")
STATES = ("valued",) * 7 + ("absent",) * 2 + ("empty",) * 3 + ("invalid",) * 3


@dataclass(frozen=True)
class Object:
    """A data set before it is encoded, and its envelope."""

    elements: tuple[Raw, ...]
    envelope: Envelope

    def encoded(self, encoding: Encoding) -> bytes:
        return encode(self.elements, encoding)


@dataclass(frozen=True)
class Level:
    """How the data sets of an object are written."""

    encoder: Encoder
    zone: str
    tidy: bool
    depth: int = 0

    def inside(self, encoder: Encoder | None = None) -> "Level":
        return Level(encoder or self.encoder, self.zone, self.tidy, self.depth + 1)


def objects(case: Case, *, tidy: bool = False) -> st.SearchStrategy[Object]:
    """Draw an object for a program; a tidy one follows the standard."""
    return SEEDS.map(lambda seed: thing(Dice(seed), case, tidy=tidy))


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """Cut or falsify an encoded data set."""
    return SEEDS.map(lambda seed: harmed(Dice(seed), data))


def thing(dice: Dice, case: Case, *, tidy: bool = False) -> Object:
    """Make an object for a program."""
    charset = dice.choice([b"ISO_IR 192"] * 4 + [*CHARSETS])
    level = Level(CHARSETS[charset], case.zone, tidy)
    found = data_set(dice, case.uses, level)
    if charset or dice.one(2):
        found[CHARSET] = Raw(CHARSET, "CS", padded(charset, b" "))
    return Object(ordered(dice, found, tidy=tidy), envelope(dice, case))


def ordered(dice: Dice, found: dict[int, Raw], *, tidy: bool) -> tuple[Raw, ...]:
    """Put elements in order; now and then one is repeated where it does not belong."""
    raws = [found[tag] for tag in sorted(found)]
    if not tidy and raws and dice.one(14):
        raws.insert(dice.upto(len(raws)), dice.choice(raws))
    return tuple(raws)


def data_set(dice: Dice, uses: Iterable[Use], level: Level) -> dict[int, Raw]:
    """Make the elements of one level, by tag."""
    found: dict[int, Raw] = {}
    for use in uses:
        if use.attribute.tag:
            for raw in elements(dice, use, level):
                found[raw.tag] = raw
    if dice.one(3):
        choices = [b"\0\0", b"\1\0", b"\1\0", b"", b"\1"][: 3 if level.tidy else 5]
        found[PIXELS] = Raw(PIXELS, "US", dice.choice(choices))
    if dice.one(6):
        found[ZONE] = Raw(ZONE, "SH", padded(dice.choice(OFFSETS), b" "))
    for raw in [filler(dice) for _ in range(dice.upto(2))]:
        found.setdefault(raw.tag, raw)
    return found


# Elements -----------------------------------------------------------------------------------------


def elements(dice: Dice, use: Use, level: Level) -> Iterable[Raw]:
    """Make the element of a field: of a repeating one several, of a private one with its block."""
    attribute = use.attribute
    if attribute.repeating:
        for group in dice.some(range(16), 1, 2):
            yield from element(dice, use, attribute.tag + (group << 17), level)
    elif attribute.creator:
        yield from private(dice, use, level)
    else:
        yield from element(dice, use, attribute.tag, level)


def private(dice: Dice, use: Use, level: Level) -> Iterable[Raw]:
    """Make a private element in the block of its creator, or in one of two, or in none."""
    attribute = use.attribute
    group, low = attribute.tag & 0xFFFF0000, attribute.tag & 0xFF
    first = 0x10 if attribute.creator.isascii() else 0x20
    blocks = [first] if dice.one(2, 3) else [first, first + 1]
    creator = padded(level.encoder(attribute.creator), b" ")
    for block in blocks:
        if level.tidy or not dice.one(12):
            yield Raw(group | block, "LO", creator)
        if len(blocks) == 1 or dice.one(2):
            yield from element(dice, use, group | block << 8 | low, level)


def element(dice: Dice, use: Use, tag: int, level: Level) -> Iterable[Raw]:
    """Make an element in one of the states; valued most of the time."""
    state = dice.choice(STATES)
    if state == "absent":
        return
    vr = dice.choice(use.attribute.vr.split(" or "))
    if state == "empty":
        yield Raw(tag, vr, nothing(dice, vr))
    elif state == "invalid" and not level.tidy:
        yield invalid(dice, use.attribute, tag, vr)
    elif vr == "SQ":
        sent = "SQ" if level.tidy else dice.choice(["SQ"] * 5 + ["UN"])
        yield Raw(tag, sent, items(dice, use, level))
    else:
        sent = vr if level.tidy or not dice.one(10) else dice.choice(["UN", "UN", "UT"])
        yield Raw(tag, sent, value(dice, use, vr, level))


def nothing(dice: Dice, vr: str) -> bytes | Series:
    """Give what is there without a value."""
    if vr == "SQ":
        return dice.choice([Series(defined=False), b""])
    blanks = [b"", b""] + ([b"  ", b"\\ ", b"\0\0"] if vr not in {*FORMATS, "AT"} else [])
    return dice.choice(blanks)


def invalid(dice: Dice, attribute: Attribute, tag: int, vr: str) -> Raw:
    """Make what is likely to be no value; of text it is a VR that is no text."""
    wild = dice.randbytes(dice.randint(1, 9))
    if attribute.kind in {ValueType.TEXT, ValueType.NAME} or vr in {"SQ", "OB", "OW", "UN"}:
        return Raw(tag, dice.choice(["OB", "US", "DA", "ZZ", "SQ"]), wild)
    bad = [b"bad", b"1.2.", b"20261301", b"2500", b"1 2", b"5\\x", b"12345", b"0000", b"1X"]
    return Raw(tag, vr, dice.choice([*bad, wild, wild]))


def value(dice: Dice, use: Use, vr: str, level: Level) -> bytes:
    """Make a value."""
    if not use.literals:
        return dice.choice([b"\1\0", b"\1\0\2\0"])
    text = vr in {"SH", "LO", "UC", "ST", "LT", "UT", "PN"}
    plain = CHARSETS[b"ISO_IR 192"]
    return values(dice, use, vr, level.encoder if text else plain, level.zone)


def items(dice: Dice, use: Use, level: Level) -> Series:
    """Make the items of a sequence; one may have a character set of its own."""
    made = []
    for _ in range(dice.choice([1, 1, 2, 2, 3])):
        charset = dice.choice([*CHARSETS]) if dice.one(6) else None
        inside = level.inside(None if charset is None else CHARSETS[charset])
        found = data_set(dice, use.inner, inside)
        if charset is not None:
            found[CHARSET] = Raw(CHARSET, "CS", padded(charset, b" "))
        made.append(Item(ordered(dice, found, tidy=level.tidy), dice.one(2)))
    return Series(tuple(made), dice.one(2))


FILLERS = (0x00080009, 0x00081115, 0x00091001, 0x00400276, 0x7FE10010)


def filler(dice: Dice, depth: int = 2) -> Raw:
    """Make an element that no program reads: plain, a sequence, or private."""
    tag = dice.choice(FILLERS)
    kind = dice.choice(["plain", "sequence", "sequence", "unknown"])
    if kind == "plain" or depth == 0:
        vr = dice.choice(["LO", "UT", "OB", "UN", "US"])
        return Raw(tag, vr, dice.randbytes(dice.upto(6)))
    made = []
    for _ in range(dice.upto(2)):
        inner = tuple(filler(dice, depth - 1) for _ in range(dice.upto(2)))
        made.append(Item(inner, dice.one(2)))
    return Raw(tag, "UN" if kind == "unknown" else "SQ", Series(tuple(made), dice.one(2)))


# Envelopes ----------------------------------------------------------------------------------------


def envelope(dice: Dice, case: Case) -> Envelope:
    """Make an envelope; what the program does not read is there sometimes."""
    members: dict[str, object] = {"calling_ae": dice.choice([None, "CT1"]), "at": at(dice, case)}
    for use in case.uses:
        if use.attribute.tag == 0:
            members[use.attribute.member] = member(dice, use)
    return Envelope(**members)  # type: ignore[arg-type]


def member(dice: Dice, use: Use) -> str | int | None:
    """Make a member of the envelope."""
    near = neighbour(dice, dice.choice(use.literals), use.kind)
    state = dice.choice(["valued"] * 6 + ["absent", "empty", "empty"] + ["invalid"] * 2)
    if state == "absent":
        return None
    if use.kind is ValueType.DECIMAL:
        return abs(int(Decimal(near)))
    return {"valued": near, "empty": dice.choice(["", "  "]), "invalid": "1..x"}[state]


DAYS = ((2026, 3, 8), (2026, 3, 29), (2026, 10, 25), (2026, 11, 1), (2026, 1, 5), (2024, 2, 29))
EDGES = ((0, 0), (1, 0), (2, 0), (6, 0), (8, 0), (18, 30), (22, 0), (23, 30))


def at(dice: Dice, case: Case) -> int | None:
    """Make an instant: an edge of a schedule or a change of the clocks, or just beside one."""
    if dice.one(10):
        return dice.choice([None, 0, 10**18, -(10**18), -(10**19)])
    local = datetime(*dice.choice(DAYS), *dice.choice(EDGES), tzinfo=ZoneInfo(case.zone))
    moment = local + timedelta(days=dice.upto(6), microseconds=dice.choice([0, 0, -1, 1]))
    moment = moment.replace(fold=dice.upto(1))
    return round(moment.timestamp() * 1_000_000)


# Damage -------------------------------------------------------------------------------------------


def harmed(dice: Dice, data: bytes) -> bytes:
    """Cut or falsify an encoded data set."""
    kind = dice.choice(["cut", "flip", "length", "insert"])
    place = dice.upto(max(len(data) - 1, 0))
    if kind == "cut" or not data:
        return data[:place]
    if kind == "insert":
        return data[:place] + dice.randbytes(dice.randint(1, 8)) + data[place:]
    lies = [b"\xff\xff\xff\xff", b"\xff\xff", b"\0\0\0\0", b"\1\0", b"\xfe\xff\x0d\xe0"]
    new = dice.choice(lies) if kind == "length" else dice.randbytes(dice.randint(1, 2))
    return data[:place] + new + data[place + len(new) :]
