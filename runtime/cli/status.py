"""`roteiro status`: what the router does now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINE
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import asked, spool_option
from roteiro.runtime.cli.table import duration, heads, table
from roteiro.runtime.cli.worded import command_of, format_option
from roteiro.runtime.spool.space import MIB

Facts = Mapping[str, Any]


@command_of("status", example="roteiro status --spool /var/spool/roteiro")
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
    out = [f"{router['ae']}  {router['rule_set']}", *disk(document["disk"], language)]
    for name, rows in tables(document).items():
        if rows:
            out += ["", *table(heads(f"command.{name}_heads", language), rows)]
        if name == "destination":
            out += causes(document["destinations"])
            for item in document["destinations"]:
                out += [*waits(item, language), *held(item, language)]
    if not document["destinations"]:
        out.append(text("command.no_destinations", language))
    return out


def disk(found: Facts | None, language: str) -> list[str]:
    """Say how much room there is, and what does not happen for want of it."""
    if found is None:
        return []
    values = {
        "free": found["free_bytes"] // MIB,
        "names": "-" if found["free_names"] is None else found["free_names"],
        "since": found["since"],
        "cause": text(f"runtime.disk_{found['cause']}", language) if found["cause"] else "",
    }
    return [text(f"command.disk_{found['level']}", language, **values)]


def tables(document: Facts) -> dict[str, list[list[str | int]]]:
    """Give the rows of each table, in the order in which they are shown."""
    return {
        "listener": [
            [item["name"], item["address"], item["port"], item["associations"]]
            for item in document["listeners"]
        ],
        "caller": callers(document["associations"]),
        "destination": destinations(document["destinations"]),
        "holding": [
            [item["queue"], item["objects"], duration(item["oldest_age_s"])]
            for item in document["queues"]
        ],
    }


def causes(found: list[Facts]) -> list[str]:
    """Say why destinations wait."""
    return [f"  {item['name']}: {item['cause']}" for item in found if item["cause"]]


def held(item: Facts, language: str) -> list[str]:
    """Say how long the oldest held delivery has been owed, and how to see them."""
    if not item["held"]:
        return []
    since = duration(item["oldest_held_age_s"])
    return ["  " + text("command.status_held", language, name=item["name"], since=since)]


def waits(item: Facts, language: str) -> list[str]:
    """Say what a destination's deliveries wait for by the rules."""
    out = []
    if item["gathering"]:
        values = {"name": item["name"], "count": item["gathering"]}
        out.append(text("command.waits_for_batches", language, **values))
    for each in item["shut"]:
        key = "waits_for_schedule" if each["opens"] else "waits_for_no_schedule"
        values = {"name": item["name"], **each}
        out.append(text(f"command.{key}", language, **values))
    return [f"  {line}" for line in out]


def callers(associations: list[Facts]) -> list[list[str | int]]:
    """Give the rows of callers."""
    return [
        [item["calling_ae"], item["address"], item["objects"], duration(item["age_s"])]
        for item in associations
    ]


def destinations(found: list[Facts]) -> list[list[str | int]]:
    """Give the rows of destinations."""
    return [
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
