"""Rule files as the commands that change them take them: `fmt`, `fix`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.load import decoded
from roteiro.lang.source import Source
from roteiro.runtime.cli.group import FINDINGS, USAGE, Refused, not_read
from roteiro.runtime.machine import machine_words
from roteiro.runtime.world import files_under, read_file, replace_file

SUFFIX = ".route"
STANDARD = "-"
"""What stands for standard input among the files."""
SHOWN = "<stdin>"
"""What it is called where people read."""
MARK = b"\xef\xbb\xbf"
"""A byte order mark, which stays."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A rule file's text, and how to put another one in its place."""

    source: Source
    path: Path | None
    """Where it lies; standard input lies nowhere."""
    marked: bool
    """Whether it begins with a byte order mark."""
    wrong: Diagnostic | None
    """Why it is no text."""

    def encoded(self, text: str) -> bytes:
        """Give another text as the bytes of the file."""
        return MARK + text.encode() if self.marked else text.encode()

    def put(self, text: str) -> None:
        """Put another text in its place."""
        assert self.path is not None
        try:
            replace_file(self.path, self.encoded(text))
        except OSError as wrong:
            why = machine_words(wrong)
            key = "command.cannot_write"
            raise Refused(FINDINGS, key, path=self.source.name, why=why) from None

    def diff(self, text: str) -> str:
        """Give what another text changes, as a unified diff."""
        name = self.source.name
        lines = unified_diff(ended(self.source.text), ended(text), name, name)
        return "".join(lines)


def ended(text: str) -> list[str]:
    """Give the lines of a text with their ends; the last one gets its own."""
    *lines, last = text.split("\n")
    whole = [f"{line}\n" for line in lines]
    return [*whole, f"{last}\n\\ No newline at end of file\n"] if last else whole


def standard_input() -> Edited:
    """Read standard input."""
    return edited(SHOWN, sys.stdin.buffer.read(), None)


def opened(name: str) -> Edited:
    """Read a file; `Refused` when there is none, or it cannot be read."""
    path = Path(name)
    try:
        return edited(name, read_file(path), path)
    except OSError as wrong:
        raise not_read(name, wrong) from None


def edited(name: str, data: bytes, path: Path | None) -> Edited:
    """Decode a file."""
    source, wrong = decoded(name, data, 0)
    return Edited(source, path, data.startswith(MARK), wrong)


def rule_files(names: Sequence[str]) -> Iterator[str]:
    """Give files as they were named, and in the place of folders the rule files in them.

    What is hidden in a folder is left out. `Refused` when there is none.
    """
    for name in names:
        path = Path(name)
        if name == STANDARD or not path.is_dir():
            yield name
            continue
        found = [one for one in files_under(path) if is_rule_file(one.relative_to(path))]
        if not found:
            raise Refused(USAGE, "command.no_rule_files", path=name)
        yield from map(str, found)


def is_rule_file(path: Path) -> bool:
    """Whether a path below a folder is one of a rule file."""
    return path.suffix == SUFFIX and not any(part.startswith(".") for part in path.parts)
