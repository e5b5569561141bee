"""`roteiro queue`: what waits, what is held, and why."""

from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINE, USAGE, Refused
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import asked, spool_option
from roteiro.runtime.cli.table import duration, heads, table
from roteiro.runtime.cli.worded import Command, Group, format_option, option

LATER = frozenset(("show", "retry", "hold", "release", "discard"))
STATES = ("waiting", "sending", "held", "done")


class Verbs(Group):
    """The verbs of this version, and a plain word on those of later ones."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See `click.Group`."""
        if cmd_name in LATER:
            raise Refused(USAGE, "command.not_in_this_version", what=f"roteiro queue {cmd_name}")
        return super().get_command(ctx, cmd_name)


@click.group(cls=Verbs, help="queue")
def command() -> None:
    """See the deliveries and the objects that are held."""


@command.command(
    "list",
    cls=Command,
    help="queue_list",
    epilog="roteiro queue list --to pacs --state waiting",
)
@spool_option
@format_option
@option("--to", metavar="NODE", help="queue_to")
@option("--state", type=click.Choice(STATES), help="queue_state")
@option("--study", metavar="UID", help="not_in_this_version")
@option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1000,
    metavar="N",
    show_default=True,
    help="queue_limit",
)
@click.pass_obj
def list_(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    spool: Path,
    form: str,
    to: str | None,
    state: str | None,
    study: str | None,
    limit: int,
) -> int:
    """List deliveries, and objects that queues hold, oldest first."""
    if study is not None:
        raise Refused(USAGE, "command.not_in_this_version", what="--study")
    document = asked(spool, "queue", to=to, state=state, limit=limit)
    if form == "json":
        say_json(document)
        return FINE
    for line in lines(document, language) or [nothing(to, state, language)]:
        say(line)
    return FINE


def nothing(to: str | None, state: str | None, language: str) -> str:
    """Say that a list is empty, and which."""
    key = "queue_empty" if to is None and state is None else "queue_nothing_such"
    return text(f"command.{key}", language)


def lines(document: Any, language: str) -> list[str]:
    """Give the lists as people read them."""
    head = heads("command.queue_heads", language)
    deliveries = [
        [
            str(item["id"]),
            item["to"],
            item["state"],
            item["attempts"],
            duration(item["age_s"]),
            item["size"],
            item["sop_instance"],
            item["reason"] or "",
        ]
        for item in document["deliveries"]
    ]
    held = [
        [
            item["queue"],
            duration(item["age_s"]),
            item["size"],
            item["sop_instance"],
            item["reason"] or "",
        ]
        for item in document["held"]
    ]
    out = table(head, deliveries)
    if held:
        out += [""] if out else []
        out += table(heads("command.held_heads", language), held)
    return out
