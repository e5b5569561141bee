"""Goals are met or not by the figures, and a figure that changes sides changes the word."""

from copy import deepcopy
from typing import Any

import pytest

from bench.goals import goals
from bench.results import known


def said(results: dict[str, Any], number: str, part: str) -> str:
    (told,) = [row[3] for row in goals(results) if row[0] == number and part in row[1]]
    return told


@pytest.fixture
def results() -> dict[str, Any]:
    return deepcopy(known())


@pytest.mark.parametrize(("micros", "word"), [(4.99, "met"), (5.01, "**not met**")])
def test_five_microseconds(results: dict[str, Any], micros: float, word: str) -> None:
    for row in results["core"]["rows"]:
        row["loop"]["median"] = 1000 * micros
    assert said(results, "P7", "`flat`") == f"{micros} µs: {word}"
    assert said(results, "P8", "`flat`") == "1.00: met"


def test_five_microseconds_through_the_python_face(results: dict[str, Any]) -> None:
    for row, micros in zip(results["facade"]["rows"], (4.5, 5.5), strict=True):
        row["facade"]["median"] = 1000 * micros
    assert said(results, "P7", "`rules.decide`") == "5.50 µs: **not met**"


@pytest.mark.parametrize(
    ("ours", "loop", "end"),
    [(1200, 3000, "met"), (900, 3000, "met in the C loop alone"), (90, 900, "**not met**")],
)
def test_peers(results: dict[str, Any], ours: float, loop: float, end: str) -> None:
    for row in results["peers"]["rows"]:
        row["ratio"], row["loop_ratio"] = ours, loop
    assert said(results, "P9", "as mercure").endswith(f": {end}")


def test_a_peer_that_is_not_installed_is_named(results: dict[str, Any]) -> None:
    for row in results["peers"]["rows"]:
        row |= {"timing": None, "version": "not installed", "ratio": None, "loop_ratio": None}
    assert said(results, "P9", "parsed once") == "not installed"


def test_a_missing_command_is_not_met(results: dict[str, Any]) -> None:
    for row in results["compiling"]["rows"]:
        row["seconds"] = None if row["what"].startswith("compile") else 8.5
    assert said(results, "P11", "unchanged") == "no such command yet"
    assert said(results, "P11", "all stages") == "8.50 s: **not met**"


def test_a_question_that_was_not_asked_has_no_row(results: dict[str, Any]) -> None:
    del results["peers"]
    assert [row for row in goals(results) if row[0] == "P9"] == []
