"""The conformance vectors hold: for the reference interpreter, and for both engines."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from differential.engines import Engines, engines_of
from vectors import PLACE, decided

from roteiro.core.program import Encoding, Envelope
from roteiro.lang.reference import conditions

from generators.counter import Tally  # isort: skip

LINES = [json.loads(line) for line in PLACE.read_text(encoding="utf-8").splitlines()]
RARE = 4
"""Names that may be seen only true or only false."""


def cases(line: Any) -> Iterator[tuple[bytes, Encoding, Envelope, Any]]:
    for case in line["cases"]:
        encoding = Encoding[case["encoding"].upper()]
        envelope = Envelope(**case["envelope"])
        yield bytes.fromhex(case["data"]), encoding, envelope, case["decision"]


@pytest.fixture(scope="module")
def programs() -> list[Engines]:
    return [engines_of(line["program"]) for line in LINES]


def test_every_vector_holds(programs: list[Engines]) -> None:
    count = 0
    for line, engines in zip(LINES, programs, strict=True):
        assert line["edition"] == 1
        for data, encoding, envelope, expected in cases(line):
            engines.agree(data, encoding, envelope)
            assert decided(engines.reference, data, encoding, envelope) == expected
            count += 1
    assert count >= 300


def test_they_ask_everything_both_ways(programs: list[Engines]) -> None:
    seen = Tally()
    for line, engines in zip(LINES, programs, strict=True):
        assert conditions(engines.reference.typed)
        for data, encoding, envelope, _ in cases(line):
            seen.record(engines.reference, data, encoding, envelope)
    one_way = [name for name, true, false in seen.rows() if not (true and false)]
    assert len(seen.rows()) > 100
    assert len(one_way) <= RARE, one_way


def test_every_way_to_end_is_there() -> None:
    ends = {
        name
        for line in LINES
        for *_, decision in cases(line)
        for name in ("sends", "holds", "hold", "refuse", "drop", "nothing", "notify")
        if decision.get(name)
    }
    assert ends == {"sends", "holds", "hold", "refuse", "drop", "nothing", "notify"}
