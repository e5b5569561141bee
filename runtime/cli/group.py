"""The table of commands, the exit codes, and the last line of defence.

Exit codes: 0 fine, 1 findings or a no from the world, 2 wrong usage or a missing file, 3 our own
fault. A traceback is shown only to who asks for it with `ROTEIRO_TRACE=1`.
"""

import importlib
import sys
import traceback
from collections.abc import Sequence

import click

from roteiro.runtime.cli.output import chosen_language, say_error, wants_trace

FINE = 0
FINDINGS = 1
USAGE = 2
OURS = 3

# command -> the module that has it as `command`
COMMANDS = {
    "check": "roteiro.runtime.cli.check",
    "demo": "roteiro.runtime.cli.demo",
    "echo": "roteiro.runtime.cli.echo",
    "explain": "roteiro.runtime.cli.explain",
    "queue": "roteiro.runtime.cli.queue",
    "send": "roteiro.runtime.cli.send",
    "serve": "roteiro.runtime.cli.serve",
    "status": "roteiro.runtime.cli.status",
    "test": "roteiro.runtime.cli.test",
}


class Refused(Exception):  # noqa: N818  not an error of the program
    """A command ends with one line for people and an exit code."""

    def __init__(self, code: int, key: str, **values: object) -> None:
        """Name a text of the catalogue and its values."""
        super().__init__(key)
        self.code = code
        self.key = key
        self.values = values


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command; `None` when there is none of this name."""
        if name not in COMMANDS:
            return None
        found = importlib.import_module(COMMANDS[name]).command
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="roteiro", message="roteiro %(version)s")
@click.option("--lang", metavar="LANG", help="Language of messages: en or pt.")
@click.pass_context
def roteiro(context: click.Context, lang: str | None) -> None:
    """Route DICOM objects by rules that can be checked, explained and tested."""
    context.obj = chosen_language(lang)


def asked_language(words: Sequence[str]) -> str | None:
    """Give the value of `--lang`, also when the rest of the words is wrong."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--lang":
            return following
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return None


def invoke(words: Sequence[str]) -> int:
    """Run one command; whatever happens, people see one line and scripts an exit code."""
    language = chosen_language(asked_language(words))
    try:
        code = roteiro.main(list(words), prog_name="roteiro", standalone_mode=False)
    except Refused as refused:
        say_error(refused.key, language, **refused.values)
        return refused.code
    except click.ClickException as wrong:
        wrong.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return FINDINGS
    except BrokenPipeError:
        return FINE
    except Exception as fault:  # noqa: BLE001  the edge: our fault is one line, not a traceback
        if wants_trace():
            traceback.print_exc(file=sys.stderr)
        say_error("command.our_fault", language, kind=type(fault).__name__)
        return OURS
    return code if isinstance(code, int) else FINE
