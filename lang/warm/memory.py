"""What is kept of a check, as bytes that are read at once: arrays, and one piece of JSON."""

import json
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from itertools import islice
from struct import Struct
from typing import TypeAlias

from roteiro.lang.warm.plain import Plain

SUM = 16
LENGTH = Struct("<Q")
GUARD, FIRST, ALL = "guard", "first", "all"
Numbers: TypeAlias = "array[int]"


@dataclass(frozen=True, slots=True)
class Places:
    """A text, and where its rules stand, in their order."""

    text: str
    starts: Numbers
    ends: Numbers
    owners: Numbers
    """The table of each rule, by number."""
    gaps: Numbers
    """Where something stands that is no rule: beginnings and ends in turn."""

    def rules_of(self, table: int) -> range:
        """Give the rules of a table."""
        return range(bisect_left(self.owners, table), bisect_right(self.owners, table))

    def rule_at(self, at: int) -> int | None:
        """Give the rule in which a place is, its end included."""
        number = bisect_right(self.starts, at) - 1
        return number if number >= 0 and at <= self.ends[number] else None


@dataclass(slots=True)
class Facts:
    """What is small, or has no order."""

    tables: list[tuple[str, str, int]] = field(default_factory=list)
    """Name, kind and indent of each; the guard is one."""
    sound: bool = True
    """Whether the program had no errors, so that its meaning was looked at."""
    errors: int = 0
    early: list[Plain] = field(default_factory=list)
    """Findings that wait for nothing."""
    general: list[Plain] = field(default_factory=list)
    """Findings of a program all of which could be read."""
    late: list[Plain] = field(default_factory=list)
    """Findings of a program without errors."""
    used: list[tuple[str, str, int]] = field(default_factory=list)
    """Kind and name of what is used, and how often."""
    queues: dict[str, int] = field(default_factory=dict)
    suggested: int = 0
    asking: dict[str, int] = field(default_factory=dict)
    """How many tests the rules of a `first` table ask, or more."""
    spent: dict[str, int] = field(default_factory=dict)
    """What the proofs about sends to a place took, or less than this."""
    share: int = 0
    """How much they may take."""
    expected: list[str] = field(default_factory=list)
    """The rules that tests name."""
    ways: list[tuple[str, list[str]]] = field(default_factory=list)
    """Places and chains that something is sent to."""
    pools: dict[str, list[str]] = field(default_factory=dict)
    uncarried: dict[str, list[int]] = field(default_factory=dict)
    """What `serve` does not carry out, and where it stands."""
    tried: bool = False
    """Whether the tests of the program were run, for rules that fire in none."""

    @property
    def findings(self) -> list[Plain]:
        """All findings."""
        return [*self.early, *self.general, *self.late]


@dataclass(frozen=True, slots=True)
class Index:
    """The words of all rules."""

    offsets: Numbers
    """Where the words of each rule begin in `own`, and where those of the last end."""
    own: Numbers
    words: Numbers
    """All words, sorted."""
    whose: Numbers
    """The rules that have them, in the same order."""

    def of(self, number: int) -> Sequence[int]:
        """Give the words of a rule."""
        return self.own[self.offsets[number] : self.offsets[number + 1]]

    def having(self, word: int, most: int | None = None) -> Sequence[int]:
        """Give the rules that have a word, in their order; the first ones only, if so wanted."""
        begin = bisect_left(self.words, word)
        end = bisect_right(self.words, word, begin)
        return self.whose[begin : end if most is None else min(end, begin + most)]

    def with_words(self, number: int, new: Sequence[int]) -> "Index":
        """Give one rule other words."""
        old = self.of(number)
        words, whose = self.words[:], self.whose[:]
        for word in old:
            at = place_of(words, whose, word, number)
            del words[at], whose[at]
        for word in new:
            at = place_of(words, whose, word, number)
            words.insert(at, word)
            whose.insert(at, number)
        own = self.own[: self.offsets[number]] + array("Q", new)
        own += self.own[self.offsets[number + 1] :]
        more = len(new) - len(old)
        behind = (at + more for at in islice(self.offsets, number + 1, None))
        return Index(self.offsets[: number + 1] + array("Q", behind), own, words, whose)


def place_of(words: Numbers, whose: Numbers, word: int, number: int) -> int:
    """Give where a word of a rule stands, or has to."""
    begin = bisect_left(words, word)
    return bisect_left(whose, number, begin, bisect_right(words, word, begin))


def indexed(own: Sequence[Sequence[int]]) -> Index:
    """Sort the words of all rules."""
    offsets = array("Q", (0,))
    for words in own:
        offsets.append(offsets[-1] + len(words))
    pairs = sorted((word, number) for number, words in enumerate(own) for word in words)
    return Index(
        offsets,
        array("Q", (word for words in own for word in words)),
        array("Q", (word for word, _ in pairs)),
        array("Q", (number for _, number in pairs)),
    )


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of one check of one file."""

    places: Places
    priorities: Numbers
    index: Index
    facts: Facts


# As bytes -----------------------------------------------------------------------------------------

KINDS = "QQQQqQQQQ"
"""What the arrays hold: those of `Places`, the priorities, those of `Index`."""


def packed(memory: Memory, version: bytes) -> bytes:
    """Write what is kept, behind a sum that says whether it is whole, and of this version."""
    places, index = memory.places, memory.index
    arrays = (
        *(places.starts, places.ends, places.owners, places.gaps, memory.priorities),
        *(index.offsets, index.own, index.words, index.whose),
    )
    known = {one.name: getattr(memory.facts, one.name) for one in fields(Facts)}
    facts = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    text = places.text.encode("utf-8", "surrogatepass")
    parts = (*(one.tobytes() for one in arrays), facts.encode("utf-8", "surrogatepass"), text)
    body = b"".join(one for part in parts for one in (LENGTH.pack(len(part)), part))
    return sum_of(body, version) + body


def unpacked(data: bytes, version: bytes) -> Memory | None:
    """Read what is kept; nothing if it is not whole, or of another version."""
    body = memoryview(data)[SUM:]
    if data[:SUM] != sum_of(body, version):
        return None
    *kept, facts, text = parts_of(body)
    arrays = [array(kind) for kind in KINDS]
    for one, part in zip(arrays, kept, strict=True):
        one.frombytes(part)
    values = json.loads(bytes(facts).decode("utf-8", "surrogatepass"))
    whole = bytes(text).decode("utf-8", "surrogatepass")
    starts, ends, owners, gaps, priorities, offsets, own, words, whose = arrays
    places = Places(whole, starts, ends, owners, gaps)
    index = Index(offsets, own, words, whose)
    return Memory(
        places, priorities, index, Facts(**{one.name: values[one.name] for one in fields(Facts)})
    )


def sum_of(body: bytes | memoryview, version: bytes) -> bytes:
    """Give the sum of what is kept; numbers are written as this machine has them."""
    key = blake2b(version + sys.byteorder.encode(), digest_size=32).digest()
    return blake2b(body, digest_size=SUM, key=key).digest()


def parts_of(body: memoryview) -> Iterable[memoryview]:
    """Cut what is kept into its parts."""
    at = 0
    while at < len(body):
        (size,) = LENGTH.unpack_from(body, at)
        at += LENGTH.size + size
        yield body[at - size : at]
