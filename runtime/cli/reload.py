"""`roteiro reload`: other rules while the router runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINDINGS, FINE
from roteiro.runtime.cli.output import counted, say, say_error, say_json
from roteiro.runtime.cli.running import asked, spool_option
from roteiro.runtime.cli.worded import command_of, format_option

Facts = Mapping[str, Any]


@command_of("reload", more=("reload_stays",), example="roteiro reload --spool /var/spool/roteiro")
@spool_option
@format_option
@click.pass_obj
def command(language: str, *, spool: Path, form: str) -> int:
    """Have the router read its rules again; say what is in force then, and why."""
    document = asked(spool, "reload", patience=None)
    if form == "json":
        say_json(document)
    elif document["reloaded"]:
        say(done(document, language))
    else:
        say_refused(document, language)
    return FINE if document["reloaded"] else FINDINGS


def done(document: Facts, language: str) -> str:
    """Say which rules are in force, and how much `check` has to say of them."""
    same = document["rule_set"] == document["before"]
    key = "command.reloaded_same" if same else "command.reloaded"
    line = text(key, language, rule_set=document["rule_set"], before=document["before"])
    warnings = sum(each["level"] == "warning" for each in document["findings"])
    if not warnings:
        return line
    count = counted("warning", warnings, language)
    return text("command.reloaded_warned", language, line=line, count=count)


def say_refused(document: Facts, language: str) -> None:
    """Print the errors in the rules, each a line, and why the rules of before stay."""
    for each in document["findings"]:
        if each["level"] == "error":
            click.echo(finding_line(each), err=True)
    for why in document["reasons"]:
        click.echo(f"roteiro: {why}", err=True)
    say_error("command.reload_stays", language, rule_set=document["rule_set"])


def finding_line(found: Facts) -> str:
    """Give one finding of the document as a line."""
    at = found["span"]["start"]
    place = f"{found['file']}:{at['line']}:{at['column']}"
    line = f"{place}: {found['level']}[{found['code']} {found['name']}]: {found['message']}"
    return f"{line} ({found['help']})" if found["help"] else line
