"""`roteiro test --coverage-html`: one page that needs nothing else and leaves nothing out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from roteiro.lang.coverage import Coverage, Hits
from roteiro.lang.source import Source
from roteiro.runtime import coverpage
from roteiro.runtime.coverpage import Mark
from roteiro.runtime.rules import compile_text

TESTED = """
condition large = Rows >= 512 and Columns >= 512
table more all {
  rule big { when @large or Modality == "<b>&amp;" send to vna }
  rule items { when any RequestAttributesSequence has (
      ScheduledProcedureStepID starts with "CT") and not (Modality == "US")
    send to vna }
}
test "a CT" { given { Modality = "CT" Rows = 512 Columns = 512 PatientID = "1" } expect send pacs }
test "a small CT" { given { Modality = "CT" Rows = 16 Columns = 512 PatientID = "1" }
  expect send pacs }
test "stranger" { given { assoc.calling_ae = "EVIL" } expect refuse 0x0124 }
"""
EMPTY = {"meta", "br", "img", "link", "input"}


class Reader(HTMLParser):
    """Reads a page as a browser does, and sees that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[dict[str, str]] = []
        self.text = ""
        self.badge = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append({"row": found.get("class") or ""})
        if tag == "td":
            self.cell = found.get("class") or ""
        self.badge = tag == "span" and found.get("class") in {"seen", "unseen"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.badge = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and "td" in self.open and not self.badge:
            self.rows[-1][self.cell] = self.rows[-1].get(self.cell, "") + data


@pytest.fixture
def tested(rules: Path) -> Path:
    rules.write_text(rules.read_text() + TESTED)
    return rules


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_shows_the_source_and_every_gap(run, tested: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    done = run("test", "--format", "json", "--coverage-html", page, tested)
    assert done.code == 0
    coverage = done.json()["coverage"]
    rows = read(page).rows
    listed = [row for row in rows if row.get("number")]
    assert [row.get("code", "") for row in listed] == tested.read_text().split("\n")
    notes = [row for row in rows if row["row"] == "note gap"]
    assert len(notes) == len(coverage["missing"]) > 5
    for gap, note in zip(coverage["missing"], notes, strict=True):
        assert gap["rule"] in note["code"]
        assert gap["test"] is None or gap["test"] in note["code"]
        above = max(int(row["number"]) for row in rows[: rows.index(note)] if row.get("number"))
        assert above == gap["line"]


def test_figures_and_counts(run, tested: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    coverage = run("test", "--format", "json", "--coverage-html", page, tested).json()["coverage"]
    reader = read(page)
    for kind in ("rule", "condition", "mcdc"):
        found = coverage[kind]
        figure = f"{found['covered']} / {found['total']} ({found['percent']:.0f} %)"
        assert figure in reader.text
    assert "3 tests passed" in reader.text
    rows = [row for row in reader.rows if row.get("number") and "sign" in row]
    signs = {row["code"].split()[1]: row["sign"] for row in rows}
    expected = {"stranger": "✓ 1", "silent": "✗ 0", "ct": "✓ 2", "big": "✓ 1"}
    assert {name: signs[name] for name in expected} == expected


def marks(page: Path) -> dict[str, str]:
    """Give the marks of each test: a capital letter for what was seen."""
    written = page.read_text(encoding="utf-8")
    found = re.findall(
        r'<span class="test(?: gap)?">([^<]*)</span>'
        r'((?:<span class="(?:un)?seen"[^>]*>\w</span>)+)',
        written,
    )
    return {
        test: "".join(
            letter if kind == "seen" else letter.lower()
            for kind, letter in re.findall(r'class="(\w+)"[^>]*>(\w)<', badges)
        )
        for test, badges in found
    }


def test_marks_say_what_was_seen(run, tested: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    run("test", "--coverage-html", page, tested)
    found = marks(page)
    assert found["assoc.calling_ae == &quot;EVIL&quot;"] == "TFD"
    assert found["Rows &gt;= 512"] == "TFD"
    assert found["Columns &gt;= 512"] == "Tfd"
    assert found["Modality == &quot;&lt;b&gt;&amp;amp;&quot;"] == "tFd"
    assert found["any RequestAttributesSequence has"] == "tFd"
    assert found["ScheduledProcedureStepID starts with &quot;CT&quot;"] == "tfd"
    assert found["Modality == &quot;US&quot;"] == "tFd"


def test_the_page_needs_nothing_else(run, tested: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    run("test", "--coverage-html", page, tested)
    reader = read(page)
    assert not {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe"}
    assert not [attrs for _, attrs in reader.tags if {"src", "href", "onclick"} & attrs.keys()]
    assert "url(" not in page.read_text()
    assert "@import" not in page.read_text()


def test_ends_of_lines_are_those_of_any_system(run, tested: Path, tmp_path: Path) -> None:
    written = tested.read_bytes()
    listed = []
    for ends in (b"\n", b"\r\n"):
        tested.write_bytes(written.replace(b"\n", ends))
        page = tmp_path / "coverage.html"
        assert run("test", "--coverage-html", page, tested).code == 0
        listed.append([row for row in read(page).rows if row.get("number")])
        assert marks(page)
    assert listed[0] == listed[1]


def test_in_portuguese(run, tested: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    run("--lang", "pt", "test", "--coverage-html", page, tested)
    reader = read(page)
    assert ("html", {"lang": "pt"}) in reader.tags
    assert "cobertura dos testes" in reader.text
    assert "nunca foi verdadeiro" in reader.text
    for english in ("never", "overage", "rules that", "passed"):
        assert english not in reader.text.replace(tested.read_text(), "")


def test_used_files_and_several_files(run, tested: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.route"
    second.write_text(
        'language 1\nuse "part.route"\ntest "x" { given { Modality = "CT" } expect send n }\n'
    )
    (tmp_path / "part.route").write_text(
        'language 1\nnode n { ae = "N" host = "127.0.0.1" port = 104 }\n'
        "table t all {\n\trule r { when Modality is valued send to n } }\n"
    )
    page = tmp_path / "coverage.html"
    assert run("test", "--coverage-html", page, tested, second).code == 0
    reader = read(page)
    heads = re.findall(r"<h2>(.*?)</h2>", page.read_text())
    assert heads == [str(tested), str(tmp_path / "part.route")]
    assert "all files" in reader.text
    codes = [row.get("code") for row in reader.rows if row.get("number")]
    assert "\trule r { when Modality is valued send to n } }" in codes


class Counting(list[Mark]):
    """Counts how often one of it is looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Mark]:
        for each in super().__iter__():
            self.looks += 1
            yield each


def test_a_line_looks_at_its_own_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = 'rule r{0} {{ when Modality ==\n"M{0}" and Rows > {0} nothing "x" }}\n'
    written = "language 1\ntable t all {\n" + "".join(map(rules.format, range(100))) + "}\n"
    typed = compile_text(written, "many.route").typed
    made: list[Counting] = []

    def counted(coverage: Coverage) -> Counting:
        made.append(Counting(real(coverage)))
        return made[-1]

    def listed(source: Source, hits: list[Hits], marks: list[Mark], *more: Any) -> Any:
        made.append(Counting(marks))
        return listing(source, hits, made[-1], *more)

    real, listing = coverpage._marks, coverpage._Listing
    monkeypatch.setattr(coverpage, "_marks", counted)
    monkeypatch.setattr(coverpage, "_Listing", listed)
    assert coverpage.page([Coverage(replace(typed, sources=typed.sources * 2))], "", "en")
    assert [(len(each), each.looks) for each in made] == [(200, 200)] * 2


def test_a_page_that_cannot_be_written(run, tested: Path, tmp_path: Path) -> None:
    done = run("test", "--coverage-html", tmp_path / "no" / "page.html", tested)
    assert done.code == 1
    assert "page.html" in done.err
