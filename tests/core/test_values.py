"""Bytes to states and values: normalisation, VR oddities, character sets (docs/reading.md, 5-8)."""

import struct
from collections.abc import Callable
from decimal import Decimal

import pytest

from roteiro.core.program import (
    Among,
    Encoding,
    Envelope,
    Every,
    Field,
    InState,
    Pattern,
    PatternKind,
    Program,
    Some,
    Source,
    State,
    Test,
    ValueType,
)

ELEMENT = Source.ELEMENT
TAG = 0x00100020
TEXT_TAG, PIXELS = 0x00080005, 0x00280103
TYPES = {
    **dict.fromkeys(("AE", "CS", "SH", "LO", "UC", "ST", "LT", "UT", "UR"), ValueType.TEXT),
    **dict.fromkeys(("DS", "IS", "US", "SS", "UL", "SL", "UV", "SV", "FL"), ValueType.DECIMAL),
    **dict.fromkeys(("FD", "US or SS", "US or OW", "US or SS or OW"), ValueType.DECIMAL),
    "DA": ValueType.DATE,
    "TM": ValueType.TIME,
    "UI": ValueType.UID,
}
STATES = {
    "absent": State.ABSENT,
    "empty": State.EMPTY,
    "invalid": State.INVALID,
    "valued": State.VALUED,
}


class Probe:
    """One field: in which state is it, and which of some values does it have?"""

    def __init__(self, both: Callable[..., object], program: Callable[..., Program]) -> None:
        self.both = both
        self.program = program

    def state(self, vr: str, data: bytes, encoding: Encoding, tag: int = TAG) -> str:
        found = []
        for kind in {TYPES.get(vr, ValueType.STATE_ONLY), ValueType.STATE_ONLY}:
            tests = [InState(0, state) for state in STATES.values()]
            twins = self.both(self.program((Field(ELEMENT, kind, tag, vr),), tests))
            found.append(twins.fired(data, encoding))
        assert found[0] == found[-1], "a state does not depend on what is asked"
        (place,) = found[0]
        return list(STATES)[int(place)] if place.isdigit() else place

    def values(
        self, vr: str, data: bytes, encoding: Encoding, candidates: tuple[object, ...]
    ) -> set[object]:
        tests: list[Test] = [Some(0, Among((candidate,))) for candidate in candidates]
        field = Field(ELEMENT, TYPES[vr], TAG, vr)
        fired = self.both(self.program((field,), tests)).fired(data, encoding)
        return {candidates[int(place)] for place in fired}


@pytest.fixture
def probe(both: Callable[..., object], tests_program: Callable[..., Program]) -> Probe:
    return Probe(both, tests_program)


