"""Regular expressions as automata: whole values, linear time, bounded memory.

The expressions of one test become one program of instructions (read a code point of some classes,
go two ways, accept). A run keeps the set of instructions that could read next; each set that has
been met is a state, and what a class of code points makes of it is worked out once, when it is
first needed. When there are `STATES` of them no more are kept: the value at hand is then finished
with bare sets, which takes longer, but still a time linear in the value.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from roteiro.core.program import Chars, Choice, Expression, Repeat, Sequence

STATES = 4096
"""Sets of instructions that one automaton keeps."""
SIZE_LIMIT = 100_000
"""Instructions of one expression; what is written out longer is refused by `validate`."""
NOTHING = -1
"""What an instruction reads that only goes on, or accepts."""
ACCEPT = 0
"""The instruction that accepts, in the program of one expression."""


def is_too_large(expression: Expression) -> bool:
    """Tell whether an expression takes more instructions than the limit."""
    size, waiting = 0, [(expression, 1)]
    while waiting and size <= SIZE_LIMIT:
        part, times = waiting.pop()
        size += times
        match part:
            case Sequence(parts) | Choice(parts):
                waiting.extend((inner, times) for inner in parts)
            case Repeat(inner, least, most):
                waiting.append((inner, times * (least + 1 if most is None else most)))
            case Chars():
                pass
    return size > SIZE_LIMIT


def cuts(expressions: Iterable[Expression]) -> list[int]:
    """Give where one class of code points ends and the next begins, ascending, from 0 on."""
    found = {0}
    waiting = list(expressions)
    while waiting:
        match waiting.pop():
            case Chars(ranges):
                found |= {low for low, _ in ranges} | {high + 1 for _, high in ranges}
            case Sequence(parts) | Choice(parts):
                waiting.extend(parts)
            case Repeat(part, _, _):
                waiting.append(part)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Code:
    """The program of some expressions, by number of the instruction.

    `reads[n]` is the number of what instruction n reads on its way to `goes[n][0]`; an instruction
    that reads `NOTHING` goes to all of `goes[n]` at once. The first ones accept, instruction n what
    expression n describes.
    """

    begin: int
    accepts: int
    """How many instructions accept."""
    reads: tuple[int, ...]
    goes: tuple[tuple[int, ...], ...]
    chars: tuple[Chars, ...]
    """By number: what is read."""

    def closed(self, instructions: Iterable[int]) -> frozenset[int]:
        """Give the instructions that read (or accept) which these reach without reading."""
        return frozenset(
            at
            for at in self.reached(instructions)
            if at < self.accepts or self.reads[at] != NOTHING
        )

    def reached(self, instructions: Iterable[int]) -> set[int]:
        """Give all instructions that these reach without reading."""
        seen = set(instructions)
        waiting = list(seen)
        while waiting:
            at = waiting.pop()
            if self.reads[at] == NOTHING:
                new = [target for target in self.goes[at] if target not in seen]
                seen.update(new)
                waiting += new
        return seen


@dataclass(frozen=True, slots=True)
class Classes:
    """Code points that a program cannot tell apart."""

    starts: tuple[int, ...]
    """Where each class begins; class n reaches to the next one's begin."""
    read: tuple[frozenset[int], ...]
    """By number of `Code.chars`: the classes that are read."""

    def class_of(self, code_point: int) -> int:
        """Give the class of a code point."""
        return bisect_right(self.starts, code_point) - 1


def classes_of(code: Code) -> Classes:
    """Give the classes of a program."""
    starts = tuple(cuts(code.chars))
    return Classes(starts, tuple(frozenset(_classes(starts, chars)) for chars in code.chars))


def _classes(starts: tuple[int, ...], chars: Chars) -> Iterator[int]:
    for low, high in chars.ranges:
        yield from range(bisect_right(starts, low) - 1, bisect_right(starts, high))


def compiled(expressions: tuple[Expression, ...]) -> Code:
    """Make the program that accepts what each of the expressions describes."""
    return _Writer(len(expressions)).code(expressions)


