"""Files of compiled programs: the same decisions, and nothing but a refusal for what is damaged."""

import json
import mmap
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from generators.compile import typed_of
from generators.dice import SEEDS, Dice
from generators.objects import Object, thing
from generators.programs import program
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.core import build, load
from roteiro.core.artefact import Artefact
from roteiro.core.artefact_lay import laid
from roteiro.core.artefact_lift import lifted
from roteiro.core.artefact_notes import decoded, encoded
from roteiro.core.artefact_parts import (
    ALIGNMENT,
    HEADER,
    NO_ENGINE,
    RELEASE,
    ROW,
    Kind,
    joined,
    parts_in,
    sealed,
)
from roteiro.core.errors import ArtefactError, Unfit
from roteiro.core.program import Encoding, Guard, GuardVerdict, Hold, Outcome, Pass, Program
from roteiro.lang.lower import lower

ENGINE = bytes(range(32))
PROGRAMS = 24
OBJECTS = 3
DAMAGES = 250
"""Of each program."""


@dataclass(frozen=True)
class Sample:
    """A program, its file, and objects to decide."""

    program: Program
    data: bytes
    objects: tuple[Object, ...]

    def outcomes(self, data: bytes | memoryview, engine: bytes = ENGINE) -> list[Outcome | None]:
        """Decide all objects by a file."""
        matcher = load(data, engine)
        return [
            matcher.decide(each.encoded(encoding), encoding, each.envelope)
            for each in self.objects
            for encoding in Encoding
        ]


def compiled(made: Program, engine: bytes = ENGINE, release: str = "1.2.3") -> bytes:
    return joined(laid(made).parts, engine, release)


@cache
def sample(seed: int) -> Sample:
    dice = Dice(seed)
    case = program(dice)
    made = lower(typed_of(case.text))
    objects = tuple(thing(dice, case) for _ in range(OBJECTS))
    return Sample(made, compiled(made), objects)


samples = st.integers(0, PROGRAMS - 1).map(sample)


def why(data: bytes, engine: bytes = ENGINE) -> Unfit:
    with pytest.raises(ArtefactError) as refused:
        Artefact(data, engine)
    return refused.value.why


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_a_mapped_file_decides_as_the_program(seed: int, tmp_path: Path) -> None:
    one = sample(seed)
    matcher = build(one.program)
    path = tmp_path / "program"
    path.write_bytes(one.data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        found = one.outcomes(memoryview(mapped))
    assert found == [
        matcher.decide(each.encoded(encoding), encoding, each.envelope)
        for each in one.objects
        for encoding in Encoding
    ]


@pytest.mark.parametrize("seed", range(4))
def test_laying_out_twice_gives_the_same_bytes(seed: int) -> None:
    assert compiled(sample(seed).program) == sample(seed).data


def test_a_file_that_begins_anywhere_is_taken() -> None:
    one = sample(1)
    moved = memoryview(b"x" + one.data)[1:]
    assert one.outcomes(moved) == one.outcomes(one.data)


def let_in(made: Program) -> Program:
    """Give a program whose guard holds nothing."""

    def turned(verdict: GuardVerdict) -> GuardVerdict:
        return Pass() if isinstance(verdict, Hold) else verdict

    if made.guard is None:
        return made
    rules = tuple(replace(rule, verdict=turned(rule.verdict)) for rule in made.guard.rules)
    return replace(made, guard=Guard(rules, turned(made.guard.otherwise)))


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_a_lifted_guard_holds_nothing(seed: int) -> None:
    one = sample(seed)
    raised = lifted(Artefact(one.data, ENGINE))
    assert one.outcomes(raised, NO_ENGINE) == one.outcomes(compiled(let_in(one.program)))


def test_some_guards_hold() -> None:
    programs = [sample(seed).program for seed in range(PROGRAMS)]
    assert any(let_in(one) != one for one in programs)


# Refused ------------------------------------------------------------------------------------------


@given(samples, st.data())
@settings(max_examples=100)
def test_a_flipped_bit_is_refused(one: Sample, draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, 8 * len(one.data) - 1))
    changed = bytearray(one.data)
    changed[place // 8] ^= 1 << place % 8
    assert why(bytes(changed)) in Unfit


@given(samples, st.data())
@settings(max_examples=50)
def test_a_truncated_file_is_refused(one: Sample, draw: st.DataObject) -> None:
    size = draw.draw(st.integers(0, len(one.data) - 1))
    assert why(one.data[:size]) in {Unfit.DAMAGED, Unfit.NO_ARTEFACT}


def test_more_at_the_end_is_refused() -> None:
    assert why(sample(0).data + bytes(ALIGNMENT)) is Unfit.DAMAGED


def test_swapped_parts_are_refused() -> None:
    data, half = sample(0).data, len(sample(0).data) // 2 // ALIGNMENT * ALIGNMENT
    assert why(data[: HEADER.size] + data[half:] + data[HEADER.size : half]) is Unfit.DAMAGED


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Unfit.NO_ARTEFACT),
        (b"table t all {}", Unfit.NO_ARTEFACT),
        (bytes(200), Unfit.NO_ARTEFACT),
        (sample(0).data.replace(b"\r\n", b"\n", 1), Unfit.NO_ARTEFACT),
        (sample(0).data[:8], Unfit.DAMAGED),
    ],
)
def test_other_bytes_are_refused(data: bytes, expected: Unfit) -> None:
    assert why(data) is expected


