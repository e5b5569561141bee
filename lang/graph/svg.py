"""A picture as SVG, laid out here: rules in one column, places in another, ways between.

Letters of one width make the size of every text known, so that no label is cut and none lies on
another. What an object took is thick and black where the rest is thin: it shows without colour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape as escape_all
from unicodedata import combining, east_asian_width

from roteiro.lang.graph.model import Card, Picture, Place, Row

escape = partial(escape_all, quote=False)

SIZE, LINE, PAD, GAP = 13, 18, 10, 28
"""Of letters, from line to line, inside of boxes, between boxes; pixels."""
LETTER = 0.62 * SIZE
"""Width of a letter: a little more than monospaced fonts have, so that any of them fits."""
COLUMNS = 60
"""Letters of a line at most; longer texts are broken."""
GUTTER = 190
"""Between the two columns: the ways run here."""
MARGIN = 20
THIN, THICK = "#767676", "#000000"
STYLE = (
    f"text{{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:{SIZE}px;"
    "white-space:pre}.b{font-weight:bold}"
)


@dataclass(frozen=True, slots=True)
class Text:
    """A line of a box."""

    words: str
    bold: bool = False
    indent: int = 0

    @property
    def width(self) -> float:
        """How wide it is at most; letters of East Asia are two wide, marks over letters none."""
        wide = sum(
            0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1
            for char in self.words
        )
        return (wide + self.indent) * LETTER


@dataclass(frozen=True, slots=True)
class Box:
    """Lines in a rectangle."""

    key: str
    lines: tuple[Text, ...]
    thick: bool
    kind: str

    @property
    def height(self) -> float:
        """How high it is."""
        return len(self.lines) * LINE + 2 * PAD

    @property
    def width(self) -> float:
        """How wide its text is, and the space around it."""
        return max((line.width for line in self.lines), default=0) + 2 * PAD


def svg(picture: Picture) -> str:
    """Give the drawing."""
    return "\n".join(_Layout(picture).drawing()) + "\n"


def broken(words: str, columns: int = COLUMNS) -> list[str]:
    """Break a text into lines: between words, and a word that is too long within."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= columns:
            lines[-1] += f" {word}"
            continue
        lines += [word[at : at + columns] for at in range(0, len(word), columns)]
    return lines


def row_box(row: Row) -> Box:
    """Make the box of a rule."""
    told = [*broken(row.docs), *broken(f"when {row.when}" if row.when else ""), *broken(row.says)]
    for way in row.ways:
        kind, _, name = way.to.partition(":")
        target = f"queue {name}" if kind == "queue" else name
        told += broken(f"\u2192 {target}{f': {way.words}' if way.words else ''}")
    lines = (Text(row.name, bold=True), *(Text(line, indent=2) for line in told))
    return Box(row.key, lines, row.fired, "rule")


def place_box(place: Place) -> Box:
    """Make the box of a node, a pool or a queue."""
    title = f"queue {place.title}" if place.kind == "queue" else place.title
    lines = (*broken(title), *broken(place.detail), *broken(place.docs))
    texts = tuple(Text(line, bold=number == 0) for number, line in enumerate(lines))
    return Box(place.key, texts, place.taken, place.kind)


def head(card: Card) -> tuple[Text, ...]:
    """Give the lines above the rules of a card."""
    titles = [Text(line, bold=True) for line in broken(card.title)]
    return (*titles, *(Text(line) for line in broken(card.docs)))


