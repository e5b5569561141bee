"""Private tags: whose block it is, and what a value is read as (docs/reading.md, 11)."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from roteiro.core.program import (
    Among,
    Damage,
    Encoding,
    Field,
    Holds,
    Inside,
    InState,
    Program,
    Some,
    SomeItem,
    Source,
    State,
    ValueType,
)

ELEMENT = Source.ELEMENT
ACME, OTHER = "ACME 1.0", "M\u00fcller"
TAG = 0x0019000C
TEXT = Field(ELEMENT, ValueType.TEXT, TAG, "LO", creator=ACME)
NUMBER = Field(ELEMENT, ValueType.DECIMAL, TAG, "DS", creator=ACME)
SECOND = Field(ELEMENT, ValueType.TEXT, TAG, "LO", creator=OTHER)
TESTS = (
    Some(0, Among(("1000",))),
    InState(0, State.ABSENT),
    Some(1, Among((Decimal(1000),))),
    InState(1, State.INVALID),
    Some(2, Among(("1000",))),
    InState(2, State.ABSENT),
)
AS_TEXT, NO_TEXT, AS_NUMBER, BAD_NUMBER, OF_OTHER, NO_OTHER = map(str, range(6))
Twins = Callable[[Program], object]
Made = Callable[..., Program]


@pytest.fixture
def twins(both: Twins, tests_program: Made) -> object:
    return both(tests_program((TEXT, NUMBER, SECOND), TESTS))


def test_the_creator_says_where(twins: object, writer: object) -> None:
    for block in (0x10, 0x42, 0xFF):
        data = writer.finish(
            writer.element(0x00190000 | block, "LO", b"ACME 1.0 "),
            writer.element(0x0019000C | block << 8, "LO", b"1000"),
        )
        read = twins.decide(data, writer.encoding).read
        assert (read.tags, read.last_tag) == (1, 0x0019000C | block << 8)
        explicit = writer.encoding is not Encoding.IMPLICIT_LITTLE
        seen = {AS_TEXT, BAD_NUMBER if explicit else AS_NUMBER, NO_OTHER}
        assert twins.fired(data, writer.encoding) == seen


def test_without_a_creator_it_is_not_there(twins: object, writer: object) -> None:
    absent = {NO_TEXT, NO_OTHER}
    value = writer.element(0x0019100C, "LO", b"1000")
    for creator in (b"acme 1.0", b"ACME 1.0\\x", b"ACME", b""):
        data = writer.finish(writer.element(0x00190010, "LO", creator), value)
        assert twins.fired(data, writer.encoding) == absent
    assert twins.fired(writer.finish(value), writer.encoding) == absent
    other_group = writer.finish(writer.element(0x00210010, "LO", ACME.encode()), value)
    assert twins.fired(other_group, writer.encoding) == absent


def test_the_lowest_block_that_holds_it(twins: object, explicit: object) -> None:
    blocks = explicit.element(0x00190010, "LO", b"ACME 1.0") + explicit.element(
        0x00190011, "LO", b"ACME 1.0"
    )
    upper = explicit.element(0x0019110C, "LO", b"1000")
    lower = explicit.element(0x0019100C, "LO", b"999 ")
    assert AS_TEXT in twins.fired(blocks + upper)
    assert AS_TEXT not in twins.fired(blocks + lower + upper)
    long = explicit.element(0x0019110C, "UT", bytes(70_000))
    assert NO_OTHER in twins.fired(blocks + lower + long)  # of nobody, so without a limit
    assert twins.fired(blocks + long) == {Damage.VALUE.reason(0x0019110C)}


def test_creators_are_text(twins: object, writer: object) -> None:
    value = writer.element(0x0019100C, "LO", b"1000")
    for charset, creator in ((b"ISO_IR 100", b"M\xfcller"), (b"ISO_IR 192", OTHER.encode())):
        data = writer.finish(
            writer.element(0x00080005, "CS", charset),
            writer.element(0x00190010, "LO", creator),
            value,
        )
        assert OF_OTHER in twins.fired(data, writer.encoding)
    undeclared = writer.finish(writer.element(0x00190010, "LO", OTHER.encode()), value)
    assert NO_OTHER in twins.fired(undeclared, writer.encoding)


def test_a_creator_that_is_too_long_is_damage(twins: object, explicit: object) -> None:
    data = explicit.element(0x00190010, "UT", bytes(70_000))
    assert twins.fired(data) == {Damage.VALUE.reason(0x00190010)}


@pytest.mark.parametrize(
    ("vr", "value", "fired"),
    [
        ("LO", b"1000", {AS_TEXT, BAD_NUMBER}),
        ("IS", b"1000", {AS_NUMBER}),
        ("UN", b"1000", {AS_TEXT, AS_NUMBER}),
        ("US", b"\xe8\x03", {AS_NUMBER}),
        ("LT", b"1000\\x", {BAD_NUMBER}),
        ("LO", b"1000\\x", {AS_TEXT, BAD_NUMBER}),
        ("OB", b"1000", {BAD_NUMBER}),
        ("ZZ", b"1000", {BAD_NUMBER}),
    ],
)
def test_what_it_is_read_as(
    twins: object, explicit: object, *, vr: str, value: bytes, fired: set[str]
) -> None:
    creator = explicit.element(0x00190010, "LO", b"ACME 1.0")
    assert twins.fired(creator + explicit.element(0x0019100C, vr, value)) - {NO_OTHER} == fired


def test_private_sequences_are_opened(both: Twins, tests_program: Made, writer: object) -> None:
    inside = Inside((TEXT,), (Some(0, Among(("1000",))),), Holds(0))
    field = Field(ELEMENT, ValueType.SEQUENCE, 0x00190020, "SQ", creator=ACME)
    twins = both(tests_program((field,), (SomeItem(0, inside),)))
    creator = writer.element(0x00190010, "LO", b"ACME 1.0")
    inner = writer.element(0x00190030, "LO", b"ACME 1.0")
    value = writer.element(0x0019300C, "LO", b"1000")
    good = writer.item(inner, value, defined=False)
    for item, fired in ((good, {"0"}), (writer.item(creator, value), set())):
        data = writer.finish(creator, writer.element(0x00191020, "SQ", item))
        assert twins.fired(data, writer.encoding) == fired