@pytest.mark.parametrize("at", [8, 12])
def test_another_format_or_order_is_refused(at: int) -> None:
    data = bytearray(sample(0).data)
    data[at : at + 4] = bytes(reversed(data[at : at + 4]))
    assert why(sealed(bytes(data))) is Unfit.OTHER_FORMAT


def test_another_build_is_refused_by_its_release() -> None:
    with pytest.raises(ArtefactError) as refused:
        Artefact(sample(0).data, bytes(32))
    assert (refused.value.why, refused.value.release) == (Unfit.OTHER_ENGINE, "1.2.3")
    assert "1.2.3" in str(refused.value)


def test_a_long_release_is_cut() -> None:
    data = compiled(sample(0).program, ENGINE, "x" * 2 * RELEASE)
    with pytest.raises(ArtefactError) as refused:
        Artefact(data)
    assert refused.value.release == "x" * RELEASE


# Hostile ------------------------------------------------------------------------------------------


def harmed(dice: Dice, data: bytes) -> bytes:
    """Change some numbers of a file, mostly to what stands elsewhere in it, and seal it again."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(HEADER.size // 4, len(data) // 4) * 4
        (was,) = struct.unpack_from("=I", data, at)
        other = struct.unpack_from("=I", data, dice.randrange(len(data) // 4) * 4)[0]
        number = dice.choice(
            (0, 1, was + 1, was - 1, 2 * was, other, 0xFFFFFFFF, 0x7FFFFFFF, dice.getrandbits(32))
        )
        struct.pack_into("=I", changed, at, number & 0xFFFFFFFF)
    return sealed(bytes(changed))


def rearranged(dice: Dice, data: bytes) -> bytes:
    """Let a row of the table speak of the bytes of another part, or be another part's."""
    changed = bytearray(data)
    (parts,) = struct.unpack_from("=I", data, 72)
    one, other = (HEADER.size + ROW.size * dice.randrange(parts) for _ in range(2))
    begin, end = dice.choice(((0, 8), (8, 24), (16, 24)))
    changed[one + begin : one + end] = data[other + begin : other + end]
    return sealed(bytes(changed))


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_a_hostile_file_is_refused_or_harmless(seed: int) -> None:
    dice, one = Dice(seed), sample(seed)
    refused = 0
    for turn in range(DAMAGES):
        data = (rearranged if turn % 8 == 0 else harmed)(dice, one.data)
        try:
            outcomes = one.outcomes(data)
        except ArtefactError as no:
            refused += no.why in Unfit
        else:
            assert all(each is not None for each in outcomes)
    assert refused > DAMAGES // 4


