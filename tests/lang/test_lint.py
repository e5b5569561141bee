"""What the lint says, where, and above all what it leaves alone."""
# ruff: noqa: E501  the tables have one case a line

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

import pytest

from roteiro.core.program import Disjunction, Holds, Negation
from roteiro.lang.check import check_loaded
from roteiro.lang.diagnostics import Diagnostic, Fix
from roteiro.lang.lint import program as lint_program
from roteiro.lang.lint import proof
from roteiro.lang.lint.proof import BUDGET, Prover, cost
from roteiro.lang.load import load
from roteiro.lang.lower import Shared
from roteiro.lang.source import Source

P = 'node p { ae = "P" host = "p" port = 104 }\n'
Q = 'node q { ae = "Q" host = "q" port = 104 }\n'
X = 'node x { ae = "X" host = "x" port = 104 external = yes }\n'
ZONE = 'timezone "Europe/Lisbon"\n'


def found(items: str) -> tuple[Diagnostic, ...]:
    """Give the findings of a program, suppressions carried out."""
    loaded = load(Source("x.route", f"language 1\n{items}\n"))
    _, findings = check_loaded(loaded, date(2026, 1, 31))
    return (*loaded.findings, *findings)


def when(condition: str) -> str:
    return f'table t all {{\nrule r {{ when {condition} nothing "x" }} }}'


def of_conditions(condition: str) -> list[Diagnostic]:
    """Give the findings of a condition; names of patients are shown, which is not asked here."""
    return [one for one in found(when(condition)) if one.code != "RT502"]


def first(*rules: str) -> str:
    return "table t first {\n" + "\n".join(rules) + '\notherwise { nothing "x" }\n}'


def place(one: Diagnostic) -> str:
    return one.source.text[one.span.start : one.span.end]


def test_texts_of_a_named_set_are_reported_where_they_stand_once() -> None:
    condition = "StudyDescription contains @words or SeriesDescription contains @words"
    findings = found(when(condition) + 'set words = { "chest", i"thorax" }\n')
    (one,) = [each for each in findings if each.code == "RT210"]
    assert place(one) == '"chest"'
    assert mended(one, one.fix).rstrip().endswith('set words = { i"chest", i"thorax" }')


def mended(one: Diagnostic, fix: Fix | None) -> str:
    """Give the text after a fix, without its first line."""
    assert fix is not None
    text = one.source.text
    return (text[: fix.span.start] + fix.text + text[fix.span.end :]).removeprefix("language 1\n")


# Conditions ---------------------------------------------------------------------------------------

