"""Machines of patterns as they are laid, and how an input changes words of one."""

from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.core.automaton import Automaton
from roteiro.core.machines_build import DEFAULT, Budget, ExpressionsOf, PatternOf, build
from roteiro.core.machines_lay import lay
from roteiro.core.program import Chars, Choice, PatternKind, Repeat, Sequence
from roteiro.core.pure_matches import stands

NEAR = 128
"""Words of the header and what comes soon after it: an edit is as likely there as elsewhere."""
EDIT = 6
"""Bytes of an edit: where (two), how (one), by what (three)."""
LETTERS = Chars(((65, 90), (0xE9, 0x1F600)))
BITS = Chars(((97, 98),))
NOTHING = Budget(states=0, steps=0)
KINDS = (PatternKind.CONTAINS, PatternKind.STARTS, PatternKind.ENDS)
ANYTHING = Repeat(Chars(((0, 0x10FFFF),)), 0, None)


@dataclass(frozen=True, slots=True)
class Laid:
    """A machine, and what it was made of."""

    patterns: tuple[PatternOf, ...]
    expressions: tuple[ExpressionsOf, ...]
    laid: bytes


def held(machine: Laid, value: str) -> set[int]:
    """Ask every pattern by itself."""
    found = {
        test
        for test, kind, texts in machine.patterns
        if any(stands(kind, text, value) for text in texts)
    }
    asked = ((test, each) for test, each in machine.expressions)
    return found | {test for test, each in asked if Automaton(each).accepts(value)}


def _laid(
    patterns: tuple[PatternOf, ...],
    expressions: tuple[ExpressionsOf, ...] = (),
    budget: Budget = DEFAULT,
) -> Laid:
    return Laid(patterns, expressions, lay(build(patterns, expressions, budget)))


def _words(count: int) -> Iterator[str]:
    """Give words that share beginnings and ends, some of letters that are not ASCII."""
    parts = ("ab", "ba", "a", "X", "\u00e9", "1.2", "\U0001f600", "cab")
    for number in range(count):
        digits = (number, number // 8, number // 64, number // 512)
        yield "".join(parts[digit % 8] for digit in digits)


def _of_kind(kind: PatternKind, count: int) -> tuple[PatternOf, ...]:
    return tuple((test, kind, (word,)) for test, word in enumerate(_words(count)))


def _numbered(*groups: tuple[PatternOf, ...]) -> tuple[PatternOf, ...]:
    rows = [row for group in groups for row in group]
    return tuple((test, kind, texts) for test, (_, kind, texts) in enumerate(rows))


MIXED = _numbered(
    _of_kind(PatternKind.CONTAINS, 60),
    _of_kind(PatternKind.STARTS, 40),
    _of_kind(PatternKind.ENDS, 40),
    tuple((0, PatternKind.LIKE, (f"*{word}*a?b*",)) for word in _words(12)),
    tuple((0, PatternKind.UNDER, (f"1.2.{number}",)) for number in range(20)),
)
EXPRESSIONS = tuple(
    (1000 + count, (Sequence((ANYTHING, BITS, Repeat(BITS, count, count), Repeat(LETTERS, 0, 2))),))
    for count in range(1, 9)
)
CHOICES = tuple(
    (2000 + count, (Choice((Repeat(LETTERS, count, None), Repeat(BITS, 0, count))),))
    for count in range(1, 6)
)
LARGE = (
    _laid(_of_kind(PatternKind.CONTAINS, 2500)),
    _laid(_numbered(_of_kind(PatternKind.STARTS, 900), _of_kind(PatternKind.ENDS, 900))),
    _laid(MIXED, (*EXPRESSIONS, *CHOICES)),
    _laid(MIXED, (*EXPRESSIONS, *CHOICES), Budget(steps=0)),
    _laid(MIXED, CHOICES, Budget(states=90, expression_states=12)),
    _laid(MIXED[::5], EXPRESSIONS[:3], Budget(states=0, steps=0)),
    *(_laid(_of_kind(kind, 3)) for kind in KINDS),
    _laid((), CHOICES[:1]),
    _laid(((0, PatternKind.LIKE, ("*ab*a?b*",)),)),
    *(_laid(((0, kind, ("ab",)),), CHOICES[:1], NOTHING) for kind in KINDS),
)
"""A large trie, two of them, automata with what starts them, instructions, what has no room;
then small ones with a part of each kind, where a change is soon at its end."""


def edited(laid: bytes, edits: bytes) -> bytes:
    """Change words of a machine: put, add to, or copy from elsewhere."""
    words = len(laid) // 4
    changed = bytearray(laid)
    for at in range(0, len(edits) - EDIT + 1, EDIT):
        place, how = int.from_bytes(edits[at : at + 2], "little"), edits[at + 2]
        by = int.from_bytes(edits[at + 3 : at + EDIT], "little", signed=True)
        place = (place % NEAR if place < 0x8000 else (place - 0x8000) * words // 0x8000) * 4
        word = int.from_bytes(changed[place : place + 4], "little")
        other = by % words * 4
        word = (
            by,
            word + (by >> 16),
            by << 8,
            int.from_bytes(changed[other : other + 4], "little"),
            word ^ 1 << by % 32,
        )[how % 5]
        changed[place : place + 4] = (word & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(changed)
