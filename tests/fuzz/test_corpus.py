"""The kept inputs of every target, on the usual build: what each target says of them holds.

Nothing is let out and every check of the targets passes; and the Python twin decides the objects
among them as the engine does.
"""

from functools import cache
from pathlib import Path

import pytest

from fuzz import corpus
from fuzz.corpus import KEPT, inputs, pack, unpack
from fuzz.fixed import ENVELOPE, PROGRAMS
from fuzz.run import TARGETS
from fuzz.targets import DECIDE, EXTRACT, MATCHERS, chosen
from fuzz.targets import TARGETS as CALLED
from roteiro.core.pure import PureMatcher

MOST_BYTES = 3 << 20


@cache
def twins() -> list[PureMatcher]:
    return [PureMatcher(program) for program in PROGRAMS]


def test_all_targets_are_run() -> None:
    assert list(CALLED) == list(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs_are_read_safely(name: str) -> None:
    found = inputs(name)
    assert len(found) >= 10
    for data in (b"", *found):
        CALLED[name](data)


@pytest.mark.parametrize(
    ("name", "among", "least"), [("extract", EXTRACT, 25), ("values", DECIDE, 150)]
)
def test_the_twin_decides_kept_objects_alike(name: str, among: tuple[int, ...], least: int) -> None:
    fired, unreadable = set[tuple[int, str]](), 0
    for data in inputs(name):
        place, encoding = chosen((*data, 0)[0], among)
        body = data[2:]
        found = MATCHERS[place].decide(body, encoding, ENVELOPE)
        expected = twins()[place].decide(body, encoding, ENVELOPE)
        assert found == expected, data.hex()
        fired |= {(place, rule) for rule in found.decision.rules}
        unreadable += found.decision.hold is not None
    assert len(fired) > least
    assert unreadable > 100


def test_they_stay_small() -> None:
    sizes = {path.stem: path.stat().st_size for path in KEPT.iterdir()}
    assert set(sizes) == set(TARGETS)
    assert sum(sizes.values()) <= MOST_BYTES


def test_the_same_inputs_give_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (KEPT / "pdata.zip").read_bytes()
    found = inputs("pdata")
    monkeypatch.setattr(corpus, "KEPT", tmp_path)
    pack("pdata", reversed(found))
    assert inputs("pdata") == found
    assert (tmp_path / "pdata.zip").read_bytes() == before
    unpack("pdata", tmp_path / "files")
    assert {path.read_bytes() for path in (tmp_path / "files").iterdir()} == set(found)
