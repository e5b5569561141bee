"""Both engines, and data sets written byte by byte."""

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from roteiro.core import build
from roteiro.core.program import (
    TRUE,
    Conjunction,
    Deliver,
    Encoding,
    Envelope,
    Field,
    Holds,
    Outcome,
    Program,
    Rule,
    Table,
    Test,
)
from roteiro.core.pure import PureMatcher

LONG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
Engine = Callable[[Program], object]


@dataclass(frozen=True)
class Writer:
    """Encodes elements in one encoding, as wrong as a test wants them."""

    encoding: Encoding

    @property
    def order(self) -> str:
        return ">" if self.encoding is Encoding.EXPLICIT_BIG else "<"

    def tag(self, tag: int) -> bytes:
        return struct.pack(f"{self.order}HH", tag >> 16, tag & 0xFFFF)

    def header(self, tag: int, vr: str, length: int) -> bytes:
        if self.encoding is Encoding.IMPLICIT_LITTLE:
            return self.tag(tag) + struct.pack("<I", length)
        if vr in LONG or vr not in SHORT:
            return self.tag(tag) + vr.encode() + b"\0\0" + struct.pack(f"{self.order}I", length)
        return self.tag(tag) + vr.encode() + struct.pack(f"{self.order}H", length & 0xFFFF)

    def element(self, tag: int, vr: str, value: bytes = b"") -> bytes:
        return self.header(tag, vr, len(value)) + value

    def series(self, tag: int, vr: str, *items: bytes) -> bytes:
        """Give an element of undefined length with its delimiter."""
        end = self.tag(0xFFFEE0DD) + b"\0\0\0\0"
        return self.header(tag, vr, 0xFFFFFFFF) + b"".join(items) + end

    def item(self, *elements: bytes, defined: bool = True) -> bytes:
        body = b"".join(elements)
        if defined:
            return self.tag(0xFFFEE000) + struct.pack(f"{self.order}I", len(body)) + body
        end = self.tag(0xFFFEE00D) + b"\0\0\0\0"
        return self.tag(0xFFFEE000) + b"\xff\xff\xff\xff" + body + end

    def numbers(self, code: str, *values: float) -> bytes:
        return struct.pack(f"{self.order}{len(values)}{code}", *values)

    def finish(self, *elements: bytes) -> bytes:
        data = b"".join(elements)
        if self.encoding is not Encoding.DEFLATED:
            return data
        deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return deflate.compress(data) + deflate.flush()


SHORT = frozenset(
    ("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS")
) | frozenset(("ST", "TM", "UI", "UL", "US"))


@pytest.fixture(params=["compiled", "pure"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Make a matcher, by either implementation."""
    return {"compiled": build, "pure": PureMatcher}[request.param]


@pytest.fixture(params=list(Encoding), ids=lambda encoding: encoding.name.lower())
def writer(request: pytest.FixtureRequest) -> Writer:
    return Writer(request.param)


@pytest.fixture
def explicit() -> Writer:
    return Writer(Encoding.EXPLICIT_LITTLE)


def one_rule_a_test(fields: Iterable[Field], tests: Iterable[Test]) -> Program:
    """Give a program whose rule `t.N` fires when test N holds; `t.always` fires always."""
    tests = tuple(tests)
    rules = [
        Rule(f"t.{number}", Holds(number), (Deliver(f"d{number}"),)) for number in range(len(tests))
    ]
    rules.append(Rule("t.always", TRUE, (Deliver("all"),)))
    table = Table("t", first=False, rules=tuple(rules))
    return Program(tuple(fields), tests, None, (table,), "sha256:test")


class Both:
    """Both engines on one program; what they say must be the same."""

    def __init__(self, program: Program) -> None:
        self.pure = PureMatcher(program)
        self.compiled = build(program)

    def decide(
        self,
        data: bytes,
        encoding: Encoding = Encoding.EXPLICIT_LITTLE,
        envelope: Envelope | None = None,
        *,
        complete: bool = True,
    ) -> Outcome | None:
        envelope = envelope or Envelope()
        slow = self.pure.decide(data, encoding, envelope, complete=complete)
        fast = self.compiled.decide(data, encoding, envelope, complete=complete)
        assert fast == slow
        return fast

    def fired(
        self,
        data: bytes,
        encoding: Encoding = Encoding.EXPLICIT_LITTLE,
        envelope: Envelope | None = None,
    ) -> set[str]:
        """Give the short names of the rules that fired; an unreadable object gives its reason."""
        outcome = self.decide(data, encoding, envelope)
        assert outcome is not None
        if outcome.decision.hold is not None:
            return {outcome.decision.hold.reason}
        return {name.removeprefix("t.") for name in outcome.decision.rules} - {"always"}


@pytest.fixture
def both() -> Callable[[Program], Both]:
    return Both


@pytest.fixture
def tests_program() -> Callable[[Iterable[Field], Iterable[Test]], Program]:
    return one_rule_a_test


@pytest.fixture
def conjunction() -> Conjunction:
    return TRUE


@pytest.fixture(scope="session")
def writer_of() -> Callable[[Encoding], Writer]:
    return Writer