SAID = [
    # RT201
    ('Modality == "CT" or true', "RT201", "true"),
    ('Modality == "CT" and not false', "RT201", "false"),
    ("any RequestAttributesSequence has (true)", "RT201", "true"),
    ("false", "RT201", "false"),
    ("true", "RT201", "true"),
    # RT202
    ('Modality == "CT" or Rows > 5 or (0008,0060) == "CT"', "RT202", '(0008,0060) == "CT"'),
    ('Modality in { "CT", "MR" } and Modality in { "MR", "CT" }', "RT202", 'Modality in { "MR", "CT" }'),
    ("(Rows > 5 or Rows < 2) and (Rows < 2 or Rows > 5)", "RT202", "Rows < 2 or Rows > 5"),
    # RT203
    ('Modality == "CT" and Modality == "MR"', "RT203", 'Modality == "MR"'),
    ('Modality == "CT" and Modality is blank', "RT203", "Modality is blank"),
    ('Modality == "CT" and Modality != "CT"', "RT203", 'Modality != "CT"'),
    ("Rows in 1..5 and Rows in { 7, 9..12 }", "RT203", "Rows in { 7, 9..12 }"),
    ('Modality is absent and (Modality == "CT" or Modality == "MR")', "RT203", 'Modality == "CT" or Modality == "MR"'),
    ('StationName == "A" and StationName contains "B"', "RT203", 'StationName contains "B"'),
    ('assoc.calling_ae == "A" and assoc.calling_ae == "B"', "RT203", 'assoc.calling_ae == "B"'),
    ('all ImageType == "A" and any ImageType == "B"', "RT203", 'any ImageType == "B"'),
    ('any RequestAttributesSequence has (Rows < 1 and Rows > 2)', "RT203", "Rows > 2"),
    # RT204
    ("PixelSpacing > 0.2 and PixelSpacing < 0.5", "RT204", "PixelSpacing < 0.5"),
    ("PixelSpacing < 0.5 and Rows > 1 and any PixelSpacing >= 0.2", "RT204", "any PixelSpacing >= 0.2"),
    # RT210
    ('StudyDescription == "Chest"', "RT210", '"Chest"'),
    ('not StudyDescription contains "ap" and StudyDescription is valued', "RT210", '"ap"'),
    ('SeriesDescription in { "t1", "T2", i"flair" }', "RT210", '"t1"'),
    ("ProtocolName matches /HEAD[0-9]/", "RT210", "/HEAD[0-9]/"),
    ('any RequestAttributesSequence has (RequestedProcedureDescription like "ct*")', "RT210", '"ct*"'),
    # RT211
    ('PatientName contains "muster"', "RT211", '"muster"'),
    ('PatientName like "*muster"', "RT211", '"*muster"'),
    ("PatientName matches /.*muster/", "RT211", "/.*muster/"),
    ('PatientName in { "A^B", "Muster, Max" }', "RT211", '"Muster, Max"'),
    # RT212
    ('not any RequestAttributesSequence has (Rows == 1)', "RT212", "not any RequestAttributesSequence has (Rows == 1)"),
    ('any RequestAttributesSequence has (not CodeValue == "1")', "RT212", 'not CodeValue == "1"'),
    ('not (0019,"CREATOR",0C) == 1', "RT212", 'not (0019,"CREATOR",0C) == 1'),
    ('not PatientName.family == "a" and PatientID is valued', "RT212", 'not PatientName.family == "a"'),
    ('not ImageType[1] == "A"', "RT212", 'not ImageType[1] == "A"'),
    # RT213
    ("Rows[1] == 5", "RT213", "Rows[1]"),
    # RT123
    ("StationName matches /.*CT.*/", "RT123", "/.*CT.*/"),
    (r"StationName matches /.*CT\-1.*/i", "RT123", r"/.*CT\-1.*/i"),
    # RT303, RT304
    ('not Modality is valued and (Rows > 5 and Modality == "CT")', "RT203", 'Rows > 5 and Modality == "CT"'),
    ('Modality == "CT" or not (Modality in { "CT", "MR" }) or Modality == "MR"', "RT304", "r"),
    ('all Rows > 9 and (Rows is blank or Columns < 2 and Rows is invalid)', "RT203", "Rows is blank or Columns < 2 and Rows is invalid"),
    ('(Modality == "CT" or Rows > 1) and no Modality == "CT" and no Rows > 1', "RT303", "r"),
    # RT401
    ("PixelData is valued", "RT401", "PixelData is valued"),
    ("instance.size < 5KiB", "RT401", "instance.size < 5KiB"),
    ("DataSetTrailingPadding is absent", "RT401", "DataSetTrailingPadding is absent"),
    # RT403
    ("StationName matches /(A|B)*A(A|B){13}/", "RT403", "/(A|B)*A(A|B){13}/"),
    ("StationName matches /.*A.{40}/", "RT403", "/.*A.{40}/"),
    ("StationName matches /.*A.{100}/", "RT403", "/.*A.{100}/"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "code", "where"), SAID, ids=lambda value: value[:60])
def test_conditions_that_are_reported(condition: str, code: str, where: str) -> None:
    findings = [one for one in of_conditions(condition) if one.code != "RT212" or code == "RT212"]
    assert [(one.code, place(one)) for one in findings] == [(code, where)]


