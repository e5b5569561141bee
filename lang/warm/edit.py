"""What changed in a text: one rule, or nobody knows."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from roteiro.lang.scan import OPEN, OTHER, WORD, Token, scan
from roteiro.lang.source import Span
from roteiro.lang.warm.keep import BLANK, NOTHING_MORE, by_itself
from roteiro.lang.warm.memory import Memory, Numbers, Places

GONE = -1
"""The place of what stood where the text changed."""
RULE = "rule"


@dataclass(frozen=True, slots=True)
class Edit:
    """One rule whose text changed."""

    number: int
    old: Span
    """Where it stood."""
    new: Span
    """Where it stands."""
    first: int
    """Where the change begins."""
    last: int
    """Where it ended in the old text."""
    more: int
    """How much longer the text is."""
    lines: int
    """How many more lines it has."""
    line: int
    """The last line, from 1, that changed."""

    @property
    def region(self) -> Span:
        """Where the old rule stood, and what changed before it."""
        return Span(min(self.first, self.old.start), max(self.last, self.old.end))

    def stretch(self, text: str) -> tuple[int, int]:
        """Give where the lines of the old text begin and end in which something changed."""
        end = text.find("\n", self.last)
        return text.rfind("\n", 0, self.first) + 1, len(text) if end < 0 else end

    def at(self, place: int) -> int:
        """Give where something stands now."""
        if place <= self.first:
            return place
        return place + self.more if place >= self.last else GONE

    def within(self, place: int) -> bool:
        """Whether something stood in the old rule."""
        return self.old.start <= place < self.old.end

    def line_at(self, number: int) -> int:
        """Give the new number of a line that did not change."""
        return number + self.lines if number > self.line else number


def edit_of(memory: Memory, text: str) -> Edit | None:
    """Find the one rule that is not what it was; nothing when it is not as simple.

    Comments and empty lines before a rule are taken for a part of it.
    """
    places = memory.places
    old = places.text
    first = shared(old, text)
    most = min(len(old), len(text)) - first
    last = len(old) - min(most, shared_end(old, text))
    more = len(text) - len(old)
    lines = text.count("\n", first, last + more) - old.count("\n", first, last)
    for number, was, now in (
        *inside(places, first, last, more),
        *before(places, text, first, last),
    ):
        indent = memory.facts.tables[places.owners[number]][2]
        if one_rule(scan(text, now.start, now.end), now) and by_itself(text, now, indent):
            line = old.count("\n", 0, last) + 1
            return Edit(number, was, now, first, last, more, lines, line)
    return None


def inside(places: Places, first: int, last: int, more: int) -> Iterator[tuple[int, Span, Span]]:
    """Give the rule in which a change lies, where it stood and where it stands."""
    number = places.rule_at(first)
    if number is not None and last <= places.ends[number]:
        was = Span(places.starts[number], places.ends[number])
        yield number, was, Span(was.start, was.end + more)


def before(places: Places, text: str, first: int, last: int) -> Iterator[tuple[int, Span, Span]]:
    """Give the rule before which a change lies that nobody reads but people."""
    number = bisect_left(places.starts, last)
    if not 0 < number < len(places.starts) or first < places.ends[number - 1]:
        return
    more = len(text) - len(places.text)
    was = Span(places.starts[number], places.ends[number])
    now = Span(was.start + more, was.end + more)
    begin = places.ends[number - 1]
    blank = BLANK.fullmatch(places.text, begin, was.start) and BLANK.fullmatch(
        text, begin, now.start
    )
    if blank and NOTHING_MORE.match(text, begin):
        yield number, was, now


def shared(one: str, other: str) -> int:
    """Give how many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def shared_end(one: str, other: str) -> int:
    """Give how many characters two texts end with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def one_rule(tokens: list[Token], place: Span) -> bool:
    """Whether some tokens are one rule, to its last brace, whatever is wrong inside."""
    if len(tokens) < 3 or tokens[0].text != RULE or tokens[1].kind != WORD:
        return False
    depth, opened = 0, False
    for token in tokens:
        if token.kind in {OPEN, OTHER} or (opened and not depth):
            return False
        depth += (token.text == "{") - (token.text == "}")
        opened = opened or depth > 0
        if depth < 0:
            return False
    return opened and not depth and tokens[0].start == place.start and tokens[-1].end == place.end


def after(places: Places, edit: Edit, text: str) -> Places:
    """Give where rules stand in the new text."""
    number = edit.number
    starts = shifted(places.starts, number + 1, edit.more)
    if starts[number] != edit.new.start:
        starts = starts[:number] + array("Q", (edit.new.start,)) + starts[number + 1 :]
    return replace(
        places,
        text=text,
        starts=starts,
        ends=shifted(places.ends, number, edit.more),
        gaps=array("Q", map(edit.at, places.gaps)),
    )


def shifted(numbers: Numbers, begin: int, more: int) -> Numbers:
    """Add a number to those from `begin` on."""
    if not more:
        return numbers
    return numbers[:begin] + array("Q", added(numbers[begin:], more))


def added(numbers: Iterable[int], more: int) -> Iterable[int]:
    """Add a number to all."""
    return (number + more for number in numbers)
