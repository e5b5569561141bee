"""What a trace shows: values as literals of the language, and the items of sequences."""

from dataclasses import replace
from decimal import Decimal

import pytest
from generators.encode import Item, Raw, Series, encode
from generators.handmade import compare, element, is_state, member, program, rule, table
from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import Deliver, Encoding, Envelope, Field, Source, State, ValueType, View
from roteiro.lang import trace
from roteiro.lang.reference import Reference
from roteiro.lang.settings import Settings
from roteiro.lang.source import Source as Text
from roteiro.lang.source import Span
from roteiro.lang.trace import ITEMS, as_text
from roteiro.lang.typed import And, Constant, Has, Not

EXPLICIT = Encoding.EXPLICIT_LITTLE
SEQUENCE = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00400275, "SQ")
STEP_ID = element(0x00400009, "SH")
SEND = Deliver("pacs")


def shown_tests(condition, *elements, zone="UTC", at=None):
    typed = replace(program(table("t", rule("r", condition, SEND))), settings=Settings(zone=zone))
    found = Reference(typed).trace(encode(elements, EXPLICIT), EXPLICIT, Envelope(at=at))
    (shown,) = found.as_json(everything=True)
    return shown["tests"]


def values(field, raw=None, **more):
    elements = [] if raw is None else [Raw(field.tag, field.vr, raw)]
    (shown,) = shown_tests(is_state(field, State.VALUED), *elements, **more)
    return shown["values"]


NAME = element(0x00100010, "PN", ValueType.NAME)
INSTANT = element(0x0008002A, "DT", ValueType.INSTANT)
DATE = element(0x00080020, "DA")
SINCE = replace(DATE, type=ValueType.DECIMAL, view=View.DAYS_SINCE)
CLOCK = Field(Source.CLOCK, ValueType.DECIMAL, name="local")


@pytest.mark.parametrize(
    ("field", "raw", "shown"),
    [
        (
            element(0x00101010, "AS", ValueType.AGE),
            b"018Y\\6M\\1W\\003D ",
            ["18Y", "6M", "1W", "3D"],
        ),
        (element(0x00101010, "AS", ValueType.AGE), b"000D", ["0Y"]),
        (element(0x00280009, "AT", ValueType.TAG), b"\x18\0\x63\x10", ["(0018,1063)"]),
        (INSTANT, b"20260131120000.5+0100 ", ["2026-01-31T11:00:00.5Z"]),
        (INSTANT, b"0001+1400 ", ["-62135647200s"]),
        (NAME, b"Muster^Max^^\\A^B=\xff ", ["Muster^Max", "A^B=\ufffd"]),
        (element(0x00180050, "DS"), b"1e3\\1.50\\-0.0", ["1000", "1.50", "-0.0"]),
        (element(0x00180050, "DS"), b"1e999999999 ", ["1E+999999999"]),
        (
            replace(element(0x00080008, "CS"), type=ValueType.DECIMAL, view=View.COUNT),
            b"A\\B ",
            ["2"],
        ),
        (replace(element(0x00080008, "CS"), position=2), b"A\\B ", ["B"]),
        (SINCE, b"20260131", ["-20484"]),
    ],
)
def test_values_are_literals_of_the_language(field, raw, shown):
    assert values(field, raw, at=0) == shown


def test_the_clock_is_shown_as_a_schedule_is_written():
    assert values(CLOCK, at=0) == ["thu 00:00:00"]
    assert values(CLOCK, at=0, zone="Asia/Kathmandu") == ["thu 05:30:00"]
    assert values(CLOCK) == []


@given(st.integers(0, 999), st.sampled_from("DWMY"))
def test_an_age_is_shown_as_one_that_is_equal(number, unit):
    field = element(0x00101010, "AS", ValueType.AGE)
    days = {"D": 16, "W": 112, "M": 487, "Y": 5844}
    shown = as_text(number * days[unit], field)
    assert int(shown[:-1]) * days[shown[-1]] == number * days[unit]
    assert int(shown[:-1]) <= 999


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_is_shown_exactly(number):
    assert Decimal(as_text(number, element(0x00180050, "DS"))) == number


@given(st.integers(-(2**62), 2**62))
def test_any_instant_is_shown(value):
    assert as_text(value, INSTANT)


# Items --------------------------------------------------------------------------------------------

WRITTEN = Text("x.route", "any RequestAttributesSequence has ( ScheduledProcedureStepID == 'A' )")
WHOLE, INSIDE = Span(0, 69), Span(36, 67)


def has(condition, field=SEQUENCE):
    return Has(field, "any", condition, WHOLE, WRITTEN)


def items(*texts):
    made = (Item((Raw(STEP_ID.tag, "SH", text),)) for text in texts)
    return Raw(SEQUENCE.tag, "SQ", Series(tuple(made)))


IS_A = replace(compare(STEP_ID, "==", "A"), span=INSIDE, source=WRITTEN)


def test_the_tests_inside_follow_item_by_item():
    first, *inner = shown_tests(has(IS_A), items(b"B\\C ", b"A "))
    assert first == {"test": WRITTEN.text, "state": "valued", "values": [], "result": True}
    assert [(each["values"], each["result"]) for each in inner] == [
        (["B", "C"], False),
        (["A"], True),
    ]
    assert {each["test"] for each in inner} == {WRITTEN.text[36:67]}
    assert all(set(each) == {"test", "state", "values", "result"} for each in inner)


def test_only_some_items_are_shown():
    assert len(shown_tests(has(IS_A), items(*[b"B "] * 50))) == 1 + ITEMS


def test_has_in_has_is_shown_where_it_stands():
    nested = Raw(0x00400008, "SQ", Series((Item((Raw(STEP_ID.tag, "SH", b"A "),)), Item())))
    inner = has(And((IS_A, Not(Constant(False)))), replace(SEQUENCE, tag=0x00400008))
    outer = Raw(SEQUENCE.tag, "SQ", Series((Item((nested,)), Item())))
    shown = shown_tests(has(Not(inner)), outer)
    assert [each["state"] for each in shown] == ["valued", "valued", "valued", "absent", "absent"]
    assert [each["result"] for each in shown] == [True, True, True, False, False]


def test_an_absent_sequence_shows_no_items():
    assert shown_tests(has(IS_A)) == [
        {"test": WRITTEN.text, "state": "absent", "values": [], "result": False}
    ]


def test_the_parts_of_a_test_are_kept_apart_for_people():
    typed = program(table("t", rule("r", has(IS_A), SEND)))
    data = encode([items(b"A ", b"B ")], EXPLICIT)
    (fired,) = Reference(typed).trace(data, EXPLICIT, Envelope()).rules
    (test,) = fired.tests
    assert [[each.result for each in item] for item in test.items] == [[True], [False]]
    assert isinstance(test, trace.TestTrace)


def test_an_envelope_and_a_clock_are_asked_inside_too():
    caller = member("calling_ae", ValueType.TEXT)
    shown = shown_tests(has(is_state(caller, State.ABSENT)), items(b"A "))
    assert [each["result"] for each in shown] == [True, True]