QUIET = [
    # one after the other, the neighbours of what is reported
    'ImageType == "A" and ImageType == "B"',
    "PixelSpacing > 0.2 and PixelSpacing > 0.1",
    "all PixelSpacing > 0.2 and all PixelSpacing < 0.5",
    "PixelSpacing[1] > 0.2 and PixelSpacing[1] < 0.5",
    "SliceThickness > 0.2 and SliceThickness < 0.5",
    "count(ImageType) > 2 and count(ImageType) < 5",
    '(0019,"CREATOR",0C) > 1 and (0019,"CREATOR",0C) < 5',
    "PixelSpacing < 0.2 and PixelSpacing > 0.5",
    'PatientID == "ab-12" or StationName == "CT01" or AccessionNumber starts with "X"',
    'Modality == "CT" and BodyPartExamined contains "CHEST" and assoc.calling_ae == "CT1"',
    'RequestedProcedurePriority == "STAT"',
    'StudyDescription == "0815" or StudyDescription contains "/"',
    'StudyDescription in { "chest", "Chest", "CHEST" }',
    "StudyDescription matches /[Cc]hest/ or StudyDescription matches /[0-9]+/",
    'StudyDescription contains i"chest" or StudyDescription matches /chest/i',
    '(0019,"CREATOR",0C) == "Chest"',
    'ManufacturerModelName == "SOMATOM Force"',
    'PatientName.family == "muster" or PatientName starts with "qa" or PatientName like "qa*"',
    'PatientName.alphabetic contains "qa" or PatientName == "PHANTOM"',
    'PatientName contains "^qa" or PatientName in { "A^B", "C" }',
    "not count(ImageType) > 2",
    'not assoc.calling_ae == "A"',
    "no RequestAttributesSequence has (Rows == 1)",
    "not RequestAttributesSequence is valued",
    'not (PatientName.family == "a") and PatientName is valued',
    'ImageType[1] == "ORIGINAL"',
    "StationName matches /CT.*/ or StationName matches /.*CT/ or StationName matches /.*C?T.*/",
    "StationName matches /[A-Z]{2}[0-9]{1,12}/",
    'PatientName is blank or PatientName.family is absent',
    'any RequestAttributesSequence has (RequestedProcedureID == "1") and any RequestAttributesSequence has (RequestedProcedureID == "2")',
    'Modality == "CT" and not Modality is blank',
    "OverlayRows is valued",
    '(Rows == 1 or Rows == 2 or Rows == 3) and (Columns == 1 or Columns == 2 or Columns == 3) and (KVP == 1 or KVP == 2) and (FlipAngle == 3 or FlipAngle == 4) and (EchoTime == 5 or EchoTime == 6) and (SeriesNumber == 7 or SeriesNumber == 8)',
]  # fmt: skip


@pytest.mark.parametrize("condition", QUIET, ids=lambda value: value[:60])
def test_conditions_that_are_left_alone(condition: str) -> None:
    assert [(one.code, place(one)) for one in of_conditions(condition)] == []


FIXES = [
    ('Rows > 1 and Columns > 1 and Rows > 1', "Rows > 1 and Columns > 1", True),
    ('StudyDescription in { "t1", i"t2" }', 'StudyDescription in { i"t1", i"t2" }', False),
    ("ProtocolName matches /t1/", "ProtocolName matches /t1/i", False),
    ("Rows[1] == 5", "Rows == 5", False),
    ("PixelSpacing >= 1 and PixelSpacing <= 2", "PixelSpacing in 1..2", False),
    ("StationName matches /.*CT.*/", 'StationName contains "CT"', False),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "better", "safe"), FIXES, ids=lambda value: str(value)[:60])
def test_fixes_of_conditions(condition: str, better: str, safe: bool) -> None:
    (one,) = found(when(condition))
    assert one.fix is not None
    assert one.fix.safe is safe
    text = mended(one, one.fix)
    assert text == when(better) + "\n"
    assert found(text) == ()


def test_when_true_is_left_out() -> None:
    (one,) = found(when("true"))
    assert found(mended(one, one.fix)) == ()
    assert found("guard { rule a { when true pass } otherwise { refuse 0x0124 } }") == ()


