"""Headers of CT and MR objects as scanners write them, each one different.

A CT header has 250 elements of the top level before its pixel data, three sequences among them, in
Explicit VR Little Endian; an MR header has 73, in Implicit. The last element that rules ask is
(0040,0275), so nearly all of a header is passed. Six in ten declare ISO_IR 100, three ISO_IR 192,
one no character set.
"""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

from bench.pools import Pools, pools
from roteiro.core.program import Encoding, Envelope
from roteiro.core.vrs import SHORT

SIZES = {"CT": 250, "MR": 73}
SYNTAXES = {"CT": Encoding.EXPLICIT_LITTLE, "MR": Encoding.IMPLICIT_LITTLE}
STORAGE = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4"}
NOON = 1_772_467_200_000_000
PIXELS = 0x7FE00010
CHARSETS = (("ISO_IR 100", "latin-1"),) * 6 + (("ISO_IR 192", "utf-8"),) * 3 + (("", "ascii"),)
# What fills a header up: VRs and lengths as they come in CT headers, in public and private groups.
FILL_GROUPS = (0x0009, 0x0011, 0x0018, 0x0019, 0x0021, 0x0028, 0x0029, 0x0031)
FILL: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    ("DS", lambda rng: b"%.4f" % rng.uniform(0, 900)),
    ("LO", lambda rng: b"value %d" % rng.randint(0, 10**6)),
    ("CS", lambda rng: rng.choice((b"YES", b"NO", b"HELICAL_CT"))),
    ("US", lambda rng: struct.pack("<H", rng.randint(0, 4096))),
    ("UI", lambda rng: b"1.3.12.2.1107.5.1.4.%d" % rng.randint(10**9, 10**12)),
    ("IS", lambda rng: b"%d" % rng.randint(0, 4000)),
    ("FD", lambda rng: struct.pack("<d", rng.random())),
    ("SH", lambda rng: b"%x" % rng.getrandbits(40)),
    ("TM", lambda rng: b"%06d.%06d" % (rng.randint(0, 235959), rng.randint(0, 999999))),
    ("OB", lambda rng: bytes(rng.choice((16, 64, 512)))),
    ("SL", lambda rng: struct.pack("<i", rng.randint(-1024, 3071))),
)