STATE_OF = [
    # VR, value, state
    ("CS", b"", "empty"),
    ("CS", b"  ", "empty"),
    ("CS", b" \\ \\", "empty"),
    ("CS", b"\0\0", "empty"),
    ("CS", b"\\A", "valued"),
    ("CS", b"\xff", "valued"),  # text never becomes invalid by its bytes
    ("LT", b"\\", "valued"),  # never split: a backslash is a character
    ("LT", b"  \0", "empty"),
    ("UT", b" ", "empty"),
    ("PN", b"^^", "empty"),
    ("PN", b" = ^ ", "empty"),
    ("PN", b"^A", "valued"),
    ("PN", b"^^\\B", "valued"),
    ("DS", b"1.5", "valued"),
    ("DS", b" +2. ", "valued"),
    ("DS", b".5", "valued"),
    ("DS", b".", "invalid"),
    ("DS", b"1,5", "invalid"),
    ("DS", b"1 5", "invalid"),
    ("DS", b"1\\x", "invalid"),
    ("DS", b"1\\", "valued"),
    ("DS", b"1e3", "valued"),
    ("DS", b"1e", "invalid"),
    ("DS", b"1e+", "invalid"),
    ("DS", b"e3", "invalid"),
    ("DS", b"1e999999999", "valued"),
    ("DS", b"1e-000999999999", "valued"),
    ("DS", b"1e1000000000", "invalid"),
    ("DS", b"0x10", "invalid"),
    ("DS", b"nan", "invalid"),
    ("DS", b"+-1", "invalid"),
    ("DS", b"\xb2", "invalid"),  # a superscript two in Latin-1
    ("IS", b"5.0", "valued"),
    ("IS", b"1e3", "valued"),
    ("IS", b"--1", "invalid"),
    ("DS", b"9" * 60_000, "valued"),
    ("DA", b"20240229", "valued"),
    ("DA", b"20230229", "invalid"),
    ("DA", b"19000229", "invalid"),
    ("DA", b"20000229", "valued"),
    ("DA", b"00010101", "valued"),
    ("DA", b"00000101", "invalid"),
    ("DA", b"20241301", "invalid"),
    ("DA", b"20240431", "invalid"),
    ("DA", b"2024.01.31", "valued"),
    ("DA", b"2024.0131", "invalid"),
    ("DA", b"202401.31", "invalid"),
    ("DA", b"2024-01-31", "invalid"),
    ("DA", b"20240131  ", "valued"),
    ("DA", b" 20240131", "invalid"),
    ("DA", b"2024013", "invalid"),
    ("DA", b"20240131-", "invalid"),
    ("TM", b"12", "valued"),
    ("TM", b"1", "invalid"),
    ("TM", b"123", "invalid"),
    ("TM", b"1234", "valued"),
    ("TM", b"12345", "invalid"),
    ("TM", b"123456", "valued"),
    ("TM", b"123456.", "invalid"),
    ("TM", b"123456.1", "valued"),
    ("TM", b"123456.123456", "valued"),
    ("TM", b"123456.1234567", "invalid"),
    ("TM", b"1234.5", "invalid"),
    ("TM", b"12:34:56", "valued"),
    ("TM", b"12:34:56.789", "valued"),
    ("TM", b"12:34", "invalid"),
    ("TM", b"12:3456", "invalid"),
    ("TM", b"1234:56", "invalid"),
    ("TM", b"240000", "invalid"),
    ("TM", b"236000", "invalid"),
    ("TM", b"235960", "valued"),
    ("TM", b"235961", "invalid"),
    ("UI", b"1.2.840\0", "valued"),
    ("UI", b"1", "valued"),
    ("UI", b"1..2", "invalid"),
    ("UI", b".1", "invalid"),
    ("UI", b"1.", "invalid"),
    ("UI", b" 1.2", "invalid"),
    ("UI", b"1.2.x", "invalid"),
    ("UI", b"\0", "empty"),
    ("UI", b"1.2\\", "valued"),
    ("AS", b"018Y", "valued"),
    ("AS", b"18Y", "valued"),
    ("AS", b"8D ", "valued"),
    ("AS", b"Y", "invalid"),
    ("AS", b"0018Y", "invalid"),
    ("AS", b"018y", "invalid"),
    ("AS", b"018", "invalid"),
    ("DT", b"2024", "valued"),
    ("DT", b"20", "invalid"),
    ("DT", b"20241", "invalid"),
    ("DT", b"202402", "valued"),
    ("DT", b"202413", "invalid"),
    ("DT", b"2024022", "invalid"),
    ("DT", b"20240229", "valued"),
    ("DT", b"20240230", "invalid"),
    ("DT", b"2024022923", "valued"),
    ("DT", b"2024022924", "invalid"),
    ("DT", b"20240229235960.999999", "valued"),
    ("DT", b"20240229235960.", "invalid"),
    ("DT", b"2024022912:30:00", "invalid"),
    ("DT", b"2024+0100", "valued"),
    ("DT", b"20240229120000-1459", "valued"),
    ("DT", b"20240229120000-1500", "invalid"),
    ("DT", b"20240229120000+01", "invalid"),
    ("DT", b"20240229120000+0160", "invalid"),
    ("DT", b"+0100", "invalid"),
    ("AT", b"\0\0\0\0", "valued"),
    ("AT", b"\0\0\0", "invalid"),
    ("US", b"\1\2", "valued"),
    ("US", b"\1", "invalid"),
    ("UL", b"\1\2", "invalid"),
    ("FL", struct.pack("<f", 1.5), "valued"),
    ("FL", struct.pack("<f", float("nan")), "invalid"),
    ("FD", struct.pack("<d", float("-inf")), "invalid"),
    ("FD", struct.pack("<dd", 1, float("nan")), "invalid"),
    ("OB", b"\0", "valued"),
    ("UN", b"\0", "valued"),
    ("SQ", b"\xfe\xff\x00\xe0\0\0\0\0", "valued"),
    ("SQ", b"\xfe\xff\x00\xe0\0\0\0", "invalid"),
    ("SQ", b"\0" * 8, "invalid"),
]


