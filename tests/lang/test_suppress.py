"""Suppressions: where they stand, what they keep, and what is said of those without effect."""
# ruff: noqa: E501  the tables have one case a line

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.lang.check import check_loaded
from roteiro.lang.codes import CODES, fatal
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.load import Contents, load
from roteiro.lang.source import Source
from roteiro.lang.suppress import apply, offer
from roteiro.lang.typed import Typed

TODAY = date(2026, 1, 31)
RULES = 'table t all {\n  rule r { when Rows > 1 nothing "x" }\n}\n'
SHADOW = """table t first {
  rule a { when Rows > 5 nothing "a" }
  rule b { when Rows > 9 nothing "b" }
  otherwise { nothing "x" }
}
"""


class Shelf(dict[str, str]):
    """Files by name."""

    def identity(self, name: str) -> str:
        return name

    def read(self, path: str, beside: str) -> Contents:
        return Contents(path, path, self[path].encode())

    def why(self, wrong: OSError) -> str:
        return str(wrong)


def checked(text: str, today: date = TODAY, **files: str) -> tuple[Typed | None, list[Diagnostic]]:
    shelf = Shelf({f"{name}.route": f"language 1\n{held}" for name, held in files.items()})
    loaded = load(Source("x.route", text), shelf)
    typed, findings = check_loaded(loaded, today)
    return typed, [*loaded.findings, *findings]


def found(items: str, today: date = TODAY, **files: str) -> list[tuple[str, str]]:
    """Give code and place of the findings of a program."""
    text = items if "language 1" in items else f"language 1\n{items}"
    return [
        (one.code, one.source.text[one.span.start : one.span.end])
        for one in checked(text, today, **files)[1]
    ]


def mended(items: str) -> str:
    """Give the text after the fix of the last finding that has one."""
    text = f"language 1\n{items}"
    fix = [one.fix for one in checked(text)[1] if one.fix is not None][-1]
    assert fix.safe
    return (text[: fix.span.start] + fix.text + text[fix.span.end :]).removeprefix("language 1\n")


KEPT = [
    '# route: ignore[unused-name] the next file uses it\nset s = { "A" }',
    '# route: ignore[RT221] by code\nset s = { "A" }',
    '#route:ignore[ UNUSED-NAME , ] in any case, anyhow spaced\nset s = { "A" }',
    '# route: ignore[unused-name] until 2026-01-31 its last day\nset s = { "A" }',
    '# route: ignore[unused-name] until the other file is there\nset s = { "A" }',
    'set s = { "A" } # route: ignore[unused-name] at the end',
    '# route: ignore[unused-name] over\n# other remarks\n## and documentation\nset s = {\n  "A"\n}',
    SHADOW.replace("  rule b", "  # route: ignore[shadowed-rule] as a reminder\n  rule b"),
    SHADOW.replace('"b" }', '"b" } # route: ignore[shadowed-rule] as a reminder'),
    "# route: ignore[shadowed-rule] for all of its rules\n" + SHADOW,
    "# route: ignore-file[shadowed-rule, unused-name] old\nlanguage 1\nset s = { \"A\" }\n" + SHADOW,
    "# Rules of the house\n\n# route: ignore-file[unused-name] of others\n\nlanguage 1\nset s = { \"A\" }",
    'node p { ae = "P" host = "p" port = 1 external = yes }\ntable t all {\n  rule r {\n    # no remark\n    send to p } # route: ignore[external-without-profile] same patient, same consent\n}',
]  # fmt: skip


@pytest.mark.parametrize("items", KEPT, ids=lambda value: value[:60])
def test_what_is_kept(items: str) -> None:
    assert found(items) == []


def test_an_error_that_is_kept_leaves_a_program() -> None:
    text = 'language 1\n# route: ignore[not-exhaustive] the rest waits unrouted\ntable t first { rule r { when Rows > 1 nothing "x" } }\n'
    typed, findings = checked(text)
    assert findings == []
    assert typed is not None
    assert checked(text.replace("# route: ignore", "# keep: "))[0] is None


def test_without_a_day_nothing_is_carried_out() -> None:
    loaded = load(Source("x.route", 'language 1\n# route: ignore[RT221] x\nset s = { "A" }\n'))
    assert [one.code for one in check_loaded(loaded)[1]] == ["RT221"]


