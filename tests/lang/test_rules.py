"""The rule files that are shipped: nothing found in them, nothing in them that is not carried."""

from importlib.resources import files

import pytest

from roteiro.lang.reference import Reference
from roteiro.lang.selftest import FileObject, run

NAMES = ("demo", "hospital", "quickstart")


def no_file(path: str) -> FileObject:
    raise AssertionError(path)


def test_all_are_known() -> None:
    names = {entry.name for entry in files("roteiro.rules").iterdir()}
    assert {f"{name}.route" for name in NAMES} == {name for name in names if name[-6:] == ".route"}


@pytest.mark.parametrize("name", NAMES)
def test_shipped_rules_are_clean_and_their_tests_pass(name: str, examine) -> None:
    text = files("roteiro.rules").joinpath(f"{name}.route").read_text(encoding="utf-8")
    typed, findings = examine(text)
    assert findings == ()
    assert typed is not None
    assert typed.settings.uncarried == ()
    assert typed.settings.listeners
    results = run(typed, Reference(typed), no_file)
    assert len(results) >= 2
    assert [result.test.name for result in results if not result.passed] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_expected_by_some_test(name: str, examine) -> None:
    text = files("roteiro.rules").joinpath(f"{name}.route").read_text(encoding="utf-8")
    typed, _ = examine(text)
    fired = {
        rule
        for result in run(typed, Reference(typed), no_file)
        if result.trace
        for rule in result.trace.decision.rules
    }
    rules = {f"{table.name}.{rule.name}" for table in typed.tables for rule in table.rules}
    assert rules <= fired
