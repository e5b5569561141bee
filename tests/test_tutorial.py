"""The tutorials work: files check, tests pass, commands print what the page shows."""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from roteiro.lang.diagnostics import Level
from roteiro.runtime.cli.group import invoke
from roteiro.runtime.rules import rules_of
from roteiro.runtime.sources import examine_file
from roteiro.runtime.testing import jobs_of, run_tests

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {"en": DOCS / "tutorial.md", "pt": DOCS / "pt" / "tutorial.md"}
BLOCK = re.compile(r"(?:^`(\S+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRONG = "wrong.route"
"""The file that the page shows because it has an error."""


@dataclass(frozen=True)
class Block:
    """A file, or a session at the command line."""

    name: str
    kind: str
    text: str


TOKEN = re.compile(r'ignore\[[^\]]*\]|"(?:[^"\\\n]|\\.)*"|[^\W\d]\w*|[\d.:-]+|\S')
COMMENT = re.compile(r"(# route: \S+)[^\n]*|#[^\n]*")
NAMED = re.compile(r"[a-z_][a-z0-9_]*")
SAID = re.compile(r'"[^"]*[a-z][^"]*"')
"""A text for people: one that is not all capitals and digits, as values are."""
RULE = re.compile(r"[a-z_]+\.[a-z_]+")


def unlike(one: str, other: str) -> list[tuple[str, str]]:
    """Give where two files differ in more than names, texts for people and comments.

    A name, or a text, of one is the same name or text of the other wherever it stands.
    """
    left, right = (TOKEN.findall(COMMENT.sub(r"\1", text)) for text in (one, other))
    if len(left) != len(right):
        return [(f"{len(left)} tokens", f"{len(right)} tokens")]
    pairs = set(zip(left, right, strict=True))
    there, back = dict(pairs), {second: first for first, second in pairs}
    return [
        (first, second)
        for first, second in sorted(pairs)
        if there[first] != second
        or back[second] != first
        or (first != second and not both(NAMED, first, second) and not both(SAID, first, second))
    ]


def both(shape: re.Pattern[str], one: str, other: str) -> bool:
    """Say whether both are of a shape."""
    return bool(shape.fullmatch(one) and shape.fullmatch(other))


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


def sessions(page: Path) -> Iterator[tuple[str, str]]:
    """Give each command and what it prints."""
    for block in blocks(page):
        if block.kind == "console":
            for part in block.text.split("$ ")[1:]:
                command, _, printed = part.partition("\n")
                yield command, printed


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write the files of a page into a folder, and go there."""

    def write(page: Path) -> Path:
        for block in blocks(page):
            if block.kind != "console":
                (tmp_path / block.name).write_text(block.text, encoding="utf-8")
        sample = get_testdata_file("CT_small.dcm", download=False)
        shutil.copy(str(sample), tmp_path / "image.dcm")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write


@pytest.mark.parametrize("language", PAGES)
def test_every_file_has_a_name_of_its_own(language: str) -> None:
    names = [block.name for block in blocks(PAGES[language]) if block.kind != "console"]
    assert len(names) > 10
    assert all(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", PAGES)
def test_files_have_no_findings_and_their_tests_pass(language: str, shelf) -> None:
    folder = shelf(PAGES[language])
    for path in sorted(folder.glob("*.route")):
        examined = examine_file(path)
        found = [each.code for each in examined.findings if each.level is not Level.INFO]
        if path.name == WRONG:
            assert found
            continue
        assert found == ([] if path.name != "nodes.route" else ["RT221", "RT221"]), path.name
        rules = rules_of(examined)
        failed = [ran for ran in run_tests(rules, jobs_of(rules, ""), "en") if not ran.passed]
        assert failed == []


@pytest.mark.parametrize("language", PAGES)
def test_commands_print_what_the_page_shows(
    language: str, shelf, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf(PAGES[language])
    monkeypatch.setenv("ROTEIRO_LANG", language)
    shown = list(sessions(PAGES[language]))
    assert len(shown) > 5
    for command, printed in shown:
        program, *words = shlex.split(command)
        assert program == "roteiro"
        invoke(words)
        assert capfd.readouterr().out == printed, command


def test_both_languages_have_the_same_examples() -> None:
    english, portuguese = (
        [block for block in blocks(page) if block.kind != "console"] for page in PAGES.values()
    )
    assert [(one.name, one.kind) for one in english] == [(one.name, one.kind) for one in portuguese]
    for one, other in zip(english, portuguese, strict=True):
        assert unlike(one.text, other.text) == [], one.name


def test_both_languages_show_the_same_commands() -> None:
    commands = [[command.split() for command, _ in sessions(page)] for page in PAGES.values()]
    for one, other in zip(*commands, strict=True):
        different = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
        assert [pair for pair in different if not RULE.fullmatch(pair[1])] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rule a { send to p }", "rule b { send to q }"),
        ("rule a { send to p }", "rule b  { send to q }  # why"),
        ('expect hold a "no id"', 'expect hold a "sem id"'),
        ("# route: ignore[late-tag] it is so", "# route: ignore[late-tag] é assim"),
    ],
)
def test_names_may_be_others(one: str, other: str) -> None:
    assert unlike(one, other) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('Modality == "CT"', 'Modality == "MR"'),
        ("Rows > 1", "Rows > 2"),
        ("StudyDate", "SeriesDate"),
        ("send to a, b", "send to c, c"),
        ("send to a, a", "send to c, d"),
        ("4711\n0815\n", "4711\n"),
        ("ImageType[1] == 1", "ImageType[1] == 2"),
        ("# route: ignore[late-tag] it is so", "# route: ignore[case-trap] it is so"),
    ],
)
def test_what_is_no_name_is_the_same(one: str, other: str) -> None:
    assert unlike(one, other)
