"""Whether a regular expression describes a text from end to end.

The expression becomes a row of places, each of which takes one character or leads on to others; a
text is read once, with the set of places that it may have come to. So the time is the text's length
times the expression's, whatever the expression.
"""

from dataclasses import dataclass, field

from roteiro.core.program import Chars, Choice, Expression, Repeat, Sequence

END = 0
"""The place behind the whole expression."""


@dataclass(slots=True)
class Places:
    """Places by number: those that take a character, and those that lead on without one."""

    takes: dict[int, tuple[Chars, int]] = field(default_factory=dict)
    leads: dict[int, list[int]] = field(default_factory=dict)
    count: int = 1

    def new(self) -> int:
        """Give the number of a new place."""
        self.count += 1
        return self.count - 1

    def before(self, expression: Expression, after: int) -> int:
        """Give the place from which this expression leads to the place `after`."""
        match expression:
            case Chars():
                place = self.new()
                self.takes[place] = (expression, after)
                return place
            case Sequence(parts):
                for part in reversed(parts):
                    after = self.before(part, after)
                return after
            case Choice(parts):
                return self.fork([self.before(part, after) for part in parts])
            case Repeat(part, least, most):
                return self.repeat(part, least, most, after)

    def fork(self, places: list[int]) -> int:
        """Give a place that leads on to any of these."""
        place = self.new()
        self.leads[place] = places
        return place

    def repeat(self, part: Expression, least: int, most: int | None, after: int) -> int:
        """Write a repeat out: first the parts that must be there, then those that may."""
        if most is None:
            again = self.fork([after])
            self.leads[again].append(self.before(part, again))
            place = again
        else:
            place = after
            for _ in range(most - least):
                place = self.fork([after, self.before(part, place)])
        for _ in range(least):
            place = self.before(part, place)
        return place

    def onward(self, places: set[int]) -> set[int]:
        """Add all places that these lead on to."""
        reached, waiting = set(places), list(places)
        while waiting:
            for place in self.leads.get(waiting.pop(), ()):
                if place not in reached:
                    reached.add(place)
                    waiting.append(place)
        return reached


def describes(expression: Expression, text: str) -> bool:
    """Say whether the expression describes the whole text."""
    places = Places()
    now = places.onward({places.before(expression, END)})
    for char in text:
        taken = (places.takes[place] for place in now if place in places.takes)
        now = places.onward({after for chars, after in taken if holds(chars, ord(char))})
        if not now:
            return False
    return END in now


def holds(chars: Chars, point: int) -> bool:
    """Say whether a character is one of these."""
    return any(low <= point <= high for low, high in chars.ranges)
