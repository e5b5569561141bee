"""What words give, put over an object: items of sequences, and letters of its character sets."""

import pytest

from roteiro.core.program import Encoding
from roteiro.lang.given import Unwritable
from roteiro.lang.overlay import overlaid
from roteiro.lang.tree import DataSet, Node, element, item, parse, write
from roteiro.lang.words import assigned, word_of

CHARACTER_SET = 0x00080005
NAME = 0x00100010
REQUESTS = 0x00400275
STEP = 0x00400009
DESCRIPTION = 0x00400007
BODY = "RequestAttributesSequence[{}].{}={}"


def over(data_set: DataSet, *words: str) -> DataSet:
    """Put words over an object, as it is read again from its bytes."""
    cut = [word for one in words if (word := word_of(one))]
    assert len(cut) == len(words)
    return parse(write(overlaid(data_set, assigned(cut))), Encoding.EXPLICIT_LITTLE)


def sequence(*steps: bytes) -> list[DataSet]:
    return [{STEP: Node("SH", step)} for step in steps]


def items(data_set: DataSet) -> list[DataSet]:
    found = data_set[REQUESTS].items
    assert found is not None
    return found


# Sequences ----------------------------------------------------------------------------------------


def as_un(given: list[DataSet]) -> Node:
    """Write items as a sequence that lost its VR: in implicit little endian."""
    whole = b""
    for one in given:
        body = b"".join(
            element(tag, node)[:4] + len(node.value).to_bytes(4, "little") + node.value
            for tag, node in one.items()
        )
        whole += item({})[:4] + len(body).to_bytes(4, "little") + body
    return Node("UN", whole)


def test_a_sequence_that_came_as_un_keeps_its_items() -> None:
    made = over(
        {REQUESTS: as_un(sequence(b"P1", b"P2"))},
        BODY.format(1, "ScheduledProcedureStepID", "P9"),
        BODY.format(3, "ScheduledProcedureStepID", "P3"),
    )
    assert [one[STEP].value for one in items(made)] == [b"P9", b"P2", b"P3"]


@pytest.mark.parametrize("node", [Node("UN", b"\xfe\xff\x00\xe0\x08"), Node("LO", b"a text")])
def test_what_is_no_sequence_is_refused(node: Node) -> None:
    with pytest.raises(Unwritable):
        over({REQUESTS: node}, BODY.format(1, "ScheduledProcedureStepID", "P9"))


# Letters ------------------------------------------------------------------------------------------

LATIN = "ISO_IR 100"
CYRILLIC = "ISO_IR 144"
ITEM_SET = BODY.format(1, "SpecificCharacterSet", LATIN)


def test_the_character_set_of_an_item_is_not_that_of_the_object() -> None:
    made = over({REQUESTS: Node("SQ", items=sequence(b"P1"))}, "PatientName=José", ITEM_SET)
    assert made[CHARACTER_SET].value.strip() == b"ISO_IR 192"
    assert made[NAME].value.decode("utf_8").strip() == "José"
    assert items(made)[0][CHARACTER_SET].value.strip() == LATIN.encode()


def test_an_item_is_written_in_the_character_set_that_is_given_for_it() -> None:
    described = BODY.format(1, "ScheduledProcedureStepDescription", "tórax")
    own = {DESCRIPTION: Node("LO", "mão ".encode("latin-1"))}
    both = {REQUESTS: Node("SQ", items=[own, {DESCRIPTION: Node("LO", b"plain ")}])}
    beside = BODY.format(1, "ScheduledProcedureStepID", "é")
    for order in ((described, ITEM_SET), (ITEM_SET, described)):
        made = over(dict(both), *order, beside, "PatientName=Жук")
        first = items(made)[0]
        assert first[DESCRIPTION].value.strip() == "tórax".encode("latin-1")
        assert first[STEP].value.strip() == "é".encode("latin-1")
        assert CHARACTER_SET not in items(made)[1]
        assert made[NAME].value.decode("utf_8").strip() == "Жук"


def test_other_texts_of_an_item_with_its_own_character_set_stay() -> None:
    own = {STEP: Node("SH", "é ".encode("latin-1"))}
    made = over({REQUESTS: Node("SQ", items=[own])}, ITEM_SET, "PatientName=Жук")
    assert items(made)[0][STEP].value == "é ".encode("latin-1")


def test_an_item_whose_character_set_is_taken_away_is_written_as_the_object() -> None:
    own = {CHARACTER_SET: Node("CS", LATIN.encode()), STEP: Node("SH", b"P1")}
    data_set = {REQUESTS: Node("SQ", items=[own])}
    made = over(data_set, BODY.format(1, "SpecificCharacterSet", ""), "PatientName=Жук")
    assert items(made)[0][STEP].value == b"P1"
    assert made[CHARACTER_SET].value.strip() == b"ISO_IR 192"


@pytest.mark.parametrize(
    "words",
    [
        (f"SpecificCharacterSet={LATIN}", "PatientName=Жук"),
        (ITEM_SET, BODY.format(1, "ScheduledProcedureStepID", "Жук")),
        (f"SpecificCharacterSet={CYRILLIC}", ITEM_SET, "PatientName=José"),
    ],
)
def test_letters_that_the_given_character_set_does_not_have_are_refused(
    words: tuple[str, ...],
) -> None:
    with pytest.raises(Unwritable):
        over({}, *words)


def test_each_level_has_the_letters_of_its_own_character_set() -> None:
    step = BODY.format(1, "ScheduledProcedureStepID", "é")
    made = over({}, step, ITEM_SET, f"SpecificCharacterSet={CYRILLIC}", "PatientName=Жук")
    assert made[NAME].value.strip() == "Жук".encode("iso8859_5")
    assert items(made)[0][STEP].value.strip() == "é".encode("latin-1")
