"""The table of commands, the exit codes, and the last line of defence.

Exit codes: 0 fine, 1 findings or a no from the world, 2 wrong usage or a missing file, 3 our own
fault. A traceback is shown only to who asks for it with `ROTEIRO_TRACE=1`.
"""

import importlib
import sys
from collections.abc import Sequence
from itertools import pairwise, takewhile

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.output import chosen_language, say_error, say_json, wants_trace
from roteiro.runtime.cli.usage import lines
from roteiro.runtime.cli.worded import Group, Option, said
from roteiro.runtime.garbage import collecting_later
from roteiro.runtime.machine import NO_FILE, machine_words, unread
from roteiro.runtime.world import abandon_stdout

FINE = 0
FINDINGS = 1
USAGE = 2
OURS = 3

# command -> the module that has it as `command`
COMMANDS = {
    "ast": "roteiro.runtime.cli.ast",
    "bench": "roteiro.runtime.cli.bench",
    "check": "roteiro.runtime.cli.check",
    "compile": "roteiro.runtime.cli.compile",
    "demo": "roteiro.runtime.cli.demo",
    "echo": "roteiro.runtime.cli.echo",
    "explain": "roteiro.runtime.cli.explain",
    "fix": "roteiro.runtime.cli.fix",
    "fmt": "roteiro.runtime.cli.fmt",
    "graph": "roteiro.runtime.cli.graph",
    "ledger": "roteiro.runtime.cli.ledger",
    "queue": "roteiro.runtime.cli.queue",
    "reload": "roteiro.runtime.cli.reload",
    "send": "roteiro.runtime.cli.send",
    "serve": "roteiro.runtime.cli.serve",
    "spool": "roteiro.runtime.cli.spool",
    "status": "roteiro.runtime.cli.status",
    "test": "roteiro.runtime.cli.test",
    "why": "roteiro.runtime.cli.why",
}

# commands of later versions, so that nobody takes one for a slip of the pen
LATER = (
    *("conformance", "diff", "doctor", "find"),
    *("lsp", "mutate"),
)


class Refused(Exception):  # noqa: N818  not an error of the program
    """A command ends with one line for people and an exit code."""

    def __init__(self, code: int, key: str, **values: object) -> None:
        """Name a text of the catalogue and its values."""
        super().__init__(key)
        self.code = code
        self.key = key
        self.values = values


def not_read(name: object, wrong: OSError) -> Refused:
    """Make the refusal of a file that a person named: a slip, or a no from the machine."""
    why = unread(str(name), wrong)
    return Refused(USAGE if type(wrong) in NO_FILE else FINDINGS, why.key, **why.values)


class Commands(Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command; `None` when there is none of this name."""
        if name in LATER:
            raise Refused(USAGE, "command.not_in_this_version", what=f"roteiro {name}")
        if name not in COMMANDS:
            return None
        with collecting_later():  # modules are no garbage
            found = importlib.import_module(COMMANDS[name]).command
        assert isinstance(found, click.Command)
        return found

    def about(self, context: click.Context, name: str) -> str:
        """Say what a command does without importing it: its help is the text of its name."""
        return said(name, context)


@click.group(cls=Commands, help="roteiro")
@click.version_option(
    package_name="roteiro", message="roteiro %(version)s", cls=Option, help="version"
)
def roteiro() -> None:
    """Route DICOM objects; the object of the context is the language of messages."""


def asked_language(words: Sequence[str]) -> str | None:
    """Give the value of `--lang`, also when the rest of the words is wrong."""
    return option_of(words, "--lang")


def option_of(words: Sequence[str], name: str) -> str | None:
    """Give the value of an option, wherever it stands before `--`."""
    for word, following in pairwise([*takewhile(lambda word: word != "--", words), ""]):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.removeprefix(f"{name}=")
    return None


def invoke(words: Sequence[str]) -> int:
    """Run one command; whatever happens, people see one line and scripts an exit code."""
    language = chosen_language(asked_language(words))
    try:
        code = roteiro.main(list(words), prog_name="roteiro", standalone_mode=False, obj=language)
    except Refused as refused:
        return told(refused, words, language)
    except click.ClickException as wrong:
        click.echo("\n".join(lines(wrong, language)), err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return FINDINGS
    except OSError as wrong:
        return machine_refused(wrong, language)
    except Exception as fault:  # noqa: BLE001  the edge: our fault is one line, not a traceback
        trace()
        say_error("command.our_fault", language, kind=type(fault).__name__)
        return OURS
    return code if isinstance(code, int) else FINE


def told(refused: Refused, words: Sequence[str], language: str) -> int:
    """Say why a command ended; who asked for a document gets one."""
    say_error(refused.key, language, **refused.values)
    if option_of(words, "--format") == "json":
        say_json({"error": text(refused.key, language, **refused.values)})
    return refused.code


def machine_refused(wrong: OSError, language: str) -> int:
    """Say what the machine refused; a reader that has seen enough (`| head`) is no trouble."""
    abandon_stdout()
    if isinstance(wrong, BrokenPipeError):
        return FINE
    trace()
    say_error("command.machine_refused", language, why=machine_words(wrong))
    return FINDINGS


def trace() -> None:
    """Show a traceback to who asks for it."""
    if wants_trace():
        import traceback  # noqa: PLC0415  nobody waits for what goes right

        traceback.print_exc(file=sys.stderr)
