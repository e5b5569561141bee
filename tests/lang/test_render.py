"""Findings as they are printed: golden texts, and the document of `check --format json`."""

import json
from pathlib import Path

import pytest

from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, message
from roteiro.lang.render import json as as_json
from roteiro.lang.render.text import render, render_all
from roteiro.lang.source import Source, Span

CASES = sorted((Path(__file__).parent / "findings").glob("*.route"))


def test_every_golden_pair_is_whole() -> None:
    stems = {path.stem for path in CASES}
    assert stems
    assert stems == {path.stem for path in CASES[0].parent.glob("*.txt")}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(path: Path, examine) -> None:
    _, findings = examine(path.read_text(encoding="utf-8"))
    wanted = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert render_all(findings) + "\n" == wanted


def one(text: str, start: int, end: int, **more: object) -> Diagnostic:
    source = Source("x.route", text)
    what = message("language.closes_nothing")
    return Diagnostic("RT100", Level.ERROR, what, source, Span(start, end), **more)


def caret(text: str, start: int, end: int) -> tuple[str, str]:
    lines = render(one(text, start, end)).splitlines()
    return lines[3], lines[4]


def test_caret_stands_below_wide_and_combining_characters() -> None:
    line, mark = caret('"日本" x', 5, 6)
    assert line == '1 | "日本" x'
    assert mark == "  |        ^"
    _, mark = caret('"e\u0301" x', 5, 6)
    assert mark == "  |     ^"


def test_controls_do_not_reach_the_terminal() -> None:
    line, mark = caret("a\tb\x1b[31mc", 8, 9)
    assert line == "1 | a b·[31mc"
    assert mark == "  |         ^"


def test_long_lines_are_cut_around_the_place() -> None:
    line, mark = caret("x" * 5000 + "y" + "x" * 5000, 5000, 5001)
    assert len(line) < 120
    assert line[mark.index("^")] == "y"
    line, mark = caret("y" + "x" * 5000, 0, 1)
    assert line[mark.index("^")] == "y"
    line, mark = caret("x" * 5000 + "y", 5000, 5001)
    assert line[mark.index("^")] == "y"


def test_a_place_at_the_end_has_a_caret() -> None:
    line, mark = caret("abc", 3, 3)
    assert (line, mark) == ("1 | abc", "  |    ^")
    assert render(one("", 0, 0)).splitlines()[4] == "  | ^"


def test_a_place_of_several_lines_is_marked_on_the_first() -> None:
    _, mark = caret("abc\ndef", 1, 6)
    assert mark == "  |  ^^"


def test_a_label_at_the_place_stands_beside_the_caret() -> None:
    found = one("abc", 1, 2)
    label = Label(found.source, Span(1, 2), message("language.first_here"))
    assert "  |  ^ the first is here" in render(one_with(found, label))


def one_with(found: Diagnostic, label: Label) -> Diagnostic:
    return Diagnostic(found.code, found.level, found.message, found.source, found.span, (label,))


def test_a_label_in_another_file_has_its_own_place() -> None:
    other = Source("y.route", "\nnode p")
    label = Label(other, Span(6, 7), message("language.first_here"))
    lines = render(one_with(one("abc", 0, 1), label)).splitlines()
    assert lines[-4:] == [" ::: y.route:2:6", "  |", "2 | node p", "  |      - the first is here"]


def test_colour_is_only_there_when_asked() -> None:
    found = one("abc", 0, 1)
    assert "\x1b" not in render(found)
    assert render(found, colour=True).startswith("\x1b[1;31merror[RT100 syntax-error]\x1b[0m")


def test_a_fix_without_help_says_what_to_write() -> None:
    found = one("abc", 0, 1, fix=Fix(Span(0, 1), "xyz", safe=False))
    assert render(found).splitlines()[-1] == "  = unsafe fix: write `xyz`"


def test_json_document(examine) -> None:
    text = 'language 1\ntable t all { rule r { when Modalty == "CT" nothing "x" } }\n'
    _, findings = examine(text)
    document = json.loads(as_json.render(findings, 1))
    assert document == {
        "findings": [
            {
                "code": "RT101",
                "name": "unknown-attribute",
                "level": "error",
                "message": "`Modalty` is not in the dictionary",
                "file": "x.route",
                "span": {"start": {"line": 2, "column": 29}, "end": {"line": 2, "column": 36}},
                "labels": [],
                "help": "did you mean `Modality` (0008,0060, CS)?",
                "fix": {
                    "span": {"start": {"line": 2, "column": 29}, "end": {"line": 2, "column": 36}},
                    "text": "Modality",
                    "safe": True,
                },
            }
        ],
        "files": 1,
    }
