"""Names, texts and other literals, and paths."""

import re
from decimal import Decimal
from typing import Any

from roteiro.lang import nodes
from roteiro.lang.report import Report, hint
from roteiro.lang.scan import TAG, Token
from roteiro.lang.source import Span

LONGEST_NUMBER = 9
"""Digits of a number that counts something (a priority, an edition, a position)."""
ESCAPE = re.compile(r"\\(u\{([0-9A-Fa-f]{1,6})\}|.)", re.DOTALL)
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
Finding = tuple[str, Span, str, dict[str, Any]]
"""Code, place, text of the catalogue and its values."""
Element = nodes.Literal | nodes.Range | nodes.Name | nodes.Path


def small(text: str) -> int:
    """Read a whole number that counts something; a longer one becomes one that nothing accepts."""
    digits = text.lstrip("-").lstrip("0") or "0"
    size = int(digits) if len(digits) <= LONGEST_NUMBER else 10**LONGEST_NUMBER
    return -size if text.startswith("-") else size


class Words:
    """Makes what is a few tokens long."""

    def __init__(self, report: Report, file: int) -> None:
        """Report to `report`; all places are those of the program's file of this number."""
        self.report = report
        self.file = file
        self.findings: list[Finding] = []
        """What is wrong with the piece, should it turn out that it can be read."""

    def begin(self) -> None:
        """Begin another piece, which nothing is known of."""
        self.findings.clear()

    def found(self, code: str, place: Span, key: str, **values: Any) -> None:
        """Keep a finding until the piece is read."""
        self.findings.append((code, place, key, values))

    def tell(self) -> None:
        """Report what was found in the piece."""
        for code, place, key, values in self.findings:
            self.report.add(code, place, key, **values)

    def place(self, token: Token) -> Span:
        """Give the place of a token."""
        return Span(token.start, token.end, self.file)

    def name(self, token: Token) -> nodes.Name:
        """Make a name."""
        return nodes.Name(token.text, Span(token.start, token.end, self.file))

    def maybe_name(self, token: Token | None) -> nodes.Name | None:
        """Make a name that may not be there."""
        return None if token is None else self.name(token)

    def names(self, _place: Span, *tokens: Token) -> tuple[nodes.Name, ...]:
        """Make `a, b`."""
        return tuple(map(self.name, tokens))

    def bare(self, place: Span, token: Token) -> nodes.Name:
        """Make a name where a value may stand."""
        return nodes.Name(token.text, place)

    # Literals -----------------------------------------------------------------------------------

    def written(self, token: Token) -> nodes.Text:
        """Make a text of a token with its quotes."""
        return self.text(self.place(token), token)

    def maybe_written(self, token: Token | None) -> nodes.Text | None:
        """Make a text that may not be there."""
        return None if token is None else self.written(token)

    def text(self, place: Span, token: Token) -> nodes.Text:
        """Make `"..."` or `i"..."`."""
        folded = token.text.startswith("i")
        value = token.text[2 if folded else 1 : -1]
        if "\\" in value:
            value = self.escaped(value, token.end - 1 - len(value))
        return nodes.Text(value, folded, place)

    def escaped(self, value: str, start: int) -> str:
        """Read the escapes of a text that begins at `start`."""

        def meant(found: re.Match[str]) -> str:
            code = int(found[2], 16) if found[2] else None
            if code is not None and code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
            if found[1] in ESCAPES:
                return ESCAPES[found[1]]
            place = Span(start + found.start(), start + found.end(), self.file)
            self.found("RT113", place, "bad_escape", help=hint("escapes"), escape=found[0])
            return found[1]

        return ESCAPE.sub(meant, value)

    def number(self, place: Span, token: Token) -> nodes.Number:
        """Make `5` or `-1.5`."""
        return nodes.Number(Decimal(token.text), place)

    def date(self, place: Span, token: Token) -> nodes.Date:
        """Make `2026-01-31`."""
        return nodes.Date(token.text, place)

    def time(self, place: Span, token: Token) -> nodes.Time:
        """Make `22:00`."""
        return nodes.Time(token.text, place)

    def instant(self, place: Span, token: Token) -> nodes.Instant:
        """Make `2026-01-31T10:00:00+01:00`."""
        return nodes.Instant(token.text, place)

    def duration(self, place: Span, token: Token) -> nodes.Duration:
        """Make `5m`."""
        return nodes.Duration(token.text, place)

    def age(self, place: Span, token: Token) -> nodes.Age:
        """Make `18Y`."""
        return nodes.Age(token.text, place)

    def size(self, place: Span, token: Token) -> nodes.Size:
        """Make `20MiB`."""
        return nodes.Size(token.text, place)

    def uid(self, place: Span, token: Token) -> nodes.Uid:
        """Make `1.2.840.10008.1.2`."""
        return nodes.Uid(token.text, place)

    def regex(self, place: Span, token: Token) -> nodes.Regex:
        """Make `/HEAD.*/` or `/HEAD.*/i`."""
        folded = token.text.endswith("i")
        return nodes.Regex(token.text[1 : -2 if folded else -1], folded, place)

    def range(self, place: Span, low: nodes.Literal, high: nodes.Literal) -> nodes.Range:
        """Make `low..high`."""
        return nodes.Range(low, high, place)

    def set_literal(self, place: Span, *elements: Element | None) -> nodes.SetLiteral:
        """Make `{ a, b }`; an empty one is given one part that is not there."""
        return nodes.SetLiteral(tuple(one for one in elements if one is not None), place)

    def secret(self, place: Span, text: Token) -> nodes.Secret:
        """Make `secret("...")`."""
        return nodes.Secret(self.written(text), place)

    # Paths --------------------------------------------------------------------------------------

    def path(self, place: Span, *steps: nodes.Step) -> nodes.Path:
        """Make `Modality`, `(0008,0060)`, `assoc.calling_ae`."""
        return nodes.Path(steps, place)

    def paths(self, _place: Span, *paths: nodes.Path) -> tuple[nodes.Path, ...]:
        """Make `path, path`."""
        return paths

    def step(self, place: Span, token: Token, position: Token | None) -> nodes.Step:
        """Make one step of a path."""
        if position is None:
            return nodes.Step(self.step_of(token, place), None, place)
        what = self.step_of(token, self.place(token))
        return nodes.Step(what, small(position.text), place)

    def step_of(self, token: Token, place: Span) -> nodes.Name | nodes.Tag | nodes.PrivateTag:
        """Make a keyword, a tag or a private tag."""
        if token.kind != TAG:
            return nodes.Name(token.text, place)
        inner = token.text[1:-1]
        if '"' not in inner:
            return nodes.Tag(inner, place)
        group, creator, element = inner[:4], inner[6:-4], inner[-2:]
        return nodes.PrivateTag(int(group, 16), creator, int(element, 16), place)

    def tag_value(self, place: Span, token: Token) -> nodes.Path:
        """Make `(0008,0060)` where a value is given."""
        return nodes.Path((nodes.Step(self.step_of(token, place), None, place),), place)
