"""Coverage as one page of HTML: the rule files with a mark at each rule and each test.

The page needs no other file and no script, and says everything in signs and words too, so that it
can be printed in black and white. Its texts follow `--lang`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import TypeVar

from roteiro.lang.coverage import KINDS, Coverage, Gap, Hits, Leaf, Measure
from roteiro.lang.messages import text
from roteiro.lang.source import Source, Span
from roteiro.lang.tested import leaves
from roteiro.lang.typed import Has
from roteiro.runtime.coverage import Summed, said_there
from roteiro.runtime.shown import shown

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 72em;
  margin: 2em auto; padding: 0 1.5em; }
h1 { font-size: 1.6em; margin-bottom: 0; } h1::first-letter { text-transform: uppercase; }
 h2 { font-size: 1.2em; margin: 2.5em 0 .5em;
  overflow-wrap: anywhere; }
p.sum { margin-top: .2em; color: #444; }
table.sums { border-collapse: collapse; margin: 1em 0; }
.sums th, .sums td { border: 1px solid #999; padding: .3em .8em; text-align: left; }
.sums thead th { background: #eee; } .sums tfoot th, .sums tfoot td { border-top: 3px double #555; }
.sums td { white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; width: 6em; height: .8em; border: 1px solid #333; margin-right: .6em;
  vertical-align: -.05em; background: #fff; }
.bar i { display: block; height: 100%; background: #333; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
dl.legend { display: grid; grid-template-columns: max-content 1fr; gap: .3em 1em; margin: 1em 0;
  font-size: .9em; } .legend dt { text-align: right; } .legend dd { margin: 0; }
table.source { border-collapse: collapse; width: 100%; font: 13px/1.6 ui-monospace, Consolas,
  "DejaVu Sans Mono", monospace; border: 1px solid #ccc; }
.source td { vertical-align: top; padding: 0 .6em; } .source tr.gap td { background: #f3f3f3; }
.source td.sign { width: 4.5em; text-align: right; white-space: nowrap; font-weight: bold; }
.source td.number { width: 3em; text-align: right; color: #666; border-right: 1px solid #ccc; }
.source td.code { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 12px/1.5 ui-monospace, Consolas, "DejaVu Sans Mono", monospace; }
.source tr.note td.code { font: italic 13px/1.5 system-ui, sans-serif; padding-left: 3em;
  white-space: normal; }
.test { text-decoration: underline 1px solid #555; text-underline-offset: 3px; }
.test.gap { text-decoration: underline 2px dashed #a00; font-weight: bold; }
.seen, .unseen { font: bold 10px/1.3 system-ui, sans-serif; border: 1px solid #333; padding: 0 3px;
  margin-left: 2px; border-radius: 2px; vertical-align: 2px; display: inline-block; }
.seen { color: #333; background: #fff; }
.unseen { color: #fff; background: #a00; text-decoration: line-through; border-color: #a00;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media (max-width: 40em) { body { padding: 0 .5em; } .bar { display: none; }
  .sums th, .sums td { padding: .2em .4em; white-space: normal; overflow-wrap: anywhere; }
  .source td, .source tr td.code { padding: 0 .3em; }
  .source td.sign, .source td.number { width: 2em; } }
@media print { body { max-width: none; margin: 0; } table.source tr { break-inside: avoid; } }
"""
Thing = TypeVar("Thing")
Placed = TypeVar("Placed", Hits, "Mark", Gap)

FIRED, NEVER = "✓", "✗"
HEAD = re.compile(r".*\bhas\b", re.DOTALL)
TICKED = re.compile("`([^`]*)`")
SEEN_KINDS = ("true", "false", "decides")
"""What can be seen of a test, in the order of its marks."""


@dataclass(slots=True)
class Mark:
    """What the tests saw of one test of a rule, in every rule that it belongs to."""

    span: Span
    seen: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SEEN_KINDS, True))

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return all(self.seen.values())


def page(parts: Sequence[Coverage], summary: str, language: str) -> str:
    """Make the page of some rule files; `summary` says how their tests ended."""
    title = _say("title", language)
    body = [
        f"<h1>{title}</h1>",
        f'<p class="sum">{escape(summary)}</p>',
        *_sums(parts, language),
        *_legend(language),
        *(line for part in parts for line in _sections(part, language)),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{language}">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style></head>",
            "<body>",
            *body,
            "</body></html>",
            "",
        ]
    )


