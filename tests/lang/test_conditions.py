"""What may be asked of which attribute: every misuse is named, placed, and mended where it can be."""
# ruff: noqa: E501  the tables have one case a line

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roteiro.core.program import Nothing, State, ValueType, View
from roteiro.core.program import Source as Place
from roteiro.core.validate import validate
from roteiro.lang import typed
from roteiro.lang.diagnostics import Level
from roteiro.lang.lower import lower
from roteiro.lang.render.text import said
from roteiro.lang.settings import Settings
from roteiro.lang.source import Span

from generators.typed import typed_alone  # isort: skip

SEQUENCE = "RequestAttributesSequence"
HAS = f"any {SEQUENCE} has"
BEFORE = f"""
set words = {{ i"chest", "LUNG" }}
set days = {{ 2026-01-31, 2026-02-01..2026-02-28 }}
set ages : AS = {{ 0D..17Y }}
set people : PN = {{ "Muster^Max" }}
set nets = {{ "10.0.0.0/8" }}
set long = {{ "CT", "lower" }}
schedule nights = mon..fri 19:00..06:00
condition three = {HAS} ({HAS} ({HAS} (CodeValue == "X")))
"""


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


CASES = [
    # person names
    Case('PatientName < "A"', "RT111", "<", "`PatientName` has no order"),
    Case('PatientName in "A".."B"', "RT111", '"A".."B"', "has no order"),
    Case('PatientName == "^^="', "RT114", '"^^="', "no value equals an empty text"),
    Case('PatientName.ideographic == "^"', "RT114", '"^"', "no value equals an empty text"),
    Case("PatientName == 1", "RT120", "1", "`PatientName` is PN (person name), compared with a number",
         'write `"1"`', '"1"'),
    Case("PatientName == Muster", "RT120", "Muster", "compared with a name", 'write `"Muster"`', '"Muster"'),
    Case('PatientName.famly == "x"', "RT128", "famly", "`famly` is no part of a person name",
         "did you mean `family`?", "family"),
    Case('PatientName.xyzzy == "x"', "RT128", "xyzzy", "`xyzzy` is no part", "groups are `alphabetic`"),
    Case("PatientName.family.ideographic is blank", "RT128", "family.ideographic", "in this order"),
    Case("PatientName.family.given is blank", "RT128", "family.given", "at most one of each"),
    Case("PatientName.family[1] is blank", "RT128", "family[1]", "no positions", "`PatientName[1].family`"),
    Case("PatientName[2].family is blank", "RT110", "PatientName[2]", "`PatientName` has one value only"),
    Case('PatientName.family == "a^b"', "RT121", '"a^b"', "of `PatientName.family` (PN)", "one component"),
    Case('PatientName.phonetic starts with "a="', "RT121", '"a="', "`PatientName.phonetic`", "one group"),
    Case('PatientName contains "a="', "RT121", '"a="', "of `PatientName` (PN)", "one group"),
    Case('PatientName == "a=b=c=d"', "RT121", '"a=b=c=d"', "(PN)", "three groups"),
    Case('PatientName == "1^2^3^4^5^6"', "RT121", '"1^2^3^4^5^6"', "(PN)", "five components"),
    Case(r'PatientName == "a\\b"', "RT121", r'"a\\b"', "(PN)", "a backslash separates values"),
    Case(f'PatientName == "{"x" * 65}"', "RT121", f'"{"x" * 65}"', "(PN)", "at most 64"),
    Case('PatientName.family == "a "', "RT121", '"a "', "(PN)", "spaces around"),
    Case('PatientName == "a\\tb"', "RT121", '"a\\tb"', "(PN)", "control characters"),
    # dates, times, instants, ages
    Case("AcquisitionDateTime < 2024-06-01", "RT120", "2024-06-01", "is DT (instant), compared with a date",
         "write `2024-06-01T00:00:00Z`", "2024-06-01T00:00:00Z", safe=False),
    Case("AcquisitionDateTime < 2024-06-31", "RT113", "2024-06-31", "there is no day"),
    Case("AcquisitionDateTime < 2024-06-01T12:00:00", "RT113", "2024-06-01T12:00:00",
         "does not say in which zone", "write `2024-06-01T12:00:00Z`", "2024-06-01T12:00:00Z", safe=False),
    Case("AcquisitionDateTime < 2024-06-01T25:00:00Z", "RT113", "2024-06-01T25:00:00Z", "is no instant",
         "then `Z` or an offset"),
    Case("AcquisitionDateTime < 2024-06-01T00:00:00+15:00", "RT113", "2024-06-01T00:00:00+15:00", "is no instant"),
    Case('AcquisitionDateTime < "2024-06-01T00:00:00Z"', "RT120", '"2024-06-01T00:00:00Z"', "compared with text",
         "write `2024-06-01T00:00:00Z`", "2024-06-01T00:00:00Z"),
    Case("AcquisitionDateTime < 22:00", "RT120", "22:00", "compared with a time", "an instant such as"),
    Case("AcquisitionDateTime in 2024-06-02T00:00:00Z..2024-06-01T00:00:00Z", "RT115",
         "2024-06-02T00:00:00Z..2024-06-01T00:00:00Z", "ends before it begins", "write",
         "2024-06-01T00:00:00Z..2024-06-02T00:00:00Z", safe=False),
    Case("StudyDate < 2024-06-01T00:00:00Z", "RT120", "2024-06-01T00:00:00Z", "is DA (date), compared with an instant",
         "write `2024-06-01`", "2024-06-01", safe=False),
    Case("StudyDate < 18Y", "RT120", "18Y", "compared with an age", "write a date"),
    Case("StudyTime < 5m", "RT120", "5m", "compared with a duration", "write a time"),
    Case("PatientAge < 18", "RT120", "18", "`PatientAge` is AS (age), compared with a number", "write `18Y`", "18Y",
         safe=False),
    Case("PatientAge < 1.5", "RT120", "1.5", "compared with a number", "an age such as"),
    Case('PatientAge == "018Y"', "RT120", '"018Y"', "compared with text", "write `18Y`", "18Y"),
    Case("PatientAge < 30d", "RT120", "30d", "compared with a duration", "write `30D`", "30D"),
    Case("PatientAge < 18m", "RT120", "18m", "compared with a duration", "an age such as"),
    Case("PatientAge in 18Y..2M", "RT115", "18Y..2M", "ends before it begins", "write `2M..18Y`", "2M..18Y", safe=False),
    # texts and patterns
    Case('StudyDate == i"x"', "RT120", 'i"x"', "is DA (date), compared with text"),
    Case('SOPClassUID == i"1.2.3"', "RT120", 'i"1.2.3"', "is UI (uid), compared with text"),
    Case('assoc.peer == i"10.0.0.1"', "RT120", 'i"10.0.0.1"', "`assoc.peer` is address", 'write `"10.0.0.1"`', '"10.0.0.1"'),
    Case('Modality == i""', "RT114", 'i""', "no value equals an empty text", "write `Modality is blank`",
         "Modality is blank", safe=False),
    Case('Modality != ""', "RT114", '""', "no value equals", "write `Modality is valued`", "Modality is valued", safe=False),
    Case('any Modality == ""', "RT114", '""', "no value equals an empty text"),
    Case('Modality == i"c-t"', "RT121", 'i"c-t"', "matches `i\"c-t\"`", "upper case"),
    Case('RetrieveAETitle == "é"', "RT121", '"é"', "(AE)", "ASCII characters only"),
    Case('PatientID == "a\\tb"', "RT121", '"a\\tb"', "(LO)", "no control characters"),
    Case("Modality == /CT/", "RT111", "==", "`==` does not take a pattern", "write `matches`", "matches"),
    Case("Modality != /CT/", "RT111", "!=", "`!=` does not take a pattern", "write `not matches`", "not matches"),
    Case("Modality contains /CT/", "RT111", "contains", "`contains` does not take a pattern", "write `matches`"),
    Case("Modality in /CT/", "RT111", "/CT/", "`in` takes a set", "write `matches /CT/`", "matches", safe=False),
    Case("Modality in { /CT/ }", "RT111", "in", "`in` does not take a pattern", "write `matches`", "matches"),
    Case("Rows == /5/", "RT120", "/5/", "`Rows` is US (decimal), compared with a pattern", "write a number"),
    Case('Modality matches "CT"', "RT120", '"CT"', "`matches` takes a pattern, given text", "write `/CT/`", "/CT/", safe=False),
    Case('Modality matches "C.*"', "RT120", '"C.*"', "given text", "write a pattern such as"),
    Case("Modality matches CT", "RT120", "CT", "`matches` takes a pattern, given a name"),
    Case("Modality matches { /CT/, 5 }", "RT120", "5", "`matches` takes a pattern, given a number"),
    Case("Modality matches SeriesDescription", "RT125", "SeriesDescription", "is an attribute"),
    Case("Modality matches /^CT/", "RT124", "^", "`matches` does not take this: `^` is an anchor",
         "write `/CT.*/`", "/CT.*/", safe=False),
    Case("Modality matches /CT$/i", "RT124", "$", "`$` is an anchor", "write `/.*CT/i`", "/.*CT/i", safe=False),
    Case("Modality matches /^CT$/", "RT124", "^", "`^` is an anchor", "write `/CT/`", "/CT/"),
    Case(r"Modality matches /^CT\$/", "RT124", "^", "`^` is an anchor", r"write `/CT\$.*/`", r"/CT\$.*/", safe=False),
    Case("Modality matches /^C(T$/", "RT124", "^", "`^` is an anchor"),
    Case(r"Modality matches /C(T/", "RT124", "(", "is not closed"),
    Case("Rows matches /5/", "RT111", "matches", "`matches` is for texts; `Rows` holds something else"),
    Case("SOPClassUID matches /1/", "RT111", "matches", "`SOPClassUID` is a UID", "with `under`"),
    Case('SOPClassUID starts with "1.2.3."', "RT111", "starts with", "is a UID", "write `under 1.2.3`", "under 1.2.3", safe=False),
    Case('SOPClassUID not like "1.2.3*"', "RT111", "not like", "is a UID", "write `not under 1.2.3`", "not under 1.2.3",
         safe=False),
    Case("Modality under 1.2.3", "RT111", "under", "`under` compares the arcs of UIDs", "`starts with`"),
    Case("StudyInstanceUID under 1.2", "RT120", "1.2", "is UI (uid), compared with a number"),
    Case("StudyInstanceUID under 1.2.3..1.2.4", "RT111", "under", "does not take several values"),
    # tags
    Case("FrameIncrementPointer == FrameTime", "RT125", "FrameTime", "is an attribute", "write `(0018,1063)`", "(0018,1063)"),
    Case('FrameIncrementPointer == "00181063"', "RT120", '"00181063"', "is AT (tag), compared with text",
         "write `(0018,1063)`", "(0018,1063)"),
    Case("FrameIncrementPointer == (60xx,0010)", "RT113", "(60xx,0010)", "is no tag of one attribute"),
    Case("FrameIncrementPointer < (0018,1063)", "RT111", "<", "has no order"),
    Case("FrameIncrementPointer == SOPClassUID[1]", "RT125", "SOPClassUID[1]", "is an attribute"),
    Case("Modality == (0008,0060)", "RT125", "(0008,0060)", "`(0008,0060)` is an attribute"),
    Case("Modality in { (0008,0060) }", "RT125", "(0008,0060)", "is an attribute"),
    # what is not compared
    Case('PixelData == "x"', "RT120", 'PixelData == "x"', "`PixelData` (OB or OW) are not compared", "`PixelData is valued`"),
    Case("LUTData > 5", "RT120", "LUTData > 5", "(US or OW) are not compared", "count(LUTData)"),
    Case(f"{SEQUENCE} == 5", "RT120", f"{SEQUENCE} == 5", "is a sequence: it has items", f"any {SEQUENCE} has (...)"),
    # numbers
    Case("Rows in 1.2..1.8", "RT121", "1.2..1.8", "matches `1.2..1.8`", "no integer lies in it"),
    Case("Rows in 70000..80000", "RT121", "70000..80000", "(US)", "more than 65535"),
    Case("Rows in { 1, -5..-1 }", "RT121", "-5..-1", "(US)", "less than 0"),
    Case("Rows > 65535", "RT121", "65535", "(US)", "more than 65535"),
    Case("Rows < 0.5 and Rows <= -0.5", "RT121", "-0.5", "(US)", "less than 0"),
    Case("SliceThickness == 1.23456789012345678", "RT121", "1.23456789012345678", "(DS)", "at most 16 characters"),
    Case("instance.size < 0", "RT121", "0", "`instance.size` can never match `0`", "less than 0"),
    Case("instance.transfer_syntax == CTImageStorage", "RT121", "CTImageStorage", "can never match", "no transfer syntax"),
    Case("SOPClassUID == ImplicitVRLittleEndian", "RT121", "ImplicitVRLittleEndian", "(UI)", "no SOP class"),
    # sequences
    Case(f'{SEQUENCE}.CodeValue == "X"', "RT128", f"{SEQUENCE}.CodeValue", "which item is meant?", "has (...)",
         f'{HAS} (CodeValue == "X")', safe=False),
    Case(f'no {SEQUENCE}.CodeValue == "X"', "RT128", f"{SEQUENCE}.CodeValue", "which item is meant?", "has (...)",
         f'no {SEQUENCE} has (CodeValue == "X")', safe=False),
    Case(f"{SEQUENCE}.CodeValue is absent", "RT128", f"{SEQUENCE}.CodeValue", "which item is meant?", "has (...)",
         f"{HAS} (CodeValue is absent)", safe=False),
    Case(f"count({SEQUENCE}.ImageType) > 1", "RT128", f"{SEQUENCE}.ImageType", "which item is meant?", "has (...)",
         f"{HAS} (count(ImageType) > 1)", safe=False),
    Case(f"days since {SEQUENCE}.StudyDate > 1", "RT128", f"{SEQUENCE}.StudyDate", "which item", "has (...)",
         f"{HAS} (days since StudyDate > 1)", safe=False),
    Case(f'{SEQUENCE}.ScheduledProtocolCodeSequence.CodeValue == "X"', "RT128",
         f"{SEQUENCE}.ScheduledProtocolCodeSequence.CodeValue", "which item is meant?", "has (...)",
         f'{HAS} (any ScheduledProtocolCodeSequence has (CodeValue == "X"))', safe=False),
    Case(f"{SEQUENCE}[1].(0008,1032).CodeValue is valued", "RT128", f"{SEQUENCE}[1].(0008,1032).CodeValue",
         "`ProcedureCodeSequence` is a sequence", "has (...)",
         f"any {SEQUENCE}[1].(0008,1032) has (CodeValue is valued)", safe=False),
    Case(f"{SEQUENCE}[0].CodeValue is valued", "RT110", f"{SEQUENCE}[0]", "positions begin with 1"),
    Case(f"{SEQUENCE}[1] is valued", "RT128", f"{SEQUENCE}[1]", "is an item", f"count({SEQUENCE}) >= 1"),
    Case(f'any {SEQUENCE}[1] has (CodeValue == "X")', "RT128", f"{SEQUENCE}[1]", "is an item", f"`{SEQUENCE}[1].A`"),
    Case('any Modality has (CodeValue == "X")', "RT111", "Modality", "`Modality` is no sequence", "stand before the attribute"),
    Case(f'{HAS} ({HAS} ({HAS} ({HAS} ({HAS} (Rows > 1)))))', "RT404", f"{HAS} (Rows > 1)", "more than 4 deep"),
    Case(f"{HAS} ({HAS} (@three))", "RT404", "@three", "more than 4 deep"),
    Case(f"{HAS} (Rws > 1)", "RT101", "Rws", "not in the dictionary", "did you mean `Rows`", "Rows"),
    # positions, counts, days
    Case('ImageType[0] == "X"', "RT110", "ImageType[0]", "positions begin with 1"),
    Case('ImageType[-1] == "X"', "RT110", "ImageType[-1]", "positions begin with 1"),
    Case('Modality[2] == "CT"', "RT110", "Modality[2]", "`Modality` has one value only"),
    Case("ImageOrientationPatient[7] > 0.0", "RT110", "ImageOrientationPatient[7]", "has at most 6 values (VM 6)"),
    Case("OverlayRows[17] == 5", "RT110", "OverlayRows[17]", "at most 16 values"),
    Case('any ImageType[1] == "X"', "RT111", 'any ImageType[1] == "X"', "`any` asks several", "leave the word out", ""),
    Case('all ImageType[1] == "X"', "RT111", 'all ImageType[1] == "X"', "`all` asks several", "leave the word out", ""),
    Case('no ImageType[1] == "X"', "RT111", 'no ImageType[1] == "X"', "`no` asks several", "write `not` before"),
    Case("count(ImageType) == 2.5", "RT121", "2.5", "`count(ImageType)` can never match `2.5`", "a whole number"),
    Case("count(ImageType) < 0", "RT121", "0", "can never match `0`", "less than 0"),
    Case("count(ImageType) in -3..-1", "RT121", "-3..-1", "can never match", "less than 0"),
    Case('count(ImageType) == "3"', "RT120", '"3"', "`count(ImageType)` is decimal, compared with text", "write `3`", "3"),
    Case('count(ImageType) contains "3"', "RT111", "contains", "is for texts"),
    Case("count(ImageType[1]) == 3", "RT111", "ImageType[1]", "`count` is asked of a whole element"),
    Case("count(assoc.calling_ae) == 1", "RT111", "assoc.calling_ae", "is asked of a whole element"),
    Case("count(PatientName.family) == 1", "RT111", "PatientName.family", "is asked of a whole element"),
    Case(f"count({SEQUENCE}[1]) == 1", "RT128", f"{SEQUENCE}[1]", "is an item"),
    Case("days since StudyDate <= 365d", "RT120", "365d", "`days since StudyDate` is decimal", "write `365`", "365"),
    Case("days since StudyDate == 0.5", "RT121", "0.5", "can never match", "a whole number"),
    Case("days since StudyDate[1] > 3", "RT111", "StudyDate[1]", "`days since` is asked of a whole element"),
    Case("days since AcquisitionDateTime > 3", "RT111", "AcquisitionDateTime", "is DT", "did you mean `AcquisitionDate`?",
         "AcquisitionDate", safe=False),
    Case("days since Modality > 3", "RT111", "Modality", "`Modality` is CS"),
    # the clock
    Case("clock.local == 5", "RT111", "clock.local == 5", "whether a schedule is open", "clock.local in @schedule"),
    Case("any clock.local in @nights", "RT111", "any clock.local in @nights", "whether a schedule is open"),
    Case("clock.local in { 5 }", "RT111", "clock.local in { 5 }", "whether a schedule is open"),
    Case("clock.local is valued", "RT111", "clock.local", "whether a schedule is open"),
    Case("count(clock.local) > 1", "RT111", "count(clock.local) > 1", "whether a schedule is open"),
    Case("clock.lokal in @nights", "RT101", "lokal", "`clock.lokal` is not known", "did you mean `clock.local`?", "local"),
    Case("clock is valued", "RT101", "clock", "`clock` alone is no attribute"),
    Case("clock.local in @words", "RT104", "words", "there is no schedule `words`", "`words` is a set"),
    Case("clock.local in @nigths", "RT104", "nigths", "there is no schedule", "did you mean `nights`?", "nights"),
    Case('Modality in @nights', "RT104", "nights", "there is no set `nights`", "clock.local in @nights"),
    # the envelope
    Case("assoc.calling_ae[1] is valued", "RT128", "assoc.calling_ae[1]", "is one value"),
    Case("assoc.peer.port is valued", "RT128", "assoc.peer.port", "is one value"),
    # private and repeating
    Case("(0019,100C) == 1", "RT116", "(0019,100C)", "is private", 'write `(0019,"CREATOR",0C)`'),
    Case('(0018,"X",0C) == 1', "RT116", '(0018,"X",0C)', "no private attribute is in group 0018", "are even"),
    Case('(0007,"X",0C) == 1', "RT116", '(0007,"X",0C)', "group 0007", "from 0009 to FFFD"),
    Case('(0019," ",0C) == 1', "RT116", '(0019," ",0C)', "is not empty"),
    Case(r'(0019,"A\B",0C) == 1', "RT116", r'(0019,"A\B",0C)', "holds a backslash"),
    Case(f'(0019,"{"X" * 65}",0C) == 1', "RT116", f'(0019,"{"X" * 65}",0C)', "more than 64 characters"),
    Case('(0019,"X",0C) < "A"', "RT111", "<", '`(0019,"X",0C)` has no order'),
    Case('(0019,"X",0C).family == "A"', "RT128", '(0019,"X",0C).family', "is a sequence", "has (...)",
         'any (0019,"X",0C) has (family == "A")', safe=False),
    Case("(10xx,0010) is valued", "RT116", "(10xx,0010)", "no repeating group", "`50xx` and `60xx`"),
    Case("(60xx,00xx) is valued", "RT116", "(60xx,00xx)", "no repeating group"),
    Case("(60xx,9999) is valued", "RT116", "(60xx,9999)", "not an attribute of the dictionary"),
    Case("EscapeTriplet == 5", "RT116", "EscapeTriplet", "which cannot be asked"),
    Case("CurveDimensions == 5", "RT102", "CurveDimensions", "is retired"),
    Case("OverlayRow == 5", "RT101", "OverlayRow", "not in the dictionary", "did you mean `OverlayRows`", "OverlayRows"),
    # sets
    Case("Rows in @words", "RT120", "@words", "`Rows` wants a number; the elements of `@words` are something else"),
    Case("PatientName in @days", "RT120", "@days", "`PatientName` wants a name"),
    Case("Modality in @people", "RT120", "@people", "`Modality` wants a text"),
    Case("AcquisitionDateTime in @days", "RT120", "@days", "`AcquisitionDateTime` wants an instant"),
    Case('StudyDate contains @days', "RT111", "contains", "is for texts"),
    Case("Modality in @long", "RT121", "@long", "matches `lower`", "upper case"),
    Case("Modality == @words", "RT111", "==", "does not take several values", "write `in`", "in"),
    Case('Modality matches @words', "RT120", 'i"chest"', "`matches` takes a pattern", "write `/chest/i`", "/chest/i", safe=False),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.condition[:60])
