"""What commands print: the language of messages, JSON documents, colour."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from roteiro.lang.messages import DEFAULT, LANGUAGES, text
from roteiro.runtime.world import environment

if TYPE_CHECKING:
    from roteiro.lang.diagnostics import Diagnostic

LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first of these that is set decides, as for other programs."""
AFTER_LANGUAGE = re.compile(r"[-_.@]")
"""What ends the language in `pt_ST.UTF-8` and `pt-ST`."""


def chosen_language(asked: str | None) -> str:
    """Choose the language of messages: `--lang`, `ROTEIRO_LANG`, then the locale."""
    surroundings = environment()
    locale = next((surroundings[name] for name in LOCALE if surroundings.get(name)), "")
    for wish in (asked or "", surroundings.get("ROTEIRO_LANG", ""), locale):
        language = AFTER_LANGUAGE.split(wish)[0].lower()
        if language in LANGUAGES:
            return language
    return DEFAULT


def wants_trace() -> bool:
    """Say whether the person asked for tracebacks."""
    return environment().get("ROTEIRO_TRACE") == "1"


def wants_colour() -> bool:
    """Say whether stdout is a terminal that should see colour (`NO_COLOR` is respected)."""
    return sys.stdout.isatty() and not environment().get("NO_COLOR")


def say(line: str) -> None:
    """Print a line of facts; what the terminal cannot show is escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(line.encode(encoding, "backslashreplace").decode(encoding))


def say_error(key: str, language: str, /, **values: object) -> None:
    """Print a line of the catalogue on stderr."""
    click.echo(f"roteiro: {text(key, language, **values)}", err=True)


def say_findings(found: "Iterable[Diagnostic]", language: str, *, err: bool = False) -> None:
    """Print findings for people, on stderr where they are not what the command prints."""
    from roteiro.lang.render.text import render  # noqa: PLC0415  most commands find nothing

    colour = wants_colour() and not err
    blocks = [f"{render(each, language, colour=colour)}\n" for each in found]
    if err:
        say_told(blocks)
    else:
        for block in blocks:
            say(block)


def say_told(blocks: Sequence[str]) -> None:
    """Print findings on stderr that were worded, each with an end of line."""
    if blocks:
        click.echo("\n".join(blocks), err=True)


def say_json(document: Mapping[str, object] | list[object]) -> None:
    """Print one JSON document and nothing else."""
    written = json.dumps(document, ensure_ascii=False, indent=2)
    if not _can_show(written):
        written = json.dumps(document, indent=2)
    click.echo(written)


def counted(noun: str, count: int, language: str) -> str:
    """Give a number with its noun, singular or plural."""
    return text(f"command.{noun}_one" if count == 1 else f"command.{noun}_many", language, n=count)


def _can_show(written: str) -> bool:
    """Say whether stdout can carry a text: a path may hold bytes that are no characters."""
    try:
        written.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
