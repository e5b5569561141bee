"""What items become: names replaced, verdicts, and tests as a data set would hold them."""

import pytest

from roteiro.core.program import Drop, Hold, Pass, Refuse
from roteiro.lang.diagnostics import Level
from roteiro.lang.typed import Compare, Typed, TypedTest


def accepted(text: str, examine) -> Typed:
    typed, findings = examine(f"language 1\n{text}\n")
    assert [one.code for one in findings if one.level is Level.ERROR] == []
    assert typed is not None
    return typed


def compared(condition: str, examine, before: str = "") -> Compare:
    typed = accepted(
        f'{before}table t all {{ rule r {{ when {condition} nothing "x" }} }}', examine
    )
    condition = typed.tables[0].rules[0].condition
    assert isinstance(condition, Compare)
    return condition


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
