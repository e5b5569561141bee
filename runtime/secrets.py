"""Secrets that a rule file names: `env:NAME`, or `file:PATH` relative to the rule file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from roteiro.runtime.world import environment, read_file


def secret_of(rule_file: str) -> Callable[[str], bytes]:
    """Give who finds the secrets of a rule file; `OSError` when one is not there or empty."""
    return partial(_found, Path(rule_file).parent)


def _found(folder: Path, place: str) -> bytes:
    kind, _, name = place.partition(":")
    if kind == "file":
        secret = read_file(folder / name).strip()
    else:
        secret = environment().get(name, "").encode("utf-8", "surrogateescape")
    if not secret:
        raise OSError(place)
    return secret
