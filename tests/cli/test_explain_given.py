"""`roteiro explain` of DICOM JSON and of words: the same answers as for the DICOM file."""

import json
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from roteiro.core.program import Envelope
from roteiro.lang.words import assigned, word_of
from roteiro.runtime.dicomjson import NotJsonModelError, json_objects
from roteiro.runtime.rules import Rules, compile_text
from roteiro.runtime.subjects import Words, subject_of_words, subjects_of

ASKS = """\
language 1
table t all {
  rule a { when Modality == "CT" nothing "a" }
  rule b { when any ImageType == "PRIMARY" and ImageType[1] == "ORIGINAL" nothing "b" }
  rule c { when PatientName.family == "müster" or PatientName.ideographic is valued nothing "c" }
  rule d { when SliceThickness <= 1.5 nothing "d" }
  rule e { when Rows >= 512 nothing "e" }
  rule f { when any RequestAttributesSequence has (ScheduledProcedureStepID starts with "CT")
    nothing "f" }
  rule g { when StudyDate in 2020-01-01..2024-12-31 nothing "g" }
  rule h { when (0019,"ACME 1",0C) == 1000 nothing "h" }
  rule i { when instance.sop_class == CTImageStorage nothing "i" }
  rule j { when StudyDescription contains i"kopf" or StudyDescription is empty nothing "j" }
  rule k { when ImageComments == "a\\\\b" or SliceThickness is invalid nothing "k" }
  rule l { when ExposureTimeInms > 0.1 or FrameIncrementPointer == (0018,1063) nothing "l" }
  rule m { when all OtherPatientIDs != "x" or StudyTime in 22:00..06:00 nothing "m" }
  rule n { when SpecificCharacterSet == "ISO_IR 100" or PixelData is valued nothing "n" }
  otherwise { nothing "none" }
}
"""
NAMES = ["Müster^Max", "muster^max", "", "Yamada^Tarou=山田^太郎=やまだ^たろう", "^^^"]
TEXTS = ["", "Kopf", "kopf nativ", "Schädel KOPF", "山田", "x"]
LIMITS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def asking() -> Rules:
    return compile_text(ASKS, "asks.route")


def items(draw: st.DrawFn) -> Sequence:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        item = Dataset()
        item.ScheduledProcedureStepID = draw(st.sampled_from(["CT1", "MR1", ""]))
        found.append(item)
    return Sequence(found)


CHOICES = {
    "SpecificCharacterSet": st.sampled_from(["ISO_IR 192", "ISO_IR 192", "GB18030"]),
    "ImageType": st.sampled_from([["ORIGINAL", "PRIMARY"], ["DERIVED"], ["ORIGINAL", "", "X"], ""]),
    "SOPClassUID": st.sampled_from([str(CTImageStorage), "1.2.840.10008.5.1.4.1.1.4"]),
    "SOPInstanceUID": st.just("1.2.3"),
    "StudyDate": st.sampled_from(["20230401", "19990101", ""]),
    "StudyTime": st.sampled_from(["2330", "120000.5", ""]),
    "Modality": st.sampled_from(["CT", "MR", ""]),
    "StudyDescription": st.sampled_from(TEXTS),
    "PatientName": st.sampled_from(NAMES),
    "OtherPatientIDs": st.sampled_from([["x", "y"], "y", "", ["a", "", "b"]]),
    "SliceThickness": st.sampled_from(["1.50", "1.5000001", "3", "-0.0", "1e-05", ""]),
    "ExposureTimeInms": st.sampled_from([0.1, 0.5, 100.0]),
    "ImageComments": st.sampled_from(["a\\b", "c", ""]),
    "Rows": st.sampled_from([512, 511, 65535]),
    "FrameIncrementPointer": st.sampled_from([0x00181063, [0x00181063, 0x00181065]]),
    "PixelData": st.sampled_from([b"\1\2", b""]),
}