def test_misuse(case: Case) -> None:
    result = typed_alone(case.condition, BEFORE)
    found = result.findings[0]
    assert (found.code, result.place(found)) == (case.code, case.place)
    assert {one.code for one in result.findings} == {case.code}
    assert case.message in said(found.message, "en")
    assert case.help in (said(found.help, "en") if found.help else "")
    assert (found.fix.text if found.fix else None) == case.fix
    assert found.fix is None or found.fix.safe == case.safe


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.condition[:60])
def test_misuse_is_said_in_portuguese(case: Case) -> None:
    for found in typed_alone(case.condition, BEFORE).findings:
        for text in (found.message, *([found.help] if found.help else [])):
            assert said(text, "pt")
            assert said(text, "pt") != said(text, "en") or text.key.endswith(
                ("write", "did_you_mean")
            )


GOLDEN = Path(__file__).with_name("conditions.golden.txt")
BLESS = False
"""Set it to write the golden file again; the test then fails, so that nobody forgets it."""


def test_every_word_is_as_it_was() -> None:
    """All messages, helps and fixes: whoever changes one sees what changes with it."""
    shown = "\n".join(map(told, dict.fromkeys(case.condition for case in CASES)))
    if BLESS:
        GOLDEN.write_text(shown, encoding="utf-8")
    assert not BLESS
    assert shown == GOLDEN.read_text(encoding="utf-8")


