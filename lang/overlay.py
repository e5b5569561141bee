"""What words give (`lang.words`), put over an object: whole attributes, and attributes of items."""

from collections.abc import Sequence
from dataclasses import dataclass

from roteiro.core.program import Field, Source, ValueType
from roteiro.lang.elements import Damaged
from roteiro.lang.given import (
    UTF_8,
    Unwritable,
    fits,
    node_of,
    recode,
    tag_of,
    texts_of,
    written_vr,
)
from roteiro.lang.raw import CHARACTER_SET
from roteiro.lang.texts_of_values import codec_of, padded
from roteiro.lang.tree import DataSet, Node, items_of, terms_of
from roteiro.lang.typed import Assigned
from roteiro.lang.vrs import BULK


class MissingItem(Exception):  # noqa: N818  it says which item is not there
    """A word gives a part of an item that the object does not have."""

    def __init__(self, given: Assigned, there: int) -> None:
        """Keep what was given, and how many items there are."""
        super().__init__()
        self.given = given
        self.there = there


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element goes: its data set, and the character set that is in force there."""

    data_set: DataSet
    terms: tuple[str, ...]

    @property
    def codec(self) -> str:
        return codec_of(self.terms)


def overlaid(data_set: DataSet, given: Sequence[Assigned]) -> DataSet:
    """Put elements over an object; those of the envelope are not ours.

    Character sets come first: that of the object, then those of items. The rest is written in the
    character set of its place, if that has all that is given; else the object becomes UTF-8, which
    changes no text of it, unless its character set is given, too. Items whose character set is
    given keep it. An item may be the next one after those that are there. `MissingItem` when it is
    a later one, `Unwritable` when a value has no place in its VR, or in its character set.
    """
    elements = [each for each in given if each.field.source is Source.ELEMENT]
    sets = [each for each in elements if each.field.tag == CHARACTER_SET]
    rest = [each for each in elements if each.field.tag != CHARACTER_SET]
    sets.sort(key=lambda each: len(each.field.steps))
    own = [_put(each, _place_of(each, data_set)) for each in sets]
    open_to_change = all(each.field.steps for each in sets)
    if open_to_change and not all(_fit(each, _place_of(each, data_set)) for each in rest):
        recode(data_set, ("",), [one for one in own if terms_of(one)])
        data_set[CHARACTER_SET] = Node("CS", UTF_8.encode("ascii"))
    for each in rest:
        place = _place_of(each, data_set)
        if not _fit(each, place):
            raise Unwritable(each)
        _put(each, place)
    return data_set


def _fit(given: Assigned, place: _Place) -> bool:
    plain = written_vr(given) in BULK and not given.field.creator
    return plain or all(fits(text, place.codec) for text in texts_of([given]))


def _place_of(given: Assigned, data_set: DataSet) -> _Place:
    """Go down to the item in which an element stands; make the next item of a sequence."""
    terms = terms_of(data_set)
    for step in given.field.steps:
        on_the_way = Field(Source.ELEMENT, ValueType.SEQUENCE, step.tag, "SQ", creator=step.creator)
        tag = tag_of(Assigned(on_the_way, (), given.span), data_set, codec_of(terms))
        items = _items(given, data_set, tag)
        if step.item > len(items) + 1:
            raise MissingItem(given, len(items))
        if step.item == len(items) + 1:
            items.append({})
        data_set = items[step.item - 1]
        terms = terms_of(data_set) or terms
    return _Place(data_set, terms)


def _items(given: Assigned, data_set: DataSet, tag: int) -> list[DataSet]:
    """Give the items of a sequence, which may have come as UN; what is none is refused."""
    node = data_set.get(tag, Node("UN"))
    if node.items is None:
        data_set[tag] = node = Node("SQ", items=_sent_as_un(given, node))
    assert node.items is not None
    return node.items


def _sent_as_un(given: Assigned, node: Node) -> list[DataSet]:
    """Read the items of a sequence that came without its VR (PS3.5 6.2.2)."""
    if node.vr != "UN":
        raise Unwritable(given)
    try:
        return items_of(node.value)
    except Damaged:
        raise Unwritable(given) from None


def _put(given: Assigned, place: _Place) -> DataSet:
    """Put one element in its place; give the data set that it is in."""
    tag = tag_of(given, place.data_set, place.codec)
    if given.values is None:
        place.data_set.pop(tag, None)
    else:
        place.data_set[tag] = _node(given, place.codec)
    return place.data_set


def _node(given: Assigned, codec: str) -> Node:
    """Write one element; a private one is UN and reads as what it is compared with."""
    if given.field.creator and given.field.vr == "UN":
        text = "\\".join(given.values or ())
        return Node("UN", padded(text.encode(codec, "replace"), b" "))
    return node_of(given, codec)