def test_operands_in_parentheses_have_no_fix() -> None:
    (one,) = found(when("Rows > 1 and (Rows > 1)"))
    assert (one.code, one.fix) == ("RT202", None)


def test_an_assumption_is_said_and_a_proof_too() -> None:
    (assumed,) = found(when('Modality == "CT" and Modality == "MR"'))
    (proved,) = found(when('Modality == "CT" and Modality is absent'))
    assert [note.key for note in assumed.notes] == ["language.assumes_one_value"]
    assert [note.key for note in proved.notes] == ["language.proof_exact"]


# Rules and items ----------------------------------------------------------------------------------

CT, MR = 'when Modality == "CT"', 'when Modality == "MR"'
T = "transform v { remove PatientComments }\n"
POOL = "pool pp = failover (p, q)\n"
PROGRAMS = [
    # RT302, RT320: what covers it stands before, alone or together with others
    (P + first(f"rule a {{ {CT} send to p }}", 'rule b { when Modality == "CT" nothing "y" }'), [("RT302", "b")]),
    (P + first('rule a { when Rows > 5 send to p }', 'rule b { when Rows > 9 nothing "y" }'), [("RT302", "b")]),
    (P + first('rule a { when Rows > 9 send to p }', 'rule b { when Rows > 5 nothing "y" }'), []),
    (P + first('rule a { when StationName contains "A" send to p }', 'rule b { when StationName starts with "XA" nothing "y" }'), [("RT302", "b")]),
    (P + first('rule a { when StationName starts with "XA" send to p }', 'rule b { when StationName contains "A" nothing "y" }'), []),
    (P + first('rule a { send to p }', 'rule b { when Rows > 5 nothing "y" }'), [("RT302", "b")]),
    (P + first(f"rule a {{ {CT} send to p }}", 'rule b { when no Modality == "CT" and Rows > 1 nothing "y" }', 'rule c { when Rows > 1 nothing "z" }'), [("RT302", "c")]),
    (P + first(f"rule a {{ {CT} send to p }}", f"rule b {{ {MR} nothing \"y\" }}", 'rule c { when Modality in { "CT", "MR" } nothing "z" }'), [("RT302", "c")]),
    (P + first('rule a { when any ImageType == "A" send to p }', 'rule b { when all ImageType == "A" nothing "y" }'), [("RT302", "b")]),
    (P + first('rule a { when all ImageType == "A" send to p }', 'rule b { when any ImageType == "A" nothing "y" }'), []),
    (P + first('rule a { when StudyDescription contains i"a" send to p }', 'rule b { when StudyDescription == i"cab" nothing "y" }'), [("RT302", "b")]),
    (P + first(f"rule b {{ {CT} and Rows > 1 nothing \"y\" }}", f"rule a priority 1 {{ {CT} send to p }}"), [("RT302", "b")]),
    (P + first(f"rule a priority 1 {{ {CT} and Rows > 1 send to p }}", f"rule b {{ {CT} nothing \"y\" }}"), []),
    ('guard { rule a { when PatientID is blank hold q } rule b { when PatientID is absent hold q } otherwise { pass } }', [("RT320", "b")]),
    # RT306
    (P + f"table t all {{ rule a {{ {CT} send to p }} rule b {{ {CT} and Rows > 1 send to p }} }}", [("RT306", "b")]),
    (P + Q + f"table t all {{ rule a {{ {CT} send to p, q }} rule b {{ when Modality in {{ \"CT\" }} send to q }} }}", [("RT306", "b")]),
    (P + f"table t all {{ rule a {{ {CT} send to p }} rule b {{ {CT} send to p urgency stat }} }}", []),
    (P + first(f"rule a {{ {CT} and Rows > 1 send to p }}", f"rule b {{ {CT} send to p }}"), [("RT306", "a")]),
    (P + f"table t first {{ rule a {{ {CT} send to p }} otherwise {{ send to p }} }}", []),
    # RT321: two chains
    (P + T + f"table t all {{ rule a {{ send to p }} rule b {{ {CT} send to p via v }} }}", [("RT321", "b")]),
    (P + T + "table t all { rule a { send to p send to p via v } }", [("RT321", "a")]),
    (P + T + f"table t all {{ rule a {{ {MR} send to p }} rule b {{ {CT} send to p via v }} }}", []),
    (P + T + first(f"rule a {{ {MR} send to p }}", f"rule b {{ {CT} send to p via v }}"), []),
    (P + T + f"table t all {{ rule a {{ {CT} send to p via v }} otherwise {{ send to p }} }}", []),
    (P + T + f"table t all {{ rule a {{ {CT} send to p via v }} }} table u all {{ otherwise {{ send to p }} }}", [("RT321", "otherwise { send to p }")]),
    # RT323, RT324: pools
    (P + "pool pp = failover (p) table t all { rule r { send to pp } }", [("RT323", "pp")]),
    (P + Q + POOL + "table t all { rule a { send to pp } rule b { when Rows > 1 send to p } }", [("RT324", "b")]),
    (P + Q + POOL + "table t all { rule a { send to pp, q } }", [("RT324", "a")]),
    (P + Q + POOL + first("rule a { when Rows > 1 send to pp }", "rule b { when Rows > 0 send to p }"), []),
    (P + Q + "pool pp = copy (p, q) table t all { rule a { send to pp } rule b { when Rows > 1 send to p urgency stat } }", []),
    # RT221: all kinds of items
    ('node n { ae = "N" host = "n" }', [("RT221", "n")]),
    ('set s = { "A" }', [("RT221", "s")]),
    ("condition c = Rows > 1", [("RT221", "c")]),
    (P + Q + POOL, [("RT221", "pp")]),
    (ZONE + "schedule s = mon 08:00..09:00", [("RT221", "s")]),
    (T, [("RT221", "v")]),
    ("profile v extends dicom.basic_2024 { private remove }", [("RT221", "v")]),
    # RT225: where the zone counts
    ("schedule s = mon 08:00..09:00 table t all { rule r { when clock.local in @s nothing \"x\" } }", [("RT225", "s")]),
    ("schedule s = always table t all { rule r { when clock.local in @s nothing \"x\" } }", []),
    (when("AcquisitionDateTime > 2026-01-01T00:00:00Z"), [("RT225", "AcquisitionDateTime > 2026-01-01T00:00:00Z")]),
    (when("AcquisitionDateTime is valued and StudyDate > 2026-01-01 and StudyTime > 08:00"), []),
    (ZONE + when("days since StudyDate > 3"), []),
    # RT222, RT223
    (P + "condition c = Rows > 1 and Columns > 1 table t all { rule r { when Columns > 1 and Rows > 1 send to p } rule s { when @c nothing \"x\" } }", [("RT222", "Columns > 1 and Rows > 1")]),
    (P + "table t all { rule r { when Rows > 1 and Columns > 1 send to p } rule s { when Rows > 1 and Columns > 2 nothing \"x\" } }", []),
    (P + "table t all {" + "".join(f' rule r{n} {{ when Rows == {n} and Columns > 1 send to p }}' for n in range(5)) + "}", [("RT223", "r0")]),
    (P + "table t all {" + "".join(f' rule r{n} {{ when Rows == {n} and Columns > 1 send to p }}' for n in range(4)) + "}", []),
    (P + "table t all {" + "".join(f' rule r{n} {{ when Rows == {n} nothing "r{n}" }}' for n in range(9)) + "}", []),
    # RT501
    (X + "table t all { rule r { send to x } }", [("RT501", "x")]),
    (X + T + "table t all { rule r { send to x via v } }", [("RT501", "x")]),
    (X + P + "pool pp = failover (p, x) table t all { rule r { send to pp } }", [("RT501", "pp")]),
    (X + T + "profile d extends dicom.basic_2024 { private remove } table t all { rule r { send to x via v, d } }", []),
    # RT502: values of names are shown, states are not
    (P + 'table t all { rule r { when PatientName.family == "a" and PatientName.given == "b" send to p } }', [("RT502", "PatientName.family")]),
    (P + "table t all { rule r { when count(PatientName) > 1 or PatientName is blank send to p } }", []),
    (P + 'transform w { if PatientName.family == "a" { remove PatientComments } } table t all { rule r { send to p via w } }', []),
    # RT503
    (X + "profile d { remove PatientName } table t all { rule r { send to x via d } }", [("RT503", "d")]),
    (X + "profile d extends dicom.basic_2024 { keep PatientSex, PatientBirthDate } table t all { rule r { send to x via d } }", [("RT503", "PatientBirthDate")]),
    # RT504, RT505
    (P + 'transform w { set PatientID = hash(PatientID, "salt") } table t all { rule r { send to p via w } }', [("RT504", '"salt"')]),
    (P + 'transform w { set PatientID = upper(hash(PatientID)) } table t all { rule r { send to p via w } }', [("RT505", "hash(PatientID)")]),
    (P + 'transform w { set PatientID = hash(PatientID, secret("salt")) } table t all { rule r { send to p via w } }', [("RT504", '"salt"')]),
    (P + 'transform w { set PatientID = hash(PatientID, secret("file:salt.key")) } table t all { rule r { send to p via w } }', []),
    # RT510
    ('guard { otherwise { drop "all" } }', [("RT510", 'drop "all"')]),
    # RT601
    (P + first(f"rule a {{ {CT} send to p }}") + 'test "x" { given { Modality = "CT" } expect send p }', []),
    (P + first(f"rule a {{ {CT} send to p }}") + 'test "x" { given file "a.dcm" { Modality = "MR" } expect nothing }', []),
]  # fmt: skip


