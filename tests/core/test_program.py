"""A program that no engine can run is refused before it decides anything."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from roteiro.core import ProgramError
from roteiro.core.program import (
    FORMAT,
    TRUE,
    Among,
    Batch,
    Chars,
    Conjunction,
    Deliver,
    Every,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Interval,
    Matches,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Release,
    Repeat,
    Rule,
    Some,
    SomeItem,
    Source,
    State,
    Step,
    Table,
    Test,
    ValueType,
    View,
)

MODALITY = Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, "CS")
ROWS = Field(Source.ELEMENT, ValueType.DECIMAL, 0x00280010, "US")
DATE = Field(Source.ELEMENT, ValueType.DATE, 0x00080020, "DA")
PEER = Field(Source.ENVELOPE, ValueType.ADDRESS, name="peer")
FIELDS = (MODALITY, ROWS, DATE, PEER)
NAME = Field(Source.ELEMENT, ValueType.NAME, 0x00100010, "PN")
SEQUENCE = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00081140, "SQ")
ANY = Chars(((0, 0x10FFFF),))
GOOD = Program(
    FIELDS,
    (Some(0, Among(("CT",))),),
    None,
    (Table("t", False, (Rule("t.r", Holds(0), ()),)),),
    "sha256:test",
)
Maker = Callable[[Program], object]


def asking(test: Test) -> Program:
    return replace(GOOD, tests=(test,))


def ruled(condition: object) -> Program:
    table = Table("t", False, (Rule("t.r", condition, ()),))  # type: ignore[arg-type]
    return replace(GOOD, tables=(table,))


def fielded(field: Field) -> Program:
    return replace(GOOD, fields=(field, *FIELDS[1:]))


def acting(effect: Deliver) -> Program:
    return replace(GOOD, tables=(Table("t", True, (), (effect,)),))


def nested(depth: int) -> Program:
    inside = Inside((), (), TRUE)
    for _ in range(depth):
        inside = Inside((SEQUENCE,), (SomeItem(0, inside),), Holds(0))
    return Program(inside.fields, inside.tests, None, (), "sha256:test")


BAD = {
    "another format": replace(GOOD, format=FORMAT + 1),
    "a test that is not there": ruled(Holds(1)),
    "a negative test": ruled(Negation(Holds(-1))),
    "no condition": ruled("true"),
    "no condition, inside": ruled(Conjunction((TRUE, None))),  # type: ignore[arg-type]
    "a field that is not there": asking(Some(4, Among(("CT",)))),
    "a negative field": asking(InState(-1, State.EMPTY)),
    "a state that is none": asking(InState(0, State(16))),
    "a text for a number": asking(Some(1, Among(("512",)))),
    "an int for a decimal": asking(Some(1, Among((512,)))),
    "a bool for a date": asking(Some(2, Among((True,)))),
    "a float in an interval": asking(Some(1, Among((), (Interval(0.5, None),)))),  # type: ignore[arg-type]
    "an interval of texts": asking(Every(0, Among((), (Interval("A", "B"),)))),
    "a pattern on a number": asking(Some(1, Pattern(PatternKind.LIKE, ("5*",)))),
    "NaN": asking(Some(1, Among((Decimal("NaN"),)))),
    "infinity": asking(Some(1, Among((Decimal("-Infinity"),)))),
    "an exponent without sense": asking(Some(1, Among((Decimal("1e9999999999999"),)))),
    "a lone surrogate": asking(Some(0, Among(("\ud800",)))),
    "a lone surrogate in a pattern": asking(Some(0, Pattern(PatternKind.ENDS, ("\ud800",)))),
    "an address of 129 bits": asking(Some(3, Among((1 << 128,)))),
    "a negative date": asking(Some(2, Among((-1,)))),
    "a member that is none": fielded(Field(Source.ENVELOPE, ValueType.TEXT, name="colour")),
    "a member of another type": fielded(Field(Source.ENVELOPE, ValueType.TEXT, name="peer")),
    "a tag of items": fielded(Field(Source.ELEMENT, ValueType.TEXT, 0xFFFEE000, "CS")),
    "a tag of 33 bits": fielded(Field(Source.ELEMENT, ValueType.TEXT, 1 << 32, "CS")),
    "a VR that is none": fielded(Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, "XX")),
    "no VR": fielded(Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, "")),
    "an element that is an address": fielded(
        Field(Source.ELEMENT, ValueType.ADDRESS, 0x00080060, "CS")
    ),
    "a clock that is none": fielded(Field(Source.CLOCK, ValueType.DECIMAL, name="utc")),
    "a private tag with its block": fielded(replace(MODALITY, tag=0x0019100C, creator="ACME")),
    "a private tag of an even group": fielded(replace(MODALITY, tag=0x0018000C, creator="ACME")),
    "a group that does not repeat": fielded(replace(MODALITY, repeating=True)),
    "a step to item zero": fielded(replace(MODALITY, steps=(Step(0x00081140, 0),))),
    "a step to no tag": fielded(replace(MODALITY, steps=(Step(0xFFFEE000, 1),))),
    "a negative position": fielded(replace(MODALITY, position=-1)),
    "a component that is none": fielded(replace(NAME, type=ValueType.TEXT, component="family")),
    "a component of no name": fielded(replace(MODALITY, component="alphabetic")),
    "a component as a name": fielded(replace(NAME, component="alphabetic")),
    "days since a time": fielded(replace(ROWS, view=View.DAYS_SINCE)),
    "a count that is text": fielded(replace(MODALITY, view=View.COUNT)),
    "a count of a position": fielded(replace(ROWS, view=View.COUNT, position=1)),
    "items of a text": asking(SomeItem(0, Inside((), (), TRUE))),
    "items of one item": replace(
        fielded(replace(SEQUENCE, position=1)), tests=(SomeItem(0, Inside((), (), TRUE)),)
    ),
    "a test in items that is not there": replace(
        fielded(SEQUENCE), tests=(EveryItem(0, Inside((), (), Holds(0))),)
    ),
    "a field in items that is not there": replace(
        fielded(SEQUENCE), tests=(EveryItem(0, Inside((), (InState(0, State.EMPTY),), TRUE)),)
    ),
    "values of a sequence": replace(fielded(SEQUENCE), tests=(Some(0, Among((1,))),)),
    "a name that is not folded": replace(fielded(NAME), tests=(Some(0, Among(("a^b",))),)),
    "a folded number": asking(Some(1, Among((), (), ("1",)))),
    "under of a text": asking(Some(0, Pattern(PatternKind.UNDER, ("1.2",)))),
    "contains of an address": asking(Some(3, Pattern(PatternKind.CONTAINS, ("1.2",)))),
    "an expression on a number": asking(Some(1, Matches((ANY,)))),
    "ranges that overlap": asking(Some(0, Matches((Chars(((65, 70), (70, 80))),)))),
    "ranges that touch": asking(Some(0, Matches((Chars(((65, 70), (71, 80))),)))),
    "a range beyond Unicode": asking(Some(0, Matches((Chars(((0, 0x110000),)),)))),
    "a repeat of less than nothing": asking(Some(0, Matches((Repeat(ANY, -1, 2),)))),
    "a repeat that ends before it begins": asking(Some(0, Matches((Repeat(ANY, 2, 1),)))),
    "an expression that is too large": asking(
        Some(0, Matches((Repeat(Repeat(ANY, 1000, 1000), 1000, 1000),)))
    ),
    "no expression": asking(Some(0, Matches(("CT",)))),  # type: ignore[arg-type]
    "no match": asking(Some(0, "CT")),  # type: ignore[arg-type]
    "a zone that is none": replace(GOOD, zone="Europe/Atlantis"),
    "a zone outside of the zones": replace(GOOD, zone="../passwd"),
    "an urgency that is none": acting(Deliver("a", urgency="soon")),
    "late images to nowhere": acting(Deliver("a", release=Release(Batch("study", 1.0, late="x")))),
    "values of a state": replace(
        fielded(replace(MODALITY, type=ValueType.STATE_ONLY)), tests=(Some(0, Among(("CT",))),)
    ),
}


def test_good_program_is_taken(engine: Maker) -> None:
    engine(GOOD)
    engine(nested(32))


def test_nesting_has_a_limit(engine: Maker) -> None:
    with pytest.raises(ProgramError):
        engine(nested(40))


@pytest.mark.parametrize("program", BAD.values(), ids=BAD.keys())
def test_bad_program_is_refused(engine: Maker, program: Program) -> None:
    with pytest.raises(ProgramError):
        engine(program)


WITHOUT_EXTENSIONS = """
import sys
sys.modules["roteiro.core.matcher"] = None  # as if it had not been built
import roteiro.core.pure
from roteiro.core import EngineMissingError, build
from roteiro.core.program import Program
program = Program((), (), None, (), "sha256:test")
roteiro.core.pure.PureMatcher(program)
try:
    build(program)
except EngineMissingError as error:
    print(error)
"""


def test_missing_extension_is_named() -> None:
    command = [sys.executable, "-c", WITHOUT_EXTENSIONS]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "the compiled engine is missing" in said.stdout


LIGHT = """
import sys
import roteiro.core, roteiro.core.program
loaded = [name for name in sys.modules if name.startswith("roteiro.core.")]
print(sorted(loaded))
"""


def test_package_loads_no_extension() -> None:
    said = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "['roteiro.core.errors', 'roteiro.core.program']"
