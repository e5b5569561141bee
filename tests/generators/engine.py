"""Programs of the engine with every kind of field, and data sets that come close to their tests.

Nothing here goes through the text of the language: fields, tests and scopes are drawn as the
contract has them, and bytes are written as wrong as a sender may.
"""

import struct
import zlib
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from roteiro.core.program import (
    Among,
    Chars,
    Choice,
    Condition,
    Conjunction,
    Deliver,
    Disjunction,
    Encoding,
    Envelope,
    Every,
    EveryItem,
    Field,
    Holds,
    Inside,
    InState,
    Interval,
    Match,
    Matches,
    Negation,
    Pattern,
    PatternKind,
    Program,
    Repeat,
    Rule,
    Sequence,
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

ELEMENT = Source.ELEMENT
CHARSET, ZONE, PIXELS = 0x00080005, 0x00080201, 0x00280103
ACME, MIXED = "ACME 1.0", "M\u00fcller"
LONG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
SEQUENCES = (
    (0x00081140, ""),
    (0x0040A730, ""),
    (0x00041220, ""),  # before Specific Character Set
    (0x00190020, ACME),
    (0x60002600, ""),
)


def element(kind: ValueType, tag: int, vr: str, **more: object) -> Field:
    return Field(ELEMENT, kind, tag, vr, **more)  # type: ignore[arg-type]


PLAIN = (
    element(ValueType.TEXT, 0x00080060, "CS"),
    element(ValueType.TEXT, 0x00081030, "LO"),
    element(ValueType.TEXT, 0x00104000, "LT"),
    element(ValueType.UID, 0x00080016, "UI"),
    element(ValueType.DATE, 0x00080020, "DA"),
    element(ValueType.TIME, 0x00080030, "TM"),
    element(ValueType.INSTANT, 0x0008002A, "DT"),
    element(ValueType.NAME, 0x00100010, "PN"),
    element(ValueType.AGE, 0x00101010, "AS"),
    element(ValueType.DECIMAL, 0x00180050, "DS"),
    element(ValueType.DECIMAL, 0x00189073, "FD"),
    element(ValueType.TAG, 0x00280009, "AT"),
    element(ValueType.DECIMAL, 0x00280106, "US or SS"),
    element(ValueType.STATE_ONLY, 0x00204000, "UN"),
    element(ValueType.TEXT, 0x00190010, "LO", creator=ACME),
    element(ValueType.TEXT, 0x00190011, "LO", creator=MIXED),
    element(ValueType.DECIMAL, 0x00190010, "DS", creator=ACME),
    element(ValueType.DECIMAL, 0x60000010, "US", repeating=True),
    element(ValueType.TEXT, 0x50000022, "LO", repeating=True),
)
COMPONENTS = (
    "alphabetic",
    "ideographic",
    "alphabetic.family",
    "alphabetic.given",
    "phonetic.given",
)

TEXTS = ("CT", "ct", "a b", "Stra\u00dfe", "STRASSE", "\u00dc", "X" * 20, "A^B", "muster^max")
LITERALS: dict[ValueType, tuple[object, ...]] = {
    ValueType.TEXT: TEXTS,
    ValueType.UID: ("1.2", "1.2.840", "1.2.8"),
    ValueType.DECIMAL: tuple(map(Decimal, ("0", "1", "2", "-1", "1.5", "3", "100", "65535", "7"))),
    ValueType.DATE: (20240229, 20251231, 20260101),
    ValueType.TIME: (0, 3_600_000_000, 86_400_000_000),
    ValueType.INSTANT: (0, 1_774_747_800_000_000, 1_782_856_800_000_000, -62_135_596_800_000_000),
    ValueType.AGE: (16 * 30, 5844 * 18, 487 * 6, 112),
    ValueType.TAG: (0x00100010, 0x00080060),
    ValueType.ADDRESS: (0xFFFF0A000007,),
}
NAMES = ("muster^max", "a^b", "=\u5c71\u7530", "muster", "x^y=z^w")
STATES = st.sampled_from([State(number) for number in range(16)])
RANGES = st.sampled_from([((65, 90),), ((48, 57), (97, 122)), ((0, 0x10FFFF),), ((0xDC, 0xDF),)])


# Programs -----------------------------------------------------------------------------------------


@st.composite
def programs(draw: st.DrawFn, depth: int = 3) -> Program:
    """Draw a program; each test has a rule, so that all of them are seen."""
    fields, tests = draw(scopes(depth))
    rules = [
        Rule(f"t.{number}", Holds(number), (Deliver(f"d{number}"),)) for number in range(len(tests))
    ]
    if tests:
        rules.append(Rule("t.more", draw(conditions(len(tests))), (Deliver("more"),)))
    table = Table("t", first=False, rules=tuple(rules))
    zone = draw(st.sampled_from(("UTC", "Europe/Berlin", "America/New_York")))
    return Program(fields, tests, None, (table,), "sha256:test", zone)


@st.composite
def scopes(draw: st.DrawFn, depth: int) -> tuple[tuple[Field, ...], tuple[Test, ...]]:
    """Draw fields and tests of them; some ask items, which have scopes of their own."""
    fields = tuple(draw(st.lists(fields_of(depth), min_size=1, max_size=4)))
    tests = []
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, len(fields) - 1))
        tests.append(draw(tests_of(number, fields[number], depth)))
    return fields, tuple(tests)


