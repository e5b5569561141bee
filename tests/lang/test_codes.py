"""The table of findings: names and levels of the paper, and nothing that nobody reports."""

import re
from pathlib import Path

import pytest

from roteiro.lang.codes import CODES, fatal
from roteiro.lang.diagnostics import Level

LANG = Path(__file__).resolve().parents[2] / "lang"
CODE = re.compile(r'"(RT\d{3})"')
NAMED = {
    "RT101": "unknown-attribute",
    "RT102": "retired-attribute",
    "RT110": "wrong-vm",
    "RT120": "wrong-type",
    "RT121": "impossible-literal",
    "RT122": "unknown-uid-name",
    "RT123": "regex-not-anchored-habit",
    "RT130": "file-set-missing",
    "RT201": "constant-condition",
    "RT202": "duplicate-operand",
    "RT203": "self-contradiction",
    "RT204": "split-range",
    "RT210": "case-trap",
    "RT211": "pn-as-text",
    "RT212": "not-covers-blank",
    "RT213": "positional-on-vm1",
    "RT220": "priority-without-effect",
    "RT222": "condition-duplicated",
    "RT223": "many-similar-rules",
    "RT224": "meta-group-in-dataset",
    "RT225": "no-timezone",
    "RT226": "queue-named-once",
    "RT301": "not-exhaustive",
    "RT302": "shadowed-rule",
    "RT303": "vacuous-rule",
    "RT304": "always-true",
    "RT306": "redundant-rule",
    "RT320": "guard-unreachable",
    "RT321": "same-node-two-chains",
    "RT322": "schedule-never-open",
    "RT323": "pool-of-one",
    "RT401": "late-tag",
    "RT402": "clause-blow-up",
    "RT403": "regex-state-budget",
    "RT404": "nested-has",
    "RT501": "external-without-profile",
    "RT502": "identified-field-in-trace",
    "RT503": "profile-drops-less-than-basic",
    "RT504": "secret-in-text",
    "RT505": "uid-hash-without-secret",
    "RT510": "drop-in-guard-without-alert",
    "RT601": "untested-rule",
    "RT603": "test-expects-nothing",
    "RT900": "unused-suppression",
    "RT901": "suppression-without-reason",
    "RT902": "expired-suppression",
}
"""The paper's names of what this version reports."""
RESERVED = {"RT305", "RT307", "RT308", "RT310", "RT602"}
"""The paper's codes of analyses that come later; absent until something reports them."""
FAMILIES = {"1": Level.ERROR, "2": Level.WARNING, "4": Level.WARNING, "9": Level.WARNING}
OTHERS = {
    **dict.fromkeys(("RT102", "RT121", "RT123"), Level.WARNING),
    **dict.fromkeys(("RT222", "RT223", "RT225", "RT226"), Level.INFO),
    **dict.fromkeys(("RT311", "RT323", "RT601"), Level.INFO),
    **dict.fromkeys(("RT301", "RT322", "RT404", "RT501", "RT504", "RT505"), Level.ERROR),
    **dict.fromkeys(("RT302", "RT303", "RT304", "RT306", "RT320", "RT321"), Level.WARNING),
    **dict.fromkeys(("RT324", "RT502", "RT503", "RT510", "RT511", "RT603"), Level.WARNING),
}


@pytest.mark.parametrize("code", CODES)
def test_levels_are_those_of_the_paper(code: str) -> None:
    assert CODES[code].level is (OTHERS.get(code) or FAMILIES[code[2]])


def test_names_are_those_of_the_paper() -> None:
    assert {code: CODES[code].name for code in NAMED} == NAMED


def test_codes_of_later_versions_are_not_there() -> None:
    assert set(CODES) & RESERVED == set()


def test_every_code_is_reported_somewhere_and_no_other_is() -> None:
    sources = [path for path in LANG.rglob("*.py") if path.name != "codes.py"]
    named = {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert named == set(CODES)


def test_codes_stand_in_order() -> None:
    assert list(CODES) == sorted(CODES)


def test_what_cannot_be_kept_is_an_error() -> None:
    assert all(CODES[code].level is Level.ERROR for code in CODES if fatal(code))
