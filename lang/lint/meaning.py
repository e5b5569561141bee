"""The meaning of parts of conditions as they stand in the text, so that equal ones are found."""

from roteiro.core.program import FALSE, TRUE, Condition, Conjunction, Disjunction, Negation
from roteiro.lang import nodes
from roteiro.lang.lint.program import Program
from roteiro.lang.source import Span

Key = frozenset["Key"] | tuple[object, ...]
"""Equal for parts that mean the same but for the order of `and` and `or`."""


class Meaning:
    """Lowers parts of the text over the tests of a program."""

    def __init__(self, program: Program) -> None:
        """Look tests and names up in `program`."""
        self.program = program

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
        if isinstance(node, nodes.Not):
            return ("not", self.key(node.part, hole))
        if isinstance(node, nodes.And | nodes.Or):
            word = "and" if isinstance(node, nodes.And) else "or"
            return (word, frozenset(self.key(part, hole) for part in node.parts))
        if isinstance(node, nodes.ConditionRef):
            return ("name", node.name.text)
        if hole is not None and node.span == hole and isinstance(node, nodes.Comparison):
            field = self.program.leaves[node.span].field
            return ("hole", field, node.quantifier, node.operator, node.negated)
        return ("test", self.of(node))
