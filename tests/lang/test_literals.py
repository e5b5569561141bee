"""What literals stand for: exact values, and no doubt about what a valid value matches."""
# ruff: noqa: E501  the tables have one case a line

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from roteiro.core.program import Field, Interval, ValueType, View
from roteiro.core.program import Source as Place
from roteiro.lang import impossible, persons, scalars
from roteiro.lang.folding import folded
from roteiro.lang.literals import Placed
from roteiro.lang.source import Span

from generators.typed import typed_alone  # isort: skip

HOUR = 3600 * 1_000_000
NOWHERE = Span(0, 0)


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ('Modality == "CT"', ("CT",)),
        (r'InstitutionName contains "a\"b\u{e9}"', ('a"bé',)),
        ('InstitutionName == "e\u0301"', ("é",)),
        ("SliceThickness == 1.50", (Decimal("1.50"),)),
        ("Rows in { 1, 2, 1 }", (Decimal(1), Decimal(2))),
        ("instance.size > 20MiB", (Decimal(20 * 1024 * 1024),)),
        ("StudyDate == 2026-01-31", (20260131,)),
        ("StudyTime == 01:02:03.5", (HOUR + 2 * 60_000_000 + 3_500_000,)),
        ("AcquisitionDateTime == 1970-01-01T01:00:00.000001+01:00", (1,)),
        ("AcquisitionDateTime == 1969-12-31T23:59Z", (-60_000_000,)),
        ("AcquisitionDateTime == 0001-01-01T00:00Z", (-62135596800 * 1_000_000,)),
        ("PatientAge == 10D", (160,)),
        ("PatientAge == 2W", (224,)),
        ("PatientAge == 6M", (6 * 487,)),
        ("PatientAge < 18Y", (18 * 5844,)),
        ("SOPClassUID == CTImageStorage", ("1.2.840.10008.5.1.4.1.1.2",)),
        ("SOPClassUID under { 1.2.840, CTImageStorage }", ("1.2.840", "1.2.840.10008.5.1.4.1.1.2")),
        ("FrameIncrementPointer == (0018,1063)", (0x00181063,)),
        ("FrameIncrementPointer in { (0018,1063), (0018,1065) }", (0x00181063, 0x00181065)),
        ('assoc.peer == "10.0.0.7"', (0xFFFF0A000007,)),
        ("count(ImageType) >= 3", (Decimal(3),)),
        ("days since StudyDate > -1", (Decimal(-1),)),
        ('ImageType starts with { "A", "B" }', ("A", "B")),
    ],
)  # fmt: skip
def test_values(condition: str, values: tuple) -> None:
    test = typed_alone(condition).compared
    assert (test.values, test.folded, test.expressions) == (values, (), ())


@pytest.mark.parametrize(
    ("condition", "folded"),
    [
        ('StudyDescription contains i"STRASSE"', ("strasse",)),
        ('StudyDescription == i"Straße"', ("strasse",)),
        ('StudyDescription like i"E\u0301*"', ("é*",)),
        ('PatientName == "Muster^Max^^"', ("muster^max",)),
        ('PatientName == " Muster ^ Max =  = "', ("muster^max",)),
        ('PatientName == "=山田^太郎"', ("=山田^太郎",)),
        ('PatientName != i"MUSTER"', ("muster",)),
        ('PatientName in { "A^B", "a^b^" }', ("a^b",)),
        ('PatientName contains "Max^"', ("max^",)),
        ('PatientName.family == "MUSTER"', ("muster",)),
        ('PatientName.alphabetic == "Muster^Max^^"', ("muster^max",)),
        ('PatientName.ideographic starts with "X^^"', ("x^^",)),
    ],
)
def test_texts_without_case(condition: str, folded: tuple) -> None:
    test = typed_alone(condition).compared
    assert (test.folded, test.values) == (folded, ())


@pytest.mark.parametrize(
    ("condition", "kind", "component"),
    [
        ('PatientName == "A"', ValueType.NAME, ""),
        ('PatientName in { "A" }', ValueType.NAME, ""),
        ('PatientName contains "A"', ValueType.TEXT, "alphabetic"),
        ('PatientName like "A*"', ValueType.TEXT, "alphabetic"),
        ("PatientName matches /a/", ValueType.TEXT, "alphabetic"),
        ('PatientName.family == "A"', ValueType.TEXT, "alphabetic.family"),
        ('PatientName.phonetic in { "A" }', ValueType.TEXT, "phonetic"),
    ],
)
def test_what_is_looked_at_in_a_person_name(
    condition: str, kind: ValueType, component: str
) -> None:
    field = typed_alone(condition).compared.field
    assert (field.type, field.component) == (kind, component)


def test_sets_may_mix_texts_with_and_without_case() -> None:
    test = typed_alone('StudyDescription in { "CT", i"Mr", "CT" }').compared
    assert (test.values, test.folded) == (("CT",), ("mr",))


