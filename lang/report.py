"""Collects findings: codes to levels, places to spans, words of people made fit to show."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, Message, message
from roteiro.lang.messages import Phrase
from roteiro.lang.source import Source, Span

SHOWN = 48
"""Characters of user text that a message repeats."""
SUGGESTIONS = 100
"""Misspelt names that get a suggestion; looking for one is slow."""


def phrase(key: str, **values: object) -> Phrase:
    """Name a text of the catalogue that stands in a message."""
    return Phrase(f"language.{key}", **{name: show(value) for name, value in values.items()})


def listed(words: Sequence[str], last: str) -> str:
    """Join words with commas, the last one by the text `last`: `list_or` or `list_and`."""
    if len(words) < 2:
        return words[0] if words else ""
    joined = words[0]
    for word in words[1:-1]:
        joined = Phrase("language.list_comma", left=joined, right=word)
    return Phrase(f"language.{last}", left=joined, right=words[-1])


def show(value: object) -> str:
    """Make a piece of a rule file fit for a message: short, and no control characters."""
    text = str(value)
    if isinstance(value, Phrase):
        return text
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else escape(char) for char in short)


def escape(char: str) -> str:
    """Write a character that cannot be shown."""
    return char.encode("unicode_escape").decode("ascii")


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the word that another was probably meant to be."""
    choices = list(words)
    folded = {choice.casefold(): choice for choice in choices}
    if word.casefold() in folded:
        return folded[word.casefold()]
    close = get_close_matches(word, choices, n=1, cutoff=0.72)
    return close[0] if close else None


class Report:
    """The findings of a program, as they are made; `span.file` says in which of its files."""

    def __init__(self, source: Source, number: int = 0) -> None:
        """Begin without findings; `source` is the file of that number."""
        self.sources = {number: source}
        self.findings: list[Diagnostic] = []
        self._seen: set[tuple[str, Span, Message]] = set()
        self.suggested = 0
        """How many misspelt words something was looked for."""

    @property
    def source(self) -> Source:
        """The first file; `source_of` gives the one that a place is in."""
        return next(iter(self.sources.values()))

    def source_of(self, span: Span) -> Source:
        """Give the file that a place is in."""
        return self.sources.get(span.file) or self.source

    def text(self, span: Span) -> str:
        """Give what stands at a place."""
        return self.source_of(span).text[span.start : span.end]

    @property
    def failed(self) -> bool:
        """Whether an error was found."""
        return any(finding.level is Level.ERROR for finding in self.findings)

    def add(  # noqa: PLR0913  a finding has these parts
        self,
        code: str,
        span: Span,
        key: str,
        *,
        labels: tuple[Label, ...] = (),
        help: Message | None = None,  # noqa: A002  its name in the contract
        fix: Fix | None = None,
        notes: tuple[Message, ...] = (),
        others: tuple[Fix, ...] = (),
        **values: object,
    ) -> None:
        """Make a finding; the same at the same place is made once."""
        what = message(f"language.{key}", **{name: show(text) for name, text in values.items()})
        if (code, span, what) in self._seen:
            return
        self._seen.add((code, span, what))
        level = CODES[code].level
        source = self.source_of(span)
        found = Diagnostic(code, level, what, source, span, labels, help, fix, notes, others)
        self.findings.append(found)

    def label(self, span: Span, key: str, **values: object) -> Label:
        """Point at a second place, in any of the files."""
        shown = {name: show(text) for name, text in values.items()}
        return Label(self.source_of(span), span, message(f"language.{key}", **shown))

    def meant(self, word: str, words: Iterable[str]) -> str | None:
        """Give what a misspelt word was meant to be."""
        self.suggested += 1
        if self.suggested > SUGGESTIONS or len(word) > 2 * SHOWN:
            return None
        return nearest(word, words)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Give the findings in the order of the files and places."""
        return tuple(sorted(self.findings, key=place))


def place(found: Diagnostic) -> tuple[object, ...]:
    """Give what findings are sorted by: their place; at one place their code and text."""
    span, what = found.span, found.message
    return (span.file, span.start, span.end, found.code, what.key, what.values)


def hint(key: str, **values: object) -> Message:
    """Name a help text of the catalogue."""
    return message(f"language.{key}", **{name: show(text) for name, text in values.items()})


def did_you_mean(word: str | None) -> Message | None:
    """Ask whether a word was meant, if one is known."""
    return hint("did_you_mean", word=word) if word else None


def replaced(span: Span, word: str | None, *, safe: bool = True) -> Fix | None:
    """Replace a place by a word, if one is known."""
    return Fix(span, word, safe) if word else None
