"""`roteiro check`: all that can be found in rule files without running them."""

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files as resources

import click

from roteiro.lang.codes import CODES, lookup
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import text
from roteiro.lang.render.json import document
from roteiro.lang.report import nearest
from roteiro.runtime.cli.group import FINDINGS, FINE, USAGE, Refused
from roteiro.runtime.cli.output import counted, say, say_error, say_findings, say_json
from roteiro.runtime.cli.rulefile import examined
from roteiro.runtime.cli.worded import command_of, option

PAGES = "roteiro.pages"
FORMATS = ("text", "plain", "json", "sarif", "github", "junit")
BUILT = ("text", "json")
LEVELS = {level.name.lower(): level for level in sorted(Level, reverse=True)}


@command_of("check", more=("check_exits",), example="roteiro check site.route")
@click.argument("paths", metavar="FILE...", nargs=-1)
@option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
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
@option("--explain", "code", metavar="CODE", help="check_explain")
@click.pass_obj
def command(
    language: str, *, paths: Sequence[str], form: str, fail_level: str, code: str | None
) -> int:
    """Find what is wrong in rule files."""
    if code is not None:
        say(page(code, language))
        return FINE
    if form not in BUILT:
        raise Refused(USAGE, "command.not_in_this_version", what=f"--format {form}")
    if not paths:
        raise Refused(USAGE, "command.no_rule_file")
    findings, read = _all(paths, language)
    _print(findings, read, form, language)
    if read < len(paths):
        return USAGE
    return FINDINGS if any(each.level >= LEVELS[fail_level] for each in findings) else FINE


def page(word: str, language: str) -> str:
    """Give the page of a code, asked for by code or name; in English where there is no other."""
    code = lookup(word)
    if code is None:
        meant = _meant(word)
        key = "command.unknown_code_meant" if meant else "command.unknown_code"
        raise Refused(USAGE, key, word=word, meant=meant)
    pages = resources(PAGES)
    own = pages / language / f"{code}.md"
    found = own if own.is_file() else pages / f"{code}.md"
    return found.read_text(encoding="utf-8").rstrip("\n")


def _meant(word: str) -> str | None:
    """Guess at a code with one wrong character, or at a name."""
    for code in CODES:
        wrong = [ours for ours, theirs in zip(code, word.upper(), strict=False) if ours != theirs]
        if len(code) == len(word) and len(wrong) == 1:
            return code
    return nearest(word, (entry.name for entry in CODES.values()))


def _all(paths: Sequence[str], language: str) -> tuple[list[Diagnostic], int]:
    """Check each file for itself; give the findings and how many files there were."""
    findings: list[Diagnostic] = []
    read = 0
    for path in paths:
        try:
            found = examined(path)
        except Refused as missing:
            say_error(missing.key, language, **missing.values)
            continue
        findings += found.findings
        read += 1
    return findings, read


def _print(findings: Sequence[Diagnostic], read: int, form: str, language: str) -> None:
    if form == "json":
        say_json(document(findings, read, language))
    elif read:
        say_findings(findings, language)
        say(_sum(findings, read, language))


def _sum(findings: Sequence[Diagnostic], read: int, language: str) -> str:
    """Say in one line what was found."""
    weights = Counter(each.level.name.lower() for each in findings)
    parts = [counted(level, weights[level], language) for level in LEVELS if weights[level]]
    files = counted("file", read, language)
    if not parts:
        return text("command.check_clean", language, files=files)
    return text("command.check_sum", language, files=files, found=", ".join(parts))