def told(condition: str) -> str:
    lines = [condition]
    for found in typed_alone(condition, BEFORE).findings:
        lines.append(f"  {found.code} {said(found.message, 'en')}")
        lines += [f"  = {said(found.help, 'en')}"] if found.help else []
        lines += [f"  > {found.fix.text}"] if found.fix else []
    return "\n".join(lines) + "\n"


FIXED = [case for case in CASES if case.fix is not None and not case.place.startswith('i"chest')]


@pytest.mark.parametrize("case", FIXED, ids=lambda case: case.condition[:60])
def test_fixes_mend(case: Case) -> None:
    result = typed_alone(case.condition, BEFORE)
    fix = result.findings[0].fix
    assert fix is not None
    begin = result.text.index(f"when {case.condition}") + len("when ")
    start, end = fix.span.start - begin, fix.span.end - begin
    mended = typed_alone(case.condition[:start] + fix.text + case.condition[end:], BEFORE)
    still = {one.code for one in mended.findings if one.level is Level.ERROR}
    assert case.code not in still or "family ==" in fix.text


def test_every_error_leaves_no_test_behind() -> None:
    wrong = typed_alone('Modality == "CT" and Rows == "x"', BEFORE).condition
    assert isinstance(wrong, typed.And)
    assert wrong.parts[1] == typed.Constant(False)


