"""RT210: free text compared letter by letter.

Descriptions, comments and names of places are typed by people, in capitals or not. Identifiers,
defined terms and what machines write are left alone, and so is who wrote one text in several cases.
"""

import re
from collections.abc import Iterator

from roteiro.core.program import Field, Source
from roteiro.lang import nodes
from roteiro.lang.attributes import written
from roteiro.lang.diagnostics import Fix
from roteiro.lang.folding import folded
from roteiro.lang.lint.program import Program, comparisons
from roteiro.lang.report import hint
from roteiro.lang.source import Span

FREE_TEXT = frozenset(("LO", "SH", "LT", "ST", "UT", "UC"))
TYPED_BY_PEOPLE = re.compile(
    r"(Description|Comments?|Meaning|Name|Manufacturer|Address|History|Text|Title|Label|Notes"
    r"|Remarks|Location|Department|Diagnosis|Interpretation|Instructions|Reason|Complaint)\Z"
)
"""Keywords of what people type, as far as they end; the rest is assigned by systems."""
BY_SYSTEMS = re.compile(r"(StationName|ModelName|LibraryName|GroupName|SetName)\Z")
ESCAPED = re.compile(r"\\.")


def look(program: Program) -> None:
    """Report literals with letters that are compared with free text."""
    sets: set[str] = set()
    for node, leaf in comparisons(program):
        name = node.right.name.text if isinstance(node.right, nodes.SetRef) else None
        if free(leaf.field) and name not in sets:
            found(program, written_out(program, node.right), leaf.field)
            sets |= set() if name is None else {name}


def written_out(program: Program, right: object) -> object:
    """Give a right side; of a named set what it holds, once where it stands (lines of files no)."""
    if not isinstance(right, nodes.SetRef):
        return right
    item = program.names.sets.get(right.name.text)
    return None if item is None else item.value


def free(field: Field) -> bool:
    """Whether an attribute holds what people type."""
    plain = field.source is Source.ELEMENT and not field.creator and not field.component
    by_people = TYPED_BY_PEOPLE.search(field.name) and not BY_SYSTEMS.search(field.name)
    return plain and field.vr in FREE_TEXT and bool(by_people)


def found(program: Program, right: object, field: Field) -> None:
    """Report a right side whose literals have letters in one case only."""
    texts = list(literals(right))
    wanting = [text for text in texts if exact(text, texts)]
    if not wanting:
        return
    name = written(field)
    program.report.add(
        "RT210",
        wanting[0].span,
        "case_trap",
        help=hint("case_trap_help"),
        fix=mended(program, right, wanting),
        name=name,
        vr=field.vr,
    )


def literals(right: object) -> Iterator[nodes.Text | nodes.Regex]:
    """Give the texts and patterns of a right side."""
    elements = right.elements if isinstance(right, nodes.SetLiteral) else (right,)
    yield from (one for one in elements if isinstance(one, nodes.Text | nodes.Regex))


def exact(literal: nodes.Text | nodes.Regex, others: list[nodes.Text | nodes.Regex]) -> bool:
    """Whether a literal stands for one way to write its letters only."""
    if literal.folded:
        return False
    if isinstance(literal, nodes.Regex):
        letters = ESCAPED.sub("", literal.pattern)
        return letters.isupper() or letters.islower()
    alike = [
        other
        for other in others
        if isinstance(other, nodes.Text) and folded(other.value) == folded(literal.value)
    ]
    return len(alike) == 1 and literal.value.upper() != literal.value.lower()


def mended(program: Program, right: object, wanting: list[nodes.Text | nodes.Regex]) -> Fix | None:
    """Let case not count, in all the literals at once."""
    if not isinstance(right, nodes.SetLiteral | nodes.Text | nodes.Regex):
        return None
    text = program.report.text(right.span)
    for literal in reversed(wanting):
        place = literal.span.start if isinstance(literal, nodes.Text) else literal.span.end
        at = place - right.span.start
        text = text[:at] + "i" + text[at:]
    return Fix(Span(right.span.start, right.span.end, right.span.file), text, safe=False)
