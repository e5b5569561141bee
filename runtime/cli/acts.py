"""`roteiro queue retry|hold|release|discard`: what a person does to what is owed."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.output import counted, say, say_json
from roteiro.runtime.cli.running import asked_anyway, spool_option
from roteiro.runtime.cli.worded import Command, format_option, option

Facts = Mapping[str, Any]
STATES = ("waiting", "sending", "held", "done")


def filters(to: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Give a command the filter of the verbs; `to` is the text of `--to`."""

    def decorate(function: Callable[..., object]) -> Callable[..., object]:
        for add in (
            option("--study", metavar="UID", help="queue_study"),
            option("--state", type=click.Choice(STATES), help="queue_state"),
            option("--to", metavar="NODE", help=to),
            click.argument("ids", metavar="[ID...]", nargs=-1),
            format_option,
            spool_option,
        ):
            function = add(function)
        return function

    return decorate


@click.command("hold", cls=Command, help="queue_hold", epilog="roteiro queue hold --to pacs")
@filters("queue_to")
@option("--reason", metavar="TEXT", help="queue_reason")
@click.pass_obj
def hold(language: str, /, *, spool: Path, form: str, **question: Any) -> int:
    """Stop deliveries that wait."""
    return act("hold", spool, form, language, question)


@click.command(
    "retry",
    cls=Command,
    help="queue_retry",
    more=("queue_retry_held",),
    epilog="roteiro queue retry --to pacs --state held",
)
@filters("queue_to")
@click.pass_obj
def retry(language: str, /, *, spool: Path, form: str, **question: Any) -> int:
    """Try now instead of at the next attempt."""
    return act("retry", spool, form, language, question)


@click.command(
    "release",
    cls=Command,
    help="queue_release",
    more=("queue_release_to",),
    epilog="roteiro queue release --study 1.2.840.113619.2.1 --to pacs",
)
@filters("queue_release_target")
@click.pass_obj
def release(language: str, /, *, spool: Path, form: str, **question: Any) -> int:
    """Decide again on what is held, or send objects to a node."""
    return act("release", spool, form, language, question)


@click.command(
    "discard",
    cls=Command,
    help="queue_discard",
    more=("queue_discard_bytes",),
    epilog='roteiro queue discard 4711 --reason "test images"',
)
@filters("queue_to")
@option("--reason", metavar="TEXT", help="queue_discard_reason")
@click.pass_obj
def discard(language: str, /, *, spool: Path, form: str, **question: Any) -> int:
    """Owe deliveries no more."""
    if not question["reason"]:
        raise Refused(USAGE, "command.no_reason")
    return act("discard", spool, form, language, question)


def act(verb: str, spool: Path, form: str, language: str, question: dict[str, Any]) -> int:
    """Ask for it and say how many and what; without a filter nothing is touched."""
    question["ids"] = list(question["ids"])
    named = ("ids", "state", "study") if verb == "release" else ("ids", "to", "state", "study")
    if not any(question[name] for name in named):
        raise Refused(USAGE, "command.no_filter")
    document = asked_anyway(spool, f"queue {verb}", **question)
    if form == "json":
        say_json(document)
    else:
        for line in lines(document, language):
            say(line)
    return FINDINGS if document["unknown"] else FINE


def lines(document: Facts, language: str) -> list[str]:
    """Say what was done, and what was not and why."""
    verb = document["verb"]
    deliveries = counted("delivery", document["deliveries"], language)
    objects = counted("object", document["objects"], language)
    out = [text(f"command.acted_{verb}", language, deliveries=deliveries, objects=objects)]
    if document["sending"]:
        out.append(text("command.acted_sending", language, n=document["sending"]))
    if document.get("gone"):
        out.append(text("command.acted_gone", language, n=document["gone"]))
    for each in document.get("still_held", ()):
        out.append(text("command.acted_still", language, **each))
    if document["unknown"]:
        names = ", ".join(document["unknown"])
        out.append(text("command.acted_unknown", language, names=names))
    if document["more"]:
        out.append(text("command.acted_more", language))
    return out
