"""Findings as values: a code, a place, a message, help, perhaps a fix.

Renderers read these and nothing else. The wording comes from the one catalogue
(`roteiro.lang.messages`): lower case, no full stop, what was written in backticks.
"""

from dataclasses import dataclass
from enum import IntEnum

from roteiro.lang.source import Source, Span


class Level(IntEnum):
    """How much a finding weighs; an error stops the program from being used."""

    INFO = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the catalogue and its values; rendered in the reader's language at the rim."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


def message(key: str, **values: object) -> Message:
    """Name a text of the catalogue and give its placeholders."""
    return Message(key, tuple((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that a finding points at."""

    source: Source
    span: Span
    message: Message


@dataclass(frozen=True, slots=True)
class Fix:
    """Replace `span` of the finding's source by `text`; a safe fix changes no rule's meaning."""

    span: Span
    text: str
    safe: bool
    what: Message | None = None
    """What it does, in words; without it readers are told what to write."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding; `code` is a key of `roteiro.lang.codes.CODES`."""

    code: str
    level: Level
    message: Message
    source: Source
    span: Span
    labels: tuple[Label, ...] = ()
    help: Message | None = None
    fix: Fix | None = None
    notes: tuple[Message, ...] = ()
    """More that is worth a line, such as what a proof rests on."""
    others: tuple[Fix, ...] = ()
    """Other ways to mend it, the best first; nobody applies them unasked."""


class Findings(Exception):  # noqa: N818  it carries warnings too
    """A program could not be made; `findings` says why."""

    def __init__(self, findings: tuple[Diagnostic, ...]) -> None:
        """Keep the findings, in the order of the files and places."""
        super().__init__(f"{len(findings)} findings")
        self.findings = findings
