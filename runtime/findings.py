"""Findings as people and scripts see them: plain values, worded in one language.

`lang` makes diagnostics with keys of the catalogue and offsets; here they become what the Python
face hands out, with the members of `check --format json`.
"""

from dataclasses import dataclass

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.messages import DEFAULT
from roteiro.lang.render.text import said
from roteiro.lang.source import Source
from roteiro.lang.source import Span as Offsets


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; lines and columns count from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text; `end` is the place after its last character."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that a finding points at."""

    message: str
    file: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fix:
    """Put `text` in the place of `span`; a safe fix does not change what any rule means."""

    span: Span
    text: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found in a rule file; `level` is `error`, `warning` or `info`."""

    code: str
    name: str
    level: str
    message: str
    file: str
    span: Span
    labels: tuple[Label, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    def __str__(self) -> str:
        """Give one line: place, level, code, message, help."""
        place = f"{self.file}:{self.span.start.line}:{self.span.start.column}"
        line = f"{place}: {self.level}[{self.code} {self.name}]: {self.message}"
        return f"{line} ({self.help})" if self.help else line


class RouteError(Exception):
    """A rule file cannot be used; `findings` has every error and warning, in order."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep the findings; the text of the error is one line for each."""
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def finding_of(found: Diagnostic, language: str = DEFAULT) -> Finding:
    """Word one diagnostic."""
    fix = found.fix
    return Finding(
        code=found.code,
        name=CODES[found.code].name,
        level=found.level.name.lower(),
        message=said(found.message, language),
        file=found.source.name,
        span=_span(found.source, found.span),
        labels=tuple(
            Label(said(each.message, language), each.source.name, _span(each.source, each.span))
            for each in found.labels
        ),
        help=said(found.help, language) if found.help else None,
        fix=Fix(_span(found.source, fix.span), fix.text, fix.safe) if fix else None,
    )


def _span(source: Source, span: Offsets) -> Span:
    start, end = source.position(span.start), source.position(span.end)
    return Span(Position(start.line, start.column), Position(end.line, end.column))
