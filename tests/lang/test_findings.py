"""What each mistake is called, where it is shown, and what is offered to mend it."""
# ruff: noqa: E501  the tables have one case a line

from dataclasses import dataclass

import pytest

from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.render.text import said
from roteiro.lang.source import Source


@dataclass(frozen=True)
class Case:
    """A condition, and the one finding in it."""

    condition: str
    code: str
    place: str
    message: str
    help: str = ""
    fix: str | None = None
    safe: bool = True


CONDITIONS = [
    # names of attributes
    Case("PatientsName is blank", "RT101", "PatientsName",
         "`PatientsName` is not in the dictionary",
         "did you mean `PatientName` (0010,0010, PN)?", "PatientName"),
    Case('modality == "CT"', "RT101", "modality", "`modality` is not in the dictionary",
         "did you mean `Modality` (0008,0060, CS)?", "Modality"),
    Case('xyzzy == "CT"', "RT101", "xyzzy", "`xyzzy` is not in the dictionary"),
    Case('assoc.caling_ae == "X"', "RT101", "caling_ae", "`assoc.caling_ae` is not known",
         "did you mean `assoc.calling_ae`?", "calling_ae"),
    Case('assoc == "X"', "RT101", "assoc", "`assoc` alone is no attribute", "`assoc` has"),
    Case("OtherPatientIDs is valued", "RT102", "OtherPatientIDs", "is retired"),
    Case("TransferSyntaxUID is valued", "RT224", "TransferSyntaxUID", "file meta group",
         "instance.transfer_syntax"),
    Case("(0000,0002) is valued", "RT224", "(0000,0002)", "command set"),
    Case("(0018,9999) is valued", "RT116", "(0018,9999)", "not an attribute of the dictionary"),
    Case("(FFFE,E000) is valued", "RT116", "(FFFE,E000)", "not an attribute"),
    Case("(0019,100C) == 1", "RT116", "(0019,100C)", "private", "(0019,\"CREATOR\",0C)"),
    Case("(10xx,0010) is valued", "RT116", "(10xx,0010)", "stands for no repeating group"),
    Case("RequestAttributesSequence.CodeValue is valued", "RT128",
         "RequestAttributesSequence.CodeValue", "which item is meant", "has (...)",
         "any RequestAttributesSequence has (CodeValue is valued)", safe=False),
    Case('Modality.first == "CT"', "RT128", "Modality.first", "has no parts"),
    # types
    Case('SliceThickness == "1.5"', "RT120", '"1.5"',
         "`SliceThickness` is DS (decimal), compared with text", "write `1.5`", "1.5"),
    Case('SliceThickness == "thin"', "RT120", '"thin"', "compared with text", "write a number"),
    Case("PatientID == 4711", "RT120", "4711", "`PatientID` is LO (text), compared with a number",
         'write `"4711"`', '"4711"'),
    Case("Modality == CT", "RT120", "CT", "compared with a name", 'write `"CT"`', '"CT"'),
    Case('StudyDate == "20260131"', "RT120", '"20260131"', "is DA (date)", "write `2026-01-31`",
         "2026-01-31"),
    Case("StudyDate == 20260131", "RT120", "20260131", "compared with a number",
         "write `2026-01-31`", "2026-01-31"),
    Case('StudyTime < "22:00"', "RT120", '"22:00"', "is TM (time)", "write `22:00`", "22:00"),
    Case('SOPClassUID == "1.2.840.10008.1.1"', "RT120", '"1.2.840.10008.1.1"', "is UI (uid)",
         "write `1.2.840.10008.1.1`", "1.2.840.10008.1.1"),
    Case("SOPClassUID == 1.2", "RT120", "1.2", "is UI (uid), compared with a number"),
    Case('assoc.peer in { 10.0.0.7 }', "RT120", "10.0.0.7", "`assoc.peer` is address",
         'write `"10.0.0.7"`', '"10.0.0.7"'),
    Case('assoc.peer == "10.0.0.0/8"', "RT120", '"10.0.0.0/8"', "no single address",
         'in { "10.0.0.0/8" }'),
    Case('instance.size > "1"', "RT120", '"1"', "`instance.size` is decimal", "write `1`", "1"),
    # literals
    Case("StudyDate == 2026-02-30", "RT113", "2026-02-30", "there is no day `2026-02-30`"),
    Case("StudyDate == 2026-2-3", "RT113", "2026-2-3", "there is no day `2026-2-3`",
         "write `2026-02-03`", "2026-02-03"),
    Case("StudyTime == 24:00", "RT113", "24:00", "no time of the day", "hh:mm"),
    Case("StudyTime == 9:00", "RT113", "9:00", "no time of the day"),
    Case("SOPClassUID == 1.2.03", "RT113", "1.2.03", "`1.2.03` is no UID"),
    Case('assoc.peer == "10.0.0.700"', "RT113", '"10.0.0.700"', "no IP address"),
    Case(r'Modality == "C\T"', "RT113", r"\T", r"`\T` is not an escape", "escapes are"),
    Case(r'PatientID == "\u{D800}"', "RT113", r"\u{D800}", "is not an escape"),
    Case('Modality == ""', "RT114", '""', "no value equals an empty text",
         "write `Modality is blank`", "Modality is blank", safe=False),
    Case('Modality in { "CT", "" }', "RT114", '""', "no value equals an empty text"),
    Case("Rows in 9..5", "RT115", "9..5", "ends before it begins", "write `5..9`", "5..9",
         safe=False),
    Case("Modality == CTImageStorage", "RT120", "CTImageStorage", "compared with a name",
         "write a text"),
    Case("SOPClassUID == CTImageStorag", "RT122", "CTImageStorag", "not the name of a UID",
         "did you mean `CTImageStorage`?", "CTImageStorage"),
    Case("StudyDate == SeriesDate", "RT125", "SeriesDate", "`SeriesDate` is an attribute"),
    Case("assoc.calling_ae == assoc.called_ae", "RT125", "assoc.called_ae", "is an attribute"),
    Case("SOPClassUID != ReferencedSOPClassUID", "RT125", "ReferencedSOPClassUID", "attribute"),
    # literals that match nothing
    Case('Modality == "ct"', "RT121", '"ct"', "no valid value of `Modality` (CS) matches `ct`",
         "upper case", '"CT"', safe=False),
    Case('Modality in { "CT", "mr" }', "RT121", '"mr"', "matches `mr`", "", '"MR"',
         safe=False),
    Case('Modality contains "t"', "RT121", '"t"', "matches `t`", "", '"T"', safe=False),
    Case('AccessionNumber == "12345678901234567"', "RT121", '"12345678901234567"', "(SH)",
         "at most 16"),
    Case(f"StudyInstanceUID == 1.2.{'3' * 61}", "RT121", f"1.2.{'3' * 61}", "(UI)", "at most 64 characters"),
    Case(f"StudyInstanceUID under 1.2.{'3' * 61}", "RT121", f"1.2.{'3' * 61}", "(UI)", "at most 64 characters"),
    Case('assoc.calling_ae == "A TITLE TOO LONG!"', "RT121", '"A TITLE TOO LONG!"', "(AE)"),
    Case('StationName == "CT01 "', "RT121", '"CT01 "', "(SH)", "spaces around", '"CT01"',
         safe=False),
    Case(r'PatientID == "a\\b"', "RT121", r'"a\\b"', "(LO)", "a backslash separates values"),
    Case('Modality == "C*"', "RT121", '"C*"', "matches `C*`"),
    Case("Rows == 1KiB", "RT120", "1KiB", "`Rows` is US (decimal)", "write `1024`", "1024"),
    Case('PatientID contains ""', "RT114", '""', "tells no value from another"),
    Case("Rows == 1.5", "RT121", "1.5", "(US)", "an integer"),
    Case("Rows == 70000", "RT121", "70000", "(US)", "0..65535"),
    Case("InstanceNumber == 0.5", "RT121", "0.5", "(IS)", "an integer"),
    Case("ExposureTimeInms == 0.1", "RT121", "0.1", "(FD)", "write a range"),
    # operators
    Case('Modality < "MR"', "RT111", "<", "`Modality` has no order"),
    Case('Modality in "A".."C"', "RT111", '"A".."C"', "has no order"),
    Case("SOPClassUID > 1.2.3", "RT111", ">", "`SOPClassUID` has no order"),
    Case('SOPClassUID starts with "1.2"', "RT111", "starts with",
         "`SOPClassUID` is a UID", "with `under`, whole"),
    Case('Rows contains "1"', "RT111", "contains", "is for texts; `Rows` holds something else"),
    Case('assoc.peer like "10.*"', "RT111", "like", "is for texts"),
    Case('Modality == { "CT", "MR" }', "RT111", "==", "`==` does not take several values",
         "write `in`", "in"),
    Case('Modality != { "CT", "MR" }', "RT111", "!=", "does not take several values",
         "write `not in`", "not in"),
    Case("Rows == 1..5", "RT111", "==", "does not take several values", "write `in`", "in"),
    Case("Rows < { 1, 2 }", "RT111", "<", "does not take several values"),
    Case('Modality in "CT"', "RT111", '"CT"', "`in` takes a set", 'write `== "CT"`', "==", safe=False),
    Case('Modality not in "CT"', "RT111", '"CT"', "`in` takes a set", 'write `!= "CT"`', "!=", safe=False),
    Case("Modality in { }", "RT108", "{ }", "a set without elements"),
    # names of the file
    Case("Modality in @nowhere", "RT104", "nowhere", "there is no set `nowhere`"),
    Case('Modality in @sett or Modality in @set', "RT104", "sett", "there is no set `sett`",
         "did you mean `set`?", "set"),
    Case("@nowhere", "RT104", "nowhere", "there is no condition `nowhere`"),
    Case("Rows in @set", "RT120", "@set", "`Rows` wants a number"),
    # a not that covers blank
    Case('not Modality == "CT"', "RT212", 'not Modality == "CT"',
         "this `not` holds also where `Modality` is blank", "add `and Modality is valued`"),
    Case('not (Rows > 1 and Columns > 1)', "RT212", "not (Rows > 1 and Columns > 1)", "`Rows`"),
    Case('not all (0028,0010) > 1', "RT212", "not all (0028,0010) > 1", "`(0028,0010)`"),
    Case('Rows is valued and not Columns > 1', "RT212", "not Columns > 1", "`Columns`"),
    Case('not (Rows is valued) or not @s', "RT212", "not @s", "`Modality`"),
    Case('not not not Rows > 1', "RT212", "not Rows > 1", "`Rows`"),
    # syntax
    Case('Modality = "CT"', "RT100", "=", "found `=`, expected an operator", "write `==`", "=="),
    Case('Modality contians "CT"', "RT100", "contians", "expected an operator",
         "did you mean `contains`?", "contains"),
    Case('Modality == "CT" && Rows > 1', "RT100", "&&", "found `&&`", "write `and`", "and"),
    Case('Modality == "CT" || Rows > 1', "RT100", "||", "found `||`", "write `or`", "or"),
    Case("! Modality is blank", "RT100", "!", "expected a condition", "write `not`", "not"),
    Case("Modality == 'CT'", "RT100", "'", "expected a value", "double quotes"),
    Case("Modality is blnk", "RT100", "blnk", "`blnk` is no state", "did you mean `blank`?",
         "blank"),
    Case("Modality is not blank", "RT100", "blank", "found `blank`", "write `not A is blank`"),
    Case('Modality == "CT" or "MR"', "RT100", '"MR"', "expected a condition", "in { ... }"),
    Case("5 < Rows", "RT100", "5", "expected a condition", "names its attribute"),
    Case("Modality is nothing", "RT100", "nothing", "`nothing` is no state", "the states are"),
    Case("(Modality is blank", "RT100", "nothing", "found `nothing`, expected `)`, `and` or `or`"),
    Case('Modality == "CT', "RT100", "x", "found `x`, expected"),
    Case('Modality == "CT #', "RT100", "x", "found `x`, expected"),
    Case("not " * 70 + "Modality is blank", "RT126", None, "nested deeper than 64 levels"),
    Case("(" * 70 + "Modality is blank" + ")" * 70, "RT126", "(", "nested deeper than 64 levels"),
]  # fmt: skip


