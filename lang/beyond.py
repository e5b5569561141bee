"""What a program holds besides the rules that a check looks at.

A check of a whole program looks at all of them. One of a part of it (`warm`) is told what counts
of the rest, so that it finds in the part what a check of the whole finds there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Beyond:
    """What counts of the rules that are left out."""

    rules: int = 0
    """How many they are."""
    used: frozenset[tuple[str, str]] = frozenset()
    """The names that they use, by kind."""
    queues: Mapping[str, int] = field(default_factory=dict)
    """How often they hold in which queue."""
    crowded: frozenset[str] = frozenset()
    """Tables of the kind `first` whose rules ask more, all together, than one proof takes."""
    parted: frozenset[tuple[str, str]] = frozenset()
    """Rules, by table and name, behind which rules of a `first` table are left out that fire."""


NOTHING = Beyond()
