"""`roteiro test`: tests in the language, their results for people, scripts and CI."""

import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from roteiro.runtime.rules import Rules

GOOD = """
test "a CT goes to both" {
  given { assoc.calling_ae = "CT1" Modality = "CT" Rows = 512 PatientID = "4711" }
  expect exactly pacs, vna
  expect rule clinical.ct
  expect rule copies.archive
  expect pass
}
test "no patient" {
  given { Modality = "CT" PatientID = empty }
  expect hold quarantine
  expect no send pacs, vna
}
test "stranger" {
  given { assoc.calling_ae = "EVIL" Modality = "CT" }
  expect refuse 0x0124
}
test "silent" { given { assoc.calling_ae = "TEST" } expect drop }
test "ultrasound" { given { Modality = "US" PatientID = "1" } expect nothing }
test "report" { given { Modality = "SR" PatientID = "1" } expect hold reports }
"""
BAD = """
test "wrong about the archive" {
  given { Modality = "CT" Rows = 512 PatientID = "4711" }
  expect send pacs
  expect exactly pacs
  expect hold quarantine
}
"""
FILES = """
test "a real CT" { given file "ct.dcm" expect exactly pacs, vna }
test "a real CT without patient" {
  given file "ct.dcm" { PatientID = empty }
  expect hold quarantine
}
test "gone" { given file "gone.dcm" expect pass }
test "a letter" { given file "letter.dcm" expect pass }
"""


@pytest.fixture
def tested(rules: Path) -> Path:
    """Add tests that pass to the rule file."""
    rules.write_text(rules.read_text() + GOOD)
    return rules


def add(rules: Path, text: str) -> Path:
    rules.write_text(rules.read_text() + text)
    return rules


def test_all_pass(run, tested: Path) -> None:
    done = run("test", tested)
    assert (done.code, done.out, done.err) == (0, "1 file: 6 tests passed\n", "")


def test_a_failure_shows_expected_got_and_rules(run, tested: Path) -> None:
    add(tested, BAD)
    line = tested.read_text().splitlines().index('test "wrong about the archive" {') + 1
    done = run("test", tested)
    assert (done.code, done.err) == (1, "")
    assert f"{tested}:{line}: failed: wrong about the archive\n" in done.out
    assert done.out.count("  expected ") == 2
    assert done.out.count("  got ") == 2
    assert "`vna`" in done.out
    assert "  fired guard.otherwise, clinical.ct, copies.archive, copies.twice\n" in done.out
    assert done.out.endswith("1 file: 1 failed, 6 tests passed\n")


def test_json(run, tested: Path, fits) -> None:
    add(tested, BAD)
    done = run("test", "--format", "json", tested)
    document = done.json()
    fits(document, "test")
    assert (done.code, done.err) == (1, "")
    assert (document["passed"], document["failed"], document["files"]) == (6, 1, 1)
    last = document["tests"][-1]
    assert (last["name"], last["passed"]) == ("wrong about the archive", False)
    assert [each["line"] - last["line"] for each in last["failures"]] == [3, 4]
    assert last["rules"][0] == "guard.otherwise"


def test_a_file_is_relative_to_the_rule_file(run, rules: Path, sample, fits) -> None:
    shutil.copy(sample("CT_small.dcm"), rules.parent / "ct.dcm")
    (rules.parent / "letter.dcm").write_text("dear colleague, " * 20)
    add(rules, FILES)
    done = run("test", "--format", "json", rules)
    fits(done.json(), "test")
    results = {test["name"]: test for test in done.json()["tests"]}
    assert results["a real CT"]["passed"]
    assert results["a real CT without patient"]["passed"]
    for name in ("gone", "a letter"):
        assert results[name]["passed"] is False
        assert results[name]["error"]
        assert results[name]["rules"] == []
    assert done.code == 1
    text = run("test", rules)
    assert "failed: gone" in text.out
    assert "gone.dcm" in text.out
    assert text.out.endswith("1 file: 2 failed, 2 tests passed\n")


@pytest.mark.parametrize("word", ["PATIENT", "patient", "no p"])
def test_some_by_name(run, tested: Path, word: str) -> None:
    done = run("test", "-k", word, "--format", "json", tested)
    assert done.code == 0
    assert [test["name"] for test in done.json()["tests"]] == ["no patient"]


HELD = """
lookup names = file "names.csv" key PatientID value Name
transform who { set StudyID = lookup(@names, PatientID) }
table held all { rule r { when Modality == "PX" send to vna via who } }
test "looks fine" { given { Modality = "PX" PatientID = "7" } expect send vna }
"""


def test_a_delivery_that_would_be_held_is_noted_and_no_failure(run, rules: Path, fits) -> None:
    (rules.parent / "names.csv").write_text("PatientID,Name\n1,A\n")
    done = run("test", add(rules, HELD))
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].endswith(": note: looks fine")
    why = "`names` has no row for `7`, and no other value is given"
    assert lines[1:] == [f"  the delivery to `vna` is held: {why}", "1 file: 1 test passed"]
    document = run("test", "--format", "json", rules).json()
    fits(document, "test")
    (entry,) = document["tests"]
    assert (entry["passed"], entry["notes"]) == (True, [lines[1].strip()])


