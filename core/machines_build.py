"""The patterns of one field as one machine: every test of a value in one pass over its text.

Literals, and what of `like` comes to them, go to three tries: what a value contains, what it starts
with, what it ends with. A `like` with one star between two texts is a pair of these: the value
starts with one, ends with the other, and has room for both. The rest become deterministic automata,
as many expressions in one as its states allow: a group that grows too large is parted. An
expression that may begin anywhere is no good company, since the states of two such multiply: it has
an automaton of its own, which is run only where a value contains a literal that the expression
cannot do without: the trie starts it. Where a single expression is too large it is run as its
instructions, all that may be next at once; a literal without room is looked for alone. Each takes a
time linear in the value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from roteiro.core.automaton import Code, compiled
from roteiro.core.program import Choice, Expression, PatternKind
from roteiro.core.subsets import Dfa, Limit, determined
from roteiro.core.tries import Branches, Texts, Trie
from roteiro.core.wanted import floats, like, literals_of

GROUP_STATES = 4
"""States of a group, for each instruction: what grows faster is better parted."""
GROUP_STEPS = 64
"""Steps of making a group, for each instruction."""
NO_STATES = "the literals of its field come to too many states"
TOO_LARGE = "its automaton is too large, or those of its field are too many"
WHYS = frozenset((NO_STATES, TOO_LARGE))
"""Why a test is not decided in the one pass."""
PARTS = 4
"""Into how many a group is parted."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one machine may take."""

    states: int = 64 * 1024
    """Of all tries, and again of all automata."""
    expression_states: int = 4096
    """Of one automaton: what RT403 speaks of."""
    bytes: int = 1 << 20
    """Of all automata."""
    steps: int = 2_000_000
    """Of making automata, and again of making groups: about a second."""


PatternOf = tuple[int, PatternKind, tuple[str, ...]]
"""A test, and what its texts are to a value."""
ExpressionsOf = tuple[int, tuple[Expression, ...]]
"""A test, and what describes whole values."""
Item = tuple[int, Expression]


@dataclass(frozen=True, slots=True)
class Alone:
    """A literal that has no room in its trie; `LIKE` is the whole value."""

    kind: PatternKind
    text: bytes
    output: int


@dataclass(frozen=True, slots=True)
class Pair:
    """What a value is that starts with a text, ends with another and is as long as both."""

    start: int
    """Outputs of the two texts, each in its trie."""
    end: int
    size: int
    """Bytes, at least."""
    output: int