# Paths ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "vr"),
    [
        ("Modality", ValueType.TEXT, "CS"),
        ("(0008,0060)", ValueType.TEXT, "CS"),
        ("SmallestImagePixelValue", ValueType.DECIMAL, "US or SS"),
        ("PatientName", ValueType.NAME, "PN"),
        ("PixelData", ValueType.STATE_ONLY, "OB or OW"),
        (SEQUENCE, ValueType.SEQUENCE, "SQ"),
        ("AcquisitionDateTime", ValueType.INSTANT, "DT"),
        ("PatientAge", ValueType.AGE, "AS"),
        ("FrameIncrementPointer", ValueType.TAG, "AT"),
        ("(6000,3000)", ValueType.STATE_ONLY, "OB or OW"),
        ("OverlayRows", ValueType.DECIMAL, "US"),
        ('(0019,"X",0C)', ValueType.STATE_ONLY, "UN"),
    ],
)
def test_states_are_asked_of_every_vr(path: str, kind: ValueType, vr: str) -> None:
    test = typed_alone(f"{path} is blank").condition
    assert isinstance(test, typed.IsState)
    assert (test.field.type, test.field.vr, test.states) == (kind, vr, State.ABSENT | State.EMPTY)


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
def test_the_envelope(path: str, kind: ValueType) -> None:
    result = typed_alone(f"{path} is absent")
    assert result.findings == ()
    field = result.condition.field
    assert (field.source, field.type, field.name) == (Place.ENVELOPE, kind, path.split(".")[1])


