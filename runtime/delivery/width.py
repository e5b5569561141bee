"""How many associations to have at once: slow open, and feedback.

It begins with one. As long as nothing went wrong each success lets one more open, so that their
number doubles with every round. After a sign that the peer has enough it is one less, and from then
on a whole round of successes is needed for one more; so it stays near what the peer can do.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Width:
    """See the module."""

    most: int
    """As the rules say."""
    _size: float = 1.0
    _careful: bool = False

    @property
    def now(self) -> int:
        """How many there may be."""
        return int(self._size)

    def grow(self) -> None:
        """Note a success."""
        more = 1.0 / self._size if self._careful else 1.0
        self._size = min(self._size + more, float(self.most))

    def shrink(self) -> None:
        """Note that the peer has enough."""
        self._careful = True
        self._size = max(1.0, float(self.now - 1))

    def limit(self, count: int) -> None:
        """Have no more than so many, but for what success brings."""
        self._careful = True
        self._size = max(1.0, min(self._size, float(count)))

    def restart(self) -> None:
        """Begin with one again."""
        self._size, self._careful = 1.0, False

    def bound(self, most: int) -> None:
        """Go on under another limit of the rules."""
        self.most = most
        self._size = min(self._size, float(most))
