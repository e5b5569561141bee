"""The JSON Schema (draft 2020-12) of a tree as JSON, made of the classes of `nodes`."""

from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_origin

from roteiro.lang import nodes
from roteiro.lang.source import Span
from roteiro.lang.treejson import KIND, choices, written

PLAIN: dict[Any, dict[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"},
    Span: {"type": "boolean"},
    NoneType: {"type": "null"},
}


def schema() -> dict[str, object]:
    """Give the schema of a file; each kind of node is one of its definitions."""
    kinds: dict[str, type] = {}
    collect(nodes.File, kinds)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "roteiro ast",
        "$ref": f"#/$defs/{nodes.File.__name__}",
        "$defs": {name: node_schema(kinds[name]) for name in sorted(kinds)},
    }


def collect(kind: Any, kinds: dict[str, type]) -> None:
    """Gather a kind of node and those that it may hold."""
    for each in choices(kind):
        if get_origin(each) is tuple:
            collect(get_args(each)[0], kinds)
        elif each not in PLAIN and each is not nodes.Broken and each.__name__ not in kinds:
            kinds[each.__name__] = each
            for _, hint in written(each):
                collect(hint, kinds)


def node_schema(kind: type) -> dict[str, object]:
    """Give the schema of one kind of node."""
    members = {name: hint_schema(hint) for name, hint in written(kind)}
    return {
        "type": "object",
        "description": " ".join((kind.__doc__ or "").split()),
        "additionalProperties": False,
        "required": [KIND, *members],
        "properties": {KIND: {"const": kind.__name__}} | members,
    }


def hint_schema(hint: Any) -> dict[str, object]:
    """Give the schema of what a field holds."""
    ways = [way_schema(each) for each in choices(hint) if each is not nodes.Broken]
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def way_schema(hint: Any) -> dict[str, object]:
    """Give the schema of one type of a union."""
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is tuple:
        return {"type": "array", "items": hint_schema(get_args(hint)[0])}
    return {"$ref": f"#/$defs/{hint.__name__}"}
