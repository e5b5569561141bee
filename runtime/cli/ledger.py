"""`roteiro ledger verify`: does what was acknowledged add up to what is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINDINGS, FINE
from roteiro.runtime.cli.output import say, say_json
from roteiro.runtime.cli.running import asked_anyway, spool_option
from roteiro.runtime.cli.table import Cell, heads, table
from roteiro.runtime.cli.worded import Command, Group, format_option

Facts = Mapping[str, Any]
SOURCE = ("acknowledged", "routed", "held", "dropped", "nothing", "repeated")
DESTINATION = ("owed", "done", "waiting", "sending", "held", "discarded", "repeated")


@click.group(cls=Group, help="ledger")
def command() -> None:
    """Count what was acknowledged and what was owed."""


@command.command(
    "verify",
    cls=Command,
    help="ledger_verify",
    more=("ledger_equations",),
    epilog="roteiro ledger verify --spool /var/spool/roteiro",
)
@spool_option
@format_option
@click.pass_obj
def verify(language: str, *, spool: Path, form: str) -> int:
    """Check the equations; exit 1 when one does not hold."""
    document = asked_anyway(spool, "ledger")
    if form == "json":
        say_json(document)
    else:
        for line in lines(document, language):
            say(line)
    return FINE if document["adds_up"] else FINDINGS


def lines(document: Facts, language: str) -> list[str]:
    """Give the ledger as people read it."""
    out = rows("source", document["sources"], SOURCE, language)
    out += rows("destination", document["destinations"], DESTINATION, language)
    for each in document["destinations"]:
        for reason in each["reasons"]:
            out.append(text("command.ledger_reason", language, to=each["name"], **reason))
    for wrong in document["wrong"]:
        what = wrong["what"].removesuffix("_bytes")
        equation = text(f"command.ledger_{what}", language)
        out.append(text("command.ledger_wrong", language, equation=equation, **_place(wrong)))
    key = "command.ledger_adds_up" if document["adds_up"] else "command.ledger_does_not"
    out.append(text(key, language, since=document["since"]))
    if document["rebuilt"]:
        out.append(text("command.why_rebuilt", language, since=document["since"]))
    return out


def _place(wrong: Facts) -> Facts:
    unit = "B" if wrong["what"].endswith("_bytes") else ""
    return {
        "name": wrong["name"] or "-",
        "expected": f"{wrong['expected']} {unit}".strip(),
        "found": f"{wrong['found']} {unit}".strip(),
    }


def rows(kind: str, found: list[Facts], names: tuple[str, ...], language: str) -> list[str]:
    """Give one table of counts, numbers and bytes in lines of their own, and an empty line."""
    cells: list[list[Cell]] = []
    for each in found:
        cells.append([each["name"], "", *(each[name]["number"] for name in names)])
        cells.append(["", "B", *(each[name]["bytes"] for name in names)])
    lines_of = table(heads(f"command.ledger_{kind}_heads", language), cells)
    return [*lines_of, ""] if lines_of else []
