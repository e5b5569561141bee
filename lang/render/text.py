"""Findings for people: the place with its line and a caret, labels, help and fix (2d)."""

from collections.abc import Iterable
from unicodedata import combining, east_asian_width

from roteiro.lang.codes import CODES
from roteiro.lang.diagnostics import Diagnostic, Fix, Label, Level, Message
from roteiro.lang.messages import DEFAULT, text
from roteiro.lang.source import Source, Span

WIDTH = 100
"""Columns of a source line that are shown; of a longer one a part around the place."""
COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.INFO: "36"}
STRONG = "1"


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
    return f"{source.name}:{position.line}:{position.column}"


def width(char: str) -> int:
    """Give how many columns of a terminal a character takes."""
    if combining(char):
        return 0
    return 2 if east_asian_width(char) in {"W", "F"} else 1


def visible(line: str) -> str:
    """Make a line safe for a terminal: a tab is one space, other controls are dots."""
    return "".join(char if char.isprintable() else " " if char == "\t" else "·" for char in line)


class Excerpt:
    """One line of a source with what points at it."""

    def __init__(self, source: Source, number: int) -> None:
        """Take a line by its number."""
        self.number = number
        self.line = visible(source.line(number))
        self.marks: list[tuple[int, int, str, str]] = []

    def mark(self, start: int, length: int, sign: str, words: str) -> None:
        """Underline a stretch, from a column that counts from 0."""
        self.marks.append((start, max(1, length), sign, words))

    def cut(self) -> tuple[str, int]:
        """Give the part of the line that is shown, and where it begins."""
        if len(self.line) <= WIDTH:
            return self.line, 0
        first = max(0, min(start for start, _, _, _ in self.marks) - WIDTH // 2)
        part = self.line[first : first + WIDTH]
        before = "…" if first else ""
        after = "…" if first + WIDTH < len(self.line) else ""
        return before + part + after, first - len(before)

    def lines(self, gutter: int) -> list[str]:
        """Give the line and a line of underlining for each mark."""
        shown, first = self.cut()
        found = [f"{self.number:>{gutter}} | {shown}".rstrip()]
        for start, length, sign, words in sorted(self.marks):
            before = shown[: start - first]
            under = shown[start - first : start - first + length]
            space = " " * sum(map(width, before))
            signs = sign * max(1, sum(map(width, under)))
            found.append(f"{'':>{gutter}} | {space}{signs} {words}".rstrip())
        return found


def excerpts(finding: Diagnostic, source: Source, language: str) -> list[Excerpt]:
    """Give the lines of one source that a finding points at, in order."""
    lines: dict[int, Excerpt] = {}
    labels = [label for label in finding.labels if label.source is source]
    own = [label for label in labels if label.span == finding.span]
    if finding.source is source:
        words = said(own[0].message, language) if own else ""
        point(lines, source, finding.span, "^", words)
    for label in labels:
        if label not in own:
            point(lines, source, label.span, "-", said(label.message, language))
    return [lines[number] for number in sorted(lines)]


def point(lines: dict[int, Excerpt], source: Source, span: Span, sign: str, words: str) -> None:
    """Underline a span on its first line."""
    position = source.position(span.start)
    excerpt = lines.setdefault(position.line, Excerpt(source, position.line))
    start = position.column - 1
    excerpt.mark(start, min(span.end - span.start, len(excerpt.line) - start), sign, words)


def fix_line(finding: Diagnostic, language: str) -> list[str]:
    """Give help and fix in one line, or what there is of them."""
    fix = finding.fix
    helped = [said(finding.help, language)] if finding.help else []
    if fix is None:
        return helped
    kind = text("language.fix_safe" if fix.safe else "language.fix_unsafe", language)
    if helped:
        return [f"{helped[0]}  ({kind})"]
    return [f"{kind}: {text('language.write', language, word=shortened(fix))}"]


def shortened(fix: Fix) -> str:
    """Give a fix's text on one line."""
    return visible(fix.text.strip().replace("\n", " "))


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
    return lines + [f"{'':>{gutter}} = {line}" for line in fix_line(finding, language)]


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


def render_all(
    findings: Iterable[Diagnostic], language: str = DEFAULT, *, colour: bool = False
) -> str:
    """Give several findings, an empty line between two; empty without any."""
    return "\n\n".join(render(finding, language, colour=colour) for finding in findings)