@pytest.mark.parametrize(("vr", "value", "state"), STATE_OF, ids=lambda item: repr(item)[:24])
def test_state(
    probe: Probe, writer_of: Callable[[Encoding], object], vr: str, value: bytes, state: str
) -> None:
    for encoding in (Encoding.EXPLICIT_LITTLE, Encoding.IMPLICIT_LITTLE):
        data = writer_of(encoding).element(TAG, vr, value)
        assert probe.state(vr, data, encoding) == state
    # an explicit UN is read with the dictionary's VR, little endian (PS3.5 6.2.2)
    big = writer_of(Encoding.EXPLICIT_BIG)
    assert probe.state(vr, big.element(TAG, "UN", value), big.encoding) == state


def test_absent(probe: Probe) -> None:
    assert probe.state("CS", b"", Encoding.EXPLICIT_LITTLE) == "absent"


SENT_OTHERWISE = [
    # dictionary's VR, sent VR, value, state
    ("CS", "LO", b" A ", "valued"),
    ("LT", "CS", b"A\\B", "valued"),
    ("CS", "UI", b"1.2", "invalid"),
    ("UI", "CS", b"1.2", "invalid"),
    ("DS", "FD", struct.pack("<d", 1.5), "valued"),
    ("US", "IS", b"12", "valued"),
    ("US", "IS", b"x", "invalid"),
    ("DS", "LO", b"1.5", "invalid"),
    ("DA", "DT", b"20240131", "invalid"),
    ("DA", "LO", b"20240131", "invalid"),
    ("TM", "DA", b"20240131", "invalid"),
    ("CS", "OB", b"CT", "invalid"),
    ("CS", "OB", b"", "empty"),
    ("CS", "ZZ", b"CT", "invalid"),
    ("CS", "ZZ", b"", "empty"),
    ("CS", "SQ", b"", "empty"),
    ("OW", "OB", b"\0", "valued"),
    ("OW", "US", b"\0\0", "invalid"),
    ("OB or OW", "OB", b"\0", "valued"),
    ("US or OW", "US", b"\0\0", "valued"),
    ("UN", "LO", b" ", "empty"),
    ("UN", "LO", b"A", "valued"),
    ("UN", "DA", b"x", "invalid"),
    ("UN", "ZZ", b"x", "invalid"),
    ("UN", "US", b"x", "invalid"),
    ("SQ", "OB", b"\0", "invalid"),
]


@pytest.mark.parametrize(("vr", "sent", "value", "state"), SENT_OTHERWISE)
def test_sent_vr_differs(
    probe: Probe, explicit: object, *, vr: str, sent: str, value: bytes, state: str
) -> None:
    assert probe.state(vr, explicit.element(TAG, sent, value), explicit.encoding) == state


@pytest.mark.parametrize(
    "encoding", [Encoding.EXPLICIT_LITTLE, Encoding.IMPLICIT_LITTLE, Encoding.DEFLATED]
)
def test_series_where_a_value_is_expected(
    probe: Probe, writer_of: Callable[[Encoding], object], encoding: Encoding
) -> None:
    writer = writer_of(encoding)
    series = writer.series(TAG, "UN", writer.item())
    data = writer.finish(series)
    assert probe.state("LO", data, writer.encoding) == "invalid"
    assert probe.state("SQ", data, writer.encoding) == "valued"
    assert probe.state("OB", data, writer.encoding) == "valued"
    assert probe.state("LO", writer.finish(writer.series(TAG, "UN")), writer.encoding) == "empty"