@st.composite
def fields_of(draw: st.DrawFn, depth: int) -> Field:
    shape = draw(st.integers(0, 9))
    if shape <= 2 and depth:
        return draw(sequences(depth))
    if shape == 3:
        return draw(st.sampled_from(OUTSIDE))
    field = draw(st.sampled_from(PLAIN))
    changes: dict[str, object] = {"steps": draw(ways(depth))}
    if shape == 4:
        changes |= {"view": View.COUNT, "type": ValueType.DECIMAL}
    elif shape == 5:
        field = PLAIN[4]
        changes |= {"view": View.DAYS_SINCE, "type": ValueType.DECIMAL}
    elif shape == 6:
        changes |= {"position": draw(st.integers(1, 3))}
    elif shape == 7:
        field = PLAIN[7]
        changes |= {"type": ValueType.TEXT, "component": draw(st.sampled_from(COMPONENTS))}
        changes |= {"position": draw(st.sampled_from((0, 0, 1, 2)))}
    known = {name: getattr(field, name) for name in Field.__slots__}
    return Field(**(known | changes))


OUTSIDE = (
    Field(Source.CLOCK, ValueType.DECIMAL, name="local"),
    Field(Source.ENVELOPE, ValueType.TEXT, name="calling_ae"),
    Field(Source.ENVELOPE, ValueType.UID, name="sop_class"),
    Field(Source.ENVELOPE, ValueType.ADDRESS, name="peer"),
)


@st.composite
def sequences(draw: st.DrawFn, depth: int) -> Field:
    tag, creator = draw(st.sampled_from(SEQUENCES))
    shape = draw(st.integers(0, 5))
    kind, changes = ValueType.SEQUENCE, {}
    if shape == 0:
        kind, changes = ValueType.DECIMAL, {"view": View.COUNT}
    elif shape == 1:
        kind, changes = ValueType.STATE_ONLY, {"position": draw(st.integers(1, 2))}
    elif shape == 2:
        kind = ValueType.STATE_ONLY
    repeating = tag == 0x60002600 and draw(st.booleans())
    steps = draw(ways(depth - 1))
    return element(kind, tag, "SQ", creator=creator, steps=steps, repeating=repeating, **changes)


@st.composite
def ways(draw: st.DrawFn, depth: int) -> tuple[Step, ...]:
    steps = []
    while len(steps) < depth and draw(st.integers(0, 4)) == 0:
        tag, creator = draw(st.sampled_from(SEQUENCES[:-1]))  # repeating ones share a level
        steps.append(Step(tag, draw(st.integers(1, 2)), creator))
    return tuple(steps)


@st.composite
def tests_of(draw: st.DrawFn, number: int, field: Field, depth: int) -> Test:
    if field.type is ValueType.SEQUENCE and draw(st.integers(0, 5)):
        fields, tests = draw(scopes(depth - 1))
        inside = Inside(fields, tests, draw(conditions(len(tests))))
        return draw(st.sampled_from((SomeItem, EveryItem)))(number, inside)
    if field.type in (ValueType.SEQUENCE, ValueType.STATE_ONLY) or draw(st.integers(0, 4)) == 0:
        return InState(number, draw(STATES))
    return draw(st.sampled_from((Some, Every)))(number, draw(matches_of(field.type)))


