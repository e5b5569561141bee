"""What literals become: values as the fields have them, tests as a data set would hold them."""

from decimal import Decimal

import pytest

from roteiro.core.program import Drop, Hold, Interval, Pass, Refuse, Source, ValueType
from roteiro.lang.typed import Compare, Typed, TypedTest

HOUR = 3600 * 1_000_000


def accepted(text: str, examine) -> Typed:
    typed, findings = examine(f"language 1\n{text}\n")
    assert findings == ()
    assert typed is not None
    return typed


def compared(condition: str, examine, before: str = "") -> Compare:
    typed = accepted(
        f'{before}table t all {{ rule r {{ when {condition} nothing "x" }} }}', examine
    )
    condition = typed.tables[0].rules[0].condition
    assert isinstance(condition, Compare)
    return condition


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ('Modality == "CT"', ("CT",)),
        (r'InstitutionName contains "a\"b\u{e9}"', ('a"bé',)),
        ('InstitutionName == "e\u0301"', ("é",)),
        ("SliceThickness == 1.50", (Decimal("1.50"),)),
        ("SliceThickness < -0.5", (Decimal("-0.5"),)),
        ("Rows in { 1, 2, 1 }", (Decimal(1), Decimal(2))),
        ("instance.size > 20MiB", (Decimal(20 * 1024 * 1024),)),
        ("StudyDate == 2026-01-31", (20260131,)),
        ("StudyTime >= 22:00", (22 * HOUR,)),
        ("StudyTime == 01:02:03.5", (HOUR + 2 * 60_000_000 + 3_500_000,)),
        ("SOPClassUID == CTImageStorage", ("1.2.840.10008.5.1.4.1.1.2",)),
        ("instance.transfer_syntax != 1.2.840.10008.1.2.2", ("1.2.840.10008.1.2.2",)),
        ('assoc.peer == "10.0.0.7"', (0xFFFF0A000007,)),
        ('assoc.peer == "::1"', (1,)),
        ('ImageType starts with { "A", "B" }', ("A", "B")),
    ],
)  # fmt: skip
def test_values(condition: str, values: tuple, examine) -> None:
    assert compared(condition, examine).values == values


@pytest.mark.parametrize(
    ("condition", "intervals"),
    [
        ("Rows in 512..1024", (Interval(Decimal(512), Decimal(1024)),)),
        ("Rows in { 5, 6..6 }", (Interval(Decimal(6), Decimal(6)),)),
        ("StudyDate in 2020-01-01..2024-12-31", (Interval(20200101, 20241231),)),
        ("StudyTime in 06:00..22:00", (Interval(6 * HOUR, 22 * HOUR),)),
        ("StudyTime in 22:00..06:00", (Interval(22 * HOUR, None), Interval(None, 6 * HOUR))),
        ('assoc.peer in { "10.0.0.0/8" }', (Interval(0xFFFF0A000000, 0xFFFF0AFFFFFF),)),
        ('assoc.peer in { "::1" }', (Interval(1, 1),)),
        ('assoc.peer in { "10.0.0.1".."10.0.0.9" }', (Interval(0xFFFF0A000001, 0xFFFF0A000009),)),
    ],
)
def test_intervals(condition: str, intervals: tuple, examine) -> None:
    assert compared(condition, examine).intervals == intervals


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *((name, ValueType.TEXT) for name in ("assoc.calling_ae", "assoc.called_ae")),
        *((name, ValueType.TEXT) for name in ("assoc.tls_subject", "assoc.listener")),
        ("assoc.peer", ValueType.ADDRESS),
        ("instance.size", ValueType.DECIMAL),
        *((name, ValueType.UID) for name in ("instance.sop_class", "instance.sop_instance")),
        ("instance.transfer_syntax", ValueType.UID),
    ],
)
def test_envelope(path: str, kind: ValueType, examine) -> None:
    typed = accepted(f'table t all {{ rule r {{ when {path} is absent nothing "x" }} }}', examine)
    field = typed.tables[0].rules[0].condition.field
    assert (field.source, field.type, field.name) == (Source.ENVELOPE, kind, path.split(".")[1])