@pytest.mark.parametrize(
    ("path", "steps", "position", "component"),
    [
        ("ImageType[2]", (), 2, ""),
        ("PatientName.family", (), 0, "alphabetic.family"),
        ("PatientName.ideographic", (), 0, "ideographic"),
        ("PatientName.phonetic.suffix", (), 0, "phonetic.suffix"),
        ("PatientName[1].given", (), 1, "alphabetic.given"),
        (f"{SEQUENCE}[3].CodeValue", ((0x00400275, 3, ""),), 0, ""),
        (
            f"{SEQUENCE}[1].(0008,1032)[2].CodeValue",
            ((0x00400275, 1, ""), (0x00081032, 2, "")),
            0,
            "",
        ),
        (
            '(0019," A ",10)[1].PatientName[1].family',
            ((0x00190010, 1, "A"),),
            1,
            "alphabetic.family",
        ),
        (f"{SEQUENCE}[1].ImageType[2]", ((0x00400275, 1, ""),), 2, ""),
    ],
)
def test_ways_positions_and_components(
    path: str, steps: tuple, position: int, component: str
) -> None:
    result = typed_alone(f"{path} is valued")
    assert result.findings == ()
    field = result.condition.field
    assert tuple((step.tag, step.item, step.creator) for step in field.steps) == steps
    assert (field.position, field.component) == (position, component)


def test_repeating_groups_are_one_field() -> None:
    by_keyword, by_tag = (
        typed_alone(f"{path} == 512").compared.field for path in ("OverlayRows", "(60xx,0010)")
    )
    assert by_keyword == by_tag
    assert (by_tag.tag, by_tag.repeating) == (0x60000010, True)
    one = typed_alone("(6002,0010) == 512").compared.field
    assert (one.tag, one.repeating, one.name) == (0x60020010, False, "")


