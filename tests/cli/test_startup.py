"""What commands load: a stop watch depends on the machine, the list of modules does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from generators.large import file
from pydicom.data import get_testdata_file

from roteiro.lang.messages import LANGUAGES
from roteiro.runtime.cli.group import COMMANDS, roteiro
from roteiro.runtime.cli.worded import Command

CODE = """
import sys
from roteiro.__main__ import main
code = main()
print(code, *sys.modules, file=sys.stderr)
"""
RULES = """\
language 1
node pacs { ae = "PACS"  host = "127.0.0.1"  port = 11112 }
table t all { rule ct { when Modality == "CT" send to pacs } }
"""
TEST = """\
test "a CT goes to the archive" { given { Modality = "CT" } expect exactly pacs }
"""
PARTIES = {"lark", "pydicom", "numpy", "pynetdicom", "apsw", "uvloop", "structlog"}
LOOP = {"asyncio", "ssl", "concurrent.futures", "socket"}
ENGINE = {"roteiro.core.matcher", "roteiro.lang.reference", "roteiro.runtime.rules"}
LANGUAGE = {"roteiro.lang.nodes", "roteiro.lang.check", "roteiro.core.program"}
FORMS = {f"roteiro.lang.render.{form}" for form in ("json", "sarif", "github", "junit")}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.route"
    path.write_text(RULES)
    return path


@pytest.fixture
def tested(tmp_path: Path) -> Path:
    path = tmp_path / "tested.route"
    path.write_text(RULES + TEST)
    return path


def loaded(*words: str | Path, code: int = 0) -> set[str]:
    """Give the modules that a call of the command has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "ROTEIRO_LANG": "en"},
    )
    ended, *modules = done.stderr.splitlines()[-1].split(" ")
    assert int(ended) == code, done.stdout + done.stderr
    assert "roteiro.runtime.cli.group" in modules
    return set(modules)


def test_check_loads_what_it_needs(site: Path) -> None:
    assert (PARTIES | LOOP | ENGINE | FORMS) & loaded("check", site) == set()


def test_check_of_mistakes_too(site: Path) -> None:
    site.write_text(RULES.replace("Modality", "Modalty") + "rule {")
    assert (PARTIES | LOOP | ENGINE | FORMS) & loaded("check", site, code=1) == set()


def test_compiling_what_is_as_it_was_loads_no_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("ROTEIRO_CACHE", "")
    large = tmp_path / "large.route"
    large.write_text(file(320, tables=2), encoding="utf-8")
    assert "roteiro.lang.check" in loaded("compile", large)
    found = loaded("compile", large)
    assert {"roteiro.lang.nodes", "roteiro.lang.check", "roteiro.lang.lower"} & found == set()


def test_fmt_and_fix_load_what_they_need(site: Path) -> None:
    assert (PARTIES | LOOP | ENGINE | {"roteiro.lang.check"}) & loaded("fmt", site) == set()
    assert (PARTIES | LOOP | ENGINE) & loaded("fix", "--diff", site) == set()


def test_what_decides_loads_no_network_and_no_generator(tested: Path) -> None:
    ct = get_testdata_file("CT_small.dcm", download=False)
    for words in (("test", tested), ("explain", tested, str(ct)), ("graph", tested)):
        assert (PARTIES | LOOP) & loaded(*words) == set(), words[0]


@pytest.mark.parametrize("command", ["status", "queue"])
def test_what_asks_a_router_loads_no_language(command: str, tmp_path: Path) -> None:
    words = ("list",) if command == "queue" else ()
    missing = loaded(command, *words, "--spool", tmp_path, code=1)
    assert (PARTIES - {"uvloop"} | LANGUAGE) & missing == set()


def test_the_help_loads_no_command() -> None:
    commands = set(COMMANDS.values())
    assert (PARTIES | LOOP | LANGUAGE | commands) & loaded("--help") == set()


def test_the_help_of_a_command_loads_what_its_options_name() -> None:
    assert (PARTIES | LOOP | ENGINE) & loaded("check", "--help") == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_says_of_each_command_what_the_command_says(language: str) -> None:
    context = roteiro.make_context("roteiro", [], obj=language, resilient_parsing=True)
    for name in COMMANDS:
        command = roteiro.get_command(context, name)
        assert isinstance(command, Command)
        assert command.words(context) == roteiro.about(context, name)