def file_of(condition: str) -> str:
    return (
        'language 1\nset set = { "A", "B" }\ncondition s = Modality in @set\n'
        f'table t all {{ rule s {{ when @s nothing "x" }} rule r {{ when {condition} nothing "x" }} }}\n'
    )


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case.condition[:60])
def test_conditions(case: Case, examine) -> None:
    text = file_of(case.condition)
    typed, findings = examine(text)
    assert [one.code for one in findings] == [case.code]
    found: Diagnostic = findings[0]
    assert case.message in said(found.message, "en")
    if case.place is not None:
        assert text[found.span.start : found.span.end] == case.place
    assert case.help in (said(found.help, "en") if found.help else "")
    assert (found.fix.text if found.fix else None) == case.fix
    assert found.fix is None or found.fix.safe == case.safe
    assert (typed is None) == (found.level is Level.ERROR)


@pytest.mark.parametrize(
    "case", [case for case in CONDITIONS if case.fix], ids=lambda case: case.condition[:60]
)
def test_fixes_mend(case: Case, examine) -> None:
    text = file_of(case.condition)
    _, findings = examine(text)
    fix = findings[0].fix
    _, after = examine(text[: fix.span.start] + fix.text + text[fix.span.end :])
    assert case.code not in [one.code for one in after]


