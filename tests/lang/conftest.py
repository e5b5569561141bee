"""What the tests of the language share: a text in, its findings out."""

import posixpath
from collections.abc import Callable, Mapping

import pytest

from roteiro.lang.check import check, check_loaded
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.load import Contents, load
from roteiro.lang.parser import parse
from roteiro.lang.report import place
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed

Found = tuple[Typed | None, tuple[Diagnostic, ...]]
Examine = Callable[[str], Found]


@pytest.fixture(scope="session")
def examine() -> Examine:
    def run(text: str) -> Found:
        source = Source("x.route", text)
        file, findings = parse(source)
        if file is None:
            return None, findings
        typed, more = check(file, source)
        return typed, tuple(sorted((*findings, *more), key=lambda one: one.span.start))

    return run


class Shelf:
    """Files in memory, by path from where the first of them lies; an `OSError` cannot be read."""

    def __init__(self, files: Mapping[str, str | bytes | OSError]) -> None:
        self.files = files

    def identity(self, name: str) -> str:
        return posixpath.normpath(name)

    def read(self, path: str, beside: str) -> Contents:
        name = posixpath.join(posixpath.dirname(beside), path)
        held = self.files.get(self.identity(name), FileNotFoundError(2, "missing"))
        if isinstance(held, OSError):
            raise held
        data = held.encode() if isinstance(held, str) else held
        return Contents(name, self.identity(name), data)

    def why(self, wrong: OSError) -> str:
        return wrong.strerror or ""


@pytest.fixture(scope="session")
def program() -> Callable[[Mapping[str, str | bytes | OSError]], Found]:
    """Check a program of several files; the first of them is the one that is checked."""

    def run(files: Mapping[str, str | bytes | OSError]) -> Found:
        name, text = next(iter(files.items()))
        assert isinstance(text, str)
        loaded = load(Source(name, text), Shelf(files))
        typed, findings = check_loaded(loaded)
        return typed, tuple(sorted((*loaded.findings, *findings), key=place))

    return run
