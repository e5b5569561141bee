"""Suppressions in a file of their own, for all the rule files of a call (`check --suppressions`).

They are written as those at the head of a rule file, `# route: ignore-file[NAME] reason`, and mean
every file that is checked. What is wrong with them is found in that file.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from roteiro.lang.comments import Comment
from roteiro.lang.diagnostics import Diagnostic, Level
from roteiro.lang.report import Report, hint
from roteiro.lang.scan import COMMENT, pieces
from roteiro.lang.source import Source, Span
from roteiro.lang.suppress import WHOLE_FILE, Named, Reader, Suppression, expired, unused


def apply_shared(
    findings: Iterable[Diagnostic], source: Source, today: date, *, whole: bool
) -> tuple[Diagnostic, ...]:
    """Take out what a file suppresses, and put behind it what is wrong with that file.

    `whole` is false when not everything could be looked at: then nothing is called unused.
    """
    found = tuple(findings)
    report = Report(source)
    reader = Shared(report, 0)
    reader.look_for_rules()
    valid = [one for one in reader.suppressions() if not expired(one, today, report)]
    kept = tuple(each for each in found if not any(one.hits(each) for one in valid))
    if whole and not any(each.level is Level.ERROR for each in kept):
        for one in valid:
            unused(one, found, report)
    return (*kept, *report.in_order())


class Everywhere(Suppression):
    """A suppression that is about every file."""

    def is_about(self, found: Diagnostic, name: Named) -> bool:
        """See `Suppression`."""
        return found.code == name.code


class Shared(Reader):
    """Reads the suppressions of such a file."""

    kind = Everywhere

    def covers(self, comment: Comment, word: str) -> Span | None:
        """See `Reader`; what is not about a whole file is about nothing here."""
        return comment.span if word == WHOLE_FILE and comment.alone else None

    def misplaced(self, comment: Comment, word: str) -> None:  # noqa: ARG002  of the base
        """See `Reader`."""
        helped = hint("suppression_shared_help")
        self.report.add("RT900", comment.span, "suppression_shared", help=helped)

    def look_for_rules(self) -> None:
        """Find what is no comment: it would have no effect."""
        first = next(self.others(), None)
        if first is not None:
            helped = hint("suppression_shared_help")
            self.report.add("RT900", first, "suppression_shared_text", help=helped)

    def others(self) -> Iterator[Span]:
        """Give what is no comment."""
        text = self.source.text
        for kind, written, end in pieces(text, 0, len(text)):
            if kind != COMMENT:
                yield Span(end - len(written), end, self.file)
