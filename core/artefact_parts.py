"""The file of a compiled program: a header, a table, and parts without pointers.

    magic, version of the format, order of bytes, engine, release, size, number of parts, sum
    by part: kind, number, offset, size                      ascending by kind and number
    the parts, each at a multiple of `ALIGNMENT`

Numbers lie as the machine has them: a file of the other order is refused. The sum covers all but
itself. `engine` says which build laid the file out: a file of another is refused, never misread.
What the parts hold is said in `artefact_lay`; `artefact` looks at all of them before one is used.
"""

from collections.abc import Mapping
from enum import IntEnum
from hashlib import blake2b
from struct import Struct

from roteiro.core.errors import ArtefactError, Unfit

MAGIC = b"\x89RTC\r\n\x1a\n"
"""A byte that is no text, and line ends that a transfer as text would change."""
VERSION = 1
"""Of the format; a change of what a part holds is one of the engine."""
ORDER = 0x01020304
ENGINE = 32
RELEASE = 16
SUM = 32
ALIGNMENT = 64
"""Of the parts: a line of the processor's cache."""
HEADER = Struct(f"=8sII{ENGINE}s{RELEASE}sQII{SUM}s")
ROW = Struct("=IIQQ")
SUM_AT = HEADER.size - SUM
NO_ENGINE = bytes(ENGINE)
"""Of what never leaves the process that laid it out."""


class Kind(IntEnum):
    """What a part holds; as `artefact.Kind`. Those of a scope or a machine have its number."""

    NOTES = 1  # what Python needs, as JSON
    NAMES = 2  # of all rules, one after the other, UTF-8
    NAME_ENDS = 3
    VERDICT_OF = 4  # by rule of the guard: among those of the notes
    EFFECTS_OF = 5  # by rule of the tables: likewise
    STOPS = 6  # by rule: whether the guard lets nothing further happen
    CREATORS = 7  # of private elements, one after the other, UTF-8
    CREATOR_ENDS = 8
    LEVELS = 9
    SLOTS = 10
    FIELDS = 11
    FIELD_SLOTS = 12
    HOPS = 13
    ITEMS = 14
    ITEMS_OF = 15
    BLOB = 16
    HASH = 17
    EXACT = 18
    TESTS = 19
    TREE_STARTS = 20
    TREE_ITEMS = 21
    INTEGERS = 22
    CONSTANTS = 23
    IS_EVERY = 24
    SHAPES = 25
    PLACES = 26
    MACHINE = 32  # by field: twice its number, plus one for folded texts
    CLAUSES = 64  # this and all that follow: by scope
    ALL = 65
    SETS = 66
    MASK_OF = 67
    RANKS = 68
    CELLS = 69
    CELL_SETS = 70
    TURNS_OF = 71
    TURNS = 72
    CONDITIONS_OF = 73
    CONDITIONS = 74
    STATES = 75
    WANTED = 76
    SET_OF = 77
    POSTING_OF = 78
    POSTINGS = 79
    MENTION_OF = 80
    MENTIONS = 81
    STEPS = 82
    OPERANDS = 83
    WANTS_OF = 84
    WANTS = 85
    SECTIONS = 86
    RULES = 87
    ALONE_OF = 88


Key = tuple[int, int]
"""A kind and a number; kinds from `OTHERS` on are of whoever keeps more in a file."""
Parts = Mapping[Key, bytes]
OTHERS = 128


def joined(parts: Parts, engine: bytes = NO_ENGINE, release: str = "") -> bytes:
    """Write a file; `release` is for people, `engine` for machines."""
    table, body, at = [], [], aligned(HEADER.size + ROW.size * len(parts))
    for (kind, number), part in sorted(parts.items()):
        table.append(ROW.pack(kind, number, at, len(part)))
        body += [part, bytes(-len(part) % ALIGNMENT)]
        at += aligned(len(part))
    rows = b"".join(table)
    gap = bytes(-(HEADER.size + len(rows)) % ALIGNMENT)
    told = release.encode("ascii", "replace")[:RELEASE]
    header = HEADER.pack(MAGIC, VERSION, ORDER, engine, told, at, len(parts), 0, bytes(SUM))
    return sealed(b"".join((header, rows, gap, *body)))


def aligned(size: int) -> int:
    """Give a size with what fills it up."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def sealed(data: bytes) -> bytes:
    """Put the sum of a file into its header."""
    return data[:SUM_AT] + sum_of(data) + data[HEADER.size :]


def sum_of(data: bytes | memoryview) -> bytes:
    """Give the sum of all but the sum."""
    view = memoryview(data)
    found = blake2b(view[:SUM_AT], digest_size=SUM)
    found.update(view[HEADER.size :])
    return found.digest()


def release_of(data: bytes | memoryview) -> str:
    """Give the release that laid a file out, as far as that can be read."""
    told: bytes = HEADER.unpack_from(data)[4]
    return told.rstrip(b"\0").decode("ascii", "replace")


def check_header(data: memoryview, engine: bytes) -> None:
    """Look at the header and the sum. Raises `ArtefactError`."""
    if data[: len(MAGIC)] != MAGIC[: len(data)] or not len(data):
        raise ArtefactError(Unfit.NO_ARTEFACT)
    if len(data) < HEADER.size:
        raise ArtefactError(Unfit.DAMAGED)
    _, version, order, made_by, _, size, _, _, told = HEADER.unpack_from(data)
    if (version, order) != (VERSION, ORDER):
        raise ArtefactError(Unfit.OTHER_FORMAT)
    if made_by != engine:
        raise ArtefactError(Unfit.OTHER_ENGINE, release_of(data))
    if size != len(data) or told != sum_of(data):
        raise ArtefactError(Unfit.DAMAGED)


def parts_in(data: bytes | memoryview, engine: bytes = NO_ENGINE) -> dict[Key, memoryview]:
    """Give the parts of a file whose sum is right. Raises `ArtefactError`."""
    view = memoryview(data).cast("B")
    check_header(view, engine)
    count = HEADER.unpack_from(view)[6]
    if HEADER.size + count * ROW.size > len(view):
        raise ArtefactError(Unfit.DAMAGED)
    found = {}
    for place in range(count):
        kind, number, begin, size = ROW.unpack_from(view, HEADER.size + place * ROW.size)
        if begin + size > len(view):
            raise ArtefactError(Unfit.DAMAGED)
        found[kind, number] = view[begin : begin + size]
    return found
