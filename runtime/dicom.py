"""Names of UIDs, known transfer syntaxes, where a data set begins in a file.

The file meta is read here and not by pydicom, so that a hostile file costs no more than a walk over
the few hundred bytes of group 0002; the data set is never decoded.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from roteiro.lang import dictionary
from roteiro.lang.messages import text

PREAMBLE = 128
PREFIX = b"DICM"
META_GROUP = b"\x02\x00"
META_ELEMENTS = 256
"""Elements of a file meta that are walked; real ones have about ten."""

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
VERIFICATION = "1.2.840.10008.1.1"
STANDARD = "1.2.840.10008."
STORAGE = "1.2.840.10008.5.1.4.1.1."
UID = re.compile(r"[0-9.]{1,64}")
"""What an A-ASSOCIATE can carry as one; leading zeros and the like are some peers' own."""

LONG_FORM = frozenset(
    b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split()  # PS3.5 7.1.2
)
NO_DATA_SET = re.compile(r"1\.2\.840\.10008\.1\.2\.[67]\.")
"""MIME and XML (retired), and streams of real-time video: nothing that a C-STORE carries."""


@cache
def transfer_syntaxes() -> frozenset[str]:
    """Give the standard's transfer syntaxes that encode a data set in a way that we know.

    Private ones (GE's big endian) and Papyrus are not among them: nobody says how to read them.
    """
    return frozenset(
        uid
        for uid in dictionary.transfer_syntaxes()
        if (uid == IMPLICIT_LITTLE or uid.startswith(IMPLICIT_LITTLE + "."))
        and not NO_DATA_SET.match(uid)
    )


def uid_name(uid: str) -> str:
    """Give the standard's name of a UID, or the UID itself."""
    return dictionary.uid_title(uid) or uid


def is_uid(text: str) -> bool:
    """Say whether a text can stand for a UID in a negotiation (PS3.8 annex F)."""
    return UID.fullmatch(text) is not None


def is_storage(sop_class: str) -> bool:
    """Say whether a SOP class is stored by C-STORE: PS3.4 annex B, or a private one."""
    return sop_class.startswith(STORAGE) or not sop_class.startswith(STANDARD)


class Cause(Enum):
    """Why bytes are no Part 10 file; `runtime.part10_<value>` is the text."""

    EMPTY = "empty"
    TEXT = "text"
    NO_PREFIX = "no_prefix"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    NO_TRANSFER_SYNTAX = "no_transfer_syntax"


class NotDicomError(ValueError):
    """The bytes are no Part 10 file (PS3.10 7.1)."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(text(f"runtime.part10_{cause.value}"))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Part10:
    """What the file meta says, and where the data set begins."""

    transfer_syntax: str
    sop_class: str | None
    sop_instance: str | None
    offset: int


def read_part10(data: bytes | bytearray | memoryview) -> Part10:
    """Read the file meta of a Part 10 file; its first 64 KiB are enough.

    A file without preamble and prefix is none. `NotDicomError` says what it is instead.
    """
    head = bytes(data[: PREAMBLE + len(PREFIX)])
    if not head:
        raise NotDicomError(Cause.EMPTY)
    if head[PREAMBLE:] != PREFIX:
        raise NotDicomError(_what_else(head))
    values, offset = _walk_meta(memoryview(data))
    syntax = _uid(values.get(0x0010))
    if not syntax:
        raise NotDicomError(Cause.NO_TRANSFER_SYNTAX)
    return Part10(syntax, _uid(values.get(0x0002)), _uid(values.get(0x0003)), offset)


def _what_else(head: bytes) -> Cause:
    """Tell a text from other bytes that are no Part 10 file."""
    cut_short = len(head) < PREAMBLE + len(PREFIX) and head.strip(b"\0") == b""
    if cut_short:
        return Cause.TRUNCATED
    printable = all(byte >= 0x20 or byte in b"\t\n\r\f" for byte in head)
    return Cause.TEXT if printable else Cause.NO_PREFIX


def _walk_meta(data: memoryview) -> tuple[dict[int, bytes], int]:
    """Collect the values of group 0002 and give the offset behind it.

    The group ends where another group begins; its declared length is only used to see that the
    file ends too early.
    """
    values: dict[int, bytes] = {}
    offset = PREAMBLE + len(PREFIX)
    while bytes(data[offset : offset + 2]) == META_GROUP:
        element, start, count = _meta_element(data, offset)
        values[element] = bytes(data[start : start + count])
        offset = start + count
        if len(values) > META_ELEMENTS:
            raise NotDicomError(Cause.MALFORMED)
    if not values or offset < _declared_end(values):
        raise NotDicomError(Cause.TRUNCATED if offset >= len(data) - 1 else Cause.MALFORMED)
    return values, offset


def _meta_element(data: memoryview, offset: int) -> tuple[int, int, int]:
    """Give element number, start and length of a value; explicit VR little endian (PS3.10 7.1)."""
    header = bytes(data[offset : offset + 12])
    if len(header) < 8:
        raise NotDicomError(Cause.TRUNCATED)
    vr = header[4:6]
    if not (vr.isalpha() and vr.isupper()):
        raise NotDicomError(Cause.MALFORMED)
    long_form = vr in LONG_FORM
    if long_form and len(header) < 12:
        raise NotDicomError(Cause.TRUNCATED)
    start = offset + (12 if long_form else 8)
    count = int.from_bytes(header[8:12] if long_form else header[6:8], "little")
    if count > len(data) - start:
        raise NotDicomError(Cause.TRUNCATED)
    return int.from_bytes(header[2:4], "little"), start, count


def _declared_end(values: dict[int, bytes]) -> int:
    """Give where (0002,0000) says that the group ends, or 0 without it."""
    length = values.get(0x0000, b"")
    if len(length) != 4:
        return 0
    return PREAMBLE + len(PREFIX) + 12 + int.from_bytes(length, "little")


def _uid(value: bytes | None) -> str | None:
    """Give a UID without its padding; what is no ASCII is escaped."""
    if value is None:
        return None
    return value.decode("ascii", "backslashreplace").strip("\0 ") or None


def bundled_file(name: str) -> Path:
    """Give the path of a DICOM file that lies in pydicom's own package; nothing is downloaded."""
    from importlib.resources import files  # noqa: PLC0415  for the demo only

    return Path(str(files("pydicom.data") / "test_files" / name))
