"""Items of sequences: what opens them, where they end, what they inherit (docs/reading.md, 10)."""

import struct
from collections.abc import Callable
from decimal import Decimal

import pytest

from roteiro.core.program import (
    TRUE,
    Among,
    Condition,
    Conjunction,
    Damage,
    Encoding,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Interval,
    Negation,
    Program,
    Some,
    SomeItem,
    Source,
    State,
    Step,
    Test,
    ValueType,
    View,
)

ELEMENT = Source.ELEMENT
SQ = 0x0040A730
CODE, MEANING, LATER = 0x00080100, 0x00080104, 0x00400555
ITEMS = Field(ELEMENT, ValueType.SEQUENCE, SQ, "SQ")
CODED = Field(ELEMENT, ValueType.TEXT, CODE, "SH")
MEANT = Field(ELEMENT, ValueType.TEXT, MEANING, "LO")
Twins = Callable[[Program], object]
Made = Callable[..., Program]


def inside(*asked: tuple[Field, Test], condition: Condition | None = None) -> Inside:
    """Give a scope in which all tests must hold."""
    fields = tuple(dict.fromkeys(field for field, _ in asked))
    tests = tuple(test for _, test in asked)
    every = Conjunction(tuple(map(Holds, range(len(tests)))))
    return Inside(fields, tests, condition or every)


CHEST = inside((CODED, Some(0, Among(("CHEST",)))))
SOME, EVERY, NONE, ABSENT, EMPTY, INVALID, VALUED = map(str, range(7))
TESTS = (
    SomeItem(0, CHEST),
    EveryItem(0, CHEST),
    SomeItem(0, inside((CODED, InState(0, State.ABSENT)))),
    InState(0, State.ABSENT),
    InState(0, State.EMPTY),
    InState(0, State.INVALID),
    InState(0, State.VALUED),
)


@pytest.fixture
def asked(both: Twins, tests_program: Made) -> object:
    return both(tests_program((ITEMS,), TESTS))


@pytest.fixture
def seen(writer: object, asked: object) -> Callable[..., set[str]]:
    """Tell what fires for a sequence with these items, written in both ways."""

    def fired(*items: bytes, vr: str = "SQ") -> set[str]:
        whole = b"".join(items)
        closed = writer.finish(writer.element(SQ, vr, whole))
        ended = writer.finish(writer.series(SQ, vr, *items))
        found = asked.fired(closed, writer.encoding)
        assert asked.fired(ended, writer.encoding) == found
        return found

    return fired


@pytest.mark.parametrize("defined", [True, False])
def test_items_are_asked(seen: Callable[..., set[str]], writer: object, defined: bool) -> None:
    chest = writer.item(writer.element(CODE, "SH", b"CHEST "), defined=defined)
    head = writer.item(writer.element(CODE, "SH", b"HEAD"), defined=defined)
    bare = writer.item(defined=defined)
    assert seen(chest) == {SOME, EVERY, VALUED}
    assert seen(head) == {VALUED}
    assert seen(head, chest) == {SOME, VALUED}
    assert seen(chest, chest) == {SOME, EVERY, VALUED}
    assert seen(chest, bare) == {SOME, NONE, VALUED}
    assert seen() == {EMPTY}


def test_without_the_sequence_nothing_holds(asked: object) -> None:
    assert asked.fired(b"") == {ABSENT}


def test_another_vr_is_invalid(asked: object, explicit: object) -> None:
    item = explicit.item(explicit.element(CODE, "SH", b"CHEST "))
    assert asked.fired(explicit.element(SQ, "LO", item)) == {INVALID}
    assert asked.fired(explicit.element(SQ, "OB", item)) == {INVALID}
    assert asked.fired(explicit.series(SQ, "OB", item)) == {INVALID}
    assert asked.fired(explicit.element(SQ, "SQ", b"no items")) == {INVALID}
    assert asked.fired(explicit.element(SQ, "SQ", b"\xfe\xff\0\xe0")) == {INVALID}