class _Layout:
    """Where everything is."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.boxes = {row.key: row_box(row) for card in picture.cards for row in card.rows}
        self.places = {place.key: place_box(place) for place in picture.places}
        heads = [line.width for card in picture.cards for line in head(card)]
        self.left = max([*(box.width for box in self.boxes.values()), *heads, 200]) + 2 * PAD
        self.right = max([*(box.width for box in self.places.values()), 120])
        self.tops: dict[str, float] = {}
        self.frames: list[tuple[Card, float, float]] = []
        self.height = max(self.stack_cards(), self.stack_places())

    # Positions ----------------------------------------------------------------------------------

    def stack_cards(self) -> float:
        """Put cards below each other, rules inside of them; give where they end."""
        at: float = MARGIN
        for card in self.picture.cards:
            top = at
            at += len(head(card)) * LINE + PAD
            for row in card.rows:
                self.tops[row.key] = at
                at += self.boxes[row.key].height + PAD
            self.frames.append((card, top, at))
            at += GAP
        return at

    def stack_places(self) -> float:
        """Put places below each other, each near the rules that lead to it."""
        at: float = MARGIN
        for key in sorted(self.places, key=self.wanted):
            box = self.places[key]
            at = max(at, self.wanted(key) - box.height / 2)
            self.tops[key] = at
            at += box.height + GAP
        return at

    def wanted(self, key: str) -> float:
        """Give the height at which a place would have the shortest ways."""
        pools = [place.key for place in self.picture.places if key in place.members]
        keys = {key, *pools}
        middles = [
            self.middle(row.key)
            for card in self.picture.cards
            for row in card.rows
            for way in row.ways
            if way.to in keys
        ]
        return sum(middles) / len(middles) if middles else 0.0

    def middle(self, key: str) -> float:
        """Give the height of the middle of a box."""
        box = self.boxes.get(key) or self.places[key]
        return self.tops[key] + box.height / 2

    @property
    def second(self) -> float:
        """Where the second column begins."""
        return MARGIN + self.left + GUTTER

    # Drawing ------------------------------------------------------------------------------------

    def drawing(self) -> Iterator[str]:
        """Give the lines of the document: ways first, so that boxes lie on them."""
        width = self.second + self.right + 3 * MARGIN + 20
        size = f'width="{width:.0f}" height="{self.height:.0f}"'
        box = f'viewBox="0 0 {width:.0f} {self.height:.0f}"'
        yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img">'
        yield f"<style>{STYLE}</style>"
        yield '<rect width="100%" height="100%" fill="#ffffff"/>'
        yield from self.heads()
        ways = sorted(self.ways(), key=lambda way: way[2])
        yield from (self.curve(*way) for way in ways)
        yield from self.members()
        for number, (card, top, end) in enumerate(self.frames):
            yield from self.frame(number, card, top, end)
        for key, shape in self.boxes.items():
            yield from self.rectangle(shape, MARGIN + PAD, self.tops[key], self.left - 2 * PAD)
        for key, shape in self.places.items():
            yield from self.rectangle(shape, self.second, self.tops[key], self.right)
        yield "</svg>"

    def heads(self) -> Iterator[str]:
        """Define the heads of arrows, one a colour."""
        yield "<defs>"
        for name, colour in (("thin", THIN), ("thick", THICK)):
            yield (
                f'<marker id="{name}" viewBox="0 0 10 10" refX="10" refY="5" markerUnits='
                f'"userSpaceOnUse" markerWidth="11" markerHeight="11" orient="auto">'
                f'<path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
            )
        yield "</defs>"

    def ways(self) -> Iterator[tuple[str, str, bool]]:
        """Give every way."""
        for card in self.picture.cards:
            for row in card.rows:
                yield from ((row.key, way.to, way.taken) for way in row.ways)

    def curve(self, origin: str, to: str, taken: bool) -> str:  # noqa: FBT001
        """Draw a way through the gutter."""
        begin, end = MARGIN + self.left - PAD, self.second
        top, bottom = self.middle(origin), self.middle(to)
        bend = GUTTER / 2
        path = f"M{begin:.0f} {top:.0f}C{begin + bend:.0f} {top:.0f} {end - bend:.0f} {bottom:.0f} "
        return f'<path d="{path}{end:.0f} {bottom:.0f}" fill="none" {stroke(taken=taken)}/>'

    def members(self) -> Iterator[str]:
        """Draw from pools to their nodes, on the outer side."""
        edge = self.second + self.right
        for place in self.picture.places:
            for member in place.members:
                top, bottom, out = self.middle(place.key), self.middle(member), edge + 45
                path = f"M{edge:.0f} {top:.0f}C{out:.0f} {top:.0f} {out:.0f} {bottom:.0f} "
                dashes = 'stroke-dasharray="5 4"'
                yield (
                    f'<path d="{path}{edge:.0f} {bottom:.0f}" fill="none" {dashes} '
                    f"{stroke(taken=False)}/>"
                )

    def frame(self, number: int, card: Card, top: float, end: float) -> Iterator[str]:
        """Draw what is around the rules of a card, and the arrow from the guard down."""
        if number == 0 and card.kind == "guard" and len(self.frames) > 1:
            x = MARGIN + self.left / 2
            passed = any(row.fired and row.says == "pass" for row in card.rows)
            down = f"M{x:.0f} {end:.0f}V{self.frames[1][1]:.0f}"
            yield f'<path d="{down}" {stroke(taken=passed)}/>'
        yield (
            f'<rect x="{MARGIN}" y="{top:.0f}" width="{self.left:.0f}" '
            f'height="{end - top:.0f}" rx="6" fill="none" stroke="#000000"/>'
        )
        for place, line in enumerate(head(card), 1):
            yield text(line, MARGIN + PAD, top + place * LINE)

    def rectangle(self, box: Box, x: float, top: float, width: float) -> Iterator[str]:
        """Draw a box and its text; corners tell kinds apart."""
        weight = 3 if box.thick else 1
        round_corners = {"queue": 14, "pool": 0, "node": 4}.get(box.kind, 2)
        dashes = ' stroke-dasharray="6 3"' if box.kind == "pool" else ""
        yield f"<g><title>{escape(box.key)}</title>"
        yield (
            f'<rect x="{x:.0f}" y="{top:.0f}" width="{width:.0f}" height="{box.height:.0f}" '
            f'rx="{round_corners}" fill="#ffffff" stroke="#000000" '
            f'stroke-width="{weight}"{dashes}/>'
        )
        for number, line in enumerate(box.lines):
            yield text(line, x + PAD, top + PAD + number * LINE + SIZE)
        yield "</g>"


def stroke(*, taken: bool) -> str:
    """Say how a line is drawn."""
    colour, weight, head = (THICK, 3, "thick") if taken else (THIN, 1, "thin")
    return f'stroke="{colour}" stroke-width="{weight}" marker-end="url(#{head})"'


def text(line: Text, x: float, y: float) -> str:
    """Draw a line of text."""
    bold = ' class="b"' if line.bold else ""
    at = x + line.indent * LETTER
    return f'<text x="{at:.0f}" y="{y:.0f}"{bold}>{escape(printable(line.words))}</text>'


def printable(words: str) -> str:
    """Replace what XML cannot hold."""
    return "".join(char if char.isprintable() else "\ufffd" for char in words)
