"""`roteiro check`: exit codes, streams, shapes, and every bad file."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from roteiro.lang.codes import CODES
from roteiro.lang.messages import LANGUAGES

WRONG = 'language 1\ntable t all {\n  rule r { when Modalty == "CT" nothing "x" }\n}\n'
CLEAN = 'language 1\ntable t all { rule r { when Modality == "CT" nothing "x" } }\n'
FORMS = ("text", "plain", "json", "sarif", "github", "junit")
TEN_ERRORS = """\
language 1
listener one { port = }
node two { ae "N" host = "h" }
set three = { "a", }}
condition four = Modality ==
table five all { rule r { when Modality = "CT" nothing "x" } }
table six all { rule r { when Modalty == "CT" nothing "x" } }
table seven all { rule r { when Rows == "x" nothing "x" } }
table eight all { rule r { when @nowhere nothing "x" } }
table nine all { rule r { send to nobody } }
node ten { ae = "T" }
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "clean.route"
    path.write_text('language 1\ntable t all { rule r { when Modality == "CT" nothing "x" } }\n')
    return path


def test_a_clean_file_is_said_to_be_clean(run, rules: Path) -> None:
    done = run("check", rules)
    assert (done.code, done.out, done.err) == (0, "1 file: nothing found\n", "")


UNSERVED = """language 1
use "nodes.route"
node pacs { ae = "PACS"  host = "10.0.0.5"  port = 104 }
table t all {
  rule a { when Modality == "CT"  send to pacs urgency low batch by study after 5m late all }
  rule b { when Modality == "MR"  send to pacs batch by study after 5m late all }
}
"""


def test_what_serve_would_refuse_is_said_at_the_end(run, tmp_path: Path, fits: Callable) -> None:
    path = tmp_path / "late.route"
    path.write_text(UNSERVED)
    (tmp_path / "nodes.route").write_text(
        'language 1\nnode ct { ae = "CT"  host = "10.0.0.7"  may = { store, query } }\n'
    )
    what = f"`late` ({path}:5), `query` ({tmp_path / 'nodes.route'}:2)"
    refused = "`serve` of this version refuses what it does not carry out"
    end = f"1 file: nothing found\n{refused}: {what}\n"
    done = run("check", path)
    assert (done.code, done.out, done.err) == (0, end, "")
    plain = run("check", "--format", "plain", path)
    assert (plain.out, plain.err) == ("", end)
    document = run("check", "--format", "json", path).json()
    fits(document, "check")
    assert document == {"findings": [], "files": 1}
    assert run("check", path, path).out == end.replace("1 file", "2 files")


def test_findings_are_the_output_and_have_a_caret(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG)
    done = run("check", path)
    assert done.code == 1
    assert done.err == ""
    assert "error[RT101 unknown-attribute]" in done.out
    assert f"{path}:3:17" in done.out
    assert "^^^^^^^" in done.out
    assert "did you mean `Modality`" in done.out
    assert done.out.endswith("\n1 error in 1 file\n")


def test_json_has_the_shape_of_the_contract(run, tmp_path: Path, fits: Callable) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG)
    done = run("check", "--format", "json", path)
    document = done.json()
    assert (done.code, done.err) == (1, "")
    fits(document, "check")
    (finding,) = document["findings"]
    assert finding["code"] == "RT101"
    assert finding["file"] == str(path)
    assert finding["span"] == {"start": {"line": 3, "column": 17}, "end": {"line": 3, "column": 24}}
    assert finding["fix"]["text"] == "Modality"
    assert document["files"] == 1


def test_ten_errors_are_ten_findings_in_one_run(run, tmp_path: Path, fits: Callable) -> None:
    path = tmp_path / "ten.route"
    path.write_text(TEN_ERRORS)
    document = run("check", "--format", "json", path).json()
    fits(document, "check")
    errors = [each for each in document["findings"] if each["level"] == "error"]
    lines = {each["span"]["start"]["line"] for each in errors}
    assert lines == set(range(2, 12))