@st.composite
def matches_of(draw: st.DrawFn, kind: ValueType) -> Match:
    if kind is ValueType.NAME:
        return Among(folded=tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))))
    literals = LITERALS[kind]
    some = st.lists(st.sampled_from(literals), min_size=1, max_size=3).map(tuple)
    shape = draw(st.integers(0, 4))
    if kind is ValueType.TEXT and shape >= 1:
        return draw(text_matches(shape, some))
    if kind is ValueType.UID and shape >= 2:
        return Pattern(PatternKind.UNDER, draw(some))
    if kind in (ValueType.TEXT, ValueType.UID) or shape == 0:
        return Among(draw(some))
    ends = st.none() | st.sampled_from(literals)
    interval = st.builds(Interval, ends, ends, st.booleans(), st.booleans())
    return Among(draw(some), tuple(draw(st.lists(interval, max_size=2))))


@st.composite
def text_matches(draw: st.DrawFn, shape: int, some: st.SearchStrategy[tuple[str, ...]]) -> Match:
    folded = tuple(draw(st.lists(st.sampled_from(["ct", "strasse", "a", "m?st*", "\u00fc"]))))
    if shape == 1:
        return Among(draw(some), (), folded)
    if shape == 2:
        return Matches(tuple(draw(st.lists(expressions(), max_size=2))))
    texts = ("C", "t", "*", "?T", "Str*e", "^", "")
    kinds = [each for each in PatternKind if each is not PatternKind.UNDER]
    picked = tuple(draw(st.lists(st.sampled_from(texts), max_size=2)))
    return Pattern(draw(st.sampled_from(kinds)), picked, folded)


def expressions() -> st.SearchStrategy[object]:
    """Give expressions that now and then describe a text that objects have."""
    words = st.sampled_from(("CT", "a", "Stra\u00dfe")).map(
        lambda word: Sequence(tuple(Chars(((ord(sign), ord(sign)),)) for sign in word))
    )
    leaves = RANGES.map(Chars) | words
    return st.recursive(
        leaves,
        lambda part: (
            st.lists(part, max_size=3).map(lambda parts: Sequence(tuple(parts)))
            | st.lists(part, max_size=3).map(lambda parts: Choice(tuple(parts)))
            | st.builds(
                lambda one, least, more: Repeat(one, least, None if more < 0 else least + more),
                part,
                st.integers(0, 2),
                st.integers(-1, 3),
            )
        ),
        max_leaves=6,
    )


def conditions(tests: int) -> st.SearchStrategy[Condition]:
    """Give conditions over some tests."""
    leaves: st.SearchStrategy[Condition] = st.integers(0, tests - 1).map(Holds)
    return st.recursive(
        leaves,
        lambda part: (
            part.map(Negation)
            | st.lists(part, max_size=3).map(lambda parts: Conjunction(tuple(parts)))
            | st.lists(part, max_size=3).map(lambda parts: Disjunction(tuple(parts)))
        ),
        max_leaves=5,
    )


def _everything() -> Program:
    """Give a program that reads each kind of field, at the top and three items deep."""
    counts = tuple(
        element(ValueType.DECIMAL, tag, "SQ", creator=creator, view=View.COUNT)
        for tag, creator in SEQUENCES
    )
    fields = (*PLAIN, *OUTSIDE, *counts)
    tests: tuple[Test, ...] = tuple(InState(number, State.VALUED) for number in range(len(fields)))
    inside = Inside(fields, tests, Holds(0))
    for tag, creator in (*SEQUENCES[:2], SEQUENCES[3]):
        sequence = element(ValueType.SEQUENCE, tag, "SQ", creator=creator)
        asked = (*tests, SomeItem(len(fields), inside), EveryItem(len(fields), inside))
        inside = Inside((*fields, sequence), asked, Holds(len(tests)))
    rules = tuple(
        Rule(f"t.{number}", Holds(number), (Deliver(f"d{number}"),))
        for number in range(len(inside.tests))
    )
    return Program(inside.fields, inside.tests, None, (Table("t", False, rules),), "sha256:test")


EVERYTHING = _everything()


# Data sets ----------------------------------------------------------------------------------------

