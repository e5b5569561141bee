"""A compiled program in which one number is one too large is refused: each is looked at.

Damage at random (`test_artefact`) may read past an end and harm nothing that a test sees.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from roteiro.core import lay, look_at
from roteiro.core.artefact_parts import Kind, joined
from roteiro.core.errors import ArtefactError, Unfit
from roteiro.core.machines import TextMachine
from roteiro.core.machines_build import build
from roteiro.core.machines_lay import lay as lay_machine
from roteiro.core.program import (
    Among,
    Field,
    PatternKind,
    Program,
    Some,
    Source,
    Test,
    ValueType,
)

FIELDS = (
    Field(Source.ELEMENT, ValueType.TEXT, 0x00080060, "CS"),
    Field(Source.ELEMENT, ValueType.TEXT, 0x00080070, "LO"),
)
TESTS: tuple[Test, ...] = (
    Some(0, Among(("CT", "MR"))),
    Some(1, Among(("MAKER",), (), ("maker b",))),
    Some(1, Among(("MAKER C",))),
)
Words = list[int]
CLAUSES_ASKED = 5
SECTION_OTHERWISE = 3
LEVEL_END, LEVEL_CHARACTER_SET = 2, 4
SLOT_WORDS, SLOT_LEVEL = 4, 2
EXACT_TEXT = 0
BRANCHES = 33
"""Where the header of a machine speaks of beginnings: states, first, nodes."""


@dataclass(frozen=True)
class Parts:
    """The parts of a program, as words."""

    held: dict[tuple[int, int], bytes]

    def words(self, kind: Kind) -> Words:
        part = self.held[kind, 0]
        return list(struct.unpack(f"={len(part) // 4}I", part))

    def with_word(self, kind: Kind, place: int, word: int) -> dict[tuple[int, int], bytes]:
        words = self.words(kind)
        assert words[place] != word
        words[place] = word
        return self.held | {(int(kind), 0): struct.pack(f"={len(words)}I", *words)}

    @property
    def asked(self) -> int:
        return self.words(Kind.CLAUSES)[CLAUSES_ASKED]

    @property
    def sets(self) -> int:
        return len(self.held[Kind.SETS, 0]) // len(self.held[Kind.ALL, 0])


@pytest.fixture
def parts(tests_program: Callable[..., Program]) -> Parts:
    held = lay(tests_program(FIELDS, TESTS)).parts
    return Parts({(int(kind), number): bytes(part) for (kind, number), part in held.items()})


CHANGES: dict[str, Callable[[Parts], dict[tuple[int, int], bytes]]] = {
    "half an item at the end of a part": lambda parts: (
        parts.held | {(int(Kind.RULES), 0): parts.held[Kind.RULES, 0] + bytes(2)}
    ),
    "a text behind all bytes": lambda parts: parts.with_word(
        Kind.EXACT, EXACT_TEXT, len(parts.held[Kind.BLOB, 0])
    ),
    "a mask that is not there": lambda parts: parts.with_word(Kind.MASK_OF, 0, parts.sets),
    "a rule that is not there": lambda parts: parts.with_word(Kind.RULES, 0, parts.asked),
    "an otherwise that is not there": lambda parts: parts.with_word(
        Kind.SECTIONS, SECTION_OTHERWISE, parts.asked
    ),
    "a character set of another level": lambda parts: parts.with_word(
        Kind.LEVELS, LEVEL_CHARACTER_SET, parts.words(Kind.LEVELS)[LEVEL_END]
    ),
    "a level that is not there": lambda parts: parts.with_word(Kind.SLOTS, SLOT_LEVEL, 1),
    "two fields at one place": lambda parts: parts.with_word(
        Kind.RANKS, 0, parts.words(Kind.RANKS)[1]
    ),
}


def test_what_is_not_changed_is_taken(parts: Parts) -> None:
    assert look_at(joined(parts.held)).scopes == 1
    assert len(parts.words(Kind.SLOTS)) > SLOT_WORDS


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_one_too_many_is_refused(
    parts: Parts, change: Callable[[Parts], dict[tuple[int, int], bytes]]
) -> None:
    with pytest.raises(ArtefactError) as refused:
        look_at(joined(change(parts)))
    assert refused.value.why is Unfit.DAMAGED


def test_an_edge_without_a_state_behind_is_refused() -> None:
    laid = bytearray(lay_machine(build([(0, PatternKind.STARTS, ("ab", "ac", "b"))], ())))
    states, _, nodes = struct.unpack_from("=3I", laid, 4 * BRANCHES)
    assert states == 5
    begin, edges = struct.unpack_from("=2I", laid, 4 * nodes)
    assert (begin, edges & 0xFFFF) == (0, 2)
    TextMachine(bytes(laid))
    struct.pack_into("=I", laid, 4 * nodes, states - 1 - 2 + 1)
    with pytest.raises(ValueError, match="no machine"):
        TextMachine(bytes(laid))
