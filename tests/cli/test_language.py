"""Which language people are spoken to in, and that all of the command line comes in it."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from roteiro.lang.messages import LANGUAGES, Phrase
from roteiro.runtime.cli import group, output
from roteiro.runtime.cli.worded import Command, Option
from roteiro.runtime.control import answer_to
from roteiro.runtime.events import DestinationWaiting
from roteiro.runtime.log import make_log
from roteiro.runtime.machine import machine_words
from roteiro.runtime.world import World
from tests.catalogue import catalogue
from tests.virtual import run as virtually

ENGLISH = ("Usage", "Options:", "Commands:", "Show ", "default", "required", "OPTIONS", "Example")
WORDS_OF_HELP = frozenset(
    (
        "usage",
        "usage_options",
        "usage_command",
        "options",
        "commands",
        "default",
        "required",
        "example",
    )
)
WRONG = 'language 1\nnode a { ae = "A" host = "h" prot = 1 }\n'


@dataclass(frozen=True)
class Called:
    """A command as people call it."""

    words: tuple[str, ...]
    command: click.Command


def commands() -> Iterator[Called]:
    """Give every command, those of groups too."""
    context = click.Context(group.roteiro, obj="en")
    yield Called((), group.roteiro)
    for name in group.COMMANDS:
        found = group.roteiro.get_command(context, name)
        assert found is not None
        yield Called((name,), found)
        for inner in getattr(found, "commands", {}):
            yield Called((name, inner), found.commands[inner])


COMMANDS = list(commands())


def keys(command: click.Command) -> set[str]:
    """Give the texts that the help of a command needs."""
    assert isinstance(command, Command), command.name
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert [option for option in options if not isinstance(option, Option)] == []
    return {command.help or "", *command.more, *(option.help or "" for option in options)}


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the environment that the choice of the language sees."""

    def give(**values: str) -> None:
        monkeypatch.setattr(output, "environment", lambda: values)

    return give


