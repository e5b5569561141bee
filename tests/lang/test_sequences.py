"""Items of sequences: how they are walked, inherit, are asked (docs/reading.md 10; 2c `has`)."""

from dataclasses import replace

import pytest
from generators.encode import Item, Raw, Series, deflate, delimiter, encode, header, series
from generators.handmade import SPAN, TEXT, compare, element, is_state, member, program, rule, table
from hypothesis import given
from hypothesis import strategies as st

from roteiro.core.program import (
    BLANK,
    Damage,
    Deliver,
    Encoding,
    Envelope,
    Field,
    Source,
    State,
    Step,
    ValueType,
    View,
)
from roteiro.lang.elements import read
from roteiro.lang.reference import Reference
from roteiro.lang.tested import Level, mentioned
from roteiro.lang.typed import And, Constant, Has, Not

IMPLICIT = Encoding.IMPLICIT_LITTLE
EXPLICIT = Encoding.EXPLICIT_LITTLE
BIG = Encoding.EXPLICIT_BIG
PLAIN = (IMPLICIT, EXPLICIT, BIG)
REQUESTS = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00400275, "SQ")
CODES = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00400008, "SQ")
STEP_ID = element(0x00400009, "SH")
MEANING = element(0x00080104, "LO")
PATIENT = element(0x00100020, "LO")
LAST = element(0x00700080, "CS")
TRUE = Constant(True)


def has(condition, field=REQUESTS, quantifier="any") -> Has:
    return Has(field, quantifier, condition, SPAN, TEXT)


def typed_of(condition):
    return program(table("t", rule("r", condition, Deliver("pacs"))))


def decide(condition, data, encoding=EXPLICIT, envelope=Envelope()):  # noqa: B008  it is frozen
    return Reference(typed_of(condition)).decide(data, encoding, envelope)


def holds(condition, *elements, encoding=EXPLICIT, envelope=Envelope()):  # noqa: B008
    decision = decide(condition, encode(elements, encoding), encoding, envelope)
    assert decision.hold is None or decision.hold.queue == "unrouted", decision.hold
    return decision.verdict == "route"


def requests(*items, defined=True, vr="SQ"):
    return Raw(REQUESTS.tag, vr, Series(items, defined))


def item(*elements, defined=True):
    return Item(tuple(elements), defined)


def step_id(value):
    return Raw(STEP_ID.tag, "SH", value)


IS_CT = compare(STEP_ID, "==", "CT")

# has (2c) -----------------------------------------------------------------------------------------

SEQUENCES = {
    "absent": None,
    "empty": (),
    "CT": (b"CT",),
    "MR": (b"MR",),
    "CT and MR": (b"CT", b"MR"),
    "CT and nothing": (b"CT", None),
    "nothing": (None,),
}
ROWS = {
    "any": {"CT", "CT and MR", "CT and nothing"},
    "all": {"CT"},
    "no": {"absent", "empty", "MR", "nothing"},
}


@pytest.mark.parametrize("quantifier", ROWS)
@pytest.mark.parametrize("shown", SEQUENCES)
@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("defined", [True, False])
def test_rows_of_has(quantifier, shown, encoding, defined):
    values = SEQUENCES[shown]
    items = [
        item(*([] if value is None else [step_id(value)]), defined=defined)
        for value in values or ()
    ]
    elements = [] if values is None else [requests(*items, defined=defined)]
    test = has(IS_CT, quantifier=quantifier)
    assert holds(test, *elements, encoding=encoding) == (shown in ROWS[quantifier])


def test_all_tests_inside_are_of_one_item():
    other = compare(element(0x00400007, "LO"), "==", "HEAD")
    both = has(And((IS_CT, other)))
    head = Raw(0x00400007, "LO", b"HEAD")
    assert holds(both, requests(item(head, step_id(b"CT"))))
    assert not holds(both, requests(item(step_id(b"CT")), item(head)))