VALUES_OF = [
    # VR, value, what it has, what it has not
    ("CS", b" CT \\MR", ("CT", "MR"), ("CT ", "ct", "CT \\MR")),
    ("UC", b" A ", (" A",), ("A", " A ")),
    ("LT", b" A\\B ", (" A\\B",), ("A", "B", "A\\B")),
    ("CS", b"A\0B\0 ", ("A\0B",), ("A", "AB")),
    ("CS", b"A\xc3\xa9", ("A\ufffd\ufffd",), ("A\xe9", "A")),
    ("UR", b"a\\b", ("a\\b",), ("a", "b")),
    ("UI", b"1.2\0\\1.02", ("1.2", "1.02"), ("1.2\0", "1.3")),
    ("DS", b" 1.50 \\-0", (Decimal("1.5"), Decimal(0)), (Decimal("-1.5"), Decimal(1))),
    ("DS", b"1e-3", (Decimal("0.001"),), (Decimal("0.0010000000000000000000000001"),)),
    ("IS", b"+05.0", (Decimal(5),), (Decimal(-5), Decimal(50))),
    ("DA", b"2024.02.29\\20240301", (20240229, 20240301), (20240228,)),
    ("TM", b"12\\1230\\123045.5", (43_200_000_000, 45_000_000_000, 45_045_500_000), (0,)),
    ("TM", b"235960", (86_400_000_000,), (0, 86_399_000_000)),
]


@pytest.mark.parametrize(("vr", "value", "has", "has_not"), VALUES_OF)
def test_values(
    probe: Probe, writer: object, *, vr: str, value: bytes, has: tuple, has_not: tuple
) -> None:
    data = writer.finish(writer.element(TAG, vr, value))
    assert probe.values(vr, data, writer.encoding, has + has_not) == set(has)


NUMBERS = {
    "US": ("H", (0, 1, 65_535)),
    "SS": ("h", (0, -1, 32_767, -32_768)),
    "UL": ("I", (0, 1, 2**32 - 1)),
    "SL": ("i", (-1, 2**31 - 1, -(2**31))),
    "UV": ("Q", (0, 1, 2**64 - 1)),
    "SV": ("q", (-1, 2**63 - 1, -(2**63))),
    "FL": ("f", (0.5, -1.25, 16_777_217.0, 0.1)),
    "FD": ("d", (0.5, -1.25, 0.1, 5e-324, 1.7976931348623157e308)),
}


@pytest.mark.parametrize(("vr", "code", "numbers"), [(vr, *rest) for vr, rest in NUMBERS.items()])
def test_binary_numbers(
    probe: Probe, writer: object, vr: str, code: str, numbers: tuple[float, ...]
) -> None:
    for number in numbers:
        (exact,) = struct.unpack(f"<{code}", struct.pack(f"<{code}", number))
        data = writer.finish(writer.element(TAG, vr, writer.numbers(code, 7, number)))
        value = Decimal(exact)
        near = (value + Decimal("0.1"), value * 2 + 1, -value - 1)
        assert probe.values(vr, data, writer.encoding, (value, Decimal(7), *near)) == {
            value,
            Decimal(7),
        }


