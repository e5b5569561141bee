"""Typed conditions of every kind made by hand, and objects that their fields find things in.

For the meaning itself, before any text: each literal is of its field's type, so nothing that is
drawn here may raise, whatever the bytes are.
"""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from roteiro.core.program import (
    Envelope,
    Field,
    Interval,
    Scalar,
    Source,
    State,
    Step,
    ValueType,
    View,
)
from roteiro.lang import typed
from roteiro.lang.folding import folded
from roteiro.lang.persons import canonical
from roteiro.lang.regex import parse

from generators.encode import Item, Raw, Series  # isort: skip
from generators.handmade import SPAN, TEXT, element, member  # isort: skip

CREATOR = "ROT EIRO"
SEQUENCE = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00400275, "SQ")
INNER = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00400008, "SQ")
PRIVATE_SEQUENCE = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00410002, "SQ", creator=CREATOR)
EARLY = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00080096, "SQ")
NAME = element(0x00100010, "PN", ValueType.NAME)


def private(kind: ValueType, vr: str) -> Field:
    return Field(Source.ELEMENT, kind, 0x00410003, vr, creator=CREATOR)


PLAIN = (
    element(0x00080060, "CS"),
    element(0x00081030, "LO"),
    element(0x00102000, "UT", ValueType.TEXT),
    NAME,
    element(0x00080018, "UI"),
    element(0x00180050, "DS"),
    element(0x00280106, "US or SS"),
    element(0x00080020, "DA"),
    element(0x00080030, "TM"),
    element(0x0008002A, "DT", ValueType.INSTANT),
    element(0x00101010, "AS", ValueType.AGE),
    element(0x00280009, "AT", ValueType.TAG),
    private(ValueType.TEXT, "LO"),
    private(ValueType.DECIMAL, "DS"),
    replace(element(0x60000010, "US"), repeating=True),
    replace(element(0x60001500, "LO"), repeating=True),
)
"""Fields whose values are compared."""
NAMED = tuple(
    replace(NAME, type=ValueType.TEXT, component=part)
    for part in ("alphabetic", "alphabetic.family", "ideographic.given", "phonetic")
)
SEQUENCES = (SEQUENCE, INNER, PRIVATE_SEQUENCE, EARLY)
BULK = (element(0x7FE00010, "OB or OW"), element(0x00189999, "UN"))
ENVELOPE = (
    member("calling_ae", ValueType.TEXT),
    member("sop_class", ValueType.UID),
    member("peer", ValueType.ADDRESS),
    member("size", ValueType.DECIMAL),
)
CLOCK = Field(Source.CLOCK, ValueType.DECIMAL, name="local")
ALL = (*PLAIN, *NAMED, *SEQUENCES, *BULK, *ENVELOPE, CLOCK)
STEPS = st.lists(
    st.builds(
        Step,
        st.just(SEQUENCE.tag) | st.just(INNER.tag) | st.just(EARLY.tag),
        st.integers(1, 3),
    ),
    max_size=2,
).map(tuple)

