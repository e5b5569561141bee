"""Test items: the object that is given, what is expected, and how a failure reads."""

from pathlib import Path

import pydicom
import pytest
from generators.compile import typed_of
from pydicom.data import get_testdata_file

from roteiro.lang.messages import text
from roteiro.lang.reference import Reference
from roteiro.lang.selftest import FileObject, UnusableFile, run
from tests.catalogue import catalogue

NODES = """language 1
node pacs { ae = "PACS" host = "127.0.0.1" port = 104 }
node ai { ae = "AI" host = "127.0.0.1" port = 105 }
node trial { ae = "TRIAL" host = "127.0.0.1" port = 106 }
"""
RULES = (
    NODES
    + """
guard {
  rule research { when assoc.calling_ae == "RESEARCH" refuse 0x0124 "not authorised" }
  rule phantom { when PatientID == "PHANTOM" drop "a phantom" }
  rule no_patient { when PatientID is blank hold quarantine "no id" }
  otherwise { pass }
}
table clinical all {
  rule ct { when Modality == "CT" send to pacs }
  rule sr { when Modality == "SR" nothing "a report" }
  rule us { when Modality == "US" hold look }
  rule both { when Modality == "MR" send to pacs hold look }
}
table copies all {
  rule ai { when Modality == "CT" and StudyDescription contains "thorax" send to ai }
}
"""
)


def results(rules, *tests, read_file=None, wanted=""):
    typed = typed_of(rules + "\n".join(tests))
    return run(typed, Reference(typed), read_file, wanted)


def expect(given, *expectations, rules=RULES, read_file=None):
    lines = " ".join(f"expect {each}" for each in expectations)
    (result,) = results(rules, f'test "t" {{ given {given} {lines} }}', read_file=read_file)
    return result


def words(result):
    """Give the failures as people read them."""
    return [
        " / ".join(
            text(part.key, **dict(part.values)) for part in (each.expected, each.got) if part
        )
        for each in result.failures
    ]


CT = '{ PatientID = "1" Modality = "CT" StudyDescription = "thorax" }'


@pytest.mark.parametrize(
    ("given", "expectation"),
    [
        (CT, "exactly pacs, ai"),
        (CT, "send ai"),
        (CT, "no send trial"),
        (CT, "rule clinical.ct"),
        (CT, "rule guard.otherwise"),
        (CT, "pass"),
        ('{ PatientID = "1" }', "hold unrouted"),
        ('{ PatientID = "1" }', "pass"),
        ('{ PatientID = empty Modality = "CT" }', "hold quarantine"),
        ("{ PatientID = absent }", 'hold quarantine "no id"'),
        ('{ PatientID = "1" Modality = "US" }', "hold look"),
        ('{ PatientID = "1" Modality = "MR" }', "hold look"),
        ('{ PatientID = "1" Modality = "SR" }', "nothing"),
        ('{ PatientID = "PHANTOM" }', "drop"),
        ('{ assoc.calling_ae = "RESEARCH" }', "refuse 0x0124"),
        ('{ assoc.calling_ae = "RESEARCH" }', 'refuse 0x0124 "not authorised"'),
    ],
)
def test_expectations_that_are_met(given, expectation):
    result = expect(given, expectation)
    assert result.passed, words(result)
    assert result.trace is not None


SENT = "sends to `pacs`, `ai`, by `clinical.ct`, `copies.ai`"


@pytest.mark.parametrize(
    ("given", "expectation", "failure"),
    [
        (CT, "exactly pacs", f"sends to `pacs` and no other / {SENT}"),
        (CT, "send pacs, trial", f"a send to `pacs`, `trial` / {SENT}"),
        (CT, "no send ai", f"no send to `ai` / {SENT}"),
        (CT, "rule clinical.sr", f"that `clinical.sr` fires / {SENT}"),
        (CT, "hold quarantine", f"a hold in `quarantine` / {SENT}"),
        (CT, "drop", f"a drop / {SENT}"),
        (CT, "nothing", f"a rule that says `nothing`, and no send / {SENT}"),
        (CT, "refuse 0x0124", f"a refusal with 0x0124 / {SENT}"),
        (
            '{ assoc.calling_ae = "RESEARCH" }',
            "refuse 0xA700",
            "a refusal with 0xA700 / a refusal with 0x0124 by `guard.research`: not authorised",
        ),
        (
            '{ assoc.calling_ae = "RESEARCH" }',
            'refuse 0x0124 "full"',
            "a refusal with 0x0124 and the reason `full` / "
            "a refusal with 0x0124 by `guard.research`: not authorised",
        ),
        (
            '{ PatientID = "PHANTOM" }',
            "pass",
            "that the guard lets it in / a drop by `guard.phantom`: a phantom",
        ),
        (
            "{ PatientID = empty }",
            'hold quarantine "who"',
            "a hold in `quarantine` with the reason `who` / "
            "a hold in `quarantine` after `guard.no_patient`: no id",
        ),
        (
            '{ PatientID = "1" Modality = "MR" }',
            "exactly ai",
            "sends to `ai` and no other / sends to `pacs` and holds in `look`, by `clinical.both`",
        ),
        (
            '{ PatientID = "1" Modality = "US" }',
            "send ai",
            "a send to `ai` / no send and holds in `look`, by `clinical.us`",
        ),
        (
            '{ PatientID = "1" Modality = "SR" }',
            "send ai",
            "a send to `ai` / no send, by `clinical.sr`",
        ),
    ],
)
def test_expectations_that_are_not_met(given, expectation, failure):
    result = expect(given, expectation)
    assert not result.passed
    assert words(result) == [failure]


