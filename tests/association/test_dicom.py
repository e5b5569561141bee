"""Part 10 files: where the data set begins, and one clear cause for what is none."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import _read_file_meta_info, read_preamble

from roteiro.runtime.dicom import Cause, NotDicomError, Part10, is_storage, read_part10, uid_name
from tests.association.parts import CT, EXPLICIT, sample

FILES = [
    "CT_small.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "JPEG2000.dcm",
    "image_dfl.dcm",
    "ExplVR_BigEnd.dcm",
    "rtplan.dcm",
    "reportsi.dcm",
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_pydicom_reads_it(name: str) -> None:
    content = sample(name).read_bytes()
    stream = DicomBytesIO(content)
    read_preamble(stream, False)
    meta = _read_file_meta_info(stream)
    assert read_part10(content) == Part10(
        str(meta.TransferSyntaxUID),
        str(meta.MediaStorageSOPClassUID),
        str(meta.MediaStorageSOPInstanceUID),
        stream.tell(),
    )
    assert (
        str(dcmread(sample(name)).file_meta.TransferSyntaxUID)
        == read_part10(content).transfer_syntax
    )


def element(number: int, vr: bytes, value: bytes) -> bytes:
    head = b"\2\0" + number.to_bytes(2, "little") + vr
    if vr in (b"OB", b"UN", b"UT"):
        return head + b"\0\0" + len(value).to_bytes(4, "little") + value
    return head + len(value).to_bytes(2, "little") + value


def part10(*elements: bytes, length: int | None = None, data: bytes = b"\x08\0") -> bytes:
    body = b"".join(elements)
    declared = len(body) if length is None else length
    return bytes(128) + b"DICM" + element(0, b"UL", declared.to_bytes(4, "little")) + body + data


SYNTAX = element(0x10, b"UI", EXPLICIT.encode() + b"\0")
GOOD = part10(element(1, b"OB", b"\0\1"), element(2, b"UI", CT.encode() + b"\0"), SYNTAX)

BAD = {
    "an empty file": (b"", Cause.EMPTY),
    "a text": (b"language 1\nrouter { }\n" * 20, Cause.TEXT),
    "a short text": (b"hello", Cause.TEXT),
    "a file of zeros": (bytes(4096), Cause.NO_PREFIX),
    "a jpeg": (b"\xff\xd8\xff\xe0" + bytes(500), Cause.NO_PREFIX),
    "no preamble": (b"DICM" + GOOD[132:], Cause.NO_PREFIX),
    "a data set alone": (b"\x08\0\x05\0CS\x0a\0ISO_IR 100" + bytes(200), Cause.NO_PREFIX),
    "half a preamble": (bytes(60), Cause.TRUNCATED),
    "only the prefix": (bytes(128) + b"DICM", Cause.TRUNCATED),
    "half an element": (GOOD[:150], Cause.TRUNCATED),
    "half the group": (GOOD[: len(GOOD) - 30], Cause.TRUNCATED),
    "the group without its end": (part10(SYNTAX, length=4000, data=b""), Cause.TRUNCATED),
    "a value past the end": (part10(SYNTAX, b"\2\0\x02\0UI\xff\xff"), Cause.TRUNCATED),
    "a value of 4 GiB": (part10(SYNTAX, b"\2\0\x02\1OB\0\0\xff\xff\xff\xff"), Cause.TRUNCATED),
    "a group that is shorter than it says": (
        part10(SYNTAX, length=4000, data=bytes(99)),
        Cause.MALFORMED,
    ),
    "implicit file meta": (
        part10(b"\2\0\x10\0\x12\0\0\0" + EXPLICIT.encode() + b"\0"),
        Cause.MALFORMED,
    ),
    "no transfer syntax": (
        part10(element(2, b"UI", CT.encode() + b"\0")),
        Cause.NO_TRANSFER_SYNTAX,
    ),
    "an empty transfer syntax": (part10(element(0x10, b"UI", b"")), Cause.NO_TRANSFER_SYNTAX),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_part_10_file_has_one_cause_and_one_line(name: str) -> None:
    content, cause = BAD[name]
    with pytest.raises(NotDicomError) as caught:
        read_part10(content)
    assert caught.value.cause is cause
    assert "\n" not in str(caught.value)
    assert str(caught.value)


def test_a_wrong_group_length_that_is_too_short_does_not_matter() -> None:
    wrong = part10(SYNTAX, length=2)
    assert read_part10(wrong) == Part10(EXPLICIT, None, None, len(wrong) - 2)


def test_an_empty_data_set_is_one() -> None:
    whole = part10(SYNTAX, data=b"")
    assert read_part10(whole).offset == len(whole)


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(1, 255))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_read_or_refused(noise: bytes, at: int, flip: int) -> None:
    damaged = bytearray(GOOD + noise)
    damaged[at % len(damaged)] ^= flip
    for content in (noise, bytes(128) + b"DICM" + noise, bytes(damaged), bytes(damaged[:at])):
        with contextlib.suppress(NotDicomError):
            assert 132 < read_part10(content).offset <= len(content)


def test_names() -> None:
    assert uid_name(EXPLICIT) == "Explicit VR Little Endian"
    assert uid_name("1.2.3") == "1.2.3"
    assert is_storage("1.2.3")
    assert not is_storage("1.2.840.10008.1.1")
