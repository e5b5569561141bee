"""`roteiro check`: all that can be found in rule files without running them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from roteiro.lang.codes import CODES, lookup
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import Phrase
from roteiro.lang.report import nearest
from roteiro.lang.shared import apply_shared
from roteiro.lang.source import Source
from roteiro.runtime.cli.edited import opened
from roteiro.runtime.cli.forms import FORMS, WITH_COSTS, Checked, page_of
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.output import say, say_error
from roteiro.runtime.cli.rulefile import examined
from roteiro.runtime.cli.worded import command_of, option
from roteiro.runtime.sources import Examined, today

if TYPE_CHECKING:
    from roteiro.runtime.cost import FileCost

LEVELS = {level.name.lower(): level for level in sorted(Level, reverse=True)}


@command_of("check", more=("check_formats", "check_exits"), example="roteiro check site.route")
@click.argument("paths", metavar="FILE...", nargs=-1)
@option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="text",
    show_default=True,
    help="check_format",
)
@option(
    "--fail-level",
    type=click.Choice(list(LEVELS)),
    default="error",
    show_default=True,
    help="check_fail_level",
)
@option("--strict", is_flag=True, help="check_strict")
@option("--cost", is_flag=True, help="check_cost")
@option("--suppressions", metavar="PATH", help="check_suppressions")
@option("--explain", "code", metavar="CODE", help="check_explain")
@click.pass_obj
def command(  # noqa: PLR0913  the options of the command
    language: str,
    *,
    paths: Sequence[str],
    form: str,
    fail_level: str,
    strict: bool,
    cost: bool,
    suppressions: str | None,
    code: str | None,
) -> int:
    """Find what is wrong in rule files."""
    if code is not None:
        say(page(code, language))
        return FINE
    if not paths:
        raise Refused(USAGE, "command.no_rule_file")
    if cost and form not in WITH_COSTS:
        raise Refused(USAGE, "command.cost_form", form=form)
    fails = min(LEVELS[fail_level], Level.WARNING if strict else Level.ERROR)
    shared = None if suppressions is None else _shared(suppressions)
    checked = _all(paths, fails, language, costs={} if cost else None)
    if shared is not None:
        whole = len(checked.files) == len(paths)
        left = apply_shared(checked.findings, shared, today(), whole=whole)
        checked = replace(checked, findings=left)
    FORMS[form](checked)
    if len(checked.files) < len(paths):
        return USAGE
    return FINDINGS if checked.failed else FINE


def page(word: str, language: str) -> str:
    """Give the page of a code, asked for by code or name; in English where there is no other."""
    code = lookup(word)
    if code is None:
        meant = _meant(word)
        key = "command.unknown_code_meant" if meant else "command.unknown_code"
        raise Refused(USAGE, key, word=word, meant=meant)
    return page_of(code, language)


def _shared(path: str) -> Source:
    """Read a file of suppressions; `Refused` when there is none, or it is no text."""
    file = opened(path)
    if file.wrong is not None:
        said = file.wrong.message
        raise Refused(
            USAGE, "command.cannot_read", path=path, why=Phrase(said.key, **dict(said.values))
        )
    return file.source


def _meant(word: str) -> str | None:
    """Guess at a code with one wrong character, or at a name."""
    for code in CODES:
        wrong = [ours for ours, theirs in zip(code, word.upper(), strict=False) if ours != theirs]
        if len(code) == len(word) and len(wrong) == 1:
            return code
    return nearest(word, (entry.name for entry in CODES.values()))


def _all(
    paths: Sequence[str],
    fails: Level,
    language: str,
    costs: "dict[str, FileCost] | None" = None,
) -> Checked:
    """Check each file for itself, with what it uses; a finding of two of them is one finding."""
    findings: dict[tuple[object, ...], Diagnostic] = {}
    read: list[str] = []
    unserved: dict[str, None] = {}
    for path in paths:
        try:
            found = examined(path, made=costs is not None)
        except Refused as missing:
            say_error(missing.key, language, **missing.values)
            continue
        for each in found.findings:
            place = (each.source.name, each.span.start, each.span.end)
            findings.setdefault((each.code, *place, each.message), each)
        read.append(path)
        unserved.update(dict.fromkeys(_unserved(found)))
        if costs is not None and found.typed is not None:
            from roteiro.runtime.cost import cost_of  # noqa: PLC0415  the engine's numbers

            costs[path] = cost_of(path, found.typed)
    counted = None if costs is None else tuple(costs.values())
    return Checked(tuple(findings.values()), tuple(read), fails, language, tuple(unserved), counted)


def _unserved(found: Examined) -> Iterator[str]:
    """Name each construct that `serve` does not carry out, with the first place of it in a file."""
    for construct, source, start in found.unserved:
        yield f"{construct} ({source.name}:{source.position(start).line})"
