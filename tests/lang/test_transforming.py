"""Transforms and profiles at work, on data sets in every encoding, with pydicom as the reader."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from roteiro.core.program import Encoding, Envelope, Send, encoding_of
from roteiro.lang.carried import Carried, Result
from roteiro.lang.reference import Reference
from roteiro.lang.source import Source
from roteiro.lang.tree import parse, write
from roteiro.runtime.dicom import read_part10
from roteiro.runtime.sources import examine

HEAD = """language 1
node a { ae = "A" host = "10.0.0.1" port = 104 }
table t first { otherwise { send to a via chain } }
"""
ENCODINGS = {
    Encoding.IMPLICIT_LITTLE: (True, True),
    Encoding.EXPLICIT_LITTLE: (False, True),
    Encoding.EXPLICIT_BIG: (False, False),
}


def secret(place: str) -> bytes:
    if place == "env:NONE":
        raise OSError(place)
    return b"key"


def result(chain: str, data: bytes, encoding: Encoding = Encoding.EXPLICIT_LITTLE) -> Result:
    typed = examine(Source("x.route", HEAD + chain)).typed
    assert typed is not None
    carried = Carried(Reference(typed), data, encoding, Envelope(calling_ae="CT1"), secret)
    return carried.result(Send("a", ("chain",), "t.otherwise", ("t.otherwise",)))


def encoded(data_set: Dataset, encoding: Encoding = Encoding.EXPLICIT_LITTLE) -> bytes:
    out = DicomBytesIO()
    out.is_implicit_VR, out.is_little_endian = ENCODINGS[encoding]
    write_dataset(out, data_set)
    return out.getvalue()


def sample(**values: object) -> Dataset:
    data_set = Dataset()
    data_set.Modality = "CT"
    data_set.PatientID = "4711"
    for name, value in values.items():
        setattr(data_set, name, value)
    return data_set


def done(chain: str, data_set: Dataset, encoding: Encoding = Encoding.EXPLICIT_LITTLE) -> Dataset:
    made = result(chain, encoded(data_set, encoding), encoding)
    assert made.data_set is not None, made
    return read_back(write(made.data_set))


def read_back(data: bytes) -> Dataset:
    found = read_dataset(BytesIO(data), is_implicit_VR=False, is_little_endian=True)
    return Dataset(found)


def transform(edits: str) -> str:
    return f"transform chain {{ {edits} }}\n"


def profile(statements: str) -> str:
    return f"profile chain {{ {statements} }}\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_set_remove_blank_copy(encoding: Encoding) -> None:
    edits = (
        'set ClinicalTrialProtocolID = "LUNG-7" remove InstitutionName '
        "blank AccessionNumber copy PatientID to StudyID set Rows = 7"
    )
    found = done(
        transform(edits), sample(InstitutionName="X", AccessionNumber="1", Rows=5), encoding
    )
    assert found.ClinicalTrialProtocolID == "LUNG-7"
    assert "InstitutionName" not in found
    assert found.AccessionNumber == ""
    assert found.StudyID == "4711"
    assert found.Rows == 7


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("upper(StudyDescription)", "CHEST CT"),
        ("lower(StudyDescription)", "chest ct"),
        ("coalesce(SeriesDescription, StudyDescription)", "Chest ct"),
        ('coalesce(SeriesDescription, "none")', "none"),
        ('replace(StudyDescription, "ct", "mr")', "Chest mr"),
        ('part(StudyDescription, " ", 2)', "ct"),
        ("slice(StudyDescription, 1, 5)", "Chest"),
        ('"A-" + PatientID + "-" + Modality', "A-4711-CT"),
        ('"A-" + SeriesDescription', "A-"),
    ],
)
def test_functions(value: str, expected: str) -> None:
    found = done(transform(f"set ProtocolName = {value}"), sample(StudyDescription="Chest ct"))
    assert found.ProtocolName == expected


def test_functions_work_on_each_value() -> None:
    edits = "set OperatorsName = upper(OperatorsName)"
    found = done(transform(edits), sample(OperatorsName=["a^b", "c"]))
    assert [str(name) for name in found.OperatorsName] == ["A^B", "C"]


def test_copying_what_is_absent_removes() -> None:
    found = done(transform("copy StationName to StudyID"), sample(StudyID="1"))
    assert "StudyID" not in found


def test_conditions_see_what_edits_before_them_made() -> None:
    edits = 'set Modality = "MR" if Modality == "MR" { set StudyID = "yes" }'
    assert done(transform(edits), sample()).StudyID == "yes"


def test_edits_in_items() -> None:
    item = sample(RequestedProcedureDescription="Knee", ScheduledProcedureStepID="1")
    edits = (
        "each RequestAttributesSequence { blank RequestedProcedureDescription "
        'if ScheduledProcedureStepID == "1" { set ScheduledProcedureStepID = "2" } }'
    )
    data_set = sample(RequestAttributesSequence=[item, sample()])
    found = done(transform(edits), data_set)
    assert found.RequestAttributesSequence[0].RequestedProcedureDescription == ""
    assert found.RequestAttributesSequence[0].ScheduledProcedureStepID == "2"
    assert "ScheduledProcedureStepID" not in found.RequestAttributesSequence[1]
    one = done(transform('set RequestAttributesSequence[2].StudyID = "9"'), data_set)
    assert one.RequestAttributesSequence[1].StudyID == "9"


def test_private_elements_get_a_block() -> None:
    found = done(transform('set (0019,"OURS",0C) = "x"'), sample())
    assert found[0x00190010].value == "OURS"
    assert found[0x0019100C].value == "x"
    data_set = sample()
    data_set.add_new(0x00190010, "LO", "SIEMENS")
    data_set.add_new(0x0019100C, "LO", "theirs")
    both = done(transform('set (0019,"OURS",0C) = "x"'), data_set)
    assert both[0x0019100C].value == "theirs"
    assert both[0x0019110C].value == "x"


def test_text_is_written_in_the_objects_character_set() -> None:
    edits = 'set InstitutionName = "São Tomé" set PatientName = "João^Zé"'
    found = done(transform(edits), sample(SpecificCharacterSet="ISO_IR 100"))
    assert found["InstitutionName"].value == "São Tomé"
    assert found.PatientName == "João^Zé"
    assert result(transform(edits), encoded(sample())).failed is not None


@pytest.mark.parametrize(
    "edits",
    [
        "set StationName = upper(StudyDescription)",  # SH has 16 characters
        "set StudyDate = shift(StudyDate, 10d)",
        'set PatientID = hash(PatientID, secret("env:NONE"))',
        'set RequestAttributesSequence[1].StudyID = "1"',
    ],
)
def test_what_cannot_be_done_holds_the_delivery(edits: str) -> None:
    data_set = sample(StudyDescription="long description of it", StudyDate="")
    data_set["StudyDate"]._value = "not a day"
    assert result(transform(edits), encoded(data_set)).failed is not None


def test_hashes_are_the_same_for_the_same_secret_only() -> None:
    chain = transform('set StudyID = slice(hash(PatientID, secret("env:K")), 1, 16)')
    one, two = (done(chain, sample(PatientID=each)).StudyID for each in ("1", "2"))
    assert one == done(chain, sample(PatientID="1")).StudyID
    assert one != two


# Profiles -----------------------------------------------------------------------------------------


def test_uids_are_hashed_at_every_level_and_registered_ones_stay() -> None:
    item = Dataset()
    item.ReferencedSOPInstanceUID = "1.2.3.4"
    data_set = sample(
        SOPClassUID=pydicom.uid.CTImageStorage,
        StudyInstanceUID="1.2.3.4",
        ReferencedImageSequence=[item],
    )
    found = done(profile('uids hash secret("env:K")'), data_set)
    assert found.SOPClassUID == pydicom.uid.CTImageStorage
    assert found.StudyInstanceUID.startswith("2.25.")
    assert found.ReferencedImageSequence[0].ReferencedSOPInstanceUID == found.StudyInstanceUID


def test_dates_keep_their_distances() -> None:
    chain = profile('dates shift within 30d per PatientID secret("env:K")')
    data_set = sample(StudyDate="20260110", SeriesDate="20260112", StudyTime="101010")
    found = done(chain, data_set)
    moved = (day(found.StudyDate) - day("20260110")).days
    assert 1 <= abs(moved) <= 30
    assert (day(found.SeriesDate) - day(found.StudyDate)).days == 2
    assert found.StudyTime == "101010"


def day(written: str) -> datetime:
    return datetime.strptime(written, "%Y%m%d")


def test_private_elements_go_but_for_those_excepted() -> None:
    data_set = sample()
    data_set.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    data_set.add_new(0x0019100C, "IS", "1000")
    data_set.add_new(0x0019100D, "IS", "1")
    data_set.add_new(0x00290010, "LO", "OTHER")
    found = done(profile('private remove except (0019,"SIEMENS MR HEADER",0C)'), data_set)
    assert [element.tag for element in found if element.tag.is_private] == [0x00190010, 0x0019100C]


def test_keep_wins_over_the_rest_of_its_profile() -> None:
    moved = 'dates shift within 9d per PatientID secret("env:K")'
    found = done(
        profile(f"{moved} keep StudyDate"), sample(StudyDate="20260110", SeriesDate="20260110")
    )
    assert found.StudyDate == "20260110"
    assert found.SeriesDate != "20260110"


def test_boxes_are_black_in_every_frame() -> None:
    data_set = sample(Rows=4, Columns=5, BitsAllocated=8, SamplesPerPixel=1, NumberOfFrames="2")
    data_set.PixelData = bytes([9]) * 40
    data_set["PixelData"].VR = "OB"
    chain = profile('pixels block 2x3+4+1, 1x1+0+0 when Modality == "CT"')
    pixels = done(chain, data_set).PixelData
    for frame in (pixels[:20], pixels[20:]):
        black = {(at % 5, at // 5) for at, value in enumerate(frame) if value == 0}
        assert black == {(0, 0), (4, 1), (4, 2), (4, 3)}


def test_compressed_pixels_hold_the_delivery() -> None:
    file = pydicom.dcmread(get_testdata_file("JPEG2000.dcm"))
    chain = profile(f'pixels block 2x3+4+1 when Modality == "{file.Modality}"')
    content = Path(get_testdata_file("JPEG2000.dcm")).read_bytes()
    assert result(chain, content[read_part10(content).offset :]).failed is not None


def test_a_profile_of_the_standard_is_not_computed() -> None:
    made = result("profile chain extends dicom.basic_2024 { keep PatientSex }\n", encoded(sample()))
    assert made.data_set is None
    assert made.not_computed == "dicom.basic_2024"


# Trees --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "MR_small.dcm",
        "MR_small_bigendian.dcm",
        "rtplan.dcm",
        "JPEG2000.dcm",
        "image_dfl.dcm",
        "reportsi.dcm",
        "nested_priv_SQ.dcm",
        "UN_sequence.dcm",
    ],
)
def test_a_real_object_comes_back_as_it_was(name: str) -> None:
    path = get_testdata_file(name)
    file = pydicom.dcmread(path)
    content = Path(path).read_bytes()
    part10 = read_part10(content)
    tree = parse(content[part10.offset :], encoding_of(part10.transfer_syntax))
    again = read_back(write(tree))
    assert write(parse(write(tree), Encoding.EXPLICIT_LITTLE)) == write(tree)
    for element in file:
        if element.VR not in {"SQ", "UN"} and element.tag != 0x7FE00010:
            assert again[element.tag].value == element.value, element.tag


@given(st.binary(max_size=200), st.sampled_from(list(Encoding)))
def test_any_bytes_are_a_result_or_a_reason(data: bytes, encoding: Encoding) -> None:
    made = result(transform('set StudyID = "1" remove PatientID blank Modality'), data, encoding)
    assert (made.data_set is None) is (made.failed is not None)


def test_one_result_serves_all_deliveries_with_its_chain() -> None:
    typed = examine(Source("x.route", HEAD + transform("remove PatientID"))).typed
    assert typed is not None
    data = encoded(sample())
    carried = Carried(Reference(typed), data, Encoding.EXPLICIT_LITTLE, Envelope(), secret)
    sends = [Send(to, ("chain",), "t.r", ("t.r",)) for to in ("a", "b")]
    assert carried.result(sends[0]) is carried.result(sends[1])


# Private sequences --------------------------------------------------------------------------------

INSIDE = 'transform chain { each (0019,"ACME",10) { remove PatientName } }'


def with_private(**inside: object) -> Dataset:
    data_set = sample()
    item = Dataset()
    item.PatientID = "1"
    for name, value in inside.items():
        setattr(item, name, value)
    block = data_set.private_block(0x0019, "ACME", create=True)
    block.add_new(0x10, "SQ", [item, Dataset()])
    return data_set


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_items_of_private_sequences_are_edited(encoding: Encoding) -> None:
    found = done(INSIDE, with_private(PatientName="A^B"), encoding)
    first, second = found[0x0019, 0x1010].value
    assert (first.PatientID, "PatientName" in first, len(second)) == ("1", False, 0)


def test_a_private_sequence_that_came_as_un_is_read_as_one() -> None:
    data = encoded(with_private(PatientName="A^B"), Encoding.IMPLICIT_LITTLE)
    plain = parse(data, Encoding.IMPLICIT_LITTLE)
    inner = encoded(with_private(PatientName="A^B"), Encoding.EXPLICIT_LITTLE)
    assert parse(inner, Encoding.EXPLICIT_LITTLE)[0x00191010].items is not None
    assert plain[0x00191010].vr in {"UN", "SQ"}
    body = b"\xfe\xff\x00\xe0" + (8 + 4).to_bytes(4, "little")
    body += b"\x10\x00\x10\x00" + (4).to_bytes(4, "little") + b"A^B "
    data_set = sample()
    block = data_set.private_block(0x0019, "ACME", create=True)
    block.add_new(0x10, "UN", body)
    found = done(INSIDE, data_set)
    (item,) = found[0x0019, 0x1010].value
    assert len(item) == 0


@pytest.mark.parametrize("body", [b"no item!", b"\xfe\xff\x00\xe0\xff\x00\x00\x00"])
def test_what_is_no_sequence_holds_the_delivery(body: bytes) -> None:
    data_set = sample()
    data_set.private_block(0x0019, "ACME", create=True).add_new(0x10, "UN", body)
    made = result(INSIDE, encoded(data_set))
    assert made.data_set is None
    assert "cannot be read as a sequence" in str(made.failed)


def test_a_private_element_of_another_vr_has_no_items() -> None:
    data_set = sample()
    data_set.private_block(0x0019, "ACME", create=True).add_new(0x10, "LO", "text")
    assert done(INSIDE, data_set)[0x0019, 0x1010].value == "text"
