"""Names, instants, ages, tags, groups, counts, positions, days (docs/reading.md, 7 to 14)."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from roteiro.core.program import (
    Among,
    Encoding,
    Envelope,
    Every,
    Field,
    InState,
    Interval,
    Match,
    Pattern,
    PatternKind,
    Program,
    Some,
    Source,
    State,
    ValueType,
    View,
)

ELEMENT = Source.ELEMENT
STATES = (State.ABSENT, State.EMPTY, State.INVALID, State.VALUED)
Twins = Callable[[Program], object]


@pytest.fixture
def state_of(
    both: Twins, tests_program: Callable[..., Program], explicit: object
) -> Callable[..., tuple[State, list[bool], list[bool]]]:
    """Give the state of a field, and which matches hold for some and for every value."""

    def asked(
        field: Field,
        elements: Iterable[tuple[int, str, bytes]],
        matches: Iterable[Match] = (),
        envelope: Envelope | None = None,
        zone: str = "UTC",
    ) -> tuple[State, list[bool], list[bool]]:
        matches = tuple(matches)
        tests = [InState(0, state) for state in STATES]
        tests += [Some(0, match) for match in matches] + [Every(0, match) for match in matches]
        program = tests_program((field,), tests)
        twins = both(Program((field,), program.tests, None, program.tables, "sha256:test", zone))
        data = b"".join(explicit.element(*element) for element in elements)
        fired = {int(name) for name in twins.fired(data, Encoding.EXPLICIT_LITTLE, envelope)}
        (state,) = (state for number, state in enumerate(STATES) if number in fired)
        held = [number + len(STATES) in fired for number in range(2 * len(matches))]
        return state, held[: len(matches)], held[len(matches) :]

    return asked


def among(*values: object) -> Among:
    return Among(values)  # type: ignore[arg-type]


# Names --------------------------------------------------------------------------------------------

NAME = Field(ELEMENT, ValueType.NAME, 0x00100010, "PN")


@pytest.mark.parametrize(
    ("value", "literal", "equal"),
    [
        (b"Muster^Max", "muster^max", True),
        (b" MUSTER ^ max ^^", "muster^max", True),
        (b"Muster^Max^M", "muster^max", False),
        (b"Muster", "muster^max", False),
        (b"Muster^Max=x^y", "muster^max", True),
        (b"Muster^Max=x^y", "muster^max=x^z", False),
        (b"Muster^Max=x^y", "=x^y", True),
        (b"Muster^Max", "=x^y", False),
        (b"other\\Muster^Max", "muster^max", True),
        (b"a^b^c^d^e^f", "a^b^c^d^e^f", True),
    ],
)
def test_names_are_equal(
    state_of: Callable[..., object], value: bytes, literal: str, equal: bool
) -> None:
    found = state_of(NAME, [(0x00100010, "PN", value)], [Among(folded=(literal,))])
    assert found[:2] == (State.VALUED, [equal])


def test_delimiters_are_no_name(state_of: Callable[..., object]) -> None:
    state, held, _ = state_of(NAME, [(0x00100010, "PN", b" ^=^ ")], [Among(folded=("a",))])
    assert (state, held) == (State.EMPTY, [False])
    sharp = [(0x00080005, "CS", b"ISO_IR 100"), (0x00100010, "PN", b"STRA\xdfE^\xdc")]
    assert state_of(NAME, sharp, [Among(folded=("strasse^\u00fc",))])[1] == [True]


@pytest.mark.parametrize(
    ("component", "state", "text"),
    [
        ("alphabetic", State.VALUED, "Muster^Max"),
        ("alphabetic.family", State.VALUED, "Muster"),
        ("alphabetic.given", State.VALUED, "Max"),
        ("alphabetic.middle", State.EMPTY, None),
        ("ideographic.family", State.EMPTY, None),
        ("phonetic.given", State.VALUED, "y"),
    ],
)
def test_components(
    state_of: Callable[..., object], component: str, state: State, text: str | None
) -> None:
    field = Field(ELEMENT, ValueType.TEXT, 0x00100010, "PN", component=component)
    found = state_of(field, [(0x00100010, "PN", b"Muster ^Max^==x^y")], [among(text or "x")])
    assert found == (state, [text is not None], [text is not None])
    assert state_of(field, [])[0] is State.ABSENT
    assert state_of(field, [(0x00100010, "DA", b"20260101")])[0] is State.INVALID


def test_components_of_several_names(state_of: Callable[..., object]) -> None:
    given = Field(ELEMENT, ValueType.TEXT, 0x00100010, "PN", component="alphabetic.given")
    names = [(0x00100010, "PN", b"A\\B^x\\C^y")]
    assert state_of(given, names, [among("x"), among("x", "y")])[1:] == (
        [True, True],
        [False, True],
    )
    for position, state in ((1, State.EMPTY), (2, State.VALUED), (4, State.ABSENT)):
        at = Field(
            ELEMENT, ValueType.TEXT, 0x00100010, "PN", position=position, component=given.component
        )
        assert state_of(at, names)[0] is state


# Instants -----------------------------------------------------------------------------------------

INSTANT = Field(ELEMENT, ValueType.INSTANT, 0x0008002A, "DT")


def micros(text: str) -> int:
    away = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (away.days * 86_400 + away.seconds) * 1_000_000 + away.microseconds


@pytest.mark.parametrize(
    ("value", "offset", "zone", "instant"),
    [
        (b"2026", None, "UTC", "2026-01-01T00:00+00:00"),
        (b"202602", None, "UTC", "2026-02-01T00:00+00:00"),
        (b"20260203040506.5", None, "UTC", "2026-02-03T04:05:06.5+00:00"),
        (b"20260203+0100", b"-0500", "UTC", "2026-02-03T00:00+01:00"),
        (b"20260203", b"-0500", "Europe/Berlin", "2026-02-03T00:00-05:00"),
        (b"20260203", b"-500", "Europe/Berlin", "2026-02-03T00:00+01:00"),
        (b"20260203", b"x\\-0500", "Europe/Berlin", "2026-02-03T00:00+01:00"),
        (b"20260703", None, "Europe/Berlin", "2026-07-03T00:00+02:00"),
        (b"20260329023000", None, "Europe/Berlin", "2026-03-29T02:30+01:00"),
        (b"20261025023000", None, "Europe/Berlin", "2026-10-25T02:30+02:00"),
        (b"20261025025960", None, "Europe/Berlin", "2026-10-25T01:00+00:00"),
        (b"19700101000060", None, "UTC", "1970-01-01T00:01+00:00"),
        (b"00010101", None, "UTC", "0001-01-01T00:00+00:00"),
    ],
)
def test_instants(
    state_of: Callable[..., object], *, value: bytes, offset: bytes | None, zone: str, instant: str
) -> None:
    elements = [(0x0008002A, "DT", value)]
    elements += [] if offset is None else [(0x00080201, "SH", offset)]
    found = state_of(INSTANT, elements, [among(micros(instant))], zone=zone)
    assert found == (State.VALUED, [True], [True])


@pytest.mark.parametrize("value", [b"0000", b"20260230", b"2026010", b"20260101+1500", b"x"])
def test_no_instants(state_of: Callable[..., object], value: bytes) -> None:
    assert state_of(INSTANT, [(0x0008002A, "DT", value)])[0] is State.INVALID


@pytest.mark.parametrize(
    "value", [b"99991231235960-1400", b"9999", b"0001+1400", b"00010101000000"]
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Apia", "America/New_York"])
def test_the_ends_of_the_calendar(state_of: Callable[..., object], value: bytes, zone: str) -> None:
    assert state_of(INSTANT, [(0x0008002A, "DT", value)], zone=zone)[0] is State.VALUED


# Ages and tags ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "days"),
    [(b"018Y", 18 * 365.25), (b"3D", 3), (b"12M", 365.25), (b"2W", 14), (b"000D", 0)],
)
def test_ages(state_of: Callable[..., object], value: bytes, days: float) -> None:
    field = Field(ELEMENT, ValueType.AGE, 0x00101010, "AS")
    exact = among(int(days * 16))
    above = Among((), (Interval(int(days * 16), None, low_closed=False),))
    found = state_of(field, [(0x00101010, "AS", value)], [exact, above])
    assert found[:2] == (State.VALUED, [True, False])
    assert state_of(field, [(0x00101010, "AS", value + b"\\1X")])[0] is State.INVALID


def test_tags(both: Twins, tests_program: Callable[..., Program], writer: object) -> None:
    field = Field(ELEMENT, ValueType.TAG, 0x00280009, "AT")
    tests = (Some(0, among(0x00181063)), Every(0, among(0x00181063)), InState(0, State.INVALID))
    twins = both(tests_program((field,), tests))
    one, other = writer.numbers("H", 0x0018, 0x1063), writer.numbers("H", 0x0018, 0x1065)
    cases = ((one, {"0", "1"}), (one + other, {"0"}), (other, set()), (one + b"\0\0", {"2"}))
    for value, fired in cases:
        data = writer.finish(writer.element(0x00280009, "AT", value))
        assert twins.fired(data, writer.encoding) == fired


# Repeating groups ---------------------------------------------------------------------------------


def test_repeating_groups(state_of: Callable[..., object]) -> None:
    rows = Field(ELEMENT, ValueType.DECIMAL, 0x60000010, "US", repeating=True)
    count = Field(ELEMENT, ValueType.DECIMAL, 0x60000010, "US", repeating=True, view=View.COUNT)
    last = Field(ELEMENT, ValueType.DECIMAL, 0x60000010, "US", repeating=True, position=3)
    one = (0x60000010, "US", b"\1\0")
    two = (0x601E0010, "US", b"\2\0\3\0")
    outside = (0x60200010, "US", b"\x09\0")
    matches = [among(Decimal(number)) for number in (1, 2, 3, 9)]
    assert state_of(rows, [one, two, outside], matches)[1] == [True, True, True, False]
    assert state_of(count, [one, two], [among(Decimal(3))])[1] == [True]
    assert state_of(last, [one, two], matches)[:2] == (State.VALUED, [False, False, True, False])
    assert state_of(rows, [outside])[0] is State.ABSENT
    assert state_of(rows, [one, (0x60020010, "US", b"\1")])[0] is State.INVALID
    assert state_of(rows, [one, (0x60020010, "US", b"")])[0] is State.VALUED
    assert state_of(rows, [(0x60020010, "US", b"")])[0] is State.EMPTY


# Counts and positions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "field_vr", "vr", "value", "count"),
    [
        (0x00080008, "CS", "CS", b"A\\\\B", 3),
        (0x00080008, "CS", "CS", b"\\", 0),
        (0x00080008, "CS", "CS", b"", 0),
        (0x00080008, "CS", "US", b"\1\0\2\0", 1),
        (0x00180050, "DS", "DS", b"1\\x", 2),
        (0x00104000, "LT", "LT", b"a\\b", 1),
        (0x00280010, "US", "US", b"\1\0\2\0\3", 2),
        (0x00280009, "AT", "AT", bytes(8), 2),
        (0x00204000, "OB", "OB", b"abcd", 1),
        (0x00204000, "OB", "OB", b"", 0),
        (0x00400555, "SQ", "LO", b"x", 0),
    ],
)
def test_counts(
    state_of: Callable[..., object], *, tag: int, field_vr: str, vr: str, value: bytes, count: int
) -> None:
    field = Field(ELEMENT, ValueType.DECIMAL, tag, field_vr, view=View.COUNT)
    found = state_of(field, [(tag, vr, value)], [among(Decimal(count))])
    assert found == (State.VALUED, [True], [True])
    assert state_of(field, [], [among(Decimal(0))])[:2] == (State.VALUED, [True])


@pytest.mark.parametrize(
    ("vr", "value", "position", "state"),
    [
        ("DS", b"1\\\\3", 1, State.VALUED),
        ("DS", b"1\\\\3", 2, State.EMPTY),
        ("DS", b"1\\\\3", 3, State.VALUED),
        ("DS", b"1\\\\3", 4, State.ABSENT),
        ("DS", b"\\\\", 1, State.ABSENT),
        ("DS", b"1\\x", 1, State.INVALID),
        ("DS", b"\\x", 1, State.EMPTY),
        ("DS", b"1\\x", 3, State.ABSENT),
        ("LO", b"1\\2", 1, State.INVALID),
        ("LO", b"1\\2", 2, State.ABSENT),
        ("US", b"\1\0\2", 1, State.INVALID),
        ("US", b"\1\0\2\0", 2, State.VALUED),
    ],
)
def test_positions(
    state_of: Callable[..., object], *, vr: str, value: bytes, position: int, state: State
) -> None:
    field = Field(ELEMENT, ValueType.DECIMAL, 0x00180050, "DS", position=position)
    found = state_of(field, [(0x00180050, vr, value)], [among(Decimal(3)), among(Decimal(1))])
    assert found[0] is state
    is_third = vr == "DS" and position == 3 and state is State.VALUED
    assert found[1] == [is_third, position == 1 and state is State.VALUED]


# The clock ----------------------------------------------------------------------------------------

DAYS = Field(ELEMENT, ValueType.DECIMAL, 0x00080020, "DA", view=View.DAYS_SINCE)
CLOCK = Field(Source.CLOCK, ValueType.DECIMAL, name="local")


@pytest.mark.parametrize(
    ("at", "zone", "days"),
    [
        ("2026-03-02T12:00+00:00", "UTC", 1),
        ("2026-03-01T00:00+00:00", "UTC", 0),
        ("2026-02-28T23:30+00:00", "Europe/Berlin", 0),
        ("2026-03-02T03:00+00:00", "America/New_York", 0),
        ("2026-02-27T12:00+00:00", "UTC", -2),
        ("2028-03-01T12:00+00:00", "UTC", 731),
    ],
)
def test_days_since(state_of: Callable[..., object], at: str, zone: str, *, days: int) -> None:
    envelope = Envelope(at=micros(at))
    elements = [(0x00080020, "DA", b"20260301")]
    found = state_of(DAYS, elements, [among(Decimal(days))], envelope, zone)
    assert found == (State.VALUED, [True], [True])


def test_days_without_a_clock_or_a_date(state_of: Callable[..., object]) -> None:
    date = [(0x00080020, "DA", b"20260301")]
    assert state_of(DAYS, date)[0] is State.ABSENT
    for at in (10**20, -(10**20), micros("9999-12-31T23:59+00:00") + 60_000_000):
        assert state_of(DAYS, date, (), Envelope(at=at))[0] is State.ABSENT
    now = Envelope(at=0)
    assert state_of(DAYS, [], (), now)[0] is State.ABSENT
    assert state_of(DAYS, [(0x00080020, "DA", b"20260230")], (), now)[0] is State.INVALID
    assert state_of(DAYS, [(0x00080020, "DA", b" ")], (), now)[0] is State.EMPTY


@pytest.mark.parametrize(
    ("at", "zone", "hours"),
    [
        ("2026-03-02T00:00+00:00", "UTC", 0),
        ("2026-03-01T23:00+00:00", "UTC", 6 * 24 + 23),
        ("2026-03-01T23:00+00:00", "Europe/Berlin", 0),
        ("2026-03-29T01:00+00:00", "Europe/Berlin", 6 * 24 + 3),
        ("1970-01-01T00:00+00:00", "UTC", 3 * 24),
    ],
)
def test_the_clock(state_of: Callable[..., object], at: str, zone: str, *, hours: int) -> None:
    exactly = among(Decimal(hours * 3_600_000_000))
    assert state_of(CLOCK, [], [exactly], Envelope(at=micros(at)), zone)[1] == [True]
    assert state_of(CLOCK, [], [exactly])[0] is State.ABSENT


# Folding and arcs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "folded", "holds"),
    [
        (None, "stra\u00dfe".casefold(), True),
        (None, "strasse x", False),
        (PatternKind.CONTAINS, "ass", True),
        (PatternKind.STARTS, "str", True),
        (PatternKind.ENDS, "sse", True),
        (PatternKind.LIKE, "strass?", True),
        (PatternKind.LIKE, "stra?e", False),
    ],
)
@pytest.mark.parametrize(
    ("charset", "value"),
    [(b"ISO_IR 100", b"Stra\xdfe"), (b"ISO_IR 6", b"STRASSE"), (b"ISO_IR 192", b"sTra\xc3\x9fE")],
)
def test_folded_texts(
    state_of: Callable[..., object],
    *,
    kind: PatternKind | None,
    folded: str,
    holds: bool,
    charset: bytes,
    value: bytes,
) -> None:
    field = Field(ELEMENT, ValueType.TEXT, 0x00081030, "LO")
    elements = [(0x00080005, "CS", charset), (0x00081030, "LO", value)]
    match = Among(folded=(folded,)) if kind is None else Pattern(kind, (), (folded,))
    assert state_of(field, elements, [match])[1:] == ([holds], [holds])


def test_plain_and_folded_in_one_test(state_of: Callable[..., object]) -> None:
    field = Field(ELEMENT, ValueType.TEXT, 0x00081030, "LO")
    elements = [(0x00081030, "LO", b"CT\\ct\\MR")]
    mixed = Among(("MR", "CT"), (), ("ct",))
    pattern = Pattern(PatternKind.STARTS, ("M", "C"), ("ct",))
    assert state_of(field, elements, [mixed, pattern])[1:] == ([True, True], [True, True])
    assert state_of(field, [(0x00081030, "LO", b"mr\\CT")], [mixed, pattern])[2] == [
        False,
        False,
    ]


def test_members_fold_too(state_of: Callable[..., object]) -> None:
    field = Field(Source.ENVELOPE, ValueType.TEXT, name="calling_ae")
    matches = [Among(folded=("ct1",)), Pattern(PatternKind.ENDS, (), ("1",)), among("CT1")]
    found = state_of(field, [], matches, Envelope(calling_ae="cT1 "))
    assert found[1] == [True, True, False]


@pytest.mark.parametrize(
    ("value", "holds"),
    [(b"1.2.840", True), (b"1.2.840.5", True), (b"1.2.8401", False), (b"1.2", False)],
)
def test_under(state_of: Callable[..., object], value: bytes, holds: bool) -> None:
    field = Field(ELEMENT, ValueType.UID, 0x00080016, "UI")
    match = Pattern(PatternKind.UNDER, ("1.2.840",))
    assert state_of(field, [(0x00080016, "UI", value)], [match])[1] == [holds]
