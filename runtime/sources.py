"""Rule files from disk, through all the stages that can find something in them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from roteiro.core.artefact_parts import MAGIC
from roteiro.lang.check import Checking, outcome
from roteiro.lang.diagnostics import Diagnostic, Level, message
from roteiro.lang.load import LIMIT, NO_FILES, Contents, Files, Loaded, decoded, load
from roteiro.lang.nodes import Equivalent, Invariant
from roteiro.lang.report import place
from roteiro.lang.source import Source, Span
from roteiro.lang.suppress import MARKED, apply
from roteiro.lang.typed import Typed
from roteiro.lang.warm.again import again
from roteiro.lang.warm.answer import Answer, Carried, Rewritten, unchanged
from roteiro.lang.warm.keep import LARGE, kept
from roteiro.runtime.dicom import PREAMBLE, PREFIX
from roteiro.runtime.garbage import collecting_later
from roteiro.runtime.machine import machine_words
from roteiro.runtime.remembered import recall, remember
from roteiro.runtime.world import SystemClock, read_file

OTHERS = (
    (PREAMBLE, PREFIX, "command.dicom_not_rules"),
    (0, MAGIC, "command.compiled_not_rules"),
)
"""What files that are no text begin with, where, and the text that says so."""
Unserved = tuple[str, Source, int]
"""A construct, and where it stands first."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What was read, and how it was looked at."""

    files: tuple[Source, ...]
    """Rule files, the first one first, then the files of sets and lookups."""
    silent: bool
    """Whether nothing at all was found, before suppressions too, and no file but these counts."""
    is_alone: bool = False
    """Whether the next check of it looks at parts only."""
    rewritten: Rewritten | None = None
    """The one rule that is not what it was, when only that was looked at."""
    carried: Carried | None = None
    """Which findings are those of before, when only that was looked at and nothing suppressed."""
    is_closed: bool = True
    """Whether no file but these counts."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A source and all that was found in it; `typed` is there when no error was."""

    source: Source
    typed: Typed | None
    findings: tuple[Diagnostic, ...]
    """Those of the files that it uses among them, in the order of the files and places."""
    unserved: tuple[Unserved, ...] = ()
    """Each construct that `serve` does not carry out, if there is no error."""
    origin: Origin | None = None
    """Not there for a file that could not be read."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing that was found is an error."""
        return not any(each.level is Level.ERROR for each in self.findings)


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
    return _examined(source, files, None)


def examine_file(path: Path, name: str | None = None) -> Examined:
    """Parse and check a file and those it uses; `OSError` when it cannot be read.

    `name` is shown for it, the path when not given. A byte order mark is passed over. Bytes that
    are not UTF-8 are a finding, at the first of them.
    """
    source, unfit = _read(path, name)
    return unfit or _examined(source, Folder(source.name, path), None)


def examine_again(path: Path, name: str | None = None) -> Examined:
    """Find in a file what `examine_file` finds, with less work where it was checked before.

    The program is not made of what is remembered: `typed` is seldom there.
    """
    source, unfit = _read(path, name)
    if unfit is not None or len(source.text) < LARGE:
        return unfit or _examined(source, Folder(source.name, path), None)
    memory = recall(path)
    with collecting_later():
        answer = None if memory is None else unchanged(memory, source) or again(memory, source)
    if answer is None:
        return _examined(source, Folder(source.name, path), path)
    if answer.memory is not None:
        remember(path, answer.memory)
    return _answered(answer, source)


def _answered(answer: Answer, source: Source) -> Examined:
    """Put an answer into the form of a check from the beginning."""
    found = sorted(answer.found, key=place)
    left = apply(found, (source,), today(), whole=answer.whole, begins=answer.begins)
    ordered = tuple(sorted((*answer.read, *left), key=place))
    wrong = any(each.level is Level.ERROR for each in ordered)
    unserved = () if wrong else tuple((what, source, at) for what, at in answer.unserved)
    silent = not ordered and not found and not answer.read
    carried = answer.carried
    if carried is not None and any(MARKED in each for each in (carried.before, source.text)):
        carried = None
    origin = Origin((source,), silent, is_alone=True, rewritten=answer.rewritten, carried=carried)
    return Examined(source, None, ordered, unserved, origin)


def _examined(source: Source, files: Files, path: Path | None) -> Examined:
    """Check from the beginning; what was found in the file at `path` is remembered."""
    with collecting_later():
        loaded = load(source, files)
        checking = Checking(loaded)
        program = checking.program()
        typed, findings = outcome(checking, program, today())
        memory = None if path is None else kept(checking, program)
        if path is not None and memory is not None:
            remember(path, memory)
    ordered = tuple(sorted((*loaded.findings, *findings), key=place))
    is_closed = not compares(loaded)
    silent = not ordered and not checking.report.findings and is_closed
    read = (*loaded.sources, *loaded.data_sources)
    origin = Origin(read, silent, memory is not None, is_closed=is_closed)
    if any(each.level is Level.ERROR for each in ordered):
        typed = None
    return Examined(source, typed, ordered, _unserved(typed), origin)


def compares(loaded: Loaded) -> bool:
    """Whether a program names rule files that must be there, and are not read."""
    claims = (each for item in loaded.items if isinstance(item, Invariant) for each in item.claims)
    return any(isinstance(claim, Equivalent) for claim in claims)


def today() -> date:
    """Give the day of now, UTC: what suppressions expire by."""
    return datetime.fromtimestamp(SystemClock().now(), UTC).date()


def _unserved(typed: Typed | None) -> tuple[Unserved, ...]:
    """Give each construct that `serve` does not carry out, with its first place in a file."""
    first: dict[tuple[str, int], Unserved] = {}
    for each in typed.settings.uncarried if typed is not None else ():
        assert typed is not None
        source = typed.sources[each.span.file]
        key = (each.construct, each.span.file)
        first.setdefault(key, (each.construct, source, each.span.start))
    return tuple(first.values())


def _read(path: Path, name: str | None) -> tuple[Source, Examined | None]:
    """Read a file; what was found when it is no text, or a DICOM object."""
    data = read_file(path)
    shown = name or str(path)
    source, wrong = decoded(shown, data, 0)
    if wrong is None:
        return source, None
    for begin, prefix, key in OTHERS:
        if data[begin : begin + len(prefix)] != prefix:
            continue
        source, why = Source(shown, ""), message(key)
        wrong = replace(wrong, message=why, source=source, span=Span(0, 0), help=None)
    return source, Examined(source, None, (wrong,))
