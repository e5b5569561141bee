"""RT211: a person name treated as plain text.

A name is `Family^Given^Middle^Prefix^Suffix`. What is looked for in its middle is found
in any of these; comparing all of it with `Max Muster` finds nobody.
"""

import re

from roteiro.core.program import ValueType
from roteiro.lang import nodes, typed
from roteiro.lang.attributes import written
from roteiro.lang.lint.program import Program, comparisons
from roteiro.lang.report import hint

SEPARATORS = re.compile(r"[\^=]")
SPOKEN = re.compile(r"\w,?\s+\w|\w,\w")
"""Two words with a space or a comma between them: how people write a name."""
ANYWHERE = frozenset(("contains", "ends with"))
WILD = ("*", "?")


def look(program: Program) -> None:
    """Report comparisons of whole names that look like comparisons of text."""
    for node, leaf in comparisons(program):
        whole = leaf.field.vr == "PN" and not names_part(node.path)
        if whole and not isinstance(node.right, nodes.SetRef):
            of_name(program, node, leaf)


def names_part(path: nodes.Path) -> bool:
    """Whether a path names a group or a component of the name."""
    last = path.steps[-1].what
    return isinstance(last, nodes.Name) and last.text[:1].islower()


def of_name(program: Program, node: nodes.Comparison, leaf: typed.Compare) -> None:
    """Report one comparison, at its first literal that gives it away."""
    elements = node.right.elements if isinstance(node.right, nodes.SetLiteral) else (node.right,)
    for literal in elements:
        if not isinstance(literal, nodes.Text | nodes.Regex):
            continue
        key = reason(node.operator, literal, leaf.field.type)
        if key is not None:
            name = written(leaf.field)
            helped = hint("pn_help", name=name)
            program.report.add(
                "RT211", literal.span, key, help=helped, name=name, operator=node.operator
            )
            return


def reason(operator: str, literal: nodes.Text | nodes.Regex, kind: ValueType) -> str | None:
    """Say why a literal looks like text and not like a name; nothing when it does not."""
    text = literal.pattern if isinstance(literal, nodes.Regex) else literal.value
    if SEPARATORS.search(text):
        return None
    if kind is ValueType.NAME or operator in {"==", "in"}:
        return "pn_spoken" if SPOKEN.search(text) else None
    wild = operator == "like" and text.startswith(WILD)
    begins = operator == "matches" and text.startswith(".")
    return "pn_anywhere" if operator in ANYWHERE or wild or begins else None
