"""What of an object a program can depend on (docs/reading.md, 1).

A `Level` says what is tested of one data set: of the whole object, or of the items of a sequence.
All that is asked of the same sequence, by steps or inside `has`, is asked of one level.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import normalize

from roteiro.core.program import (
    EveryItem,
    Field,
    Inside,
    Program,
    SomeItem,
    Source,
    Test,
    ValueType,
    View,
)
from roteiro.core.vrs import (
    BY_CHARACTER_SET,
    CHARACTER_SET,
    NOT_READ,
    PIXEL_REPRESENTATION,
    TIMEZONE,
    default_vr,
    expected,
)

Key = tuple[int, str]
"""A tested element: its tag and, when it is private, its creator; the tag is then without block."""


@dataclass(slots=True)
class Entry:
    """A tested element of a level."""

    is_read: bool = False
    """Whether the value is read, and so limited, where no VR is sent."""
    inner: "Level | None" = None
    """What is tested of its items; `None` when nobody asks for them."""


@dataclass(slots=True)
class Level:
    """What is tested of one data set."""

    entries: dict[Key, Entry] = field(default_factory=dict)
    has_text: bool = False
    """Whether something here, or in items that inherit it, is decoded by the character set."""
    has_signed: bool = False
    """The same of Pixel Representation."""

    @property
    def last(self) -> int:
        """The greatest tag that can be tested; -1 without any."""
        return max((last_tag(key) for key in self.entries), default=-1)

    def add(self, key: Key, vr: str) -> Entry:
        """Note a tested element and the VR that it has where none is sent."""
        entry = self.entries.setdefault(key, Entry())
        entry.is_read |= default_vr(vr) not in NOT_READ
        return entry

    def inside(self, key: Key) -> "Level":
        """Give the level of the items of a sequence."""
        entry = self.entries.setdefault(key, Entry())
        if entry.inner is None:
            entry.inner = Level()
        return entry.inner

    def shared(self, keys: list[Key]) -> "Level":
        """Give the one level of the items of some sequences: repeating groups have the same."""
        first, *others = (self.inside(key) for key in keys)
        for key, other in zip(keys[1:], others, strict=True):
            first.merge(other)
            self.entries[key].inner = first
        return first

    def merge(self, other: "Level") -> None:
        """Note what another level notes."""
        if other is self:
            return
        self.has_text |= other.has_text
        self.has_signed |= other.has_signed
        for key, entry in other.entries.items():
            mine = self.entries.setdefault(key, entry)
            mine.is_read |= entry.is_read
            if mine.inner is None:
                mine.inner = entry.inner
            elif entry.inner is not None:
                mine.inner.merge(entry.inner)


def key_of(tag: int, creator: str) -> Key:
    """Give the key of a tag; creators are compared as NFC (11.2)."""
    return tag, normalize("NFC", creator)


def last_tag(key: Key) -> int:
    """Give the greatest tag that a tested element may have."""
    tag, creator = key
    return tag | 0xFF00 if creator else tag


def tags_of(item: Field) -> list[int]:
    """Give the tags that a field stands for: those of all repeating groups, or one."""
    if not item.repeating:
        return [item.tag]
    return [item.tag + (number << 17) for number in range(16)]


def tested(program: Program) -> Level:
    """Give what is tested of a whole object."""
    top = Level()
    _add_scope(top, program.fields, program.tests)
    if any(item.type is ValueType.INSTANT for item in _all_fields(program.fields, program.tests)):
        top.add((TIMEZONE, ""), "SH")
    _inherit(top)
    return top


def keys_of(item: Field) -> list[Key]:
    """Give what a field mentions where its way ends."""
    return [key_of(tag, item.creator) for tag in tags_of(item)]


def _add_scope(level: Level, fields: tuple[Field, ...], tests: tuple[Test, ...]) -> None:
    """Note what the fields of a scope read (1.1), and what their tests ask of items."""
    for item in fields:
        if item.source is Source.ELEMENT:
            _add_field(_end_of_way(level, item), item)
    for number, inside in _insides(tests):
        end = _end_of_way(level, fields[number])
        _add_scope(end.shared(keys_of(fields[number])), inside.fields, inside.tests)


def _insides(tests: tuple[Test, ...]) -> Iterator[tuple[int, Inside]]:
    for test in tests:
        if isinstance(test, SomeItem | EveryItem):
            yield test.field, test.inside


def _end_of_way(level: Level, item: Field) -> Level:
    """Give the level that the steps of a field lead to."""
    for step in item.steps:
        if step.creator:
            level.has_text = True
        level = level.inside(key_of(step.tag, step.creator))
    return level


def _add_field(level: Level, item: Field) -> None:
    for key in keys_of(item):
        level.add(key, item.vr)
        if asks_for_items(item):
            level.inside(key)
    level.has_text |= bool(item.creator) or item.vr in BY_CHARACTER_SET
    level.has_signed |= "US or SS" in item.vr


def asks_for_items(item: Field) -> bool:
    """Tell whether a field asks for the items of a sequence by itself (1.5)."""
    return (item.view is View.COUNT or item.position > 0) and "SQ" in expected(item)


def _inherit(top: Level) -> None:
    """Test at each level what the items of its sequences are handed down (1.2, 1.3)."""
    levels = [top]
    for level in levels:  # it grows
        inner = [entry.inner for entry in level.entries.values() if entry.inner is not None]
        levels += [each for each in inner if not any(each is known for known in levels)]
    for level in reversed(levels):
        for key, entry in list(level.entries.items()):
            if entry.inner is not None:
                level.has_text |= entry.inner.has_text and last_tag(key) > CHARACTER_SET
                level.has_signed |= entry.inner.has_signed and last_tag(key) > PIXEL_REPRESENTATION
        if level.has_text:
            level.add((CHARACTER_SET, ""), "CS")
        if level.has_signed:
            level.add((PIXEL_REPRESENTATION, ""), "US")


def _all_fields(fields: tuple[Field, ...], tests: tuple[Test, ...]) -> Iterator[Field]:
    yield from fields
    for _, inside in _insides(tests):
        yield from _all_fields(inside.fields, inside.tests)


def reads_size(program: Program) -> bool:
    """Tell whether the program wants the size of the data set, known only at its end."""
    return any(
        item.source is Source.ENVELOPE and item.name == "size"
        for item in _all_fields(program.fields, program.tests)
    )
