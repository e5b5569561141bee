"""Whatever the text: findings at places of it, never an exception, never for long."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang.check import check
from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.lower import lower
from roteiro.lang.parser import parse
from roteiro.lang.render import json as as_json
from roteiro.lang.render.text import render
from roteiro.lang.source import Source

ROOT = Path(__file__).resolve().parents[2]
REAL = [
    path.read_text(encoding="utf-8")
    for folder in (ROOT / "rules", Path(__file__).parent / "edition1")
    for path in sorted(folder.glob("*.route"))
]
PIECES = (
    *('"', "{", "}", "(", ")", "[", "]", "@", "..", ".", ",", "=", "/", "#", "\\", "\0", "\n"),
    *(
        "node ",
        "rule ",
        "table t all {",
        "otherwise {",
        " not ",
        " and ",
        " in ",
        "test ",
        "1",
        "x",
    ),
    *("transform t {", "profile p extends ", "if ", "each ", "set ", "pool p = copy (", "use "),
    *("schedule s = mon..fri ", "invariant ", "never send to ", "given ", "expect ", "has (", "@"),
    *("lookup l = file ", "items({", "batch by study after 5m", "+", "1x1+0+0", '(0019,"A",01)'),
    *('i"', "(0008,0060)", "2026-01-31", "22:00", "1.2.3", "language 1", "\ufeff", "\u2028", "é"),
)


def examined(text: str) -> tuple[Diagnostic, ...]:
    """Run all stages and look at everything that they say."""
    source = Source("x.route", text)
    file, findings = parse(source)
    if file is not None:
        typed, more = check(file, source)
        findings += more
        if typed is not None:
            lower(typed)
    for finding in findings:
        assert finding.code in CODES
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        for line in render(finding).splitlines():
            assert line.isprintable()
            assert "lark" not in line.lower()
            assert "Token(" not in line
    as_json.render(findings, 1)
    return findings


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    examined(text)


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_row_of_pieces(pieces: list[str]) -> None:
    examined("language 1\n" + "".join(pieces))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(REAL), st.data())
def test_real_files_with_changes(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(("", *PIECES))) + text[at + gone :]
    examined(text)


HEAD = "language 1\n"
MANY = 10_000
HARD = {
    "nul bytes": HEAD + "\0\0 node a {}\0",
    "only nul": "\0" * 100,
    "nested parentheses": f"{HEAD}condition a = {'(' * MANY}true{')' * MANY}",
    "open parentheses": f"{HEAD}condition a = {'(' * MANY}",
    "nested not": f"{HEAD}condition a = {'not ' * MANY}true",
    "nested not and parentheses": f"{HEAD}condition a = {'not (' * MANY}true{')' * MANY}",
    "a megabyte of braces": HEAD + "{" * 1_000_000,
    "open blocks": f"{HEAD}transform t {{\n" + "if true {\n" * MANY,
    "blocks in blocks": f"{HEAD}transform t {{ {'each A { ' * MANY}{'}' * MANY} }}",
    "blocks closed too often": f"{HEAD}transform t {{\n" + "remove A }\n" * MANY,
    "statements that are none": f"{HEAD}transform t {{\n" + "sett A = 1\n" * 3000 + "}",
    "calls in calls": f"{HEAD}transform t {{ set A = {'f(' * MANY}{')' * MANY} }}",
    "items in items": f'{HEAD}test "x" {{ given {{ A = {"items({ A = " * MANY}',
    "a long join": f"{HEAD}transform t {{ set A = {'A + ' * MANY} }}",
    "a long list": f"{HEAD}set s = {{ {'5, ' * MANY}",
    "many words that may be calls": f"{HEAD}condition a = {'count ' * MANY}",
    "many tags": f"{HEAD}condition a = {'(0008,0060) ' * MANY}",
    "closing braces": HEAD + "}" * MANY,
    "open tables": HEAD + "table a all { rule b {\n" * 1000,
    "a long name": f"{HEAD}condition a = {'x' * 1_000_000} is blank",
    "a long line": HEAD + "abc " * 250_000,
    "a long text": f'{HEAD}condition a = Modality == "{"x" * 1_000_000}"',
    "a long open text": f'{HEAD}condition a = Modality == "{"x" * 1_000_000}',
    "many escapes": f'{HEAD}condition a = Modality == "{chr(92) * 200_001}',
    "a long number": f"{HEAD}condition a = Rows == {'9' * 100_000}",
    "slashes": HEAD + "/" * 5_000_000,
    "slashes and backslashes": HEAD + "/\\" * 200_000,
    "texts of tags": HEAD + '(0019,"' * 100_000,
    "a line of five megabytes": f"{HEAD}condition a = Modality matches /{'x' * 5_000_000}",
    "spaces": f"{HEAD}condition a =" + " " * 5_000_000,
    "lines that are nothing": HEAD + "foo bar\n" * MANY,
    "lines that are properties": HEAD + "x = 5\n" * MANY,
    "items behind nothing": HEAD + "$ table t all {\n" * 3000,
    "nodes behind a word": HEAD + "a node b {\n" * 3000,
    "items of another language": HEAD + "frobnicate x { a = 1\n" * 3000,
    "a huge priority": f'{HEAD}table t first {{ rule a priority {"9" * 5000} {{ nothing "x" }} }}',
    "a huge position": f"{HEAD}condition a = ImageType[{'9' * 5000}] == 1",
    "a huge status": f"{HEAD}guard {{ otherwise {{ refuse 0x{'1' * 5000} }} }}",
    "a huge edition": f"language {'9' * 5000}",
    "a huge duration": f"{HEAD}node a {{ retry = backoff {'9' * 5000}d..1s }}",
    "a surrogate": f'{HEAD}condition a = Modality == "\ud800"',
    "a bomb of conditions": f"{HEAD}condition c0 = Rows > 1\n"
    + "".join(f"condition c{n} = @c{n - 1} and @c{n - 1}\n" for n in range(1, 60)),
    "a chain of conditions": "".join(
        [HEAD, *(f"condition c{n} = @c{n + 1}\n" for n in range(2000)), "condition c2000 = true"]
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_answered_soon(name: str) -> None:
    text = HARD[name]
    source = Source("x.route", text)
    before = time.process_time()
    file, findings = parse(source)
    if file is not None:
        findings += check(file, source)[1]
    shown = [render(finding) for finding in findings[:3]]
    assert time.process_time() - before < 10
    assert findings
    assert all(len(lines) < 2000 for lines in shown)


@pytest.mark.parametrize("name", ["nested parentheses", "nested not", "nested not and parentheses"])
def test_nesting_has_a_limit(name: str) -> None:
    source = Source("x.route", HARD[name])
    _, findings = parse(source)
    assert [one.code for one in findings] == ["RT126"]


def test_conditions_that_explode_are_refused() -> None:
    source = Source("x.route", HARD["a bomb of conditions"])
    file, findings = parse(source)
    assert findings == ()
    assert file is not None
    assert "RT126" in {one.code for one in check(file, source)[1]}


def test_the_largest_nesting_runs_through_all_stages() -> None:
    text = (
        f"{HEAD}condition a = {'not (true and ' * 31}Rows > 1{')' * 31}\n"
        'table t all { rule r { when @a nothing "x" } }\n'
    )
    source = Source("x.route", text)
    file, findings = parse(source)
    assert findings == ()
    assert file is not None
    typed, findings = check(file, source)
    assert {one.code for one in findings} == {"RT201", "RT212"}
    assert typed is not None
    lower(typed)


def test_thousands_of_rules_are_read() -> None:
    rules = "".join(
        f'  rule r{n} {{ when StationName == "S{n}" and Modality == "CT" send to p }}\n'
        for n in range(1000)
    )
    text = f'{HEAD}node p {{ ae = "P" host = "p" port = 1 }}\ntable t all {{\n{rules}}}\n'
    assert [one.code for one in examined(text)] == ["RT223"]  # make a set of them
