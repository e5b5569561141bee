"""`roteiro spool rebuild`: the index made again from the files."""

from dataclasses import asdict
from pathlib import Path

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINDINGS, FINE, Refused
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import spool_option, spool_refused
from roteiro.runtime.cli.worded import Command, Group, format_option
from roteiro.runtime.control import NoRouter
from roteiro.runtime.loop import run
from roteiro.runtime.spool.contract import SpoolBusy, SpoolForeign
from roteiro.runtime.world import system_world


@click.group(cls=Group, help="spool")
def command() -> None:
    """See to a spool on which no router runs."""


@command.command(
    "rebuild",
    cls=Command,
    help="spool_rebuild",
    more=("spool_rebuild_loses",),
    epilog="roteiro spool rebuild --spool /var/spool/roteiro",
)
@spool_option
@format_option
@click.pass_obj
def rebuild(language: str, *, spool: Path, form: str) -> int:
    """Make the index again from the files."""
    from roteiro.runtime.stopped import rebuild as rebuild_spool  # noqa: PLC0415

    try:
        recovery = run(rebuild_spool(spool, system_world()))
    except NoRouter:
        raise Refused(FINDINGS, "command.no_spool", spool=spool) from None
    except (SpoolBusy, SpoolForeign, OSError) as wrong:
        raise spool_refused(spool, wrong) from None
    if form == "json":
        facts = asdict(recovery)
        del facts["later"]  # all was looked at
        say_json(facts)
    else:
        say(text("command.spool_rebuilt", language, **asdict(recovery)))
    return FINDINGS if recovery.damaged else FINE
