"""Study and series of an object, from the bytes as they come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core.identity import identify
from roteiro.core.program import DEPTH_LIMIT, Encoding

from generators.encode import Item, Raw, Series, encode  # isort: skip

STUDY, SERIES = 0x0020000D, 0x0020000E
BEFORE = (Raw(0x00080060, "CS", b"CT"), Raw(0x00100010, "PN", b"A^B "))
AFTER = (Raw(0x00280010, "US", b"\0\2"), Raw(0x7FE00010, "OW", bytes(64)))
EVERY = pytest.mark.parametrize("encoding", list(Encoding))


def data_set(study: bytes, series: bytes, encoding: Encoding, *more: Raw) -> bytes:
    own = (Raw(STUDY, "UI", study), Raw(SERIES, "UI", series))
    return encode((*BEFORE, *more, *own, *AFTER), encoding)


@EVERY
@given(study=st.integers(0, 10**40), padded=st.sampled_from([b"\0", b" ", b""]))
@settings(max_examples=20, deadline=None)
def test_both_are_found_in_every_encoding(encoding: Encoding, study: int, padded: bytes) -> None:
    uid = f"1.2.{study}"
    data = data_set(uid.encode() + padded, b"1.2.5", encoding)
    assert identify(data, encoding) == (uid, "1.2.5")


@EVERY
def test_items_before_and_within_are_not_taken_for_it(encoding: Encoding) -> None:
    inner = Item((Raw(STUDY, "UI", b"9.9"), Raw(SERIES, "UI", b"8.8")), defined=False)
    sequence = Raw(0x00081115, "SQ", Series((inner, inner), defined=False))
    assert identify(data_set(b"1.2", b"3.4", encoding, sequence), encoding) == ("1.2", "3.4")
    assert identify(encode((sequence, *AFTER), encoding), encoding) == ("", "")


@EVERY
def test_a_prefix_says_nothing_or_the_truth(encoding: Encoding) -> None:
    data = data_set(b"1.2.826.0.1", b"1.2.826.0.2", encoding)
    answers = [identify(data[:size], encoding, complete=False) for size in range(len(data) + 1)]
    assert answers[0] is None
    assert set(answers) == {None, ("1.2.826.0.1", "1.2.826.0.2")}
    known = [answer is not None for answer in answers]
    assert known == sorted(known)


@pytest.mark.parametrize(
    "study", [b"", b"1.2\\3.4", b"1.2.x", b"\xff\xfe", b"1" * 65, b"1." * 40_000, b"1 2"]
)
def test_what_is_no_uid_is_none(study: bytes) -> None:
    data = data_set(study, b"1.2.5", Encoding.IMPLICIT_LITTLE)
    found = identify(data, Encoding.IMPLICIT_LITTLE)
    assert found is not None
    assert found[0] == ""
    assert found[1] in {"1.2.5", ""}


def test_damage_before_it_gives_none() -> None:
    deep: Series = Series((Item((), defined=False),), defined=False)
    for _ in range(DEPTH_LIMIT + 1):
        deep = Series((Item((Raw(0x00081115, "SQ", deep),), defined=False),), defined=False)
    encoding = Encoding.EXPLICIT_LITTLE
    data = data_set(b"1.2", b"3.4", encoding, Raw(0x00081115, "SQ", deep))
    assert identify(data, encoding) == ("", "")
    only_study = encode((Raw(STUDY, "UI", b"1.2"),), encoding)
    assert identify(only_study + b"\x20\x00\x0e\x00UI", encoding) == ("1.2", "")
    assert identify(b"", encoding) == ("", "")


@given(st.binary(max_size=400), st.sampled_from(list(Encoding)))
@settings(max_examples=300, deadline=None)
def test_any_bytes_have_an_answer(data: bytes, encoding: Encoding) -> None:
    found = identify(data, encoding)
    assert found is not None
    for uid in found:
        assert set(uid) <= set("0123456789.")
        assert len(uid) <= 64
    early = identify(data, encoding, complete=False)
    assert early in {None, found}