@st.composite
def data_sets(draw: st.DrawFn) -> Dataset:
    """Draw a data set that pydicom writes and that a JSON document can hold."""
    made = Dataset()
    for keyword, choice in CHOICES.items():
        if keyword.startswith(("SOP", "Spec")) or draw(st.booleans()):
            setattr(made, keyword, draw(choice))
    if draw(st.booleans()):
        made.RequestAttributesSequence = items(draw)
    if draw(st.booleans()):
        block = made.private_block(0x0019, draw(st.sampled_from(["ACME 1", "OTHER"])), create=True)
        block.add_new(0x0C, "DS", draw(st.sampled_from(["1000", "1000.0", "7"])))
    if "PixelData" in made:
        made["PixelData"].VR = "OW"
    return made


def as_file(made: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.SOPClassUID
    meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta = meta
    written = BytesIO()
    made.save_as(written, enforce_file_format=True)
    return written.getvalue()


def reasons(rules: Rules, name: str, content: bytes) -> list[tuple[str, ...]]:
    tested = rules.reference.interpreter.tested
    found = subjects_of(name, content, Words(Envelope(at=0)), tested, name)
    judged = [rules.judge(subject) for _, subject in found]
    assert all(each.agreed for each in judged)
    return [each.trace.decision.nothing for each in judged]


@LIMITS
@given(data_sets())
def test_json_decides_as_the_file_does(asking: Rules, made: Dataset) -> None:
    written = as_file(made)
    read = pydicom.dcmread(BytesIO(written))  # what pydicom makes of the file, not of the object
    document = read.to_json(suppress_invalid_tags=True).encode()
    expected = reasons(asking, "a.dcm", written)
    assert reasons(asking, "a.json", document) == expected
    assert reasons(asking, "a", b"\xef\xbb\xbf " + document) == expected
    assert reasons(asking, "a.json", b"[" + document + b",\n" + document + b"]") == expected * 2


@pytest.mark.parametrize("before", ["", "\ufeff", " \n"])
def test_json_is_known_by_how_it_begins(asking: Rules, before: str) -> None:
    one = '{"00080060": {"vr": "CS", "Value": ["CT"]}}'
    tested = asking.reference.interpreter.tested
    for document, count in ((one, 1), (f"[{one}, {one}]", 2)):
        content = (before + document).encode()
        assert len(subjects_of("export", content, Words(Envelope(at=0)), tested, "export")) == count


def keyed(made: Dataset, before: str = "") -> list[str]:
    """Write a data set as words."""
    words = []
    for element in made:
        name = before + element.keyword
        if element.tag.is_private_creator:
            continue
        if element.tag.is_private:
            name = f'{before}({element.tag.group:04X},"{element.private_creator}",0C)'
        if element.VR == "SQ":
            parts = [keyed(item, f"{name}[{at}].") for at, item in enumerate(element.value, 1)]
            words += [word for part in parts for word in part] or [f"{name}="]
            continue
        values = element.value if element.VM > 1 else [element.value]
        if element.VR == "AT":
            values = [f"{value:08X}" for value in values]
        if element.VR == "OW":
            values = ["xx" if element.value else ""]
        words.append(f"{name}=" + "\\".join("" if v is None else str(v) for v in values))
    return words


@LIMITS
@given(data_sets())
def test_words_decide_as_the_file_does(asking: Rules, made: Dataset) -> None:
    expected = reasons(asking, "a.dcm", as_file(made))
    words = [word for text in keyed(made) if (word := word_of(text))]
    assert len(words) == len(keyed(made))
    subject = subject_of_words(Words(Envelope(at=0), assigned(words)))
    judged = asking.judge(subject)
    assert judged.agreed
    assert [judged.trace.decision.nothing] == expected


REAL = ["CT_small.dcm", "MR_small.dcm", "reportsi.dcm", "color-px.dcm", "chrH31.dcm", "rtplan.dcm"]


@pytest.mark.parametrize("name", REAL)
def test_real_files_as_json(run, sample, tmp_path: Path, name: str) -> None:
    try:
        path = sample(name)
    except AssertionError:
        path = Path(pydicom.__file__).parent / "data" / "charset_files" / name
    read = pydicom.dcmread(path)
    file = tmp_path / "object.json"
    file.write_text(read.to_json(suppress_invalid_tags=True))
    rules = tmp_path / "asks.route"
    asks = ASKS.replace('"CT"', f'"{read.get("Modality", "")}"') if "Modality" in read else ASKS
    rules.write_text(asks.replace(' or SpecificCharacterSet == "ISO_IR 100"', ""))
    entries = run("explain", "--format", "json", "--trace", "all", rules, path, file).json()
    assert [Path(entry["object"]).name for entry in entries] == [path.name, "object.json"]
    for entry in entries:
        del entry["object"], entry["read"]
        for test in (test for rule in entry["trace"] for test in rule["tests"]):
            del test["values"]  # a number may be written otherwise, as 5.0 for 5.000000
    assert entries[0] == entries[1]


def words_of(text: str) -> list[str]:
    return text.split()


# Words over files ---------------------------------------------------------------------------------


def test_words_are_put_over_each_object(run, rules: Path, sample, tmp_path: Path, fits) -> None:
    path = sample("CT_small.dcm")
    file = tmp_path / "two.json"
    file.write_text('[{"00080060": {"vr": "CS", "Value": ["MR"]}}, {}]')
    words = ["Modality=US", "PatientID=4711", "assoc.calling_ae=CT1"]
    done = run("explain", "--format", "json", rules, path, file, *words)
    fits(done.json(), "explain")
    assert [entry["object"] for entry in done.json()] == [str(path), f"{file}[1]", f"{file}[2]"]
    assert [entry["nothing"] for entry in done.json()] == [["read on the cart"]] * 3
    assert done.code == 0


def test_words_of_the_envelope_leave_the_bytes_alone(run, rules: Path, sample) -> None:
    path = sample("MR_small_bigendian.dcm")
    plain, told = (
        run("explain", "--format", "json", rules, path, *words).json()[0]
        for words in ([], ["assoc.called_ae=ROTEIRO"])
    )
    assert told == plain
    evil = run("explain", "--format", "json", rules, path, "assoc.calling_ae=EVIL").json()[0]
    assert evil["verdict"] == "refuse"


SCHEDULED = """language 1
table t all {
  rule ct { when any RequestAttributesSequence has (ScheduledProcedureStepID == "CT1"
    and RequestedProcedureID == "7") nothing "both" }
  rule two { when count(RequestAttributesSequence) == 2 nothing "two" }
  rule size { when instance.size > 30000 nothing "large" }
  otherwise { nothing "none" }
}
"""


def test_words_change_one_item_of_a_file(run, sample, tmp_path: Path) -> None:
    data = pydicom.dcmread(sample("CT_small.dcm"))
    item = Dataset()
    item.RequestedProcedureID = "7"
    data.RequestAttributesSequence = Sequence([item])
    data.save_as(tmp_path / "a.dcm")
    rules = tmp_path / "scheduled.route"
    rules.write_text(SCHEDULED)
    first, second = (f"RequestAttributesSequence[{at}].ScheduledProcedureStepID" for at in (1, 2))
    call = ("explain", "--format", "json", rules, tmp_path / "a.dcm")
    assert run(*call).json()[0]["nothing"] == ["large"]
    assert run(*call, f"{first}=CT1").json()[0]["nothing"] == ["both", "large"]
    assert run(*call, f"{second}=CT1").json()[0]["nothing"] == ["two", "large"]
    third = first.replace("[1]", "[3]")
    done = run(*call, f"{third}=CT1")
    assert done.code == 1
    assert done.json()[0]["error"].startswith(f"`{third}` is given, and the object has 1 of")


def test_text_that_the_object_cannot_hold_makes_it_utf_8(run, tmp_path: Path) -> None:
    rules = tmp_path / "names.route"
    rules.write_text(
        "language 1\ntable t all {\n"
        '  rule a { when PatientName == "山田" and PatientComments == "é" nothing "both" }\n'
        '  otherwise { nothing "no" }\n}\n'
    )
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 100"
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, "1.2"
    data.PatientComments = "é"
    (tmp_path / "a.dcm").write_bytes(as_file(data))
    done = run("explain", "--format", "json", rules, tmp_path / "a.dcm", "PatientName=山田")
    assert done.json()[0]["nothing"] == ["both"]


def test_a_file_that_is_cut_takes_no_words(run, rules: Path, sample, tmp_path: Path) -> None:
    path = tmp_path / "cut.dcm"
    path.write_bytes(sample("CT_small.dcm").read_bytes()[:-100])
    done = run("explain", rules, path, "Modality=US")
    assert (done.code, done.out) == (1, "")
    assert "cannot be read to its end" in done.err
    assert run("explain", rules, path, "assoc.called_ae=X").code == 0


# Words alone --------------------------------------------------------------------------------------


def test_words_alone_are_an_object(run, rules: Path, fits) -> None:
    words = ["Modality=CT", "Rows=512", "PatientID=4711"]
    done = run("explain", "--format", "json", rules, *words)
    fits(done.json(), "explain")
    (entry,) = done.json()
    assert entry["object"] == "Modality=CT Rows=512 PatientID=4711"
    assert [send["to"] for send in entry["sends"]] == ["pacs", "vna"]
    assert run("explain", rules, *words).out.startswith("Modality=CT Rows=512 PatientID=4711\n")


def test_redacted_words_and_documents_tell_nothing(run, rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "muster.json"
    file.write_text('{"00100020": {"vr": "LO", "Value": ["SECRET"]}}')
    for given_words in (["PatientID=SECRET", "Modality=CT"], [file, "assoc.calling_ae=SECRET"]):
        done = run("explain", "--redact", "--trace", "all", rules, *given_words)
        assert done.out.startswith("[redacted]\n")
        assert "SECRET" not in done.out + done.err
        assert "muster" not in done.out + done.err


@pytest.mark.parametrize(
    "document", ['{"00280010": {"vr": "US", "Value": ["SECRET"]}}', '["SECRET"]']
)
def test_redacted_reasons_tell_nothing(run, rules: Path, tmp_path: Path, document: str) -> None:
    file = tmp_path / "muster.json"
    file.write_text(document)
    assert "SECRET" in run("explain", rules, file).err
    for redacted in (file, "Rows=SECRET"):
        done = run("explain", "--redact", "--format", "json", rules, redacted)
        assert done.code in {1, 2}
        assert "[redacted]" in done.out
        assert "SECRET" not in done.out + done.err


REFUSED = {
    "assoc.peer=SECRET": "is no IP address",
    "instance.size=SECRET": "is a number of bytes",
    "--peer SECRET x.dcm": "is no IP address",
    "--at SECRET x.dcm": "is no instant",
    "SECRET.dcm": "there is no",
    "PatientName:SECRET": "there is no",
    '{"SECRET^JOAO": {"vr": "PN"}}': "is no tag",
    '{"SECRET": 1, "SECRET": 1}': "is there twice",
    '{"00100010": {"vr": "SECRET"}}': "is no value representation",
}


@pytest.mark.parametrize(("given", "said"), REFUSED.items())
def test_redacted_refusals_tell_nothing(
    run, rules: Path, tmp_path: Path, given: str, said: str
) -> None:
    words: list[object] = [*words_of(given)]
    if given.startswith("{"):
        words = [tmp_path / "object.json"]
        (tmp_path / "object.json").write_text(given)
    assert "SECRET" in run("explain", rules, *words).err
    for form in ("text", "json"):
        done = run("explain", "--redact", "--format", form, rules, *words)
        assert done.code in {1, 2}
        assert said in done.err + done.out
        assert "[redacted]" in done.err + done.out
        assert "SECRET" not in done.out + done.err


def test_redacted_callers_are_not_named(run, rules: Path) -> None:
    listening = (
        'listener main { port = 11112 }\nnode scan { ae = "SCAN" host = "h" may = { store } }\n'
    )
    rules.write_text(rules.read_text() + listening)
    words = [rules, "Modality=CT", "assoc.calling_ae=SECRET"]
    assert "lets `SECRET` store" in run("explain", *words).err
    done = run("explain", "--redact", *words)
    assert "lets `[redacted]` store" in done.err
    assert "SECRET" not in done.out + done.err


def test_a_file_of_that_name_is_a_file(run, rules: Path, sample, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Modality=CT").write_bytes(sample("CT_small.dcm").read_bytes())
    (entry,) = run("explain", "--format", "json", rules, "Modality=CT").json()
    assert entry["read"]["last_tag"] == "(0028,0010)"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("PatientsName=x", "did you mean `PatientName`"),
        ("assoc.caling_ae=x", "did you mean `assoc.calling_ae`"),
        ("Modality=CT Modality=MR", "`Modality` is given twice"),
        ("Modality=CT (0008,0060)=MR", "`(0008,0060)` is given twice"),
        ("ProcedureCodeSequence= ProcedureCodeSequence[1].CodeValue=1", "is given twice"),
        ("ImageType[1]=x", "`ImageType[1]` is a part"),
        ("PatientName.family=x", "`PatientName.family` is a part"),
        ("OverlayRows=4", "`OverlayRows` is a part"),
        ("ProcedureCodeSequence=x", "write `ProcedureCodeSequence[1].Attribute=value`"),
        ("ProcedureCodeSequence.CodeValue=x", "which item is meant"),
        ("ProcedureCodeSequence[0].CodeValue=x", "[0]"),
        ("ProcedureCodeSequence[2].CodeValue=x", "has 0 of these items"),
        ("ProcedureCodeSequence[99999999999].CodeValue=x", "has 0 of these items"),
        ("(0019,100C)=x", "is private"),
        ("TransferSyntaxUID=1.2", "instance.transfer_syntax"),
        ("clock.local=x", "--at"),
        ("instance.size=many", "`many`"),
        ("Rows=x", "`x` cannot be written as US for `Rows`"),
        ("Rows=65536", "cannot be written as US"),
        ("assoc.peer=ct1", "`ct1` is no IP address"),
        ("--calling CT1 assoc.calling_ae=CT1", "by a word and by `--calling`"),
        ("Modality", "there is no `Modality`"),
        ("=CT", "there is no `=CT`"),
    ],
)
def test_wrong_words(run, rules: Path, words: str, said: str) -> None:
    done = run("explain", rules, *words_of(words))
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_wrong_words_in_portuguese(run, rules: Path) -> None:
    done = run("--lang", "pt", "explain", rules, "PatientsName=x")
    assert done.err == (
        "roteiro: nas palavras: `PatientsName` não está no dicionário; "
        "queria dizer `PatientName` (0010,0010, PN)?\n"
    )


@LIMITS
@given(st.text(st.characters(codec="utf-8"), max_size=12), st.text(max_size=12))
def test_any_word_is_an_object_or_one_line(run, rules: Path, key: str, value: str) -> None:
    word = f"{key}={value}".replace("\0", "")
    done = run("explain", rules, "Modality=CT", word if not word.startswith("-") else f"x{word}")
    assert done.code in {0, 1, 2}
    assert "fault" not in done.err


HALF = '{"vr": "%s", "Value": [%s]}'


@pytest.mark.parametrize("lang", ["en", "pt"])
def test_what_is_no_text_is_refused(run, rules: Path, tmp_path: Path, lang: str) -> None:
    half, said = r'"a\ud800"', {"en": "is no text", "pt": "não é texto"}[lang]
    file = tmp_path / "half.json"
    for vr, value in (("PN", half), ("PN", f'{{"Alphabetic": {half}}}'), ("CS", half)):
        file.write_text('{"00100010": ' + HALF % (vr, value) + "}")
        done = run("--lang", lang, "explain", rules, file)
        assert done.code == 1
        assert said in done.err
        assert "`00100010`" in done.err
    for word in ("PatientName=M\udcfcster", "Modality=\udcff", "assoc.calling_ae=\udcff"):
        done = run("--lang", lang, "explain", rules, word)
        assert (done.code, done.out) == (2, "")
        assert said in done.err


# Documents that are none --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "no JSON: line 1, column 2"),
        ("[]", "the list is empty"),
        ("[1]", "not `1`"),
        ('{"Modality": {"vr": "CS"}}', "write `00080060`"),
        ('{"0008": {"vr": "CS"}}', "`0008` is no tag"),
        ('{"00080060": "CT"}', "`00080060` has no `vr`"),
        ('{"00080060": {"Value": ["CT"]}}', "`00080060` has no `vr`"),
        ('{"00080060": {"vr": "XX", "Value": ["CT"]}}', "`XX` is no value representation"),
        ('{"00080060": {"vr": "CS", "Value": "CT"}}', "is no list"),
        ('{"00080060": {"vr": "CS", "Value": [true]}}', "`true` is no value of `00080060` (CS)"),
        ('{"00280010": {"vr": "US", "Value": [70000]}}', "`70000` is no value"),
        ('{"00280010": {"vr": "US", "Value": ["x"]}}', "`x` is no value"),
        ('{"00080060": {"vr": "CS"}, "00080060": {"vr": "CS"}}', "there twice"),
        ('{"0040A043": {"vr": "SQ", "Value": [1]}}', "not `1`"),
        ('{"00104000": {"vr": "LT", "Value": ["a", "b"]}}', "is no value"),
        ('{"00091010": {"vr": "UN", "InlineBinary": "?"}}', "no Base64"),
        ('{"00091010": {"vr": "UN", "InlineBinary": null}}', "no Base64"),
        ('{"00091010": {"vr": "UN", "InlineBinary": 1234}}', "no Base64"),
        ('{"00091010": {"vr": "UN", "InlineBinary": true}}', "no Base64"),
        ('{"0040A043": {"vr": "SQ", "InlineBinary": "/v8A4A=="}}', "items in `Value`"),
        ('{"0040A043": {"vr": "SQ", "BulkDataURI": "http://x"}}', "items in `Value`"),
        ('{"0040A043": {"vr": "SQ", "Value": [false]}}', "not `false`"),
        ('{"0040A043": {"vr": "SQ", "Value": [[]]}}', "not `[]`"),
        ('{"0040A043": {"vr": "SQ", "Value": [""]}}', "not ``"),
        ('{"00091010": {"vr": "OB", "InlineBinary": "", "Value": []}}', "both"),
        ('{"00080060": {"vr": "CS", "BulkDataURI": "http://x"}}', "ask for (0008,0060)"),
        ('{"0040A043": {"vr": "SQ", "Value": [' * 9999, "nested too deep"),
    ],
)
def test_a_document_that_is_none(run, rules: Path, tmp_path: Path, document, said) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(document)
    done = run("explain", "--format", "json", rules, file)
    assert done.code == 1
    assert said in done.json()[0]["error"]


