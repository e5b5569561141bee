"""What `roteiro bench` and the bench rest on: one loop of decisions, and the size of the engine."""

from array import array
from collections.abc import Callable

import pytest

from roteiro.core import build, lay
from roteiro.core import matcher as engine
from roteiro.core.artefact_parts import joined
from roteiro.core.measure import bytes_of, decide_each
from roteiro.core.program import (
    Among,
    Encoding,
    Envelope,
    Field,
    Program,
    Some,
    Source,
    ValueType,
)

PATIENT = Field(Source.ELEMENT, ValueType.TEXT, 0x00100020, "LO")
LATIN, OTHER = b"ISO_IR 100", b"ISO_IR 144"


@pytest.fixture
def made(tests_program: Callable[..., Program]) -> Program:
    return tests_program((PATIENT,), (Some(0, Among(("Люк",))),))


@pytest.fixture
def subjects(explicit: object) -> list[tuple[bytes, Encoding, Envelope]]:
    """Give two objects, the second one with a text that only Python decodes."""
    objects = [
        explicit.element(0x00080005, "CS", declared)
        + explicit.element(0x00100020, "LO", b"\xbb\xee\xda ")
        for declared in (LATIN, OTHER)
    ]
    return [(each, Encoding.EXPLICIT_LITTLE, Envelope()) for each in objects]


def numbers(count: int) -> "array[int]":
    return array("q", [-1] * count)


def test_bytes_are_those_of_the_compiled_program(made: Program) -> None:
    assert bytes_of(build(made)) == len(joined(lay(made).parts))


def test_each_is_timed_and_says_whether_python_was_asked(
    made: Program, subjects: list[tuple[bytes, Encoding, Envelope]]
) -> None:
    taken, asked = numbers(2), numbers(2)
    decide_each(build(made), subjects, taken, asked)
    assert min(taken) > 0
    assert list(asked) == [0, 1]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ZeroDivisionError, MemoryError])
def test_what_python_raises_is_told_as_it_is(
    raised: type[BaseException],
    made: Program,
    subjects: list[tuple[bytes, Encoding, Envelope]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise raised("why")

    monkeypatch.setattr(engine, "text_parts", fail)
    with pytest.raises(raised, match="why"):
        decide_each(build(made), subjects, numbers(2), numbers(2))