@pytest.mark.parametrize(
    ("test", "vr", "kind"),
    [
        ('== "x"', "LO", ValueType.TEXT),
        ('contains i"x"', "LO", ValueType.TEXT),
        ("matches /x/", "LO", ValueType.TEXT),
        ("== 1", "DS", ValueType.DECIMAL),
        ("in 1..2", "DS", ValueType.DECIMAL),
        ("in { 2026-01-31 }", "DA", ValueType.DATE),
        ("< 22:00", "TM", ValueType.TIME),
        ("< 2026-01-31T10:00:00Z", "DT", ValueType.INSTANT),
        ("in @ages", "AS", ValueType.AGE),
        ("in @days", "DA", ValueType.DATE),
        ("in @people", "LO", ValueType.TEXT),
        ("under 1.2.3", "UI", ValueType.UID),
        ("== CTImageStorage", "UI", ValueType.UID),
        ("== (0018,1063)", "AT", ValueType.TAG),
    ],
)
def test_a_private_element_is_what_its_literal_is(test: str, vr: str, kind: ValueType) -> None:
    result = typed_alone(f'(0019," SIEMENS MR HEADER ",0C) {test}', BEFORE)
    if test == "in @people":  # names are no texts, and a private element holds no names
        assert [one.code for one in result.findings] == ["RT120"]
        return
    field = result.compared.field
    assert (field.tag, field.creator, field.vr, field.type) == (
        0x0019000C,
        "SIEMENS MR HEADER",
        vr,
        kind,
    )


def test_no_position_says_in_which_group_an_item_is() -> None:
    path = "CurveReferencedOverlaySequence[1].Rows"
    retired, found = typed_alone(f"{path} > 5").findings
    assert (retired.code, found.code) == ("RT102", "RT128")
    assert "repeats by groups" in said(found.message, "en")


def test_functions_are_fields() -> None:
    count = typed_alone(f"count({SEQUENCE}) >= 2").compared.field
    assert (count.view, count.type, count.vr) == (View.COUNT, ValueType.DECIMAL, "SQ")
    inside = typed_alone(f"count({SEQUENCE}[1].ImageType) >= 2").compared.field
    assert (inside.view, len(inside.steps)) == (View.COUNT, 1)
    days = typed_alone("days since StudyDate not in { 3, 5..9 }").compared
    assert (days.field.view, days.negated, days.operator) == (View.DAYS_SINCE, True, "in")
    private = typed_alone('count((0019,"X",0C)) > 1').compared.field
    assert (private.vr, private.creator) == ("UN", "X")


def test_the_clock_is_compared_with_the_windows_of_a_schedule() -> None:
    test = typed_alone("clock.local not in @nights", BEFORE).compared
    assert (test.field.source, test.field.name, test.negated) == (Place.CLOCK, "local", True)
    assert len(test.intervals) == 5
    hour = 3600 * 1_000_000
    assert (test.intervals[0].low, test.intervals[0].high) == (19 * hour, 30 * hour)
    assert not test.intervals[0].high_closed


def test_an_instant_is_offered_in_the_zone_of_the_program() -> None:
    before = 'timezone "Europe/Berlin"'
    found = typed_alone("AcquisitionDateTime >= 2024-06-01", before).findings[0]
    assert found.fix.text == "2024-06-01T00:00:00+02:00"
    found = typed_alone("AcquisitionDateTime >= 2024-01-01T07:30", before).findings[0]
    assert found.fix.text == "2024-01-01T07:30+01:00"


# Sequences --------------------------------------------------------------------------------------


def test_has_keeps_its_quantifier_and_what_stands_in_it() -> None:
    for word, quantifier in (("any ", "any"), ("all ", "all"), ("no ", "no"), ("", "any")):
        test = typed_alone(f'{word}{SEQUENCE} has (CodeValue == "X" or Rows > 1)').condition
        assert isinstance(test, typed.Has)
        assert (test.quantifier, test.field.tag) == (quantifier, 0x00400275)
        assert isinstance(test.condition, typed.Or)
    private = typed_alone('(0019,"X",0C) has (Rows > 1)').condition
    assert (private.field.type, private.field.vr) == (ValueType.SEQUENCE, "SQ")


def test_definitions_are_read_where_their_name_stands() -> None:
    before = 'condition ct = CodeValue == "CT"'
    result = typed_alone(f"@ct and {HAS} (@ct)", before)
    outside, inside = result.condition.parts
    assert inside.condition == outside


def test_four_has_are_in_order() -> None:
    for condition in (f"{HAS} (@three)", f"{HAS} ({HAS} ({HAS} ({HAS} (Rows > 1))))"):
        assert typed_alone(condition, BEFORE).findings == ()


def test_a_name_that_nests_too_deep_is_shown_with_its_definition() -> None:
    found = typed_alone(f"{HAS} ({HAS} (@three))", BEFORE).findings[0]
    assert [said(label.message, "en") for label in found.labels] == ["defined here"]


# Sets -------------------------------------------------------------------------------------------