def test_each_file_for_itself(run, rules: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.route"
    wrong.write_text(WRONG)
    done = run("check", "--format", "json", rules, wrong, rules)
    assert done.code == 1
    assert done.json()["files"] == 3
    assert {each["file"] for each in done.json()["findings"]} == {str(wrong)}


def test_a_missing_file_is_one_line_and_the_others_are_checked(run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.route"
    wrong.write_text(WRONG)
    done = run("check", tmp_path / "none.route", wrong)
    assert done.code == 2
    assert done.err == f"roteiro: there is no `{tmp_path / 'none.route'}`\n"
    assert "RT101" in done.out


def test_a_missing_file_leaves_one_json_document(run, tmp_path: Path) -> None:
    done = run("check", "--format", "json", tmp_path / "none.route")
    assert done.code == 2
    assert done.json() == {"findings": [], "files": 0}


def test_a_folder_is_refused(run, tmp_path: Path) -> None:
    done = run("check", tmp_path)
    assert done.code == 2
    assert "is a folder" in done.err
    assert done.out == ""


def test_below_a_file_is_nothing(run, rules: Path) -> None:
    assert run("check", rules / "more.route").code == 2


def test_no_file_is_wrong_usage(run) -> None:
    done = run("check")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_the_end_counts_by_weight(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG + 'set unused = { "a" }\nlistener l { port = "x" }\n')
    assert run("check", path).out.endswith("\n2 errors, 1 warning in 1 file\n")
    path.write_text(CLEAN)
    assert run("check", path, path).out == "2 files: nothing found\n"


def test_plain_is_one_line_a_finding_and_nothing_else(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG + 'set unused = { "a" }\n')
    done = run("check", "--format", "plain", path)
    assert done.out.splitlines() == [
        f"{path}:3:17: error[RT101 unknown-attribute]: `Modalty` is not in the dictionary",
        f"{path}:5:5: warning[RT221 unused-name]: the set `unused` is not used",
    ]
    assert (done.code, done.err) == (1, "1 error, 1 warning in 1 file\n")


def test_github_names_files_below_the_checkout(process, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a,b.route").write_text(WRONG)
    done = process("check", "--format", "github", "./rules/../rules/a,b.route")
    assert done.code == 1
    assert done.out.startswith(
        "::error title=RT101 unknown-attribute,file=rules/a%2Cb.route,line=3,endLine=3,col=17,"
    )
    root = str(tmp_path.parent)
    done = process("check", "--format", "github", "rules/a,b.route", GITHUB_WORKSPACE=root)
    assert f",file={tmp_path.name}/rules/a%2Cb.route," in done.out
    done = process("check", "--format", "github", "rules/a,b.route", GITHUB_WORKSPACE="/nowhere")
    assert ",file=rules/a%2Cb.route," in done.out


def test_sarif_names_files_relative_to_the_checkout(process, tmp_path: Path) -> None:
    (tmp_path / "é a.route").write_text(WRONG)
    (tmp_path / "inner").mkdir()
    found = {}
    for name in ("é a.route", str(tmp_path / "é a.route")):
        done = process("check", "--format", "sarif", name)
        (result,) = json.loads(done.out)["runs"][0]["results"]
        found[name] = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert list(found.values()) == [{"uri": "%C3%A9%20a.route", "uriBaseId": "%SRCROOT%"}] * 2


def test_sarif_of_a_file_elsewhere_names_it_whole(run, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG)
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    (result,) = run("check", "--format", "sarif", "../a.route").json()["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": path.as_uri()}


def test_sarif_is_whole_without_findings(run, rules: Path) -> None:
    done = run("check", "--format", "sarif", rules)
    (ran,) = done.json()["runs"]
    assert (done.code, ran["results"]) == (0, [])
    assert {rule["id"] for rule in ran["tool"]["driver"]["rules"]} == set(CODES)
    assert all(rule["help"]["text"] for rule in ran["tool"]["driver"]["rules"])


def test_junit_is_utf8_whatever_the_terminal(process, tmp_path: Path) -> None:
    (tmp_path / "a.route").write_text(WRONG.replace("Modalty", '"日" =='), encoding="utf-8")
    done = process("check", "--format", "junit", "a.route", PYTHONIOENCODING="latin-1")
    (case,) = ElementTree.fromstring(done.out)[0]
    assert case.attrib["file"] == "a.route"
    assert case.find("failure") is not None
    assert done.code == 1


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_printed_in_both_languages(run, tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG)
    printed = {
        run("--lang", language, "check", "--format", form, path).out for language in LANGUAGES
    }
    assert len(printed) == 2
    assert all("RT101" in each for each in printed)


@pytest.mark.parametrize("form", FORMS)
def test_a_missing_file_is_2_in_every_form(run, tmp_path: Path, form: str) -> None:
    done = run("check", "--format", form, tmp_path / "none.route")
    assert done.code == 2
    assert "there is no" in done.err


def test_what_two_files_use_is_reported_once(run, tmp_path: Path) -> None:
    (tmp_path / "common.route").write_text(WRONG)
    for name in ("a", "b"):
        (tmp_path / f"{name}.route").write_text('language 1\nuse "common.route"\n')
    done = run("check", "--format", "json", tmp_path / "a.route", tmp_path / "b.route")
    (finding,) = done.json()["findings"]
    assert finding["file"] == str(tmp_path / "common.route")
    assert done.json()["files"] == 2


def test_an_unknown_format_is_wrong_usage(run, rules: Path) -> None:
    assert run("check", "--format", "xml", rules).code == 2


def test_fail_level(run, tmp_path: Path) -> None:
    path = tmp_path / "warned.route"
    path.write_text('language 1\nset unused = { "a" }\n')
    for level, code in (("error", 0), ("warning", 1), ("info", 1)):
        assert run("check", "--fail-level", level, path).code == code, level
    assert "1 warning" in run("check", path).out
    assert run("check", "--strict", path).code == 1
    assert run("check", "--strict", "--fail-level", "info", path).code == 1


def test_strict_lets_infos_pass(run, tmp_path: Path) -> None:
    path = tmp_path / "noted.route"
    path.write_text(CLEAN.replace('nothing "x"', "hold once"))
    assert [
        each["level"] for each in run("check", "--format", "json", path).json()["findings"]
    ] == ["info"]
    assert run("check", "--strict", path).code == 0
    assert run("check", "--strict", "--fail-level", "info", path).code == 1


def test_what_is_kept_does_not_fail(run, tmp_path: Path) -> None:
    path = tmp_path / "kept.route"
    path.write_text('language 1\nset unused = { "a" }\n')
    offered = run("check", path).out.split("to keep it: ")[1].splitlines()[0]
    path.write_text(
        f'language 1\n{offered.replace("<reason>", "for later")}\nset unused = {{ "a" }}\n'
    )
    assert run("check", "--strict", path).code == 0


def test_a_mark_and_crlf_are_read(run, tmp_path: Path) -> None:
    path = tmp_path / "windows.route"
    path.write_bytes(b"\xef\xbb\xbf" + WRONG.replace("\n", "\r\n").encode())
    done = run("check", "--format", "json", path)
    (finding,) = done.json()["findings"]
    assert finding["span"]["start"] == {"line": 3, "column": 17}


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"language 1\n# M\xfcnchen\n", 2, 4),
        (b"\xff\xfel\x00a\x00", 1, 1),
        ("language 1 # \N{REPLACEMENT CHARACTER}\n".encode() + b"\x80", 2, 1),
        (b"\xef\xbb\xbflanguage\xc3", 1, 9),
    ],
)
def test_what_is_not_utf8_is_a_finding(  # noqa: PLR0917
    run, tmp_path: Path, content, line, column, fits
) -> None:
    path = tmp_path / "latin.route"
    path.write_bytes(content)
    done = run("check", "--format", "json", path)
    fits(done.json(), "check")
    (finding,) = done.json()["findings"]
    assert (done.code, finding["code"]) == (1, "RT100")
    assert finding["span"]["start"] == {"line": line, "column": column}
    assert "UTF-8" in run("check", path).out


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 64, b"language", b"{" * 500, b'"'])
def test_rubbish_is_found_not_raised(run, tmp_path: Path, content: bytes, fits) -> None:
    path = tmp_path / "rubbish.route"
    path.write_bytes(content)
    done = run("check", "--format", "json", path)
    fits(done.json(), "check")
    assert done.code == 1
    assert done.json()["findings"]
    assert run("check", path).code == 1


