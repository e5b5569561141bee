"""What was made of rule files, kept in a folder for caches from one run to the next.

What checks of large files found, compiled rules, and what was said of them. Nothing here is needed:
what cannot be read, is damaged or comes from another version is as if it were not there, and what
cannot be written is not kept. Nothing is read from a folder that others may write to.
`ROTEIRO_CACHE=off` keeps and reads nothing.
"""

import sys
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from roteiro.runtime.engine import RELEASE
from roteiro.runtime.world import (
    environment,
    is_ours_alone,
    keep_file,
    map_file,
    read_file,
    stamps,
)

if TYPE_CHECKING:
    from roteiro.lang.warm.memory import Memory

SETTING, OFF = "ROTEIRO_CACHE", "off"
CACHES = "XDG_CACHE_HOME"
CHECKS, COMPILED, LOWERED, TOLD = "checks", "compiled", "lowered", "told"
"""Shelves: what checks found; compiled rules; what lets them be compiled again in part; what people
were told of them."""
MOST = 32
"""Files of which something is kept on a shelf; the oldest are forgotten."""
LARGEST = 64 * 1024 * 1024
"""Bytes that are kept of one file at most."""
NAME = 20
OURS = ("artefacts.py", "compiling.py", "lowered.py", "relowered.py", "sources.py")
"""What beside the language and the core decides what is kept."""
DICTIONARY = "pydicom"
TABLES = ("_version.py", "_dicom_dict.py", "_uid_dict.py")
"""What of the dictionary `roteiro.lang.standard` reads, and its release."""


def folder(shelf: str = CHECKS) -> Path | None:
    """Give the folder where things are kept; nothing when there is none to be."""
    if environment().get(SETTING) == OFF:
        return None
    given = Path(environment().get(CACHES, ""))
    try:
        return (given if given.is_absolute() else Path.home() / ".cache") / "roteiro" / shelf
    except RuntimeError:  # nobody is at home here
        return None


@cache
def version() -> bytes:
    """Name what decides what is found: our release and files, the dictionary's, and Python.

    Where a file lies and when it was last put there count too: an installer may give all files of
    all releases one time. `OSError` when one of them cannot be looked at, as the link that an
    editor leaves.
    """
    found = blake2b(f"{RELEASE} {sys.version}".encode(), digest_size=16)
    dictionary = find_spec(DICTIONARY)
    places = [Path(str(files("roteiro.lang"))), Path(str(files("roteiro.core")))]
    places += [Path(str(files("roteiro.runtime"))) / name for name in OURS]
    if dictionary is not None and dictionary.origin is not None:
        folder = Path(dictionary.origin).parent
        places += [folder / name for name in TABLES]
    for place in places:
        found.update(f"{place}\n".encode("utf-8", "surrogateescape"))
    for stamp in stamps(places):
        found.update(repr(stamp).encode("utf-8", "surrogateescape"))
    return found.digest()


def place_of(path: Path, shelf: str = CHECKS) -> Path | None:
    """Give where what is known of a file is kept."""
    kept = folder(shelf)
    try:
        whole = str(path.resolve())
    except (OSError, RuntimeError):  # a circle of links
        return None
    name = blake2b(whole.encode("utf-8", "surrogateescape"), digest_size=NAME).hexdigest()
    return None if kept is None else kept / name


def trusted(place: Path | None) -> Path | None:
    """Give a place again if nobody else can have written what lies there."""
    try:
        return place if place is not None and is_ours_alone(place.parent) else None
    except (OSError, RuntimeError):
        return None


# Checks -------------------------------------------------------------------------------------------


def recall(path: Path) -> "Memory | None":
    """Give what is known of a file."""
    from roteiro.lang.warm.memory import unpacked  # noqa: PLC0415  compiled rules need no check

    place = trusted(place_of(path))
    if place is None:
        return None
    try:
        data, ours = read_file(place, LARGEST + 1), version()
    except OSError:
        return None
    return unpacked(data, ours) if len(data) <= LARGEST else None


def remember(path: Path, memory: "Memory") -> None:
    """Keep what is known of a file."""
    from roteiro.lang.warm.memory import packed  # noqa: PLC0415  see `recall`

    place = place_of(path)
    if place is None:
        return
    try:
        _put(place, packed(memory, version()))
    except OSError:
        return


# Compiled rules -----------------------------------------------------------------------------------


def recall_compiled(path: Path, shelf: str = COMPILED) -> memoryview | None:
    """Give what was compiled of a file by this version, mapped; who takes it looks at it."""
    try:
        place = trusted(_compiled_place(path, shelf))
        return None if place is None else map_file(place)
    except OSError:
        return None


def remember_compiled(path: Path, data: bytes, shelf: str = COMPILED) -> None:
    """Keep what was compiled of a file."""
    try:
        place = _compiled_place(path, shelf)
        if place is not None:
            _put(place, data)
    except OSError:
        return


def _compiled_place(path: Path, shelf: str) -> Path | None:
    """Give where it is kept: another version has another place."""
    place = place_of(path, shelf)
    return None if place is None else place.with_name(f"{place.name}-{version().hex()[:16]}")


def _put(place: Path, data: bytes) -> None:
    if len(data) <= LARGEST:
        keep_file(place, data, MOST)
