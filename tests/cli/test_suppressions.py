"""`roteiro check --suppressions FILE`: what is kept in all files of a call."""

import json

import pytest

RULES = """language 1
node a { ae = "A" host = "h" port = 104 }
node b { ae = "B" host = "h" port = 104 }
table t first { rule r { when PatientID != "x" send to a } otherwise { nothing "x" } }
"""


@pytest.fixture
def rules(tmp_path):
    paths = [tmp_path / name for name in ("one.route", "two.route")]
    for path in paths:
        path.write_text(RULES)
    return [str(path) for path in paths]


@pytest.fixture
def check(run, tmp_path, rules):
    def checked(written, *words, paths=rules):
        kept = tmp_path / "site.suppressions"
        kept.write_bytes(written if isinstance(written, bytes) else written.encode())
        ran = run("check", "--format", "json", "--suppressions", str(kept), *words, *paths)
        found = json.loads(ran.out).get("findings", [])
        return ran.code, [(each["code"], each["file"].split("/")[-1]) for each in found], ran.err

    return checked


def test_without_them_something_is_found(run, rules) -> None:
    found = json.loads(run("check", "--format", "json", *rules).out)["findings"]
    assert {(each["code"], each["file"]) for each in found} >= {("RT221", path) for path in rules}


@pytest.mark.parametrize("name", ["unused-name", "RT221"])
def test_a_line_is_about_every_file(check, name) -> None:
    code, found, _ = check(f"# one line for all\n# route: ignore-file[{name}] they come in March\n")
    assert (code, [each for each in found if each[0] in {"RT221", "RT900"}]) == (0, [])


def test_the_last_day_counts(check) -> None:
    _, found, _ = check("# route: ignore-file[unused-name] until 2020-01-01 they come in March\n")
    assert ("RT221", "one.route") in found
    assert ("RT902", "site.suppressions") in found


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("# route: ignore-file[unused-name]\n", "RT901"),
        ("# route: ignore-file[late-tag] nothing is late here\n", "RT900"),
        ("# route: ignore[unused-name] of one place\n", "RT900"),
        ("# route: ignore-file[no-such-name] why\n", "RT900"),
        ("# route: ignore-file[syntax-error] why\n", "RT900"),
        ("unused-name\n", "RT900"),
        ("language 1 # route: ignore-file[unused-name] why\n", "RT900"),
    ],
)
def test_what_has_no_effect_is_found_in_that_file(check, written, code) -> None:
    _, found, _ = check(written)
    assert (code, "site.suppressions") in found


def test_nothing_is_called_unused_when_a_file_is_missing(check, rules) -> None:
    line = "# route: ignore-file[late-tag] nothing is late here\n"
    code, found, _ = check(line, paths=[rules[0], "nowhere.route"])
    assert code == 2
    assert all(each[0] != "RT900" for each in found)


def test_what_is_kept_does_not_fail(check) -> None:
    line = "# route: ignore-file[unused-name] they come in March\n"
    assert check(line, "--strict")[0] == 0
    assert check("", "--strict")[0] == 1


def test_a_file_that_is_not_there_or_no_text(run, check, rules) -> None:
    assert run("check", "--suppressions", "nowhere", *rules).code == 2
    code, _, err = check(b"\xff")
    assert code == 2
    assert "not UTF-8" in err
