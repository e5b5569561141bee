"""`roteiro fix`: files, exit codes, what is said."""

from pathlib import Path

import pytest

WRONG = """\
language 1
set unused = { "a" }
table t all {
  rule r { when Modalty == "CT" and SliceThickness == "1.5" nothing "x" }
}
"""
RIGHT = """\
language 1
table t all {
  rule r { when Modality == "CT" and SliceThickness == 1.5 nothing "x" }
}
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "a.route"
    path.write_text(WRONG)
    return path


def test_safe_fixes_are_made_and_told(run, wrong: Path) -> None:
    done = run("fix", wrong)
    assert (done.code, done.err) == (0, "")
    assert wrong.read_text() == RIGHT
    assert f"{wrong}:4:17: fixed RT101 unknown-attribute: write `Modality`\n" in done.out
    assert done.out.endswith("3 fixed, nothing left in 1 file\n")
    assert run("check", "--strict", wrong).code == 0


def test_diff_shows_and_writes_nothing(run, wrong: Path) -> None:
    done = run("fix", "--diff", wrong)
    assert (done.code, wrong.read_text()) == (0, WRONG)
    assert done.out.startswith(f"--- {wrong}\n+++ {wrong}\n@@")
    assert '-set unused = { "a" }\n' in done.out
    assert "fixed" not in done.out


def test_what_is_left_is_told_and_an_error_is_1(run, wrong: Path) -> None:
    wrong.write_text(WRONG.replace('nothing "x"', "send to nobody"))
    done = run("fix", wrong)
    assert done.code == 1
    assert "error[RT104 unknown-name]" in done.out
    assert done.out.endswith("1 error left in 1 file\n")
    assert "Modality" in wrong.read_text()


def test_a_file_without_findings_is_not_touched(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    path.write_text(RIGHT)
    path.chmod(0o400)
    done = run("fix", path, path)
    assert (done.code, done.out) == (0, "0 fixed, nothing left in 1 file\n")


def test_a_syntax_error_is_mended_and_what_it_hid_is_found(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    path.write_text(RIGHT.replace("==", "=", 1).replace("Modality", "Modalty"))
    done = run("fix", path)
    assert done.code == 0
    assert path.read_text() == RIGHT
    assert "2 fixed" in done.out


def test_unsafe_fixes_are_made_when_asked(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    text = RIGHT.replace("SliceThickness == 1.5", "PatientAge < 18")
    path.write_text(text)
    assert run("fix", path).code == 1
    assert path.read_text() == text
    done = run("fix", "--unsafe", path)
    assert done.code == 0
    assert "fixed RT120 wrong-type, perhaps not as it was meant: write `18Y`" in done.out
    assert "PatientAge < 18Y" in path.read_text()


def test_the_file_it_uses_is_not_changed(run, tmp_path: Path) -> None:
    (tmp_path / "b.route").write_text(WRONG)
    path = tmp_path / "a.route"
    path.write_text('language 1\nuse "b.route"\n')
    done = run("fix", path)
    assert done.code == 1
    assert (tmp_path / "b.route").read_text() == WRONG
    assert "b.route:4:17" in done.out


def test_the_mark_at_the_start_and_the_mode_stay(run, wrong: Path) -> None:
    wrong.write_bytes(b"\xef\xbb\xbf" + WRONG.replace("\n", "\r\n").encode())
    wrong.chmod(0o640)
    assert run("fix", wrong).code == 0
    assert wrong.read_bytes() == b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode()
    assert wrong.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("data", [b"\xff\xfe\0", b"language 1\n# \xe9\n"])
def test_what_is_no_text_is_left_alone(run, wrong: Path, data: bytes) -> None:
    wrong.write_bytes(data)
    done = run("fix", wrong)
    assert done.code == 1
    assert wrong.read_bytes() == data
    assert "UTF-8" in done.out


def test_wrong_usage(run, tmp_path: Path, wrong: Path) -> None:
    assert run("fix").code == 2
    assert run("fix", tmp_path).code == 2
    done = run("fix", tmp_path / "none.route", wrong)
    assert (done.code, wrong.read_text()) == (2, RIGHT)
    assert done.err == f"roteiro: there is no `{tmp_path / 'none.route'}`\n"


def test_portuguese(run, wrong: Path) -> None:
    done = run("--lang", "pt", "fix", wrong)
    assert "corrigido RT101" in done.out
    assert done.out.endswith("corrigidos: 3; nada fica em 1 ficheiro\n")
