"""Findings without pictures, one a line: for screen readers, editors and `grep`."""

from collections.abc import Iterable

from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.messages import DEFAULT
from roteiro.lang.render.text import heading, place


def line(finding: Diagnostic, language: str = DEFAULT) -> str:
    """Give one finding: `file:line:column: level[CODE name]: message`."""
    return f"{place(finding.source, finding.span)}: {heading(finding, language)}"


def render(findings: Iterable[Diagnostic], language: str = DEFAULT) -> str:
    """Give all findings, one a line."""
    return "\n".join(line(each, language) for each in findings)