VALUES: dict[str, tuple[bytes, ...]] = {
    "CS": (b"CT", b"ct ", b"CT\\MR", b"", b"\\", b" CT\\\\a b "),
    "LO": (
        b"Stra\xdfe",
        b"STRASSE",
        b"\xdc",
        b"\xc3\x9c",
        b"a b\\ct",
        b"\x1b$B;3EDB@O:\x1b(B",
        b"  ",
    ),
    "LT": (b"CT\\x", b" Ct", b"\xfc"),
    "UI": (b"1.2\0", b"1.2.840.5", b"1.20", b"1..2", b"1.2\\1.2.8"),
    "DA": (b"20240229", b"20250229", b"20251231\\20260101", b"2026.01.01", b"\\", b"99991231"),
    "TM": (b"01", b"235960", b"0100\\x"),
    "DT": (
        b"2026",
        b"20260329023000",
        b"202607010000+0200",
        b"00010101\\1970",
        b"x\\",
        b"19700101000060",
        b"20261025015960",
        b"99991231235960-1400",
    ),
    "PN": (b"Muster^Max", b" muster ^ max ^^=", b"^^", b"A^B\\x^y=z^w", b"=\xb3\xcd", b"a^B"),
    "AS": (b"018Y", b"30D", b"6M\\1W", b"Y", b"1234D", b"7W "),
    "DS": (b"1.5", b" 2\\x", b"+1e2", b"1\\\\3", b"-1"),
    "IS": (b"7", b"1\\2"),
    "FD": (struct.pack("<d", 1.5), struct.pack(">d", 1.5), b"\xff" * 8, b"1234"),
    "US": (b"\1\0", b"\0\1", b"\xff\xff\2\0", b"\1"),
    "SS": (b"\xff\xff", b"\1\0"),
    "AT": (b"\x10\0\x10\0", b"\0\x10\0\x10", b"\x10\0\x10\0\x08\0\x60\0", b"\1\2\3"),
    "SH": (b"+0100", b"-0230", b"x", b"+1400\\-0100", b""),
    "UN": (b"CT", b"1", b"\1\0"),
    "OB": (b"\1\2",),
    "SQ": (b"", b"\xfe\xff\0\xe0", b"no items"),
    "ZZ": (b"?",),
}
CHARSETS = (b"ISO_IR 100", b"ISO_IR 192", b"\\ISO 2022 IR 87", b"", b" \\ ", b"GBK", b"ISO_IR 6")
VRS = tuple(VALUES)


@dataclass(frozen=True)
class Form:
    """How elements are written."""

    explicit: bool
    big: bool

    def tag(self, tag: int) -> bytes:
        return struct.pack(">HH" if self.big else "<HH", tag >> 16, tag & 0xFFFF)

    def number(self, number: int) -> bytes:
        return struct.pack(">I" if self.big else "<I", number & 0xFFFFFFFF)

    def header(self, tag: int, vr: str, length: int) -> bytes:
        if not self.explicit:
            return self.tag(tag) + self.number(length)
        if vr in LONG or vr == "ZZ":
            return self.tag(tag) + vr.encode() + b"\0\0" + self.number(length)
        short = struct.pack(">H" if self.big else "<H", length & 0xFFFF)
        return self.tag(tag) + vr.encode() + short


IMPLICIT = Form(explicit=False, big=False)
FORMS = {
    Encoding.IMPLICIT_LITTLE: IMPLICIT,
    Encoding.EXPLICIT_LITTLE: Form(explicit=True, big=False),
    Encoding.EXPLICIT_BIG: Form(explicit=True, big=True),
    Encoding.DEFLATED: Form(explicit=True, big=False),
}
UNDEFINED = 0xFFFFFFFF


def mentioned(fields: tuple[Field, ...], tests: tuple[Test, ...]) -> list[Field]:
    """Give the elements that a program reads anywhere."""
    found = [field for field in fields if field.source is ELEMENT]
    for test in tests:
        if isinstance(test, SomeItem | EveryItem):
            found += mentioned(test.inside.fields, test.inside.tests)
    return found


@st.composite
def datasets(draw: st.DrawFn, program: Program, encoding: Encoding) -> bytes:
    """Draw a data set that has much of what a program reads, at any level."""
    known = mentioned(program.fields, program.tests)
    data = draw(elements(known, FORMS[encoding], 4))
    harm = draw(st.integers(0, 11))
    if harm == 11 and data:
        data = data[: draw(st.integers(0, len(data)))]
    elif harm >= 9 and data:
        at = draw(st.integers(0, len(data) - 1))
        data = data[:at] + bytes([draw(st.sampled_from((0, 1, 8, 255, 254)))]) + data[at + 1 :]
    if encoding is Encoding.DEFLATED:
        deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = deflate.compress(data) + deflate.flush()
    return data


