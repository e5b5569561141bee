"""Values as senders write them: literals, what lies beside them, and every spelling of both."""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from zoneinfo import ZoneInfo

from roteiro.core.program import ValueType

from generators.charsets import Encoder  # isort: skip
from generators.dice import Dice  # isort: skip
from generators.predicates import Use  # isort: skip

FORMATS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
KIND = ValueType


def values(dice: Dice, use: Use, vr: str, encoder: Encoder, zone: str) -> bytes:
    """Write one to three literals, or their neighbours, as a VR has them."""
    count = dice.choice([1, 1, 2, 2, 3]) if use.attribute.most > 1 or dice.one(6) else 1
    near = [neighbour(dice, dice.choice(use.literals), use.kind) for _ in range(count)]
    if vr in FORMATS:
        return b"".join(packed(value, vr) for value in near)
    if vr == "AT":
        return b"".join(map(tag_of, near))
    written = [spelling(dice, value, use.kind, zone) for value in near]
    if dice.one(10):
        written.insert(dice.upto(len(written)), dice.choice(["", " "]))
    raw = b"\\".join(encoder(each) for each in written)
    return padded(raw, b"\0" if vr == "UI" else dice.choice([b" ", b" ", b"\0", b""]))


def padded(raw: bytes, padding: bytes) -> bytes:
    return raw + padding * (len(raw) % 2)


def packed(value: str, vr: str) -> bytes:
    """Pack a number into a binary VR, or what of it fits."""
    number = Decimal(value)
    letter = FORMATS[vr]
    if vr in {"FL", "FD"}:
        return struct.pack(f"<{letter}", float(number))
    size = struct.calcsize(f"<{letter}")
    return (int(number) % 2 ** (8 * size)).to_bytes(size, "little")


def tag_of(value: str) -> bytes:
    group, element = value.strip("()").split(",")
    return struct.pack("<HH", int(group, 16), int(element, 16))


# Neighbours ---------------------------------------------------------------------------------------


def neighbour(dice: Dice, value: str, kind: ValueType) -> str:
    """Give a literal itself, or what lies just beside it."""
    return dice.choice([value, value, *NEIGHBOURS[kind](value)])


def near_text(value: str) -> list[str]:
    return [value, f"{value}x", f"x{value}", value[:-1], value[1:], value.swapcase()]


def near_number(value: str) -> list[str]:
    number = Decimal(value)
    return [str(number + step) for step in (1, -1, Decimal("0.5"), Decimal("-0.001"))]


def near_date(value: str) -> list[str]:
    day = date.fromisoformat(value)
    return [(day + timedelta(days=step)).isoformat() for step in (1, -1, 366)]


def near_time(value: str) -> list[str]:
    hours = value[:2]
    return [f"{hours}:00", f"{hours}:59:60", f"{hours}:30:00.000001", "12:00", "22:00:30.500001"]


def near_uid(value: str) -> list[str]:
    return [f"{value}.1", value.rpartition(".")[0], value.replace("2", "02", 1), "1"]


def near_address(value: str) -> list[str]:
    address = ip_address(value)
    mapped = f"::ffff:{value}" if address.version == 4 else value
    return [str(address + 1), str(address - 1), mapped]


def near_instant(value: str) -> list[str]:
    moment = datetime.fromisoformat(value)
    if moment.year < 2:
        return ["0001-01-01T00:00:00.000001+00:00", "0002-01-01T00:00:00-14:00"]
    steps = (timedelta(microseconds=1), timedelta(seconds=-1), timedelta(hours=1))
    return [(moment + step).isoformat() for step in steps]


def near_age(value: str) -> list[str]:
    number, unit = int(value[:-1]), value[-1]
    return [f"{number + 1}{unit}", f"{max(number - 1, 0)}{unit}", f"{number}D", "12M", "1Y", "14D"]


def near_name(value: str) -> list[str]:
    groups = value.split("=")
    first = f"{groups[0]}^x" if groups[0] else "x"
    return [
        value.swapcase(),
        f"{groups[0]}=\u5c71\u7530^\u592a\u90ce",
        "=".join([first, *groups[1:]]),
        groups[0].partition("^")[0] or "^x",
        f"{value}^^",
        value.replace("^", " ^ "),
        f"Muster^{groups[0]}=x^{groups[-1]}",
    ]


def near_tag(value: str) -> list[str]:
    return [value, "(0010,0021)", "(1063,0018)"]


NEIGHBOURS: dict[ValueType, Callable[[str], list[str]]] = {
    KIND.TEXT: near_text,
    KIND.DECIMAL: near_number,
    KIND.DATE: near_date,
    KIND.TIME: near_time,
    KIND.UID: near_uid,
    KIND.ADDRESS: near_address,
    KIND.INSTANT: near_instant,
    KIND.AGE: near_age,
    KIND.NAME: near_name,
    KIND.TAG: near_tag,
}


# Spellings ----------------------------------------------------------------------------------------


def spelling(dice: Dice, value: str, kind: ValueType, zone: str) -> str:
    """Give a way to write a value in a data set."""
    return dice.choice(spellings(value, kind, zone))


def spellings(value: str, kind: ValueType, zone: str) -> Sequence[str]:
    """Give the ways to write a value."""
    if kind is KIND.INSTANT:
        return moments(datetime.fromisoformat(value), zone)
    return WAYS.get(kind, lambda each: [each])(value)


def numbers(value: str) -> list[str]:
    ways = [value, f" {value} ", f"{value}e0", value.replace("0.", ".", 1)]
    plus = [] if value.startswith("-") else [f"+{value}"]
    return [*ways, *plus, value if "." in value else f"{value}."]


def times(value: str) -> list[str]:
    plain = value.replace(":", "")
    return [plain, value if value.count(":") == 2 else plain]


def texts(value: str) -> list[str]:
    return [value, value, f" {value}", f"{value} "]


WAYS: dict[ValueType, Callable[[str], list[str]]] = {
    KIND.DECIMAL: numbers,
    KIND.DATE: lambda value: [value.replace("-", ""), value.replace("-", ".")],
    KIND.TIME: times,
    KIND.AGE: lambda value: [value, value.rjust(4, "0"), value, f"{value} "],
    KIND.TEXT: texts,
    KIND.NAME: texts,
}


def moments(moment: datetime, zone: str) -> list[str]:
    """Give the ways to write an instant: with an offset, and by the zone without one."""
    ways = [spelled_moment(moment) + moment.strftime("%z")]
    if moment.year < 3:
        return ways
    for there in (UTC, ZoneInfo("America/New_York")):
        local = moment.astimezone(there)
        ways.append(spelled_moment(local) + local.strftime("%z"))
    at_home = spelled_moment(moment.astimezone(ZoneInfo(zone)))
    return [*ways, at_home, at_home, at_home[:10], at_home[:4]]


def spelled_moment(moment: datetime) -> str:
    digits = moment.strftime("%m%d%H%M%S")
    fraction = f".{moment.microsecond:06d}" if moment.microsecond else ""
    return f"{moment.year:04d}{digits}{fraction}"
