"""`roteiro queue`: what waits, what is held, and why."""

from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli import acts
from roteiro.runtime.cli import lives as told
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import asked_anyway, spool_option
from roteiro.runtime.cli.table import duration, heads, table
from roteiro.runtime.cli.worded import Command, Group, format_option, option

STATES = ("waiting", "sending", "held", "done")


@click.group(cls=Group, help="queue")
def command() -> None:
    """See and change the deliveries and the objects that are held."""


for _act in (acts.hold, acts.retry, acts.release, acts.discard):
    command.add_command(_act)


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
@option("--study", metavar="UID", help="queue_study")
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
    document = asked_anyway(spool, "queue", to=to, state=state, study=study, limit=limit)
    if form == "json":
        say_json(document)
        return FINE
    for line in lines(document, language) or [nothing(to, state, language)]:
        say(line)
    return FINE


@command.command(
    "show",
    cls=Command,
    help="queue_show",
    epilog="roteiro queue show 4711",
)
@acts.filters("queue_to")
@click.pass_obj
def show(language: str, /, *, spool: Path, form: str, **question: Any) -> int:
    """Show all that is known of objects."""
    question["ids"] = list(question["ids"])
    if not any(question.values()):
        raise Refused(USAGE, "command.no_filter")
    document = asked_anyway(spool, "queue show", **question)
    if form == "json":
        say_json(document)
    else:
        for line in told.lines(document, language):
            say(line)
    return FINE if document["objects"] else FINDINGS


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
