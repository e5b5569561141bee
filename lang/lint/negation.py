"""RT212: a `not` that holds where an attribute is blank, which is seldom meant.

A comparison is false of what is blank, so its negation is true. Asked of each `not`: does it turn a
comparison of an element around, with nobody asking in the same `and` whether the element is there?
`any S has (...)` is such a comparison; what stands in its parentheses is looked at by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from roteiro.lang import dictionary, nodes
from roteiro.lang.items import NESTING
from roteiro.lang.lint.program import Program
from roteiro.lang.report import hint
from roteiro.lang.source import Span

WEAK = "no"
"""The quantifier of a comparison that is true of what is blank, and meant so."""
NEVER_BLANK = frozenset(("assoc", "instance", "clock"))
"""What is known besides the data set."""
COUNT = "count"
"""It has a value, zero, where the element is blank, so its negation holds there by what it says."""
Attribute = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a condition stands."""

    negation: Span | None = None
    """The nearest `not` around it."""
    negative: bool = False
    """Whether an odd number of `not` is around it."""
    guarded: frozenset[Attribute] = frozenset()
    """Attributes whose state is asked beside it."""


def look(program: Program) -> None:
    """Report, for each `not`, the first attribute whose absence makes it hold."""
    reported: set[Span] = set()
    for each in program.stated:
        search = Search(program.names.conditions)
        for negation, path in search.found(each.condition, Place()):
            if negation in reported:
                continue
            reported.add(negation)
            name = program.report.text(path.span)
            program.report.add(
                "RT212",
                negation,
                "not_covers_blank",
                help=hint("not_covers_blank_help", name=name),
                name=name,
            )


class Search:
    """Looks through one condition, the definitions of its `@names` included, each once a sign."""

    def __init__(self, conditions: Mapping[str, nodes.ConditionItem]) -> None:
        """Look names up in `conditions`."""
        self.conditions = conditions
        self.seen: set[tuple[str, Place]] = set()

    def found(
        self, part: nodes.Condition, place: Place, depth: int = 0
    ) -> Iterator[tuple[Span, nodes.Path]]:
        """Give the `not` and the path of each comparison that holds where the path is blank."""
        if depth > 2 * NESTING:
            return
        if isinstance(part, nodes.Comparison | nodes.SequenceTest):
            if place.negation is not None and covers_blank(part, place):
                yield place.negation, part.path
            if isinstance(part, nodes.SequenceTest):
                yield from self.found(part.condition, Place(), depth + 1)
        elif isinstance(part, nodes.ConditionRef):
            yield from self.named(part, place, depth)
        elif isinstance(part, nodes.Not):
            inner = Place(part.span, not place.negative, place.guarded)
            yield from self.found(part.part, inner, depth + 1)
        elif isinstance(part, nodes.And | nodes.Or):
            states = frozenset(one for each in part.parts for one in asked(each))
            inner = Place(place.negation, place.negative, place.guarded | states)
            for each in part.parts:
                yield from self.found(each, inner, depth + 1)

    def named(
        self, part: nodes.ConditionRef, place: Place, depth: int
    ) -> Iterator[tuple[Span, nodes.Path]]:
        """Look into a definition for the `not` that stands outside of it; those in it are its."""
        item = self.conditions.get(part.name.text)
        if item is None or not place.negative or (part.name.text, place) in self.seen:
            return
        self.seen.add((part.name.text, place))
        for negation, path in self.found(item.condition, place, depth + 1):
            if negation == place.negation:
                yield negation, path


def covers_blank(part: nodes.Comparison | nodes.SequenceTest, place: Place) -> bool:
    """Whether a comparison, with the signs around it, holds where its element is blank."""
    if isinstance(part, nodes.Comparison) and part.function == COUNT:
        return False
    attribute = attribute_of(part.path)
    turned = place.negative and part.quantifier != WEAK
    return turned and attribute is not None and attribute not in place.guarded


def asked(part: nodes.Condition) -> Iterator[Attribute]:
    """Give the attribute whose state a part asks, if it does."""
    while isinstance(part, nodes.Not):
        part = part.part
    if isinstance(part, nodes.StateTest) and (attribute := attribute_of(part.path)) is not None:
        yield attribute


def attribute_of(path: nodes.Path) -> Attribute | None:
    """Give the element of a path in a form that can be compared; nothing for the envelope.

    A component or a position of an element is the element: it is blank where that is.
    """
    first = path.steps[0].what
    if isinstance(first, nodes.Name) and first.text in NEVER_BLANK:
        return None
    found: list[object] = []
    for step in path.steps:
        if isinstance(step.what, nodes.Name):
            if step.what.text[:1].islower():
                break
            found.append(keyed(step.what))
        elif isinstance(step.what, nodes.Tag):
            found.append(step.what.digits.upper().replace(" ", ""))
        else:
            found.append((step.what.group, step.what.creator, step.what.element))
        if step is not path.steps[-1] and step.position is not None:
            found.append(step.position)
    return tuple(found)


def keyed(name: nodes.Name) -> str:
    """Give the tag of a keyword, as its digits; the keyword when it has none."""
    found = dictionary.by_keyword(name.text)
    return f"{found.tag >> 16:04X},{found.tag & 0xFFFF:04X}" if found else name.text
