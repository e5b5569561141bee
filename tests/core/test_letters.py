"""Text that is decoded and folded without Python is what Python makes of it."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roteiro.core import build
from roteiro.core import matcher as engine
from roteiro.core.letters import decoded
from roteiro.core.names import folded
from roteiro.core.program import (
    Among,
    Encoding,
    Envelope,
    Field,
    Program,
    Some,
    Source,
    Test,
    ValueType,
)
from roteiro.core.text import character_set, decode

NATIVE = (b"", b"ISO_IR 6", b"ISO_IR 100", b" ISO_IR 100 ", b"ISO_IR 192", b"ISO 2022 IR 100",
          b"ISO_IR 100\\ISO 2022 IR 87", b"ISO_IR 192\\ISO_IR 100", b"no term", b"\\ ")  # fmt: skip
FOR_PYTHON = (b"ISO_IR 101", b"GB18030", b"GBK", b"ISO 2022 IR 87", b"\\ISO 2022 IR 87",
              b"ISO_IR 13", b"ISO 2022 IR 6\\ISO 2022 IR 100")  # fmt: skip
LETTERS = st.one_of(
    st.characters(max_codepoint=0x52F),
    st.sampled_from("aßµÿŉİǰ\u017fȺΐͅ\u0301漢字山田가힣かカヴー\ufffd\U0001f600ﬀ\u2126≠=^ \0"),
    st.characters(min_codepoint=0x3000, max_codepoint=0xD7FF),
)
TEXTS = st.text(LETTERS, max_size=12)
BYTES = st.one_of(
    st.binary(max_size=16),
    TEXTS.map(lambda text: text.encode("utf-8", "replace")),
    TEXTS.map(lambda text: text.encode("latin-1", "replace")),
    st.builds(
        lambda text, place, byte: text[:place] + byte + text[place:],
        TEXTS.map(lambda text: text.encode("utf-8", "replace")),
        st.integers(0, 20),
        st.binary(min_size=1, max_size=2),
    ),
)


def by_python(data: bytes, declared: bytes) -> str:
    return decode(data, character_set(declared), "LT", split=False)


def nfc(text: str) -> str:
    from unicodedata import normalize  # noqa: PLC0415

    return normalize("NFC", text)


@given(BYTES, st.sampled_from(NATIVE + FOR_PYTHON))
@example(b"\xc3\xa9\xe2\x82\xac\xff\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80\xe0\x80\x80", b"ISO_IR 192")
def test_native_text_is_what_python_makes(data: bytes, declared: bytes) -> None:
    found = decoded(data, declared)
    if found is not None:
        text = nfc(by_python(data, declared))
        assert found == (text, folded(text))


@given(st.text(st.characters(max_codepoint=0x52F), max_size=12))
def test_text_below_the_marks_is_native(text: str) -> None:
    if all(not 0x300 <= ord(letter) < 0x370 for letter in text) and nfc(text) == text:
        simple = all(not 0x483 <= ord(letter) <= 0x487 for letter in text)
        assert (decoded(text.encode(), b"ISO_IR 192") is not None) == simple


def test_every_letter_alone() -> None:
    found = native = 0
    for number in (*range(0xD800), *range(0xE000, 0x10000), 0x1F600):
        letter = chr(number)
        answer = decoded(letter.encode(), b"ISO_IR 192")
        found += 1
        if answer is not None:
            native += 1
            assert answer == (nfc(letter), folded(letter)), hex(number)
    assert 30_000 < native < found


@pytest.mark.parametrize("first", ["가", "か", "字", "A", "é", "я"])
@pytest.mark.parametrize("mark", ["\u0301", "\u3099", "\u11a8", "\u0338", "\u09be"])
def test_what_composes_is_for_python(first: str, mark: str) -> None:
    assert decoded((first + mark).encode(), b"ISO_IR 192") is None


@pytest.mark.parametrize("declared", FOR_PYTHON)
def test_other_repertoires_are_for_python(declared: bytes) -> None:
    assert decoded(b"M\xfcller", declared) is None
    assert decoded(b"Muller", declared) == ("Muller", "muller")


def test_escapes_are_for_python_where_they_mean_something() -> None:
    assert decoded(b"a\x1b(Bb", b"ISO_IR 100\\ISO 2022 IR 87") is None
    assert decoded(b"a\x1b(Bb", b"ISO_IR 100") == ("a\x1b(Bb", "a\x1b(bb")


# --- which way a decision takes -----------------------------------------------------------------

STUDY = Field(Source.ELEMENT, ValueType.TEXT, 0x00081030, "LO")
NAME = Field(Source.ELEMENT, ValueType.NAME, 0x00100010, "PN")
FAMILY = Field(Source.ELEMENT, ValueType.TEXT, 0x00100010, "PN", component="alphabetic.family")
TESTS: tuple[Test, ...] = (
    Some(0, Among((), (), ("crânio",))),
    Some(1, Among((), (), ("mãe^ana=山田",))),
    Some(2, Among(("Mãe",))),
)


@pytest.mark.parametrize(
    ("declared", "codec", "asked"),
    [("ISO_IR 100", "latin-1", 0), ("ISO_IR 192", "utf-8", 0), ("ISO_IR 144", "iso8859_5", 1)],
)
def test_python_is_asked_only_for_other_repertoires(
    tests_program: Callable[..., Program], explicit: object, declared: str, codec: str, asked: int
) -> None:
    matcher = build(tests_program((STUDY, NAME, FAMILY), TESTS))
    data = (
        explicit.element(0x00080005, "CS", declared.encode())
        + explicit.element(0x00081030, "LO", "CRÂNIO".encode(codec, "replace"))
        + explicit.element(0x00100010, "PN", "MÃE^Ana=山田".encode(codec, "replace"))
        + explicit.element(0x00100020, "LO", b"1")
    )
    data = data if asked == 0 else data.replace(b"CR", b"\xd0R")
    matcher.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    assert matcher.slow == asked


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, MemoryError, ZeroDivisionError])
def test_what_python_raises_reaches_who_asked(
    raised: type[BaseException],
    tests_program: Callable[..., Program],
    explicit: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A signal may come while Python decodes: no decision is made of half an answer."""

    def fail(*_: object) -> None:
        raise raised

    patient = Field(Source.ELEMENT, ValueType.TEXT, 0x00100020, "LO")
    compiled = build(tests_program((patient,), (Some(0, Among(("Люк",))),)))
    data = explicit.element(0x00080005, "CS", b"ISO_IR 144")
    data += explicit.element(0x00100020, "LO", b"\xbb\xee\xda ")
    monkeypatch.setattr(engine, "text_parts", fail)
    with pytest.raises(raised):
        compiled.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    monkeypatch.undo()
    outcome = compiled.decide(data, Encoding.EXPLICIT_LITTLE, Envelope())
    assert outcome is not None
    assert "t.0" in outcome.decision.rules
