"""What of an object a program mentions, level by level (docs/reading.md 1, 11.1 and 12)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from roteiro.core.program import Field, Source, Step, ValueType, View
from roteiro.lang.raw import CHARACTER_SET, PIXEL_REPRESENTATION, TIMEZONE_OFFSET
from roteiro.lang.typed import And, Compare, Condition, Constant, Has, IsState, Not, Or
from roteiro.lang.vrs import CHARSET_VRS, expected

BLOCKS = range(0x10, 0x100)
"""The private blocks of a group (PS3.5 7.8.1)."""
Private = tuple[int, str]
"""A private element without its block: (group << 16) | low byte, and the creator."""


@dataclass(slots=True)
class Level:
    """What is mentioned of one data set: the whole object, or the items of one sequence."""

    plain: dict[int, set[str]] = field(default_factory=dict)
    """Tested tags, each with the VRs of the fields that mention it."""
    private: dict[Private, set[str]] = field(default_factory=dict)
    """The same of private elements; in which block they are, each object says."""
    opened: "dict[int | Private, Level]" = field(default_factory=dict)
    """The sequences whose items are asked for, with what is asked of them."""

    @classmethod
    def of(cls, tags: Mapping[int, str]) -> Self:
        """Make a level of plain tags, each with the dictionary's VR."""
        return cls({tag: {vr} for tag, vr in tags.items()})

    @property
    def last(self) -> int:
        """The greatest tested tag, L; -1 without any (1.4, 11.1)."""
        groups = (tag | 0xFF00 for tag, _ in self.private)
        return max([*self.plain, *groups], default=-1)

    def mention(self, wanted: Field, *, items: bool = False) -> "list[Level]":
        """Take a field in; give the levels of its items when they are asked for, as by `has`."""
        level = self
        for step in wanted.steps:
            level = level.step(step)
        keys = keys_of(wanted)
        for key in keys:
            level.add(key, wanted.vr)
        return [level.open(key) for key in keys] if items or counts_items(wanted) else []

    def step(self, step: Step) -> "Level":
        """Go down one step of a path."""
        key: int | Private = (step.tag, step.creator) if step.creator else step.tag
        self.add(key, "SQ")
        return self.open(key)

    def add(self, key: int | Private, vr: str) -> None:
        """Make an element tested."""
        if isinstance(key, int):
            self.plain.setdefault(key, set()).add(vr)
        else:
            self.private.setdefault(key, set()).add(vr)

    def open(self, key: int | Private) -> "Level":
        """Give the level of a sequence's items."""
        return self.opened.setdefault(key, Level())

    def complete(self) -> None:
        """Add what decoding needs, here and in items (1.2, 1.3, 11.1)."""
        for inner in self.opened.values():
            inner.complete()
        vrs = set().union(*self.plain.values(), *self.private.values())
        if self.private or vrs & CHARSET_VRS or self.inherited(CHARACTER_SET):
            self.add(CHARACTER_SET, "CS")
        if any("US or SS" in vr for vr in vrs) or self.inherited(PIXEL_REPRESENTATION):
            self.add(PIXEL_REPRESENTATION, "US")
        for tag, _ in list(self.private):
            for block in BLOCKS:
                self.add(tag >> 16 << 16 | block, "LO")

    def inherited(self, tag: int) -> bool:
        """Whether items behind this element need it."""
        return any(
            tag in inner.plain and (key if isinstance(key, int) else key[0] | 0x1000) > tag
            for key, inner in self.opened.items()
        )


def keys_of(wanted: Field) -> list[int | Private]:
    """Say under what a field's elements are found; of a repeating group there are 16 (12)."""
    if wanted.creator:
        return [(wanted.tag, wanted.creator)]
    if wanted.repeating:
        return [wanted.tag + (place << 17) for place in range(16)]
    return [wanted.tag]


def counts_items(wanted: Field) -> bool:
    """Say whether a field asks for the items of a sequence by itself (1.5)."""
    counts = wanted.view is View.COUNT or wanted.position > 0
    return counts and "SQ" in expected(wanted)


def leaves(condition: Condition) -> Iterator[Compare | IsState | Has]:
    """Give the tests of a condition in the order of the text, not those inside of `has`."""
    match condition:
        case Compare() | IsState() | Has():
            yield condition
        case Not(part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Constant():
            pass


def mentioned(conditions: Iterable[Condition]) -> Level:
    """Find what conditions mention."""
    level = Level()
    fields = _mention([level], conditions)
    return _completed(level, fields)


def needs(fields: Iterable[Field]) -> Level:
    """Find what these fields mention."""
    level = Level()
    known = list(fields)
    for each in known:
        level.mention(each)
    return _completed(level, known)


def _mention(levels: list[Level], conditions: Iterable[Condition]) -> list[Field]:
    """Take conditions in at these levels; give the fields that they mention, at every level."""
    fields = []
    for leaf in (leaf for condition in conditions for leaf in leaves(condition)):
        if leaf.field.source is Source.ELEMENT:
            fields.append(leaf.field)
            has = isinstance(leaf, Has)
            inner = [each for level in levels for each in level.mention(leaf.field, items=has)]
            if isinstance(leaf, Has):
                fields += _mention(inner, [leaf.condition])
    return fields


def _completed(level: Level, fields: list[Field]) -> Level:
    level.complete()
    if any(each.type is ValueType.INSTANT for each in fields):  # 1.3
        level.add(TIMEZONE_OFFSET, "SH")
    return level
