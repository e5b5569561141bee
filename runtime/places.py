"""What services call the files of a checkout: paths below its root."""

from pathlib import Path
from urllib.parse import quote

from roteiro.runtime.world import environment

CHECKOUT = "GITHUB_WORKSPACE"
"""What names the root where Actions run; elsewhere the working folder is the root."""


def below_root(name: str) -> str:
    """Give a file's path below the root of the checkout; as it was named when it lies elsewhere."""
    path = straight(Path.cwd() / name)
    for root in roots():
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return name


def uri_of(name: str) -> str:
    """Give the same as a relative reference of a URI, or a `file:` URI for a file elsewhere."""
    path = straight(Path.cwd() / name)
    for root in roots():
        if path.is_relative_to(root):
            return quote(path.relative_to(root).as_posix().encode(errors="surrogateescape"))
    return path.as_uri()


def roots() -> list[Path]:
    """Give the places that may be the root, the likeliest first."""
    checkout = environment().get(CHECKOUT)
    return [*([Path(checkout)] if checkout else []), Path.cwd()]


def straight(path: Path) -> Path:
    """Take the `..` out of a path without following links."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return Path(*parts)
