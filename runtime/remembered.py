"""What checks of large rule files found, kept in a folder for caches from one run to the next.

Nothing here is needed: what cannot be read, is damaged or comes from another version is as if it
were not there, and what cannot be written is not kept. `ROTEIRO_CACHE=off` keeps and reads nothing.
"""

import sys
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from roteiro.lang.warm.memory import Memory, packed, unpacked
from roteiro.runtime.world import environment, keep_file, read_file, stamps

SETTING, OFF = "ROTEIRO_CACHE", "off"
CACHES = "XDG_CACHE_HOME"
MOST = 32
"""Files of which something is kept; the oldest are forgotten."""
LARGEST = 64 * 1024 * 1024
"""Bytes that are kept of one file at most."""
NAME = 20
DICTIONARY = "pydicom"


def folder() -> Path | None:
    """Give the folder where things are kept; nothing when there is none to be."""
    if environment().get(SETTING) == OFF:
        return None
    given = Path(environment().get(CACHES, ""))
    try:
        return (given if given.is_absolute() else Path.home() / ".cache") / "roteiro" / "checks"
    except RuntimeError:  # nobody is at home here
        return None


@cache
def version() -> bytes:
    """Name what decides what is found: our files, the dictionary's, and Python.

    `OSError` when one of them cannot be looked at, as the link that an editor leaves.
    """
    found = blake2b(sys.version.encode(), digest_size=16)
    dictionary = find_spec(DICTIONARY)
    places = [Path(str(files("roteiro.lang"))), Path(str(files("roteiro.core")))]
    if dictionary is not None and dictionary.origin is not None:
        places.append(Path(dictionary.origin))
    for name, size, changed in stamps(places):
        found.update(f"{name} {size} {changed}\n".encode())
    return found.digest()


def place_of(path: Path) -> Path | None:
    """Give where what is known of a file is kept."""
    kept = folder()
    try:
        whole = str(path.resolve())
    except (OSError, RuntimeError):  # a circle of links
        return None
    name = blake2b(whole.encode("utf-8", "surrogateescape"), digest_size=NAME).hexdigest()
    return None if kept is None else kept / name


def recall(path: Path) -> Memory | None:
    """Give what is known of a file."""
    place = place_of(path)
    if place is None:
        return None
    try:
        data, ours = read_file(place, LARGEST + 1), version()
    except OSError:
        return None
    return unpacked(data, ours) if len(data) <= LARGEST else None


def remember(path: Path, memory: Memory) -> None:
    """Keep what is known of a file."""
    place = place_of(path)
    if place is None:
        return
    try:
        data = packed(memory, version())
        if len(data) <= LARGEST:
            keep_file(place, data, MOST)
    except OSError:
        return