@st.composite
def elements(draw: st.DrawFn, known: list[Field], form: Form, depth: int) -> bytes:
    """Draw the elements of one data set."""
    written: dict[int, bytes] = {}
    blocks = {ACME: 0x10, MIXED: 0x11} if draw(st.booleans()) else {ACME: 0x12, MIXED: 0x10}
    picked = draw(st.permutations(known))[: draw(st.sampled_from((3, 6, 9)))]
    for field in picked:
        step = draw(st.sampled_from((*field.steps, None)))
        tag, creator = (field.tag, field.creator) if step is None else (step.tag, step.creator)
        vr = "SQ" if step is not None else field.vr.split(" or ")[0]
        if field.repeating and step is None:
            tag += draw(st.integers(0, 2)) << 17
        if creator:
            block = blocks[creator]
            name = creator.encode("utf-8" if draw(st.booleans()) else "latin-1")
            reserve = draw(st.sampled_from((block,) * 5 + (0x13,)))
            written[0x00190000 | reserve] = draw(written_as(0x00190000 | reserve, "LO", name, form))
            tag |= block << 8
        written[tag] = draw(one_element(tag, vr, known, form, depth=depth))
    for tag, vr, values in (
        (CHARSET, "CS", CHARSETS),
        (ZONE, "SH", VALUES["SH"]),
        (PIXELS, "US", VALUES["US"]),
    ):
        if draw(st.integers(0, 2)) == 0:
            written[tag] = draw(written_as(tag, vr, draw(st.sampled_from(values)), form))
    order = sorted(written)
    if draw(st.integers(0, 9)) == 9:
        order = draw(st.permutations(order))
    return b"".join(written[tag] for tag in order)


@st.composite
def one_element(
    draw: st.DrawFn, tag: int, vr: str, known: list[Field], form: Form, *, depth: int
) -> bytes:
    if draw(st.integers(0, 9)) == 9:
        vr = draw(st.sampled_from(VRS))
    if vr == "SQ" and depth and draw(st.integers(0, 9)) < 9:
        return draw(series(tag, known, form, depth))
    value = draw(st.sampled_from(VALUES[vr if vr in VALUES else "LO"]))
    return draw(written_as(tag, vr, value, form))


@st.composite
def written_as(draw: st.DrawFn, tag: int, vr: str, value: bytes, form: Form) -> bytes:
    """Write an element, now and then as UN or with another length."""
    vr = "UN" if draw(st.integers(0, 9)) == 9 else vr
    length = len(value)
    if draw(st.integers(0, 60)) == 60:
        length += draw(st.sampled_from((-1, 1, 8, 70_000)))
    return form.header(tag, vr, max(length, 0)) + value


@st.composite
def series(draw: st.DrawFn, tag: int, known: list[Field], form: Form, depth: int) -> bytes:
    """Write a sequence: defined or not, of UN now and then, its items likewise."""
    vr = draw(st.sampled_from(("SQ",) * 6 + ("UN", "UN", "OB")))
    inner = IMPLICIT if vr == "UN" else form
    body = b"".join(
        draw(item(known, inner, depth)) for _ in range(draw(st.sampled_from((1, 2, 1, 0, 3))))
    )
    end = inner.tag(0xFFFEE0DD) + b"\0\0\0\0"
    if draw(st.booleans()):
        return form.header(tag, vr, UNDEFINED) + body + end
    body += draw(st.sampled_from((b"", b"", b"", end, end + b"rest")))
    slip = draw(st.sampled_from((0,) * 20 + (-1, -8, 1, 8)))
    return form.header(tag, vr, max(len(body) + slip, 0)) + body


@st.composite
def item(draw: st.DrawFn, known: list[Field], form: Form, depth: int) -> bytes:
    body = draw(elements(known, form, depth - 1))
    if draw(st.booleans()):
        end = form.tag(0xFFFEE00D) + b"\0\0\0\0"
        return form.tag(0xFFFEE000) + form.number(UNDEFINED) + body + end
    slip = draw(st.sampled_from((0,) * 20 + (-1, -4, 1, 9)))
    return form.tag(0xFFFEE000) + form.number(max(len(body) + slip, 0)) + body


INSTANTS = (
    None,
    0,
    1_774_747_800_000_000,
    1_792_890_000_000_000,
    -(10**19),
    253_402_300_799_999_999,
)
ENVELOPES = st.builds(
    Envelope,
    calling_ae=st.none() | st.sampled_from(("CT", "ct", "", "Stra\u00dfe")),
    sop_class=st.none() | st.sampled_from(("1.2", "1.2.840.5")),
    peer=st.none() | st.sampled_from(("10.0.0.7", "::1")),
    at=st.sampled_from(INSTANTS),
)
