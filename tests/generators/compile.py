"""From the text of a program to what the stages make of it."""

from roteiro.lang.check import check
from roteiro.lang.diagnostics import Level
from roteiro.lang.parser import parse
from roteiro.lang.source import Source
from roteiro.lang.typed import Typed


def typed_of(text: str) -> Typed:
    """Parse and check a text that has no errors."""
    source = Source("generated.route", text)
    file, found = parse(source)
    assert file is not None, found
    typed, more = check(file, source)
    errors = [each for each in (*found, *more) if each.level >= Level.ERROR]
    assert typed is not None, f"{errors}\n{text}"
    return typed
