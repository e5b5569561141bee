"""RT212: a `not` that holds where an attribute is blank, which is seldom meant.

A comparison is false of what is blank, so its negation is true. Asked of each `not`: does it turn a
comparison of an element around, with nobody asking in the same `and` whether the element is there?
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from roteiro.lang import dictionary, nodes
from roteiro.lang.items import NESTING
from roteiro.lang.report import Report, hint
from roteiro.lang.source import Span

WEAK = "no"
"""The quantifier of a comparison that is true of what is blank, and meant so."""
Attribute = int | str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a condition stands."""

    negation: Span | None = None
    """The nearest `not` around it."""
    negative: bool = False
    """Whether an odd number of `not` is around it."""
    guarded: frozenset[Attribute] = frozenset()
    """Attributes whose state is asked beside it."""


def look(file: nodes.File, conditions: Mapping[str, nodes.ConditionItem], report: Report) -> None:
    """Report, for each `not`, the first attribute whose absence makes it hold."""
    reported: set[Span] = set()
    for condition in written(file):
        for negation, path in Search(conditions).found(condition, Place()):
            if negation in reported:
                continue
            reported.add(negation)
            name = report.source.text[path.span.start : path.span.end]
            report.add(
                "RT212",
                negation,
                "not_covers_blank",
                help=hint("not_covers_blank_help", name=name),
                name=name,
            )


def written(file: nodes.File) -> Iterator[nodes.Condition]:
    """Give the conditions of a file: those with a name, and those of rules."""
    for item in file.items:
        if isinstance(item, nodes.ConditionItem):
            yield item.condition
        elif isinstance(item, nodes.Table | nodes.Guard):
            yield from (rule.condition for rule in item.rules if rule.condition is not None)


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
        if isinstance(part, nodes.Comparison):
            if place.negation is not None and covers_blank(part, place):
                yield place.negation, part.path
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
        """Look into a definition for the `not` that stands outside of it."""
        item = self.conditions.get(part.name.text)
        if item is None or not place.negative or (part.name.text, place) in self.seen:
            return
        self.seen.add((part.name.text, place))
        yield from self.found(item.condition, place, depth + 1)


def covers_blank(part: nodes.Comparison, place: Place) -> bool:
    """Whether a comparison, with the signs around it, holds where its element is blank."""
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
    """Give the tag of an element of the data set; nothing for the envelope."""
    if len(path.steps) != 1:
        return None
    what = path.steps[0].what
    if isinstance(what, nodes.Tag):
        return what.group << 16 | what.element
    found = dictionary.by_keyword(what.text) if isinstance(what, nodes.Name) else None
    return found.tag if found else None