P = 'node p { ae = "P" host = "h" port = 104 }\n'
ITEMS = [
    # text after `language 1`, code, place, part of the message
    (P + 'node q { ae = "P" host = "H" port = 105 may = { echo } }\ntable t all { rule r { send to p } }',
     "RT127", "q", "AE title and host of `p`"),
    ('listener a { port = 1 }\nlistener b { port = 1 }', "RT127", "b", "listens where `a` does"),
    ('listener a { port = 1 }\nlistener a { port = 2 }', "RT105", "a", "a second `a`"),
    ('listener a { port = 0 }', "RT108", "0", "`port` cannot be `0`"),
    ('listener a { port = 65536 }', "RT108", "65536", "`port`"),
    ('listener a { port = "1" }', "RT108", '"1"', "`port`"),
    ('listener a { port = 1.5 }', "RT108", "1.5", "`port`"),
    ('listener a { }', "RT109", "a", "`a` lacks `port`"),
    ('listener a { port = 1 port = 2 }', "RT105", "port", "given a second time"),
    ('listener a { port = 1 address = "localhost" }', "RT108", '"localhost"', "`address`"),
    ('listener a { port = 1 called = "X" }', "RT108", '"X"', "`called`"),
    ('listener a { port = 1 called = { "X", "THIS IS A LONG TITLE" } }', "RT108",
     '{ "X", "THIS IS A LONG TITLE" }', "`called`"),
    ('listener a { port = 1 unreadable = drop }', "RT108", "drop", "`unreadable`"),
    ('listener a { port = 1 tls = maybe }', "RT108", "maybe", "`tls`"),
    ('listener a { port = 1 key = "k" }', "RT108", '"k"', "`key`"),
    ('listener a { port = 1 address = "10.0.0.1" accept unknown }', "RT511", "accept unknown",
     "anyone who reaches `a`"),
    ('listener a { port = 1 aplies = 2 }', "RT107", "aplies", "a listener has no `aplies`"),
    ('router { ae = "THIS IS A LONG TITLE" }', "RT108", '"THIS IS A LONG TITLE"', "`ae`"),
    ('router { ae = "" }', "RT108", '""', "`ae`"),
    ('router { ae = " A" }', "RT108", '" A"', "`ae`"),
    (r'router { ae = "A\\B" }', "RT108", r'"A\\B"', "`ae`"),
    (r'router { ae = "A\tB" }', "RT108", r'"A\tB"', "`ae`"),
    ('router { ae = "É" }', "RT108", '"É"', "`ae`"),
    ('router { }\nrouter { }', "RT106", "router { }", "a second `router`"),
    ('node a { ae = "A" may = { echo } }', "RT109", "a", "lacks `host`"),
    ('node a { may = { echo } }', "RT109", "a", "lacks `ae` and `host`"),
    ('node a { ae = "A" host = "-bad-" may = { echo } }', "RT108", '"-bad-"', "`host`"),
    ('node a { ae = "A" host = "10.0.0.300" may = { echo } }', "RT108", '"10.0.0.300"', "`host`"),
    ('node a { ae = "A" host = "10.0.0.0/8" port = 1 may = { echo } }', "RT108", '"10.0.0.0/8"',
     "one machine"),
    ('node a { ae = "A" host = "h" may = { stor } }', "RT108", "stor", "no role `stor`"),
    ('node a { ae = "A" host = "h" may = { "store" } }', "RT108", '{ "store" }', "`may`"),
    ('node a { ae = "A" host = "h" may = { echo } associations = 65 }', "RT108", "65",
     "`associations`"),
    ('node a { ae = "A" host = "h" may = { echo } retry = 5 }', "RT108", "5", "`retry`"),
    ('node a { ae = "A" host = "h" may = { echo } retry = backoff 5m..5s }', "RT108",
     "backoff 5m..5s", "`retry`"),
    ('node a { ae = "A" host = "h" may = { echo } retry = backoff 0s..5s }', "RT108",
     "backoff 0s..5s", "`retry`"),
    ('node a { ae = "A" host = "h" may = { echo } rate = 4 per hour }', "RT108", "4 per hour",
     "`rate`"),
    ('node a { ae = "A" host = "h" may = { echo } accept_syntax = { CTImageStorage } }', "RT108",
     "{ CTImageStorage }", "`accept_syntax`"),
    ('node a { ae = "A" host = "h" may = { echo } associations = 5m }', "RT108", "5m",
     "`associations`"),
    ('node a { ae = "A" host = "h" }', "RT221", "a", "the node `a` is not used"),
    ('set s = { "A" }', "RT221", "s", "the set `s` is not used"),
    ('condition c = Modality is valued', "RT221", "c", "the condition `c` is not used"),
    ('set s : XY = { "A" }\ntable t all { rule r { when Modality in @s nothing "x" } }', "RT108",
     "XY", "there is no VR `XY`"),
    ('set s : PN = { "A" }\ntable t all { rule r { when Modality in @s nothing "x" } }', "RT120",
     "@s", "wants a text"),
    ('set s : OB = { "A" }\ntable t all { rule r { when Modality in @s nothing "x" } }', "RT108",
     "OB", "no literal"),
    ('set s = { "A", 5 }\ntable t all { rule r { when Modality in @s nothing "x" } }', "RT120",
     "5", "of different kinds"),
    ('set s = { }\ntable t all { rule r { when Modality in @s nothing "x" } }', "RT108", "{ }",
     "without elements"),
    ('condition a = @b\ncondition b = @a', "RT118", "@a", "`a -> b -> a`"),
    ('condition a = not @a', "RT118", "@a", "`a -> a`"),
    ('table guard all { rule r { nothing "x" } }', "RT105", "guard", "a meaning of its own"),
    ('table t all { rule otherwise { nothing "x" } }', "RT100", "otherwise",
     "a rule cannot be called `otherwise`"),
    ('table t all { rule r { nothing "x" } rule r { nothing "y" } }', "RT105", "r", "a second `r`"),
    ('table t all { rule r { nothing "x" } }\ntable t all { rule r { nothing "x" } }', "RT105",
     "t", "a second `t`"),
    ('table t all { rule r { } }', "RT119", "r", "a rule without an action"),
    ('table t all { rule r { nothing "x" } otherwise { } }', "RT119", "otherwise { }",
     "without an action"),
    ('table t all { otherwise { nothing "x" } rule r { nothing "y" } }', "RT100",
     'otherwise { nothing "x" }', "`otherwise` stands before a rule"),
    ('guard { otherwise { pass } rule r { when Rows > 1 hold x } }', "RT100",
     'otherwise { pass }', "`otherwise` stands before a rule"),
    ('table t all { otherwise { nothing "x" } otherwise { nothing "x" } }', "RT106",
     'otherwise { nothing "x" }', "a second `otherwise`"),
    ('table t first { rule r { when Modality == "CT" nothing "x" } }', "RT301", "t",
     "no rule matches"),
    ('table t all { rule r priority 5 { nothing "x" } }', "RT220", "r", "changes nothing"),
    ('table t all { rule r { hold q } }', "RT226", "q", "named once only"),
    (P + 'table t all { rule r { send to p urgency urgent } }', "RT108", "urgent",
     "no urgency `urgent`"),
    (P + 'table t all { rule r { send to p urgency low urgency stat } }', "RT108", "urgency stat",
     "`urgency` is said a second time"),
    (P.replace("port = 104", "may = { echo }") + 'table t all { rule r { send to p } }', "RT117",
     "p", "`p` cannot be sent to"),
    ('guard { rule a { when true pass } }', "RT129", "guard", "does not say"),
    ('guard { rule a priority 5 { when true pass } otherwise { pass } }', "RT100", "5",
     "rules of the guard have no priority"),
    ('guard { rule a { when true send to p } otherwise { pass } }', "RT100", "send", "found `send`"),
    ('guard g { otherwise { pass } }', "RT100", "g", "found `g`, expected `{`"),
    ('table t all { rule r { when true drop "x" } }', "RT100", "drop", "found `drop`"),
    ('table t all { rule r { nothing "x" when true } }', "RT100", "when", "found `when`"),
    ('guard { rule a { pass } otherwise { pass } }', "RT100", "pass", "found `pass`"),
    ('guard { rule a { when true refuse 0x0000 } otherwise { pass } }', "RT108", "refuse 0x0000",
     "refuses nothing"),
    ('guard { rule a { when true refuse 0x12 } otherwise { pass } }', "RT113", "0x12",
     "four hexadecimal digits"),
    ('guard { otherwise { pass } }\nguard { otherwise { pass } }', "RT106",
     "guard { otherwise { pass } }", "a second `guard`"),
    ('language 1', "RT106", "language 1", "a second time"),
    ('test "a" { given { Modality = "CT" } }', "RT603", '"a"', "tests nothing"),
    ('test "a" { given { Rows = 1 } at 2026-13-45T10:00:00Z expect drop }', "RT113",
     "2026-13-45T10:00:00Z", "is no instant"),
    ('listener a { port = 1KiB }', "RT108", "1KiB", "`port`"),
    ('test "a" { expect drop }', "RT100", "expect", "found `expect`, expected `given`"),
    ('test "a" { given { Modality = "CT" } expect send nobody }', "RT104", "nobody",
     "no node or pool `nobody`"),
    ('test "a" { given { Modality = "CT" } expect rule t.r }', "RT104", "t.r", "no rule `t.r`"),
    ('test "a" { given { Modality = "CT" } expect hold q }', "RT104", "q", "in a queue `q`"),
    ('test "a" { given { Rows = "x" } expect hold unrouted }', "RT120", '"x"',
     "`Rows` is US (decimal), given text"),
    ('test "a" { given { Modality = CT } expect hold unrouted }', "RT120", "CT", "given a name"),
    ('test "a" { given { Modality = "CT" Modality = "MR" } expect hold unrouted }', "RT105",
     'Modality = "MR"', "given twice"),
    ('test "a" { given { assoc.calling_ae = ["A", "B"] } expect hold unrouted }', "RT108",
     'assoc.calling_ae = ["A", "B"]', "one value"),
    (r'test "a" { given file "a\u{0}b" { Rows = 1 } expect drop }', "RT108", r'"a\u{0}b"', "no path holds"),
    (P + 'node b { ae = "P" host = "H." may = { echo } }\ntable t all { rule r { send to p } }', "RT127", "b",
     "the AE title and host of `p`"),
    ('node a { ae = "A" host = "127.0.0.1" may = { echo } }\n'
     'node b { ae = "A" host = "127.0.0.1/32" may = { echo } }', "RT127", "b", "host of `a`"),
    ('node a { ae = "A" host = "10.0.0.5/8" may = { echo } }\n'
     'node b { ae = "A" host = "10.0.0.0/8" may = { echo } }', "RT127", "b", "host of `a`"),
    ('node a { ae = "A" host = "10.0.0.5" may = { echo } }\n'
     'node b { ae = "A" host = "::ffff:10.0.0.5" may = { echo } }', "RT127", "b", "host of `a`"),
    ('test "a" { given file "a" given file "b" expect drop }', "RT106", 'given file "b"',
     "second file"),
    ('test "a" { given { Modality = "C" } expect drop }\ntest "a" { given { Modality = "C" } expect drop }',
     "RT105", '"a"', "a second `a`"),
    ('set s = file "x"\ntable t all { rule r { when Modality in @s nothing "x" } }', "RT130", '"x"',
     "there is no file `x`"),
    ('use "a.route"', "RT131", '"a.route"', "there is no file `a.route`"),
    ('use "a\\u{0}b"', "RT108", '"a\\u{0}b"', "no path holds a NUL"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "code", "place", "words"), ITEMS, ids=lambda value: value[:50])
