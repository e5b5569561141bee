"""Findings for programs: the document of `check --format json` (cli.md)."""

import json
from collections.abc import Iterable
from typing import Any

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Fix, Label
from roteiro.lang.messages import DEFAULT
from roteiro.lang.render.text import said
from roteiro.lang.source import Source, Span


def place(source: Source, span: Span) -> dict[str, dict[str, int]]:
    """Give a span with lines and columns from 1, the end not included."""
    ends = {"start": source.position(span.start), "end": source.position(span.end)}
    return {end: {"line": at.line, "column": at.column} for end, at in ends.items()}


def label(one: Label, language: str) -> dict[str, Any]:
    """Give a second place."""
    return {
        "file": one.source.name,
        "span": place(one.source, one.span),
        "message": said(one.message, language),
    }


def fix(one: Fix | None, source: Source) -> dict[str, Any] | None:
    """Give a replacement."""
    if one is None:
        return None
    return {"span": place(source, one.span), "text": one.text, "safe": one.safe}


def finding(one: Diagnostic, language: str = DEFAULT) -> dict[str, Any]:
    """Give one finding."""
    return {
        "code": one.code,
        "name": CODES[one.code].name,
        "level": one.level.name.lower(),
        "message": said(one.message, language),
        "file": one.source.name,
        "span": place(one.source, one.span),
        "labels": [label(each, language) for each in one.labels],
        "help": said(one.help, language) if one.help else None,
        "fix": fix(one.fix, one.source),
    }


def document(findings: Iterable[Diagnostic], files: int, language: str = DEFAULT) -> dict[str, Any]:
    """Give the whole document; `files` is how many were checked."""
    return {"findings": [finding(one, language) for one in findings], "files": files}


def render(findings: Iterable[Diagnostic], files: int, language: str = DEFAULT) -> str:
    """Give the document as text."""
    return json.dumps(document(findings, files, language), ensure_ascii=False, indent=2)
