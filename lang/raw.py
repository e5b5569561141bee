"""Elements as they were sent: what the walk finds, and what values are made of."""

from collections.abc import Mapping
from dataclasses import dataclass

ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD

CHARACTER_SET = 0x00080005
TIMEZONE_OFFSET = 0x00080201
PIXEL_REPRESENTATION = 0x00280103


@dataclass(frozen=True, slots=True)
class Element:
    """One element as it was sent."""

    tag: int
    vr: str | None
    """The explicit VR; `None` in implicit VR."""
    value: bytes
    """Nothing when the length was undefined, or the sequence was opened."""
    items: int | None
    """How many items stood in an undefined length or an opened sequence; else `None`."""
    big: bool
    """Whether the data set is big endian."""
    opened: tuple[Mapping[int, "Element"], ...] = ()
    """Of an opened sequence, the tested elements of each item, by tag."""

    @property
    def is_zero(self) -> bool:
        """Whether there is nothing in it: zero length, or a series without items."""
        return self.value == b"" and not self.items
