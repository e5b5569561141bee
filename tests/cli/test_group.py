"""The rim of the command line: wrong usage, later commands, a machine that says no."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from roteiro.runtime.cli.group import LATER

ROTEIRO = Path(sys.executable).parent / "roteiro"


def run(*words: str, cwd: Path, stdout: str | None = None) -> tuple[int, str, str]:
    words = (str(ROTEIRO), *words)
    if stdout is None:
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    else:
        with Path(stdout).open("w", encoding="utf-8") as out:
            done = subprocess.run(
                words, cwd=cwd, stdout=out, stderr=subprocess.PIPE, text=True, check=False
            )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout or "", done.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--lang",),
        ("--lang", "xx", "demo"),
        ("--lang=xx", "demo"),
        ("nonsense",),
        ("check", "--nonsense"),
        ("queue",),
        ("send", "a.dcm"),
        ("send", "nothing.dcm", "--to", "PACS@127.0.0.1:1"),
        ("send", "empty", "--to", "PACS@127.0.0.1:1"),
        ("echo", "PACS"),
        ("queue", "discard", "--study", "1.2.3"),
        ("queue", "hold"),
        ("queue", "retry"),
        ("serve", "a.route", "--workers", "2"),
        ("serve", "a.route", "--http", "127.0.0.1:8104"),
        ("serve", "a.route", "--durability", "none"),
        ("serve", "a.route", "--config", "a.toml"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_says_so(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.dcm").touch()
    (tmp_path / "empty").mkdir()
    code, out, err = run(*words, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize("name", ["lsp", "mutate"])
def test_a_later_command_is_named(name: str, tmp_path: Path) -> None:
    assert name in LATER
    code, _, err = run(name, "x", cwd=tmp_path)
    assert (code, err) == (2, f"roteiro: `roteiro {name}` is not in this version\n")


@pytest.mark.parametrize(
    "words",
    [
        ("status", "--format", "json"),
        ("queue", "list", "--format=json"),
        ("echo", "PACS@127.0.0.1:1", "--format", "json"),
        ("explain", "bad.route", "a.dcm", "--format", "json"),
    ],
    ids=" ".join,
)
def test_who_asks_for_a_document_gets_one(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "bad.route").write_text("language 2", encoding="utf-8")
    code, out, err = run(*words, cwd=tmp_path)
    assert code == 1
    assert list(json.loads(out)) == ["error"]
    assert err


def test_a_full_disk_is_no_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a.route").write_text("language 2", encoding="utf-8")
    code, _, err = run("check", "a.route", cwd=tmp_path, stdout="/dev/full")
    assert code == 1
    assert "no space left on device" in err
