"""Compiled rules as files: what a router needs of them beside the decisions, and where they lie.

A file of the core gets two parts more: the settings of the site with what `serve` would not carry
out, and the files that the rules were made of. So a router runs by it without the rules.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from roteiro.core import look_at
from roteiro.core.artefact_parts import MAGIC, Parts, joined
from roteiro.core.errors import ArtefactError, Unfit
from roteiro.lang.frozen import read, written
from roteiro.lang.messages import Phrase
from roteiro.lang.settings import Settings
from roteiro.lang.warm.plain import value_of
from roteiro.runtime.engine import engine
from roteiro.runtime.world import read_file

if TYPE_CHECKING:
    from roteiro.core.artefact import Artefact

Value = TypeVar("Value")
MARK = b"\xef\xbb\xbf"
"""That a file of text may begin with; it is no part of it."""
NOBODY = "command.no_listener"
"""The text for rules by which nobody could call."""


class Kind(IntEnum):
    """Parts of a file that the core knows nothing of."""

    SITE = 128
    SOURCES = 129


@dataclass(frozen=True, slots=True)
class Unserved:
    """A construct that `serve` of this version does not carry out, and where it stands."""

    file: int
    line: int
    column: int
    what: Any
    """A text, or one of the catalogue taken apart."""


@dataclass(frozen=True, slots=True)
class Site:
    """All of a rule file that belongs to running."""

    settings: Settings
    unserved: tuple[Unserved, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """What rules were made of."""

    files: tuple[tuple[str, str], ...]
    """Of each file where it lies beside the first one, and the SHA-256 of its text."""
    silent: bool
    """Whether nothing at all was found in them, and no other file has to be there."""

    def paths(self, first: Path) -> Iterator[Path]:
        """Give where each file lies; `first` is the first one's."""
        for number, (name, _) in enumerate(self.files):
            yield first.parent / name if number else first

    def are_unchanged(self, path: Path) -> bool:
        """Whether they are what they were; `path` is the first one's."""
        for number, (place, (_, digest)) in enumerate(
            zip(self.paths(path), self.files, strict=True)
        ):
            try:
                data = read_file(place)
            except (OSError, ValueError):
                return False
            if number and data.startswith(MARK):
                return False
            if sha256(data.removeprefix(MARK)).hexdigest() != digest:
                return False
        return bool(self.files)


def is_artefact(data: bytes | memoryview) -> bool:
    """Whether some bytes begin as a compiled program does."""
    return bytes(data[: len(MAGIC)]) == MAGIC


def joined_with(parts: Parts, site: Site, sources: Sources) -> bytes:
    """Write a file."""
    more: dict[tuple[int, int], bytes] = {
        (Kind.SITE, 0): _document(
            [written(replace(site.settings, uncarried=())), [_row(one) for one in site.unserved]]
        ),
        (Kind.SOURCES, 0): _document([[list(one) for one in sources.files], sources.silent]),
    }
    ours = engine()
    return joined({**parts, **more}, ours.digest, ours.release)


def taken(data: bytes | memoryview) -> "Artefact":
    """Look at a file of this build, and at all that is said in it of running.

    Raises `ArtefactError`, `EngineMissingError`.
    """
    artefact = look_at(data, engine().digest)
    files = sources_of(artefact).files
    if any(not 0 <= one.file < len(files) for one in site_of(artefact).unserved):
        raise ArtefactError(Unfit.DAMAGED)
    return artefact


def site_of(artefact: "Artefact") -> Site:
    """Give what belongs to running. Raises `ArtefactError`."""
    return _part(artefact, Kind.SITE, _site)


def sources_of(artefact: "Artefact") -> Sources:
    """Give what the rules were made of. Raises `ArtefactError`."""
    return _part(artefact, Kind.SOURCES, _sources)


def obstacles_of(artefact: "Artefact", name: str) -> tuple[Phrase, ...]:
    """Say why a router cannot run by these rules; `name` is shown for their first file."""
    site, files = site_of(artefact), sources_of(artefact).files
    found = []
    for one in site.unserved:
        shown = name if not one.file else str(Path(name).parent / files[one.file][0])
        place = f"{shown}:{one.line}:{one.column}"
        found.append(Phrase("command.uncarried", place=place, what=value_of(one.what)))
    if not found and not site.settings.listeners:
        found = [Phrase(NOBODY, path=name)]
    return tuple(found)


def refusal(wrong: ArtefactError, name: str) -> Phrase:
    """Say why a file is no compiled program for this build."""
    if wrong.why is Unfit.OTHER_ENGINE:
        ours, theirs = engine().release, wrong.release
        return Phrase("command.compiled_by_another", path=name, theirs=theirs, ours=ours)
    return Phrase(f"command.compiled_{wrong.why.name.lower()}", path=name)


def _document(made: Any) -> bytes:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _row(one: Unserved) -> list[Any]:
    return [one.file, one.line, one.column, one.what]


def _part(artefact: "Artefact", kind: Kind, read_as: Callable[[Any], Value]) -> Value:
    """Read a part that was written by anybody."""
    part = artefact.part(kind)
    try:
        made = None if part is None else json.loads(bytes(part).decode("utf-8", "surrogatepass"))
        return read_as(made)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as wrong:
        raise ArtefactError(Unfit.DAMAGED) from wrong


def _site(made: Any) -> Site:
    settings, unserved = made
    return Site(read(Settings, settings), tuple(_unserved(*one) for one in unserved))


def _unserved(file: Any, line: Any, column: Any, what: Any) -> Unserved:
    value_of(what)  # it can be said
    return Unserved(read(int, file), read(int, line), read(int, column), what)


def _sources(made: Any) -> Sources:
    files, silent = made
    return Sources(read(tuple[tuple[str, str], ...], files), read(bool, silent))
