"""The tested elements of a program by number: levels, and the slots of each.

A data set that is read against a level has one slot for each of its tested elements: first those
with a tag of their own, ascending, then the private ones, whose block an object decides.
"""

from dataclasses import dataclass, field

from roteiro.core.tested import Key, Level
from roteiro.core.vrs import CHARACTER_SET, PIXEL_REPRESENTATION


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A tested element; `level` is that of its items and `creator` a number, 0 is none of both."""

    tag: int
    is_read: bool
    level: int
    creator: int


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level: its slots, how many of them have tags of their own, and two that decoding needs."""

    begin: int
    plain: int
    end: int
    last: int
    character_set: int
    pixel_representation: int


@dataclass(slots=True)
class Levels:
    """All levels of a program; the whole object's is the first."""

    rows: list[LevelRow] = field(default_factory=list)
    slots: list[SlotRow] = field(default_factory=list)
    creators: list[str] = field(default_factory=lambda: [""])
    """By number."""
    places: list[dict[Key, int]] = field(default_factory=list)
    """By level: where in a data set of that level an element's slot is."""
    numbers: dict[int, int] = field(default_factory=dict)
    """By identity of a `Level`."""


def number_levels(top: Level) -> Levels:
    """Give every level and slot its number."""
    made = Levels()
    waiting = [top]
    made.numbers[id(top)] = 0
    for level in waiting:  # it grows
        for entry in level.entries.values():
            if entry.inner is not None and id(entry.inner) not in made.numbers:
                made.numbers[id(entry.inner)] = len(waiting)
                waiting.append(entry.inner)
    for level in waiting:
        _add(made, level)
    return made


def _add(made: Levels, level: Level) -> None:
    ordered = sorted(level.entries, key=lambda key: (bool(key[1]), key))
    places = {key: place for place, key in enumerate(ordered)}
    begin = len(made.slots)
    for key in ordered:
        entry = level.entries[key]
        inner = made.numbers[id(entry.inner)] if entry.inner is not None else 0
        made.slots.append(SlotRow(key[0], entry.is_read, inner, _creator(made, key[1])))
    made.places.append(places)
    plain = begin + sum(not creator for _, creator in ordered)
    known = [places.get((tag, ""), -1) for tag in (CHARACTER_SET, PIXEL_REPRESENTATION)]
    made.rows.append(LevelRow(begin, plain, len(made.slots), level.last, *known))


def _creator(made: Levels, creator: str) -> int:
    if creator not in made.creators:
        made.creators.append(creator)
    return made.creators.index(creator)
