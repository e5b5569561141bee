"""The meaning of parts of conditions as they stand in the text, so that equal ones are found."""

from hashlib import blake2b

from roteiro.core.program import FALSE, TRUE, Condition, Conjunction, Disjunction, Negation
from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.source import Span

Key = bytes
"""Equal for parts that mean the same but for the order of `and` and `or`; of every program."""


class Meaning:
    """Lowers parts of the text over the tests of a program."""

    def __init__(self, program: Program) -> None:
        """Look tests and names up in `program`."""
        self.program = program
        self.known = program.meanings

    def of(self, node: nodes.Condition) -> Condition:
        """Give what a part means, over the shared tests."""
        if isinstance(node, nodes.Constant):
            return TRUE if node.value else FALSE
        if isinstance(node, nodes.Not):
            return Negation(self.of(node.part))
        if isinstance(node, nodes.And):
            return Conjunction(tuple(map(self.of, node.parts)))
        if isinstance(node, nodes.Or):
            return Disjunction(tuple(map(self.of, node.parts)))
        if isinstance(node, nodes.ConditionRef):
            return self.program.lowered(self.program.definitions[node.name.text])
        return self.program.lowered(self.program.leaves[node.span])

    def key(self, node: nodes.Condition, hole: Span | None = None) -> Key:
        """Give a key for a part; `hole` is a comparison whose right side does not count."""
        if hole is not None and within(hole, node.span):
            return self.made(node, hole)
        if node.span not in self.known:
            self.known[node.span] = self.made(node, None)
        return self.known[node.span]

    def made(self, node: nodes.Condition, hole: Span | None) -> Key:
        """Make a key."""
        if isinstance(node, nodes.Not):
            return sum_of("not", self.key(node.part, hole))
        if isinstance(node, nodes.And | nodes.Or):
            word = "and" if isinstance(node, nodes.And) else "or"
            return sum_of(word, *sorted({self.key(part, hole) for part in node.parts}))
        if isinstance(node, nodes.ConditionRef):
            return sum_of("name", node.name.text.encode())
        if hole is not None and isinstance(node, nodes.Comparison):
            field = self.program.leaves[node.span].field
            what = (field, node.quantifier, node.operator, node.negated)
            return sum_of("hole", repr(what).encode())
        return sum_of("test", self.program.shared.content(self.of(node)))


def within(inner: Span, outer: Span) -> bool:
    """Whether a place lies in another."""
    return outer.start <= inner.start and inner.end <= outer.end


def sum_of(word: str, *parts: bytes) -> Key:
    """Give a key for a word and its parts."""
    return blake2b(b"\0".join((word.encode(), *parts)), digest_size=16).digest()
