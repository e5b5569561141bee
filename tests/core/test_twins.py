"""Property: both engines give one answer, for programs and data sets of every shape."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roteiro.core import build
from roteiro.core.program import (
    Among,
    Conjunction,
    Deliver,
    Disjunction,
    Drop,
    Encoding,
    Envelope,
    Every,
    Field,
    Guard,
    GuardRule,
    Hold,
    Holds,
    InState,
    Interval,
    Negation,
    Nothing,
    Pass,
    Pattern,
    PatternKind,
    Program,
    Refuse,
    Rule,
    Some,
    Source,
    State,
    Table,
    ValueType,
)
from roteiro.core.pure import PureMatcher

from generators.engine import ENVELOPES, EVERYTHING, datasets as nested, programs as whole  # isort: skip

ELEMENT, ENVELOPE = Source.ELEMENT, Source.ENVELOPE
FIELDS = (
    Field(ELEMENT, ValueType.TEXT, 0x00080060, "CS"),
    Field(ELEMENT, ValueType.TEXT, 0x00081030, "LO"),
    Field(ELEMENT, ValueType.TEXT, 0x00104000, "LT"),
    Field(ELEMENT, ValueType.UID, 0x00080016, "UI"),
    Field(ELEMENT, ValueType.DATE, 0x00080020, "DA"),
    Field(ELEMENT, ValueType.TIME, 0x00080030, "TM"),
    Field(ELEMENT, ValueType.DECIMAL, 0x00180050, "DS"),
    Field(ELEMENT, ValueType.DECIMAL, 0x00280010, "US"),
    Field(ELEMENT, ValueType.DECIMAL, 0x00280106, "US or SS"),
    Field(ELEMENT, ValueType.DECIMAL, 0x00189073, "FD"),
    Field(ELEMENT, ValueType.STATE_ONLY, 0x00101010, "AS"),
    Field(ELEMENT, ValueType.STATE_ONLY, 0x0008002A, "DT"),
    Field(ELEMENT, ValueType.STATE_ONLY, 0x00081140, "SQ"),
    Field(ELEMENT, ValueType.STATE_ONLY, 0x00100010, "PN"),
    Field(ELEMENT, ValueType.STATE_ONLY, 0x00204000, "UN"),
    Field(ELEMENT, ValueType.STATE_ONLY, 0x00200052, "OB or OW"),
    Field(ENVELOPE, ValueType.TEXT, name="calling_ae"),
    Field(ENVELOPE, ValueType.UID, name="transfer_syntax"),
    Field(ENVELOPE, ValueType.ADDRESS, name="peer"),
    Field(ENVELOPE, ValueType.DECIMAL, name="size"),
)
TEXTS = ("CT", "MR", "", "A", "AB", "ABA", "é", "日本", "CT1", "a?b", "ｱ")
POOLS = {
    ValueType.TEXT: TEXTS,
    ValueType.UID: ("1.2.3", "1.2.840.10008.1.2", "1.2.03"),
    ValueType.DATE: (19991231, 20000101, 20240229, 20260131),
    ValueType.TIME: (0, 1, 43_200_000_000, 86_400_000_000),
    ValueType.ADDRESS: (1, 0xFFFF0A000007, 0xFFFF0A000008, 2**127),
    ValueType.DECIMAL: tuple(
        map(Decimal, ("-1", "0", "0.1", "1", "1.5", "5", "512", "65535", "1e3", "100000"))
    ),
}

scalars = {kind: st.sampled_from(pool) for kind, pool in POOLS.items()}


@st.composite
def amongs(draw: st.DrawFn, kind: ValueType) -> Among:
    values = tuple(draw(st.lists(scalars[kind], max_size=3)))
    if kind in (ValueType.TEXT, ValueType.UID):
        return Among(values)
    ends = st.none() | scalars[kind]
    intervals = st.builds(Interval, ends, ends, st.booleans(), st.booleans())
    return Among(values, tuple(draw(st.lists(intervals, max_size=2))))


patterns = st.builds(
    Pattern,
    st.sampled_from([kind for kind in PatternKind if kind is not PatternKind.UNDER]),
    st.lists(st.sampled_from((*TEXTS, "*", "?", "A*", "*B*", "??", "*?A")), max_size=3).map(tuple),
)


@st.composite
def asked_tests(draw: st.DrawFn, fields: int) -> Some | Every | InState:
    number = draw(st.integers(0, fields - 1))
    kind = FIELDS[number].type
    if kind is ValueType.STATE_ONLY or draw(st.integers(0, 3)) == 0:
        return InState(number, State(draw(st.integers(0, 15))))
    match = draw(patterns if kind is ValueType.TEXT and draw(st.booleans()) else amongs(kind))
    return draw(st.sampled_from((Some, Every)))(number, match)


def conditions(count: int) -> st.SearchStrategy[object]:
    return st.recursive(
        st.builds(Holds, st.integers(0, count - 1)),
        lambda parts: (
            st.builds(Negation, parts)
            | st.builds(Conjunction, st.lists(parts, max_size=4).map(tuple))
            | st.builds(Disjunction, st.lists(parts, max_size=4).map(tuple))
        ),
        max_leaves=24,
    )


deliveries = st.builds(
    Deliver,
    st.sampled_from(("a", "b")),
    st.sampled_from(((), ("x",))),
    st.sampled_from(("stat", "normal", "low")),
)
effects = st.lists(
    deliveries | st.builds(Hold, st.sampled_from("pq"), st.just("")) | st.just(Nothing("no")),
    min_size=1,
    max_size=2,
).map(tuple)
verdicts = st.sampled_from((Pass(), Refuse(0x0124, "no"), Drop("no"), Hold("q", "")))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    fields = FIELDS if draw(st.integers(0, 3)) == 0 else FIELDS[:-1]  # the size is known late
    asked = tuple(draw(st.lists(asked_tests(len(fields)), min_size=1, max_size=12)))
    condition = conditions(len(asked))
    guard = None
    if draw(st.booleans()):
        rules = draw(st.lists(st.builds(GuardRule, st.just("guard.r"), condition, verdicts)))
        guard = Guard(tuple(rules), draw(verdicts))
    tables = []
    for place in range(draw(st.integers(0, 3))):
        found = draw(st.lists(st.tuples(condition, effects), max_size=6))
        named = [Rule(f"t{place}.{n}", asks, does) for n, (asks, does) in enumerate(found)]
        otherwise = draw(st.just(()) | effects)
        tables.append(Table(f"t{place}", draw(st.booleans()), tuple(named), otherwise))
    return Program(fields, asked, guard, tuple(tables), "sha256:test")


VALUES = {
    "CS": (b"CT", b"MR ", b"CT\\MR", b" AB\\", b"\\", b"  ", b"CT\xff", b"ABA\0"),
    "LO": (b"AB", b"\xe9", b"\xc3\xa9", b"\xb1", b"\x1b$BF|K\\\x1b(B", b"CT\\\\A", b"\x1b", b" A "),
    "LT": (b"A\\B", b"  ", b"CT1 ", b"AB\0 "),
    "UI": (b"1.2.3\0", b"1..2", b"1.2.03", b"1.2.3\\1.2.840.10008.1.2", b".1", b"x"),
    "DA": (b"20240229", b"20230229", b"2000.01.01", b"1999123", b"00000101", b"20260131 ", b" "),
    "TM": (b"12", b"1200", b"120000.5", b"12:00:00", b"235960", b"24", b"12:00", b"000000.000001"),
    "DS": (b"1.50", b" +1e3 ", b".5", b"5.", b"1e", b"0.1\\-1", b"1e9999999999", b"-0", b"1 5"),
    "AS": (b"18Y", b"018Y", b"0018Y", b"Y", b"3M\\x"),
    "DT": (b"2024", b"202402", b"20240229", b"2024022912+0100", b"20240229120000.5-1500", b"20"),
    "PN": (b"A^B", b"^^", b" = ^", b"\\"),
    "UN": (b"AB", b"\0\0"),
    "OB": (b"AB", b"\0\0"),
}
CHARSETS = (b"", b"ISO_IR 100", b"ISO_IR 192", b"\\ISO 2022 IR 87", b"ISO_IR 13", b"GBK", b"nope")
VRS = ("CS", "LO", "LT", "UI", "DA", "TM", "DS", "IS", "US", "SS", "UL", "FL", "FD", "SV", "UN")
OTHERS = ("SQ", "OB", "AT", "ZZ", "PN", "AS", "DT", "UC", "OW", "AE", "UR", "UV", "SL")


@st.composite
def values(draw: st.DrawFn, vr: str, own: str) -> bytes:
    return draw(
        st.sampled_from(VALUES.get(vr, VALUES.get(own, (b"12",))))
        | st.binary(max_size=20)
        | st.sampled_from((b"", b"\x01\x00", b"\x00\x02", b"\x00\x00\x00\x00\x00\x00\xf8\x7f"))
    )


@st.composite
def datasets(draw: st.DrawFn, writer: object) -> bytes:
    known = {field.tag: field.vr.split(" or ")[0] for field in FIELDS if field.tag}
    known |= {0x00080005: "CS", 0x00280103: "US", 0x00100020: "LO"}
    picked = draw(st.lists(st.sampled_from(sorted(known)), max_size=12, unique=True))
    if draw(st.integers(0, 7)):
        picked.sort()
    elements = []
    for tag in picked:
        own = known[tag]
        vr = own if draw(st.integers(0, 5)) else draw(st.sampled_from(VRS + OTHERS))
        if tag == 0x00080005:
            elements.append(writer.element(tag, vr, draw(st.sampled_from(CHARSETS))))
        elif draw(st.integers(0, 9)) == 0 or vr == "SQ":
            inner = [writer.element(0x00080060, "CS", b"CT")] * draw(st.integers(0, 2))
            item = writer.item(*inner, defined=draw(st.booleans()))
            count = draw(st.integers(0, 2))
            if draw(st.booleans()):
                elements.append(writer.series(tag, vr, *[item] * count))
            else:
                elements.append(writer.element(tag, vr, item * count))
        else:
            elements.append(writer.element(tag, vr, draw(values(vr, own))))
    data = writer.finish(*elements)
    return data if draw(st.integers(0, 5)) else data[: draw(st.integers(0, len(data)))]


envelopes = st.builds(
    Envelope,
    calling_ae=st.none() | st.sampled_from(("CT1", " CT ", "", "\0", "e\u0301", "\udc80")),
    peer=st.none() | st.sampled_from(("10.0.0.7", "::1", "fe80::1%eth0", "", "host", "10.0.0.8")),
    transfer_syntax=st.none() | st.sampled_from(("1.2.840.10008.1.2", "1.2.3 ", "x", "")),
    size=st.none() | st.sampled_from((0, 5, 512, 100_000, 2**70)),
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_engines_agree(writer_of: Callable[[Encoding], object], data: st.DataObject) -> None:
    program = data.draw(programs())
    slow, fast = PureMatcher(program), build(program)
    for _ in range(4):
        encoding = data.draw(st.sampled_from(list(Encoding)))
        dataset = data.draw(datasets(writer_of(encoding)))
        envelope = data.draw(envelopes)
        complete = data.draw(st.integers(0, 3)) > 0
        expected = slow.decide(dataset, encoding, envelope, complete=complete)
        assert fast.decide(dataset, encoding, envelope, complete=complete) == expected


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_engines_agree_on_the_whole(data: st.DataObject) -> None:
    program = data.draw(whole())
    slow, fast = PureMatcher(program), build(program)
    for _ in range(4):
        encoding = data.draw(st.sampled_from(list(Encoding)))
        dataset = data.draw(nested(program, encoding))
        envelope = data.draw(ENVELOPES)
        complete = data.draw(st.integers(0, 3)) > 0
        expected = slow.decide(dataset, encoding, envelope, complete=complete)
        assert fast.decide(dataset, encoding, envelope, complete=complete) == expected


@pytest.fixture(scope="module")
def engines() -> tuple[object, object]:
    return PureMatcher(EVERYTHING), build(EVERYTHING)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_raise(engines: tuple[object, object], data: st.DataObject) -> None:
    slow, fast = engines
    encoding = data.draw(st.sampled_from(list(Encoding)))
    dataset = bytearray(data.draw(nested(EVERYTHING, encoding) | st.binary(max_size=300)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(dataset)))
        dataset[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    for complete in (True, False):
        expected = slow.decide(dataset, encoding, Envelope(at=0), complete=complete)
        assert fast.decide(dataset, encoding, Envelope(at=0), complete=complete) == expected