CHAINED = f"""{NODES}
transform x {{ set StudyID = PatientID blank InstitutionName set (0009,"ME",01) = "p"
  if Modality == "MR" {{ set StudyDate = trim(PatientID) }}
  each RequestAttributesSequence {{ set StudyID = "in it" }} }}
table t all {{ rule r {{ send to pacs via x }} }}
"""
ITEM = '{ PatientID = "1" RequestAttributesSequence = items({ StudyDescription = "a" }) }'


@pytest.mark.parametrize(
    ("test", "got"),
    [
        ('StudyID == "2"', "`pacs` gets `1`"),
        ('InstitutionName == "2"', "in what `pacs` gets it is empty"),
        ("InstitutionName is absent", "in what `pacs` gets it is empty"),
        ("StudyDate is valued", "in what `pacs` gets it is absent"),
        ('RequestAttributesSequence[1].StudyID == "2"', "`pacs` gets `in it`"),
        ("RequestAttributesSequence[2].StudyID is valued", "in what `pacs` gets it is absent"),
        ('(0009,"ME",01) == "q"', "`pacs` gets `p`"),
        ("RequestAttributesSequence is empty", "`pacs` gets `<1>`"),
    ],
)
def test_what_a_result_has_instead(test, got):
    result = expect(ITEM, f"result {test}", rules=CHAINED)
    assert words(result) == [f"the result to have `{test}` / {got}"]


def test_a_delivery_that_is_expected_and_held_is_kept_beside_the_result():
    given = '{ PatientID = "1" Modality = "MR" }'
    for expectation in ("send pacs", "exactly pacs"):
        result = expect(given, expectation, rules=CHAINED)
        assert result.passed
        assert [(each.to, each.why.key) for each in result.stopped] == [
            ("pacs", "selftest.unfit_value")
        ]
    for others in (("send pacs", "hold transform_failed"), ("pass",), ("send pacs", "drop")):
        assert expect(given, *others, rules=CHAINED).stopped == ()


def test_every_text_of_the_subject_can_be_filled():
    values = dict.fromkeys(
        (
            *("names", "queues", "rules", "reason", "status", "path", "why", "value", "vr"),
            *("name", "to", "via", "profile", "test", "char", "length"),
            *("there", "meant", "cells", "columns", "help", "number"),
        ),
        "x",
    )
    for key in catalogue("en"):
        if key.startswith("selftest."):
            assert text(key, **values)


def test_every_failure_is_listed_at_its_place():
    result = expect(CT, "send trial", "send pacs", "drop")
    source = result.test.source.text
    spans = [source[each.span.start : each.span.end] for each in result.failures]
    assert len(spans) == 2
    assert "send trial" in spans[0]
    assert "drop" in spans[1]


def test_tests_run_in_order_and_by_name():
    one = f'test "one thing" {{ given {CT} expect pass }}'
    two = f'test "another" {{ given {CT} expect drop }}'
    names = [result.test.name for result in results(RULES, one, two)]
    assert names == ["one thing", "another"]
    assert [result.passed for result in results(RULES, one, two)] == [True, False]
    (only,) = results(RULES, one, two, wanted="another")
    assert only.test.name == "another"


