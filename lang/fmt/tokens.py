"""The text of a rule file as tokens, each with the comments that belong to it."""

import re
from dataclasses import dataclass, field

SCAN = re.compile(
    r"""
    (\s*)  # what stands before
    (?:
      (?P<word>(?!i")[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>i?"(?:[^"\\\n]|\\.)*")
    | (?P<tag>\([0-9A-Fa-fxX]{4},(?:[0-9A-Fa-fxX]{4}|"[^"\n]+",[0-9A-Fa-f]{2})\))
    | (?P<mark>\.\.|==|!=|<=|>=|[{}()\[\]=,.:@<>]|\+(?![0-9]))
    | (?P<number>[-+]?[0-9](?:[A-Za-z0-9_:+-]|\.(?!\.))*)
    | (?P<comment>\#[^\n]*)
    | (?P<pattern>/(?:\\.|[^/\\\n])+/i?)
    | (?P<other>\S)
    )
    """,
    re.VERBOSE,
)
BYTE_ORDER_MARK = "\ufeff"
SUPPRESSION = re.compile(r"#\s*route:")
"""A comment that is about what stands on its line, so that its line must stay one."""
APART = 2
"""Line ends that make a blank line."""


@dataclass(slots=True)
class Choice:
    """Places of one list or chain where lines may end.

    `fill` breaks where a line is full; the others break everywhere or nowhere. Of those in a line
    that is too long the lowest `rank` is taken.
    """

    rank: tuple[int, int]
    fill: bool
    places: "list[Token]" = field(default_factory=list)
    column: int = 0
    """Where its lines begin; known once it has been written."""


@dataclass(slots=True, eq=False)
class Token:
    """A piece of text that is never changed."""

    kind: str
    text: str
    start: int
    number: int
    """Which of the tokens it is."""
    fresh: int
    """Ends of lines between it and what stands before it, comments included."""
    before: list[tuple[str, bool]]
    """Comments on lines of their own above it, and whether a blank line is above them."""
    trail: str = ""
    """The comment behind it on its line."""
    tied: bool = False
    """Whether its line ends with a suppression, so that no line may begin with it."""
    gap: int = 1
    """Spaces before it within a line."""
    pad: int = 0
    """More spaces before it, so that columns form."""
    broken: bool = False
    """Whether it begins a line."""
    edge: bool = False
    """Whether blank lines may stand above it and its comments."""
    apart: bool = False
    """Whether a blank line stands right above it."""
    column: int = 0
    """Where it was written last."""
    choice: Choice | None = None
    """The list or chain that lets a line begin with it."""
    anchor: bool = False
    """Whether the lines that follow begin below what comes next."""
    fields: bool = False
    """Whether it opens a list of assignments within a value."""

    @property
    def end(self) -> int:
        """The column behind it."""
        return self.column + len(self.text)


def scan(text: str) -> list[Token]:
    """Give the tokens of a text; an empty one at the end has the comments behind the last."""
    tokens: list[Token] = []
    above: list[tuple[str, bool]] = []
    at = int(text.startswith(BYTE_ORDER_MARK))
    for found in SCAN.finditer(text, at):
        fresh = found[1].count("\n")
        kind, (start, at) = found.lastgroup, found.span(found.lastgroup or 0)
        if kind != "comment":
            words = text[start:at]
            tokens.append(Token(kind or "other", words, start, len(tokens), fresh, above))
            above = []
        elif tokens and not fresh and not above:
            tokens[-1].trail = text[start:at].rstrip()
        else:
            above.append((text[start:at].rstrip(), fresh >= APART))
    tokens.append(Token("end", "", len(text), len(tokens), text.count("\n", at), above))
    for number, token in enumerate(tokens):
        if token.trail and SUPPRESSION.match(token.trail):
            tie(tokens, number)
    return tokens


def tie(tokens: list[Token], last: int) -> None:
    """Keep the line that ends with a token together."""
    while last >= 0 and not tokens[last].fresh and not tokens[last].before:
        tokens[last].tied = True
        last -= 1
