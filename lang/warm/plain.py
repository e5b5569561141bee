"""Findings of one file as plain values: to be kept, compared and moved to other places."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, Message
from roteiro.lang.messages import Phrase
from roteiro.lang.source import Source, Span

Plain = list[Any]
"""A finding: its members in their order, places as two numbers, texts as a key and values."""
Move = Callable[[int], int]
CODE, LEVEL, MESSAGE, SPAN, LABELS, HELP, FIX, NOTES, OTHERS = range(9)
MOVE_ABOVE = "language.move_above"
"""The one text that names a line of the file."""


def plain(found: Diagnostic) -> Plain:
    """Take a finding apart."""
    return [
        found.code,
        int(found.level),
        of_message(found.message),
        of_span(found.span),
        [[of_span(label.span), of_message(label.message)] for label in found.labels],
        of_message(found.help),
        of_fix(found.fix),
        [of_message(note) for note in found.notes],
        [of_fix(other) for other in found.others],
    ]


def of_span(span: Span) -> list[int]:
    """Take a place apart."""
    return [span.start, span.end]


def of_message(message: Message | None) -> list[Any] | None:
    """Take a text apart."""
    if message is None:
        return None
    return [message.key, [[name, of_value(value)] for name, value in message.values]]


def of_value(value: object) -> object:
    """Take a value of a text apart: a text that stands in it is a key and values too."""
    if isinstance(value, Phrase):
        return {value.key: [[name, of_value(one)] for name, one in value.values.items()]}
    return value if isinstance(value, int) else str(value)


def of_fix(fix: Fix | None) -> list[Any] | None:
    """Take a fix apart."""
    if fix is None:
        return None
    return [of_span(fix.span), fix.text, fix.safe, of_message(fix.what)]


def one_file(found: Diagnostic) -> bool:
    """Whether a finding speaks of the first file only."""
    spans = [found.span, *(label.span for label in found.labels)]
    return not any(span.file for span in spans)


# And back -----------------------------------------------------------------------------------------


def finding(made: Plain, source: Source) -> Diagnostic:
    """Put a finding together."""
    return Diagnostic(
        made[CODE],
        Level(made[LEVEL]),
        text(made[MESSAGE]),
        source,
        Span(*made[SPAN]),
        tuple(Label(source, Span(*span), text(words)) for span, words in made[LABELS]),
        text(made[HELP]) if made[HELP] else None,
        fix(made[FIX]) if made[FIX] else None,
        tuple(map(text, made[NOTES])),
        tuple(map(fix, made[OTHERS])),
    )


def text(made: list[Any]) -> Message:
    """Put a text together."""
    return Message(made[0], tuple((name, value_of(one)) for name, one in made[1]))


def value_of(made: Any) -> Any:
    """Put a value of a text together."""
    if not isinstance(made, dict):
        return made
    ((key, values),) = made.items()
    return Phrase(key, **{name: value_of(one) for name, one in values})


def fix(made: list[Any]) -> Fix:
    """Put a fix together."""
    return Fix(Span(*made[0]), made[1], made[2], text(made[3]) if made[3] else None)


def name(made: Plain) -> str:
    """Give a text that is the same for equal findings."""
    return json.dumps(made, ensure_ascii=False)


# Places -------------------------------------------------------------------------------------------


def places(made: Plain) -> Iterable[list[int]]:
    """Give all places that a finding speaks of."""
    yield made[SPAN]
    yield from (span for span, _ in made[LABELS])
    yield from (one[0] for one in (made[FIX], *made[OTHERS]) if one)


def moved(made: Plain, at: Move, line: Move) -> Plain:
    """Give a finding at its place in another text, where lines have other numbers too."""

    def span(old: list[int]) -> list[int]:
        return [at(old[0]), at(old[1])]

    def of(one: list[Any] | None) -> list[Any] | None:
        return None if one is None else [span(one[0]), one[1], one[2], numbered(one[3], line)]

    return [
        *made[:SPAN],
        span(made[SPAN]),
        [[span(one), words] for one, words in made[LABELS]],
        made[HELP],
        of(made[FIX]),
        made[NOTES],
        [of(one) for one in made[OTHERS]],
    ]


def numbered(made: list[Any] | None, line: Move) -> list[Any] | None:
    """Give a text with the new number of the line that it names."""
    if made is None or made[0] != MOVE_ABOVE:
        return made
    return [made[0], [[key, str(line(int(value)))] for key, value in made[1]]]
