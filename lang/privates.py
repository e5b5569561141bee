"""What a private element is read as: the literal that it is compared with says it (2e, 2f.0)."""

from collections.abc import Mapping

from roteiro.core.program import ValueType
from roteiro.lang import nodes
from roteiro.lang.attributes import TYPES
from roteiro.lang.literals import is_tag
from roteiro.lang.sets import first_of

TEXT, DECIMAL = "LO", "DS"
BY_LITERAL: dict[type, str] = {
    nodes.Number: DECIMAL,
    nodes.Size: DECIMAL,
    nodes.Duration: DECIMAL,
    nodes.Date: "DA",
    nodes.Time: "TM",
    nodes.Instant: "DT",
    nodes.Age: "AS",
    nodes.Uid: "UI",
    nodes.Name: "UI",
}
BY_TYPE = {
    ValueType.DECIMAL: DECIMAL,
    ValueType.UID: "UI",
    ValueType.DATE: "DA",
    ValueType.TIME: "TM",
    ValueType.INSTANT: "DT",
    ValueType.AGE: "AS",
    ValueType.TAG: "AT",
}
"""The same, for a set that says its VR."""
BY_FUNCTION = {"count": "UN", "days since": "DA"}


def vr_for(node: nodes.Comparison, sets: Mapping[str, nodes.SetItem]) -> str:
    """Give the VR by which a comparison reads a private element."""
    if node.function is not None:
        return BY_FUNCTION[node.function]
    if isinstance(node.right, nodes.SetRef):
        item = sets.get(node.right.name.text)
        return TEXT if item is None else of_set(item)
    return of_right(node.right)


def of_set(item: nodes.SetItem) -> str:
    """Give the VR that the elements of a set are of; the lines of a file are texts."""
    if item.vr is not None:
        kind = TYPES.get(item.vr.text)
        return TEXT if kind is None else BY_TYPE.get(kind, TEXT)
    return TEXT if isinstance(item.value, nodes.SetFile) else of_right(item.value)


def of_right(right: object) -> str:
    """Give the VR that a literal is of, or the first one of several."""
    if isinstance(right, nodes.SetLiteral):
        return of_right(first_of(right)) if right.elements else TEXT
    if isinstance(right, nodes.Range):
        return of_right(right.low)
    return "AT" if is_tag(right) else BY_LITERAL.get(type(right), TEXT)