DECLARATIONS = [
    # what a set holds, code, place, part of the message
    ('= { "A", 5 }', "RT120", "5", "of different kinds"),
    ("= { 5, 2026-01-31 }", "RT120", "2026-01-31", "of different kinds"),
    ('= { "A", 1.2.3, "B" }', "RT120", "1.2.3", "of different kinds"),
    ("= { 5m }", "RT120", "5m", "no attribute is compared with a duration"),
    ('= { "A", "" }', "RT114", '""', "no value equals an empty text"),
    ("= { }", "RT108", "{ }", "a set without elements"),
    ("= { CTImageStorag }", "RT122", "CTImageStorag", "not the name of a UID"),
    ("= { 2026-02-30 }", "RT113", "2026-02-30", "there is no day"),
    ("= { 18Y..2M }", "RT115", "18Y..2M", "ends before it begins"),
    ("= { 2026-01-31T10:00:00 }", "RT113", "2026-01-31T10:00:00", "in which zone"),
    ("= { (60xx,0010) }", "RT113", "(60xx,0010)", "no tag of one attribute"),
    (': PN = { "^" }', "RT114", '"^"', "no value equals an empty text"),
    (": AS = { 18 }", "RT120", "18", "`@s` is AS (age), compared with a number"),
    (": DT = { 2026-01-31 }", "RT120", "2026-01-31", "`@s` is DT (instant), compared with a date"),
    (": AT = { FrameTime }", "RT125", "FrameTime", "is an attribute"),
    (': CS = { "A".."C" }', "RT111", '"A".."C"', "has no order"),
    (": LO = { /x/ }", "RT120", "/x/", "`@s` is LO (text), compared with a pattern"),
    (': OB = { "A" }', "RT108", "OB", "no literal is a value of OB"),
    (': SQ = { "A" }', "RT108", "SQ", "no literal is a value of SQ"),
    (': CX = { "A" }', "RT108", "CX", "there is no VR `CX`"),
]


@pytest.mark.parametrize(("value", "code", "place", "message"), DECLARATIONS)
def test_a_set_is_checked_by_itself(value: str, code: str, place: str, message: str) -> None:
    result = typed_alone("Modality in @s", f"set s {value}")
    (found,) = result.findings  # and its use is not reported again
    assert (found.code, result.place(found)) == (code, place)
    assert message in said(found.message, "en")


@pytest.mark.parametrize(
    ("value", "use"),
    [
        (': CS = { i"ct" }', "Modality in @s"),
        ('= { "10.0.0.0/8", "::1" }', "assoc.peer in @s"),
        ("= { (0018,1063), (0018,1065) }", "FrameIncrementPointer in @s"),
        (": AT = { (0018,1063) }", "FrameIncrementPointer in @s"),
        ("= { 0D..2M, 18Y }", "PatientAge in @s"),
        ("= { 2026-01-31T10:00:00Z }", "AcquisitionDateTime in @s"),
        ('= { "Muster^Max", i"x" }', "PatientName in @s"),
        ('= { "MUSTER" }', "PatientName.family in @s"),
        (': PN = { "MUSTER" }', "PatientName.family in @s"),
        ('= { "ms" }', "PatientName starts with @s"),
        ("= { /a/, /b/i }", "SeriesDescription matches @s"),
        ("= { CTImageStorage, 1.2.3 }", "SOPClassUID under @s"),
        (": UI = { 1.2.3 }", "SOPClassUID not in @s"),
        ("= { 1, 2..3 }", "count(ImageType) in @s"),
        ("= { 20MiB..30MiB }", "instance.size in @s"),
        (': LO = { "x" }', "all SeriesDescription not contains @s"),
    ],
)
def test_sets_of_every_kind(value: str, use: str) -> None:
    result = typed_alone(use, f"set s {value}")
    assert result.findings == ()
    assert isinstance(result.condition, typed.Compare)


def test_a_set_of_another_type_is_shown_with_its_definition() -> None:
    found = typed_alone("Rows in @words", BEFORE).findings[0]
    places = [found.source.text[one.span.start : one.span.end] for one in found.labels]
    assert places == ["words", 'i"chest"']


def test_an_element_that_matches_nothing_is_shown_in_its_set() -> None:
    found = typed_alone("Modality in @long", BEFORE).findings[0]
    (label,) = found.labels
    assert found.source.text[label.span.start : label.span.end] == '"lower"'
    assert said(label.message, "en") == "this element"


def test_ranges_of_a_set_are_for_in_only() -> None:
    result = typed_alone("assoc.tls_subject starts with @nets", BEFORE)
    assert result.findings == ()  # texts, whatever they may look like
    found = typed_alone('Modality like { "A".."B" }').findings[0]
    assert said(found.message, "en") == "`like` does not take several values"


def test_many_elements_that_match_nothing_are_ten_findings() -> None:
    elements = ", ".join(f'"low{number}"' for number in range(500))
    assert len(typed_alone("Modality in @s", f"set s = {{ {elements} }}").findings) == 10
    assert len(typed_alone(f"Modality in {{ {elements} }}").findings) == 10


# Files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vr", "use", "lines", "values"),
    [
        ("", "Modality in @s", "CT\n# no\n\n  MR \n", ("CT", "MR")),
        (" : CS", "Modality in @s", "CT\n", ("CT",)),
        ("", "SliceThickness in @s", "5\n-1.5\n", (5, Decimal("-1.5"))),
        ("", "StudyDate in @s", "2026-01-31\n", (20260131,)),
        (" : TM", "StudyTime in @s", "00:00:01\n", (1_000_000,)),
        ("", "AcquisitionDateTime in @s", "1970-01-01T00:00:01Z\n", (1_000_000,)),
        ("", "PatientAge in @s", "2D\n", (32,)),
        (
            "",
            "SOPClassUID in @s",
            "CTImageStorage\n1.2.3\n",
            ("1.2.840.10008.5.1.4.1.1.2", "1.2.3"),
        ),
        (
            " : AT",
            "FrameIncrementPointer in @s",
            "(0018,1063)\n00181065\n",
            (0x00181063, 0x00181065),
        ),
        ("", '(0019,"X",0C) in @s', "5\n", ("5",)),
        (" : IS", '(0019,"X",0C) in @s', "5\n", (5,)),
    ],
)
def test_the_lines_of_a_file(vr: str, use: str, lines: str, values: tuple) -> None:
    result = typed_alone(use, f'set s{vr} = file "s.txt"', {"s.txt": lines})
    assert result.compared.values == values


