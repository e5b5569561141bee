"""Findings as SARIF 2.1.0, of the shape that GitHub's code scanning takes.

Every code is declared as a rule, found or not, so that a service can name them all. Places count
code points, as everywhere here.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from roteiro.lang.codes import CODES, Code, title
from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level
from roteiro.lang.messages import DEFAULT
from roteiro.lang.render.fingerprint import marks
from roteiro.lang.render.text import said, told
from roteiro.lang.source import Source, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
VERSION = "2.1.0"
MOST = 25_000
"""Results that GitHub takes in one run; it shows the first 5,000 by weight."""
MOST_LABELS = 100
"""Related places that are worth a line."""
LONGEST = 1000
"""Characters of a rule's texts, and of a message, that GitHub keeps."""
LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
SEVERITIES = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "recommendation"}
LANGUAGES = {"en": "en", "pt": "pt-PT"}
FAMILIES = {
    # first digit of a code to what its findings are about
    "1": "correctness",
    "2": "suspicious",
    "3": "semantics",
    "4": "cost",
    "5": "security",
    "6": "tests",
    "9": "suppression",
}
ROOT = "%SRCROOT%"
LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
"""What would be read as the beginning of a link, `[words](target)`."""

Uri = Callable[[str], str]


def short(words: str) -> str:
    """Cut a text to what a service keeps."""
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


# Rules ------------------------------------------------------------------------------------------


def rule(code: str, entry: Code, page: str, language: str) -> dict[str, Any]:
    """Declare one code, with what its page says."""
    return {
        "id": code,
        "name": entry.name,
        "shortDescription": {"text": short(title(code, language))},
        "fullDescription": {"text": short(summary(page) or title(code, language))},
        "help": {"text": page or title(code, language), "markdown": page or title(code, language)},
        "defaultConfiguration": {"level": LEVELS[entry.level]},
        "properties": {
            "tags": [FAMILIES[code[2]]],
            "precision": "very-high",
            "problem.severity": SEVERITIES[entry.level],
        },
    }


def summary(page: str) -> str:
    """Give the first paragraph of a page, below its heading."""
    paragraphs = (part for part in page.split("\n\n") if part and not part.startswith("#"))
    return " ".join(next(paragraphs, "").split())


# Places -----------------------------------------------------------------------------------------


def artifact(source: Source, uri: Uri) -> dict[str, str]:
    """Name a file, relative to the root of what was checked where it lies below it."""
    place = uri(source.name)
    return {"uri": place} if place.startswith("file:") else {"uri": place, "uriBaseId": ROOT}


def region(source: Source, span: Span) -> dict[str, int]:
    """Give a place."""
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def location(source: Source, span: Span, uri: Uri) -> dict[str, Any]:
    """Give a place in a file."""
    where = {"artifactLocation": artifact(source, uri), "region": region(source, span)}
    return {"physicalLocation": where}


def related(label: Label, number: int, uri: Uri, language: str) -> dict[str, Any]:
    """Give a second place and what is said of it."""
    where = location(label.source, label.span, uri)
    return {"id": number, **where, "message": {"text": said(label.message, language)}}


def fix(finding: Diagnostic, one: Fix, uri: Uri, language: str) -> dict[str, Any]:
    """Give a replacement."""
    source = finding.source
    replacement = {"deletedRegion": region(source, one.span), "insertedContent": {"text": one.text}}
    change = {"artifactLocation": artifact(source, uri), "replacements": [replacement]}
    return {"description": {"text": told(finding, one, language)}, "artifactChanges": [change]}


# Results ----------------------------------------------------------------------------------------


class Results:
    """Makes results; knows where the rules stand and the marks of the lines."""

    def __init__(self, uri: Uri, language: str) -> None:
        """Begin without marks."""
        self.uri = uri
        self.language = language
        self.numbers = {code: number for number, code in enumerate(CODES)}
        self.lines: dict[int, list[str]] = {}

    def fingerprint(self, source: Source, span: Span) -> str:
        """Give the mark of the line where a place begins."""
        if id(source) not in self.lines:
            self.lines[id(source)] = marks(source.text)
        found = self.lines[id(source)]
        return found[min(source.position(span.start).line, len(found)) - 1]

    def result(self, found: Diagnostic) -> dict[str, Any]:
        """Give one finding."""
        made = {
            "ruleId": found.code,
            "ruleIndex": self.numbers[found.code],
            "level": LEVELS[found.level],
            "message": {"text": self.message(found)},
            "locations": [location(found.source, found.span, self.uri)],
            "partialFingerprints": {
                "primaryLocationLineHash": self.fingerprint(found.source, found.span)
            },
        }
        labels = enumerate(found.labels[:MOST_LABELS], 1)
        others = [related(each, number, self.uri, self.language) for number, each in labels]
        fixes = [
            fix(found, each, self.uri, self.language)
            for each in (found.fix, *found.others)
            if each is not None
        ]
        lists = {"relatedLocations": others, "fixes": fixes}
        return made | {key: values for key, values in lists.items() if values}

    def message(self, found: Diagnostic) -> str:
        """Give the message and its help: a service shows the first sentence where room is short."""
        message = said(found.message, self.language)
        helped = f". {said(found.help, self.language)}" if found.help else ""
        return LINK.sub(r"\\[", short(message + helped))


def weightiest(findings: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """Leave out the lightest where there are more than a service takes; the order stays."""
    if len(findings) <= MOST:
        return findings
    heavy = sorted(range(len(findings)), key=lambda at: -findings[at].level)[:MOST]
    return [findings[at] for at in sorted(heavy)]


def document(
    findings: Sequence[Diagnostic],
    *,
    pages: Mapping[str, str],
    version: str,
    uri: Uri = str,
    language: str = DEFAULT,
) -> dict[str, Any]:
    """Give the whole document; `pages` are the texts of the codes, `uri` names files."""
    rules = [rule(code, entry, pages.get(code, ""), language) for code, entry in CODES.items()]
    make = Results(uri, language)
    run = {
        "tool": {"driver": {"name": "roteiro", "semanticVersion": version, "rules": rules}},
        "language": LANGUAGES[language],
        "columnKind": "unicodeCodePoints",
        "results": [make.result(each) for each in weightiest(findings)],
    }
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def render(document: Mapping[str, Any]) -> str:
    """Give a document as text."""
    return json.dumps(document, ensure_ascii=False, indent=2)
