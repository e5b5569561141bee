"""Test items, typed: values of every VR, items, the instant, what is expected."""

import pytest

from roteiro.core.program import Source, State
from roteiro.lang.render.text import said
from roteiro.lang.typed import Compare, IsState

RULES = (
    'language 1\nnode a { ae = "A" host = "h" port = 1 }\nnode b { ae = "B" host = "h" port = 2 }\n'
    "pool both = copy (a, b)\npool one = failover (a, b)\n"
    "transform x { remove PatientID }\ntransform y { remove PatientSex }\n"
    'guard { rule g { when Rows > 5 hold q "why" } otherwise { pass } }\n'
    "table t all { rule r { when Rows > 1 send to a via x send to one } otherwise { hold look } }\n"
)


def examined(given: str, expect: str, program, at: str = ""):
    text = f'{RULES}test "e" {{ {given} {at} {expect} }}\n'
    typed, findings = program({"x.route": text})
    wrong = [
        (one.code, text[one.span.start : one.span.end], said(one.message, "en"))
        for one in findings
        if one.level.name == "ERROR"
    ]
    assert (typed is None) == bool(wrong)
    return None if typed is None else typed.tests[0], wrong


def accepted(given: str, expect: str, program, at: str = ""):
    test, wrong = examined(given, expect, program, at)
    assert wrong == []
    return test


# What is given ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "vr", "values"),
    [
        ('assoc.calling_ae = "CT1"', "", ("CT1",)),
        ('assoc.peer = "10.0.0.7"', "", ("10.0.0.7",)),
        ("instance.size = 20MiB", "", ("20971520",)),
        ("instance.transfer_syntax = JPEGLSLossless", "", ("1.2.840.10008.1.2.4.80",)),
        ('Modality = "CT"', "CS", ("CT",)),
        ("SliceThickness = [1.0, 2.50]", "DS", ("1.0", "2.50")),
        ("Rows = 512", "US", ("512",)),
        ("StudyDate = 2026-01-31", "DA", ("20260131",)),
        ("StudyTime = 22:30:01.5", "TM", ("223001.500000",)),
        ("AcquisitionDateTime = 2026-01-31T10:00:00+01:00", "DT", ("20260131100000+0100",)),
        ("AcquisitionDateTime = 2026-01-31T10:00Z", "DT", ("20260131100000+0000",)),
        ("PatientAge = 6M", "AS", ("006M",)),
        ('PatientName = "Muster^Max=\u6b66\u58eb"', "PN", ("Muster^Max=\u6b66\u58eb",)),
        ("SOPClassUID = CTImageStorage", "UI", ("1.2.840.10008.5.1.4.1.1.2",)),
        ("FrameIncrementPointer = [(0018,1063), (0018,1065)]", "AT", ("00181063", "00181065")),
        ('PixelData = "abcd"', "OB or OW", ("abcd",)),
        ('(0019,"ACME",0C) = 1000', "DS", ("1000",)),
        ('(0019,"ACME",0C) = "x"', "LO", ("x",)),
        ('(0019,"ACME",0C) = empty', "UN", ()),
        # what is no value of its VR can be given as a text
        ('PatientAge = "old"', "AS", ("old",)),
        ('StudyDate = "31.1.2026"', "DA", ("31.1.2026",)),
    ],
)  # fmt: skip
def test_values_are_what_a_data_set_holds(written: str, vr: str, values: tuple, program) -> None:
    (given,) = accepted(f"given {{ {written} }}", "expect drop", program).given
    assert (given.field.vr, given.values) == (vr, values)


def test_items_of_a_sequence(program) -> None:
    (given,) = accepted(
        "given { RequestAttributesSequence = items({ ScheduledProcedureStepID = \"CT1\""
        " ScheduledProtocolCodeSequence = items({ CodeValue = \"A\" }, { CodeValue = absent }) },"
        " { }) }", "expect drop", program,
    ).given  # fmt: skip
    assert (given.field.vr, given.values) == ("SQ", ())
    one, two = given.items
    assert two == ()
    step, codes = one
    assert step.values == ("CT1",)
    assert [[code.values for code in item] for item in codes.items] == [[("A",)], [None]]


