"""Suppressions: comments that say which findings somebody has looked at and keeps (2f.6).

`# route: ignore[NAME, NAME] [until DATE] reason` at the end of a line is about the findings that
begin on that line; alone on a line it is about the item or the rule that follows, with nothing but
comments between. `# route: ignore-file[NAME] reason` before `language` is about the whole file.

What takes the program its meaning cannot be kept (`codes.fatal`). A suppression that has no effect
is a finding itself, and so is one without a reason, or whose last day has passed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from roteiro.lang.codes import CODES, fatal, lookup
from roteiro.lang.comments import Comment, comments
from roteiro.lang.diagnostics import Diagnostic, Fix, Level
from roteiro.lang.items import Piece, cut, resembles
from roteiro.lang.report import Report, did_you_mean, hint, place, replaced
from roteiro.lang.scan import BYTE_ORDER_MARK, COMMENT, pieces, scan
from roteiro.lang.source import Source, Span

OWN = "RT9"
"""Findings about suppressions: nobody suppresses these."""
MARKED = "route:"
"""Stands in each."""
WHOLE_FILE, ONE_PLACE = "ignore-file", "ignore"
FORM = re.compile(
    r"#\s*route:\s*(?P<word>ignore-file|ignore)\s*\[(?P<names>[^\]]*)\]"
    r"(?:\s*until\s+(?P<until>\d[\d-]*))?(?P<reason>.*)\Z",
    re.DOTALL,
)
BEGINS = re.compile(r"#\s*route:\s*(?P<word>[\w-]+)?(?P<bracket>\s*\[)?")
NAME = re.compile(r"[^,]+")
EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
PUNCTUATION = " \t\r:.,;-"


@dataclass(frozen=True, slots=True)
class Named:
    """One name of a suppression."""

    text: str
    span: Span
    code: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """A suppression that can have an effect."""

    comment: Comment
    names: tuple[Named, ...]
    covers: Span
    """Where the findings begin that it is about."""
    until: date | None
    """The last day on which it holds."""

    def is_about(self, found: Diagnostic, name: Named) -> bool:
        """Whether a finding is one of those that are meant by a name."""
        inside = self.covers.start <= found.span.start <= self.covers.end
        return found.code == name.code and inside and found.span.file == self.covers.file

    def hits(self, found: Diagnostic) -> bool:
        """Whether it is about a finding."""
        return any(self.is_about(found, name) for name in self.names)


def offer(finding: Diagnostic) -> str | None:
    """Give the comment that would keep what a finding is about; an error has to be mended."""
    if finding.level is Level.ERROR or finding.code.startswith(OWN):
        return None
    return f"# route: {ONE_PLACE}[{CODES[finding.code].name}] <reason>"


def apply(
    findings: Iterable[Diagnostic],
    sources: Sequence[Source],
    today: date,
    *,
    whole: bool = True,
    begins: Callable[[], Mapping[int, Span]] | None = None,
) -> tuple[Diagnostic, ...]:
    """Take out what is suppressed and put in what is wrong with the suppressions.

    `whole` is false when a part of the program could not be read. While there are errors nobody can
    say that a suppression is not needed: some findings are made only of a program without. `begins`
    gives the items and rules of the one file by their beginnings, if somebody knows them.
    """
    found = tuple(findings)
    report = Report(sources[0])
    report.sources = dict(enumerate(sources))
    readers = [Reader(report, number, begins) for number in report.sources]
    written = [one for reader in readers for one in reader.suppressions()]
    valid = [one for one in written if not expired(one, today, report)]
    kept = tuple(each for each in found if not any(one.hits(each) for one in valid))
    if whole and not any(each.level is Level.ERROR for each in kept):
        for one in valid:
            unused(one, found, report)
    return tuple(sorted((*kept, *report.findings), key=place))


def expired(suppression: Suppression, today: date, report: Report) -> bool:
    """Report a suppression whose last day has passed."""
    if suppression.until is None or today <= suppression.until:
        return False
    helped = hint("suppression_expired_help")
    span = suppression.comment.span
    report.add("RT902", span, "suppression_expired", help=helped, day=suppression.until)
    return True


# What has no effect -----------------------------------------------------------------------------


def unused(suppression: Suppression, found: Sequence[Diagnostic], report: Report) -> None:
    """Report the names of a suppression that nothing was found for."""
    idle = [
        name
        for name in suppression.names
        if not any(suppression.is_about(each, name) for each in found)
    ]
    everything = len(idle) == len(suppression.names)
    for name in idle:
        fix = Fix(whole_comment(suppression, report), "", safe=True) if everything else None
        report.add(
            "RT900",
            name.span,
            "suppression_unused",
            fix=fix or without(name, suppression, report),
            name=name.text,
        )


def whole_comment(suppression: Suppression, report: Report) -> Span:
    """Give the place of a comment, its line included when nothing else is on it."""
    span = suppression.comment.span
    text = report.source_of(span).text
    start = text.rfind("\n", 0, span.start) + 1
    if suppression.comment.alone:
        end = text.find("\n", span.end) + 1
        return Span(start, end or len(text), span.file)
    return Span(start + len(text[start : span.start].rstrip()), span.end, span.file)


def without(name: Named, suppression: Suppression, report: Report) -> Fix:
    """Leave one name of several out, with a comma."""
    text = report.source_of(name.span).text
    first = name is suppression.names[0]
    behind = text[name.span.end :]
    if first:
        length = len(behind) - len(behind.lstrip(" \t,"))
        return Fix(Span(name.span.start, name.span.end + length, name.span.file), "", safe=True)
    start = len(text[: name.span.start].rstrip(" \t,"))
    return Fix(Span(start, name.span.end, name.span.file), "", safe=True)


# Reading ----------------------------------------------------------------------------------------


class Reader:
    """Reads the suppressions of one file."""

    kind = Suppression
    """What it makes."""

    def __init__(
        self, report: Report, file: int, begins: Callable[[], Mapping[int, Span]] | None = None
    ) -> None:
        """Read the file of that number."""
        self.report = report
        self.file = file
        self.source = report.sources[file]
        self.begins = cache(begins or self.cut)

    def suppressions(self) -> Iterator[Suppression]:
        """Give what can have an effect, and report what cannot."""
        if MARKED not in self.source.text:
            return
        for comment in comments(self.source, self.file):
            found = FORM.match(comment.text)
            if found is not None:
                one = self.read(comment, found)
                if one is not None:
                    yield one
            elif looks_meant(comment.text):
                self.report.add(
                    "RT900", comment.span, "suppression_form", help=hint("suppression_form_help")
                )

    def read(self, comment: Comment, found: re.Match[str]) -> Suppression | None:
        """Read one suppression; nothing when it cannot have an effect."""
        names = tuple(self.names(comment, found))
        until = self.day(comment, found)
        if until is None and found["until"]:
            return None
        covers = self.covers(comment, found["word"])
        if covers is None:
            self.misplaced(comment, found["word"])
            return None
        if not found["reason"].strip(PUNCTUATION):
            self.report.add(
                "RT901", comment.span, "suppression_reason", help=hint("suppression_reason_help")
            )
        return self.kind(comment, names, covers, until) if names else None

    def misplaced(self, comment: Comment, word: str) -> None:
        """Report a suppression that stands where it is about nothing."""
        key = "suppression_of_file" if word == WHOLE_FILE else "suppression_place"
        self.report.add("RT900", comment.span, key, help=hint(f"{key}_help"))

    def day(self, comment: Comment, found: re.Match[str]) -> date | None:
        """Read the day behind `until`."""
        written = found["until"]
        if not written:
            return None
        try:
            day = date.fromisoformat(written) if len(written) == len("2027-01-31") else None
        except ValueError:
            day = None
        if day is None:
            self.report.add("RT900", self.span(comment, found, "until"), "bad_date", value=written)
        return day

    def span(self, comment: Comment, found: re.Match[str], group: str) -> Span:
        """Give the place of a part of a comment."""
        start, end = found.span(group)
        return Span(comment.span.start + start, comment.span.start + end, self.file)

    # Names --------------------------------------------------------------------------------------

    def names(self, comment: Comment, found: re.Match[str]) -> Iterator[Named]:
        """Give the names that stand for findings, and report the others."""
        inside = self.span(comment, found, "names")
        if not found["names"].strip(" \t,"):
            self.report.add(
                "RT900", comment.span, "suppression_form", help=hint("suppression_form_help")
            )
        for part in NAME.finditer(found["names"]):
            word = part[0].strip()
            if word:
                start = inside.start + part.start() + part[0].index(word)
                named = self.named(word, Span(start, start + len(word), self.file))
                if named is not None:
                    yield named

    def named(self, word: str, span: Span) -> Named | None:
        """Resolve a name; report one that stands for nothing, or for what cannot be kept."""
        code = lookup(word)
        if code is None:
            meant = self.report.meant(word, [entry.name for entry in CODES.values()])
            self.report.add(
                "RT900",
                span,
                "suppression_unknown",
                help=did_you_mean(meant) or hint("suppression_unknown_help"),
                fix=replaced(span, meant),
                name=word,
            )
        elif fatal(code) or code.startswith(OWN):
            key = "suppression_of_suppression" if code.startswith(OWN) else "suppression_of_error"
            self.report.add("RT900", span, key, name=CODES[code].name)
        else:
            return Named(word, span, code)
        return None

    # Places -------------------------------------------------------------------------------------

    def covers(self, comment: Comment, word: str) -> Span | None:
        """Give where the findings begin that a comment is about; nothing when it is misplaced."""
        text = self.source.text
        if word == WHOLE_FILE:
            first = self.first(0)
            before = first is None or comment.span.start < first
            return Span(0, len(text), self.file) if before and comment.alone else None
        if not comment.alone:
            start = text.rfind("\n", 0, comment.span.start) + 1
            return Span(start, comment.span.start, self.file)
        return self.following(comment)

    def cut(self) -> Mapping[int, Span]:
        """Cut the file into items and rules, by where they begin."""
        return spans(cut(scan(self.source.text), self.file))

    def first(self, at: int) -> int | None:
        """Give where the first token behind a place begins."""
        text = self.source.text
        begin = max(at, int(text.startswith(BYTE_ORDER_MARK)))
        for kind, written, end in pieces(text, begin, len(text)):
            if kind != COMMENT:
                return end - len(written)
        return None

    def following(self, comment: Comment) -> Span | None:
        """Give the item or rule that begins right below a comment."""
        start = self.first(comment.span.end)
        if start is None or EMPTY_LINE.search(self.source.text[comment.span.end : start]):
            return None
        return self.begins().get(start)


def spans(cut_out: Iterable[Piece]) -> dict[int, Span]:
    """Give items and rules by where they begin."""
    return {part.span.start: part.span for piece in cut_out for part in (*piece.parts, piece)}


def looks_meant(text: str) -> bool:
    """Whether a comment is a suppression that went wrong, and no remark of people."""
    found = BEGINS.match(text)
    if found is None:
        return False
    word = (found["word"] or "").lower()
    return bool(found["bracket"]) or any(resembles(word, one) for one in (ONE_PLACE, WHOLE_FILE))