Found = dict[int, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One object: its data set, how that is encoded, what is known besides."""

    data: bytes
    encoding: Encoding
    envelope: Envelope
    elements: int


def element(tag: int, vr: str, value: bytes, *, explicit: bool) -> bytes:
    """Encode one element."""
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB") else b" "
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if not explicit:
        return head + struct.pack("<I", len(value)) + value
    if vr in SHORT:
        return head + vr.encode() + struct.pack("<H", len(value)) + value
    return head + vr.encode() + b"\0\0" + struct.pack("<I", len(value)) + value


def items(*bodies: Found, explicit: bool) -> bytes:
    """Encode items of defined length."""
    encoded = (
        b"".join(element(tag, *body[tag], explicit=explicit) for tag in sorted(body))
        for body in bodies
    )
    return b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(body)) + body for body in encoded)


def requests(rng: random.Random, *, explicit: bool) -> bytes:
    """Give the items of Request Attributes Sequence."""
    bodies: list[Found] = [
        {
            0x00400007: ("LO", b"step %d" % rng.randint(0, 99)),
            0x00400009: ("SH", b"P%d-%d" % (rng.randint(0, 99), rng.randint(0, 99))),
            0x00401001: ("SH", b"R%d" % rng.randint(0, 10**6)),
        }
        for _ in range(rng.choice((1, 1, 1, 2)))
    ]
    return items(*bodies, explicit=explicit)


def references(rng: random.Random, drawn: Pools, *, explicit: bool) -> bytes:
    """Give the items of Referenced Image Sequence."""
    bodies: list[Found] = [
        {
            0x00081150: ("UI", drawn.classes.draw(rng).encode()),
            0x00081155: ("UI", b"1.2.3.%d" % rng.randint(10**9, 10**10)),
        }
        for _ in range(rng.randint(1, 3))
    ]
    return items(*bodies, explicit=explicit)


def tested(rng: random.Random, modality: str, charset: tuple[str, str]) -> tuple[Found, str]:
    """Give the elements that rules ask, and the calling AE title."""
    drawn = pools()
    made = drawn.machines.draw(rng)
    explicit = SYNTAXES[modality] is Encoding.EXPLICIT_LITTLE

    def text(value: str) -> bytes:
        return value.encode(charset[1], "replace")

    found: Found = {
        0x00080008: ("CS", drawn.kinds.draw(rng).encode()),
        0x00080016: ("UI", STORAGE[modality].encode()),
        0x00080020: (
            "DA",
            b"20%02d%02d%02d" % (rng.randint(19, 26), rng.randint(1, 12), rng.randint(1, 28)),
        ),
        0x00080030: ("TM", b"%02d%02d%02d" % (rng.randint(0, 23), rng.randint(0, 59), 30)),
        0x00080060: ("CS", modality.encode()),
        0x00080070: ("LO", text(made.maker)),
        0x00080080: ("LO", text(made.institution)),
        0x00081010: ("SH", text(made.station)),
        0x00081030: ("LO", text(drawn.studies.draw(rng))),
        0x0008103E: ("LO", text(drawn.series.draw(rng))),
        0x00081040: ("LO", text(made.department)),
        0x00081090: ("LO", text(made.model)),
        0x00081140: ("SQ", references(rng, drawn, explicit=explicit)),
        0x00100020: ("LO", b"%02d-%06d" % (rng.randint(0, 99), rng.randint(0, 999999))),
        0x00101010: ("AS", b"%03dY" % rng.randint(1, 95)),
        0x00180015: ("CS", drawn.parts.draw(rng).encode()),
        0x00180050: ("DS", rng.choice((b"%.2f", b"%.1f", b"%.3f")) % rng.uniform(0.5, 10)),
        0x00180060: ("DS", b"%d" % drawn.voltages.draw(rng)),
        0x00200013: ("IS", b"%d" % rng.randint(1, 900)),
        0x00400254: ("LO", text(drawn.studies.draw(rng))),
        0x00400275: ("SQ", requests(rng, explicit=explicit)),
    }
    if charset[0]:
        found[0x00080005] = ("CS", charset[0].encode())
    return found, made.ae


def besides(rng: random.Random, found: Found, size: int, charset: tuple[str, str]) -> None:
    """Fill a header up to so many elements with what nobody asks."""
    found |= {
        0x00080018: ("UI", b"1.2.3.4.%d" % rng.getrandbits(60)),
        0x00080050: ("SH", b"A%d" % rng.randint(0, 10**7)),
        0x00080090: ("PN", "Muñoz^Ana".encode(charset[1], "replace")),
        0x00100010: ("PN", b"Muster^Max %d" % rng.randint(0, 10**4)),
        0x0020000D: ("UI", b"1.2.3.5.%d" % rng.getrandbits(60)),
        0x0020000E: ("UI", b"1.2.3.6.%d" % rng.getrandbits(60)),
        0x00280010: ("US", struct.pack("<H", 512)),
        0x00280011: ("US", struct.pack("<H", 512)),
        0x00400244: ("DA", b"20260302"),
    }
    place = 0
    while len(found) < size:
        group = FILL_GROUPS[place % len(FILL_GROUPS)]
        number = place // len(FILL_GROUPS)
        tag = group << 16 | (0x1001 if group % 2 else 0x1100) + number
        vr, make = FILL[(place + number) % len(FILL)]
        if group % 2 and number == 0:
            found.setdefault(group << 16 | 0x0010, ("LO", b"MAKER %04X" % group))
        else:
            found.setdefault(tag, (vr, make(rng)))
        place += 1


def sample(rng: random.Random, modality: str) -> Sample:
    """Give one object."""
    charset = rng.choice(CHARSETS)
    found, caller = tested(rng, modality, charset)
    besides(rng, found, SIZES[modality], charset)
    explicit = SYNTAXES[modality] is Encoding.EXPLICIT_LITTLE
    encoded = [element(tag, *found[tag], explicit=explicit) for tag in sorted(found)]
    encoded.append(element(PIXELS, "OW", bytes(1024), explicit=explicit))
    envelope = Envelope(calling_ae=caller, at=NOON)
    return Sample(b"".join(encoded), SYNTAXES[modality], envelope, len(found))


def samples(count: int, modality: str = "CT", seed: int = 1) -> list[Sample]:
    """Give so many objects."""
    rng = random.Random(seed)
    return [sample(rng, modality) for _ in range(count)]