def test_an_item_that_is_null_is_an_empty_one() -> None:
    document = b'{"0040A043": {"vr": "SQ", "Value": [null, {}]}}'
    assert json_objects(document)[0].data_set[0x0040A043].items == [{}, {}]


def test_a_value_elsewhere_that_nobody_asks_for(run, rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "metadata.json"
    file.write_text(
        '{"7FE00010": {"vr": "OW", "BulkDataURI": "http://x"},'
        '"00104000": {"vr": "LT", "BulkDataURI": "http://y"},'
        '"00100020": {"vr": "LO", "Value": ["1"]}, "00020010": {"vr": "UI", "Value": ["1.2"]}}'
    )
    assert run("explain", rules, file).code == 0
    words = ("PatientComments=x", "assoc.calling_ae=CT1")
    assert run("explain", rules, file, *words).code == 0


MEMBERS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.text(st.characters(categories=["Cs", "Ll"]), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["vr", "Value", "InlineBinary", "00080005", "00280010", "Alphabetic"]),
            inner | st.sampled_from(["CS", "US", "PN", "SQ", "AT", "FD", "UN", "LO"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@LIMITS
@given(MEMBERS)
def test_any_document_is_an_object_or_has_a_reason(document: object) -> None:
    found: list[object]
    try:
        found = [*json_objects(json.dumps(document).encode("utf-8", "surrogatepass"))]
    except NotJsonModelError as wrong:
        found = [wrong.phrase]
    assert all(found)
