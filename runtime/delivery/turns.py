"""Whose turn it is: the more urgent first, and nobody for ever last.

What is urgent goes first. But a scanner that sends `stat` all day must not stop the others: an
urgency that had to stand back for so many objects in a row as its `PATIENCE` says has the next
turn. So a `low` object is behind at most that many that are more urgent, whatever comes.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

RANKS = {"stat": 0, "normal": 1, "low": 2}
"""Urgencies in the order in which they are sent."""
PATIENCE = {"stat": 0, "normal": 9, "low": 19}
"""Objects in a row of other urgencies that one lets pass while it waits; `stat` has its rank."""


def rank(urgency: str) -> int:
    """Give the place of an urgency; one that this version does not know is `normal`."""
    return RANKS.get(urgency, RANKS["normal"])


@dataclass(slots=True)
class Turns:
    """Counts how often each urgency stood back."""

    _stood_back: dict[str, int] = field(default_factory=dict)

    def order(self, waiting: Collection[str]) -> list[str]:
        """Give the urgencies that wait, the one whose turn it is first."""
        return sorted(waiting, key=lambda each: (not self._impatient(each), rank(each)))

    def took(self, urgency: str, waiting: Collection[str]) -> None:
        """Note that one of this urgency goes, while those of `waiting` were there."""
        self._stood_back = {
            each: self._stood_back.get(each, 0) + 1 for each in waiting if each != urgency
        }

    def _impatient(self, urgency: str) -> bool:
        patience = PATIENCE.get(urgency, PATIENCE["normal"])
        return 0 < patience <= self._stood_back.get(urgency, 0)
