"""A picture as Mermaid's flowchart text."""

from collections.abc import Iterator

from roteiro.lang.graph.model import Card, Picture, Place, Row

SHAPES = {"node": ("[", "]"), "pool": ("[[", "]]"), "queue": ("[(", ")]")}
TAKEN = "stroke-width:4px"
"""How what an object took is drawn: thicker, so that it shows without colour."""


def mermaid(picture: Picture) -> str:
    """Give the text."""
    names = Names()
    lines = ["flowchart LR", *guard_link(picture, names)]
    for card in picture.cards:
        lines += card_lines(card, names)
    lines += [f"  {names.of(place.key)}{shape(place)}" for place in picture.places]
    lines += ways(picture, names)
    return "\n".join(lines) + "\n"


class Names:
    """Short names for what is drawn: keys of the language may be words of Mermaid."""

    def __init__(self) -> None:
        """Begin without any."""
        self.known: dict[str, str] = {}

    def of(self, key: str) -> str:
        """Give the name of a key."""
        return self.known.setdefault(key, f"n{len(self.known)}")


def quoted(*lines: str) -> str:
    """Write a label; what Mermaid would read as markup becomes an entity."""
    texts = [
        "".join(char if char.isalnum() or char in " _.,-:/" else f"#{ord(char)};" for char in line)
        for line in lines
        if line
    ]
    return f'"{"<br/>".join(texts)}"'


def card_lines(card: Card, names: Names) -> Iterator[str]:
    """Draw the guard or a table as a box around its rules."""
    yield f"  subgraph {names.of(card.key)}[{quoted(card.title, card.docs)}]"
    yield "    direction TB"
    for row in card.rows:
        yield f"    {names.of(row.key)}[{quoted(row.name, row.docs, row.when, row.says)}]"
    yield "  end"


def shape(place: Place) -> str:
    """Draw a place by its kind."""
    begin, end = SHAPES[place.kind]
    return f"{begin}{quoted(place.title, place.detail, place.docs)}{end}"


def guard_link(picture: Picture, names: Names) -> Iterator[str]:
    """Lead from the guard to the tables."""
    keys = [card.key for card in picture.cards]
    if keys[:1] == ["guard"]:
        yield from (f"  {names.of('guard')} --> {names.of(key)}" for key in keys[1:])


def ways(picture: Picture, names: Names) -> Iterator[str]:
    """Draw the ways, and make those that an object took thick."""
    thick: list[str] = []
    for row, to, words, taken in all_ways(picture):
        arrow = "==>" if taken else "-->"
        label = f"|{quoted(words)}|" if words else ""
        yield f"  {names.of(row.key)} {arrow}{label} {names.of(to)}"
        thick += [names.of(row.key), names.of(to)] if taken else []
    for place in picture.places:
        yield from (f"  {names.of(place.key)} -.-> {names.of(each)}" for each in place.members)
    thick += [names.of(row.key) for card in picture.cards for row in card.rows if row.fired]
    yield from (f"  style {name} {TAKEN}" for name in dict.fromkeys(thick))


def all_ways(picture: Picture) -> Iterator[tuple[Row, str, str, bool]]:
    """Give every way with its rule."""
    for card in picture.cards:
        for row in card.rows:
            for way in row.ways:
                yield row, way.to, way.words, way.taken