@pytest.mark.parametrize("encoding", [Encoding.EXPLICIT_LITTLE, Encoding.EXPLICIT_BIG])
@pytest.mark.parametrize("defined", [True, False])
def test_items_of_unknown_vr_are_implicit_little(
    asked: object, writer_of: Callable[[Encoding], object], encoding: Encoding, defined: bool
) -> None:
    outer, inner = writer_of(encoding), writer_of(Encoding.IMPLICIT_LITTLE)
    item = inner.item(inner.element(CODE, "SH", b"CHEST"), defined=defined)
    end = inner.tag(0xFFFEE0DD) + b"\0\0\0\0"
    assert asked.fired(outer.element(SQ, "UN", item), encoding) == {SOME, EVERY, VALUED}
    series = outer.header(SQ, "UN", 0xFFFFFFFF) + item + end
    assert asked.fired(series, encoding) == {SOME, EVERY, VALUED}


def test_order_counts_in_items_too(seen: Callable[..., set[str]], writer: object) -> None:
    late = writer.item(writer.element(MEANING, "LO", b"x"), writer.element(CODE, "SH", b"CHEST "))
    assert seen(late) == {NONE, VALUED}


def test_a_delimiter_ends_a_defined_sequence(asked: object, writer: object) -> None:
    chest = writer.item(writer.element(CODE, "SH", b"CHEST "))
    rest = writer.tag(0xFFFEE0DD) + b"\0\0\0\0" + b"anything else"
    data = writer.finish(writer.element(SQ, "SQ", chest + rest))
    assert asked.fired(data, writer.encoding) == {SOME, EVERY, VALUED}


def test_nesting_is_followed(both: Twins, tests_program: Made, writer: object) -> None:
    depth = 6
    deepest = CHEST
    for _ in range(depth):
        deepest = inside((ITEMS, SomeItem(0, deepest)))
    twins = both(tests_program((ITEMS,), (SomeItem(0, deepest),)))
    data = writer.item(writer.element(CODE, "SH", b"CHEST "))
    for number in range(depth):
        made = writer.element if number % 2 else writer.series
        data = writer.item(made(SQ, "SQ", data), defined=number % 3 == 0)
    whole = writer.finish(writer.series(SQ, "SQ", data))
    assert twins.fired(whole, writer.encoding) == {"0"}


def test_conditions_of_items_are_any(both: Twins, tests_program: Made, explicit: object) -> None:
    tests = (Some(0, Among(("CHEST",))), InState(1, State.VALUED))
    neither = Conjunction((Negation(Holds(0)), Negation(Holds(1))))
    asks = (
        SomeItem(0, Inside((CODED, MEANT), tests, neither)),
        EveryItem(0, Inside((CODED, MEANT), tests, Negation(neither))),
        SomeItem(0, Inside((), (), TRUE)),
    )
    twins = both(tests_program((ITEMS,), asks))
    chest = explicit.item(explicit.element(CODE, "SH", b"CHEST "))
    meant = explicit.item(explicit.element(MEANING, "LO", b"HEAD"))
    assert twins.fired(explicit.element(SQ, "SQ", chest + meant)) == {"1", "2"}
    assert twins.fired(explicit.element(SQ, "SQ", chest + explicit.item())) == {"0", "2"}
    assert twins.fired(explicit.element(SQ, "SQ")) == set()


# Ends ---------------------------------------------------------------------------------------------

DAMAGED = {
    "an item longer than its sequence": (b"", 8, 9, Damage.PAST),
    "a header over the end of the item": (b"\x08\0\0\1", 12, 4, Damage.PAST),
    "half a tag": (b"\x08\0", 10, 2, Damage.PAST),
    "a value over the end of the item": (b"\x08\0\0\1SH\x09\0CHEST ", 22, 14, Damage.PAST),
    "a VR that is none": (b"\x08\0\0\1??\x06\0CHEST ", 22, 14, Damage.VR),
    "half an item header": (b"", 12, 0, Damage.PAST),
}