def _say(key: str, language: str) -> str:
    return escape(text(f"command.page_{key}", language))


def _coded(said: str) -> str:
    """Write what stands in backticks as code."""
    return TICKED.sub(r"<code>\1</code>", escape(said))


# The summary --------------------------------------------------------------------------------------


def _sums(parts: Sequence[Coverage], language: str) -> Iterator[str]:
    """Give the table of figures: a row a rule file, and their sum."""
    heads = "".join(
        f'<th scope="col">{_say(key, language)}</th>' for key in ("file", *map(_head, KINDS))
    )
    yield f'<table class="sums"><thead><tr>{heads}</tr></thead><tbody>'
    for part in parts:
        yield _row(shown(part.typed.sources[0].name), part.measures())
    yield "</tbody>"
    if len(parts) > 1:
        total = _row(text("command.page_all", language), Summed.of(parts).measures)
        yield f"<tfoot>{total}</tfoot>"
    yield "</table>"


def _head(kind: str) -> str:
    return f"kind_{kind}"


def _row(name: str, measures: dict[str, Measure]) -> str:
    cells = "".join(f"<td>{_measure(measures[kind])}</td>" for kind in KINDS)
    return f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'


def _measure(measure: Measure) -> str:
    width = f"{measure.percent:.1f}%"
    bar = f'<span class="bar" aria-hidden="true"><i style="width:{width}"></i></span>'
    return f"{bar}{measure.covered} / {measure.total} ({measure.percent:.0f} %)"


def _legend(language: str) -> Iterator[str]:
    """Say what the signs mean."""
    letters = _badges(dict.fromkeys(SEEN_KINDS, True), language)
    missing = _badges(dict.fromkeys(SEEN_KINDS, False), language)
    rows = (
        (f"<b>{FIRED} 3</b>", "legend_fired"),
        (f"<b>{NEVER} 0</b>", "legend_never"),
        (f'<span class="test">Rows &gt; 4</span>{letters}', "legend_seen"),
        (f'<span class="test gap">Rows &gt; 4</span>{missing}', "legend_unseen"),
    )
    yield '<dl class="legend">'
    for sign, key in rows:
        yield f"<dt>{sign}</dt><dd>{_coded(text(f'command.page_{key}', language))}</dd>"
    yield "</dl>"


# The sources --------------------------------------------------------------------------------------


def _sections(coverage: Coverage, language: str) -> Iterator[str]:
    """Give each file of a program that has rules or tests of rules, with its marks."""
    hits, marks = _by_file(coverage.hits()), _by_file(_marks(coverage))
    gaps = _by_file(coverage.gaps())
    for number, source in enumerate(coverage.typed.sources):
        if number in hits or number in marks:
            there = hits.get(number, []), marks.get(number, []), gaps.get(number, [])
            yield f"<h2>{escape(shown(source.name))}</h2>"
            yield '<table class="source"><tbody>'
            yield from _Listing(source, *there, language).lines()
            yield "</tbody></table>"


def _by_file(things: Iterable[Placed]) -> dict[int, list[Placed]]:
    """Put things to the files that they stand in."""
    found: dict[int, list[Placed]] = {}
    for thing in things:
        found.setdefault(thing.span.file, []).append(thing)
    return found


def _marks(coverage: Coverage) -> list[Mark]:
    """Give a mark for each place of a test; a condition with a name is one place of many rules."""
    found: dict[Span, Mark] = {}
    for asked in coverage.asked.values():
        outcomes, deciding = set(asked.outcomes()), set(asked.deciding())
        for leaf in asked.leaves.values():
            mark = found.setdefault(leaf.span, Mark(_underlined(leaf)))
            mark.seen["true"] &= (leaf, True) in outcomes
            mark.seen["false"] &= (leaf, False) in outcomes
            mark.seen["decides"] &= leaf in deciding
    return sorted(found.values(), key=lambda mark: (mark.span.file, mark.span.start))