TEXTS = ("CT", "A", "AB", "ab", "\u00fc", "Stra\u00dfe", "Muster^Max", "=\u5c71", "a=b", "*A?", "x")
SCALARS: dict[ValueType, tuple[Scalar, ...]] = {
    ValueType.TEXT: TEXTS,
    ValueType.UID: ("1.2", "1.2.840", "1.20", "2"),
    ValueType.DECIMAL: tuple(map(Decimal, ("0", "1", "-1", "1.5", "2", "1000", "65535"))),
    ValueType.DATE: (20260131, 20240229, 10101),
    ValueType.TIME: (0, 79_200_000_000, 86_400_000_000),
    ValueType.INSTANT: (0, 1_769_860_800_000_000, -62_135_596_800_000_000),
    ValueType.AGE: (0, 16, 487, 5844 * 18),
    ValueType.TAG: (0x00181063, 0x00100020),
    ValueType.ADDRESS: (0xFFFF0A000001, 1),
}
ORDERED = {kind for kind, values in SCALARS.items() if isinstance(values[0], int | Decimal)}
ORDERED -= {ValueType.TAG, ValueType.ADDRESS}
PATTERNS = ("CT|MR", "[A-Z]+", ".*", "a?b{0,3}", "(A|AB)*", "\\d+")
HALF_OPEN = tuple(
    Interval(Decimal(low), Decimal(high), high_closed=False)
    for low, high in ((0, 86_400_000_000), (200_000_000_000, 604_800_000_000))
)


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Draw a field that is compared."""
    field = draw(st.sampled_from((*PLAIN, *PLAIN, *NAMED, *ENVELOPE)))
    if field.source is not Source.ELEMENT:
        return field
    view = draw(st.sampled_from((*[View.VALUES] * 4, View.COUNT, View.DAYS_SINCE)))
    if view is View.COUNT:
        field = draw(st.sampled_from((*PLAIN, *SEQUENCES, *BULK)))
        field = replace(field, type=ValueType.DECIMAL, view=view)
    elif view is View.DAYS_SINCE:
        field = replace(element(0x00080020, "DA"), type=ValueType.DECIMAL, view=view)
    elif draw(st.integers(0, 3)) == 0:
        field = replace(field, position=draw(st.integers(1, 3)))
    return replace(field, steps=draw(STEPS)) if draw(st.integers(0, 3)) == 0 else field


@st.composite
def compares(draw: st.DrawFn) -> typed.Compare:
    """Draw a comparison."""
    if draw(st.integers(0, 9)) == 0:
        negated = draw(st.booleans())
        return typed.Compare(CLOCK, None, "in", negated, (), HALF_OPEN, SPAN, TEXT)
    field = draw(fields())
    quantifiers = (
        ("any", "all", "no", None) if field.view is View.VALUES and not field.position else (None,)
    )
    test = typed.Compare(
        field,
        draw(st.sampled_from(quantifiers)),
        draw(st.sampled_from(operators(field))),
        draw(st.booleans()),
        (),
        (),
        SPAN,
        TEXT,
    )
    return draw(with_right(test))


def operators(field: Field) -> tuple[str, ...]:
    """Say what may be asked of a field."""
    if field.type is ValueType.TEXT:
        return ("==", "in", "contains", "starts with", "ends with", "like", "matches")
    if field.type is ValueType.UID:
        return ("==", "in", "under")
    return ("==", "in", "<", "<=", ">", ">=") if field.type in ORDERED else ("==", "in")


@st.composite
def with_right(draw: st.DrawFn, test: typed.Compare) -> typed.Compare:
    """Draw the right side of a comparison."""
    kind = test.field.type
    if test.operator == "matches":
        patterns = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2))
        return replace(
            test, expressions=tuple(parse(each, folded=draw(st.booleans())) for each in patterns)
        )
    most = 1 if test.operator in ("==", "<", "<=", ">", ">=") else 3
    literals = st.lists(st.sampled_from(SCALARS.get(kind, TEXTS)), min_size=1, max_size=most)
    values = tuple(draw(literals))
    if kind is ValueType.NAME:
        return replace(test, folded=tuple(folded(canonical(str(each))) for each in values))
    if test.field.component or (kind is ValueType.TEXT and draw(st.booleans())):
        return replace(test, folded=tuple(folded(str(each)) for each in values))
    if test.operator == "in" and kind in ORDERED and draw(st.booleans()):
        low, high = sorted(draw(st.tuples(*[st.sampled_from(SCALARS[kind])] * 2)))
        return replace(test, values=values[1:], intervals=(Interval(low, high),))
    return replace(test, values=values)


@st.composite
def states(draw: st.DrawFn) -> typed.IsState:
    """Draw a test of a state."""
    field = draw(st.sampled_from(ALL))
    if field.source is Source.ELEMENT and draw(st.booleans()):
        place = draw(st.integers(0, 3)) if field.type is not ValueType.SEQUENCE else 0
        field = replace(field, position=place, steps=draw(STEPS))
    return typed.IsState(field, State(draw(st.integers(1, 15))), SPAN, TEXT)


def conditions(depth: int = 2) -> st.SearchStrategy[typed.Condition]:
    """Draw conditions, `has` so deep in one another."""
    leaves = [compares(), compares(), compares(), states()]
    if depth:
        leaves.append(has(depth))
    leaf = st.one_of(*leaves)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(typed.Not, inner),
            st.builds(typed.And, st.lists(inner, max_size=3).map(tuple)),
            st.builds(typed.Or, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=4,
    )


@st.composite
def has(draw: st.DrawFn, depth: int) -> typed.Has:
    """Draw a test of items."""
    field = draw(st.sampled_from(SEQUENCES))
    if draw(st.integers(0, 3)) == 0:
        field = replace(field, steps=draw(STEPS))
    quantifier = draw(st.sampled_from(("any", "all", "no")))
    return typed.Has(field, quantifier, draw(conditions(depth - 1)), SPAN, TEXT)


# Objects ------------------------------------------------------------------------------------------

VALUES: dict[str, tuple[bytes, ...]] = {
    "CS": (b"CT", b"A\\AB ", b"ab\\\\x", b"\\ "),
    "LO": (b"A ", "\u00fc".encode(), b"Stra\xdfe ", b"STRASSE\\x", b"1.5 "),
    "UT": (b"A\\AB ", b"x"),
    "PN": (
        b"Muster^Max",
        b"MUSTER^MAX^\\a=b",
        "A^B=\u5c71".encode(),
        b"^=^ ",
        b"a^b^c^d^e^f=g=h=i",
    ),
    "UI": (b"1.2\0", b"1.2.840\\1.20", b"1..2"),
    "DS": (b"1.5 ", b"1\\\\2 ", b"1e3 ", b"x ", b"1000"),
    "US": (b"\1\0", b"\2\0\xff\xff", b"\1"),
    "SS": (b"\xff\xff",),
    "DA": (b"20260131", b"20240229\\x ", b"20260230"),
    "TM": (b"2200", b"235960", b"00\\x "),
    "DT": (b"2026", b"20260131120000+0100 ", b"19700101\\2026", b"0000", b"20260329023000"),
    "AS": (b"018Y", b"1D\\1M ", b"x "),
    "AT": (b"\x18\0\x63\x10", b"\x10\0\x20\0\x10\0\x20\0", b"\1\0"),
    "OW": (b"\0\0", b""),
    "UN": (b"A ", b"\1\0", b"1.5 "),
    "OB": (b"ab",),
}
CHARSETS = (b"ISO_IR 192", b"ISO_IR 100", b"", b"GBK", b"\\ISO 2022 IR 87", b"x")


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> tuple[Raw, ...]:
    """Draw the elements of a data set, mostly in order."""
    drawn = draw(st.lists(an_element(depth), max_size=6))
    reserved = [Raw(0x00410010 | draw(st.integers(0, 1)), "LO", CREATOR.encode())]
    known = [
        Raw(0x00080005, "CS", draw(st.sampled_from(CHARSETS))),
        Raw(0x00080201, "SH", draw(st.sampled_from((b"+0200 ", b"-0530 ", b"x ")))),
        Raw(0x00280103, "US", draw(st.sampled_from((b"\0\0", b"\1\0", b"\1")))),
    ]
    drawn += draw(st.lists(st.sampled_from([*reserved, *known]), max_size=4))
    in_order = draw(st.integers(0, 9)) > 0
    return tuple(sorted(drawn, key=lambda raw: raw.tag) if in_order else drawn)


@st.composite
def an_element(draw: st.DrawFn, depth: int) -> Raw:
    """Draw an element that some field asks for, or nearly."""
    if depth and draw(st.integers(0, 2)) == 0:
        field = draw(st.sampled_from(SEQUENCES))
        tag = field.tag | 0x1000 | draw(st.integers(0, 1)) << 8 if field.creator else field.tag
        items = draw(st.lists(st.builds(Item, elements(depth - 1), st.booleans()), max_size=3))
        vr = "SQ" if draw(st.integers(0, 4)) else "UN"
        return Raw(tag, vr, Series(tuple(items), draw(st.booleans())))
    field = draw(st.sampled_from((*PLAIN, *BULK, *SEQUENCES)))
    tag = field.tag
    if field.creator:
        tag |= 0x1000 | draw(st.integers(0, 1)) << 8
    if field.repeating:
        tag += draw(st.sampled_from((0, 2, 15))) << 17
    vr = draw(st.sampled_from(field.vr.split(" or "))) if draw(st.integers(0, 4)) else "UN"
    vr = vr if draw(st.integers(0, 5)) else draw(st.sampled_from(sorted(VALUES)))
    return Raw(tag, vr, draw(st.sampled_from(VALUES.get(vr, VALUES["UN"]))))


ENVELOPES = st.builds(
    Envelope,
    calling_ae=st.sampled_from((None, "CT", " AB ", "")),
    sop_class=st.sampled_from((None, "1.2.840", "1..2")),
    peer=st.sampled_from((None, "10.0.0.1", "::1", "nowhere")),
    size=st.sampled_from((None, 0, 1000)),
    at=st.sampled_from((None, 0, 1_769_860_800_000_000, 10**18, -(10**18))),
)
