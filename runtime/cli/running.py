"""Asking a running router: shared by the commands that do."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from roteiro.runtime.cli.group import FINDINGS, Refused
from roteiro.runtime.cli.worded import option
from roteiro.runtime.control import PATIENCE, Document, NoRouter, ask
from roteiro.runtime.loop import run
from roteiro.runtime.world import system_world

Command = TypeVar("Command", bound=Callable[..., object])


def spool_option(command: Command) -> Command:
    """Give a command its `--spool`."""
    spool = option(
        "--spool",
        type=click.Path(path_type=Path),
        metavar="DIR",
        default=Path("spool"),
        show_default=True,
        help="spool",
    )
    return spool(command)


def asked(
    spool: Path, verb: str, *, patience: float | None = PATIENCE, **details: object
) -> Document:
    """Ask the router of this spool; the command ends with one line when none answers.

    Without `patience` it waits for as long as the router is there.
    """
    language = click.get_current_context().find_root().obj
    try:
        net = system_world().net
        document = run(ask(net, spool, verb, patience=patience, lang=language, **details))
    except NoRouter:
        raise Refused(FINDINGS, "command.no_router", spool=spool) from None
    if "error" in document:
        raise Refused(FINDINGS, "command.router_refused", why=document["error"])
    return document