def test_the_item_is_the_data_set_and_the_envelope_stays():
    caller = member("calling_ae", ValueType.TEXT)
    inside = And((compare(caller, "==", "X"), is_state(PATIENT, BLANK)))
    elements = [Raw(PATIENT.tag, "LO", b"1 "), requests(item(step_id(b"CT")))]
    assert holds(has(inside), *elements, envelope=Envelope(calling_ae="X"))
    assert not holds(has(inside), *elements)
    assert not holds(has(Not(is_state(PATIENT, BLANK))), *elements)


def test_the_clock_is_the_same_inside():
    clock = Field(Source.CLOCK, ValueType.DECIMAL, name="local")
    test = has(is_state(clock, State.VALUED))
    assert holds(test, requests(item()), envelope=Envelope(at=0))
    assert not holds(test, requests(item()))


def test_has_in_has():
    code = Raw(MEANING.tag, "LO", b"phantom ")
    deep = has(has(compare(MEANING, "contains", "phantom"), CODES))
    nested = Raw(CODES.tag, "SQ", Series((Item(), Item((code,), defined=False))))
    for encoding in PLAIN:
        for defined in (True, False):
            inside = requests(item(nested, defined=defined), defined=defined)
            assert holds(deep, inside, encoding=encoding)
            assert not holds(deep, requests(item()), encoding=encoding)
            assert not holds(deep, nested, encoding=encoding)


@pytest.mark.parametrize("sent", ["UN", "OB", "LO"])
@pytest.mark.parametrize("defined", [True, False])
def test_a_sequence_sent_with_another_vr(sent, defined):
    """UN holds implicit little endian items, of both kinds of length, also in big endian."""
    body = series(Series((item(step_id(b"CT")),), defined), explicit=False, big=False)
    for encoding in (EXPLICIT, BIG):
        big = encoding is BIG
        if sent == "LO" and not defined:
            continue
        length = len(body) if defined else 0xFFFFFFFF
        if not defined and sent != "UN":
            body = series(Series((item(),), defined), explicit=True, big=big)
        data = header(REQUESTS.tag, sent, length, explicit=True, big=big) + body
        assert (decide(has(IS_CT), data, encoding).verdict == "route") == (sent == "UN")
        invalid = decide(is_state(REQUESTS, State.INVALID), data, encoding)
        assert (invalid.verdict == "route") == (sent != "UN")


@pytest.mark.parametrize("body", [b"", b"\xfe\xff\0\xe0", b"12345678", delimiter(0xFFFEE0DD, 0)])
def test_a_defined_length_that_begins_with_no_item(body):
    data = header(REQUESTS.tag, "SQ", len(body), explicit=True) + body
    for test in (has(TRUE), has(TRUE, quantifier="all"), is_state(REQUESTS, State.VALUED)):
        assert decide(test, data).verdict == "hold"
    assert decide(has(TRUE, quantifier="no"), data).verdict == "route"
    state = State.INVALID if body else State.EMPTY
    both = And((is_state(REQUESTS, state), has(TRUE, quantifier="no")))
    assert decide(both, data).verdict == "route"
    assert decide(is_state(REQUESTS, state), data).verdict == "route"


# Steps --------------------------------------------------------------------------------------------


def through(field, *steps):
    return replace(field, steps=tuple(Step(tag, place) for tag, place in steps))


def test_the_kth_item():
    data = [requests(item(step_id(b"A ")), item(), item(step_id(b"C\\D ")))]
    for place, state in (
        (1, State.VALUED),
        (2, State.ABSENT),
        (3, State.VALUED),
        (4, State.ABSENT),
    ):
        field = through(STEP_ID, (REQUESTS.tag, place))
        assert holds(is_state(field, state), *data)
        assert not holds(is_state(field, ~state & State(15)), *data)
    third = through(STEP_ID, (REQUESTS.tag, 3))
    assert holds(compare(third, "==", "D"), *data)
    assert holds(compare(replace(third, position=2), "==", "D"), *data)
    assert not holds(compare(replace(third, position=1), "==", "D"), *data)
    assert holds(is_state(through(STEP_ID, (REQUESTS.tag, 1)), State.ABSENT))