def test_names_networks_and_patterns_of_a_file() -> None:
    def of(use: str, lines: str) -> typed.Compare:
        return typed_alone(use, 'set s = file "s.txt"', {"s.txt": lines}).compared

    assert of("PatientName in @s", "Muster^Max^\n").folded == ("muster^max",)
    assert of("PatientName contains @s", "Max^\n").folded == ("max^",)
    assert of("assoc.peer in @s", "10.0.0.1\n10.0.1.0/24\n").intervals[0].low == 0xFFFF0A000001
    assert len(of("SeriesDescription matches @s", "/a.*/\n/b/i\n").expressions) == 2


def test_a_wrong_line_is_reported_where_its_set_is_used() -> None:
    before = 'set s = file "s.txt"'
    result = typed_alone("Rows in @s", before, {"s.txt": "5\n\n# six\nsix\n"})
    (found,) = result.findings
    assert (found.code, result.place(found)) == ("RT120", "@s")
    assert said(found.message, "en") == "line 4 of the file of `@s` does not fit"
    (label,) = found.labels
    assert label.source.name == "s.txt"
    assert label.source.text[label.span.start : label.span.end] == "six"
    assert "`Rows` is US (decimal), compared with text" in said(label.message, "en")


def test_a_wrong_line_of_a_file_with_a_vr_is_reported_once() -> None:
    before = 'set s : DA = file "s.txt"'
    result = typed_alone("StudyDate in @s or SeriesDate in @s", before, {"s.txt": "20260131\n"})
    (found,) = result.findings
    assert result.place(found) == 'file "s.txt"'
    assert said(found.help, "en") == "write `2026-01-31`"


def test_many_wrong_lines_are_ten_findings() -> None:
    lines = "".join(f"x{number}\n" for number in range(100))
    result = typed_alone("Rows in @s", 'set s = file "s.txt"', {"s.txt": lines})
    assert len(result.findings) == 10


def test_a_file_without_values_is_an_error() -> None:
    (found,) = typed_alone("Rows in @s", 'set s = file "s.txt"', {"s.txt": "# none\n"}).findings
    assert (found.code, said(found.message, "en")) == ("RT108", "the file `s.txt` has no values")


def test_a_line_that_matches_nothing_is_a_warning_at_the_use() -> None:
    result = typed_alone("Modality in @s", 'set s = file "s.txt"', {"s.txt": "CT\nmr\n"})
    (found,) = result.findings
    assert (found.code, result.place(found)) == ("RT121", "@s")
    assert found.labels[0].source.name == "s.txt"


# What is accepted can be run ----------------------------------------------------------------------

PATHS = [
    *("Modality", "PatientName", "PatientName.family", "PatientName.ideographic", "StudyDate"),
    *("StudyTime", "AcquisitionDateTime", "PatientAge", "Rows", "SliceThickness", "SOPClassUID"),
    *("FrameIncrementPointer", "PixelData", SEQUENCE, f"{SEQUENCE}[2].CodeValue", "ImageType[2]"),
    *('(0019,"X",0C)', '(0019,"X",0C)[2]', "OverlayRows", "(60xx,0022)", "OverlayRows[2]"),
    *("assoc.calling_ae", "assoc.peer", "instance.size", "instance.sop_class", "clock.local"),
    *(
        "count(ImageType)",
        f"count({SEQUENCE})",
        "days since StudyDate",
        "LUTData",
        "PatientName[1].given",
    ),
]
RIGHTS = [
    *('"A^B=C"', 'i"ct"', '"10.0.0.1"', "5", "-1.5", "20MiB", "2026-01-31", "22:00"),
    *("2026-01-31T10:00:00+01:00", "18Y", "5m", "1.2.3", "CTImageStorage", "/a+/i", "(0018,1063)"),
    *("1..5", "22:00..06:00", "0D..17Y", "2026-01-31T10:00:00Z..2027-01-31T10:00:00Z"),
    *('{ "A", i"b" }', "{ 1, 2..3 }", "{ 1.2.3 }", "{ /a/, /b/ }", "{ (0018,1063) }"),
    *("@words", "@days", "@ages", "@people", "@nets", "@nights"),
]
OPERATORS = [
    *("==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "not contains"),
    *("starts with", "ends with", "like", "not like", "matches", "not matches", "under"),
]


def conditions() -> st.SearchStrategy[str]:
    tests = st.builds(
        lambda word, path, operator, right: f"{word}{path} {operator} {right}",
        st.sampled_from(("", "", "any ", "all ", "no ")),
        st.sampled_from(PATHS),
        st.sampled_from(OPERATORS),
        st.sampled_from(RIGHTS),
    )
    tests = tests.filter(
        lambda text: not text.startswith(("any c", "all c", "no c", "any d", "all d", "no d"))
    )
    return st.one_of(tests, tests.map(lambda test: f"{HAS} ({test})"))


@settings(max_examples=150, deadline=None)
@given(conditions())
@example("PatientName in @words")
@example('(0019,"X",0C)[2] in { 1, 2..3 }')
def test_what_is_accepted_is_a_program(condition: str) -> None:
    result = typed_alone(condition, BEFORE)
    if all(one.level is not Level.ERROR for one in result.findings):
        validate(lower(program_of(result.condition)))


def program_of(condition: typed.Condition) -> typed.Typed:
    """Put a condition into the smallest program."""
    rule = typed.TypedRule("r", None, 0, condition, (Nothing("x"),), Span(0, 0))
    table = typed.TypedTable("t", False, (rule,), None, Span(0, 0))
    return typed.Typed(Settings(), None, (table,), (), "sha256:0")
