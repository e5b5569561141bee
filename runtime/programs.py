"""From a path to what can be served: the one place where a rule file becomes a program.

`serve` begins with it and `reload` does it again, in a process of its own (`aside`), so what comes
out holds no trees and can travel: findings, reasons, settings, the program.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roteiro.core.program import Program
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.lower import lower
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import Settings, Uncarried
from roteiro.lang.typed import Typed
from roteiro.runtime.sources import examine_file

NOBODY = "command.no_listener"
"""The text for rules by which nobody could call."""


@dataclass(frozen=True, slots=True)
class Served:
    """Rules that a router can run by."""

    program: Program
    settings: Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a rule file."""

    name: str
    """As it was named by who started the router."""
    findings: tuple[Diagnostic, ...]
    obstacles: tuple[Phrase, ...]
    """Why rules without an error cannot be served all the same."""
    served: Served | None
    """There when it has neither errors nor obstacles."""


def errors_of(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Give the findings that keep a file from being used."""
    return tuple(each for each in findings if each.level is Level.ERROR)


def prepare(path: Path, name: str) -> Prepared:
    """Read, check and lower a rule file and those that it uses; `OSError` when it cannot be read.

    `name` is shown for it.
    """
    found = examine_file(path, name)
    if found.typed is None:
        return Prepared(name, found.findings, (), None)
    obstacles = obstacles_of(found.typed, name)
    served = None if obstacles else served_of(found.typed)
    return Prepared(name, found.findings, obstacles, served)


def served_of(typed: Typed) -> Served:
    """Lower rules that were checked."""
    return Served(lower(typed), typed.settings)


def obstacles_of(typed: Typed, name: str) -> tuple[Phrase, ...]:
    """Say why a router cannot run by these rules."""
    found = [_uncarried(typed, item) for item in typed.settings.uncarried]
    if not found and not typed.settings.listeners:
        found = [Phrase(NOBODY, path=name)]
    return tuple(found)


def _uncarried(typed: Typed, item: Uncarried) -> Phrase:
    source = typed.sources[item.span.file]
    at = source.position(item.span.start)
    place = f"{source.name}:{at.line}:{at.column}"
    return Phrase("command.uncarried", place=place, what=item.what)
