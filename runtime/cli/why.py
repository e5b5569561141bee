"""`roteiro why`: what became of a study, a series or an instance, and why it did not go on."""

from pathlib import Path
from typing import Any

import click

from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.lives import lines
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import asked_anyway, spool_option
from roteiro.runtime.cli.worded import command_of, format_option, option


@command_of(
    "why",
    more=("why_stored",),
    example="roteiro why 1.2.840.113619.2.1 --why-not archive",
)
@click.argument("uid", metavar="UID")
@spool_option
@format_option
@option("--why-not", metavar="NODE", help="why_not_node")
@option("--rules", metavar="RULES", help="why_rules")
@option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=1000,
    metavar="N",
    show_default=True,
    help="why_limit",
)
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    uid: str,
    spool: Path,
    form: str,
    why_not: str | None,
    rules: str | None,
    limit: int,
) -> int:
    """Tell the life of objects."""
    document: dict[str, Any] = dict(asked_anyway(spool, "why", uid=uid, limit=limit))
    if why_not is not None:
        add_why_not(document, spool, why_not, rules, language)
    if form == "json":
        say_json(document)
    else:
        for line in lines(document, language):
            say(line)
        if why_not is not None:
            say_why_not(document, language)
    return FINE if document["objects"] else FINDINGS


def add_why_not(
    document: dict[str, Any], spool: Path, node: str, given: str | None, language: str
) -> None:
    """Decide again on the stored bytes, and say of each object what keeps it from a node."""
    from roteiro.runtime.cli.whynot import Asked, asked_of  # noqa: PLC0415  mostly not asked

    path = given or document["rules"]
    if not path:
        raise Refused(USAGE, "command.why_needs_rules")
    asked: Asked = asked_of(path, node, language)
    for each in document["objects"]:
        each["why_not"] = asked.entry(spool, each)


def say_why_not(document: dict[str, Any], language: str) -> None:
    """Print what keeps each object from the node."""
    from roteiro.runtime.cli.whynot import lines_of  # noqa: PLC0415

    for each in document["objects"]:
        for line in lines_of(each, language):
            say(line)
