"""What docs/ci.md, its examples and docs/formatting.md show works as it stands there."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roteiro.lang.fmt.run import format_source
from roteiro.lang.source import Source
from roteiro.runtime.sources import examine

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yml"))
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
ROUTE = re.compile(r"```route\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?:- |run: )(roteiro .*)$", re.MULTILINE)
ENTRY = re.compile(r"entry: (roteiro .*)$", re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch) -> Path:
    """A checkout that keeps its rules in `rules/`."""
    ignored = shutil.ignore_patterns("*.py", "__*")
    shutil.copytree(ROOT / "rules", tmp_path / "rules", ignore=ignored)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words_of(command: str) -> list[str]:
    """Give the words of a command as a shell would, what follows a redirection left out."""
    words = shlex.split(command.partition(" > ")[0])
    assert words.pop(0) == "roteiro"
    here = Path()
    found = (sorted(map(str, here.glob(word))) if "*" in word else [word] for word in words)
    return [word for words in found for word in words]


def in_a_shell(command: str, folder: Path) -> int:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    words = ["/bin/sh", "-c", command]
    return subprocess.run(words, cwd=folder, env={"PATH": path}, check=False).returncode


COMMANDS = sorted(
    {line for path in EXAMPLES for line in COMMAND.findall(path.read_text(encoding="utf-8"))}
    | {f"{line} rules/*.route" for line in ENTRY.findall(HOOKS)}
)


def test_there_are_examples() -> None:
    assert {path.name for path in EXAMPLES} == {"github-action.yml", "gitlab-ci.yml"}
    assert len(COMMANDS) >= 8
    assert re.findall(r"id: (\S+)", HOOKS) == ["roteiro-fmt", "roteiro-check", "roteiro-test"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_examples_works(run, command: str, checkout: Path) -> None:
    words = words_of(command)
    assert any(word.startswith("rules/") for word in words)
    done = run(*words)
    assert done.code == 0, done.out + done.err


def test_a_finding_lets_a_report_be_made_and_a_missing_file_does_not(checkout: Path) -> None:
    line = next(line for line in COMMANDS if "sarif" in line)
    (checkout / "rules" / "bad.route").write_text("language 2\n")
    assert in_a_shell(line, checkout) == 0
    assert in_a_shell(line.replace("rules/*", "none/none"), checkout) != 0


def test_the_suppression_that_is_shown_keeps_its_finding() -> None:
    (text,) = ROUTE.findall(PAGE)
    assert examine(Source("x.route", text)).findings == ()
    without = re.sub(r"# route.*\n", "", text)
    assert [each.code for each in examine(Source("x.route", without)).findings] == ["RT221"]


def test_the_layout_that_is_shown_is_ours() -> None:
    (text,) = ROUTE.findall((ROOT / "docs" / "formatting.md").read_text(encoding="utf-8"))
    assert format_source(Source("x.route", text)).text == text