@dataclass(slots=True)
class Runner:
    """What is run over a value: an automaton, or the instructions of one expression."""

    code: Dfa | Code
    outputs: list[int]
    """Of an automaton by state, of instructions one: the output plus one."""
    literals: tuple[bytes, ...] = ()
    """Without one of them in the value there is no need to run."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """A test that is not decided in the one pass, and why: one of `WHYS`."""

    test: int
    why: str


@dataclass(frozen=True, slots=True)
class Size:
    """How large a machine came out."""

    states: int
    bytes: int
    fallbacks: tuple[Fallback, ...]


@dataclass(slots=True)
class Built:
    """A machine before it is laid flat. An output is the tests that hold where it is met."""

    outputs: list[tuple[int, ...]] = field(default_factory=list)
    contains: Trie | None = None
    starts: Branches | None = None
    ends: Branches | None = None
    """Of texts read backwards."""
    runners: list[Runner] = field(default_factory=list)
    """Those that are always run."""
    started: list[tuple[list[int], Runner]] = field(default_factory=list)
    """Those that one of some outputs starts."""
    alone: list[Alone] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    fallbacks: list[Fallback] = field(default_factory=list)

    def output(self, tests: Iterable[int]) -> int:
        """Add an output; give its number."""
        self.outputs.append(tuple(dict.fromkeys(tests)))
        return len(self.outputs) - 1

    def size(self, laid: bytes) -> Size:
        """Say how large the machine is; `laid` is what was made of it."""
        return Size(self.states, len(laid), tuple(self.fallbacks))

    @property
    def states(self) -> int:
        """How many states the tries and automata have."""
        tries = (trie for trie in (self.contains, self.starts, self.ends) if trie)
        runners = (*self.runners, *(runner for _, runner in self.started))
        return sum(trie.states for trie in tries) + sum(
            len(runner.outputs) for runner in runners if isinstance(runner.code, Dfa)
        )


DEFAULT = Budget()


def build(
    patterns: Iterable[PatternOf],
    expressions: Iterable[ExpressionsOf],
    budget: Budget = DEFAULT,
) -> Built:
    """Build the machine of a field."""
    asked = _Asked()
    for test, kind, texts in patterns:
        for text in texts:
            asked.add(test, kind, text)
    for test, choices in expressions:
        asked.items.append((test, choices[0] if len(choices) == 1 else Choice(choices)))
    built = Built()
    _Automata(built, budget).make(asked.items)
    _plant(built, asked, budget.states)
    return built


# --- sorting --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Asked:
    """Patterns by how they are decided; the tests of each text."""

    contains: dict[bytes, list[int]] = field(default_factory=dict)
    starts: dict[bytes, list[int]] = field(default_factory=dict)
    ends: dict[bytes, list[int]] = field(default_factory=dict)
    whole: dict[bytes, list[int]] = field(default_factory=dict)
    pairs: dict[tuple[bytes, bytes], list[int]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    def add(self, test: int, kind: PatternKind, text: str) -> None:
        match kind:
            case PatternKind.CONTAINS:
                _note(self.contains, text, test)
            case PatternKind.STARTS:
                _note(self.starts, text, test)
            case PatternKind.ENDS:
                _note(self.ends, text, test)
            case PatternKind.UNDER:
                _note(self.whole, text, test)
                _note(self.starts, f"{text}.", test)
            case PatternKind.LIKE:
                self._add_like(test, text)

    def _add_like(self, test: int, text: str) -> None:
        """Add a `like`: a literal between `*` needs no automaton."""
        inner = text.strip("*")
        start, *rest = (part for part in inner.split("*") if part) if inner else ("",)
        if inner == text and len(rest) == 1 and "?" not in inner:
            self.pairs.setdefault((start.encode(), rest[0].encode()), []).append(test)
        elif "*" in inner or "?" in inner:
            self.items.append((test, like(text)))
        elif not inner:
            _note(self.starts if text else self.whole, "", test)
        elif text.startswith("*"):
            _note(self.contains if text.endswith("*") else self.ends, inner, test)
        else:
            _note(self.starts if text.endswith("*") else self.whole, inner, test)


def _note(texts: dict[bytes, list[int]], text: str, test: int) -> None:
    texts.setdefault(text.encode(), []).append(test)


# --- literals -------------------------------------------------------------------------------------


def _plant(built: Built, asked: _Asked, states: int) -> None:
    """Make the tries; a literal that no longer fits stays alone."""
    texts = Texts(states)
    places = _add(built, texts, PatternKind.CONTAINS, asked.contains)
    _add_starters(built, texts, places)
    built.contains = texts.trie()
    starts = Texts(texts.room)
    begun = _add(built, starts, PatternKind.STARTS, asked.starts)
    _add(built, starts, PatternKind.LIKE, asked.whole)
    for start, _ in asked.pairs:
        _place(built, starts, begun, start, start)
    built.starts = starts.branches()
    ends = Texts(starts.room)
    ended = _add(built, ends, PatternKind.ENDS, asked.ends)
    for _, end in asked.pairs:
        _place(built, ends, ended, end, end[::-1])
    built.ends = ends.branches()
    _add_pairs(built, asked.pairs, begun, ended)


def _add(
    built: Built, texts: Texts, kind: PatternKind, asked: dict[bytes, list[int]]
) -> dict[bytes, int]:
    """Add the texts of one kind; give the outputs of those that fit."""
    places: dict[bytes, int] = {}
    for text, tests in asked.items():
        output = built.output(tests)
        read = text[::-1] if kind is PatternKind.ENDS else text
        if texts.add(read, output, is_whole=kind is PatternKind.LIKE):
            places[text] = output
        else:
            built.alone.append(Alone(kind, text, output))
            built.fallbacks += [Fallback(test, NO_STATES) for test in built.outputs[output]]
    return places


def _add_starters(built: Built, texts: Texts, places: dict[bytes, int]) -> None:
    """Let literals start what cannot do without them, as far as there is room."""
    always: list[Runner] = []
    for runner in built.runners:
        outputs = [_place(built, texts, places, text, text) for text in runner.literals]
        if outputs and None not in outputs:
            built.started.append(([output for output in outputs if output is not None], runner))
        else:
            always.append(runner)
    built.runners = always


def _place(
    built: Built, texts: Texts, places: dict[bytes, int], text: bytes, read: bytes
) -> int | None:
    """Give the output of a text, as it is read; `None` when there is no room."""
    if text not in places:
        output = built.output(())
        if not texts.add(read, output):
            return None
        places[text] = output
    return places[text]


def _add_pairs(
    built: Built,
    asked: dict[tuple[bytes, bytes], list[int]],
    begun: dict[bytes, int],
    ended: dict[bytes, int],
) -> None:
    """Add the pairs whose texts both had room; the others are run as instructions."""
    for (start, end), tests in asked.items():
        output = built.output(tests)
        if start in begun and end in ended:
            size = len(start) + len(end)
            built.pairs.append(Pair(begun[start], ended[end], size, output))
            continue
        code = compiled((like(f"{start.decode()}*{end.decode()}"),))
        built.runners.append(Runner(code, [output + 1]))
        built.fallbacks += [Fallback(test, NO_STATES) for test in tests]


# --- expressions ----------------------------------------------------------------------------------


class _Automata:
    """The work on the automata of one machine, and what is left for it."""

    def __init__(self, built: Built, budget: Budget) -> None:
        self.built = built
        self.expression_states = budget.expression_states
        self.states = budget.states
        self.bytes = budget.bytes
        self.steps = budget.steps
        self.group_steps = budget.steps

    def make(self, items: list[Item]) -> None:
        """Make automata, each of as many items as its limit allows."""
        floating = [(item, literals_of(item[1])) for item in items if floats(item[1])]
        started = [(item, literals) for item, literals in floating if literals]
        alone = {id(item) for item, _ in started}
        rest = [item for item in items if id(item) not in alone]
        waiting = [rest] if rest else []
        while waiting:
            group = waiting.pop()
            if len(group) == 1:
                literals = literals_of(group[0][1]) if len(items) > 1 else ()
                self._make_one(group[0], literals)
            elif not self._make_group(group):
                size = -(-len(group) // PARTS)
                parts = [group[at : at + size] for at in range(0, len(group), size)]
                waiting += reversed(parts)
        for item, literals in started:
            self._make_one(item, literals)

    def _make_group(self, group: list[Item]) -> bool:
        if self.group_steps < 0:
            return False
        code = compiled(tuple(expression for _, expression in group))
        states = min(self.expression_states, GROUP_STATES * len(code.reads), self.states)
        limit = Limit(states, min(GROUP_STEPS * len(code.reads), self.group_steps))
        before = limit.steps
        dfa = determined(code, limit)
        self.group_steps -= before - limit.steps
        return dfa is not None and self._keep(dfa, group, ())

    def _make_one(self, item: Item, literals: tuple[bytes, ...]) -> None:
        code = compiled((item[1],))
        limit = Limit(min(self.expression_states, self.states), self.steps)
        before = limit.steps
        dfa = determined(code, limit) if self.steps > 0 else None
        self.steps -= before - limit.steps
        if dfa is None or not self._keep(dfa, [item], literals):
            output = self.built.output([item[0]])
            self.built.runners.append(Runner(code, [output + 1], literals))
            self.built.fallbacks.append(Fallback(item[0], TOO_LARGE))

    def _keep(self, dfa: Dfa, group: list[Item], literals: tuple[bytes, ...]) -> bool:
        """Keep an automaton, if there is room for it."""
        if dfa.width > 0xFFFF or dfa.bytes > self.bytes:
            return False
        self.states -= len(dfa.rows)
        self.bytes -= dfa.bytes
        outputs = _outputs(self.built, dfa, group)
        self.built.runners.append(Runner(dfa, outputs, literals))
        return True


def _outputs(built: Built, dfa: Dfa, group: list[Item]) -> list[int]:
    """Give the output of each state plus one; states with the same tests share one."""
    known: dict[tuple[int, ...], int] = {(): -1}
    for accepted in dfa.accepts:
        if accepted not in known:
            known[accepted] = built.output(group[place][0] for place in accepted)
    return [known[accepted] + 1 for accepted in dfa.accepts]
