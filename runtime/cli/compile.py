"""`roteiro compile`: the compiled rules as a file, and what they take."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from roteiro.core import EngineMissingError
from roteiro.lang.messages import Phrase, text
from roteiro.runtime.artefacts import sources_of
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused, not_read
from roteiro.runtime.cli.output import say, say_json, say_told
from roteiro.runtime.cli.table import Cell, heads, table
from roteiro.runtime.cli.worded import command_of, format_option, option
from roteiro.runtime.compiling import CompiledRules, compile_rules
from roteiro.runtime.engine import engine
from roteiro.runtime.garbage import collecting_later
from roteiro.runtime.machine import machine_words
from roteiro.runtime.retold import Telling, again, worded
from roteiro.runtime.world import put_file

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact
    from roteiro.runtime.stats import Stats

RULES = 5
"""Rules that are named where several went over a bound."""


@command_of(
    "compile",
    more=("compile_more", "compile_exits"),
    example="roteiro compile site.route -o site.compiled --stats",
)
@click.argument("rules", metavar="RULES")
@option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="compile_output",
)
@option("--stats", is_flag=True, help="compile_stats")
@format_option
@click.pass_obj
def command(language: str, *, rules: str, output: Path | None, stats: bool, form: str) -> int:
    """Compile rules into a file."""
    with collecting_later():
        artefact = compiled(rules, language)
    if output is not None:
        keep_rules(output, rules, artefact)
        write(output, artefact)
    if form == "json":
        say_json(document(rules, output, artefact, told=stats))
    else:
        for line in lines(rules, output, artefact, language, told=stats):
            say(line)
    return FINE


def compiled(rules: str, language: str) -> "Artefact":
    """Compile a rule file, and show what was found in it; `Refused` when it has errors."""
    telling = Telling(Path(rules), rules, language)
    known = again(telling)
    if known is not None:
        artefact, told = known
        say_told(told)
        return artefact
    try:
        found = compile_rules(Path(rules), rules)
    except EngineMissingError:
        raise Refused(FINDINGS, "command.no_engine") from None
    except OSError as wrong:
        raise not_read(rules, wrong) from None
    say_told(worded(telling, found))
    if found.artefact is None:
        raise Refused(FINDINGS, "command.rules_have_errors", path=rules, errors=errors(found))
    return found.artefact


def errors(found: CompiledRules) -> Phrase:
    """Say how many errors there are."""
    from roteiro.runtime.programs import errors_of  # noqa: PLC0415  when there are none, no need

    count = len(errors_of(found.findings))
    return Phrase("command.error_one" if count == 1 else "command.error_many", n=count)


def keep_rules(output: Path, rules: str, artefact: "Artefact") -> None:
    """Refuse to write over what was compiled."""
    if not output.is_file():
        return
    for path in sources_of(artefact).paths(Path(rules)):
        if path.is_file() and path.samefile(output):
            raise Refused(USAGE, "command.output_is_source", path=output)


def write(output: Path, artefact: "Artefact") -> None:
    """Write the file; what stood there stays when that fails."""
    try:
        put_file(output, bytes(artefact.data))
    except OSError as wrong:
        why = machine_words(wrong)
        raise Refused(FINDINGS, "command.cannot_write", path=output, why=why) from None


def document(
    rules: str, output: Path | None, artefact: "Artefact", *, told: bool
) -> dict[str, object]:
    """Give the JSON document."""
    return {
        "rules": rules,
        "output": None if output is None else str(output),
        "rule_set": artefact.notes.rule_set,
        "bytes": len(artefact.data),
        "stats": counted(artefact).document() if told else None,
    }


def counted(artefact: "Artefact") -> "Stats":
    """Count what the rules take."""
    from roteiro.runtime.stats import stats_of  # noqa: PLC0415  only when it is asked

    return stats_of(artefact, engine().release, engine().digest)


def lines(
    rules: str, output: Path | None, artefact: "Artefact", language: str, *, told: bool
) -> Iterator[str]:
    """Say what became of the rules."""
    key = "command.compiled" if output is None else "command.compiled_to"
    size, rule_set = len(artefact.data), artefact.notes.rule_set
    yield text(key, language, path=rules, output=output, bytes=size, rule_set=rule_set)
    if told:
        yield from stats_lines(counted(artefact), language)


def stats_lines(stats: "Stats", language: str) -> Iterator[str]:
    """Say what rules take, for people."""
    sources = ", ".join(f"`{name}`" for name in stats.sources)
    told = {"release": stats.release, "engine": stats.engine, "sources": sources}
    yield "  " + text("command.stats_made", language, **told)
    yield "  " + text("command.stats_counts", language, **counts_of(stats))
    key = "command.stats_tags" if stats.last_tag else "command.stats_no_tags"
    yield "  " + text(key, language, tags=stats.tags, tag=stats.last_tag)
    parts: list[list[Cell]] = [
        [text(f"command.stats_part_{name}", language), size] for name, size in stats.parts.items()
    ]
    yield from _table("command.stats_part_heads", parts, language)
    bounds: list[list[Cell]] = [
        [text(f"command.stats_bound_{one.name}", language), one.used, one.limit]
        for one in stats.bounds
    ]
    yield from _table("command.stats_bound_heads", bounds, language)
    for over in stats.over:
        bound = Phrase(f"command.stats_bound_{over.name}")
        named = ", ".join(f"`{name}`" for name in over.rules[:RULES]) or "has (...)"
        more = ", …" if len(over.rules) > RULES else ""
        yield "  " + text("command.stats_over", language, bound=bound, rules=named + more)


def counts_of(stats: "Stats") -> dict[str, object]:
    """Give what is counted."""
    names = ("rules", "clauses", "fields", "tests", "cells", "sets", "states", "scopes")
    return {name: getattr(stats, name) for name in names}


def _table(key: str, rows: list[list[Cell]], language: str) -> Iterator[str]:
    yield from (f"  {line}" for line in table(heads(key, language), rows))
