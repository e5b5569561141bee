"""Each question of `bench/` runs; what it measures here means nothing."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from bench import commands, tools
from bench.__main__ import questions
from bench.built import view
from bench.page import many
from bench.results import arguments

ROOT = Path(__file__).resolve().parent.parent


def test_the_spool_is_asked(tmp_path: Path) -> None:
    words = [sys.executable, ROOT / "bench/spool_commit.py", tmp_path, "100"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "objects" in done.stdout


def test_the_engine_is_asked() -> None:
    words = [sys.executable, "-m", "bench.decide", "0.01"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "person name" in done.stdout


def test_every_question_is_in_the_round() -> None:
    round_ = (ROOT / "bench/__main__.py").read_text(encoding="utf-8")
    written = {path.name: path.read_text("utf-8") for path in (ROOT / "bench").glob("*.py")}
    files = {name for name, text in written.items() if "\ndef main(" in text} - {"__main__.py"}
    assert len(files) > 3
    assert [name for name in sorted(files) if f'"{name}"' not in round_] == []


def test_every_question_has_a_brief_form() -> None:
    brief = {name: words for name, *words in questions(1)}
    assert float(brief.pop("decide.py")[0]) <= 3
    assert len(brief) == 8
    assert [name for name, words in brief.items() if "--quick" not in words] == []
    assert "--quick" not in {word for words in questions(30) for word in words}


def test_the_loop_is_built_against_the_engine_that_is_asked() -> None:
    assert view(Path("/a/core")) == Path("/a/build/view")
    assert view(Path("/lib/site-packages/roteiro/core")) == Path("/lib/site-packages")
    assert view(Path("/a/build/view/roteiro/core")) == Path("/a/build/view")


@pytest.mark.parametrize("part", ["--quick", "--family=flat", "--rules=10"])
def test_a_part_of_a_question_is_not_kept(
    part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> argparse.Namespace:
        parser = argparse.ArgumentParser()
        for name in ("--quick", "--keep"):
            parser.add_argument(name, action="store_true")
        for name in ("--family", "--rules"):
            parser.add_argument(name)
        monkeypatch.setattr("sys.argv", ["bench", *words])
        return arguments(parser)

    assert said("--keep").keep
    assert not said(part).keep
    with pytest.raises(SystemExit):
        said("--keep", part)
    assert part.partition("=")[0] in capsys.readouterr().err


@pytest.mark.parametrize("name", ["facade", "core", "compiling", "peers", "instructions"])
def test_all_that_keep_figures_refuse_parts(name: str) -> None:
    text = (ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8")
    assert "said = arguments(parser)" in text


def test_a_command_that_fails_has_no_time(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.route"
    wrong.write_text("language 1\ntable t", encoding="utf-8")
    check = commands.Command("check it", ("check",), commands.leave)
    with pytest.raises(SystemExit, match="check it: exit code 1, not 0"):
        commands.seconds(check, wrong, tmp_path, 1)
    failing = commands.Command("check it", ("check",), commands.leave, code=1)
    assert commands.run(failing, wrong, tmp_path) > 0


def test_tools_are_asked(tmp_path: Path) -> None:
    found = dict(tools.rows(8, tmp_path, 1))
    assert len(found) == 7
    assert all(found.values())


def test_times_are_written_without_powers_of_ten() -> None:
    assert [many(times) for times in (1184.3, 33.61, 0.4567, None)] == [
        "1,184",
        "33.6",
        "0.457",
        "-",
    ]
