"""What the pages show is true: rule files check, links lead somewhere, figures are on record."""

import re
from pathlib import Path

import pytest

from roteiro.lang.source import Source
from roteiro.runtime.sources import examine

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *(ROOT / "docs/adr").glob("*")]
ROUTE = re.compile(r"```route\n(.*?)```", re.DOTALL)
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


def test_the_readme_shows_the_files_of_the_demonstration() -> None:
    from roteiro.runtime.demo import FILES  # noqa: PLC0415  only this test needs it

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if name not in text] == []
