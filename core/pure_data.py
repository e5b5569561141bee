"""Elements as they were read, and the data sets that hold them."""

from dataclasses import dataclass, field

from roteiro.core.tested import Key


@dataclass(frozen=True, slots=True)
class Element:
    """A tested element that was seen."""

    tag: int
    vr: str
    """As sent; empty in implicit VR."""
    big: bool
    """Byte order of the value."""
    value: bytes
    items: int | None = None
    """Of a series of items, how many; `None` when it is none."""
    inside: "tuple[Dataset, ...]" = ()
    """The items of an opened sequence."""

    @property
    def is_blank(self) -> bool:
        """Whether there is neither a value nor an item (docs/reading.md, 5.1)."""
        return not self.value and not self.items


@dataclass(eq=False, slots=True)
class Dataset:
    """The tested elements of an object, or of an item."""

    outer: "Dataset | None" = None
    """The data set around an item."""
    tag: int = 0
    """Of the sequence whose item it is."""
    elements: dict[Key, Element] = field(default_factory=dict)