@pytest.mark.parametrize(("items", "expected"), PROGRAMS, ids=lambda value: str(value)[-70:])
def test_programs(items: str, expected: list[tuple[str, str]]) -> None:
    findings = [(one.code, place(one)) for one in found(items)]
    unused = [("RT221", "p"), ("RT221", "q")]  # what the case at hand need not use
    assert [each for each in findings if each not in unused] == expected


def test_nothing_distracts_from_an_error() -> None:
    rule = "rule r { when Rows < 5 and Rows > 9 send to nobody }"
    assert [one.code for one in found(f"table t all {{ {rule} }}")] == ["RT104"]


def test_what_a_misspelt_name_should_have_used_is_no_news() -> None:
    assert [one.code for one in found(P + "table t all { rule r { send to pp } }")] == ["RT104"]


# Deleting and moving ------------------------------------------------------------------------------


def test_an_unused_item_goes_with_its_lines_and_what_belongs_to_them() -> None:
    text = '## scanners\n# route: ignore[unused-name] gone\nset s = {\n  "A" }\n' + when("Rows > 1")
    (one,) = found(text.replace("[unused-name]", "[late-tag]"))[-1:]
    assert one.code == "RT221"
    assert mended(one, one.fix) == when("Rows > 1") + "\n"


def test_an_unused_item_among_others_on_a_line_goes_alone() -> None:
    (one,) = found('set s = { "A" } set u = { "B" }\n' + when("StationName in @u"))
    assert mended(one, one.fix) == ' set u = { "B" }\n' + when("StationName in @u") + "\n"


