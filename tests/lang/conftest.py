"""What the tests of the language share: a text in, its findings out."""

from collections.abc import Callable

import pytest

from roteiro.lang.check import check
from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.parser import parse
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed

Examine = Callable[[str], tuple[Typed | None, tuple[Diagnostic, ...]]]


@pytest.fixture(scope="session")
def examine() -> Examine:
    def run(text: str) -> tuple[Typed | None, tuple[Diagnostic, ...]]:
        source = Source("x.route", text)
        file, findings = parse(source)
        if file is None:
            return None, findings
        typed, more = check(file, source)
        return typed, tuple(sorted((*findings, *more), key=lambda one: one.span.start))

    return run
