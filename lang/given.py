"""The object that a test gives, as a tree: values as they are written, valid or not.

Text that is not ASCII is UTF-8 unless the test gives a Specific Character Set. A private element
gets a block of its creator, reserved in the order in which creators are named.
"""

from collections.abc import Iterable, Sequence

from roteiro.lang.charset import Charset
from roteiro.lang.raw import CHARACTER_SET
from roteiro.lang.tested import BLOCKS
from roteiro.lang.texts_of_values import codec_of, packed, padded
from roteiro.lang.tree import DataSet, Node, terms_of
from roteiro.lang.typed import Assigned
from roteiro.lang.vrs import BULK, CHARSET_VRS, NUMBERS, SHORT, UNSPLIT

UTF_8 = "ISO_IR 192"
SHORT_LIMIT = 0xFFFE
"""Bytes of a value whose length has 16 bits."""


class Unwritable(Exception):  # noqa: N818  it says what the value is
    """A given value has no place in its VR."""

    def __init__(self, given: Assigned) -> None:
        """Keep what was given."""
        super().__init__()
        self.given = given


def object_of(given: list[Assigned]) -> DataSet:
    """Make the object of a test."""
    terms = next((each.values for each in given if each.field.tag == CHARACTER_SET), None)
    data_set = data_set_of(given, codec_of(terms or ()) if terms is not None else "utf_8")
    if terms is None and not all(text.isascii() for text in texts_of(given)):
        data_set[CHARACTER_SET] = Node("CS", UTF_8.encode("ascii"))
    return data_set


def replaced(data_set: DataSet, given: list[Assigned]) -> DataSet:
    """Put what a test gives over the object of a file.

    In that object's character set, if it has all that is given; else the whole object becomes
    UTF-8, which changes no text of it.
    """
    asked = next((each.values or () for each in given if each.field.tag == CHARACTER_SET), None)
    codec = codec_of(terms_of(data_set) if asked is None else asked)
    if not all(fits(text, codec) for text in texts_of(given)):
        codec = "utf_8"
        if asked is None:
            recode(data_set, ("",))
            data_set[CHARACTER_SET] = Node("CS", UTF_8.encode("ascii"))
    for each in given:
        tag = tag_of(each, data_set, codec)
        data_set.pop(tag, None)
        if each.values is not None:
            data_set[tag] = node_of(each, codec)
    return data_set


def recode(data_set: DataSet, around: tuple[str, ...], kept: Sequence[DataSet] = ()) -> None:
    """Write every text as UTF-8, at every level but those of items that are `kept`."""
    terms = terms_of(data_set) or around
    data_set.pop(CHARACTER_SET, None)
    for node in data_set.values():
        if node.vr in CHARSET_VRS:
            text = Charset(terms).value(node.value, node.vr)
            node.value = padded(text.encode("utf_8"), b" ")
        for item in node.items or ():
            if not any(item is one for one in kept):
                recode(item, terms, kept)


def fits(text: str, codec: str) -> bool:
    """Say whether a codec has all characters of a text."""
    return text.encode(codec, "ignore").decode(codec) == text


def texts_of(given: Iterable[Assigned]) -> Iterable[str]:
    """Give all texts, of every level, creators included."""
    for each in given:
        yield each.field.creator
        yield from each.values or ()
        for item in each.items or ():
            yield from texts_of(item)


def data_set_of(given: Iterable[Assigned], codec: str) -> DataSet:
    """Make one level."""
    data_set: DataSet = {}
    for each in given:
        if each.values is not None:
            data_set[tag_of(each, data_set, codec)] = node_of(each, codec)
    return data_set


def tag_of(given: Assigned, data_set: DataSet, codec: str) -> int:
    """Give the tag of an element; the block of a private one is reserved when it is the first."""
    field = given.field
    if not field.creator:
        return field.tag
    creator = padded(field.creator.encode(codec, "replace"), b" ")
    group = field.tag & 0xFFFF0000
    for block in BLOCKS:
        if data_set.setdefault(group | block, Node("LO", creator)).value == creator:
            return field.tag | block << 8
    raise Unwritable(given)


def node_of(given: Assigned, codec: str) -> Node:
    """Write one element."""
    vr, values = written_vr(given), given.values or ()
    if given.items is not None:
        return Node("SQ", items=[data_set_of(item, codec) for item in given.items])
    if vr in NUMBERS or vr == "AT":
        return Node(vr, packed(values, vr, lambda: Unwritable(given)))
    if vr in BULK:
        return Node(vr, padded("\\".join(values).encode("utf_8", "replace"), b"\0"))
    if len(values) > 1 and vr in UNSPLIT:
        raise Unwritable(given)
    raw = padded("\\".join(values).encode(codec, "replace"), b"\0" if vr == "UI" else b" ")
    if vr in SHORT and len(raw) > SHORT_LIMIT:
        raise Unwritable(given)
    return Node(vr, raw)


def written_vr(given: Assigned) -> str:
    """Give the VR to write where the dictionary leaves a choice."""
    vr = given.field.vr
    if vr == "US or SS":
        return "SS" if any(value.startswith("-") for value in given.values or ()) else "US"
    return vr.rpartition(" or ")[2]