# Values that are given ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "condition"),
    [
        (
            "StudyDescription",
            '"M\\u{fc}ller \\u{5c71}"',
            'StudyDescription == "M\\u{fc}ller \\u{5c71}"',
        ),
        ("ImageType", '["ORIGINAL", "PRIMARY"]', 'all ImageType in { "ORIGINAL", "PRIMARY" }'),
        ("SliceThickness", "1.50", "SliceThickness == 1.5"),
        ("InstanceNumber", "7", "InstanceNumber == 7"),
        ("Rows", "512", "Rows in 512..1024"),
        ("SmallestImagePixelValue", "65535", "SmallestImagePixelValue == 65535"),
        ("SmallestImagePixelValue", "-5", "SmallestImagePixelValue == -5"),
        ("SelectorSVValue", "-5", "SelectorSVValue < 0"),
        ("DiffusionBValue", "0.5", "DiffusionBValue == 0.5"),
        ("StudyDate", "2026-01-31", "StudyDate == 2026-01-31"),
        ("StudyTime", "22:00:30.5", "StudyTime == 22:00:30.5"),
        ("SOPClassUID", "CTImageStorage", "SOPClassUID == CTImageStorage"),
        ("SOPClassUID", "CTImageStorage", "instance.sop_class == CTImageStorage"),
        ("SOPInstanceUID", "1.2.3", "instance.sop_instance == 1.2.3"),
        ("instance.size", "1024", "instance.size == 1024"),
        ("instance.size", "absent", "instance.size is absent"),
        ("assoc.peer", '"10.0.0.7"', 'assoc.peer in { "10.0.0.0/8" }'),
        ("assoc.listener", '"main"', 'assoc.listener == "main"'),
        ("PatientName", '"Muster^Max"', "PatientName is valued"),
        ("PatientAge", '"old"', "PatientAge is invalid"),
        ("StudyDate", "absent", "StudyDate is absent"),
        ("StudyDate", "empty", "StudyDate is empty"),
        ("PixelData", "empty", "PixelData is empty"),
        ("InstitutionAddress", '"a\\nb"', 'InstitutionAddress like "a?b"'),
    ],
)
def test_values_of_every_type(path, value, condition):
    rules = f"{NODES}table t all {{ rule r {{ when {condition} send to pacs }} }}\n"
    result = expect(f"{{ {path} = {value} }}", "send pacs", rules=rules)
    assert result.passed, (words(result), result.trace)


def test_text_is_written_in_the_character_set_that_is_given():
    rules = (
        f'{NODES}table t all {{ rule r {{ when StudyDescription == "\u00fc" send to pacs }} }}\n'
    )
    for term, met in (("ISO_IR 100", True), ("ISO_IR 192", True), ("ISO_IR 6", False)):
        given = f'{{ SpecificCharacterSet = "{term}" StudyDescription = "\u00fc" }}'
        assert expect(given, "send pacs", rules=rules).passed == met, term


@pytest.mark.parametrize("value", ["70000", "-1", "1.5"])
def test_a_value_that_its_vr_cannot_hold(value):
    result = expect(f"{{ Rows = {value} }}", "pass")
    assert result.trace is None
    assert words(result) == [
        f"`{value}` cannot be written as US for `Rows`: expected a value of that VR, "
        "in letters of the character set"
    ]


# Files -------------------------------------------------------------------------------------------


def read_file(path):
    """Read a file of pydicom's as the runtime does."""
    name = Path(path).name
    try:
        content = Path(get_testdata_file(name, download=False)).read_bytes()
    except (TypeError, ValueError):
        raise UnusableFile("there is no such file") from None
    read = pydicom.dcmread(get_testdata_file(name, download=False))
    meta = read.file_meta
    offset = 144 + meta.FileMetaInformationGroupLength
    return FileObject(
        content[offset:],
        meta.TransferSyntaxUID,
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "image_dfl.dcm"]
)
def test_a_file_and_what_is_replaced_in_it(name):
    rules = f"""{NODES}
table t all {{
  rule replaced {{ when StudyDescription == "M\u00fcller" and PatientID is empty send to pacs }}
  rule kept {{ when Modality is valued and Rows > 0 and PatientName is absent
    and instance.sop_class is valued and instance.size > 0
    and instance.transfer_syntax is valued and SOPClassUID is valued send to ai }}
}}
"""
    given = f'file "{name}" {{ StudyDescription = "M\u00fcller" PatientID = empty '
    given += "PatientName = absent }"
    result = expect(given, "exactly pacs, ai", rules=rules, read_file=read_file)
    assert result.passed, (words(result), result.trace)


def test_a_file_that_is_not_there():
    result = expect('file "none.dcm"', "pass", read_file=read_file)
    assert result.trace is None
    assert words(result) == ["`none.dcm` cannot be used: there is no such file"]


def test_the_path_of_a_file_is_relative_to_the_rules():
    asked = []

    def refuse(path):
        asked.append(path)
        raise UnusableFile("no")

    expect('file "fixtures/a.dcm"', "pass", read_file=refuse)
    assert asked == [str(Path("generated.route").parent / "fixtures/a.dcm")]
