"""The files of the paper: what this version does not build is refused by name, never misread."""

from pathlib import Path

import pytest

from roteiro.lang.render.text import said

FILES = sorted((Path(__file__).parent / "edition1").glob("*.route"))
NAMED = {
    "hospital": {"`timezone`", "`pool`", "`set ... file`", 'i"..." texts', "`schedule`", "`batch`",
                 "`days since`", "`during`"},
    "predicates": {'i"..." texts', "`matches`", "`days since`", "components of a person name",
                   "`under`", "`has (...)`", "positions such as `[1]`", "`count(...)`",
                   "private tags"},
    "research": {"`use`", "`lookup`", "`profile`", "`transform`", "`via`", "`batch`", "`during`",
                 "`set ... file`", "`invariant`"},
    "teleradiology": {"`timezone`", "`pool`", "`schedule`", "`batch`", "`notify`", "`clock`"},
    "tests": {"`use`", "`items(...)`", "`via`", "`expect result`"},
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_what_is_not_built_is_found(path: Path, examine) -> None:
    typed, findings = examine(path.read_text(encoding="utf-8"))
    assert typed is None
    assert {finding.code for finding in findings} - {"RT212"} == {"RT112"}
    findings = tuple(finding for finding in findings if finding.code == "RT112")
    words = [said(finding.message, "en") for finding in findings]
    named = {word.removeprefix("not in this version: ") for word in words if ":" in word}
    assert named == NAMED[path.stem]
