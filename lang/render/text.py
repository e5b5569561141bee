"""Findings for people: the places with their lines, labels, notes, help and fixes (2d)."""

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, Message
from roteiro.lang.messages import DEFAULT, text
from roteiro.lang.render.excerpt import Excerpt, visible
from roteiro.lang.source import Source, Span
from roteiro.lang.suppress import offer

COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.INFO: "36"}
STRONG = "1"
LONGEST = 72
"""Characters of a fix that are shown."""


def said(what: Message, language: str) -> str:
    """Give a message in a language."""
    return text(what.key, language, **dict(what.values))


def heading(finding: Diagnostic, language: str = DEFAULT) -> str:
    """Give the first line: `error[RT101 unknown-attribute]: ...`."""
    level = finding.level.name.lower()
    name = CODES[finding.code].name
    return f"{level}[{finding.code} {name}]: {said(finding.message, language)}"


def place(source: Source, span: Span) -> str:
    """Give a place as `file:line:column`."""
    position = source.position(span.start)
    return f"{visible(source.name)}:{position.line}:{position.column}"


# Lines of the sources ---------------------------------------------------------------------------


def excerpts(finding: Diagnostic, source: Source, language: str) -> list[Excerpt]:
    """Give the lines of one source that a finding points at, in order."""
    lines: dict[int, Excerpt] = {}
    labels = [label for label in finding.labels if label.source is source]
    own = [label for label in labels if finding.source is source and label.span == finding.span]
    if finding.source is source:
        words = said(own[0].message, language) if own else ""
        point(lines, source, finding.span, "^", words)
    for label in labels:
        if label not in own[:1]:
            point(lines, source, label.span, "-", said(label.message, language))
    return [lines[number] for number in sorted(lines)]


def point(lines: dict[int, Excerpt], source: Source, span: Span, sign: str, words: str) -> None:
    """Underline a span on its first line."""
    position = source.position(span.start)
    excerpt = lines.setdefault(position.line, Excerpt(source, position.line))
    start = position.column - 1
    excerpt.mark(start, min(span.end - span.start, len(excerpt.line) - start), sign, words)


def others(finding: Diagnostic) -> list[Source]:
    """Give the other sources that a finding points at."""
    found: list[Source] = []
    for label in finding.labels:
        if label.source is not finding.source and label.source not in found:
            found.append(label.source)
    return found


def place_of(labels: tuple[Label, ...], source: Source) -> Span:
    """Give the first place in a source."""
    return next(label.span for label in labels if label.source is source)


# Lines below them -------------------------------------------------------------------------------


def remarks(finding: Diagnostic, language: str) -> list[str]:
    """Give what follows the excerpts: notes, help, fixes, and how to keep it as it is."""
    lines = [said(note, language) for note in finding.notes]
    fixes = [fix for fix in (finding.fix, *finding.others) if fix is not None]
    if finding.help is not None:
        helped = said(finding.help, language)
        if finding.fix is not None and tells(helped, finding.fix):
            lines.append(f"{helped}  ({kind_of(finding.fix, language)})")
            fixes = fixes[1:]
        else:
            lines.append(text("language.help_line", language, words=helped))
    lines += [fix_line(finding, fix, language) for fix in fixes]
    return lines + offered(finding, language)


def tells(helped: str, fix: Fix) -> bool:
    """Whether a help already says what a fix writes, so that one line is enough."""
    return fix.what is None and f"`{shortened(fix.text)}`" in helped


def kind_of(fix: Fix, language: str) -> str:
    """Give `safe fix` or `unsafe fix`."""
    return text("language.fix_safe" if fix.safe else "language.fix_unsafe", language)


def fix_line(finding: Diagnostic, fix: Fix, language: str) -> str:
    """Give a fix as a line of its own: `fix (safe): ...`."""
    key = "language.fix_line_safe" if fix.safe else "language.fix_line_unsafe"
    return text(key, language, words=told(finding, fix, language))


def told(finding: Diagnostic, fix: Fix, language: str) -> str:
    """Give in words what a fix does."""
    if fix.what is not None:
        return said(fix.what, language)
    if not fix.text.strip():
        gone = finding.source.text[fix.span.start : fix.span.end]
        return text("language.delete", language, word=shortened(gone))
    key = "language.insert" if fix.span.start == fix.span.end else "language.write"
    return text(key, language, word=shortened(fix.text))


def shortened(written: str) -> str:
    """Give a piece of a rule file on one line."""
    words = visible(" ".join(written.split()))
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def offered(finding: Diagnostic, language: str) -> list[str]:
    """Say how to keep what a warning or an info is about."""
    comment = offer(finding)
    if comment is None:
        return []
    comment = comment.replace("<reason>", text("language.keep_reason", language))
    return [text("language.keep_line", language, comment=comment)]


# The whole --------------------------------------------------------------------------------------


def body(finding: Diagnostic, language: str) -> list[str]:
    """Give all lines after the heading."""
    blocks = [(finding.source, finding.span, excerpts(finding, finding.source, language))]
    for source in others(finding):
        span = place_of(finding.labels, source)
        blocks.append((source, span, excerpts(finding, source, language)))
    gutter = max(len(str(excerpt.number)) for _, _, found in blocks for excerpt in found)
    lines: list[str] = []
    for number, (source, span, found) in enumerate(blocks):
        arrow = "-->" if number == 0 else ":::"
        lines += [f"{'':>{gutter}}{arrow} {place(source, span)}", f"{'':>{gutter}} |"]
        lines += [line for excerpt in found for line in excerpt.lines(gutter)]
    return lines + [f"{'':>{gutter}} = {line}" for line in remarks(finding, language)]


def painted(words: str, colour: str) -> str:
    """Give words in a colour of the terminal."""
    return f"\x1b[{colour}m{words}\x1b[0m"


def render(finding: Diagnostic, language: str = DEFAULT, *, colour: bool = False) -> str:
    """Give one finding as text, several lines without an end of line."""
    first = heading(finding, language)
    if colour:
        level, _, words = first.partition("]: ")
        first = painted(f"{level}]", f"{STRONG};{COLOURS[finding.level]}") + painted(
            f": {words}", STRONG
        )
    return "\n".join([first, *body(finding, language)])