@pytest.mark.parametrize(
    "changed",
    [("expect send vna", "expect send vna expect hold transform_failed"), ('"7"', '"1"')],
)
def test_what_is_expected_or_goes_well_is_not_noted(run, rules: Path, changed) -> None:
    (rules.parent / "names.csv").write_text("PatientID,Name\n1,A\n")
    done = run("test", add(rules, HELD.replace(*changed)))
    assert (done.code, done.out) == (0, "1 file: 1 test passed\n")


def test_a_word_that_no_test_has(run, tested: Path) -> None:
    done = run("test", "-k", "pateint", tested)
    assert done.code == 2
    assert done.err == "roteiro: no test has `pateint` in its name\n"


def test_a_file_without_tests_says_so(run, rules: Path) -> None:
    done = run("test", rules)
    assert (done.code, done.err) == (0, f"roteiro: there is no test in `{rules}`\n")
    assert done.out == "1 file: 0 tests passed\n"
    assert run("test", "-k", "any", rules).code == 0


def test_several_files(run, tested: Path, tmp_path: Path) -> None:
    other = shutil.copy(tested, tmp_path / "other.route")
    done = run("test", tested, other, tmp_path / "none.route")
    assert done.code == 2
    assert done.out == "2 files: 12 tests passed\n"
    assert done.err == f"roteiro: there is no `{tmp_path / 'none.route'}`\n"


def test_a_file_with_errors(run, tested: Path, tmp_path: Path, fits) -> None:
    wrong = tmp_path / "wrong.route"
    wrong.write_text('language 1\ntable t all { rule r { when Modalty == "CT" nothing "x" } }\n')
    done = run("test", "--format", "json", wrong, tested)
    fits(done.json(), "test")
    assert done.code == 1
    assert "RT101" in done.err
    assert done.json()["passed"] == 6


def test_coverage(run, tested: Path, fits) -> None:
    done = run("test", "--coverage", "--format", "json", tested)
    fits(done.json(), "test")
    coverage = done.json()["coverage"]
    assert 0 < coverage["rule"]["covered"] < coverage["rule"]["total"]
    kinds = {gap["kind"] for gap in coverage["missing"]}
    assert {"rule", "condition"} <= kinds
    told = run("test", "--coverage", tested).out
    assert "never fired" in told
    assert f"{coverage['rule']['covered']} of {coverage['rule']['total']} fired" in told


@pytest.mark.parametrize(("least", "code"), [("1", 0), ("100", 1)])
def test_fail_under(run, tested: Path, least: str, code: int) -> None:
    done = run("test", "--fail-under", least, tested)
    assert done.code == code
    assert ("the tests cover" in done.err) is (code == 1)


@pytest.mark.parametrize("least", ["101", "-1", "many"])
def test_a_percentage_that_is_none(run, tested: Path, least: str) -> None:
    assert run("test", "--fail-under", least, tested).code == 2


def test_lcov(run, tested: Path, tmp_path: Path) -> None:
    target = tmp_path / "coverage.info"
    assert run("test", "--lcov", target, tested).code == 0
    lines = target.read_text().splitlines()
    assert f"SF:{tested}" in lines
    found = {
        line.split(",")[1]: int(line[5:].split(",")[0]) for line in lines if line[:5] == "FNDA:"
    }
    assert any(found.values())
    assert int(next(line[4:] for line in lines if line[:4] == "FNH:")) == sum(
        map(bool, found.values())
    )
    assert lines[-1] == "end_of_record"


@pytest.mark.parametrize("words", [["--format", "junit"], ["--verbose"], []])
def test_wrong_usage(run, words: list[str]) -> None:
    assert run("test", *words).code == 2


def test_junit(run, tested: Path, tmp_path: Path) -> None:
    add(tested, BAD + '\ntest "a \\u{1}<&\\"]]>" { given file "gone.dcm" expect pass }\n')
    target = tmp_path / "results.xml"
    done = run("test", "--junit", target, tested)
    assert done.code == 1
    root = ElementTree.parse(target).getroot()
    assert root.tag == "testsuites"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("8", "1", "1")
    (suite,) = root
    assert suite.get("name") == str(tested)
    names = [case.get("name") for case in suite]
    assert names[0] == "a CT goes to both"
    assert names[-1] == 'a \\x01<&"]]>'
    failures = suite[6].findall("failure")
    assert len(failures) == 2
    assert "pacs" in (failures[0].get("message") or "")
    assert suite[7].find("error") is not None


def test_junit_where_nothing_can_be_written(run, tested: Path, tmp_path: Path) -> None:
    done = run("test", "--junit", tmp_path / "no" / "folder.xml", tested)
    assert done.code == 1
    assert "cannot be written" in done.err
    assert done.out == "1 file: 6 tests passed\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_difference_is_our_fault(run, tested: Path, monkeypatch, form: str) -> None:
    decide = Rules.decide_subject

    def wrong(self: Rules, subject: object) -> object:
        decided = decide(self, subject)  # type: ignore[arg-type]
        return replace(decided, decision=replace(decided.decision, sends=()))

    monkeypatch.setattr(Rules, "decide_subject", wrong)
    done = run("test", "-k", "CT", "--format", form, tested)
    assert done.code == 3
    assert "sha256:" in done.err
    assert "differ" in done.out
    assert done.err.count("\n") == 1


def test_help_has_an_example(run) -> None:
    assert "Example: roteiro test" in run("test", "--help").out


def test_as_a_process(process, tested: Path) -> None:
    done = process("test", tested, "--junit", "out.xml")
    assert (done.code, done.err) == (0, "")
    assert (tested.parent / "out.xml").read_bytes().startswith(b"<?xml")