def test_patterns() -> None:
    plain, folded = (
        typed_alone(f"SeriesDescription matches /{pattern}").compared.expressions
        for pattern in ("a/", "a/i")
    )
    assert plain != folded
    assert typed_alone("PatientName matches /a/").compared.expressions == folded
    several = typed_alone("SeriesDescription not matches { /a/, /b/, /a/ }").compared
    assert len(several.expressions) == 2
    assert several.negated


@pytest.mark.parametrize(
    ("condition", "intervals"),
    [
        ("Rows in 512..1024", (Interval(Decimal(512), Decimal(1024)),)),
        ("Rows in { 5, 6..6 }", (Interval(Decimal(6), Decimal(6)),)),
        ("StudyDate in 2020-01-01..2024-12-31", (Interval(20200101, 20241231),)),
        ("StudyTime in 22:00..06:00", (Interval(22 * HOUR, None), Interval(None, 6 * HOUR))),
        ("PatientAge in 0D..17Y", (Interval(0, 17 * 5844),)),
        (
            "AcquisitionDateTime in 1970-01-01T00:00Z..1970-01-01T00:00-01:00",
            (Interval(0, HOUR),),
        ),
        ('assoc.peer in { "10.0.0.0/8" }', (Interval(0xFFFF0A000000, 0xFFFF0AFFFFFF),)),
        ('assoc.peer in { "10.0.0.1".."10.0.0.9" }', (Interval(0xFFFF0A000001, 0xFFFF0A000009),)),
    ],
)
def test_intervals(condition: str, intervals: tuple) -> None:
    assert typed_alone(condition).compared.intervals == intervals


# Readers ----------------------------------------------------------------------------------------


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_instants_are_microseconds_since_1970(local: datetime, minutes: int) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    epoch = datetime(1970, 1, 1)
    expected = (local - epoch) // timedelta(microseconds=1) - minutes * 60_000_000
    sign, rest = ("-", -minutes) if minutes < 0 else ("+", minutes)
    text = f"{local:%H:%M:%S}.{local.microsecond:06d}{sign}{rest // 60:02d}:{rest % 60:02d}"
    assert scalars.as_instant(f"{moment.date().isoformat()}T{text}") == expected


@given(
    st.datetimes(min_value=datetime(1900, 1, 1)),
    st.sampled_from(("UTC", "Europe/Lisbon", "Asia/Tokyo")),
)
def test_a_local_time_becomes_an_instant_of_its_zone(local: datetime, zone: str) -> None:
    text = scalars.with_offset(local.isoformat(timespec="seconds"), zone)
    aware = local.replace(microsecond=0, fold=0, tzinfo=ZoneInfo(zone))  # text has no fold
    assume(aware.utcoffset().total_seconds() % 60 == 0)  # a literal's offset has no seconds
    wanted = aware - datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
    assert scalars.as_instant(text) == wanted // timedelta(microseconds=1)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-02-30T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T00:60:00Z",
            "0000-01-01T00:00Z",
        ),
        *("2026-01-31T00:00:00", "2026-01-31T00:00:00+14:60", "2026-01-31T00:00:00.1234567Z"),
    ],
)
def test_no_instants(text: str) -> None:
    assert scalars.as_instant(text) is None


@given(st.text(alphabet="aÀ^= ", max_size=12))
@example("==")
def test_a_name_is_written_one_way(text: str) -> None:
    once = persons.canonical(text)
    assert persons.canonical(once) == once
    assert persons.canonical(f"{text}^^") == once
    assert persons.canonical(f" {text}".replace("^", " ^ ")) == once
    assert not once.endswith(("^", "="))


# Literals that match nothing: never said of what a valid value matches ------------------------------


def element(vr: str, kind: ValueType, **parts: object) -> Field:
    return Field(Place.ELEMENT, kind, 0x00100010, vr, "X", **parts)


def asked(value: Decimal, field: Field, operator: str) -> str | None:
    return impossible.of_scalar(Placed(NOWHERE, value), field, operator)


LETTERS = "ABCXYZ0189_ "
WORDS = {
    "CS": st.text(alphabet=LETTERS, min_size=1, max_size=16),
    "AE": st.text(alphabet=LETTERS + "abc.-", min_size=1, max_size=16),
    "SH": st.text(alphabet=LETTERS + "éß山", min_size=1, max_size=16),
    "LO": st.text(alphabet=LETTERS + "éß山", min_size=1, max_size=64),
    "ST": st.text(alphabet=LETTERS + "\\\n", min_size=1, max_size=200),
    "UT": st.text(alphabet=LETTERS + "\\\n\t", min_size=1, max_size=200),
}