@pytest.mark.parametrize(("body", "size", "item", "damage"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_in_items(
    asked: object, explicit: object, *, body: bytes, size: int, item: int, damage: Damage
) -> None:
    head = explicit.header(SQ, "SQ", size) + explicit.tag(0xFFFEE000) + struct.pack("<I", item)
    data = head + body + bytes(40)
    assert asked.fired(data) == {damage.reason(SQ)}


def test_damage_behind_the_last_tested_tag_of_an_item_is_harmless(
    asked: object, explicit: object
) -> None:
    chest = explicit.element(CODE, "SH", b"CHEST ")
    item = explicit.item(chest, b"\x08\0\x04\1?? no more elements")
    assert asked.fired(explicit.element(SQ, "SQ", item)) == {SOME, EVERY, VALUED}
    open_item = explicit.item(chest, b"\x08\0\x04\1?? no more elements", defined=False)
    assert asked.fired(explicit.element(SQ, "SQ", open_item)) == {Damage.VR.reason(SQ)}


def test_what_is_not_asked_is_not_opened(
    both: Twins, tests_program: Made, explicit: object
) -> None:
    state = Field(ELEMENT, ValueType.STATE_ONLY, SQ, "SQ")
    last = Field(ELEMENT, ValueType.TEXT, LATER, "LO")
    twins = both(tests_program((state, last), (InState(0, State.VALUED), InState(1, State.ABSENT))))
    broken = explicit.tag(0xFFFEE000) + b"\xff\0\0\0 and more"
    assert twins.fired(explicit.element(SQ, "SQ", broken)) == {"0", "1"}


def test_prefixes_wait_inside_of_items(both: Twins, tests_program: Made, writer: object) -> None:
    twins = both(tests_program((ITEMS,), TESTS))
    chest = writer.item(writer.element(CODE, "SH", b"CHEST "))
    head = writer.item(writer.element(CODE, "SH", b"HEAD"), defined=False)
    data = writer.finish(
        writer.series(SQ, "SQ", chest, head), writer.element(0x00420010, "ST", b"later")
    )
    whole = twins.decide(data, writer.encoding)
    for size in range(len(data)):
        early = twins.decide(data[:size], writer.encoding, complete=False)
        assert early is None or early.decision == whole.decision


def test_a_thousand_items_are_released(both: Twins, tests_program: Made, explicit: object) -> None:
    twins = both(tests_program((ITEMS,), TESTS))
    chest = explicit.item(explicit.element(CODE, "SH", b"CHEST "))
    many = explicit.series(SQ, "SQ", *[chest] * 9000)
    one = explicit.series(SQ, "SQ", chest)
    assert [twins.fired(data) for data in (many, one, many)] == [{SOME, EVERY, VALUED}] * 3
    over = explicit.series(SQ, "SQ", *[chest] * 10_001)
    assert twins.fired(over) == {Damage.COUNT.reason(SQ)}


@pytest.mark.parametrize("count", [70, 1000])
def test_conditions_that_never_hold_take_no_room_of_others(
    both: Twins, tests_program: Made, explicit: object, count: int
) -> None:
    """They have no clauses, but numbers."""
    contradiction = Conjunction((Holds(0), Negation(Holds(0))))
    never = [
        SomeItem(0, inside((CODED, Some(0, Among((f"N{n}",)))), condition=contradiction))
        for n in range(count)
    ]
    twins = both(tests_program((ITEMS,), (*never, SomeItem(0, CHEST))))
    chest = explicit.item(explicit.element(CODE, "SH", b"CHEST "))
    for _ in range(3):
        assert twins.fired(explicit.series(SQ, "SQ", chest)) == {str(count)}


def test_depth_has_a_limit(both: Twins, tests_program: Made, explicit: object) -> None:
    twins = both(tests_program((ITEMS,), (SomeItem(0, inside((ITEMS, SomeItem(0, CHEST)))),)))
    data = b""
    for _ in range(33):
        data = explicit.series(SQ, "SQ", explicit.item(data, defined=False))
    assert twins.fired(data) == {Damage.DEPTH.reason(SQ)}


# What is handed down ------------------------------------------------------------------------------

CHARSET, PIXELS, ZONE = 0x00080005, 0x00280103, 0x00080201
UMLAUT = inside((MEANT, Some(0, Among(("\u00dc",)))))


@pytest.mark.parametrize(
    ("outer", "inner", "value", "holds"),
    [
        (b"ISO_IR 100", None, b"\xdc", True),
        (b"ISO_IR 192", None, b"\xdc", False),
        (b"ISO_IR 192", b"ISO_IR 100", b"\xdc", True),
        (b"ISO_IR 100", b"ISO_IR 192", b"\xc3\x9c", True),
        (b"ISO_IR 100", b"", b"\xdc", True),
        (b"ISO_IR 100", b" \\ ", b"\xdc", True),
        (None, None, b"\xdc", False),
    ],
)
def test_items_inherit_the_character_set(
    both: Twins,
    tests_program: Made,
    writer: object,
    *,
    outer: bytes | None,
    inner: bytes | None,
    value: bytes,
    holds: bool,
) -> None:
    twins = both(tests_program((ITEMS,), (SomeItem(0, UMLAUT),)))
    own = [] if inner is None else [writer.element(CHARSET, "CS", inner)]
    item = writer.item(*own, writer.element(MEANING, "LO", value))
    above = [] if outer is None else [writer.element(CHARSET, "CS", outer)]
    data = writer.finish(*above, writer.element(SQ, "SQ", item))
    assert twins.fired(data, writer.encoding) == ({"0"} if holds else set())


def test_a_sequence_before_the_character_set_has_none(
    both: Twins, tests_program: Made, explicit: object
) -> None:
    early = Field(ELEMENT, ValueType.SEQUENCE, 0x00041220, "SQ")
    twins = both(tests_program((early,), (SomeItem(0, UMLAUT),)))
    item = explicit.item(explicit.element(MEANING, "LO", b"\xdc"))
    charset = explicit.element(CHARSET, "CS", b"ISO_IR 100")
    assert twins.fired(explicit.element(0x00041220, "SQ", item) + charset) == set()


@pytest.mark.parametrize("inner", [None, b"\0\0"])
def test_items_inherit_the_sign(
    both: Twins, tests_program: Made, writer_of: Callable[[Encoding], object], inner: bytes | None
) -> None:
    implicit = writer_of(Encoding.IMPLICIT_LITTLE)
    signed = Field(ELEMENT, ValueType.DECIMAL, 0x00280106, "US or SS")
    below = Among((), (Interval(None, None, high_closed=False),))
    less = inside((signed, Some(0, below)), (signed, Some(0, _below_zero())))
    sequence = Field(ELEMENT, ValueType.SEQUENCE, 0x00280107 + 0x20000, "SQ")
    twins = both(tests_program((sequence,), (SomeItem(0, less),)))
    own = [] if inner is None else [implicit.element(PIXELS, "US", inner)]
    item = implicit.item(*own, implicit.element(0x00280106, "SS", b"\xff\xff"))
    data = implicit.element(PIXELS, "US", b"\1\0") + implicit.element(sequence.tag, "SQ", item)
    expected = {"0"} if inner is None else set()
    assert twins.fired(data, Encoding.IMPLICIT_LITTLE) == expected


def _below_zero() -> Among:

    return Among((), (Interval(None, Decimal(0), high_closed=False),))


# Steps, positions, counts -------------------------------------------------------------------------


def test_steps_lead_to_one_item(both: Twins, tests_program: Made, writer: object) -> None:
    second = Field(ELEMENT, ValueType.TEXT, CODE, "SH", steps=(Step(SQ, 2),))
    deep = Field(ELEMENT, ValueType.TEXT, CODE, "SH", steps=(Step(SQ, 1), Step(SQ, 1)))
    tests = (
        Some(0, Among(("HEAD",))),
        InState(0, State.ABSENT),
        Some(1, Among(("KNEE",))),
        InState(1, State.ABSENT),
    )
    twins = both(tests_program((second, deep), tests))
    knee = writer.series(SQ, "SQ", writer.item(writer.element(CODE, "SH", b"KNEE")))
    chest = writer.item(writer.element(CODE, "SH", b"CHEST "), knee, defined=False)
    head = writer.item(writer.element(CODE, "SH", b"HEAD"))
    for items, fired in (
        ((chest, head), {"0", "2"}),
        ((chest,), {"1", "2"}),
        ((head,), {"1", "3"}),
    ):
        data = writer.finish(writer.series(SQ, "SQ", *items))
        assert twins.fired(data, writer.encoding) == fired
    assert twins.fired(writer.finish(), writer.encoding) == {"1", "3"}


def test_items_are_counted(both: Twins, tests_program: Made, writer: object) -> None:

    count = Field(ELEMENT, ValueType.DECIMAL, SQ, "SQ", view=View.COUNT)
    third = Field(ELEMENT, ValueType.STATE_ONLY, SQ, "SQ", position=3)
    tests = [Some(0, Among((Decimal(number),))) for number in range(4)]
    tests += [InState(1, State.VALUED), InState(0, State.VALUED)]
    twins = both(tests_program((count, third), tests))
    for number in range(4):
        data = writer.element(SQ, "SQ", writer.item() * number)
        fired = {str(number), "5"} | ({"4"} if number == 3 else set())
        assert twins.fired(writer.finish(data), writer.encoding) == fired
    assert twins.fired(
        b"" if writer.encoding is not Encoding.DEFLATED else writer.finish(), writer.encoding
    ) == {"0", "5"}
