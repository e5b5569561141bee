"""What commands print: the language of messages, JSON documents, colour."""

import json
import sys
from collections.abc import Mapping

import click

from roteiro.lang.messages import text
from roteiro.runtime.world import environment

LANGUAGES = ("en", "pt")


def chosen_language(asked: str | None) -> str:
    """Choose the language of messages: `--lang`, `ROTEIRO_LANG`, then the locale."""
    surroundings = environment()
    for wish in (
        asked,
        surroundings.get("ROTEIRO_LANG"),
        surroundings.get("LC_ALL"),
        surroundings.get("LC_MESSAGES"),
        surroundings.get("LANG"),
    ):
        if wish and wish[:2].lower() in LANGUAGES:
            return wish[:2].lower()
    return LANGUAGES[0]


def wants_trace() -> bool:
    """Say whether the person asked for tracebacks."""
    return environment().get("ROTEIRO_TRACE") == "1"


def wants_colour() -> bool:
    """Say whether stdout is a terminal that should see colour (`NO_COLOR` is respected)."""
    return sys.stdout.isatty() and not environment().get("NO_COLOR")


def say(line: str) -> None:
    """Print a line of facts."""
    click.echo(line)


def say_error(key: str, language: str, /, **values: object) -> None:
    """Print a line of the catalogue on stderr."""
    click.echo(f"roteiro: {text(key, language, **values)}", err=True)


def say_json(document: Mapping[str, object] | list[object]) -> None:
    """Print one JSON document and nothing else."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
