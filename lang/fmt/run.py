"""A rule file in, the same file as it should look out, proved."""

from dataclasses import dataclass

from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.fmt.marks import Marks
from roteiro.lang.fmt.prove import fault
from roteiro.lang.fmt.setting import framed, set_tokens
from roteiro.lang.fmt.tokens import scan
from roteiro.lang.parser import parse
from roteiro.lang.source import Source


@dataclass(frozen=True, slots=True)
class Formatted:
    """What became of a text."""

    text: str | None
    """As it should look; nothing when it does not parse, or the result is not proved."""
    findings: tuple[Diagnostic, ...] = ()
    """Why it does not parse."""
    fault: str | None = None
    """What the result failed in, which is our fault: `comments`, `tree` or `stability`."""


def format_source(source: Source) -> Formatted:
    """Format one file, those that it uses left out."""
    file, findings = parse(source)
    if file is None or not file.whole:
        errors = tuple(each for each in findings if each.level is Level.ERROR)
        return Formatted(None, errors)
    tokens = scan(source.text)
    marks = Marks(tokens, file)
    made = framed(set_tokens(tokens, marks), source.text)
    wrong = "" if made == source.text else fault(source.text, tokens, marks, file, made)
    return Formatted(None, fault=wrong) if wrong else Formatted(made)
