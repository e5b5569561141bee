"""What a condition asks to be one value: two that ask another of one field never hold together."""

from roteiro.core.program import Among, Condition, Conjunction, Holds, Some, Test
from roteiro.lang.lint.proof import Prover

Pins = dict[int, str | int]
"""The only value that a field may have, by the number of the field."""


def pins_of(condition: Condition, prover: Prover) -> Pins:
    """Give what must be one value for a condition to hold; not what must be two, and never is."""
    found: Pins = {}
    twice: set[int] = set()
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Conjunction):
            waiting.extend(part.parts)
        elif isinstance(part, Holds):
            test = prover.tests()[part.test]
            value = pinned(test) if prover.one_value(test.field) else None
            if value is not None and found.setdefault(test.field, value) != value:
                twice.add(test.field)
    return {field: value for field, value in found.items() if field not in twice}


def pinned(test: Test) -> str | int | None:
    """Give the one value, a text or a whole number, that a test takes."""
    if not isinstance(test, Some) or not isinstance(test.match, Among):
        return None
    match = test.match
    if len(match.values) != 1 or match.intervals or match.folded:
        return None
    return match.values[0] if isinstance(match.values[0], str | int) else None