def test_two_steps_and_has_behind_a_step():
    nested = Raw(CODES.tag, "SQ", Series((Item(), Item((Raw(MEANING.tag, "LO", b"x "),)))))
    data = [requests(item(), item(nested))]
    second = through(MEANING, (REQUESTS.tag, 2), (CODES.tag, 2))
    assert holds(compare(second, "==", "x"), *data)
    assert holds(has(compare(MEANING, "==", "x"), through(CODES, (REQUESTS.tag, 2))), *data)
    assert not holds(has(compare(MEANING, "==", "x"), through(CODES, (REQUESTS.tag, 1))), *data)
    count = replace(through(CODES, (REQUESTS.tag, 2)), type=ValueType.DECIMAL, view=View.COUNT)
    assert holds(compare(count, "==", 2), *data)
    assert holds(compare(through(count, (REQUESTS.tag, 9)), "==", 0), *data)


def test_private_sequences():
    field = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00190002, "SQ", creator="C")
    inside = Field(Source.ELEMENT, ValueType.TEXT, 0x00190003, "LO", creator="D")
    reserved = [Raw(0x00190010, "LO", b"B "), Raw(0x00190011, "LO", b"C ")]
    inner = Item((Raw(0x00190020, "LO", b"D "), Raw(0x00192003, "UN", b"x ")))
    elements = [*reserved, Raw(0x00191102, "SQ", Series((inner,)))]
    stepped = replace(inside, steps=(Step(0x00190002, 1, "C"),))
    for encoding in PLAIN:
        assert holds(has(compare(inside, "==", "x"), field), *elements, encoding=encoding)
        assert holds(compare(stepped, "==", "x"), *elements, encoding=encoding)
        assert not holds(has(TRUE, field), Raw(0x00191002, "SQ", Series((inner,))))


# What items take from around them -----------------------------------------------------------------

UTF_8 = Raw(0x00080005, "CS", b"ISO_IR 192")
LATIN = Raw(0x00080005, "CS", b"ISO_IR 100")
UMLAUT = compare(STEP_ID, "==", "\u00fc")


@pytest.mark.parametrize(
    ("outside", "inside", "found"),
    [
        ([UTF_8], [], True),
        ([UTF_8], [LATIN], False),
        ([LATIN], [UTF_8], True),
        ([], [UTF_8], True),
        ([], [], False),
        ([UTF_8], [Raw(0x00080005, "CS", b"")], True),  # an empty one inherits
        ([UTF_8], [Raw(0x00080005, "CS", b" \\ ")], True),
        ([UTF_8], [Raw(0x00080005, "OB", b"ISO_IR 100")], True),
        ([UTF_8], [Raw(0x00080005, "CS", b"nonsense")], False),
    ],
)
def test_the_character_set_of_an_item(outside, inside, found):
    raw = step_id(b"\xc3\xbc")
    for encoding in (EXPLICIT, BIG):
        data = [*outside, requests(item(*inside, raw))]
        assert holds(has(UMLAUT), *data, encoding=encoding) == found
        middle = Item((*outside, Raw(CODES.tag, "SQ", Series((item(*inside, raw),)))))
        assert holds(has(has(UMLAUT, CODES)), requests(middle), encoding=encoding) == found


def test_a_sequence_before_the_character_set_does_not_inherit_it():
    early = Field(Source.ELEMENT, ValueType.SEQUENCE, 0x00041220, "SQ")
    raw = Raw(early.tag, "SQ", Series((item(step_id(b"\xc3\xbc")),)))
    assert not holds(has(UMLAUT, early), raw, UTF_8)
    level = mentioned([has(UMLAUT, early)])
    assert set(level.plain) == {early.tag}
    assert set(level.opened[early.tag].plain) == {STEP_ID.tag, 0x00080005}