@pytest.mark.parametrize(
    ("path", "kind", "vr"),
    [
        ("Modality", ValueType.TEXT, "CS"),
        ("(0008,0060)", ValueType.TEXT, "CS"),
        ("SmallestImagePixelValue", ValueType.DECIMAL, "US or SS"),
        ("PatientName", ValueType.STATE_ONLY, "PN"),
        ("PixelData", ValueType.STATE_ONLY, "OB or OW"),
        ("RequestAttributesSequence", ValueType.STATE_ONLY, "SQ"),
        ("AcquisitionDateTime", ValueType.STATE_ONLY, "DT"),
        ("(6000,3000)", ValueType.STATE_ONLY, "OB or OW"),
    ],
)
def test_states_work_for_every_vr(path: str, kind: ValueType, vr: str, examine) -> None:
    typed = accepted(f'table t all {{ rule r {{ when {path} is blank nothing "x" }} }}', examine)
    field = typed.tables[0].rules[0].condition.field
    assert (field.type, field.vr) == (kind, vr)


def test_sets_and_conditions_stand_for_what_they_hold(examine) -> None:
    found = compared("Modality in @images", examine, 'set images : CS = { "CT", "MR" }\n')
    assert found.values == ("CT", "MR")
    plain = compared("@ct", examine, 'condition ct = Modality == "CT"\n')
    assert plain.values == ("CT",)
    assert plain.source.text[plain.span.start : plain.span.end] == 'Modality == "CT"'


def test_guard_verdicts(examine) -> None:
    typed = accepted(
        'guard { rule a { when Rows > 1 drop "d" } rule b { when Rows > 2 refuse 0xA700 "full" }'
        ' rule c { when Rows > 3 hold q "why" } rule d { when Rows > 4 hold q }'
        " rule e { when Rows > 5 refuse 0x0124 } otherwise { pass } }",
        examine,
    )
    assert [rule.verdict for rule in typed.guard.rules] == [
        Drop("d"),
        Refuse(0xA700, "full"),
        Hold("q", "why"),
        Hold("q", ""),
        Refuse(0x0124, ""),
    ]
    assert typed.guard.otherwise == Pass()


def example(given: str, examine) -> TypedTest:
    text = f'test "x" {{ given {{ {given} }} expect hold unrouted }}'
    return accepted(text, examine).tests[0]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("SliceThickness = 1.50", ("1.50",)),
        ("Rows = 512", ("512",)),
        ("StudyDate = 2026-01-31", ("20260131",)),
        ("StudyTime = 22:30", ("223000",)),
        ("StudyTime = 22:30:01.5", ("223001.500000",)),
        ("SOPClassUID = CTImageStorage", ("1.2.840.10008.5.1.4.1.1.2",)),
        ('ImageType = ["ORIGINAL", "PRIMARY"]', ("ORIGINAL", "PRIMARY")),
        ("Modality = absent", None),
        ("Modality = empty", ()),
        ("Modality = []", ()),
        ('PatientName = "Muster^Max"', ("Muster^Max",)),
        ('PatientAge = "018Y"', ("018Y",)),
        ('PatientWeight = "heavy"', ("heavy",)),
        ('assoc.peer = "10.0.0.7"', ("10.0.0.7",)),
        ("instance.size = 1024", ("1024",)),
        ("RequestAttributesSequence = empty", ()),
    ],
)
def test_given_values_are_what_a_data_set_holds(given: str, values, examine) -> None:
    (assigned,) = example(given, examine).given
    assert assigned.values == values


def test_a_test_keeps_file_instant_and_expectations(examine) -> None:
    typed = accepted(
        'node p { ae = "P" host = "h" port = 1 }\n'
        "table t first { rule r { when Rows > 1 send to p } otherwise { hold q } }\n"
        'test "x" { given file "a.dcm" { Rows = 5 } at 2026-03-02T14:00:00+01:00\n'
        "  expect exactly p expect send p expect no send p expect rule t.otherwise\n"
        '  expect hold q "why" expect refuse 0x0124 expect drop expect nothing expect pass }',
        examine,
    )
    (test,) = typed.tests
    assert (test.file, test.at) == ("a.dcm", "2026-03-02T14:00:00+01:00")
    assert [(one.kind, one.names, one.status, one.reason) for one in test.expectations] == [
        ("exactly", ("p",), None, None),
        ("send", ("p",), None, None),
        ("no send", ("p",), None, None),
        ("rule", ("t.otherwise",), None, None),
        ("hold", ("q",), None, "why"),
        ("refuse", (), 0x0124, None),
        ("drop", (), None, None),
        ("nothing", (), None, None),
        ("pass", (), None, None),
    ]
