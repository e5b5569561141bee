"""Results of tests as JUnit XML, for CI."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from roteiro.lang.report import escape
from roteiro.runtime.testing import Ran

_ALLOWED = "\t\n\r"


def document(results: Sequence[Ran]) -> bytes:
    """Give the XML: one suite a rule file, one case a test."""
    suites = ElementTree.Element("testsuites", _counts(results))
    for file, group in groupby(results, key=lambda ran: ran.file):
        cases = list(group)
        suite = ElementTree.SubElement(suites, "testsuite", {"name": _fit(file), **_counts(cases)})
        for ran in cases:
            _case(suite, ran)
    ElementTree.indent(suites)
    written: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _counts(results: Sequence[Ran]) -> dict[str, str]:
    errors = sum(ran.error is not None for ran in results)
    failed = sum(not ran.passed for ran in results)
    return {"tests": str(len(results)), "failures": str(failed - errors), "errors": str(errors)}


def _case(suite: ElementTree.Element, ran: Ran) -> None:
    place = {"name": _fit(ran.name), "classname": _fit(ran.file), "file": _fit(ran.file)}
    case = ElementTree.SubElement(suite, "testcase", {**place, "line": str(ran.line)})
    if ran.error is not None:
        ElementTree.SubElement(case, "error", {"message": _fit(ran.error)})
    for failure in ran.failures:
        what = {"message": _fit(f"{failure.expected}: {failure.got}")}
        ElementTree.SubElement(case, "failure", what).text = f"{_fit(ran.file)}:{failure.line}"


def _fit(written: str) -> str:
    """Escape what XML 1.0 cannot hold."""
    return "".join(char if _holds(char) else escape(char) for char in written)


def _holds(char: str) -> bool:
    """Say whether XML 1.0 may hold a character (2.2 of its specification)."""
    code = ord(char)
    plain = 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
    return plain or char in _ALLOWED
