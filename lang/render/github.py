"""Findings as workflow commands of GitHub Actions, shown beside the lines of a change."""

from collections.abc import Callable, Iterable

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import DEFAULT
from roteiro.lang.render.text import said

COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}
IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
IN_PROPERTY = IN_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})
"""What would end a message or a property."""


def annotation(
    finding: Diagnostic, language: str = DEFAULT, name: Callable[[str], str] = str
) -> str:
    """Give one command; `name` makes a path that the service knows of a source's name."""
    properties = {
        "title": f"{finding.code} {CODES[finding.code].name}",
        "file": name(finding.source.name),
        **columns(finding),
    }
    listed = ",".join(
        f"{key}={str(value).translate(IN_PROPERTY)}" for key, value in properties.items()
    )
    words = words_of(finding, language).translate(IN_MESSAGE)
    return f"::{COMMANDS[finding.level]} {listed}::{words}"


def columns(finding: Diagnostic) -> dict[str, int]:
    """Give the place; columns only within one line, since the service takes no others."""
    start = finding.source.position(finding.span.start)
    end = finding.source.position(finding.span.end)
    lines = {"line": start.line, "endLine": end.line}
    if start.line != end.line:
        return lines
    return {**lines, "col": start.column, "endColumn": max(start.column, end.column)}


def words_of(finding: Diagnostic, language: str) -> str:
    """Give the message and, on a line of its own, the help."""
    message = said(finding.message, language)
    return f"{message}\n{said(finding.help, language)}" if finding.help else message


def render(
    findings: Iterable[Diagnostic], language: str = DEFAULT, name: Callable[[str], str] = str
) -> str:
    """Give all findings, one a line."""
    return "\n".join(annotation(each, language, name) for each in findings)