S = 'set s = { "A" }\n'
REPORTED = [
    # nothing there to suppress
    ("# route: ignore[unused-name] x\n" + RULES, [("RT900", "unused-name")]),
    ("# route: ignore[unused-name, late-tag] x\n" + S, [("RT900", "late-tag")]),
    ("set u = { \"B\" } # route: ignore[unused-name] not of the next line\n" + S, [("RT221", "s")]),
    ("# route: ignore[unused-name] x\nset u = { \"B\" }\n" + S, [("RT221", "s")]),
    # out of place
    (f"# route: ignore[unused-name] an empty line between\n\n{S}", [("RT900", "# route: ignore[unused-name] an empty line between"), ("RT221", "s")]),
    (f"{S}# route: ignore[unused-name] nothing follows", [("RT221", "s"), ("RT900", "# route: ignore[unused-name] nothing follows")]),
    ('set s = {\n# route: ignore[unused-name] inside\n"A" }', [("RT221", "s"), ("RT900", "# route: ignore[unused-name] inside")]),
    (f"language 1\n# route: ignore-file[unused-name] too late\n{S}", [("RT900", "# route: ignore-file[unused-name] too late"), ("RT221", "s")]),
    (f"language 1 # route: ignore-file[unused-name] too late\n{S}", [("RT900", "# route: ignore-file[unused-name] too late"), ("RT221", "s")]),
    # names
    ("# route: ignore[unused-nam] x\n" + S, [("RT900", "unused-nam"), ("RT221", "s")]),
    ("# route: ignore[RT999] x\n" + RULES, [("RT900", "RT999")]),
    ("# route: ignore[] x\n" + RULES, [("RT900", "# route: ignore[] x")]),
    ("# route: ignore[wrong-type] x\n" + RULES, [("RT900", "wrong-type")]),
    ("# route: ignore[nested-has, unused-suppression] x\n" + RULES, [("RT900", "nested-has"), ("RT900", "unused-suppression")]),
    # forms
    ("# route: ignore unused-name\n" + RULES, [("RT900", "# route: ignore unused-name")]),
    ("# route: ingore[unused-name] x\n" + RULES, [("RT900", "# route: ingore[unused-name] x")]),
    ("# route: [unused-name]\n" + RULES, [("RT900", "# route: [unused-name]")]),
    ("# route: ignore[unused-name] until 2026-02-30 x\n" + S, [("RT900", "2026-02-30"), ("RT221", "s")]),
    ("# route: ignore[unused-name] until 20260228 x\n" + S, [("RT900", "20260228"), ("RT221", "s")]),
    # reasons and days
    ("# route: ignore[unused-name]\n" + S, [("RT901", "# route: ignore[unused-name]")]),
    ("# route: ignore[unused-name] : -\n" + S, [("RT901", "# route: ignore[unused-name] : -")]),
    ("# route: ignore[unused-name] until 2027-01-01\n" + S, [("RT901", "# route: ignore[unused-name] until 2027-01-01")]),
    ("# route: ignore[unused-name] until 2026-01-30 x\n" + S, [("RT902", "# route: ignore[unused-name] until 2026-01-30 x"), ("RT221", "s")]),
    # remarks of people
    ("# route: CT goes to the archive\n" + RULES, []),
    ("# routes: ignore[x]\n## route: ignore[late-tag] is how it is written\n" + RULES, []),
    ('table t all { rule r { when PatientID == "# route: ignore[x] y" nothing "x" } }', []),
]  # fmt: skip


@pytest.mark.parametrize(("items", "expected"), REPORTED, ids=lambda value: str(value)[:70])
def test_what_is_said(items: str, expected: list[tuple[str, str]]) -> None:
    assert found(items) == expected


@pytest.mark.parametrize(
    ("items", "better"),
    [
        ("# route: ignore[late-tag] x\n" + RULES, RULES),
        ("table t all { # route: ignore[late-tag] x\n" + RULES[14:], RULES),
        ("# route: ignore[late-tag, unused-name] x\n" + S, "# route: ignore[unused-name] x\n" + S),
        ("# route: ignore[unused-name, late-tag] x\n" + S, "# route: ignore[unused-name] x\n" + S),
        ("# route: ignore[unused-nane] x\n" + RULES, "# route: ignore[unused-name] x\n" + RULES),
    ],
)
def test_fixes(items: str, better: str) -> None:
    assert mended(items) == better


def test_while_there_are_errors_nobody_knows_what_is_not_needed() -> None:
    assert found("# route: ignore[late-tag] x\n" + RULES.replace("Rows", "Rosw")) == [
        ("RT101", "Rosw")
    ]
    assert found("# route: ignore[late-tag] x\n" + RULES + "set = 1\n")[0][0] == "RT100"


def test_an_error_of_rt1_is_no_less_an_error() -> None:
    items = "# route: ignore[wrong-type] x\n" + RULES.replace("1", '"1"')
    assert [code for code, _ in found(items)] == ["RT900", "RT120"]


def test_each_file_has_its_own() -> None:
    late = RULES.replace("Rows > 1", "instance.size > 1")
    text = 'language 1\nuse "b.route"\n# route: ignore[late-tag] here\n' + late
    other = late.replace("table t", "table u")
    (one,) = checked(text, b=other)[1]
    assert (one.code, one.source.name) == ("RT401", "b.route")
    assert checked(text, b="# route: ignore[late-tag] there\n" + other)[1] == []


def test_what_is_offered_is_accepted() -> None:
    text = f"language 1\n{S}"
    (one,) = checked(text)[1]
    comment = offer(one)
    assert comment == "# route: ignore[unused-name] <reason>"
    assert found(f"{comment}\n{S}") == []


def test_nothing_is_offered_for_errors_and_suppressions() -> None:
    for items in (RULES.replace("Rows", "Rosw"), "# route: ignore[late-tag] x\n" + RULES):
        (one,) = checked(f"language 1\n{items}")[1]
        assert offer(one) is None


def test_what_cannot_be_kept_leaves_no_program() -> None:
    assert {code for code in CODES if fatal(code)} >= {"RT100", "RT120", "RT404", "RT505"}
    assert not any(fatal(code) for code in ("RT102", "RT121", "RT123", "RT301", "RT501"))


@given(st.text(alphabet='#route:ignoe[]-,unsdam\n 2026fil"{}=AB', max_size=120))
def test_no_text_is_too_strange(text: str) -> None:
    source = Source("x.route", text)
    for one in apply((), [source], TODAY):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert one.code.startswith("RT9")