class _Writer:
    """Writes instructions: each part is given where it begins and where it goes on."""

    def __init__(self, accepts: int) -> None:
        self.reads = [NOTHING] * accepts
        self.goes: list[tuple[int, ...]] = [()] * accepts
        self.chars: dict[Chars, int] = {}
        self.waiting: list[tuple[Expression, int, int]] = []

    def code(self, expressions: tuple[Expression, ...]) -> Code:
        begin = self._new()
        self.goes[begin] = tuple(self._new() for _ in expressions)
        for accept, (place, expression) in enumerate(
            zip(self.goes[begin], expressions, strict=True)
        ):
            self.waiting.append((expression, place, accept))
        while self.waiting:
            self._write(*self.waiting.pop())
        chars = tuple(self.chars)
        return Code(begin, len(expressions), tuple(self.reads), tuple(self.goes), chars)

    def _write(self, expression: Expression, begin: int, then: int) -> None:
        match expression:
            case Chars():
                self.reads[begin] = self.chars.setdefault(expression, len(self.chars))
                self.goes[begin] = (then,)
            case Sequence(parts):
                self._chain(parts, begin, then)
            case Choice(parts):
                self.goes[begin] = tuple(self._new() for _ in parts)
                places = zip(parts, self.goes[begin], strict=True)
                self.waiting += [(part, place, then) for part, place in places]
            case Repeat(part, least, None):
                loop, inner = self._new(), self._new()
                self._chain((part,) * least, begin, loop)
                self.goes[loop] = (inner, then)
                self.waiting.append((part, inner, loop))
            case Repeat(part, least, most):
                self._optional(expression, begin, then, (most or 0) - least)

    def _optional(self, expression: Repeat, begin: int, then: int, times: int) -> None:
        """Write a repeat with an end: after the least, each further time may be the last."""
        place = self._new()
        self._chain((expression.part,) * expression.least, begin, place)
        for _ in range(times):
            inner, after = self._new(), self._new()
            self.goes[place] = (inner, then)
            self.waiting.append((expression.part, inner, after))
            place = after
        self.goes[place] = (then,)

    def _chain(self, parts: tuple[Expression, ...], begin: int, then: int) -> None:
        """Write parts one after the other."""
        if not parts:
            self.goes[begin] = (then,)
            return
        places = [begin, *(self._new() for _ in parts[1:]), then]
        self.waiting += zip(parts, places[:-1], places[1:], strict=True)

    def _new(self) -> int:
        self.reads.append(NOTHING)
        self.goes.append(())
        return len(self.reads) - 1


@dataclass(eq=False, slots=True)
class State:
    """A set of instructions that has been met, and what each class has made of it so far."""

    held: frozenset[int]
    accepts: bool
    after: "dict[int, State]" = field(default_factory=dict)


class Automaton:
    """Tells whether expressions describe a text from end to end.

    States are only ever added, by operations that are one step each, so several threads may use one
    automaton.
    """

    def __init__(self, expressions: tuple[Expression, ...], states: int = STATES) -> None:
        self.code = compiled((Choice(expressions),))
        self.classes = classes_of(self.code)
        self._states = states
        self._known: dict[frozenset[int], State] = {}
        self._begin = self._state(self.code.closed([self.code.begin]))

    def accepts(self, text: str) -> bool:
        """Tell whether one of the expressions describes the whole text."""
        class_of = self.classes.class_of
        state = self._begin
        for place, character in enumerate(text):
            read = class_of(ord(character))
            after = state.after.get(read)
            if after is None:
                after = self._next(state, read)
                if after is None:
                    return self._simulated(state.held, text[place:])
            if not after.held:
                return False
            state = after
        return state.accepts

    def _next(self, state: State, read: int) -> State | None:
        """Work out what a class makes of a state; `None` when no more states are kept."""
        held = self._after(state.held, read)
        if held not in self._known and len(self._known) >= self._states:
            return None
        after = state.after[read] = self._state(held)
        return after

    def _state(self, held: frozenset[int]) -> State:
        return self._known.setdefault(held, State(held, ACCEPT in held))

    def _simulated(self, held: frozenset[int], text: str) -> bool:
        for character in text:
            held = self._after(held, self.classes.class_of(ord(character)))
            if not held:
                return False
        return ACCEPT in held

    def _after(self, held: frozenset[int], read: int) -> frozenset[int]:
        """Give what a set becomes when a code point of a class is read."""
        reads, goes, known = self.code.reads, self.code.goes, self.classes.read
        return self.code.closed(
            goes[at][0] for at in held if at != ACCEPT and read in known[reads[at]]
        )