def _underlined(leaf: Leaf) -> Span:
    """Give what is underlined of a test: of `has (...)` the head, its inside has its own tests."""
    if not isinstance(leaf, Has):
        return leaf.span
    inside = [
        each.span.start for each in leaves(leaf.condition) if each.span.file == leaf.span.file
    ]
    end = min([place for place in inside if place > leaf.span.start], default=leaf.span.end)
    head = HEAD.match(leaf.source.text[leaf.span.start : end])
    return Span(leaf.span.start, leaf.span.start + (head.end() if head else 0), leaf.span.file)


def _badges(seen: dict[str, bool], language: str) -> str:
    return "".join(_badge(kind, language, seen=there) for kind, there in seen.items())


def _badge(kind: str, language: str, *, seen: bool) -> str:
    word = "seen" if seen else "unseen"
    letter = _say("letters", language)[SEEN_KINDS.index(kind)]
    return f'<span class="{word}" title="{_say(f"{kind}_{word}", language)}">{letter}</span>'


@dataclass(frozen=True, slots=True)
class _Listing:
    """One source with its marks."""

    source: Source
    hits: Sequence[Hits]
    marks: Sequence[Mark]
    gaps: Sequence[Gap]
    language: str

    def lines(self) -> Iterator[str]:
        """Give the rows of the table: a line of the source, then what is missing in it."""
        hits = self.by_line((hit.span.start, hit) for hit in self.hits)
        gaps = self.by_line((gap.span.start, gap) for gap in self.gaps)
        marks = self.by_line((at, mark) for mark in self.marks for at in self.places(mark.span))
        for number in range(1, self.source.text.count("\n") + 2):
            start = self.source.start(number)
            end = start + len(self.source.line(number))
            code = self.marked(marks.get(number, []), start, end)
            yield self.row(number, code, hits.get(number, []), missing=number in gaps)
            yield from (self.note(gap) for gap in gaps.get(number, []))

    def places(self, span: Span) -> Iterator[int]:
        """Give where a span begins, and where each further line of it does."""
        first = self.source.position(span.start).line
        last = self.source.position(max(span.start, span.end - 1)).line
        yield span.start
        yield from map(self.source.start, range(first + 1, last + 1))

    def by_line(self, things: Iterable[tuple[int, Thing]]) -> dict[int, list[Thing]]:
        """Put things to the lines that their places are in."""
        placed = [(self.source.position(start).line, thing) for start, thing in things]
        placed.sort(key=lambda pair: pair[0])
        return {
            line: [thing for _, thing in group]
            for line, group in groupby(placed, key=lambda pair: pair[0])
        }

    def row(self, number: int, code: str, hits: Sequence[Hits], *, missing: bool) -> str:
        """Write one line of the source."""
        signs = " ".join(f"{FIRED if hit.times else NEVER} {hit.times}" for hit in hits)
        row = '<tr class="gap">' if missing else "<tr>"
        return (
            f'{row}<td class="sign">{signs}</td><td class="number">{number}</td>'
            f'<td class="code">{code}</td></tr>'
        )

    def note(self, gap: Gap) -> str:
        """Say what is missing in the line above."""
        said = _coded(shown(said_there(gap, self.language)))
        return (
            f'<tr class="note gap"><td class="sign">{NEVER}</td><td class="number"></td>'
            f'<td class="code">{said}</td></tr>'
        )

    def marked(self, marks: Iterable[Mark], start: int, end: int) -> str:
        """Write a stretch of one line, its tests marked."""
        written, at = [], start
        for mark in marks:
            first, last = max(mark.span.start, at), min(mark.span.end, end)
            if first < last and mark.span.start < end:
                written += [self.plain(at, first), self.test(mark, first, last)]
                at = last
        return "".join([*written, self.plain(at, end)])

    def plain(self, start: int, end: int) -> str:
        """Write text that is no test."""
        return escape(_visible(self.source.text[start:end]))

    def test(self, mark: Mark, start: int, end: int) -> str:
        """Write a test, or the part of it that is on one line; the marks stand behind its end."""
        kind = "test" if mark.whole else "test gap"
        badges = _badges(mark.seen, self.language) if end == mark.span.end else ""
        return f'<span class="{kind}">{self.plain(start, end)}</span>{badges}'


def _visible(written: str) -> str:
    """Escape what cannot be shown, but for tabs."""
    return "\t".join(shown(piece) for piece in written.split("\t"))
