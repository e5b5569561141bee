"""`roteiro bench`: figures of a rule file on objects."""

import shutil

import pytest
from pydicom.data import get_testdata_file

RULES = """language 1
node pacs { ae = "PACS" host = "10.0.0.5" port = 104 }
table t first {
  rule ct { when Modality == "CT" and PatientName.family matches /C.*/ send to pacs }
  otherwise { hold rest "x" }
}
"""
TEST = 'test "a" { given { Modality = "CT" PatientName = "Citizen^Jan" } expect send pacs }\n'


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "a.route"
    path.write_text(RULES)
    return str(path)


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    for name in ("CT_small.dcm", "MR_small.dcm", "image_dfl.dcm", "MR_small_bigendian.dcm"):
        shutil.copy(str(get_testdata_file(name)), folder)
    return str(folder)


def measured(run, fits, *words):
    ran = run("bench", *words, "--seconds", "0", "--format", "json")
    found = ran.json()
    fits(found, "bench")
    return ran.code, found


def test_a_folder_of_objects(run, fits, rules, study) -> None:
    code, found = measured(run, fits, rules, study)
    assert code == 0
    assert found["objects"] == 4
    assert found["size"]["rules"] == 1
    assert found["size"]["bytes"] > 0
    assert found["size"]["pattern_states"] > 0
    assert found["read"]["last_tag"] == "(0010,0010)"
    assert found["read"]["bytes"] < 4000
    times = found["ns"]
    assert 0 < times["median"] <= times["p99"] <= times["slowest"]
    assert times["slowest"] < 1e8


def test_words_and_the_objects_of_tests(run, fits, rules, tmp_path) -> None:
    assert measured(run, fits, rules, "Modality=CT", "Rows=12")[1]["objects"] == 1
    path = tmp_path / "b.route"
    path.write_text(RULES + TEST + TEST.replace('"a"', '"b"'))
    assert measured(run, fits, str(path))[1]["objects"] == 2


def test_for_people(run, rules, study) -> None:
    ran = run("bench", rules, study, "--seconds", "0")
    assert ran.code == 0
    size, read, time = ran.out.splitlines()
    assert "rules 1," in size
    assert read.startswith("4 objects: at most 3 tags")
    assert "a second on one processor" in time


def test_over_the_budget(run, rules, study) -> None:
    assert run("bench", rules, study, "--seconds", "0", "--most-us", "100000").code == 0
    over = run("bench", rules, study, "--seconds", "0", "--most-us", "0")
    assert over.code == 1
    assert "expected at most 0" in over.err


def test_without_objects(run, rules) -> None:
    ran = run("bench", rules)
    assert ran.code == 2
    assert "name DICOM files, or write tests" in ran.err


def test_what_is_no_object_is_left_out_and_fails(run, fits, rules, study) -> None:
    code, found = measured(run, fits, rules, study, rules)
    assert (code, found["objects"]) == (1, 4)
    code, found = measured(run, fits, rules, study, "nowhere.dcm")
    assert (code, found["objects"]) == (2, 4)


def test_rules_with_errors(run, tmp_path, study) -> None:
    path = tmp_path / "a.route"
    path.write_text("language 1\nnode {\n")
    assert run("bench", str(path), study).code == 1