@pytest.mark.parametrize(
    ("sent", "pixels", "has"),
    [
        ("UN", b"\1\0", -1),
        ("UN", b"\0\0", 65_535),
        ("UN", b"\1\0\0\0", -1),  # the first value counts
        ("UN", b"", 65_535),
        ("UN", b"\1", 65_535),  # invalid
        ("UN", None, 65_535),
        ("US", b"\1\0", 65_535),
        ("SS", b"\0\0", -1),
    ],
)
@pytest.mark.parametrize("vr", ["US or SS", "US or SS or OW"])
def test_pixel_representation_decides(
    probe: Probe, explicit: object, *, vr: str, sent: str, pixels: bytes | None, has: int
) -> None:
    tag = 0x00280106
    before = b"" if pixels is None else explicit.element(PIXELS, "US", pixels)
    data = before + explicit.element(tag, sent, b"\xff\xff")
    field = Field(ELEMENT, ValueType.DECIMAL, tag, vr)
    tests = [Some(0, Among((Decimal(number),))) for number in (-1, 65_535)]
    fired = probe.both(probe.program((field,), tests)).fired(data)
    assert fired == {"0" if has == -1 else "1"}


def test_pixel_representation_after_the_element_is_not_waited_for(
    probe: Probe, writer_of: Callable[[Encoding], object]
) -> None:
    writer = writer_of(Encoding.IMPLICIT_LITTLE)
    data = writer.element(TAG, "US", b"\xff\xff") + writer.element(PIXELS, "US", b"\1\0")
    field = Field(ELEMENT, ValueType.DECIMAL, TAG, "US or SS")
    twins = probe.both(probe.program((field,), [Some(0, Among((Decimal(-1),)))]))
    assert twins.fired(data, writer.encoding) == {"0"}
    assert twins.decide(data, writer.encoding).read.tags == 2


# --- character sets ------------------------------------------------------------------------------

