"""Rule files from disk, through all the stages that can find something in them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from roteiro.lang.check import check_loaded
from roteiro.lang.diagnostics import Diagnostic, Level, message
from roteiro.lang.load import LIMIT, NO_FILES, Contents, Files, decoded, load
from roteiro.lang.report import place
from roteiro.lang.source import Source, Span
from roteiro.lang.typed import Typed
from roteiro.runtime.dicom import PREAMBLE, PREFIX
from roteiro.runtime.garbage import collecting_later
from roteiro.runtime.machine import machine_words
from roteiro.runtime.world import SystemClock, read_file


@dataclass(frozen=True, slots=True)
class Examined:
    """A source and all that was found in it; `typed` is there when no error was."""

    source: Source
    typed: Typed | None
    findings: tuple[Diagnostic, ...]
    """Those of the files that it uses among them, in the order of the files and places."""


class Folder:
    """The files of a program on disk: a path is relative to the rule file that names it."""

    def __init__(self, first: str, path: Path) -> None:
        """Know the first file, which is called `first`, by its path."""
        self._places = {first: path}

    def identity(self, name: str) -> str:
        """See `Files`: the path without links."""
        try:
            return str(self._places[name].resolve())
        except (OSError, RuntimeError):  # a circle of links
            return name

    def read(self, path: str, beside: str) -> Contents:
        """See `Files`; it is called what it is called from where the first file was named."""
        name = str(Path(beside).parent / path)
        self._places[name] = self._places[beside].parent / path
        data = read_file(self._places[name], LIMIT + 1)
        return Contents(name, self.identity(name), data)

    def why(self, wrong: OSError) -> str:
        """See `Files`."""
        return machine_words(wrong)


def examine(source: Source, files: Files = NO_FILES) -> Examined:
    """Parse and check a program; a text alone has no other files."""
    today = datetime.fromtimestamp(SystemClock().now(), UTC).date()
    with collecting_later():
        loaded = load(source, files)
        typed, findings = check_loaded(loaded, today)
    ordered = tuple(sorted((*loaded.findings, *findings), key=place))
    if any(each.level is Level.ERROR for each in ordered):
        typed = None
    return Examined(source, typed, ordered)


def examine_file(path: Path, name: str | None = None) -> Examined:
    """Parse and check a file and those it uses; `OSError` when it cannot be read.

    `name` is shown for it, the path when not given. A byte order mark is passed over. Bytes that
    are not UTF-8 are a finding, at the first of them.
    """
    data = read_file(path)
    shown = name or str(path)
    source, wrong = decoded(shown, data, 0)
    if wrong is None:
        return examine(source, Folder(shown, path))
    if data[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX:
        source, why = Source(shown, ""), message("command.dicom_not_rules")
        wrong = replace(wrong, message=why, source=source, span=Span(0, 0), help=None)
    return Examined(source, None, (wrong,))