def test_an_empty_sequence(program) -> None:
    (given,) = accepted("given { RequestAttributesSequence = empty }", "expect drop", program).given
    assert (given.values, given.items) == ((), ())


def test_several_blocks_are_one_object(program) -> None:
    test = accepted(
        'given file "a.dcm" { Rows = 1 } given { Columns = 2 } given { Modality = "CT" }',
        "expect drop",
        program,
    )
    assert test.file == "a.dcm"
    assert [one.field.name for one in test.given] == ["Rows", "Columns", "Modality"]


WRONG = [
    ("Rows = 1 } given { Rows = 2", "RT105", "Rows = 2", "`Rows` is given twice"),
    ('Rows = "5"', "RT120", '"5"', "`Rows` is US (decimal), given text"),
    ("StudyDate = 2026-02-30", "RT113", "2026-02-30", "no day"),
    ('PatientID = i"x"', "RT120", 'i"x"', "is none itself"),
    ("PatientID = /x/", "RT120", "/x/", "is none itself"),
    ("clock.local = 5", "RT111", "clock.local", "clock"),
    ('ImageType[1] = "A"', "RT108", "ImageType[1]", "a test gives whole attributes"),
    ('PatientName.family = "A"', "RT108", "PatientName.family", "whole attributes"),
    ('RequestAttributesSequence[1].CodeValue = "A"', "RT108",
     "RequestAttributesSequence[1].CodeValue", "whole attributes"),
    ("(60xx,0010) = 5", "RT108", "(60xx,0010)", "whole attributes"),
    ("Rows = items({ Columns = 1 })", "RT120", "items({ Columns = 1 })", "is no sequence"),
    ('RequestAttributesSequence = "A"', "RT120", 'RequestAttributesSequence = "A"',
     "is a sequence: it has items"),
    ('RequestAttributesSequence = items({ assoc.calling_ae = "A" })', "RT108",
     "assoc.calling_ae", "not to an item"),
    ("RequestAttributesSequence = items({ CodeValue = \"A\" CodeValue = \"B\" })", "RT105",
     'CodeValue = "B"', "given twice"),
    ("PixelData = 5", "RT120", "5", "`PixelData` is OB or OW"),
    ('assoc.calling_ae = ["A", "B"]', "RT108", 'assoc.calling_ae = ["A", "B"]', "one value"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code", "place", "words"), WRONG, ids=lambda one: one[:50])
def test_what_cannot_be_given(given: str, code: str, place: str, words: str, program) -> None:
    _, found = examined(f"given {{ {given} }}", "expect drop", program)
    assert [one[:2] for one in found] == [(code, place)]
    assert words in found[0][2]


@pytest.mark.parametrize("written", ["2026-03-02T14:00:00+01:00", "2026-03-02T14:00Z"])
def test_the_instant(written: str, program) -> None:
    assert accepted("given { Rows = 1 }", "expect drop", program, f"at {written}").at == written


@pytest.mark.parametrize("written", ["2026-13-02T14:00:00+01:00", "2026-03-02T25:00:00Z"])
def test_an_instant_that_does_not_exist(written: str, program) -> None:
    _, found = examined("given { Rows = 1 }", "expect drop", program, f"at {written}")
    assert [one[:2] for one in found] == [("RT113", written)]


# What is expected ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kind", "names", "via"),
    [
        ("send a via x, y", "send", ("a",), ("x", "y")),
        ("send a", "send", ("a",), None),
        ("send one", "send", ("one",), None),
        ("exactly both", "exactly", ("a", "b"), None),
        ("exactly both, a", "exactly", ("a", "b"), None),
        ("no send both, one", "no send", ("a", "b", "one"), None),
        ("rule t.otherwise", "rule", ("t.otherwise",), None),
        ("rule guard.g", "rule", ("guard.g",), None),
        ("hold q", "hold", ("q",), None),
        ("hold unreadable", "hold", ("unreadable",), None),
        ("pass", "pass", (), None),
    ],
)
def test_expectations(written: str, kind: str, names: tuple, via, program) -> None:
    (found,) = accepted("given { Rows = 1 }", f"expect {written}", program).expectations
    assert (found.kind, found.names, found.via) == (kind, names, via)


def test_a_result_is_a_test_of_what_is_sent(program) -> None:
    compare, state = accepted(
        "given { Rows = 1 }",
        'expect result StudyDescription != "A" expect result PatientID is blank',
        program,
    ).expectations
    assert (compare.kind, state.kind) == ("result", "result")
    assert isinstance(compare.result, Compare)
    assert (compare.result.negated, compare.result.values) == (True, ("A",))
    assert isinstance(state.result, IsState)
    assert state.result.states == State.ABSENT | State.EMPTY
    assert state.result.field.source is Source.ELEMENT


@pytest.mark.parametrize(
    ("written", "code", "place", "words"),
    [
        ("send nobody", "RT104", "nobody", "no node or pool"),
        ("send a via z", "RT104", "z", "no transform or profile"),
        ("rule t.x", "RT104", "t.x", "no rule `t.x`"),
        ("hold qq", "RT104", "qq", "no rule holds"),
        ('result Rows == "5"', "RT120", '"5"', "`Rows` is US"),
        ('result assoc.calling_ae == "A"', "RT108", "assoc.calling_ae", "is not sent"),
        ("result PatientsID is blank", "RT101", "PatientsID", "dictionary"),
    ],
)
def test_what_cannot_be_expected(written, code, place, words, program) -> None:
    _, found = examined("given { Rows = 1 }", f"expect {written}", program)
    assert [one[:2] for one in found] == [(code, place)]
    assert words in found[0][2]


# Invariants ---------------------------------------------------------------------------------------


def test_invariants(program) -> None:
    text = (
        f'{RULES}invariant "i" {{ never send to both, one unless via x\n'
        "never send to a unless when Rows > 1\n"
        'always send to a when Modality == "CT" always route always pass\n'
        'equivalent "old.route" }\n'
    )
    typed, findings = program({"x.route": text, "old.route": ""})
    assert [one for one in findings if one.level.name == "ERROR"] == []
    assert [one.code for one in findings].count("RT311") == 1
    (found,) = typed.invariants
    never, when, send, route, let_in, same = found.claims
    assert (never.destinations, never.unless_via) == (("a", "b", "one"), ("x",))
    assert never.unless_when is None
    assert isinstance(when.unless_when, Compare)
    assert (send.outcome, send.destinations, send.condition.values) == ("send", ("a",), ("CT",))
    assert [one.outcome for one in (route, let_in)] == ["route", "pass"]
    assert route.condition.value is True
    assert same.path == "old.route"


@pytest.mark.parametrize(
    ("claim", "code", "place"),
    [
        ("never send to nobody", "RT104", "nobody"),
        ("never send to a unless via z", "RT104", "z"),
        ("always route when PatientsID is blank", "RT101", "PatientsID"),
        (r'equivalent "a\u{0}"', "RT108", r'"a\u{0}"'),
        ('equivalent "gone.route"', "RT131", '"gone.route"'),
    ],
)
def test_what_is_wrong_with_an_invariant(claim: str, code: str, place: str, program) -> None:
    text = f'{RULES}invariant "i" {{ {claim} }}\n'
    typed, findings = program({"x.route": text})
    assert typed is None
    found = [one for one in findings if one.level.name == "ERROR"]
    assert [(one.code, text[one.span.start : one.span.end]) for one in found] == [(code, place)]


def test_two_invariants_of_one_name(program) -> None:
    text = 'language 1\ninvariant "i" { always pass }\ninvariant "i" { always pass }\n'
    typed, findings = program({"x.route": text})
    assert typed is None
    assert "RT105" in [one.code for one in findings]