@given(SEEDS)
@settings(max_examples=30)
def test_hostile_notes_are_refused_or_harmless(seed: int) -> None:
    dice = Dice(seed)
    one = sample(dice.randrange(PROGRAMS))
    artefact = Artefact(one.data, ENGINE)
    notes = artefact.part(Kind.NOTES)
    assert notes is not None
    begin = one.data.index(bytes(notes))
    changed = bytearray(one.data)
    for _ in range(dice.randint(1, 4)):
        changed[begin + dice.randrange(len(notes))] = dice.choice(b'0129[]{}",:-enull\x80')
    try:
        one.outcomes(sealed(bytes(changed)))
    except ArtefactError as no:
        assert no.why is Unfit.DAMAGED  # noqa: PT017  a file that decides is as well


Plain = Any
"""What JSON can hold."""


def spots(made: Plain) -> Iterator[tuple[Plain, Plain]]:
    """Give every place of a document: what holds it, and its name or number there."""
    pairs = made.items() if isinstance(made, dict) else enumerate(made)
    for at, inner in list(pairs):
        yield made, at
        if isinstance(inner, dict | list):
            yield from spots(inner)


ODD = (None, True, -1, 0, 1, 65_536, 1 << 33, 1.5, float("nan"), "", "\ud800", "send", [], [[]], {})


def reshaped(dice: Dice, notes: Plain) -> None:
    """Change a few places of notes: other values, other shapes, more or less of it."""
    for _ in range(dice.randint(1, 2)):
        inside, at = dice.choice(list(spots(notes)))
        act = dice.randrange(4)
        if act == 0:
            inside[at] = dice.choice(ODD)
        elif act == 1:
            del inside[at]
        elif act == 2 and isinstance(inside, list):
            inside.insert(at, dice.choice(ODD))
        else:
            other, place = dice.choice(list(spots(notes)))
            inside[at] = json.loads(json.dumps(other[place]))


def with_notes(data: bytes, change: Callable[[Plain], None]) -> bytes:
    """Give the same program with other notes, sealed."""
    parts = {key: bytes(part) for key, part in parts_in(data, ENGINE).items()}
    notes = json.loads(parts[Kind.NOTES, 0])
    change(notes)
    parts[Kind.NOTES, 0] = json.dumps(notes).encode()
    return joined(parts, ENGINE)


@given(SEEDS)
@settings(max_examples=300, deadline=None)
def test_notes_of_other_shapes_are_refused_or_harmless(seed: int) -> None:
    dice = Dice(seed)
    one = sample(dice.randrange(PROGRAMS))
    data = with_notes(one.data, lambda notes: reshaped(dice, notes))
    try:
        outcomes = one.outcomes(data)
    except ArtefactError as no:
        assert no.why is Unfit.DAMAGED  # noqa: PT017  a file that decides is as well
        return
    assert all(each is not None for each in outcomes)
    notes = Artefact(data, ENGINE).notes
    assert decoded(encoded(notes)) == notes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verdicts", []),
        ("verdicts", ["refuse", 65_536, "no"]),
        ("verdicts", ["refuse", 0, "yes"]),
        ("verdicts", ["refuse", True, "no"]),
        ("verdicts", ["drop", "\ud800"]),
        ("verdicts", "pass"),
        ("effects", [[]]),
        ("effects", [["send", "a", [], "stat", ["patient", 1, None, "new"], None]]),
        ("effects", [["send", "a", [], "stat", ["study", True, None, "new"], None]]),
        ("machines", [0, 0, 0, [[0, "no such reason"]], [0, 0, 0, 0]]),
        ("machines", [0, 0, 0, [[]], [0, 0, 0, 0]]),
        ("fields", "   "),
    ],
)
def test_what_notes_may_not_say_is_refused(name: str, value: Plain) -> None:
    def change(notes: Plain) -> None:
        notes[name].insert(0, value)

    assert why(with_notes(sample(0).data, change)) is Unfit.DAMAGED


def test_parts_are_told() -> None:
    artefact = Artefact(sample(0).data, ENGINE)
    kinds = {kind for kind, _, _ in artefact.parts()}
    assert kinds - {Kind.MACHINE} == set(Kind) - {Kind.MACHINE}
    assert artefact.part(Kind.RULES, 99) is None
    assert artefact.data == sample(0).data
