"""From a path to what can be served: the one place where a rule file becomes a program.

`serve` begins with it and `reload` does it again, in a process of its own (`aside`), so what comes
out holds no trees and can travel: findings, reasons, settings, the compiled rules. A path may lead
to rules that `roteiro compile` has compiled, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roteiro.core.errors import ArtefactError
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import Settings
from roteiro.lang.typed import Typed
from roteiro.runtime.artefacts import (
    NOBODY,
    is_artefact,
    obstacles_of,
    refusal,
    site_of,
    taken,
)
from roteiro.runtime.compiling import compile_rules, compiled_of
from roteiro.runtime.world import read_file

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact

LOOK = 16
"""Bytes that tell what a file is."""

__all__ = ["NOBODY", "Prepared", "Served", "errors_of", "prepare", "served_of"]


@dataclass(frozen=True, slots=True)
class Served:
    """Rules that a router can run by."""

    compiled: bytes | memoryview
    """As `roteiro.runtime.artefacts.taken` takes them; of a file that was looked at."""
    settings: Settings
    rule_set: str


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
    """Compile a rule file and those that it uses; `OSError` when it cannot be read.

    `name` is shown for it. A file that somebody compiled is held in memory: it may change.
    """
    if path.is_file() and is_artefact(read_file(path, LOOK)):  # a pipe is read once
        try:
            return _prepared(taken(read_file(path)), name, ())
        except ArtefactError as wrong:
            return Prepared(name, (), (refusal(wrong, name),), None)
    found = compile_rules(path, name)
    if found.artefact is None:
        return Prepared(name, found.findings, (), None)
    return _prepared(found.artefact, name, found.findings)


def _prepared(artefact: "Artefact", name: str, findings: tuple[Diagnostic, ...]) -> Prepared:
    obstacles = obstacles_of(artefact, name)
    return Prepared(name, findings, obstacles, None if obstacles else _served(artefact))


def _served(artefact: "Artefact") -> Served:
    return Served(artefact.data, site_of(artefact).settings, artefact.notes.rule_set)


def served_of(typed: Typed) -> Served:
    """Compile rules that were checked."""
    return _served(taken(compiled_of(typed)))