def test_items(items: str, code: str, place: str, words: str, examine) -> None:
    text = f"language 1\n{items}\n"
    _, findings = examine(text)
    assert [one.code for one in findings] == [code]
    assert text[findings[0].span.start : findings[0].span.end] == place
    assert words in said(findings[0].message, "en")


@pytest.mark.parametrize(
    "condition",
    [
        "not Modality is blank",
        'not Modality == "CT" and Modality is valued',
        '(0008,0060) is valued and (Rows > 1 or not Modality == "CT")',
        'Modality is absent or not Modality == "CT"',
        "not (Modality is valued and @s)",
        'not not Modality == "CT"',
        'not no Modality == "CT"',
        'no Modality == "CT"',
        'Modality != "CT"',
        'not assoc.calling_ae == "X"',
        "not instance.size > 5",
        "not true",
    ],
)
def test_a_not_that_does_not_cover_blank_or_says_so(condition: str, examine) -> None:
    _, findings = examine(file_of(condition))
    assert "RT212" not in {one.code for one in findings}


def test_labels_point_at_the_first_of_two(examine) -> None:
    text = f"language 1\n{P}{P}table t all {{ rule r {{ send to p }} }}\n"
    _, (found,) = examine(text)
    (label,) = found.labels
    source = Source("x.route", text)
    assert source.position(label.span.start).line == 2
    assert source.position(found.span.start).line == 3


