"""How many associations to have at once: slow open, and feedback.

It begins with one. As long as nothing went wrong each success lets one more open, so that their
number doubles with every round. After a sign that the peer has enough it is one less, and from then
on one more has to be earned by rounds of successes: by four times as many after each sign, by half
as many after each one that was earned. So it stays near what the peer can do, asks seldom for more,
and finds out when the peer can do more.
"""

from dataclasses import dataclass

DEARER, CHEAPER = 4, 2
MOST_ROUNDS = 64


@dataclass(slots=True)
class Width:
    """See the module."""

    most: int
    """As the rules say."""
    _size: float = 1.0
    _careful: bool = False
    _price: int = 1
    """Rounds of successes for one more."""

    @property
    def now(self) -> int:
        """How many there may be."""
        return int(self._size)

    def grow(self) -> None:
        """Note a success."""
        before = self.now
        more = 1.0 / (self._size * self._price) if self._careful else 1.0
        self._size = min(self._size + more, float(self.most))
        if self._careful and self.now > before:
            self._price = max(1, self._price // CHEAPER)

    def shrink(self) -> None:
        """Note that the peer has enough."""
        self._careful = True
        self._price = min(MOST_ROUNDS, self._price * DEARER)
        self._size = max(1.0, float(self.now - 1))

    def limit(self, count: int) -> None:
        """Have no more than so many, but for what success brings."""
        self._careful = True
        self._size = max(1.0, min(self._size, float(count)))

    def restart(self) -> None:
        """Begin with one again."""
        self._size, self._careful, self._price = 1.0, False, 1

    def bound(self, most: int) -> None:
        """Go on under another limit of the rules."""
        self.most = most
        self._size = min(self._size, float(most))