@pytest.mark.parametrize(
    ("sequence", "outside", "inside", "found"),
    [
        (0x00283000, b"\1\0", None, True),
        (0x00283000, b"\0\0", None, False),
        (0x00283000, b"\0\0", b"\1\0", True),
        (0x00283000, b"\1\0", b"\0\0", False),
        (0x00283000, b"\1\0", b"", True),
        (0x00080096, b"\1\0", None, False),  # it comes before Pixel Representation
    ],
)
def test_pixel_representation_of_an_item(sequence, outside, inside, found):
    value = element(0x00283006, "US or SS")
    own = [] if inside is None else [Raw(0x00280103, "US", inside)]
    raw = Raw(sequence, "SQ", Series((item(*own, Raw(value.tag, "OW", b"\xff\xff")),)))
    elements = sorted([raw, Raw(0x00280103, "US", outside)], key=lambda each: each.tag)
    test = has(compare(value, "==", -1), replace(REQUESTS, tag=sequence))
    assert holds(test, *elements, encoding=IMPLICIT) == found


def test_what_is_tested_where():
    test = And((has(And((IS_CT, has(UMLAUT, CODES)))), is_state(LAST, State.VALUED)))
    level = mentioned([test])
    assert set(level.plain) == {0x00080005, REQUESTS.tag, LAST.tag}
    items = level.opened[REQUESTS.tag]
    assert set(items.plain) == {0x00080005, CODES.tag, STEP_ID.tag}
    assert set(items.opened[CODES.tag].plain) == {0x00080005, STEP_ID.tag}
    assert mentioned([is_state(REQUESTS, BLANK)]).opened == {}
    alone = mentioned([has(TRUE)])
    assert alone.opened == {REQUESTS.tag: Level()}


# The walk -----------------------------------------------------------------------------------------

LEVEL = mentioned([has(IS_CT), is_state(LAST, State.VALUED)])
END = encode([Raw(LAST.tag, "CS", b"ok")], EXPLICIT)


def opened(body: bytes, length=None, *, end=END, level=LEVEL):
    """Read a sequence with these bytes, and an element behind it."""
    length = len(body) if length is None else length
    data = header(REQUESTS.tag, "SQ", length, explicit=True) + body + end
    return read(data, EXPLICIT, level)


CT = encode([step_id(b"CT")], EXPLICIT)
BEFORE = encode([Raw(0x00400007, "LO", b"head")], EXPLICIT)
BEHIND = encode([Raw(0x00400010, "LO", b"tail")], EXPLICIT)
UNDEFINED = 0xFFFFFFFF
ITEM_END = delimiter(0xFFFEE00D, 0)
SERIES_END = delimiter(0xFFFEE0DD, 0)


def begin(length):
    return delimiter(0xFFFEE000, length)


def whole(body):
    return begin(len(body)) + body


@pytest.mark.parametrize(
    ("body", "length", "ids"),
    [
        (whole(CT), None, [b"CT"]),
        (whole(CT) + whole(b""), None, [b"CT", None]),
        (whole(BEFORE + CT + BEHIND), None, [b"CT"]),
        (begin(UNDEFINED) + CT + ITEM_END, None, [b"CT"]),
        (begin(UNDEFINED) + BEFORE + CT + BEHIND + ITEM_END, None, [b"CT"]),
        (begin(UNDEFINED) + BEHIND + CT + ITEM_END, None, [None]),  # out of order: not seen
        (begin(UNDEFINED) + ITEM_END, None, [None]),
        (whole(CT) + SERIES_END, UNDEFINED, [b"CT"]),
        (SERIES_END, UNDEFINED, []),
        (whole(CT) + SERIES_END, None, [b"CT"]),  # a delimiter ends a defined length too
        (whole(CT) + SERIES_END + b"junk", None, [b"CT"]),
        (whole(CT + ITEM_END), None, [b"CT"]),  # behind the stop
        (whole(CT + b"junk!"), None, [b"CT"]),
        (whole(BEFORE + ITEM_END + CT), None, [None]),  # a delimiter lies above all
        (whole(CT + CT), None, [b"CT"]),
        (whole(BEHIND + b"??"), None, [None]),
    ],
)
def test_items_and_their_elements(body, length, ids):
    reading = opened(body, length)
    assert reading.damage is None, reading.reason
    assert set(reading.elements) >= {LAST.tag}
    found = reading.elements[REQUESTS.tag]
    assert found.items == len(ids)
    values = [each.get(STEP_ID.tag) for each in found.opened]
    assert [each and each.value for each in values] == ids