@given(st.sampled_from(sorted(WORDS)).flatmap(lambda vr: st.tuples(st.just(vr), WORDS[vr])))
@example(("SH", "0000000000000ß 0"))
def test_a_valid_text_is_possible(pair: tuple[str, str]) -> None:
    vr, word = pair
    word = word.strip(" ") if vr not in {"ST", "UT"} else word.rstrip(" ")
    assume(word)
    field = element(vr, ValueType.TEXT)
    for operator in ("==", "in", "contains", "starts with", "like"):
        assert (
            impossible.of_scalar(Placed(NOWHERE, normalize("NFC", word)), field, operator) is None
        )
        placed = Placed(NOWHERE, folded(word), folded=True)
        assert impossible.of_scalar(placed, field, operator) is None


@given(
    st.from_regex(
        r"[+-]?([0-9]{1,9}(\.[0-9]{0,5})?|\.[0-9]{1,5})(E[+-]?[0-9]{1,2})?", fullmatch=True
    )
)
@example("0.00000000000001")
@example("1E-14")
@example("-0")
@example("123456789012E+99")
def test_a_number_that_a_decimal_string_holds_is_possible(text: str) -> None:
    assume(len(text) <= 16)
    assert asked(Decimal(text), element("DS", ValueType.DECIMAL), "==") is None


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("0", 1), ("-0", 2), ("5", 1), ("-5", 2), ("0.5", 2), ("1.5", 3), ("0.05", 3), ("100", 3),
        ("1000000", 3), ("1E+20", 4), ("0.00001", 4), ("1.2E-10", 6), ("12345.678901", 12),
    ],
)  # fmt: skip
def test_the_shortest_decimal_string(text: str, shortest: int) -> None:
    assert impossible.shortest(Decimal(text)) == shortest


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_float_is_possible(value: float) -> None:
    assert asked(Decimal(value), element("FL", ValueType.DECIMAL), "==") is None
    assert asked(Decimal(value), element("FD", ValueType.DECIMAL), "==") is None


INTEGERS = ("US", "SS", "US or SS", "UL", "IS")
NUMBERS = st.one_of(
    st.integers(-(2**33), 2**33).map(Decimal),
    st.sampled_from([-32769, -32768, -1, 0, 1, 65535, 65536, 2**31, 2**32 - 1, 2**32]).map(Decimal),
    st.decimals(-5, 5, places=1),
)
HOLDS = {
    "<": Decimal.__lt__,
    "<=": Decimal.__le__,
    ">": Decimal.__gt__,
    ">=": Decimal.__ge__,
    "==": Decimal.__eq__,
}


@given(st.sampled_from(INTEGERS), st.sampled_from(sorted(HOLDS)), NUMBERS)
def test_an_order_is_doubted_exactly_where_no_integer_is(
    vr: str, operator: str, value: Decimal
) -> None:
    low, high = impossible.RANGES[vr]
    near = {low, high, *(int(value) + step for step in (-1, 0, 1))}
    possible = any(HOLDS[operator](Decimal(one), value) for one in near if low <= one <= high)
    doubt = asked(value, element(vr, ValueType.DECIMAL), operator)
    assert (doubt is None) == possible


@given(st.sampled_from(INTEGERS), NUMBERS, NUMBERS)
def test_a_range_is_doubted_exactly_where_no_integer_is(
    vr: str, one: Decimal, other: Decimal
) -> None:
    least, most = sorted((one, other))
    low, high = impossible.RANGES[vr]
    near = {low, high, *(int(end) + step for end in (least, most) for step in (-1, 0, 1))}
    possible = any(least <= number <= most for number in near if low <= number <= high)
    field = element(vr, ValueType.DECIMAL)
    assert (impossible.of_interval(Interval(least, most), field) is None) == possible


@pytest.mark.parametrize(("value", "possible"), [(0, True), (3, True), (-1, False), ("0.5", False)])
def test_a_count_is_a_whole_number(value: object, possible: bool) -> None:
    field = element("CS", ValueType.DECIMAL, view=View.COUNT)
    assert (asked(Decimal(value), field, "==") is None) == possible


@given(
    st.lists(
        st.lists(st.text(alphabet="abc É", max_size=8), min_size=1, max_size=5).map("^".join),
        min_size=1,
        max_size=3,
    ).map("=".join)
)
def test_a_valid_name_is_possible(text: str) -> None:
    name = persons.canonical(text)
    assume(name)
    placed = Placed(NOWHERE, folded(name), folded=True)
    assert impossible.of_scalar(placed, element("PN", ValueType.NAME), "==") is None


@pytest.mark.parametrize(
    ("vr", "value", "operator", "meant"),
    [
        ("CS", "ct", "==", '"CT"'),
        ("CS", " ct", "==", '"CT"'),
        ("CS", "c-t", "==", None),
        ("CS", "c*", "==", None),
        ("CS", "c*", "like", '"C*"'),
        ("SH", "CT01 ", "==", '"CT01"'),
        ("SH", "x" * 17, "==", None),
        ("LO", 'a" ', "==", None),
        ("LO", "  ", "==", None),
        ("CS", "CT", "==", None),
    ],
)
def test_what_was_meant(vr: str, value: str, operator: str, meant: str | None) -> None:
    assert impossible.mended(value, element(vr, ValueType.TEXT), operator) == meant
