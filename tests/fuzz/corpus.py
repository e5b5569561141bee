"""The kept inputs: a file of `tests/data/corpus` a target, in it each is named by its content."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tree import ROOT

KEPT = ROOT / "tests" / "data" / "corpus"


def inputs(target: str) -> list[bytes]:
    """Give all inputs that are kept of a target."""
    path = KEPT / f"{target}.zip"
    if not path.exists():
        return []
    with ZipFile(path) as kept:
        return [kept.read(name) for name in kept.namelist()]


def put(folder: Path, data: bytes) -> None:
    """Write an input by its content's name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def unpack(target: str, folder: Path) -> None:
    """Write the kept inputs of a target as files."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs(target):
        put(folder, data)


def pack(target: str, chosen: Iterable[bytes]) -> None:
    """Keep these inputs and no others; the same ones give the same file."""
    named = {hashlib.sha1(data).hexdigest()[:16]: data for data in chosen}
    KEPT.mkdir(parents=True, exist_ok=True)
    with ZipFile(KEPT / f"{target}.zip", "w") as kept:
        for name in sorted(named):
            kept.writestr(ZipInfo(name), named[name], ZIP_DEFLATED, 9)
