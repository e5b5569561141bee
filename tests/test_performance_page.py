"""docs/performance.md says what bench/results.json says, and its plots are there."""

import json
import re
from pathlib import Path

import pytest

from bench.page import BLOCK, PAGE, QUESTIONS, filled
from bench.plots import PLOTS
from bench.results import FILE, known, plain

ROOT = Path(__file__).resolve().parent.parent


def test_the_page_says_what_was_measured() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert sorted(found[2] for found in BLOCK.finditer(text)) == sorted(QUESTIONS)
    assert filled(text, known()) == text, "run `python -m bench.page`"


def test_a_changed_figure_changes_the_page() -> None:
    results = known()
    results["hopping"]["rows"][0]["ratio"] = 99.25
    text = PAGE.read_text(encoding="utf-8")
    assert "99.25" in filled(text, results)
    assert "99.25" not in text


def test_every_command_of_the_page_is_there() -> None:
    named = re.findall(r"`python -m bench\.(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 7
    assert [name for name in named if not (ROOT / "bench" / f"{name}.py").exists()] == []


def test_the_plots_show_the_kept_figures() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure  # noqa: PLC0415  only where it is installed

    for _, question, draw in PLOTS:
        axes = Figure().add_subplot()
        draw(axes, known()[question]["rows"])
        assert axes.get_lines() or axes.patches


def test_figures_have_four_digits_and_no_place_of_a_machine() -> None:
    assert plain({"a": [1.234567, 2], "b": ("x", None)}) == {"a": [1.235, 2], "b": ["x", None]}
    for found in json.loads(FILE.read_text(encoding="utf-8")).values():
        if isinstance(found, dict) and "machine" in found:
            assert set(found["machine"]) == {"processor", "cores", "memory_gib", "python", "gcc"}
