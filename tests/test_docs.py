"""What the pages show is true: rule files check, links lead somewhere, figures are on record."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from roteiro.lang.source import Source
from roteiro.runtime.cli.group import invoke
from roteiro.runtime.sources import examine

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("docs", "docs/adr", "docs/pt")
PAGES = [
    ROOT / "README.md",
    *(page for name in FOLDERS for page in sorted((ROOT / name).glob("*.md"))),
]
ROUTE = re.compile(r"```route\n(.*?)```", re.DOTALL)
TEST = re.compile(r"```\n(test .*?)```", re.DOTALL)
SESSION = re.compile(r"```\n(\$ roteiro .*?)```", re.DOTALL)
COMMAND = re.compile(r"\$ roteiro ((?:check|explain|test) .*)\n((?:[^$].*\n)*)")
MERMAID = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_first_rule_file_of_the_readme_has_no_findings() -> None:
    (text,) = ROUTE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    found = examine(Source("site.route", text))
    assert found.findings == ()
    assert found.typed is not None
    assert not found.typed.settings.uncarried


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write what the README calls `site.route` and `image.dcm`; give the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "site.route").write_text("".join([*ROUTE.findall(text), *TEST.findall(text)]))
    shutil.copy(str(get_testdata_file("CT_small.dcm", download=False)), tmp_path / "image.dcm")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROTEIRO_LANG", "en")
    return text


def test_commands_on_rule_files_print_what_the_readme_shows(
    site: str, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = [found for block in SESSION.findall(site) for found in COMMAND.findall(block)]
    shown += [("graph site.route", drawn) for drawn in MERMAID.findall(site)]
    words = [shlex.split(command) for command, _ in shown]
    assert [each[0] for each in words] == ["check", "explain", "test", "graph"]
    for each, (_, printed) in zip(words, shown, strict=True):
        assert invoke(each) == 0
        assert capfd.readouterr().out == printed


def test_the_readme_shows_the_files_of_the_demonstration() -> None:
    from roteiro.runtime.demo import FILES  # noqa: PLC0415  only this test needs it

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if name not in text] == []
