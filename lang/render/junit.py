"""Findings as JUnit XML: one case a rule file, for the test views of GitLab, Jenkins and others.

A case fails when something in its file weighs enough to fail the command; GitLab reads one failure
a case, so all findings of a file stand in the one text.
"""

from collections.abc import Sequence
from xml.etree import ElementTree

from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import DEFAULT
from roteiro.lang.render import plain
from roteiro.lang.report import escape

SUITE = "roteiro check"
ALLOWED = "\t\n\r"


def fit(written: str) -> str:
    """Escape what XML 1.0 cannot hold."""
    return "".join(char if holds(char) else escape(char) for char in written)


def holds(char: str) -> bool:
    """Whether XML 1.0 may hold a character (2.2 of its specification)."""
    code = ord(char)
    return 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF or char in ALLOWED


def case(
    suite: ElementTree.Element, file: str, findings: Sequence[Diagnostic], fails: Level, words: str
) -> bool:
    """Add the case of one file; `words` is its text. Gives whether it failed."""
    place = {"name": fit(file), "classname": SUITE, "file": fit(file)}
    weights = [each for each in findings if each.level >= fails]
    if weights:
        place["line"] = str(weights[0].source.position(weights[0].span.start).line)
    made = ElementTree.SubElement(suite, "testcase", place)
    if weights:
        first = plain.line(weights[0]).partition("]: ")[2]
        kind = {"message": fit(first), "type": weights[0].code}
        ElementTree.SubElement(made, "failure", kind).text = fit(words)
    elif findings:
        ElementTree.SubElement(made, "system-out").text = fit(words)
    return bool(weights)


def render(
    findings: Sequence[Diagnostic],
    files: Sequence[str],
    fails: Level = Level.ERROR,
    language: str = DEFAULT,
) -> str:
    """Give the document; `files` are the names of what was checked or used, each is a case."""
    names = dict.fromkeys([*files, *(each.source.name for each in findings)])
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite", {"name": SUITE})
    failed = 0
    for file in names:
        own = [each for each in findings if each.source.name == file]
        failed += case(suite, file, own, fails, plain.render(own, language))
    for element in (root, suite):
        element.attrib |= {"tests": str(len(names)), "failures": str(failed), "errors": "0"}
    ElementTree.indent(root)
    written: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}'