SHADOW = ['  rule a { when Rows > 5 nothing "a" }', '  rule b { when Rows > 9\n    nothing "b" }']


def test_a_shadowed_rule_is_deleted_or_moved() -> None:
    (one,) = found(first(*SHADOW))
    assert one.fix is not None
    assert one.fix.safe
    assert mended(one, one.fix) == first(SHADOW[0]) + "\n"
    (moved,) = one.others
    assert not moved.safe
    assert mended(one, moved) == first(*reversed(SHADOW)) + "\n"
    assert found(mended(one, moved)) == ()


def test_a_rule_that_a_test_names_is_not_deleted_unasked() -> None:
    test = '\ntest "x" { given { Rows = 10 } expect rule t.b }\ntest "y" { given { Rows = 1 } expect nothing }'
    (one,) = [each for each in found(first(*SHADOW) + test) if each.code == "RT302"]
    assert one.fix is not None
    assert not one.fix.safe


def test_a_rule_that_makes_a_table_exhaustive_is_not_deleted_unasked() -> None:
    rules = 'rule a { when Rows is valued nothing "a" } rule b { when Rows > 1 nothing "b" }'
    last = 'rule c { when not Rows is valued nothing "c" }'
    (one,) = found(f"table t first {{ {rules} {last} }}")
    assert one.code == "RT302"
    assert one.fix is not None
    assert not one.fix.safe


