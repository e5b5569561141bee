"""Association requests are judged before pynetdicom reads them."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_RQ

from roteiro.runtime.association.request import BadRequestError, Cleaned, clean, read_titles
from tests.association.parts import CT, EXPLICIT, associate_rq, context, item, pdu, usual_rq


def read(data: bytes) -> A_ASSOCIATE_RQ:
    made = A_ASSOCIATE_RQ()
    made.decode(data)
    return made


def test_a_good_request_is_left_alone() -> None:
    assert clean(usual_rq()) == Cleaned(usual_rq(), {})


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (b"CT1", "CT1"),
        (b" CT 1  ", "CT 1"),
        (b"CT1\0\0\0", "CT1"),
        (b"K\xd6LN", "KÖLN"),
        (b"A\nB", "A\nB"),
        (b"", ""),
        (b"ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"),
    ],
)
def test_titles_are_read_as_they_came_and_pynetdicom_can_read_the_rest(
    raw: bytes, title: str
) -> None:
    request = usual_rq(calling=raw, called=raw)
    titles = read_titles(request)
    assert (titles.calling_ae, titles.called_ae, titles.version) == (title, title, 1)
    read(clean(request).pdu).to_primitive()


def test_items_that_nobody_knows_are_ignored() -> None:
    extra = item(0x77, b"vendor") + item(0x5F, b"vendor")
    odd_context = item(
        0x20,
        bytes((1, 0, 0, 0))
        + item(0x30, CT.encode())
        + item(0x40, EXPLICIT.encode())
        + item(0x41, b"?"),
    )
    request = associate_rq(odd_context, item(0x99, b"vendor"), extra=extra)
    primitive = read(clean(request).pdu).to_primitive()
    assert [str(c.abstract_syntax) for c in primitive.presentation_context_definition_list] == [CT]


@pytest.mark.parametrize(
    ("extra", "kept"),
    [
        (item(0x54, b"\0\3" + b"1.2" + b"\1\1"), True),
        (item(0x54, b"\0\3" + b"1.x" + b"\1\1"), False),
        (item(0x54, b"\0\3" + b"1.2" + b"\1\2"), False),
        (item(0x54, b"\0\3" + b"1.2" + b"\1"), False),
        (item(0x54, b"\0\3" + b"1.2" + b"\1\0\0"), False),
        (item(0x54, b"\xff\xff" + b"1.2"), False),
        (item(0x56, b"\0\3" + b"1.2" + b"\xff\xff"), True),
        (item(0x56, b""), False),
        (item(0x57, b"\0\0031.2\0\0031.3\0\0"), True),
        (item(0x57, b"\0\0031.2\0\0031.3\0\5\0\0031.4"), True),
        (item(0x57, b"\0\0031.2\0\0031.3\0\5\0\0031."), False),
        (item(0x57, b"\0\0031.2"), False),
        (item(0x51, b"\0\0\1"), False),
        (item(0x53, b"\0\1\0\1"), True),
        (item(0x53, b"\0\1\0\1\0"), False),
        (item(0x52, b"1.2.3"), True),
        (item(0x52, b"not a uid"), False),
        (item(0x55, b"MAKER 1.2"), True),
        (item(0x55, b"MAKER\0"), False),
        (item(0x55, b"MAKER_1\\2"), False),
        (item(0x55, b"  "), False),
        (item(0x55, b"X" * 17), False),
        (item(0x58, b"\1\0\0\4user\0\0"), True),
        (item(0x58, b"\2\1\0\4user\0\4word"), True),
        (item(0x58, b"\0" + b"21"), False),
        (item(0x58, b"\1\0"), False),
        (item(0x58, b"\1\0\0\4user\0"), False),
        (item(0x58, b"\1\0\0\4user\0\0x"), False),
        (item(0x58, b"\1\0\0\5user"), False),
        (item(0x59, b"\0\2ok"), True),
        (item(0x59, b"\0\3ok"), False),
        (item(0x59, b""), False),
    ],
)
def test_user_information_that_cannot_be_read_is_ignored(extra: bytes, kept: bool) -> None:
    assert (extra in clean(usual_rq(extra=extra)).pdu) is kept


def test_uids_that_break_the_rules_a_little_are_kept_apart() -> None:
    request = associate_rq(context(1, "1.2.03", EXPLICIT, "1.04"), context(3, CT, "1..2"))
    cleaned = clean(request)
    assert cleaned.odd == {1: "1.2.03"}
    contexts = read(cleaned.pdu).to_primitive().presentation_context_definition_list
    assert [str(c.abstract_syntax) for c in contexts] == ["2.25.1", CT]
    assert [[str(s) for s in c.transfer_syntax] for c in contexts] == [[EXPLICIT], ["2.25.0"]]


def test_only_bit_0_of_the_version_counts() -> None:
    assert read(clean(usual_rq(version=0x8003)).pdu).protocol_version == 1
    assert read(clean(usual_rq(version=2)).pdu).protocol_version == 0


def many(count: int, first: int = 1) -> list[bytes]:
    return [context((first + 2 * n) % 256, CT, EXPLICIT) for n in range(count)]


BAD = {
    "no context": associate_rq(),
    "context 0": associate_rq(context(0, CT, EXPLICIT)),
    "an even context": associate_rq(context(2, CT, EXPLICIT)),
    "a context twice": associate_rq(context(1, CT, EXPLICIT), context(1, CT, EXPLICIT)),
    "129 contexts": associate_rq(*many(129)),
    "no transfer syntax": associate_rq(context(1, CT)),
    "65 transfer syntaxes": associate_rq(context(1, CT, *[EXPLICIT] * 65)),
    "no abstract syntax": associate_rq(item(0x20, bytes((1, 0, 0, 0)) + item(0x40, b"1.2"))),
    "two abstract syntaxes": associate_rq(
        item(0x20, bytes((1, 0, 0, 0)) + item(0x30, b"1.2") * 2 + item(0x40, b"1.2"))
    ),
    "a uid of 65": associate_rq(context(1, "1" * 65, EXPLICIT)),
    "an empty uid": associate_rq(context(1, "", EXPLICIT)),
    "a uid with letters": associate_rq(context(1, "1.2.x", EXPLICIT)),
    "a context without its four bytes": associate_rq(item(0x20, b"\1")),
    "an item past the end": pdu(1, usual_rq()[6:] + b"\x20\0\xff\xff\1"),
    "half an item header": pdu(1, usual_rq()[6:] + b"\x20\0"),
    "a sub-item past its item": associate_rq(
        item(0x20, bytes((1, 0, 0, 0)) + b"\x30\0\xff\xff1.2")
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_request_that_breaks_the_rules_is_refused(name: str) -> None:
    with pytest.raises(BadRequestError):
        clean(BAD[name])


def test_128_contexts_are_allowed() -> None:
    read(clean(associate_rq(*many(128))).pdu)


def test_64_kib_of_items_cost_nothing() -> None:
    flood = item(0x77, b"") * 16000
    assert len(clean(pdu(1, usual_rq()[6:] + flood)).pdu) == len(usual_rq())


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_damage_is_refused_or_read(data: st.DataObject) -> None:
    raw = bytearray(usual_rq())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(6, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(74, len(raw)))
    raw = raw[:cut]
    raw[2:6] = struct.pack(">I", len(raw) - 6)
    try:
        cleaned = clean(bytes(raw)).pdu
    except BadRequestError:
        return
    assert len(cleaned) <= len(raw) + 40
    assert clean(cleaned) == Cleaned(cleaned, {})
