"""Which build this is: what it laid out no other build takes."""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from roteiro.core import MISSING, EngineMissingError
from roteiro.core.artefact_parts import ENGINE
from roteiro.runtime.world import read_file

PACKAGE = "roteiro"
SOURCES = ("*.py", "*.pxd")


@dataclass(frozen=True, slots=True)
class Engine:
    """A build."""

    digest: bytes
    """Of the release and of what lays programs out."""
    release: str


@cache
def engine() -> Engine:
    """Give this build.

    `OSError` when its own files cannot be read, `EngineMissingError` when it was not built.
    """
    try:
        from roteiro.core.artefact import LAYOUT  # noqa: PLC0415  who has no engine asks for none
    except ImportError as error:
        raise EngineMissingError(MISSING) from error

    told = release()
    found = blake2b(told.encode(), digest_size=ENGINE)
    found.update(LAYOUT)
    folder = Path(str(files("roteiro.core")))
    for path in sorted(one for pattern in SOURCES for one in folder.glob(pattern)):
        content = read_file(path)
        found.update(f"{path.name} {len(content)}\n".encode())
        found.update(content)
    return Engine(found.digest(), told)


def release() -> str:
    """Give the version of the package."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:  # run from its sources
        return ""