@pytest.mark.parametrize(
    ("body", "length", "damage"),
    [
        (whole(CT) + b"\xfe\xff\0", None, Damage.PAST),  # the next header does not fit
        (whole(CT) + encode([Raw(0x00080008, "CS", b"ab")], EXPLICIT), None, Damage.DELIMITER),
        (whole(CT) + ITEM_END, None, Damage.DELIMITER),
        (begin(100) + CT, None, Damage.PAST),
        (begin(len(CT) - 1) + CT, None, Damage.PAST),  # the element reaches past its item
        (begin(len(CT) - 3) + CT[:-3], None, Damage.PAST),
        (begin(5) + CT[:5], None, Damage.PAST),
        (begin(3) + CT[:3], None, Damage.PAST),
        (begin(UNDEFINED) + CT, None, Damage.PAST),  # no delimiter before the bound
        (begin(UNDEFINED) + CT + ITEM_END[:5], None, Damage.PAST),
        (begin(UNDEFINED) + CT + begin(0), None, Damage.DELIMITER),
        (begin(UNDEFINED) + CT + SERIES_END, None, Damage.DELIMITER),
        (begin(UNDEFINED) + BEHIND[:4] + b"??", None, Damage.PAST),
        (begin(UNDEFINED) + BEHIND[:4] + b"??\0\0" + ITEM_END, None, Damage.VR),
        (whole(BEFORE[:4] + b"??\0\0"), None, Damage.VR),
        (whole(CT) + begin(UNDEFINED), UNDEFINED, Damage.CUT),
        (CT, UNDEFINED, Damage.DELIMITER),
    ],
)
def test_damage_in_items(body, length, damage):
    reading = opened(body, length)
    assert reading.damage is damage
    assert reading.place == REQUESTS.tag
    assert "(0040,0275)" in reading.reason


@pytest.mark.parametrize(
    ("body", "length", "damage"),
    [
        (whole(CT), 500, Damage.CUT),
        (b"\xfe\xff\0\xe0", 500, Damage.CUT),
        (b"\xfe\xff", 500, Damage.CUT),
        (b"", 500, Damage.CUT),
        (whole(BEHIND)[:-1], 500, Damage.CUT),
        (begin(600) + CT, 500, Damage.PAST),  # known before the data end
        (begin(UNDEFINED) + CT, UNDEFINED, Damage.CUT),
        (whole(CT), UNDEFINED, Damage.CUT),
    ],
)
def test_data_that_end_in_a_sequence(body, length, damage):
    assert opened(body, length, end=b"").damage is damage


def test_the_bound_is_asked_inside_of_sequences_that_are_not_opened():
    """A sequence inside the item that nobody asks: its parts may not leave the item either."""
    inner = header(0x00400001, "SQ", UNDEFINED, explicit=True) + begin(50) + b"x" * 50 + SERIES_END
    assert opened(whole(inner + CT)).damage is None
    assert opened(begin(30) + (inner + CT)[:30]).damage is Damage.PAST
    assert opened(begin(len(inner) - 4) + inner[:-4]).damage is Damage.PAST