TEXTS = [
    # Specific Character Set, bytes, text
    (None, b"Buc^J\xe9r", "Buc^J\ufffdr"),
    ("", b"A\xe9", "A\ufffd"),
    ("ISO_IR 6", b"A\xe9", "A\ufffd"),
    ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    ("iso_ir 100", b"\xe9", "\ufffd"),  # terms are compared exactly
    (" ISO_IR 100 ", b"\xe9", "é"),
    ("ISO_IR 101", b"\xb1", "ą"),
    ("ISO_IR 109", b"\xa1", "Ħ"),
    ("ISO_IR 110", b"\xa2", "ĸ"),
    ("ISO_IR 144", b"\xbb\xee\xda", "Люк"),
    ("ISO_IR 127", b"\xe2", "\u0642"),
    ("ISO_IR 127", b"\xa1", "\ufffd"),
    ("ISO_IR 126", b"\xc4", "Δ"),
    ("ISO_IR 138", b"\xf9", "\u05e9"),
    ("ISO_IR 148", b"\xfd", "\u0131"),
    ("ISO_IR 203", b"\xa4", "€"),
    ("ISO_IR 166", b"\xa1", "ก"),
    ("ISO_IR 13", b"\xd4~\xcf\xc0\xde", "ﾔ~ﾏﾀﾞ"),
    ("ISO_IR 13", b"\x80", "\ufffd"),
    ("ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
    ("ISO_IR 192", b"e\xcc\x81", "é"),  # NFC
    ("ISO_IR 192", b"\xe7\x8e", "\ufffd\ufffd"),
    ("ISO_IR 192", b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
    ("ISO_IR 192", b"\x1b(B", "\x1b(B"),  # no code extensions: a control character
    ("ISO_IR 192\\ISO 2022 IR 87", "é".encode(), "é"),
    ("GB18030", "王小东".encode("gb18030"), "王小东"),
    ("GB18030", b"\x81\x30\x81\x30\xff", "\x80\ufffd"),
    ("GBK", b"\x81\x5c", b"\x81\x5c".decode("gbk")),  # the second byte is no backslash
    ("GBK", b"\x81", "\ufffd"),
    ("no such set", b"A\xe9", "A\ufffd"),
    ("\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "山田^太郎"),
    ("ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf\x1b$B;3ED\x1b(J^", "ﾔﾏ山田^"),
    ("\\ISO 2022 IR 149", b"\x1b$)C\xb1\xe8", "김"),
    ("ISO 2022 IR 149", b"\xb1\xe8", "김"),
    ("\\ISO 2022 IR 58", b"\x1b$)A\xcd\xf5", "王"),
    ("\\ISO 2022 IR 159", b"\x1b$(D\x30\x21\x1b(B", b"\x8f\xb0\xa1".decode("euc_jp")),
    ("ISO 2022 IR 100\\ISO 2022 IR 144", b"\xe9\x1b-L\xbb", "éЛ"),
    ("ISO_IR 100\\ISO_IR 144", b"\xe9\x1b-L\xbb", "éЛ"),
    ("ISO_IR 100\\", b"\xe9\x1b(BA", "éA"),
    ("ISO_IR 100\\nonsense", b"\xe9\x1b-L\xbb", "é\ufffd-L»"),  # not declared
    ("\\ISO 2022 IR 87", b"\x1b$B;", "\ufffd"),  # half a pair
    ("\\ISO 2022 IR 87", b"\x1b$B\x29\x29", "\ufffd\ufffd"),  # a pair without a character
    ("\\ISO 2022 IR 87", b"\x1b$B;3\x0aED", "山\nED"),  # a control character sets back
    ("\\ISO 2022 IR 166", b"\x1b-T\xa1", "ก"),
    ("\\ISO 2022 IR 87", b"\xe9", "\ufffd"),  # nothing in G1
]


@pytest.mark.parametrize(("charset", "data", "text"), TEXTS)
def test_character_sets(
    probe: Probe, writer: object, charset: str | None, data: bytes, text: str
) -> None:
    elements = [writer.element(TAG, "LO", data)]
    if charset is not None:
        elements.insert(0, writer.element(TEXT_TAG, "CS", charset.encode()))
    dataset = writer.finish(*elements)
    candidates = tuple(dict.fromkeys((text, text + "x", data.decode("latin-1"))))
    assert text in probe.values("LO", dataset, writer.encoding, candidates)
    assert text + "x" not in probe.values("LO", dataset, writer.encoding, candidates)
    again = probe.values("LO", dataset, writer.encoding, candidates)
    assert text in again, "what is kept is what was decoded"


def test_delimiters_set_code_extensions_back(probe: Probe, explicit: object) -> None:
    charset = explicit.element(TEXT_TAG, "CS", b"ISO 2022 IR 100\\ISO 2022 IR 144")
    data = charset + explicit.element(TAG, "LO", b"\x1b-L\xbb\\\xe9")
    assert probe.values("LO", data, explicit.encoding, ("Л", "é", "щ")) == {"Л", "é"}
    data = charset + explicit.element(TAG, "LT", b"\x1b-L\xbb\\\xe9")
    assert probe.values("LT", data, explicit.encoding, ("Л\\щ", "Л\\é")) == {"Л\\щ"}


def test_character_set_is_not_for_code_strings(probe: Probe, explicit: object) -> None:
    data = explicit.element(TEXT_TAG, "CS", b"ISO_IR 100") + explicit.element(TAG, "CS", b"\xe9")
    assert probe.values("CS", data, explicit.encoding, ("é", "\ufffd")) == {"\ufffd"}


@pytest.mark.parametrize(
    "charset",
    [
        lambda writer: writer.element(TEXT_TAG, "US", b"\1\0"),  # no text: invalid
        lambda writer: writer.series(TEXT_TAG, "UN", writer.item()),
        lambda writer: writer.element(TEXT_TAG, "CS", b"\\"),
    ],
)
def test_character_set_without_a_value_is_ascii(
    probe: Probe, explicit: object, charset: Callable[[object], bytes]
) -> None:
    data = charset(explicit) + explicit.element(TAG, "LO", b"\xe9")
    assert probe.values("LO", data, explicit.encoding, ("é", "\ufffd")) == {"\ufffd"}


def test_one_text_in_different_sets(probe: Probe, explicit: object) -> None:
    """What is kept of a text is kept for its character set and its VR alone."""
    field = Field(ELEMENT, ValueType.TEXT, TAG, "LO")
    whole = Field(ELEMENT, ValueType.TEXT, TAG + 1, "LT")
    code = Field(ELEMENT, ValueType.TEXT, TAG + 2, "CS")
    texts = ("é\\", "é", "щ", "\ufffd")
    tests = [Some(place, Among((text,))) for place in range(3) for text in texts]
    twins = probe.both(probe.program((field, whole, code), tests))
    data = b"".join(
        explicit.element(TAG + place, vr, b"\xe9\\") for place, vr in enumerate(("LO", "LT", "CS"))
    )
    sets = {b"ISO_IR 100": {"1", "4", "11"}, b"ISO_IR 144": {"2", "11"}, b"": {"3", "11"}}
    for charset, expected in (*sets.items(), *sets.items()):
        fired = twins.fired(explicit.element(TEXT_TAG, "CS", charset) + data)
        assert fired == expected


def test_one_value_in_different_members(probe: Probe) -> None:
    names = ("calling_ae", "listener", "tls_subject", "called_ae")
    fields = tuple(Field(Source.ENVELOPE, ValueType.TEXT, name=name) for name in names)
    tests = [Some(place, Among((" A",))) for place in range(4)]
    twins = probe.both(probe.program(fields, tests))
    for _ in range(2):
        fired = twins.fired(b"", envelope=Envelope(**dict.fromkeys(names, " A")))
        assert fired == {"1", "2"}, "only titles lose their spaces"


def test_many_long_texts_of_a_rare_set(probe: Probe, explicit: object) -> None:
    charset = explicit.element(TEXT_TAG, "CS", b"ISO_IR 192")
    tests = [Some(0, Among(("王" * 10,))), Every(0, Pattern(PatternKind.LIKE, ("王*",)))]
    twins = probe.both(probe.program((Field(ELEMENT, ValueType.TEXT, TAG, "LO"),), tests))
    for size in (10, 11, 600, 10):
        text = ("王" * size).encode()
        assert twins.fired(charset + explicit.element(TAG, "LO", text)) == (
            {"0", "1"} if size == 10 else {"1"}
        )


# --- the envelope --------------------------------------------------------------------------------

MEMBERS = [
    # member, value, state, what it equals
    ("calling_ae", None, "absent", None),
    ("calling_ae", " CT1\0 ", "valued", "CT1"),
    ("calling_ae", " \0", "empty", None),
    ("calling_ae", "A B", "valued", "A B"),
    ("tls_subject", " CN=e\u0301", "valued", " CN=é"),
    ("tls_subject", "", "empty", None),
    ("listener", "main", "valued", "main"),
    ("transfer_syntax", "1.2.3\0", "valued", "1.2.3"),
    ("sop_class", "1..2", "invalid", None),
    ("sop_instance", "", "empty", None),
    ("peer", "10.0.0.7", "valued", 0xFFFF_0A00_0007),
    ("peer", "::ffff:10.0.0.7", "valued", 0xFFFF_0A00_0007),
    ("peer", "fe80::1%eth0", "valued", 0xFE80 << 112 | 1),
    ("peer", "pacs.example", "invalid", None),
    ("size", 0, "valued", Decimal(0)),
    ("size", 10**30, "valued", Decimal(10) ** 30),
]
MEMBER_TYPES = {
    **dict.fromkeys(("calling_ae", "tls_subject", "listener"), ValueType.TEXT),
    **dict.fromkeys(("transfer_syntax", "sop_class", "sop_instance"), ValueType.UID),
    "peer": ValueType.ADDRESS,
    "size": ValueType.DECIMAL,
}


@pytest.mark.parametrize(("name", "value", "state", "equals"), MEMBERS)
def test_members_of_the_envelope(
    probe: Probe, name: str, value: object, state: str, equals: object
) -> None:
    field = Field(Source.ENVELOPE, MEMBER_TYPES[name], name=name)
    tests: list[Test] = [InState(0, known) for known in STATES.values()]
    tests.append(Some(0, Among(() if equals is None else (equals,))))
    fired = probe.both(probe.program((field,), tests)).fired(
        b"", envelope=Envelope(**{name: value})
    )
    expected = {str(list(STATES).index(state))} | (set() if equals is None else {"4"})
    assert fired == expected
