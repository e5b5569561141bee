"""`roteiro demo`, and the rule files that are shipped."""

from pathlib import Path

import pytest

from tests.e2e.routers import roteiro

RULES = sorted((Path(__file__).resolve().parent.parent.parent / "rules").glob("*.route"))


def test_demo_ends_well_and_says_where_each_file_went(tmp_path: Path) -> None:
    ran = roteiro("demo", cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert not ran.err
    rows = [line for line in ran.out.splitlines() if "same bytes" in line]
    assert len(rows) >= 5
    assert all("0x0000" in row for row in rows)
    assert f"{len(rows)} files sent" in ran.out.splitlines()[-1]
    assert "NOT AS" not in ran.out
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_three_rule_files_are_shipped() -> None:
    assert {path.name for path in RULES} >= {"demo.route", "hospital.route", "quickstart.route"}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_shipped_rules_have_no_finding_and_their_tests_pass(path: Path) -> None:
    checked = roteiro("check", path, "--fail-level", "warning")
    assert checked.code == 0, checked.out
    tested = roteiro("test", path)
    assert tested.code == 0, tested.out
    assert "passed" in tested.out
