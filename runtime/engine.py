"""Which build this is: what it laid out no other build takes."""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from roteiro.core import MISSING, EngineMissingError
from roteiro.core.artefact_parts import ENGINE
from roteiro.runtime.world import read_file

RELEASE = "0.1.0"
"""The version of the package: asking what is installed takes longer than to compile."""
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

    found = blake2b(RELEASE.encode(), digest_size=ENGINE)
    found.update(LAYOUT)
    folder = Path(str(files("roteiro.core")))
    for path in sorted(one for pattern in SOURCES for one in folder.glob(pattern)):
        content = read_file(path)
        found.update(f"{path.name} {len(content)}\n".encode())
        found.update(content)
    return Engine(found.digest(), RELEASE)
