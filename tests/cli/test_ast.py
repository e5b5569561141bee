"""`roteiro ast`: rules to JSON and back, and what is neither."""

import json

import pytest
from jsonschema import Draft202012Validator

from tree import ROOT  # isort: skip

HOSPITAL = ROOT / "rules" / "hospital.route"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "ast.json").read_text(encoding="utf-8"))


def test_rules_come_back_from_json(run, tmp_path) -> None:
    there = run("ast", str(HOSPITAL))
    assert there.code == 0
    Draft202012Validator(SCHEMA).validate(json.loads(there.out))
    kept = tmp_path / "a.json"
    kept.write_text(there.out, encoding="utf-8")
    back = run("ast", "--text", str(kept))
    assert back.code == 0
    rules = tmp_path / "a.route"
    rules.write_text(back.out, encoding="utf-8")
    assert run("ast", str(rules)).out == there.out
    assert run("fmt", "--check", str(rules)).code == 0


def test_rules_with_errors_have_no_tree(run, tmp_path) -> None:
    path = tmp_path / "a.route"
    path.write_text("language 1\nnode {\n")
    ran = run("ast", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert "it has 1 error" in ran.err
    assert "RT100" in ran.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "it is no JSON: line 1, column 2"),
        (b"[]", "is no tree of a rule file, at `/`: expected a node, one of: File"),
        (b"[" * 100_000, "it is nested too deep"),
        (b"9" * 5_000, "too many digits"),
        (b"\xff", "UTF-8"),
        (b'{"node": "File", "edition": 1}', "at `/`: `File` has a member `items`"),
    ],
)
def test_what_is_no_tree_is_refused(run, tmp_path, content, said) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    ran = run("ast", "--text", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_file_that_is_not_there(run) -> None:
    assert run("ast", "nowhere.route").code == 2
