"""A picture in Graphviz's DOT language."""

from collections.abc import Iterator

from roteiro.lang.graph.mermaid import all_ways
from roteiro.lang.graph.model import Card, Picture, Place

SHAPES = {"node": "box", "pool": "box3d", "queue": "cylinder"}
HEAD = """digraph rules {
  rankdir=LR; compound=true; fontname="monospace";
  node [fontname="monospace", shape=box]; edge [fontname="monospace"];"""


def dot(picture: Picture) -> str:
    """Give the text."""
    lines = [HEAD]
    for number, card in enumerate(picture.cards):
        lines += card_lines(number, card)
    lines += [place_line(place) for place in picture.places]
    lines += edges(picture)
    return "\n".join([*lines, "}"]) + "\n"


def quoted(*lines: str) -> str:
    """Write a text as DOT's quoted strings are, its lines below each other."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines if line)
    return '"' + "\\n".join(escaped) + '"'


def card_lines(number: int, card: Card) -> Iterator[str]:
    """Draw the guard or a table as a cluster of its rules."""
    yield f"  subgraph cluster_{number} {{ label={quoted(card.title, card.docs)};"
    for row in card.rows:
        bold = ", penwidth=3" if row.fired else ""
        label = quoted(row.name, row.docs, row.when, row.says)
        yield f"    {quoted(row.key)} [label={label}{bold}];"
    yield "  }"


def place_line(place: Place) -> str:
    """Draw a place by its kind."""
    bold = ", penwidth=3" if place.taken else ""
    label = quoted(place.title, place.detail, place.docs)
    return f"  {quoted(place.key)} [shape={SHAPES[place.kind]}, label={label}{bold}];"


def edges(picture: Picture) -> Iterator[str]:
    """Draw the ways."""
    for row, to, words, taken in all_ways(picture):
        bold = ", penwidth=3" if taken else ""
        yield f"  {quoted(row.key)} -> {quoted(to)} [label={quoted(words)}{bold}];"
    for place in picture.places:
        for member in place.members:
            yield f"  {quoted(place.key)} -> {quoted(member)} [style=dashed];"
    first = picture.cards[:1]
    if first and first[0].kind == "guard":
        for card in picture.cards[1:]:
            if card.rows:
                here, there = first[0].rows[-1].key, card.rows[0].key
                yield f"  {quoted(here)} -> {quoted(there)} [style=dotted];"
