"""`roteiro fmt`: files, folders, standard input, exit codes, and that nothing is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roteiro.lang.fmt import run as running
from roteiro.runtime import world

UGLY = 'language 1\nset  s={"a",\n"b"} # c\n'
FINE = 'language 1\nset s = { "a",\n          "b" }  # c\n'
BROKEN = "language 1\nset s = {\n"


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "a.route"
    path.write_text(UGLY)
    return path


def test_a_file_is_formatted_in_place(run, ugly: Path) -> None:
    done = run("fmt", ugly)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"formatted `{ugly}`\n1 of 1 file formatted\n"
    assert ugly.read_text() == FINE
    assert run("fmt", ugly).out == "1 file: nothing to format\n"


def test_what_is_formatted_is_not_written_again(run, ugly: Path) -> None:
    ugly.write_text(FINE)
    before = ugly.stat()
    assert run("fmt", ugly).code == 0
    assert ugly.stat() == before


def test_check_says_what_would_change(run, ugly: Path) -> None:
    done = run("fmt", "--check", ugly)
    assert (done.code, ugly.read_text()) == (1, UGLY)
    assert done.out == f"would format `{ugly}`\n1 of 1 file would be formatted\n"
    ugly.write_text(FINE)
    assert run("fmt", "--check", ugly).code == 0


def test_diff_shows_and_writes_nothing(run, ugly: Path) -> None:
    done = run("fmt", "--diff", ugly)
    assert (done.code, ugly.read_text()) == (0, UGLY)
    assert done.out == (
        f"--- {ugly}\n+++ {ugly}\n@@ -1,3 +1,3 @@\n language 1\n"
        '-set  s={"a",\n-"b"} # c\n+set s = { "a",\n+          "b" }  # c\n'
    )
    assert run("fmt", "--diff", "--check", ugly).code == 1


def test_a_diff_says_where_the_last_line_does_not_end(run, ugly: Path) -> None:
    ugly.write_text("language 1\nset s = {}")
    shown = run("fmt", "--diff", ugly).out
    assert "-set s = {}\n\\ No newline at end of file\n+set s = {}\n" in shown


def test_folders_and_what_is_hidden_in_them(run, tmp_path: Path) -> None:
    for name in ("b.route", "inner/c.route", ".git/d.route", "inner/.e.route", "f.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(UGLY)
    done = run("fmt", tmp_path, tmp_path / "b.route")
    assert done.code == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files if path.read_text() == FINE} == {"b.route", "c.route"}
    assert done.out.endswith("2 of 2 files formatted\n")


def test_a_folder_without_rule_files_is_wrong_usage(run, tmp_path: Path, ugly: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("fmt", tmp_path / "empty", ugly)
    assert done.code == 2
    assert "no file of the kind `*.route`" in done.err
    assert ugly.read_text() == FINE


def test_what_does_not_parse_is_left_alone_and_the_others_are_formatted(
    run, tmp_path: Path, ugly: Path
) -> None:
    broken = tmp_path / "broken.route"
    broken.write_text(BROKEN)
    done = run("fmt", broken, ugly)
    assert (done.code, broken.read_text(), ugly.read_text()) == (1, BROKEN, FINE)
    assert "error[RT100 syntax-error]" in done.err
    assert f"`{broken}` is left as it is" in done.err
    assert "RT100" not in done.out


def test_what_has_other_errors_is_formatted(run, ugly: Path) -> None:
    ugly.write_text('language 1\nnode  a{ae="TOO LONG FOR A TITLE"}\n')
    assert run("fmt", ugly).code == 0
    assert ugly.read_text() == 'language 1\nnode a { ae = "TOO LONG FOR A TITLE" }\n'


@pytest.mark.parametrize("data", [b"\xff\xfe\0", b"language 1\n# \xe9\n"])
def test_what_is_no_text_is_left_alone(run, ugly: Path, data: bytes) -> None:
    ugly.write_bytes(data)
    done = run("fmt", ugly)
    assert (done.code, ugly.read_bytes()) == (1, data)
    assert "UTF-8" in done.err


def test_a_missing_file_is_2_and_the_others_are_formatted(run, tmp_path: Path, ugly: Path) -> None:
    done = run("fmt", tmp_path / "none.route", ugly)
    assert (done.code, ugly.read_text()) == (2, FINE)
    assert done.err == f"roteiro: there is no `{tmp_path / 'none.route'}`\n"
    assert run("fmt").code == 2
    assert run("fmt", "-", ugly).code == 2


def test_mode_mark_line_ends_and_links_stay(run, tmp_path: Path, ugly: Path) -> None:
    ugly.write_bytes(b"\xef\xbb\xbf" + UGLY.replace("\n", "\r\n").encode())
    ugly.chmod(0o604)
    link = tmp_path / "link.route"
    link.symlink_to("a.route")
    assert run("fmt", link).code == 0
    assert link.is_symlink()
    assert ugly.read_bytes() == b"\xef\xbb\xbf" + FINE.replace("\n", "\r\n").encode()
    assert ugly.stat().st_mode & 0o777 == 0o604
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.route", "link.route"]


def test_a_write_that_fails_leaves_the_file(run, tmp_path: Path, ugly: Path, monkeypatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world.os, "fsync", refuse)
    done = run("fmt", ugly)
    assert (done.code, ugly.read_text()) == (1, UGLY)
    assert f"`{ugly}` cannot be written" in done.err
    assert list(tmp_path.iterdir()) == [ugly]


def test_a_result_that_is_not_proved_is_our_fault(run, ugly: Path, monkeypatch) -> None:
    real = running.set_tokens
    monkeypatch.setattr(running, "set_tokens", lambda *args: real(*args).replace("# c", "#"))
    done = run("fmt", ugly)
    assert (done.code, ugly.read_text(), done.out) == (3, UGLY, "")
    assert "would have lost a comment" in done.err
    assert "our own fault" in done.err


def piped(text: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "roteiro", "fmt", *words, "-"],
        input=text,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        check=False,
    )


def test_standard_input() -> None:
    done = piped(("\ufeff" + UGLY.replace("c", "é")).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == ("\ufeff" + FINE.replace("c", "é")).encode()


def test_standard_input_with_check_and_diff() -> None:
    done = piped(UGLY.encode(), "--check", "--diff")
    assert done.returncode == 1
    assert done.stdout.startswith(b"--- <stdin>\n")
    assert piped(UGLY.encode(), "--check").stdout == b""


def test_standard_input_that_does_not_parse() -> None:
    done = piped(BROKEN.encode())
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"<stdin>:2:9" in done.stderr


def test_our_own_rules_are_formatted(run) -> None:
    done = run("fmt", "--check", Path(__file__).parents[2] / "rules")
    assert (done.code, done.err) == (0, ""), done.out


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX")
def test_a_name_that_is_no_text(process, tmp_path: Path) -> None:
    name = os.fsdecode(b"r\xe9gles.route")
    (tmp_path / name).write_text(UGLY)
    assert process("fmt", name).code == 0
    assert (tmp_path / name).read_text() == FINE
