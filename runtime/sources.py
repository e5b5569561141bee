"""Rule files from disk, through all the stages that can find something in them."""

from dataclasses import dataclass
from pathlib import Path

from roteiro.lang.check import check
from roteiro.lang.diagnostics import Diagnostic, Level, message
from roteiro.lang.parser import parse
from roteiro.lang.source import Source, Span
from roteiro.lang.typed import Typed
from roteiro.runtime.dicom import PREAMBLE, PREFIX
from roteiro.runtime.world import read_file


@dataclass(frozen=True, slots=True)
class Examined:
    """A source and all that was found in it; `typed` is there when no error was."""

    source: Source
    typed: Typed | None
    findings: tuple[Diagnostic, ...]


def examine(source: Source) -> Examined:
    """Parse and check a text."""
    file, findings = parse(source)
    typed = None
    if file is not None:
        typed, more = check(file, source)
        findings += more
    ordered = tuple(sorted(findings, key=_place))
    if any(each.level is Level.ERROR for each in ordered):
        typed = None
    return Examined(source, typed, ordered)


def examine_file(path: Path, name: str | None = None) -> Examined:
    """Parse and check a file; `OSError` when it cannot be read.

    `name` is shown for it, the path when not given. A byte order mark is passed over. Bytes that
    are not UTF-8 are a finding, at the first of them.
    """
    data = read_file(path)
    try:
        return examine(Source(name or str(path), data.decode("utf-8-sig")))
    except UnicodeDecodeError as wrong:
        return _no_text(name or str(path), data, wrong)


def _place(found: Diagnostic) -> tuple[int, int]:
    return (found.span.start, found.span.end)


def _no_text(name: str, data: bytes, wrong: UnicodeDecodeError) -> Examined:
    if data[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX:
        source = Source(name, "")
        why = message("command.dicom_not_rules")
        return Examined(source, None, (Diagnostic("RT100", Level.ERROR, why, source, Span(0, 0)),))
    source = Source(name, data.decode("utf-8-sig", errors="replace"))
    at = len(wrong.object[: wrong.start].decode("utf-8"))
    found = Diagnostic(
        code="RT100",
        level=Level.ERROR,
        message=message("command.not_utf8", byte=f"0x{wrong.object[wrong.start]:02X}"),
        source=source,
        span=Span(at, at + 1),
        help=message("command.not_utf8_help"),
    )
    return Examined(source, None, (found,))
