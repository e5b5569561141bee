"""Asking a running router, or a stopped spool: shared by the commands that do."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from roteiro.runtime.cli.group import FINDINGS, Refused
from roteiro.runtime.cli.worded import option
from roteiro.runtime.control import PATIENCE, Document, NoRouter, ask
from roteiro.runtime.loop import run
from roteiro.runtime.machine import machine_words
from roteiro.runtime.spool.places import Places
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
        help="spool_dir",
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
    return answered(document)


def asked_anyway(spool: Path, verb: str, **details: object) -> Document:
    """Ask the router of this spool, or the spool itself when none runs."""
    language = click.get_current_context().find_root().obj
    try:
        net = system_world().net
        return answered(run(ask(net, spool, verb, patience=None, lang=language, **details)))
    except NoRouter:
        return answered(asked_stopped(spool, verb, {**details, "lang": language}))


def asked_stopped(spool: Path, verb: str, question: Document) -> Document:
    """Ask a spool on which no router runs; `Refused` when that cannot be."""
    world = system_world()
    if not Places(spool).has_spool(world.disk):
        raise Refused(FINDINGS, "command.no_spool", spool=spool)
    # A router is asked mostly, and needs neither of these.
    from roteiro.runtime.spool.contract import SpoolBusy, SpoolForeign  # noqa: PLC0415
    from roteiro.runtime.stopped import answer_stopped  # noqa: PLC0415

    try:
        return run(answer_stopped(spool, world, verb, question))
    except NoRouter:
        raise Refused(FINDINGS, "command.no_spool", spool=spool) from None
    except (SpoolBusy, SpoolForeign, OSError) as wrong:
        raise spool_refused(spool, wrong) from None


def spool_refused(spool: Path, wrong: Exception) -> Refused:
    """Say in one line why a spool cannot be opened."""
    from roteiro.runtime.spool.contract import SpoolBusy  # noqa: PLC0415  see `asked_stopped`

    if isinstance(wrong, SpoolBusy):
        return Refused(FINDINGS, "command.spool_taken", spool=spool)
    why = machine_words(wrong) if isinstance(wrong, OSError) else str(wrong)
    return Refused(FINDINGS, "command.spool_unusable", spool=spool, why=why)


def answered(document: Document) -> Document:
    """Give an answer; the command ends with one line when the router says no."""
    if "error" in document:
        raise Refused(FINDINGS, "command.router_refused", why=document["error"])
    return document
