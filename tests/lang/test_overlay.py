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