@pytest.mark.parametrize(
    ("rules", "blockers"),
    [
        (["Rows > 1", 'Modality == "CT"', 'Modality == "CT" and Rows > 1'], ["a"]),
        (["Rows > 1 and KVP > 1", "not KVP > 1", "Columns > 1", "Rows > 1"], ["a", "b"]),
    ],
)
def test_all_rules_that_stand_in_the_way_are_shown(rules: list[str], blockers: list[str]) -> None:
    names = "abcd"
    written = [f'rule {n} {{ when {c} nothing "{n}" }}' for n, c in zip(names, rules, strict=False)]
    (one,) = [each for each in found(first(*written)) if each.code == "RT302"]
    shown = [one.source.text[each.span.start : each.span.end] for each in one.labels]
    assert [name for name in shown if name != place(one)] == blockers


# Large tables -------------------------------------------------------------------------------------


def stations(number: int, action: Callable[[int], str]) -> list[str]:
    return [
        f'rule r{n} {{ when StationName == "S{n}" and Rows > {n % 3} {action(n)} }}'
        for n in range(number)
    ]


def test_a_shadow_in_a_large_table_is_found_by_its_values() -> None:
    rules = stations(300, lambda n: f'nothing "{n}"')
    late = 'rule late { when StationName == "S7" and Rows > 4 and KVP > 1 nothing "late" }'
    assert [place(one) for one in found(first(*rules, late))] == ["late"]


def test_a_shadow_by_alternatives_is_found_in_a_large_table() -> None:
    rules = stations(300, lambda n: f'nothing "{n}"')
    early = 'rule early { when StationName == "S900" or StationName == "S901" nothing "early" }'
    late = 'rule late { when StationName == "S901" and KVP > 1 nothing "late" }'
    assert [place(one) for one in found(first(early, *rules, late))] == ["late"]


def test_a_rule_is_moved_by_a_fix_no_farther_than_somebody_looks() -> None:
    for number, fixes in ((3, 1), (400, 0)):
        rules = stations(number, lambda n: f'nothing "{n}"')
        early, late = (
            f'rule {name} {{ when StationName == "E" {more} nothing "{name}" }}'
            for name, more in (("early", ""), ("late", "and KVP > 2"))
        )
        (one,) = found(first(early, *rules, late))
        assert (one.code, len(one.others)) == ("RT302", fixes)


def test_what_is_found_of_a_rule_does_not_depend_on_those_before() -> None:
    prover = Prover(Shared(), 10_000)
    assert not prover.always(Disjunction(tuple(Holds(n) for n in range(17))))
    for _ in range(200):
        prover.always(Negation(Disjunction(())))
    assert not prover.always(Negation(Disjunction(())))
    prover.turn()
    assert prover.always(Negation(Disjunction(())))


def test_proofs_stop_somewhere() -> None:
    prover = Prover(Shared())
    assert prover.always(Disjunction((Negation(Disjunction(())),)))
    assert not prover.always(Disjunction(tuple(Holds(n) for n in range(17))))
    prover.left = cost(0) - 1
    assert not prover.always(Negation(Disjunction(())))
    assert cost(16) < BUDGET / 100


def sends(conditions: Iterable[str]) -> str:
    """Give a program of rules that send to one node, by a chain and without in turn."""
    rules = (
        f"rule r{n} {{ when {condition} send to p {'via v' * (n % 2)} }}"
        for n, condition in enumerate(conditions)
    )
    return P + T + "table t all {\n" + "\n".join(rules) + "\n}"


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """Give the time that proofs take, of provers that trust the dictionary and of others."""
    found: Counter[bool] = Counter()
    prove = Prover.impossible

    def counted(self: Prover, columns: dict[int, int], every: int) -> int:
        found[self.conformant] += cost(len(columns))
        return prove(self, columns, every)

    monkeypatch.setattr(Prover, "impossible", counted)
    return found