EXHAUSTIVE = [
    "rule a { when Modality == \"CT\" nothing \"x\" } rule b { when not Modality == \"CT\" nothing \"x\" }",
    "rule a { nothing \"x\" }",
    "rule a { when Modality is valued nothing \"x\" }"
    " rule b { when Modality is blank or Modality is invalid nothing \"x\" } otherwise { nothing \"x\" }",
    "rule a { when Rows > 1 and Columns > 1 nothing \"x\" }"
    " rule b { when not Rows > 1 nothing \"x\" } rule c { when not Columns > 1 nothing \"x\" }",
    "rule a { when Modality != \"CT\" nothing \"x\" } rule b { when Modality == \"CT\" nothing \"x\" }"
    " rule c { when not Modality is valued nothing \"x\" }",
]  # fmt: skip


@pytest.mark.parametrize("rules", EXHAUSTIVE)
def test_first_tables_that_cover_all_need_no_otherwise(rules: str, examine) -> None:
    typed, findings = examine(f"language 1\ntable t first {{ {rules} }}\n")
    assert {one.code for one in findings} <= {"RT212", "RT306"}
    assert typed is not None


@pytest.mark.parametrize(
    "rules",
    [
        # the difference between != and not == is exactly the blank and invalid states
        'rule a { when Modality != "CT" nothing "x" } rule b { when Modality == "CT" nothing "x" }',
        'rule a { when Modality is valued nothing "x" }',
    ],
)
def test_first_tables_that_do_not_are_told(rules: str, examine) -> None:
    _, findings = examine(f"language 1\ntable t first {{ {rules} }}\n")
    assert [one.code for one in findings] == ["RT301"]
