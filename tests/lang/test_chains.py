"""Transforms and profiles, typed: edits, functions, limits, the standard's profile."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

from roteiro.core.program import Source, ValueType
from roteiro.lang import chains
from roteiro.lang.chains import Apply, Joined, LookupTable, Secret, ValueOf, Written
from roteiro.lang.dictionary import by_keyword
from roteiro.lang.reference import Reference
from roteiro.lang.render.text import said
from roteiro.lang.selftest import Outside, run_one
from roteiro.lang.writable import allows

LOOKUP = 'lookup ids = file "ids.csv" key PatientID value SubjectID\n'
CSV = "PatientID,SubjectID\n1,S1\n"


def examined(text: str, program):
    text = f"language 1\n{LOOKUP}{text}\n"
    typed, findings = program({"x.route": text, "ids.csv": CSV})
    wrong = [
        (one.code, text[one.span.start : one.span.end], said(one.message, "en"))
        for one in findings
        if one.level.name == "ERROR"
    ]
    assert (typed is None) == bool(wrong)
    return typed, wrong


def edits(text: str, program) -> tuple[chains.Edit, ...]:
    typed, wrong = examined(f"transform x {{ {text} }}", program)
    assert wrong == []
    return typed.chains[0].edits


def value(text: str, program) -> chains.Value:
    (edit,) = edits(text, program)
    return edit.value


def shape(found: chains.Value | object) -> object:
    """Write a value so that it can be compared at a glance."""
    if isinstance(found, Written):
        return found.text
    if isinstance(found, ValueOf):
        return found.field
    if isinstance(found, Joined):
        return ("+", *(shape(part) for part in found.parts))
    if isinstance(found, Apply):
        return (found.function, *(shape(part) for part in found.arguments))
    return found


def named(found: object) -> object:
    """Put keywords in the place of fields."""
    if isinstance(found, tuple):
        return tuple(map(named, found))
    return getattr(found, "name", found) if not isinstance(found, LookupTable) else found.rows


# Edits --------------------------------------------------------------------------------------------


def test_all_edits(program) -> None:
    put, copy, if_, each, blank = edits(
        'set StudyDescription = "X" copy PatientID to OtherPatientNames '
        "if InstitutionName is valued { remove InstitutionName remove (60xx,3000) }"
        " each RequestAttributesSequence { blank RequestedProcedureDescription"
        " each ScheduledProtocolCodeSequence { remove CodeMeaning } }"
        ' blank (0019,"ACME",0C)',
        program,
    )
    assert (put.field.name, put.value) == ("StudyDescription", Written("X"))
    assert (copy.origin.name, copy.target.name) == ("PatientID", "OtherPatientNames")
    assert [(type(one), one.field.repeating) for one in if_.edits] == [
        *((chains.Remove, False), (chains.Remove, True)),
    ]
    assert each.field.name == "RequestAttributesSequence"
    assert isinstance(each.edits[0], chains.Blank)
    assert each.edits[1].edits[0].field.name == "CodeMeaning"
    assert (blank.field.creator, blank.field.tag) == ("ACME", 0x0019000C)


def test_a_way_through_items(program) -> None:
    (edit,) = edits('set RequestAttributesSequence[2].RequestedProcedureID = "1"', program)
    (step,) = edit.field.steps
    assert (step.tag, step.item, edit.field.name) == (0x00400275, 2, "RequestedProcedureID")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('StudyDescription = "Thorax a.p."', "Thorax a.p."),
        ('PatientName = "Muster^Max"', "Muster^Max"),
        ("SeriesNumber = 5", "5"),
        ("SliceThickness = -1.50", "-1.50"),
        ("Rows = 512", "512"),
        ("ExposureTimeInms = 0.1", "0.1"),  # a float is rounded, not refused
        ("StudyDate = 2026-01-31", "20260131"),
        ("StudyTime = 22:30", "223000"),
        ("StudyTime = 22:30:01.5", "223001.500000"),
        ("AcquisitionDateTime = 2026-01-31T10:00:00+01:00", "20260131100000+0100"),
        ("AcquisitionDateTime = 2026-01-31T10:00:00.25Z", "20260131100000.250000+0000"),
        ("PatientAge = 18Y", "018Y"),
        ("SOPClassUID = CTImageStorage", "1.2.840.10008.5.1.4.1.1.2"),
        ("SOPInstanceUID = 1.2.3", "1.2.3"),
        ("FrameIncrementPointer = (0018,1063)", "00181063"),
        (r'ImageType = "DERIVED\\SECONDARY"', r"DERIVED\SECONDARY"),
        ('(0019,"ACME",0C) = "x"', "x"),
    ],
)
def test_literals_as_a_data_set_holds_them(written: str, text: str, program) -> None:
    assert value(f"set {written}", program) == Written(text)


@pytest.mark.parametrize(
    ("literal", "vr", "kind"),
    [
        ('"x"', "LO", ValueType.TEXT),
        ("1.5", "DS", ValueType.DECIMAL),
        ("2026-01-31", "DA", ValueType.DATE),
        ("upper(PatientID)", "LO", ValueType.TEXT),
    ],
)
def test_a_private_element_takes_the_vr_of_what_is_written(literal, vr, kind, program) -> None:
    (edit,) = edits(f'set (0019,"ACME",0C) = {literal}', program)
    assert (edit.field.vr, edit.field.type) == (vr, kind)


# Values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("upper(StudyDescription)", ("upper", "StudyDescription")),
        ('lower("A")', ("lower", "A")),
        ("trim(PatientName)", ("trim", "PatientName")),
        ('coalesce(StudyDescription, SeriesDescription, "none")',
         ("coalesce", "StudyDescription", "SeriesDescription", "none")),
        ("lookup(@ids, PatientID)", ("lookup", {"1": "S1"}, "PatientID")),
        ('lookup(@ids, PatientID, "none")', ("lookup", {"1": "S1"}, "PatientID", "none")),
        ('replace(StudyDescription, "a", "")', ("replace", "StudyDescription", "a", "")),
        ('part(StudyDescription, "/", 2)', ("part", "StudyDescription", "/", 2)),
        ("slice(StudyDate, 1, 4)", ("slice", "StudyDate", 1, 4)),
        ('hash(PatientID, secret("env:K"))', ("hash", "PatientID", Secret("env:K"))),
        ('"A-" + PatientID + 5', ("+", "A-", "PatientID", "5")),
        ("assoc.calling_ae", "calling_ae"),
        ('upper(part("a/b" + PatientID, "/", 1))',
         ("upper", ("part", ("+", "a/b", "PatientID"), "/", 1))),
    ],
)  # fmt: skip
def test_values(written: str, expected: object, program) -> None:
    assert named(shape(value(f"set StudyDescription = {written}", program))) == expected


@pytest.mark.parametrize(
    ("target", "written"),
    [
        ("StudyDate", "shift(StudyDate, 10d)"),
        ("AcquisitionDateTime", "shift(AcquisitionDateTime, 1d)"),
        ("SOPInstanceUID", 'uid_hash(SOPInstanceUID, secret("file:key"))'),
        ("StudyDate", "coalesce(StudyDate, SeriesDate)"),
        ("StudyDate", "coalesce(StudyDate, 2026-01-31)"),
        # computed text is seen object by object
        ("StudyDate", 'part(StudyDescription, "/", 1)'),
        ("Rows", "lookup(@ids, PatientID)"),
        # everything can be written as text
        ("StudyDescription", "Rows"),
        ("StudyDescription", "StudyDate"),
        ("PatientName", "PatientID"),
        ("PatientComments", "PatientName"),
        ("StudyDescription", "PatientName.family"),
        ("StudyDescription", "ImageType[1]"),
    ],
)
def test_what_fits(target: str, written: str, program) -> None:
    assert value(f"set {target} = {written}", program) is not None


WRONG = [
    # types
    ('set Rows = "512"', "RT120", '"512"', "`Rows` is US (decimal), given text"),
    ("set StudyDescription = 5", "RT120", "5", "given a number"),
    ("set StudyDate = 5d", "RT120", "5d", "given"),
    ("set StudyDate = PatientID", "RT120", "PatientID", "`StudyDate` is DA (date), set to text"),
    ("set Rows = StudyDate", "RT120", "StudyDate", "set to date"),
    ("set StudyDescription = PixelData", "RT120", "PixelData", "no value that could be used"),
    ("set StudyDescription = RequestAttributesSequence", "RT120", "RequestAttributesSequence",
     "no value that could be used"),
    ('set StudyDescription = i"x"', "RT120", 'i"x"', "compares values"),
    ("set StudyDescription = /x/", "RT120", "/x/", "compares values"),
    # what can be changed
    ('set assoc.calling_ae = "X"', "RT108", "assoc.calling_ae", "no part of the object"),
    ('set ImageType[1] = "X"', "RT108", "ImageType[1]", "a part of an attribute"),
    ('set PatientName.family = "X"', "RT108", "PatientName.family", "a part of an attribute"),
    ('set RequestAttributesSequence = "X"', "RT120", "RequestAttributesSequence", "`each"),
    ('set PixelData = "X"', "RT120", "PixelData", "can be written down"),
    ('set (60xx,0022) = "X"', "RT120", "(60xx,0022)", "sixteen groups"),
    ('set PatientsName = "X"', "RT101", "PatientsName", "not in the dictionary"),
    ("each PatientName { remove Rows }", "RT120", "PatientName", "no sequence"),
    ("copy StudyDate to Rows", "RT120", "copy StudyDate to Rows", "`StudyDate` is DA (date)"),
    ("copy RequestAttributesSequence to PatientID", "RT120",
     "copy RequestAttributesSequence to PatientID", "`PatientID` is LO (text)"),
    # VM, length, characters
    ('set ImageType = "DERIVED"', "RT110", '"DERIVED"', "has 2-n values, given 1"),
    (r'set PixelSpacing = 0.5', "RT110", "0.5", "has 2 values, given 1"),
    (r'set PatientID = "a\\b"', "RT110", r'"a\\b"', "has 1 values, given 2"),
    ('set StationName = "12345678901234567"', "RT108", '"12345678901234567"', "StationName"),
    ('set Modality = "ct"', "RT108", '"ct"', "no value of `Modality` (CS)"),
    ("set Rows = 70000", "RT108", "70000", "no value of `Rows` (US)"),
    ("set Rows = 1.5", "RT108", "1.5", "no value of `Rows` (US)"),
    ("set SliceThickness = 1.23456789012345678", "RT108", "1.23456789012345678",
     "no value of `SliceThickness` (DS)"),
    ('set PatientName = "a^b^c^d^e^f"', "RT108", '"a^b^c^d^e^f"', "no value of `PatientName` (PN)"),
    ('set StudyDescription = ""', "RT108", '""', "an empty text"),
    ("set StudyDate = 2026-02-30", "RT113", "2026-02-30", "there is no day"),
    ("set SOPInstanceUID = 1.2.03", "RT113", "1.2.03", "is no UID"),
    ('set StationName = coalesce(StationName, "12345678901234567")', "RT108",
     '"12345678901234567"', "StationName"),
    (r'set ImageType = coalesce(ImageType, "A\\B")', "RT108", r'"A\\B"', "ImageType"),
    ('set AccessionNumber = hash(PatientID, secret("env:K"))', "RT108",
     'hash(PatientID, secret("env:K"))', "has 32 characters"),
    ('set Modality = lookup(@ids, PatientID, "ot")', "RT108", '"ot"', "Modality"),
    # functions
    ("set PatientID = uper(PatientID)", "RT104", "uper", "no function `uper`"),
    ("set PatientID = upper()", "RT108", "upper()", "takes 1 arguments, given 0"),
    ("set PatientID = upper(PatientID, PatientID)", "RT108", "upper(PatientID, PatientID)",
     "takes 1 arguments, given 2"),
    ("set PatientID = coalesce(PatientID)", "RT108", "coalesce(PatientID)", "takes 2 to 16"),
    ("set PatientID = lookup(PatientID, PatientID)", "RT120", "PatientID", "cannot stand here"),
    ("set PatientID = lookup(@nothing, PatientID)", "RT104", "nothing", "no lookup `nothing`"),
    ('set PatientID = replace(PatientID, "", "x")', "RT120", '""', "cannot stand here"),
    ('set PatientID = part(PatientID, "/", 0)', "RT120", "0", "cannot stand here"),
    ('set PatientID = part(PatientID, "/", 1.5)', "RT120", "1.5", "cannot stand here"),
    ('set PatientID = part(PatientID, "/", 10001)', "RT120", "10001", "cannot stand here"),
    ("set PatientID = slice(PatientID, 3, 2)", "RT115", "slice(PatientID, 3, 2)",
     "ends before it begins"),
    ("set PatientID = hash(PatientID, PatientID)", "RT120", "PatientID", "cannot stand here"),
    ('set PatientID = hash(PatientID, secret("K"))', "RT504", '"K"', "known to all"),
    ('set PatientID = hash(PatientID, secret("env:"))', "RT120", 'secret("env:")',
     "cannot stand here"),
    ('set SOPInstanceUID = uid_hash(PatientID, secret("env:K"))', "RT120", "PatientID",
     "cannot stand here"),
    ("set StudyDate = shift(PatientID, 1d)", "RT120", "PatientID", "cannot stand here"),
    ("set StudyDate = shift(StudyDate, 1h)", "RT120", "1h", "cannot stand here"),
    ("set StudyDate = shift(StudyDate, 40000d)", "RT120", "40000d", "cannot stand here"),
    ("set StudyDate = coalesce(StudyDate, PatientID)", "RT120",
     "coalesce(StudyDate, PatientID)", "different types"),
    ("set PatientID = PatientID + 5d", "RT120", "5d", "is no value here"),
    ("if PatientsName is valued { remove Rows }", "RT101", "PatientsName", "not in the dictionary"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "code", "place", "words"), WRONG, ids=lambda one: one[:60])
def test_what_is_wrong(edit: str, code: str, place: str, words: str, program) -> None:
    _, found = examined(f"transform x {{ {edit} }}", program)
    assert [one[:2] for one in found] == [(code, place)]
    assert words in found[0][2]


def test_edits_are_nested_sixty_four_deep_at_most(program) -> None:
    def nested(depth: int) -> str:
        inner = "if Rows > 1 { " * depth + "remove Rows" + " }" * depth
        return f"transform x {{ {inner} }}"

    assert examined(nested(64), program)[1] == []
    assert {one[0] for one in examined(nested(70), program)[1]} == {"RT126"}


@pytest.mark.parametrize(
    ("vm", "counts"),
    [
        ("1", {1}), ("3", {3}), ("1-2", {1, 2}),
        ("2-n", set(range(2, 7))), ("1-n", set(range(1, 7))),
        ("2-2n", {2, 4, 6}), ("3-3n", {3, 6}), ("4-5", {4, 5}), ("1-99", set(range(1, 7))),
        ("6-n", {6}),
    ],
)  # fmt: skip
def test_value_multiplicities(vm: str, counts: set) -> None:
    assert {count for count in range(7) if count and allows(vm, count)} == counts


# Profiles -----------------------------------------------------------------------------------------


def profile(text: str, program, name: str = "p") -> chains.Chain:
    typed, wrong = examined(text, program)
    assert wrong == []
    return next(chain for chain in typed.chains if chain.name == name)


def test_all_statements(program) -> None:
    found = profile(
        "profile p extends dicom.basic_2024 { option clean_descriptors, retain_device_identity\n"
        "keep PatientSex, PatientAge\nremove InstitutionName, StationName\nblank StudyID\n"
        'replace PatientID with lookup(@ids, PatientID)\nuids hash secret("env:U")\n'
        'dates shift within 365d per PatientID secret("file:d")\n'
        'private remove except (0019,"ACME",0C)\n'
        'pixels block 512x80+0+0, 10x20+30+40 when Modality == "US" }',
        program,
    )
    assert (found.profile, found.standard) == (True, "dicom.basic_2024")
    assert found.options == ("clean_descriptors", "retain_device_identity")
    keep, one, two, blank, put, uids, dates, private, pixels = found.edits
    assert [field.name for field in keep.fields] == ["PatientSex", "PatientAge"]
    assert [type(each) for each in (one, two, blank)] == [
        *(chains.Remove, chains.Remove, chains.Blank),
    ]
    assert (two.field.name, blank.field.name) == ("StationName", "StudyID")
    assert put.value.function == "lookup"
    assert uids.secret == Secret("env:U")
    assert (dates.days, dates.per.name, dates.secret) == (365, "PatientID", Secret("file:d"))
    assert [field.creator for field in private.keep] == ["ACME"]
    assert pixels.boxes == ((512, 80, 0, 0), (10, 20, 30, 40))


def test_a_profile_has_what_it_extends_before_its_own(program) -> None:
    text = (
        "profile c extends b { option retain_uids keep Rows }\n"
        "profile a extends dicom.basic_2024 { option clean_graphics remove PatientSex }\n"
        "profile b extends a { blank PatientID }\n"
    )
    found = profile(text, program, "c")
    assert [type(each).__name__ for each in found.edits] == ["Remove", "Blank", "Keep"]
    assert found.standard == "dicom.basic_2024"
    assert found.options == ("clean_graphics", "retain_uids")


def test_a_profile_of_ones_own(program) -> None:
    found = profile("profile p { remove PatientName }", program)
    assert (found.standard, found.options, len(found.edits)) == (None, (), 1)


PROFILES = [
    ("profile p extends q { keep Rows }", "RT104", "q", "no profile `q`"),
    ("profile p extends dicom { keep Rows }", "RT104", "dicom", "`dicom` is no profile"),
    ("profile p extends dicom.a.b { keep Rows }", "RT104", "dicom.a.b", "is no profile"),
    ("profile p extends p { keep Rows }", "RT118", "p", "`p -> p`"),
    ("profile a extends b { keep Rows }\nprofile b extends a { keep Rows }", "RT118", "a",
     "`a -> b -> a`"),
    ("profile p { option clean_graphics }", "RT108", "clean_graphics", "does not extend"),
    ("profile p extends dicom.basic_2024 { option clean_grafics }", "RT108", "clean_grafics",
     "no option `clean_grafics`"),
    ("profile p extends dicom.basic_2024 { option clean_graphics, clean_graphics }", "RT105",
     "clean_graphics", "a second"),
    ("profile p extends dicom.basic_2024 { option retain_longitudinal_full_dates,"
     " retain_longitudinal_modified_dates }", "RT108", "retain_longitudinal_modified_dates",
     "exclude each other"),
    ('profile p { uids hash secret("K") }', "RT504", '"K"', "known to all"),
    ('profile p { uids hash secret("env:") }', "RT108", 'secret("env:")', "where the secret"),
    ('profile p { dates shift within 5h per PatientID secret("env:K") }', "RT108", "5h",
     "whole days"),
    ('profile p { dates shift within 5d per PixelData secret("env:K") }', "RT120", "PixelData",
     "no value"),
    ("profile p { private remove except PatientID }", "RT116", "PatientID", "is not private"),
    ("profile p { pixels block 0x5+0+0 when true }", "RT108", "0x5+0+0", "a width and a height"),
    ("profile p { pixels block 5x5+65535+0 when true }", "RT108", "5x5+65535+0", "65535 pixels"),
    ("profile p { keep Rows remove Rows }", "RT105", "Rows", "already says"),
    ('profile p { uids hash secret("env:K") uids hash secret("env:L") }', "RT105",
     'uids hash secret("env:L")', "a second time"),
    ("transform p { remove Rows }\nprofile p { remove Rows }", "RT105", "p", "a second `p`"),
    ("profile p { replace Rows with PatientID }", "RT120", "PatientID", "set to text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "place", "words"), PROFILES, ids=lambda one: one[:60])
def test_what_is_wrong_with_profiles(text: str, code: str, place: str, words: str, program) -> None:
    _, found = examined(text, program)
    assert [one[:2] for one in found] == [(code, place)]
    assert words in found[0][2]


def test_every_field_of_a_chain_is_one_of_the_object(program) -> None:
    (edit,) = edits("remove (0010,0020)", program)
    attribute = by_keyword("PatientID")
    assert (edit.field.source, edit.field.tag) == (Source.ELEMENT, attribute.tag)


# What is typed is carried out ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        (r'set ImageType = "DERIVED\\SECONDARY"', "result ImageType[2] == \"SECONDARY\""),
        (r'set StudyDescription = "A" + PatientID', 'result StudyDescription == "A4711"'),
        ("set FrameIncrementPointer = (0018,1063)",
         "result FrameIncrementPointer == (0018,1063)"),
        ("copy FrameIncrementPointer to DimensionIndexPointer",
         "result DimensionIndexPointer == (0018,1065)"),
        ("copy RequestAttributesSequence to RequestedProcedureCodeSequence",
         'result RequestedProcedureCodeSequence[1].CodeValue == "C"'),
        ('copy (0019,"ACME",0C) to (0021,"ACME",0D)', 'result (0021,"ACME",0D) == "private"'),
        ('set AccessionNumber = slice(hash(PatientID, secret("env:K")), 1, 16)',
         "result AccessionNumber is valued"),
        ("set PatientID = lookup(@ids, part(\"1/2\" + PatientSex, \"/\", 1))",
         'result PatientID == "S1"'),
    ],
)  # fmt: skip
def test_it_does_what_it_says(edit: str, result: str, program) -> None:
    text = (
        f"language 1\n{LOOKUP}"
        'node n { ae = "N" host = "h" port = 1 }\n'
        f"transform x {{ {edit} }}\ntable t all {{ rule r {{ send to n via x }} }}\n"
        'test "t" { given { PatientID = "4711" FrameIncrementPointer = (0018,1065)'
        ' (0019,"ACME",0C) = "private"'
        ' RequestAttributesSequence = items({ CodeValue = "C" }) }\n'
        f"  expect {result} }}\n"
    )
    typed, findings = program({"x.route": text, "ids.csv": CSV})
    assert [one for one in findings if one.level.name == "ERROR"] == []
    outside = Outside(lambda path: None, lambda place: place.encode())
    ran = run_one(typed.tests[0], Reference(typed), outside)
    assert [said(one.got, "en") for one in ran.failures] == []


def test_a_text_in_the_code_explains_one_name() -> None:
    folder = Path(__file__).resolve().parents[2] / "lang"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            body = node.body if isinstance(node, ast.Module | ast.ClassDef) else []
            for one, other in pairwise(body):
                assert not (is_text(one) and is_text(other)), f"{path.name}:{other.lineno}"


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a text alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