@pytest.mark.parametrize("last", ['StationName == "S50"', 'Modality == "CT"'])
def test_a_second_send_is_found_behind_many_others(last: str) -> None:
    others = [f'StationName == "S{n}"' for n in range(101)]
    (one,) = [one for one in found(sends([*others, last])) if one.code == "RT321"]
    assert place(one) == "r101"


@pytest.mark.parametrize("rule", ["{ send to p }", '{ when StationName == "S77" send to p }'])
def test_a_pool_is_found_behind_many_others(rule: str) -> None:
    rules = (f'rule r{n} {{ when StationName == "S{n}" send to pq }}' for n in range(100))
    pool = "pool pq = failover (p, q)\ntable t all {\n" + "\n".join(rules)
    findings = found(f"{P}{Q}{pool}\n}}\ntable u all {{ rule one {rule} }}")
    assert [place(one) for one in findings if one.code == "RT324"] == ["one"]


def test_what_asks_for_different_values_takes_no_proof(spent: Counter[bool]) -> None:
    several = [f'StationName == "S{n}" and Modality in {{ "CT", "MR" }}' for n in range(200)]
    findings = found(sends(several))
    assert "RT321" not in {one.code for one in findings}
    assert spent[True] == 0


def test_proofs_about_the_sends_to_a_place_end(
    spent: Counter[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint_program, "BUDGET", 5_000)
    several = [f"Rows in {n * 10}..{n * 10 + 5}" for n in range(60)]
    assert "RT321" not in {one.code for one in found(sends([*several, "Rows in 595..599"]))}
    assert 4_000 < spent[True] <= 5_000
    assert "RT321" in {one.code for one in found(sends([*several[:8], "Rows in 75..79"]))}


def test_conditions_without_rules_share_the_time_for_proofs(
    spent: Counter[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "BUDGET", 50_000)
    found("\n".join(f"condition c{n} = {heavy(n)}" for n in range(20)))
    assert all(0 < spent[conformant] <= proof.BUDGET for conformant in (True, False))


def heavy(number: int) -> str:
    """Give a condition of four alternatives, any two of which ask sixteen things."""
    asked = [f"Rows > {number * 100 + at}" for at in range(32)]
    return " and ".join("(" + " or ".join(asked[at : at + 8]) + ")" for at in range(0, 32, 8))


# Exhaustive tables --------------------------------------------------------------------------------

TAGS = (
    "Rows",
    "Columns",
    "KVP",
    "FlipAngle",
    "EchoTime",
    "BitsStored",
    "SeriesNumber",
    "InstanceNumber",
)


def split(operator: str, number: int) -> str:
    """Give a table whose rules cover everything, over twice `number` predicates."""
    tests = [f"{tag} {operator} {value}" for value in (1, 2) for tag in TAGS][:number]
    rules = [f'rule r{at} {{ when not {test} nothing "{at}" }}' for at, test in enumerate(tests)]
    return (
        f'table t first {{ rule all {{ when {" and ".join(tests)} nothing "x" }}\n'
        + "\n".join(rules)
        + "\n}"
    )


@pytest.mark.parametrize("operator", [">", "!="])
def test_sixteen_predicates_are_looked_at(operator: str) -> None:
    assert "RT301" not in {one.code for one in found(split(operator, 16))}


def test_predicates_are_taken_as_independent() -> None:
    states = ("absent", "empty", "invalid", "valued")
    rules = "\n".join(
        f'rule {state} {{ when Rows is {state} nothing "{state}" }}' for state in states
    )
    assert [one.code for one in found(f"table t first {{ {rules} }}")] == ["RT301"]
    both = 'rule a { when Rows is blank nothing "a" } rule b { when not Rows is blank nothing "b" }'
    assert found(f"table t first {{ {both} }}") == ()
