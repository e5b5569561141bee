"""Findings as they are printed: golden texts, and the document of `check --format json`."""

import json
from pathlib import Path

import pytest

from roteiro.lang import messages
from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, message
from roteiro.lang.render import json as as_json
from roteiro.lang.render.text import render, said
from roteiro.lang.source import Source, Span
from tests.catalogue import catalogue

CASES = sorted((Path(__file__).parent / "findings").glob("*.route"))


def test_every_golden_pair_is_whole() -> None:
    stems = {path.stem for path in CASES}
    assert stems
    assert stems == {path.stem for path in CASES[0].parent.glob("*.txt")}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(path: Path, examine) -> None:
    _, findings = examine(path.read_text(encoding="utf-8"))
    wanted = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "\n\n".join(map(render, findings)) + "\n" == wanted


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
    assert render(found).splitlines()[-1] == "  = fix (unsafe): write `xyz`"


def last(fix: Fix, **more: object) -> list[str]:
    return render(one("abc def", 0, 3, fix=fix, **more)).splitlines()[5:]


def test_a_fix_is_told_by_what_it_does() -> None:
    assert last(Fix(Span(4, 7), "", safe=True)) == ["  = fix (safe): delete `def`"]
    assert last(Fix(Span(4, 4), "x ", safe=True)) == ["  = fix (safe): insert `x`"]
    words = message("language.slip_else")
    assert last(Fix(Span(0, 7), "x", safe=False, what=words)) == [
        f"  = fix (unsafe): {said(words, 'en')}"
    ]
    assert last(Fix(Span(0, 3), "x\n\n  y" + "z" * 99, safe=True))[0].endswith("z…`")


def test_help_and_fix_share_a_line_where_the_help_says_it_all() -> None:
    helped = message("language.did_you_mean", word="xyz")
    assert last(Fix(Span(0, 3), "xyz", safe=True), help=helped) == [
        "  = did you mean `xyz`?  (safe fix)"
    ]
    assert last(Fix(Span(0, 3), "abd", safe=True), help=helped) == [
        "  = help: did you mean `xyz`?",
        "  = fix (safe): write `abd`",
    ]


NIGHT = """\
language 1
table night first {
  rule stat_reads { when @stat nothing "a" }

  rule routine    { when not @stat nothing "b" }

  rule night_reads { when true nothing "c" }
}
"""


def test_all_that_a_finding_may_carry(monkeypatch) -> None:
    words = {
        "language.x_never": "`night_reads` can never fire",
        "language.x_covers": "covers every stat input",
        "language.x_rest": "covers the rest",
        "language.x_own": "unreachable: these 2 rules together match everything it matches",
        "language.x_proof": "proof: exact (27 boxes checked)",
        "language.x_move": "move it above line 3",
    }
    english = dict(catalogue("en")) | words
    monkeypatch.setattr(messages, "texts", lambda _subject, language: {"en": english}[language])
    source = Source("night.route", NIGHT)

    def at(word: str) -> Span:
        start = NIGHT.index(word)
        return Span(start, start + len(word))

    found = Diagnostic(
        "RT302",
        Level.WARNING,
        message("language.x_never"),
        source,
        at("night_reads"),
        labels=(
            Label(source, at("routine"), message("language.x_rest")),
            Label(source, at("night_reads"), message("language.x_own")),
            Label(source, at("stat_reads"), message("language.x_covers")),
        ),
        fix=Fix(at('rule night_reads { when true nothing "c" }'), "", safe=True),
        notes=(message("language.x_proof"),),
        others=(Fix(Span(0, 0), "", safe=False, what=message("language.x_move")),),
    )
    assert (
        render(found)
        == """\
warning[RT302 shadowed-rule]: `night_reads` can never fire
 --> night.route:7:8
  |
3 |   rule stat_reads { when @stat nothing "a" }
  |        ---------- covers every stat input
5 |   rule routine    { when not @stat nothing "b" }
  |        ------- covers the rest
7 |   rule night_reads { when true nothing "c" }
  |        ^^^^^^^^^^^ unreachable: these 2 rules together match everything it matches
  = proof: exact (27 boxes checked)
  = fix (safe): delete `rule night_reads { when true nothing "c" }`
  = fix (unsafe): move it above line 3
  = to keep it: # route: ignore[shadowed-rule] <reason>"""
    )


def test_an_error_cannot_be_kept() -> None:
    assert "to keep it" not in render(one("abc", 0, 1))


def test_the_offer_is_in_the_language_of_the_reader() -> None:
    source = Source("x.route", "abc")
    what = message("language.closes_nothing")
    found = Diagnostic("RT221", Level.WARNING, what, source, Span(0, 1))
    assert render(found, "pt").endswith("# route: ignore[unused-name] <motivo>")


def test_places_far_from_each_other_on_one_line_are_all_shown() -> None:
    text = "x" * 300 + "y" + "x" * 300
    found = one(text, 300, 301)
    label = Label(found.source, Span(2, 5), message("language.first_here"))
    lines = render(one_with(found, label)).splitlines()[3:]
    assert [line[:4] for line in lines] == ["1 | ", "  | ", "1 | ", "  | "]
    assert lines[1] == "  |   --- the first is here"
    assert lines[2][lines[3].index("^")] == "y"


def test_a_name_that_would_change_the_terminal_is_made_harmless() -> None:
    found = Diagnostic(
        "RT100",
        Level.ERROR,
        message("language.closes_nothing"),
        Source("a\x1b[31m\n.route", "x"),
        Span(0, 1),
    )
    assert render(found).splitlines()[1] == " --> a·[31m·.route:1:1"


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