def test_a_file_that_cannot_be_read_is_a_finding(run, tmp_path: Path) -> None:
    path = tmp_path / "loop.route"
    path.symlink_to(path)
    done = run("check", "--format", "json", path)
    assert done.code == 1
    (finding,) = done.json()["findings"]
    assert "cannot be read" in finding["message"]
    assert run("check", path).code == 1


def test_the_sum_comes_in_the_language_of_the_reader(run, rules: Path) -> None:
    assert run("--lang", "pt", "check", rules).out == "1 ficheiro: nada a assinalar\n"


def test_help_has_an_example(run) -> None:
    done = run("check", "--help")
    assert done.code == 0
    assert "Example: roteiro check" in done.out


def test_as_a_process(process, tmp_path: Path) -> None:
    (tmp_path / "a.route").write_text(WRONG)
    done = process("check", "a.route")
    assert (done.code, done.err) == (1, "")
    assert "a.route:3:17" in done.out
    assert "\x1b" not in done.out
    assert json.loads(process("check", "--format", "json", "a.route").out)["files"] == 1


def test_a_terminal_that_knows_few_characters(process, tmp_path: Path) -> None:
    (tmp_path / "a.route").write_text(WRONG.replace("Modalty", '"\N{HIRAGANA LETTER A}" =='))
    for form in ("text", "json"):
        done = process("check", "--format", form, "a.route", PYTHONIOENCODING="latin-1:strict")
        assert done.code == 1, done.err


@pytest.mark.parametrize(("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals(tmp_path: Path, more: dict[str, str], coloured: bool) -> None:
    (tmp_path / "a.route").write_text(WRONG)
    ours, theirs = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "roteiro", "check", "a.route"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **more},
        stdout=theirs,
        check=False,
    )
    os.close(theirs)
    printed = os.read(ours, 65536)
    os.close(ours)
    assert b"RT101" in printed
    assert (b"\x1b[" in printed) is coloured


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX")
def test_a_name_that_is_no_text(process, tmp_path: Path) -> None:
    name = os.fsdecode(b"r\xe9gles.route")
    (tmp_path / name).write_text(WRONG)
    assert process("check", name).code == 1
    done = process("check", "--format", "json", name)
    assert json.loads(done.out)["findings"][0]["file"] == name