# --- the choice -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "values", "language"),
    [
        (None, {}, "en"),
        (None, {"LANG": "pt_PT.UTF-8"}, "pt"),
        (None, {"LANG": "pt_ST.UTF-8"}, "pt"),
        (None, {"LANG": "pt_BR"}, "pt"),
        (None, {"LANG": "pt_AO@euro"}, "pt"),
        (None, {"LANG": "pt"}, "pt"),
        (None, {"LANG": "ptx_XX"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LC_MESSAGES": "pt_PT", "LANG": "en_GB"}, "pt"),
        (None, {"LC_ALL": "C", "LANG": "pt_PT"}, "en"),
        (None, {"LC_ALL": "", "LANG": "pt_PT"}, "pt"),
        (None, {"LC_ALL": "pt_PT", "LC_MESSAGES": "C", "LANG": "C"}, "pt"),
        (None, {"ROTEIRO_LANG": "pt"}, "pt"),
        (None, {"ROTEIRO_LANG": "PT-st"}, "pt"),
        (None, {"ROTEIRO_LANG": "en", "LC_ALL": "pt_PT"}, "en"),
        (None, {"ROTEIRO_LANG": "xx", "LANG": "pt_PT"}, "pt"),
        ("en", {"ROTEIRO_LANG": "pt", "LANG": "pt_PT"}, "en"),
        ("pt", {"ROTEIRO_LANG": "en", "LC_ALL": "C"}, "pt"),
    ],
)
def test_option_then_variable_then_locale(
    surroundings, asked: str | None, values: Mapping[str, str], language: str
) -> None:
    surroundings(**values)
    assert output.chosen_language(asked) == language


@pytest.mark.parametrize(
    "words", [("--lang", "pt", "check"), ("check", "--lang", "pt"), ("check", "--lang=pt")]
)
def test_the_option_may_stand_anywhere(run, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.route").write_text("language 1\n", encoding="utf-8")
    assert run(*words, tmp_path / "a.route").out == "1 ficheiro: nada a assinalar\n"


def test_after_two_dashes_nothing_is_an_option(run, surroundings) -> None:
    surroundings()
    assert "roteiro: there is no `--lang`\n" in run("check", "--", "--lang", "pt").err


# --- help -----------------------------------------------------------------------------------------


def test_every_text_of_help_is_used_and_there() -> None:
    needed = {f"help.{key}" for called in COMMANDS for key in keys(called.command)}
    needed |= {f"help.{key}" for key in WORDS_OF_HELP}
    assert sorted(needed ^ {key for key in catalogue("en") if key.startswith("help.")}) == []


@pytest.mark.parametrize("called", COMMANDS, ids=lambda called: " ".join(called.words) or "alone")
@pytest.mark.parametrize("how", ["option", "variable"])
def test_help_comes_in_portuguese(run, surroundings, called: Called, how: str) -> None:
    surroundings(**({"ROTEIRO_LANG": "pt"} if how == "variable" else {}))
    first = ("--lang", "pt") if how == "option" else ()
    done = run(*first, *called.words, "--help")
    assert (done.code, done.err) == (0, "")
    shown = " ".join(done.out.split())
    assert shown.startswith(" ".join(("Utilização: roteiro", *called.words)))
    for key in keys(called.command):
        assert catalogue("pt")[f"help.{key}"] in shown
    assert [word for word in ENGLISH if word in done.out] == []


@pytest.mark.parametrize("called", COMMANDS, ids=lambda called: " ".join(called.words) or "alone")
def test_help_comes_in_english(run, surroundings, called: Called) -> None:
    surroundings()
    shown = " ".join(run(*called.words, "-h").out.split())
    assert shown.startswith(" ".join(("Usage: roteiro", *called.words)))
    for key in keys(called.command):
        assert catalogue("en")[f"help.{key}"] in shown


def test_options_and_examples_are_the_same_in_both(run) -> None:
    for called in COMMANDS:
        both = [run("--lang", each, *called.words, "--help").out for each in LANGUAGES]
        options = [[w for w in out.split() if w.startswith("-")] for out in both]
        assert options[0][:1] == options[1][:1]
        assert {w for w in options[0] if w.startswith("--")} <= {*options[1]}
        if called.command.epilog:
            assert all(called.command.epilog in " ".join(out.split()) for out in both)


# --- wrong usage ----------------------------------------------------------------------------------


@pytest.fixture
def in_a_folder_with_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that has a file `a`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").touch()


@pytest.mark.parametrize(
    ("words", "english", "portuguese"),
    [
        (("chek",), "there is no command `chek`: did you mean `check`", "não há nenhum comando"),
        (("zzz",), "there is no command `zzz`", "não há nenhum comando `zzz`"),
        (("queue", "lst"), "there is no command `lst`: did you", "não há nenhum comando `lst`"),
        (("--zzz",), "there is no option `--zzz`", "não há nenhuma opção `--zzz`"),
        (("check", "--formt", "x"), "did you mean `--format`", "queria dizer `--format`?"),
        (("check", "--format", "x"), "`--format` cannot be `x`, expected `text`", "ou `junit`"),
        (("queue", "list", "--limit", "0"), "expected a whole number from 1 to", "de 1 a 100000"),
        (("serve", "a", "--workers", "no"), "a whole number from 1 on", "a partir de 1"),
        (("serve", "a", "--spool", "a"), "`--spool` cannot be `a`, expected a folder", "uma pasta"),
        (("check", "--format"), "`--format` lacks its value", "falta o valor de `--format`"),
        (("demo", "--help=3"), "`--help` takes no value", "`--help` não leva nenhum valor"),
        (("demo", "a", "b"), "`a b` is more than this command takes", "`a b` está a mais"),
        (("send", "a"), "`--to` is missing", "falta `--to`"),
        (("serve",), "`RULES` is missing", "falta `RULES`"),
        (
            ("--lang", "xx", "demo"),
            "`--lang` cannot be `xx`, expected `en` or `pt`",
            "`en` ou `pt`",
        ),
    ],
)
@pytest.mark.usefixtures("in_a_folder_with_a_file")
def test_wrong_usage_is_said_in_both(
    run, surroundings, words: tuple[str, ...], english: str, portuguese: str
) -> None:
    for variable, expected in (("en", english), ("pt", portuguese)):
        surroundings(ROTEIRO_LANG=variable)
        done = run(*words)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("roteiro: ")
        assert expected in done.err.splitlines()[0]


def test_wrong_usage_shows_the_usage_and_where_to_read_on(run) -> None:
    assert run("--lang", "pt", "demo", "x").err == (
        "roteiro: `x` está a mais neste comando\n"
        "Utilização: roteiro demo [OPÇÕES]\n"
        "veja `roteiro demo --help`\n"
    )


@pytest.mark.parametrize("rubbish", ["\x1b[31m", "\ud800", "x" * 5000, "{name}", "{0}"])
def test_rubbish_is_shown_harmlessly(run, rubbish: str) -> None:
    for words in ((rubbish,), ("check", f"--{rubbish}"), ("check", "--format", rubbish)):
        done = run("--lang", "pt", *words)
        assert done.code == 2
        assert "\x1b" not in done.err
        assert len(done.err) < 1000


# --- what is never translated ---------------------------------------------------------------------


def test_codes_names_and_keys_are_the_same_in_both(run, tmp_path: Path) -> None:
    path = tmp_path / "a.route"
    path.write_text(WRONG, encoding="utf-8")
    english, portuguese = (
        run("--lang", each, "check", "--format", "json", path).json() for each in LANGUAGES
    )
    assert strip(english) == strip(portuguese)
    assert english != portuguese
    shown = run("--lang", "pt", "check", path).out
    assert re.search(r"\[RT107 unknown-property\]: .* não tem `prot`", shown)


def strip(part: Any) -> Any:
    """Leave out the texts of a document."""
    if isinstance(part, dict):
        return {key: strip(value) for key, value in part.items() if key not in {"message", "help"}}
    return [strip(value) for value in part] if isinstance(part, list) else part


# --- the router -----------------------------------------------------------------------------------


def waiting() -> DestinationWaiting:
    why = Phrase("system.econnrefused")
    reason = Phrase("runtime.no_connection", host="pacs\x1b", port=104, why=why)
    return DestinationWaiting(to="pacs", reason=reason, failures=2, retry_in=5.0)


def logged(**how: Any) -> str:
    """Give the line of an event."""
    out = io.StringIO()

    async def main(world: World) -> None:
        make_log(world.clock, out, language="pt", **how)(waiting())

    virtually(main)
    return out.getvalue()


def test_log_lines_come_in_the_language_down_to_their_reasons() -> None:
    assert logged().endswith(
        "`pacs` não recebeu nada (tentativa 2): sem ligação a pacs\\x1b:104 (ligação recusada); "
        "próxima tentativa dentro de 5 s\n"
    )


def test_log_lines_for_programs_keep_names_and_fields() -> None:
    told = json.loads(logged(json=True))
    assert told["event"] == "destination_waiting"
    assert told["reason"] == "no connection to pacs\\x1b:104 (connection refused)"
    assert told["message"].startswith("`pacs` não recebeu nada")
    assert list(told)[:4] == ["time", "level", "event", "message"]


@pytest.mark.parametrize(
    ("language", "cause"),
    [("pt", "nenhum nó"), ("en", "no node"), (None, "no node"), ([], "no node")],
)
def test_a_router_answers_in_the_language_of_who_asks(language: object, cause: str) -> None:
    verbs = {"status": lambda _: {"destinations": [{"cause": Phrase("runtime.unknown_node")}]}}
    question = json.dumps({"verb": "status", "lang": language}).encode()
    answer = json.loads(json.dumps(answer_to(verbs, question)))
    assert answer["destinations"][0]["cause"].startswith(cause)


def test_a_verb_that_is_none_is_said_so_in_the_language() -> None:
    answer = answer_to({}, b'{"verb": "x", "lang": "pt"}')
    assert str(answer["error"]).startswith("o encaminhador não conhece esse verbo")
    for line in (b"[]", b"3", b'"x"', b"{}", b"{", b"\xff"):
        assert list(answer_to({}, line)) == ["error"]


@pytest.mark.parametrize(
    ("error", "english", "portuguese"),
    [
        (OSError(28, "No space"), "no space left on device", "não há espaço no disco"),
        (ConnectionRefusedError(111, "x"), "connection refused", "ligação recusada"),
        (OSError(-2, "Name"), "the name is not known", "o nome não é conhecido"),
        (OSError(9999, "of a machine"), "of a machine", "of a machine"),
        (TimeoutError(), "TimeoutError", "TimeoutError"),
    ],
)
def test_what_the_machine_says(error: OSError, english: str, portuguese: str) -> None:
    words = machine_words(error)
    assert words == english
    assert (words.worded("pt") if isinstance(words, Phrase) else words) == portuguese
