"""`roteiro status`: what the router does now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINE
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import asked, format_option, spool_option
from roteiro.runtime.cli.table import duration, table

Facts = Mapping[str, Any]


@click.command(epilog="Example: roteiro status --spool /var/spool/roteiro")
@spool_option
@format_option
@click.pass_obj
def command(language: str, *, spool: Path, form: str) -> int:
    """Show listeners, associations, and for each destination what waits and why."""
    document = asked(spool, "status")
    if form == "json":
        say_json(document)
        return FINE
    for line in lines(document, language):
        say(line)
    return FINE


def lines(document: Facts, language: str) -> list[str]:
    """Give the status as people read it."""
    router = document["router"]
    out = [f"{router['ae']}  {router['rule_set']}", ""]
    out += table(
        ["listener", "address", "port", "associations"],
        [
            [item["name"], item["address"], item["port"], item["associations"]]
            for item in document["listeners"]
        ],
    )
    out += ["", *table(*callers(document["associations"]))] if document["associations"] else []
    out += ["", *table(*destinations(document["destinations"]))]
    out += [
        f"  {item['name']}: {item['cause']}" for item in document["destinations"] if item["cause"]
    ]
    if document["queues"]:
        rows = [[item["queue"], item["objects"]] for item in document["queues"]]
        out += ["", *table(["held in", "objects"], rows)]
    if not document["destinations"]:
        out.append(text("command.no_destinations", language))
    return out


def callers(associations: list[Facts]) -> tuple[list[str], list[list[str | int]]]:
    """Give the table of callers."""
    rows: list[list[str | int]] = [
        [item["calling_ae"], item["address"], item["objects"], duration(item["age_s"])]
        for item in associations
    ]
    return ["caller", "address", "objects", "since"], rows


def destinations(found: list[Facts]) -> tuple[list[str], list[list[str | int]]]:
    """Give the table of destinations."""
    rows: list[list[str | int]] = [
        [
            item["name"],
            item["state"],
            item["waiting"],
            item["sending"],
            item["held"],
            item["delivered"],
            duration(item["oldest_age_s"]),
            item["last_success"] or "-",
            item["next_attempt"] or "-",
        ]
        for item in found
    ]
    head = [
        "destination",
        "state",
        "waiting",
        "sending",
        "held",
        "delivered",
        "oldest",
        "last success",
        "next attempt",
    ]
    return head, rows
