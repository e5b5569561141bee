"""By what rules may have to do with each other: a rule has words, and rules that share some do.

A word is a number of 64 bits, the last four of which are its kind. It says the same in every
program and does not hold what it was made of.
"""

from collections.abc import Iterator
from enum import IntEnum
from hashlib import blake2b

from roteiro.core.program import Deliver, Effect, Hold
from roteiro.lang import nodes
from roteiro.lang.lint import Looked
from roteiro.lang.lint.index import Keys
from roteiro.lang.lint.meaning import Meaning
from roteiro.lang.lint.pins import pins_of
from roteiro.lang.lint.proof import Prover, asked
from roteiro.lang.lint.repeats import compounds
from roteiro.lang.lint.similar import holes
from roteiro.lang.typed import TypedRule, TypedTable


class Kind(IntEnum):
    """What a word says of a rule."""

    NAME = 0
    """What it is called, and in which table."""
    KEY = 1
    """It may match all that a rule of its groups matches that asks this."""
    ASK = 2
    """It asks this."""
    FIND = 11
    """By this those are found that may match all that it matches."""
    LOOSE = 3
    """It may match all that any rule of its groups matches."""
    GROUP = 4
    """A group of rules that it may match."""
    MEMBER = 10
    """The group of rules that may match it."""
    COMPOUND = 5
    """A part of its condition of several tests."""
    SHAPE = 6
    """What it does, and when, but for one value."""
    RUN = 7
    """What it does."""
    SEND = 8
    """It sends there, by this chain."""
    QUEUE = 9
    """It holds in this queue."""
    PIN = 12
    """It sends where a field has this value only: of 60 bits the upper half tells the field."""
    SIZE = 13
    """It sends, and asks so many tests."""


MASK = 15
HALF = 34


def word(kind: Kind, *parts: bytes) -> int:
    """Make a word."""
    number = int.from_bytes(blake2b(b"\0".join(parts), digest_size=8).digest(), "little")
    return number & ~MASK | kind


def kind_of(one: int) -> int:
    """Give the kind of a word."""
    return one & MASK


def twin(one: int, kind: Kind) -> int:
    """Give the word of another kind that was made of the same."""
    return one & ~MASK | kind


def name_word(table: str, rule: str) -> int:
    """Give the word of a rule's name."""
    return word(Kind.NAME, f"{table}.{rule}".encode())


def send_word(to: str, via: tuple[str, ...]) -> int:
    """Give the word of a place and a chain."""
    return word(Kind.SEND, repr((to, via)).encode())


def ask_word(key: bytes) -> int:
    """Give the word of something that a rule asks."""
    return word(Kind.ASK, key)


def pin_word(field: bytes, value: object) -> int:
    """Give the word of a field that has one value."""
    high, low = word(Kind.PIN, field), word(Kind.PIN, repr(value).encode())
    return high >> HALF << HALF | low & (1 << HALF) - 1


def field_of_pin(one: int) -> int:
    """Give the half of such a word that tells the field."""
    return one >> HALF


def size_word(tests: int) -> int:
    """Give the word of a rule that asks so many tests."""
    return tests * (MASK + 1) | Kind.SIZE


def size_of(one: int) -> int:
    """Give how many tests such a word stands for."""
    return one // (MASK + 1)


def queue_word(queue: str) -> int:
    """Give the word of a queue."""
    return word(Kind.QUEUE, queue.encode())


class Words:
    """Gives the words of the rules of one program."""

    def __init__(self, looked: Looked) -> None:
        """Tell rules by what a program makes of them."""
        self.program = program = looked.program
        self.sound = looked.sound
        self.keys = Keys(program)
        self.prover = Prover(program.shared, conformant=True)
        self.meaning = Meaning(program)
        self.contents: dict[object, bytes] = {}

    def of(self, table: TypedTable, rule: TypedRule, written: nodes.Rule) -> list[int]:
        """Give the words of a rule; in a program with errors only those that count then too."""
        found = {name_word(table.name, rule.name), *of_effects(rule.effects)}
        if self.sound:
            found.update(self.of_index(table, rule))
            found.update(self.of_parts(written))
            found.update(self.of_shapes(table, rule, written))
            found.update(self.of_sends(rule))
        return sorted(found)

    def of_index(self, table: TypedTable, rule: TypedRule) -> Iterator[int]:
        """Give what decides which rules are compared: of `all` those with the same effect."""
        condition = self.program.lowered(rule.condition)
        name = table.name.encode()
        groups = [name] if table.first else [name + self.content(one) for one in rule.effects]
        keys = self.keys.of(condition)
        yield from (word(Kind.KEY, key) for key in keys)
        yield from (word(Kind.GROUP if keys else Kind.LOOSE, group) for group in groups)
        yield from (word(Kind.MEMBER, group) for group in groups[:1])
        for test in asked(condition):
            test_keys = self.program.shared.keys_of_test(test)
            yield word(Kind.FIND, test_keys[0])
            yield from map(ask_word, test_keys)

    def of_parts(self, written: nodes.Rule | nodes.GuardRule) -> Iterator[int]:
        """Give the parts that may be written elsewhere too."""
        if written.condition is not None:
            for part in compounds(written.condition):
                yield word(Kind.COMPOUND, self.meaning.key(part))

    def of_sends(self, rule: TypedRule) -> Iterator[int]:
        """Give what decides with which other sends those of a rule are compared."""
        if any(isinstance(effect, Deliver) for effect in rule.effects):
            condition = self.program.lowered(rule.condition)
            yield size_word(len(asked(condition)))
            for field, value in pins_of(condition, self.prover).items():
                told = self.program.shared.content_of_field(self.prover.field(field))
                yield pin_word(told, value)

    def of_shapes(self, table: TypedTable, rule: TypedRule, written: nodes.Rule) -> Iterator[int]:
        """Give what makes rules alike."""
        does = table.name.encode() + self.content(rule.effects)
        yield word(Kind.RUN, does)
        for shape in holes(self.meaning, written.condition):
            yield word(Kind.SHAPE, does, shape)

    def content(self, what: object) -> bytes:
        """Tell what a rule does, the same way in every program."""
        if what not in self.contents:
            self.contents[what] = repr(what).encode()
        return self.contents[what]


def of_effects(effects: tuple[Effect, ...]) -> Iterator[int]:
    """Give where a rule sends, and in which queues it holds."""
    for effect in effects:
        if isinstance(effect, Deliver):
            yield send_word(effect.to, effect.via)
        elif isinstance(effect, Hold):
            yield queue_word(effect.queue)
