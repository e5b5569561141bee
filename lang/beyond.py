"""What a program holds besides the rules that a check looks at.

A check of a whole program looks at all of them. One of a part of it (`warm`) is told what counts
of the rest, so that it finds in the part what a check of the whole finds there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Named = tuple[str, str]
"""A rule, by table and name."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """What counts of the rules that are left out, and is known of those that are not."""

    rules: int = 0
    """How many are left out."""
    used: frozenset[tuple[str, str]] = frozenset()
    """The names that they use, by kind."""
    queues: Mapping[str, int] = field(default_factory=dict)
    """How often they hold in which queue."""
    crowded: frozenset[str] = frozenset()
    """Tables of the kind `first` whose rules ask more, all together, than one proof takes."""
    parted: frozenset[Named] = frozenset()
    """Rules behind which rules of a `first` table are left out that fire."""
    settled: frozenset[Named] = frozenset()
    """Rules of which is known whether others match all that they match."""
    shadowed: frozenset[Named] = frozenset()
    """Those of them that never fire."""
    gone: frozenset[Named] = frozenset()
    """Rules of which is known that others do the same."""
    similar: bool = True
    """Whether it has to be found out which rules are alike."""
    asked: Callable[[bytes], int] | None = None
    """How many rules of the whole ask something, by its key."""


NOTHING = Beyond()