def test_without_tested_tags_items_are_only_counted():
    level = mentioned([has(TRUE), is_state(LAST, State.VALUED)])
    rubbish = whole(b"???") + whole(b"")
    assert opened(rubbish, level=level).elements[REQUESTS.tag].items == 2
    undefined = begin(UNDEFINED) + BEFORE[:4] + b"??\0\0" + ITEM_END
    assert opened(undefined, level=level).damage is Damage.VR


def test_a_sequence_of_which_only_the_state_is_asked_is_jumped_over():
    level = mentioned([is_state(REQUESTS, State.VALUED), is_state(LAST, State.VALUED)])
    assert opened(begin(100) + b"???", level=level).damage is None


def test_the_limit_of_values_in_items():
    large = Raw(STEP_ID.tag, "UT", b"x" * 65_538)
    assert opened(whole(encode([large], EXPLICIT))).damage is Damage.VALUE
    other = encode([Raw(0x00400007, "UT", b"x" * 65_538)], EXPLICIT)
    assert opened(whole(other + CT)).damage is None
    twice = encode([step_id(b"CT"), large], EXPLICIT)
    assert opened(whole(twice)).damage is None


def test_items_and_their_elements_are_counted():
    level = mentioned([has(IS_CT)])
    fill = encode([Raw(0x00400007, "LO")], EXPLICIT)

    def damage(number):
        return opened(whole(fill * number + CT), end=b"", level=level).damage

    assert damage(20_000 - 3) is None
    assert damage(20_000 - 2) is Damage.COUNT
    assert opened(whole(CT + fill * 30_000), end=b"", level=level).damage is None


@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("defined", [True, False])
def test_depth(encoding, defined):
    """Sequences that are opened count as those that are only passed."""
    steps = tuple((CODES.tag, 1) for _ in range(40))

    def nested(depth):
        raw = step_id(b"CT")
        for _ in range(depth):
            raw = Raw(CODES.tag, "SQ", Series((Item((raw,), defined),), defined))
        return encode([raw], encoding)

    for depth, damage in ((32, None), (33, Damage.DEPTH)):
        level = mentioned([compare(through(STEP_ID, *steps[:depth]), "==", "CT")])
        assert read(nested(depth), encoding, level).damage is damage
    half = mentioned([compare(through(STEP_ID, *steps[:5]), "==", "CT")])
    below = None if defined else Damage.DEPTH
    assert read(nested(33), encoding, half).damage is below


def test_a_deflated_object_is_walked_alike():
    plain = encode([requests(item(step_id(b"CT")))], EXPLICIT)
    assert decide(has(IS_CT), deflate(plain), Encoding.DEFLATED).verdict == "route"


@given(st.binary(max_size=80), st.sampled_from([0, 8, 20, 40, 200, UNDEFINED]))
def test_any_bytes_of_a_sequence(body, length):
    for encoding in PLAIN:
        vr_length = header(REQUESTS.tag, "SQ", length, explicit=encoding is not IMPLICIT)
        reading = read(vr_length + body, encoding, LEVEL)
        assert reading.damage is None or reading.reason


@given(st.lists(st.lists(st.sampled_from([b"CT", b"MR", b""]), max_size=2), max_size=3))
def test_has_is_any_and_all_over_items(items):
    """However it is encoded, with lengths or delimiters, as SQ or UN."""
    elements = [item(*(step_id(value) for value in values)) for values in items]
    wanted = [values[:1] == [b"CT"] for values in items]  # a repeated element is not seen
    expected = {
        "any": any(wanted),
        "all": bool(wanted) and all(wanted),
        "no": not any(wanted),
    }
    for defined in (True, False):
        made = [replace(each, defined=defined) for each in elements]
        for quantifier, result in expected.items():
            for encoding in PLAIN:
                raw = requests(*made, defined=defined)
                assert holds(has(IS_CT, quantifier=quantifier), raw, encoding=encoding) == result
